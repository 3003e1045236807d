"""The simple forms of data that the harness reads; README.md documents them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from lakehouse.errors import ConfigError

_KINDS: dict[str, type[pl.DataType] | pl.DataType] = {
    "text": pl.String,
    "number": pl.Float64,
    "date": pl.Date,
    "moment": pl.Datetime("us"),
}


@dataclass(frozen=True)
class Form:
    """A file's columns and what they are; those of `optional` may be missing."""

    name: str
    columns: dict[str, str]
    optional: tuple[str, ...] = ()


FORMS = (
    Form("series_train", {"series_id": "text", "date": "date", "value": "number", "category": "text"}, ("category",)),
    Form("series_test", {"series_id": "text", "date": "date", "value": "number"}),
    Form("transactions", {"transaction_id": "text", "item_id": "text", "date": "date"}, ("date",)),
    Form("orders", {"customer_id": "text", "date": "date", "amount": "number"}),
    Form("ratings", {"user_id": "text", "item_id": "text", "date": "date", "rating": "number"}, ("rating",)),
    Form("sessions", {"session_id": "text", "item_id": "text", "moment": "moment"}),
    Form(
        "stock_terms",
        {
            "series_id": "text",
            "price": "number",
            "unit_cost": "number",
            "pack_units": "number",
            "minimum_units": "number",
        },
        ("pack_units", "minimum_units"),
    ),
    Form("lead_times", {"days": "number", "probability": "number"}),
)


def read(folder: Path) -> dict[str, pl.DataFrame]:
    """Every known file of a folder, typed; files of other names are not looked at.

    Args:
        folder: With `<form>.csv` or `<form>.parquet`.

    Raises:
        ConfigError: If there is none, or one lacks a column or holds what its column cannot be.
    """
    found = {form.name: frame for form in FORMS if (frame := _one(folder, form)) is not None}
    if not found:
        names = ", ".join(form.name for form in FORMS)
        raise ConfigError(
            f"{folder} has no data in a known form.", remedy=f"Put CSV or Parquet files there, named {names}."
        )
    return found


def _one(folder: Path, form: Form) -> pl.DataFrame | None:
    csv, parquet = folder / f"{form.name}.csv", folder / f"{form.name}.parquet"
    if csv.exists():
        frame = pl.read_csv(csv, infer_schema=False)
    elif parquet.exists():
        frame = pl.read_parquet(parquet)
    else:
        return None
    missing = [name for name in form.columns if name not in frame.columns and name not in form.optional]
    if missing:
        raise ConfigError(
            f"{form.name} lacks the columns {missing}; it has {frame.columns}.",
            remedy="benchmarks/quality/README.md lists the columns of each file.",
        )
    columns = {name: kind for name, kind in form.columns.items() if name in frame.columns}
    try:
        return frame.select(_typed(frame, name, kind) for name, kind in columns.items()).drop_nulls(
            [name for name in columns if name not in form.optional]
        )
    except pl.exceptions.PolarsError as error:
        raise ConfigError(
            f"{form.name}: {error}", remedy="Write dates as 2024-01-31, and numbers with a point."
        ) from error


def _typed(frame: pl.DataFrame, name: str, kind: str) -> pl.Expr:
    column = pl.col(name)
    if frame.schema[name] == pl.String and kind == "date":
        return column.str.slice(0, 10).str.to_date("%Y-%m-%d")
    if frame.schema[name] == pl.String and kind == "moment":
        return column.str.replace("T", " ").str.to_datetime(time_unit="us")
    return column.cast(_KINDS[kind])
