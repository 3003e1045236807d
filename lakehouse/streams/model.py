"""What a canonical stream is: the shape of one kind of record, its types, and what it says about people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from lakehouse.errors import ConfigError

MONEY = pl.Decimal(18, 4)
RATE = pl.Decimal(18, 8)
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
        domain: Within what the same reference is the same pseudonym; empty: within a source.
    """

    name: str
    dtype: pl.DataType | type[pl.DataType]
    description: str
    required: bool = False
    privacy: Privacy = Privacy.NONE
    domain: str = ""


@dataclass(frozen=True)
class Stream:
    """The shape of one kind of record. Each has `occurred_at`, which places a record in a window.

    Attributes:
        name: Its name.
        fields: Its columns.
        parents: Streams whose records may hold rows of this one. Where a newer version of such a record has no more
            of them, they are gone.
        once: Columns that name a row beside the source, where of several rows with one name only the newest counts.
    """

    name: str
    fields: tuple[Field, ...]
    parents: tuple[str, ...] = ()
    once: tuple[str, ...] = ()

    @property
    def schema(self) -> pl.Schema:
        """Column names and types, in order, without the origin columns."""
        return pl.Schema({field.name: field.dtype for field in self.fields})

    @property
    def landed_schema(self) -> pl.Schema:
        """The schema of parsed facts: the stream's own columns behind those of origin."""
        return pl.Schema({**ORIGIN, **self.schema})

    @property
    def versioned_schema(self) -> pl.Schema:
        """The schema of parsed versions of records: as `landed_schema`, with the columns of `VERSION`."""
        return pl.Schema({**ORIGIN, **VERSION, **self.schema})

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

# Of a source whose records change. The newest version of a record counts, with all of its rows: a line that its
# newest version has no more is gone. Null where records are facts, written once.
VERSION: dict[str, pl.DataType | type[pl.DataType]] = {
    "record_ref": pl.String,  # the source's number of the record that the row came from
    "version_at": INSTANT,  # when the source changed the record last, UTC
}


def text(name: str, description: str, *, required: bool = False) -> Field:
    """A column of text."""
    return Field(name, pl.String, description, required)


def person(name: str, description: str) -> Field:
    """A reference to a person: a keyed pseudonym takes its place on the way to the warehouse."""
    return Field(name, pl.String, description, privacy=Privacy.PSEUDONYM)


def number(name: str, description: str, *, required: bool = False) -> Field:
    """A column of whole numbers."""
    return Field(name, pl.Int64, description, required)


def money(name: str, description: str, *, required: bool = False) -> Field:
    """A column of amounts in the row's `currency_code`."""
    return Field(name, MONEY, description, required)


def rate(name: str, description: str, *, required: bool = False) -> Field:
    """A column of exact ratios with eight decimals."""
    return Field(name, RATE, description, required)


def flag(name: str, description: str) -> Field:
    """A column of yes and no."""
    return Field(name, pl.Boolean, description)


def day(name: str, description: str, *, required: bool = False) -> Field:
    """A column of local dates."""
    return Field(name, pl.Date, description, required)


def instant(name: str, description: str) -> Field:
    """A column of moments, UTC."""
    return Field(name, INSTANT, description)


def happened(what: str) -> Field:
    """The moment that places a record in time; every stream has it."""
    return Field("occurred_at", INSTANT, f"{what}, UTC.", required=True)


CURRENCY = text("currency_code", "Currency of the amounts in this row (ISO 4217).", required=True)
PRODUCT = text("product_ref", "The seller's code for the product (SKU), as the source writes it.", required=True)
ANY_PRODUCT = text("product_ref", "The seller's code for the product (SKU), where it is known.")
ORDER = text("order_ref", "The source's number of the order, invoice or credit note.", required=True)
ANY_ORDER = text("order_ref", "The source's number of the order, where it is known.")
CUSTOMER = person("customer_ref", "The source's customer number; empty for a guest.")
EMAIL = Field(
    "email_ref",
    pl.String,
    "The customer's address, trimmed and in lower case; joins customers across shops.",
    privacy=Privacy.PSEUDONYM,
    domain="email",
)
COUNTRY = text("country", "Country of the customer, as the source writes it.")
CHANNEL = text("channel", "Where it was sold; empty: the source itself.")


QUARANTINE_SCHEMA = pl.Schema(
    {
        **ORIGIN,
        "column_name": pl.String,  # the vendor's column that failed; empty where the whole record did
        "reason": pl.String,  # the rule that failed, in words
        "record": pl.String,  # the record as received, JSON, personal columns included: object storage only
    }
)
