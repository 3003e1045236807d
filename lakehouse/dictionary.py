"""The data dictionary: every table and column of marts and reports as the dbt project describes them, in two languages.

English is what the models' own files say; Chinese comes from `docs/dictionary.zh-CN.csv`, where a person edits it,
keyed by the English words, so that words which many columns share are translated once.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from lakehouse.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models"
TRANSLATIONS = PROJECT_ROOT / "docs" / "dictionary.zh-CN.csv"
_BLOCK = re.compile(r"{% docs (\w+) %}(.*?){% enddocs %}", re.DOTALL)
_DOC = re.compile(r"""{{\s*doc\(['"](\w+)['"]\)\s*}}""")


@dataclass(frozen=True)
class Column:
    """One column: name, type, what it holds, and whether it is personal data."""

    name: str
    data_type: str
    privacy: str
    is_key: bool
    english: str


@dataclass(frozen=True)
class Table:
    """One table: schema, part of the business, owner and columns."""

    name: str
    schema: str
    domain: str
    owner: str
    key: tuple[str, ...]
    english: str
    columns: tuple[Column, ...]

    @property
    def texts(self) -> Iterator[str]:
        """Everything about it that needs words."""
        yield self.english
        yield from (column.english for column in self.columns)


def tables(folder: Path = MODELS) -> list[Table]:
    """All tables of marts and reports, in the order of schema, domain and name."""
    blocks = dict(_BLOCK.findall((folder / "columns.md").read_text(encoding="utf-8")))
    found = []
    for schema in ("marts", "reports"):
        for path in sorted((folder / schema).rglob("*.yml")):
            document = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            domain = path.parent.name
            found += [
                _table(model, schema, domain, blocks) for model in document.get("models", []) if _is_public(model)
            ]
    return found


def chinese(path: Path = TRANSLATIONS) -> Mapping[str, str]:
    """The Chinese words by the English ones."""
    with path.open(encoding="utf-8", newline="") as handle:
        return {row["english"]: row["chinese"] for row in csv.DictReader(handle)}


def untranslated() -> list[str]:
    """English words of the dictionary that have no Chinese ones yet."""
    known = chinese()
    texts = dict.fromkeys(text for table in tables() for text in table.texts)
    return [text for text in texts if text and not known.get(text)]


def _table(model: dict[str, Any], schema: str, domain: str, blocks: Mapping[str, str]) -> Table:
    meta = model.get("config", {}).get("meta", {})
    key = tuple(meta.get("primary_key", []))
    columns = tuple(
        Column(
            column["name"],
            str(column.get("data_type", "")),
            column.get("config", {}).get("meta", {}).get("privacy", ""),
            column["name"] in key,
            _words(column.get("description", ""), blocks),
        )
        for column in model.get("columns", [])
    )
    words = _words(model.get("description", ""), blocks).split(" Primary key:")[0]
    return Table(model["name"], schema, domain, meta.get("owner", ""), key, words, columns)


def _words(text: str, blocks: Mapping[str, str]) -> str:
    return " ".join(_DOC.sub(lambda match: blocks[match[1]].strip(), str(text)).split())


def _is_public(model: dict[str, Any]) -> bool:
    return not str(model["name"]).startswith("int_")  # a step in between may stand beside the table it leads to
