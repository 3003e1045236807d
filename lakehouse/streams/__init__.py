"""The canonical streams: what a source's records look like once parsed, whatever the source.

A mapping or an extractor turns a vendor's records into one of these shapes. The warehouse has one raw
table per stream, so a further marketplace is a further value in its `source` column, not further code.
"""

from __future__ import annotations

from lakehouse.errors import ConfigError
from lakehouse.streams import behaviour, catalogue, finance, market, planning, risk, sales, supply
from lakehouse.streams.model import (
    INSTANT,
    MONEY,
    ORIGIN,
    QUARANTINE_SCHEMA,
    RATE,
    VERSION,
    Field,
    Privacy,
    Stream,
)
from lakehouse.streams.sales import ORDER_LINES
from lakehouse.streams.supply import PRODUCT_SUPPLY, STOCK_ON_HAND

__all__ = [
    "INSTANT",
    "MONEY",
    "ORDER_LINES",
    "ORIGIN",
    "PRODUCT_SUPPLY",
    "QUARANTINE_SCHEMA",
    "RATE",
    "STOCK_ON_HAND",
    "STREAMS",
    "VERSION",
    "Field",
    "Privacy",
    "Stream",
    "stream",
]

_FAMILIES = (sales, catalogue, supply, finance, behaviour, planning, market, risk)
STREAMS: dict[str, Stream] = {one.name: one for family in _FAMILIES for one in family.STREAMS}


def stream(name: str) -> Stream:
    """The stream of that name.

    Raises:
        ConfigError: If there is none.
    """
    try:
        return STREAMS[name]
    except KeyError:
        raise ConfigError(f"There is no stream {name!r}.", remedy=f"Choose one of {', '.join(STREAMS)}.") from None
