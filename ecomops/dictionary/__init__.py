"""The data dictionary as one page: search, both languages, offline, on a phone as well."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from lakehouse.dictionary import Table, chinese, tables
from lakehouse.files import write_bytes
from lakehouse.metrics import metrics

_TEMPLATE = Path(__file__).resolve().parent / "page.html"


def write(path: Path) -> Path:
    """Writes the page, which needs no warehouse and no network.

    Returns:
        The file.
    """
    write_bytes(path, render().encode())
    return path


def render() -> str:
    """The page's text; the same descriptions give the same."""
    words = chinese()
    data = {
        "tables": [_shown(table, words) for table in tables()],
        "metrics": [
            {
                "id": one.metric_id,
                "domain": one.domain,
                "unit": one.unit,
                "direction": one.direction,
                "en": [one.label_en, one.description_en],
                "zh": [one.label_zh, one.description_zh],
                "mart": one.mart,
                "time": one.time_column,
                "sql": one.query,
                "owner": one.owner,
            }
            for one in metrics().values()
        ],
    }
    # "<" is written as an escape, so that no text can end the script element that holds it.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return _TEMPLATE.read_text(encoding="utf-8").replace("@@data@@", text)


def _shown(table: Table, words: Mapping[str, str]) -> dict[str, object]:
    return {
        "name": table.name,
        "schema": table.schema,
        "domain": table.domain,
        "owner": table.owner,
        "key": list(table.key),
        "en": table.english,
        "zh": words.get(table.english, ""),
        "columns": [
            [column.name, column.data_type, column.privacy, column.english, words.get(column.english, "")]
            for column in table.columns
        ],
    }
