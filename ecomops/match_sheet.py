"""The sheet on which a person decides which offer is which product: a table for spreadsheets, written and read."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, Final

import polars as pl

from lakehouse.errors import ConfigError, ContractError
from lakehouse.files import write_bytes
from reports.exports import csv, guarded

TO_FILL: Final = ("decision", "product_id", "note")
SHEET: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "decision": pl.String,
    "product_id": pl.String,
    "note": pl.String,
    "our_title": pl.String,
    "offer_title": pl.String,
    "our_price": pl.String,
    "offer_price": pl.String,
    "why": pl.String,
    "likeness": pl.String,
    "site": pl.String,
    "page_url": pl.String,
    "offer_ref": pl.String,
}
DECISIONS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "row": pl.Int64,
    "site": pl.String,
    "page_url": pl.String,
    "offer_ref": pl.String,
    "product_id": pl.String,
    "decision": pl.String,
    "note": pl.String,
}
_NEEDED: Final = tuple(name for name in DECISIONS if name not in ("row", "note"))
_WORDS: Final = ("same", "different")
_GUARDED: Final = r"^'([=+\-@\t\r].*)$"
_WORKBOOK: Final = ".xlsx"


def write_sheet(frame: pl.DataFrame, path: Path) -> None:
    """Writes a sheet: a workbook where the name ends in .xlsx, else CSV in UTF-8 with a byte-order mark.

    A text that a spreadsheet would run as a formula has an apostrophe before it, which `read_sheet` takes away.

    Args:
        frame: Columns of `SHEET`.
        path: Where to.
    """
    if path.suffix.lower() != _WORKBOOK:
        write_bytes(path, csv(frame))
        return
    buffer = io.BytesIO()
    widths: dict[Any, int] = {TO_FILL: 110, ("our_title", "offer_title"): 380, "why": 300}
    guarded(frame).write_excel(buffer, "offers", freeze_panes=(1, 0), column_widths=widths, dtype_formats={})
    write_bytes(path, buffer.getvalue())


def read_sheet(data: bytes, name: str) -> pl.DataFrame:
    """What was decided on a sheet, checked as far as the sheet alone tells.

    Args:
        data: The file.
        name: Its name: the ending tells what it is.

    Returns:
        Columns of `DECISIONS`; `row` is the spreadsheet's, its head being row 1. Rows without a decision are left out.

    Raises:
        ContractError: If it is no sheet, a column is missing, or a row cannot be understood, naming row and remedy.
    """
    table = _table(data, name)
    missing = [column for column in _NEEDED if column not in table.columns]
    if missing:
        raise ContractError(
            f"{name} has no column {missing[0]!r}.",
            remedy="Keep the columns that `ecomops match review` wrote: fill in decision, and leave the rest there.",
        )
    if "note" not in table.columns:
        table = table.with_columns(note=pl.lit(None, pl.String))
    unguarded = pl.col(*(column for column in DECISIONS if column != "row")).str.replace(_GUARDED, "$1", literal=False)
    rows = table.with_row_index("row", offset=2).cast({"row": pl.Int64}).with_columns(unguarded)
    rows = rows.with_columns(
        pl.col("decision").str.strip_chars().str.to_lowercase(),
        pl.col("product_id").str.strip_chars().str.to_uppercase(),
    ).select(list(DECISIONS))
    decided = rows.filter(pl.col("decision").fill_null("") != "")
    _check(decided, name)
    return decided


def _check(decided: pl.DataFrame, name: str) -> None:
    if decided.is_empty():
        raise ContractError(
            f"Nothing is decided on {name}.", remedy="Write same or different into the column decision."
        )
    for row in decided.filter(~pl.col("decision").is_in(_WORDS)).head(1).iter_rows(named=True):
        raise ContractError(
            f"{name}, row {row['row']}: the decision is {row['decision']!r}.",
            remedy="Write same or different, or nothing.",
        )
    empty = pl.any_horizontal(pl.col(column).fill_null("") == "" for column in _NEEDED)
    for row in decided.filter(empty).head(1).iter_rows(named=True):
        column = next(column for column in _NEEDED if not row[column])
        raise ContractError(
            f"{name}, row {row['row']}: {column} is empty.",
            remedy="Name our product in product_id; take the other columns from the sheet as it was written.",
        )
    offer = ["site", "page_url", "offer_ref"]
    same = decided.filter(pl.col("decision") == "same")
    for row in same.filter(pl.col("product_id").n_unique().over(offer) > 1).head(1).iter_rows(named=True):
        rows = same.filter(*(pl.col(column) == row[column] for column in offer))["row"].to_list()
        raise ContractError(
            f"{name}, rows {', '.join(map(str, rows))}: one offer is said to be several products.",
            remedy="Leave same in one of these rows.",
        )
    for row in (
        decided.filter(pl.col("decision").n_unique().over([*offer, "product_id"]) > 1).head(1).iter_rows(named=True)
    ):
        raise ContractError(
            f"{name}, row {row['row']}: another row says the opposite of the same offer and product.",
            remedy="Leave one of the two.",
        )


def _table(data: bytes, name: str) -> pl.DataFrame:
    """The sheet as text; spreadsheets save CSV with the separator of their country."""
    try:
        if name.lower().endswith(_WORKBOOK):
            return pl.read_excel(io.BytesIO(data), infer_schema_length=0)
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        head = text.partition("\n")[0]
        separator = max(",;\t", key=head.count)
        return pl.read_csv(text.encode(), separator=separator, infer_schema=False)
    except (UnicodeDecodeError, pl.exceptions.PolarsError, ValueError) as error:
        raise ContractError(
            f"{name} is not a sheet that can be read: {error}", remedy="Save it as CSV UTF-8, or as a workbook (.xlsx)."
        ) from error
    except Exception as error:  # the workbook's reader has errors of its own
        if name.lower().endswith(_WORKBOOK):
            raise ContractError(
                f"{name} is no workbook: {error}", remedy="Save it again as .xlsx or CSV UTF-8."
            ) from error
        raise


def existing(path: Path, *, replace: bool) -> None:
    """Refuses to write over a sheet.

    Raises:
        ConfigError: If there is one, as somebody's decisions may be on it.
    """
    if path.exists() and not replace:
        raise ConfigError(
            f"{path} is there already, and somebody's decisions may be on it.",
            remedy="Read it with `ecomops match read`, or choose another name, or add --replace.",
        )
