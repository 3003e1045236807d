"""Reports on stock: the ledger of its movements, and what customers sent back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import polars as pl

from extractors.amazon.flat_files import batches, moment
from extractors.amazon.marketplaces import BY_ID
from extractors.api.connector import Parsing
from extractors.api.records import Decoded
from extractors.api.rows import assemble, typed
from lakehouse.landing import RawFile
from lakehouse.streams import ORIGIN
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


_LEDGER: Final = ("Date", "MSKU", "Event Type", "Quantity")
_LEDGER_MORE: Final = ("Date and Time", "Reference ID", "Fulfillment Center", "Disposition", "Reason", "Country")
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
            "location_ref": _place(),
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


def _place() -> pl.Expr:
    """The centre within the marketplace whose stock it is part of: counts are of marketplaces, not of centres."""
    markets = {"GB" if one.code == "UK" else one.code: f"FBA/{one.id}/" for one in BY_ID.values()}
    country = pl.col("Country").str.strip_chars().str.to_uppercase()
    market = country.replace({"UK": "GB"}).replace_strict(markets, default="", return_dtype=pl.String).fill_null("")
    return market + pl.col("Fulfillment Center")


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
