"""The canonical streams: what a source's records look like once parsed, whatever the source.

A mapping or an extractor turns a vendor's records into one of these shapes. The warehouse has one raw
table per stream, so a further marketplace is a further value in its `source` column, not further code.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from lakehouse.errors import ConfigError

MONEY = pl.Decimal(18, 4)
INSTANT = pl.Datetime("us")  # UTC, without a zone: DuckDB's TIMESTAMP


class Privacy(StrEnum):
    """What a column says about a person, and so what may happen to it on the way to the warehouse."""

    NONE = "none"
    PSEUDONYM = "pseudonym"  # replaced by a keyed pseudonym before it enters the warehouse
    DROP = "drop"  # never enters the warehouse


@dataclass(frozen=True)
class Field:
    """One column of a stream.

    Attributes:
        name: Its name.
        dtype: Its polars type.
        description: What it holds, with its unit.
        required: Whether a record without it is quarantined.
        privacy: What it says about a person.
    """

    name: str
    dtype: pl.DataType | type[pl.DataType]
    description: str
    required: bool = False
    privacy: Privacy = Privacy.NONE


@dataclass(frozen=True)
class Stream:
    """The shape of one kind of record. Each has `occurred_at`, which places a record in a window."""

    name: str
    fields: tuple[Field, ...]

    @property
    def schema(self) -> pl.Schema:
        """Column names and types, in order, without the origin columns."""
        return pl.Schema({field.name: field.dtype for field in self.fields})

    @property
    def landed_schema(self) -> pl.Schema:
        """The schema of a parsed load: the stream's own columns behind the origin columns."""
        return pl.Schema({**ORIGIN, **self.schema})

    def field(self, name: str) -> Field:
        """The field of that name.

        Raises:
            ConfigError: If the stream has none; the message lists those it has.
        """
        for field in self.fields:
            if field.name == name:
                return field
        known = ", ".join(field.name for field in self.fields)
        raise ConfigError(f"The stream {self.name} has no column {name!r}.", remedy=f"It has: {known}.")


ORIGIN: dict[str, pl.DataType | type[pl.DataType]] = {
    "source_file": pl.String,  # name of the file or response as received
    "source_row": pl.Int64,  # 1-based number of the record in that file, header not counted
}

_OCCURRED_AT = Field("occurred_at", INSTANT, "When it happened, UTC.", required=True)
_CURRENCY = Field("currency_code", pl.String, "Currency of the amounts in this row (ISO 4217).", required=True)
_PRODUCT = Field("product_ref", pl.String, "The seller's code for the product, as the source writes it.", required=True)

ORDER_LINES = Stream(
    "order_lines",
    (
        Field("order_ref", pl.String, "The source's number of the order, invoice or credit note.", required=True),
        Field("order_line_ref", pl.String, "The source's number of the line, where it has one."),
        _PRODUCT,
        Field("product_title", pl.String, "The product's name on this line."),
        Field("quantity", pl.Int64, "Units; negative where goods or money go back.", required=True),
        Field(
            "unit_price",
            MONEY,
            "Price of one unit in `currency_code`, before discounts, without tax.",
            required=True,
        ),
        Field("discount_amount", MONEY, "Discount on the whole line in `currency_code`, not negative."),
        Field("tax_amount", MONEY, "Tax on the whole line in `currency_code`."),
        _CURRENCY,
        Field(
            "customer_ref",
            pl.String,
            "The source's customer number; empty for a guest.",
            privacy=Privacy.PSEUDONYM,
        ),
        Field("country", pl.String, "Country of the customer, as the source writes it."),
        Field("channel", pl.String, "Where it was sold; empty: the source itself."),
        _OCCURRED_AT,
    ),
)

STOCK_ON_HAND = Stream(
    "stock_on_hand",
    (
        _PRODUCT,
        Field("location_ref", pl.String, "The warehouse or shop where the stock lies."),
        Field("on_hand_units", pl.Int64, "Units that can be sold.", required=True),
        _OCCURRED_AT,
    ),
)

PRODUCT_SUPPLY = Stream(
    "product_supply",
    (
        _PRODUCT,
        Field("supplier_name", pl.String, "Who delivers it."),
        Field("lead_time_days", pl.Int64, "Calendar days from order to shelf.", required=True),
        Field("unit_cost", MONEY, "Purchase price of one unit in `currency_code`."),
        _CURRENCY,
        Field("minimum_order_units", pl.Int64, "Smallest quantity the supplier takes."),
        Field("pack_units", pl.Int64, "Order quantities are multiples of this."),
        _OCCURRED_AT,
    ),
)

STREAMS: dict[str, Stream] = {stream.name: stream for stream in (ORDER_LINES, STOCK_ON_HAND, PRODUCT_SUPPLY)}

QUARANTINE_SCHEMA = pl.Schema(
    {
        **ORIGIN,
        "column_name": pl.String,  # the vendor's column that failed; empty where the whole record did
        "reason": pl.String,  # the rule that failed, in words
        "record": pl.String,  # the record as received, JSON, personal columns included: object storage only
    }
)


def stream(name: str) -> Stream:
    """The stream of that name.

    Raises:
        ConfigError: If there is none.
    """
    try:
        return STREAMS[name]
    except KeyError:
        raise ConfigError(f"There is no stream {name!r}.", remedy=f"Choose one of {', '.join(STREAMS)}.") from None
