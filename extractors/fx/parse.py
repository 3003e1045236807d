"""The bank's file: a line a day, newest first, a column a currency, N/A where there was none, a comma too many.

See https://www.ecb.europa.eu/stats/policy_and_exchange_rates/euro_reference_exchange_rates/ for what the rates are:
units of a currency for one euro, fixed on working days of the TARGET system around 16:00 CET, for information only.
"""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

import polars as pl

from extractors.api.connector import Parsing
from extractors.api.rows import typed
from lakehouse.errors import ContractError
from lakehouse.streams import ORIGIN, QUARANTINE_SCHEMA
from lakehouse.windows import Window

_MAX_BYTES = 64 << 20  # 27 years are 2 MB
_CURRENCY = re.compile(r"[A-Z]{3}")
_LINE, _DAY, _CELLS, _KEY = "__line", "__day", "__cells", list(ORIGIN)


def read_text(name: str, path: Path) -> str:
    """The text of the file, plain or as the only member of a zip.

    Raises:
        ContractError: If it is neither, or far too large.
    """
    try:
        if path.read_bytes()[:2] == b"PK":
            with zipfile.ZipFile(path) as archive:
                members = [one for one in archive.infolist() if not one.is_dir()]
                if len(members) != 1 or members[0].file_size > _MAX_BYTES:
                    raise _unusable(name, f"is a zip of {len(members)} files")
                with archive.open(members[0]) as member:
                    data = member.read(_MAX_BYTES + 1)
        else:
            data = path.read_bytes()
        if len(data) > _MAX_BYTES:
            raise _unusable(name, "is far too large")
        return data.decode("utf-8-sig")
    except (zipfile.BadZipFile, UnicodeDecodeError, EOFError, OSError) as error:
        raise _unusable(name, f"cannot be read ({error})") from error


def newest_day(name: str, text: str) -> date | None:
    """The last day that the file has rates for."""
    found = _lines(name, text)[1].select(pl.col(_DAY).str.to_date("%Y-%m-%d", strict=False).max()).item()
    return found if isinstance(found, date) else None


def parse_rates(name: str, text: str, window: Window) -> Parsing:
    """The rates of a window's days; a record is one currency's rate of one day.

    A record's number is its place in the file: 1 is the first currency of the first line. Cells without a rate are
    no records. A line of another length than the first is one record, and quarantined.

    Raises:
        ContractError: If the file has no such header.
    """
    currencies, lines = _lines(name, text)
    first, last = window.start.replace(tzinfo=None), window.end.replace(tzinfo=None)
    midnight = pl.col(_DAY).str.to_datetime("%Y-%m-%d", time_unit="us", strict=False)
    inside = midnight.is_null() | ((midnight >= first) & (midnight < last))  # a day that is none is not passed over
    lines = lines.filter(inside)
    whole = pl.col(_CELLS).list.len() == len(currencies)
    broken = lines.filter(~whole | midnight.is_null())
    cells = _cells(name, currencies, lines.filter(whole & midnight.is_not_null()))
    outcome = typed(
        cells,
        "fx_rates",
        {
            "rate_date": pl.col(_DAY),
            "base_currency_code": pl.lit("EUR"),
            "currency_code": pl.col("currency"),
            "rate": pl.col("rate"),
            "occurred_at": pl.col(_DAY).str.to_datetime("%Y-%m-%d", time_unit="us"),
        },
        versioned=False,
    )
    positive = pl.col("rate") > 0
    nothing = outcome.rows.filter(~positive).select(
        *_KEY, pl.lit("rate").alias("column_name"), pl.lit("is not above zero").alias("reason")
    )
    failed = pl.concat([outcome.failed, nothing])
    told = pl.struct(pl.col(_DAY).alias("Date"), "currency", "rate").struct.json_encode().alias("record")
    quarantined = failed.join(cells.select(*_KEY, told), on=_KEY, how="left").select(QUARANTINE_SCHEMA.names())
    misfits = _misfits(name, len(currencies), broken)
    return Parsing(
        tables={"fx_rates": outcome.rows.filter(positive)},
        received=cells.height + misfits.height,
        quarantined=pl.concat([quarantined, misfits]).sort(_KEY),
    )


def _lines(name: str, text: str) -> tuple[list[str], pl.DataFrame]:
    """The currencies, and number, day and cells of each line that is not blank."""
    head, *rest = [line for line in text.replace("\r", "").split("\n") if line.strip(" ,")] or [""]
    first, *currencies = [cell.strip() for cell in head.rstrip(", ").split(",")]
    if first != "Date" or not currencies or not all(_CURRENCY.fullmatch(code) for code in currencies):
        raise _unusable(name, f"does not begin with Date and currency codes, but with {head[:40]!r}")
    if len(set(currencies)) < len(currencies):
        raise _unusable(name, "names a currency twice")
    parts = pl.Series("parts", rest, pl.String).str.strip_suffix(",").str.split(",")
    cells = pl.col("parts").list.slice(1)
    frame = pl.DataFrame([parts]).select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias(_LINE),
        pl.col("parts").list.first().str.strip_chars().alias(_DAY),
        cells.alias(_CELLS),
    )
    return currencies, frame


def _cells(name: str, currencies: list[str], lines: pl.DataFrame) -> pl.DataFrame:
    """A row for each rate: origin, day, currency and the rate as written."""
    codes = pl.lit(pl.Series([currencies], dtype=pl.List(pl.String)))
    places = pl.lit(pl.Series([list(range(1, len(currencies) + 1))], dtype=pl.List(pl.Int64)))
    rate = pl.col("rate").str.strip_chars()
    return (
        lines.with_columns(codes.first().alias("currency"), places.first().alias("place"))
        .rename({_CELLS: "rate"})
        .explode("rate", "currency", "place")
        .filter(~rate.is_in(["", "N/A"]))
        .select(
            pl.lit(name).alias("source_file"),
            (pl.col(_LINE) * len(currencies) + pl.col("place")).alias("source_row"),
            _DAY,
            "currency",
            rate,
        )
    )


def _misfits(name: str, width: int, broken: pl.DataFrame) -> pl.DataFrame:
    length = pl.concat_str(pl.lit("the line has "), pl.col(_CELLS).list.len(), pl.lit(f" rates instead of {width}"))
    wrong_day = pl.lit("the line does not begin with a day")
    text = pl.concat_str(_DAY, pl.lit(","), pl.col(_CELLS).list.join(","))
    return broken.select(
        pl.lit(name).alias("source_file"),
        (pl.col(_LINE) * width + 1).alias("source_row"),
        pl.lit("Date").alias("column_name"),
        pl.when(pl.col(_CELLS).list.len() != width).then(length).otherwise(wrong_day).alias("reason"),
        pl.struct(text.alias("line")).struct.json_encode().alias("record"),
    )


def _unusable(name: str, why: str) -> ContractError:
    return ContractError(
        f"{name} {why}.", remedy="Look at the address or file that the source names; the bank's is eurofxref-hist.zip."
    )
