"""A file's records as text: what every reader makes, and every parser takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from lakehouse.errors import ContractError

ROW = "__row"  # number of the record in its file, from 1
ELEMENT = "__element"  # where a record makes several rows: the row's place among them, from 0
RECORD = "__record"  # of open records: all of it, as JSON
_OWN = (ROW, ELEMENT, RECORD)


@dataclass(frozen=True)
class TextTable:
    """A file's records as text.

    Attributes:
        frame: `ROW` and the vendor's columns, all text; null where there is nothing. Open records have
            `RECORD` and `ELEMENT` too, and of the vendor's columns only those that the mapping names.
        broken: Number, reason and text of each record that could not be read.
    """

    frame: pl.DataFrame
    broken: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """The vendor's column names."""
        return [name for name in self.frame.columns if name not in _OWN]

    @property
    def is_open(self) -> bool:
        """Whether its records have an open schema."""
        return RECORD in self.frame.columns

    @property
    def records(self) -> int:
        """How many records it holds, damaged ones included."""
        whole = self.frame.filter(pl.col(ELEMENT) == 0).height if self.is_open else self.frame.height
        return whole + len(self.broken)


def no_records() -> TextTable:
    """The table of an empty file."""
    return TextTable(pl.DataFrame(schema={ROW: pl.Int64}))


def check_names(name: str, names: Sequence[str]) -> None:
    """Refuses a header that names a column twice.

    Raises:
        ContractError: Naming the file and the columns.
    """
    doubled = sorted({one for one in names if list(names).count(one) > 1})
    if doubled:
        shown = ", ".join(repr(one) for one in doubled)
        raise ContractError(f"{name} names the column {shown} more than once.", remedy="Rename or remove one of them.")
