"""What the rest of the platform knows about a source, whatever extracts it."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from lakehouse.streams import stream as find_stream
from lakehouse.windows import zone


class LineKind(StrEnum):
    """What an order line stands for. Only `PRODUCT` is demand for goods."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    DISCOUNT = "discount"
    GIFT_VOUCHER = "gift_voucher"
    SAMPLE = "sample"
    FEE = "fee"
    MANUAL = "manual"
    BAD_DEBT = "bad_debt"
    ROUNDING = "rounding"
    GOODWILL = "goodwill"


class LineRule(BaseModel):
    """Names the kind of the lines whose columns match; a source's first matching rule wins.

    Attributes:
        kind: The kind that matching lines are.
        product_ref: Regular expression on the whole product code, case ignored.
        order_ref: Regular expression on the whole order number.
        reason: Why, for the reader of the mapping and of the reconciliation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: LineKind
    product_ref: str | None = None
    order_ref: str | None = None
    reason: str = Field(min_length=5)

    @field_validator("product_ref", "order_ref")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            re.compile(pattern)
        return pattern

    @model_validator(mode="after")
    def _names_one_column(self) -> Self:
        if (self.product_ref is None) == (self.order_ref is None):
            message = "a line rule needs product_ref or order_ref, and not both"
            raise ValueError(message)
        return self


class LoadMode(StrEnum):
    """What a source's load says about those that were landed before it."""

    WINDOW = "window"  # it is the whole of its window, and takes the place of earlier loads there
    VERSIONS = "versions"  # it holds versions of records: every load counts, and the newest version of a record wins


class Source(BaseModel):
    """A declared source: one vendor's records of one resource.

    Attributes:
        name: Identifier, also the first segment of its objects' keys.
        stream: What it lands as, the second segment: the canonical stream that its records become, or a
            vendor's resource whose records become rows of several.
        tables: Canonical streams that its loads hold; default: the one of that name.
        mode: What a load says about earlier ones.
        title: Name for people.
        time_zone: Zone in which its business day is a day, and its local times are local.
        parse_digest: Fingerprint of everything that decides how its bytes are parsed; a change of it
            makes the parsed rows stale, never the raw ones.
        line_rules: How its order lines are classified.
        cancellation_order_ref: Regular expression on the whole order number of what undoes an earlier order.
        expects_every_window: Whether a window without a load is late (False for files dropped now and then).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    stream: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    tables: tuple[str, ...] = ()
    mode: LoadMode = LoadMode.WINDOW
    title: str
    time_zone: str
    parse_digest: str = Field(pattern=r"^[0-9a-f]{12}$")
    line_rules: tuple[LineRule, ...] = ()
    cancellation_order_ref: str | None = None
    expects_every_window: bool = False

    @model_validator(mode="before")
    @classmethod
    def _holds_its_stream(cls, told: dict[str, object]) -> dict[str, object]:
        return told if told.get("tables") else {**told, "tables": (told.get("stream"),)}

    @field_validator("tables")
    @classmethod
    def _streams_exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(find_stream(name).name for name in names)

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        zone(name)
        return name
