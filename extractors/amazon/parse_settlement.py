"""Settlement reports: the payout, and the lines that add up to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from extractors.amazon.flat_files import amount, batches, moment
from extractors.amazon.parse_reports import nothing
from extractors.api.connector import Parsing
from extractors.api.records import Decoded
from extractors.api.rows import assemble, typed
from lakehouse.landing import RawFile
from lakehouse.streams import ORIGIN, QUARANTINE_SCHEMA

_EXACT: Final = pl.Decimal(38, 6)

_SETTLEMENT: Final = (
    "settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency",
    "transaction-type", "order-id", "marketplace-name", "amount-type", "amount-description", "amount", "posted-date",
)  # fmt: skip
_SETTLEMENT_MORE: Final = ("posted-date-time", "order-item-code", "sku", "quantity-purchased")


def parse(part: RawFile) -> Iterator[Parsing]:
    """GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2: one record, the settlement, with its lines.

    Its lines must add up to its total: a download that lost some is quarantined, not believed.
    """
    found = list(batches(part, _SETTLEMENT, _SETTLEMENT_MORE))
    rows = pl.concat([one.frame for one in found]) if found else _no_rows()
    bad = [one.misfits for one in found if one.misfits.height]
    head = rows.filter(pl.col("total-amount") != "").head(1)
    lines = rows.filter(pl.col("total-amount") == "")
    origin = {"source_file": pl.lit(part.name), "source_row": pl.lit(1, pl.Int64)}
    summary = {(part.name, 1): {"settlement-id": _only(head, "settlement-id"), "lines": lines.height}}
    problem = _problem(head, lines, bad)
    if problem:
        spoiled = pl.DataFrame(
            [(part.name, 1, *problem, str(summary[part.name, 1]))], schema=QUARANTINE_SCHEMA, orient="row"
        )
        empty = nothing("payouts", "settlement_lines", versioned=True)
        yield Parsing(empty.tables, 1, quarantined=spoiled)
        return
    shared = {
        "record_ref": pl.lit(_only(head, "settlement-id")),
        "version_at": pl.lit(part.meta.get("created_at"), pl.String),
        "payout_ref": pl.lit(_only(head, "settlement-id")),
        "currency_code": pl.lit(_only(head, "currency")),
    }
    lines = lines.with_columns(**origin).with_columns(pl.int_range(1, pl.len() + 1).cast(pl.String).alias("number"))
    decoded = Decoded(head, pl.DataFrame(schema=QUARANTINE_SCHEMA), summary)
    yield assemble(
        decoded,
        {
            "payouts": typed(head.with_columns(**origin), "payouts", shared | _payout_columns()),
            "settlement_lines": typed(lines, "settlement_lines", shared | _settlement_columns()),
        },
    )


def _no_rows() -> pl.DataFrame:
    return pl.DataFrame(schema={**ORIGIN, **dict.fromkeys([*_SETTLEMENT, *_SETTLEMENT_MORE], pl.String)})


def _only(head: pl.DataFrame, name: str) -> str:
    return str(head[name][0]) if head.height else ""


def _problem(head: pl.DataFrame, lines: pl.DataFrame, bad: list[pl.DataFrame]) -> tuple[str, str] | None:
    if head.is_empty():
        return "settlement-id", "has no line with the total"
    if bad:
        return str(bad[0]["column_name"][0]), f"line {bad[0]['source_row'][0]} {bad[0]['reason'][0]}"
    told = head.select(amount(pl.col("total-amount")).cast(_EXACT, strict=False))["total-amount"][0]
    found = lines.select(amount(pl.col("amount")).cast(_EXACT, strict=False).sum())["amount"][0]
    if told is not None and told != found:
        return "total-amount", "is not what the lines add up to"
    return None


def _payout_columns() -> dict[str, pl.Expr | str]:
    return {
        "amount": amount(pl.col("total-amount")),
        "period_start_at": moment(pl.col("settlement-start-date")),
        "period_end_at": moment(pl.col("settlement-end-date")),
        "occurred_at": moment(pl.col("deposit-date")),
    }


def _settlement_columns() -> dict[str, pl.Expr | str]:
    kind, words = pl.col("amount-type"), pl.col("amount-description")
    is_refund = pl.col("transaction-type").str.contains("Refund|Chargeback|Guarantee")
    line_kind = (
        pl.when(pl.col("transaction-type") == "Transfer")
        .then(pl.lit("transfer"))
        .when(words.str.contains("Reserve"))
        .then(pl.lit("reserve"))
        .when(kind.str.contains("Fee") | words.str.contains("(?i)fee|commission") | (kind == "Cost of Advertising"))
        .then(pl.lit("fee"))
        .when(words.str.contains("Tax"))
        .then(pl.lit("tax"))
        .when(kind == "Promotion")
        .then(pl.lit("promotion"))
        .when(words.str.contains("Shipping"))
        .then(pl.lit("shipping"))
        .when((kind == "ItemPrice") & is_refund)
        .then(pl.lit("refund"))
        .when(kind == "ItemPrice")
        .then(pl.lit("sale"))
        .otherwise(pl.lit("adjustment"))
    )
    filled = [
        pl.when(pl.col(name) != "").then(pl.col(name))
        for name in ("transaction-type", "amount-type", "amount-description")
    ]
    posted = [pl.when(pl.col(name) != "").then(pl.col(name)) for name in ("posted-date-time", "posted-date")]
    return {
        "settlement_line_ref": pl.concat_str("settlement-id", pl.lit("/"), "number"),
        "order_ref": "order-id",
        "order_line_ref": "order-item-code",
        "product_ref": "sku",
        "line_kind": line_kind,
        "source_kind": pl.concat_str(filled, separator=" > ", ignore_nulls=True),
        "quantity": "quantity-purchased",
        "amount": amount(pl.col("amount")),
        "channel": "marketplace-name",
        "occurred_at": moment(pl.coalesce(posted)),
    }
