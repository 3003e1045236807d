"""Reports: the ledger of stock, customers' returns, settlements, orders as a flat file, sales and traffic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import polars as pl

from extractors.amazon.flat_files import amount, batches, moment, open_packed
from extractors.amazon.marketplaces import BY_ID
from extractors.api.client import decode_json
from extractors.api.connector import Parsing
from extractors.api.errors import ApiError
from extractors.api.records import TEXT, Decoded, Record, Shape, decode
from extractors.api.rows import assemble, typed
from lakehouse.landing import RawFile
from lakehouse.streams import ORIGIN, QUARANTINE_SCHEMA
from lakehouse.streams import stream as find_stream

_KEY: Final = list(ORIGIN)
_EXACT: Final = pl.Decimal(38, 6)


def is_empty(part: RawFile) -> bool:
    """Whether the part is Amazon's word that there is nothing to report (CANCELLED)."""
    return part.meta.get("status") == "CANCELLED" or part.name.endswith(".none.json")


def nothing(*tables: str, versioned: bool) -> Parsing:
    """The parsing of a part without records."""
    schemas = {
        name: find_stream(name).versioned_schema if versioned else find_stream(name).landed_schema for name in tables
    }
    return Parsing({name: pl.DataFrame(schema=schema) for name, schema in schemas.items()}, 0)


# --- the ledger -----------------------------------------------------------------------------------------------------

_LEDGER: Final = ("Date", "MSKU", "Event Type", "Quantity")
_LEDGER_MORE: Final = ("Date and Time", "Reference ID", "Fulfillment Center", "Disposition", "Reason")
_KINDS: Final = {
    "shipments": "sale",
    "customershipments": "sale",
    "customerreturns": "return",
    "receipts": "receipt",
    "whsetransfers": "transfer",
    "warehousetransfers": "transfer",
    "adjustments": "adjustment",
}
# https://sellercentral.amazon.com/help/hub/reference/G200734650: damaged, expired, spoiled by the carrier or customer
_DAMAGES: Final = ("6", "7", "E", "H", "K", "U")


def ledger(part: RawFile) -> Iterator[Parsing]:
    """GET_LEDGER_DETAIL_VIEW_DATA."""
    for decoded in batches(part, _LEDGER, _LEDGER_MORE):
        told = decoded.frame.with_columns(
            pl.col("Date")
            .str.replace(r"^([0-9]{2})/([0-9]{2})/([0-9]{4})$", "${3}-${1}-${2}T00:00:00+00:00")
            .alias("day"),
            pl.col("Event Type").str.to_lowercase().str.replace_all(r"[^a-z]", "").alias("event"),
        ).with_columns(pl.coalesce("Date and Time", "day").alias("at"))
        kept = _within(decoded, told, part)
        is_damage = (pl.col("event") == "adjustments") & pl.col("Reason").is_in(_DAMAGES)
        kind = (
            pl.when(is_damage)
            .then(pl.lit("damage"))
            .otherwise(pl.col("event").replace_strict(_KINDS, default="other", return_dtype=pl.String))
        )
        columns: dict[str, pl.Expr | str] = {
            "product_ref": "MSKU",
            "location_ref": "Fulfillment Center",
            "movement_kind": kind,
            "quantity": "Quantity",
            "disposition": _disposition(pl.col("Disposition")),
            "reference": "Reference ID",
            "reason": "Reason",
            "occurred_at": "at",
        }
        yield assemble(
            kept, {"inventory_movements": typed(kept.frame, "inventory_movements", columns, versioned=False)}
        )


def _disposition(text: pl.Expr) -> pl.Expr:
    plain = text.str.to_lowercase()
    damaged = plain.str.contains("damaged")
    return pl.when(damaged).then(pl.lit("damaged")).otherwise(plain)


def _within(decoded: Decoded, told: pl.DataFrame, part: RawFile) -> Decoded:
    """The records of the part's window: a report's days are whole, and a window need not be.

    A record whose moment cannot be read stays, to be quarantined.
    """
    at = typed(told, "inventory_movements", _PROBE, versioned=False).rows.select(*_KEY, "occurred_at")
    start, end = (datetime.fromisoformat(part.meta[name]).replace(tzinfo=None) for name in ("start", "end"))
    outside = at.filter((pl.col("occurred_at") < start) | (pl.col("occurred_at") >= end)).select(_KEY)
    if outside.is_empty():
        return Decoded(told, decoded.misfits, decoded.originals)
    gone = set(outside.iter_rows())
    originals = {key: value for key, value in decoded.originals.items() if key not in gone}
    return Decoded(told.join(outside, on=_KEY, how="anti", maintain_order="left"), decoded.misfits, originals)


_PROBE: Final[dict[str, pl.Expr | str]] = {
    "product_ref": pl.lit("-"),
    "movement_kind": pl.lit("-"),
    "quantity": pl.lit("0"),
    "occurred_at": "at",
}


