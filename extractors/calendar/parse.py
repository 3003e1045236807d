"""A country's year from the bytes that were landed."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from extractors.api.client import decode_json
from extractors.api.connector import Parsing
from extractors.api.rows import typed
from lakehouse.errors import EcomopsError
from lakehouse.streams import QUARANTINE_SCHEMA

_TEXTS = ("date", "name", "name_zh", "name_local", "kind", "is_observed")
_SCHEMA = {"source_file": pl.String, "source_row": pl.Int64, **dict.fromkeys(_TEXTS, pl.String)}


def parse_year(name: str, data: bytes, version_at: str) -> Parsing:
    """The days of one country's year, which is one record.

    Args:
        name: The part's name.
        data: Its bytes.
        version_at: When the year was made, ISO 8601: the newest one of a year counts.
    """
    try:
        told = decode_json(data)
        country, region, year = str(told["country"]), str(told["region"]), str(told["year"])
        rows = [(name, 1, *(_text(day.get(key)) for key in _TEXTS)) for day in told["days"]]
    except (EcomopsError, KeyError, TypeError, AttributeError):
        return _quarantined(name, data, "", "the record is no calendar of a country's year")
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    outcome = typed(
        frame,
        "holidays",
        {
            "record_ref": pl.lit("-".join(part for part in (country, region, year) if part)),
            "version_at": pl.lit(version_at),
            "holiday_date": pl.col("date"),
            "country": pl.lit(country),
            "region": pl.lit(region),
            "name": pl.col("name"),
            "name_zh": pl.col("name_zh"),
            "name_local": pl.col("name_local"),
            "holiday_kind": pl.col("kind"),
            "is_observed": pl.col("is_observed"),
            "occurred_at": pl.col("date") + "T00:00:00Z",
        },
    )
    if outcome.failed.height:  # a year of which a day is missing is no year
        first = outcome.failed.row(0, named=True)
        return _quarantined(name, data, str(first["column_name"]), str(first["reason"]))
    return Parsing(tables={"holidays": outcome.rows}, received=1)


def _text(value: Any) -> str | None:  # noqa: ANN401 -- whatever JSON holds
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _quarantined(name: str, data: bytes, column: str, reason: str) -> Parsing:
    record = json.dumps({"line": data.decode(errors="replace")}, ensure_ascii=False)
    row = pl.DataFrame([(name, 1, column, reason, record)], schema=QUARANTINE_SCHEMA, orient="row")
    return Parsing(tables={}, received=1, quarantined=row)
