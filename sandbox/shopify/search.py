"""Shopify's search syntax, as far as connectors need it: `updated_at:>='…' updated_at:<'…' (status:a OR status:b)`.

Terms stand side by side for AND. A field that the resource does not know is not an error: the term is left out and
the answer's `extensions.search` warns, which is how a misspelt filter quietly gives everything.
https://shopify.dev/docs/api/usage/search-syntax
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

_TOKEN = re.compile(r"""\s*(?:(\()|(\))|([\w.]+):(>=|<=|>|<)?(?:'([^']*)'|"([^"]*)"|([^\s()]+))|(\S+))""")


@dataclass
class Search:
    """A search over a table whose columns are the fields that can be filtered by.

    Attributes:
        text: What was searched for.
        schema: The table's columns.
        warnings: Fields that were left out.
    """

    text: str
    schema: pl.Schema
    warnings: list[dict[str, str]] = field(default_factory=list)

    def condition(self) -> pl.Expr:
        """The rows that match."""
        self._tokens = [match.groups() for match in _TOKEN.finditer(self.text.strip()) if match.group().strip()]
        return self._any() if self._tokens else pl.lit(True)

    def _any(self) -> pl.Expr:
        found = self._all()
        while self._tokens and self._word() == "OR":
            self._tokens.pop(0)
            found = found | self._all()
        return found

    def _all(self) -> pl.Expr:
        found = pl.lit(True)
        while self._tokens and not self._tokens[0][1] and self._word() != "OR":
            if self._word() == "AND":
                self._tokens.pop(0)
                continue
            found = found & self._term()
        return found

    def _term(self) -> pl.Expr:
        opening, _, name, operator, single, double, bare, word = self._tokens.pop(0)
        if opening:
            inner = self._any()
            if self._tokens:
                self._tokens.pop(0)
            return inner
        if word == "NOT":
            return ~self._term()
        value = next((one for one in (single, double, bare) if one is not None), "")
        if name is None or name.lower() not in self.schema:
            self.warnings.append({"field": name or word, "message": "Invalid search field for this query."})
            return pl.lit(True)
        return self._compared(name.lower(), operator or "", value)

    def _compared(self, name: str, operator: str, text: str) -> pl.Expr:
        column, dtype = pl.col(name), self.schema[name]
        if dtype == pl.String:
            return column.str.to_lowercase().is_in(text.lower().split(","))
        value: object = text
        if dtype == pl.Boolean:
            value = text == "true"
        elif dtype == pl.Int64:
            value = int(text.rsplit("/", 1)[-1])
        elif isinstance(dtype, pl.Datetime):
            at = datetime.fromisoformat(text)
            value = at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
        literal = pl.lit(value, dtype)
        comparisons = {">=": column >= literal, "<=": column <= literal, ">": column > literal, "<": column < literal}
        return comparisons.get(operator, column == literal)

    def _word(self) -> str | None:
        return self._tokens[0][7]