# --- returns --------------------------------------------------------------------------------------------------------

_RETURNS: Final = ("return-date", "order-id", "sku", "quantity")
_RETURNS_MORE: Final = ("fulfillment-center-id", "detailed-disposition", "reason", "license-plate-number")


def returns(part: RawFile) -> Iterator[Parsing]:
    """GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA; what customers wrote stays in the raw bytes."""
    for decoded in batches(part, _RETURNS, _RETURNS_MORE):
        kept = _within(decoded, decoded.frame.with_columns(moment(pl.col("return-date")).alias("at")), part)
        columns: dict[str, pl.Expr | str] = {
            "return_ref": "license-plate-number",
            "order_ref": "order-id",
            "product_ref": "sku",
            "quantity": "quantity",
            "reason": pl.col("reason").str.to_lowercase(),
            "disposition": _disposition(pl.col("detailed-disposition")),
            "location_ref": "fulfillment-center-id",
            "occurred_at": "at",
        }
        yield assemble(kept, {"customer_returns": typed(kept.frame, "customer_returns", columns, versioned=False)})


# --- settlements ----------------------------------------------------------------------------------------------------

_SETTLEMENT: Final = (
    "settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency",
    "transaction-type", "order-id", "marketplace-name", "amount-type", "amount-description", "amount", "posted-date",
)  # fmt: skip
_SETTLEMENT_MORE: Final = ("posted-date-time", "order-item-code", "sku", "quantity-purchased")


def settlement(part: RawFile) -> Iterator[Parsing]:
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


# --- sales and traffic ----------------------------------------------------------------------------------------------

_AMOUNT: Final[dict[str, Shape]] = {"amount?": TEXT, "currencyCode?": TEXT}
_SALES: Final[dict[str, Shape]] = {
    "unitsOrdered?": TEXT,
    "totalOrderItems?": TEXT,
    "orderedProductSales?": _AMOUNT,
    "unitsRefunded?": TEXT,
}
_TRAFFIC: Final[dict[str, Shape]] = {"sessions?": TEXT, "pageViews?": TEXT, "buyBoxPercentage?": TEXT}
_VISITS: Final[dict[str, Shape]] = {
    "date": TEXT,
    "parentAsin?": TEXT,
    "childAsin?": TEXT,
    "sku?": TEXT,
    "sales": _SALES,
    "traffic": _TRAFFIC,
}


def traffic(part: RawFile) -> Iterator[Parsing]:
    """GET_SALES_AND_TRAFFIC_REPORT of one day: the day, and each product on it."""
    decoded = decode(_visits(part), _VISITS)
    place = BY_ID[part.meta["marketplace"]]
    sales, visits = pl.col("sales").struct, pl.col("traffic").struct
    columns: dict[str, pl.Expr | str] = {
        "report_date": "date",
        "asin": pl.coalesce("childAsin", "parentAsin"),
        "product_ref": "sku",
        "channel": pl.lit(place.name),
        "session_count": visits.field("sessions"),
        "page_view_count": visits.field("pageViews"),
        "featured_offer_pct": visits.field("buyBoxPercentage"),
        "ordered_units": sales.field("unitsOrdered"),
        "order_item_count": sales.field("totalOrderItems"),
        "ordered_amount": sales.field("orderedProductSales").struct.field("amount"),
        "refunded_units": sales.field("unitsRefunded"),
        "currency_code": pl.coalesce(
            sales.field("orderedProductSales").struct.field("currencyCode"), pl.lit(place.currency)
        ),
        "occurred_at": pl.col("date")
        .str.to_date("%Y-%m-%d", strict=False)
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone(place.time_zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .dt.replace_time_zone(None),
    }
    yield assemble(decoded, {"sales_traffic": typed(decoded.frame, "sales_traffic", columns, versioned=False)})


def _visits(part: RawFile) -> Iterator[Record]:
    try:
        with open_packed(part.path) as file:
            report: dict[str, Any] = decode_json(file.read())
        specification = report["reportSpecification"]
        first, last = (str(specification[name])[:10] for name in ("dataStartTime", "dataEndTime"))
        by_date, by_asin = report["salesAndTrafficByDate"], report["salesAndTrafficByAsin"]
    except (ApiError, KeyError, TypeError) as error:
        yield part.name, 1, error
        return
    number = 0
    for number, one in enumerate(by_date, start=1):
        yield part.name, number, {**one, "sales": one.get("salesByDate"), "traffic": one.get("trafficByDate")}
    for place, one in enumerate(by_asin, start=number + 1):
        if first != last:
            # Products are told for the whole span: of several days nobody knows which one.
            yield part.name, place, ValueError("spans several days")
        else:
            named = {"date": first, "sales": one.get("salesByAsin"), "traffic": one.get("trafficByAsin")}
            yield part.name, place, {**one, **named}
