"""Online Retail, any number of times over: each copy with customers, orders and products' demand of its own.

The copies are landed through the landing protocol, as parsed loads of a month each, so that both sides of the
benchmark begin with the same Parquet files in object storage.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from extractors import files
from lakehouse.landing import Landing, Parsed, RawPart
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.streams import ORDER_LINES, QUARANTINE_SCHEMA
from lakehouse.windows import Window

SOURCE = "online_retail"
NEW_DAY = datetime(2011, 12, 9)  # noqa: DTZ001 -- the data's local times pass for UTC here
_YEAR = timedelta(weeks=52)
_LANDED_AT = datetime(2011, 12, 31, tzinfo=UTC)


def land_copies(parquet: Path, settings: Settings, *, copies: int) -> list[Path]:
    """Lands `copies` times the data set; returns the files of parsed rows."""
    mapping = files.find(SOURCE)
    store = open_store(settings)
    landing = Landing(store, SOURCE, ORDER_LINES.name)
    rows = _rows(parquet)
    paths = []
    for (month,), part in rows.group_by(pl.col("occurred_at").dt.truncate("1mo"), maintain_order=True):
        assert isinstance(month, datetime)
        copied = pl.concat([_copy(part, number) for number in range(copies)])
        start = month.replace(tzinfo=UTC)
        window = Window(start, (start + timedelta(days=32)).replace(day=1))
        raw = RawPart(f"{month:%Y-%m}.txt", f"{copies} copies of {month:%Y-%m}".encode())
        pending = landing.receive(window, [raw], known_at=window.end)
        parsed = Parsed(copied, pl.DataFrame(schema=QUARANTINE_SCHEMA), copied.height, 0, (copied.height,))
        manifest = landing.commit(pending, parsed, digest=mapping.digest, landed_at=_LANDED_AT, run_id="benchmark")
        paths.append(store.fetch(manifest.parse.rows.key, sha256=manifest.parse.rows.sha256))
    return paths


def land_years(parquet: Path, settings: Settings, *, copies: int, years: int) -> int:
    """Lands the data set's last 52 weeks, each line `copies` times, and again for each year before; returns the lines.

    The years end with `NEW_DAY`, which is left out. Each copy's customers come back every year; its orders are others.
    """
    base = _rows(parquet).filter(pl.col("occurred_at") < NEW_DAY, pl.col("occurred_at") >= NEW_DAY - _YEAR)
    shifted = pl.concat([_earlier(base, year) for year in range(years)]).sort("occurred_at", maintain_order=True)
    lines = 0
    for (month,), part in shifted.group_by(pl.col("occurred_at").dt.truncate("1mo"), maintain_order=True):
        assert isinstance(month, datetime)
        start = month.replace(tzinfo=UTC)
        end = min((start + timedelta(days=32)).replace(day=1), NEW_DAY.replace(tzinfo=UTC))
        lines += _land(settings, part, Window(start, end), copies=copies)
    return lines


def land_new_day(parquet: Path, settings: Settings, *, copies: int) -> int:
    """Lands `NEW_DAY`, which has about as many lines as the mean day; returns them counted."""
    rows = _rows(parquet).filter(pl.col("occurred_at").dt.date() == NEW_DAY.date())
    start = NEW_DAY.replace(tzinfo=UTC)
    return _land(settings, rows, Window(start, start + timedelta(days=1)), copies=copies)


def _earlier(rows: pl.DataFrame, years: int) -> pl.DataFrame:
    """What was sold that many times 52 weeks before, on the same days of the week."""
    if years == 0:
        return rows
    return rows.with_columns(
        pl.col("order_ref") + f"y{years}",
        pl.col("occurred_at") - years * _YEAR,
        pl.col("source_file") + f"y{years}",
    )


def _land(settings: Settings, rows: pl.DataFrame, window: Window, *, copies: int) -> int:
    landing = Landing(open_store(settings), SOURCE, ORDER_LINES.name)
    copied = pl.concat([_copy(rows, number) for number in range(copies)])
    raw = RawPart(f"{window.start:%Y-%m-%d}.txt", f"{copies} copies of {window.start:%Y-%m-%d}".encode())
    pending = landing.receive(window, [raw], known_at=window.end)
    parsed = Parsed(copied, pl.DataFrame(schema=QUARANTINE_SCHEMA), copied.height, 0, (copied.height,))
    digest = files.find(SOURCE).digest
    landing.commit(pending, parsed, digest=digest, landed_at=_LANDED_AT, run_id="benchmark")
    return copied.height


def _rows(parquet: Path) -> pl.DataFrame:
    """The data set in the shape of a parsed load. Its local times pass for UTC here."""
    frame = pl.read_parquet(parquet).with_columns(pl.col("InvoiceDate").dt.date().cast(pl.String).alias("day"))
    wanted = {
        "source_file": pl.col("day") + ".csv",
        "source_row": pl.int_range(pl.len()).over("day") + 1,
        "order_ref": pl.col("InvoiceNo"),
        "product_ref": pl.col("StockCode"),
        "product_title": pl.col("Description"),
        "quantity": pl.col("Quantity"),
        "unit_price": pl.col("UnitPrice"),
        "currency_code": pl.lit("GBP"),
        "customer_ref": pl.col("CustomerID").cast(pl.String),
        "country": pl.col("Country"),
        "occurred_at": pl.col("InvoiceDate"),
    }
    schema = ORDER_LINES.landed_schema
    return frame.select(wanted.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in schema.items()).sort(
        "occurred_at", "source_file", "source_row"
    )


def _copy(part: pl.DataFrame, number: int) -> pl.DataFrame:
    """Another shop's customers and orders; the products are the same, so that sums are real sums."""
    if number == 0:
        return part
    return part.with_columns(
        pl.col("order_ref") + f"x{number}",
        pl.col("customer_ref") + f"x{number}",
        pl.col("source_file") + f"x{number}",
    )
