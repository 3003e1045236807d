"""A small catalogue, and offers against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import polars as pl

from models_ml.matching import match
from models_ml.matching.config import default_assumptions
from models_ml.matching.decided import DECISIONS
from models_ml.matching.subjects import LISTINGS, OFFERS

Row = Mapping[str, object]
_KUMO = {"brand": "Kumo", "price_shop": 20.0}
CUSHION = "4006381333931"
TRAY = "4006381333948"
# P1 and P2 are variants of one cushion; P5 and P6 share a barcode, as careless catalogues have it.
OURS: tuple[Row, ...] = (
    {
        "product_id": "P1",
        "product_group_ref": "10",
        "product_title": "Ribbed Linen Cushion",
        "variant_title": "Sage",
        "gtin": CUSHION,
        **_KUMO,
    },
    {
        "product_id": "P2",
        "product_group_ref": "10",
        "product_title": "Ribbed Linen Cushion",
        "variant_title": "Oat",
        "mpn": "KM-4821-07",
        **_KUMO,
    },
    {
        "product_id": "P3",
        "product_group_ref": "11",
        "product_title": "Speckled Oak Tray",
        "gtin": TRAY,
        "brand": "Fjordhem",
        "mpn": "FJ-1000-11",
        "price_shop": 30.0,
    },
    {
        "product_id": "P4",
        "product_group_ref": "12",
        "product_title": "Coastal Brass Lamp",
        "brand": "Fjordhem",
        "price_shop": 60.0,
    },
    {
        "product_id": "P5",
        "product_group_ref": "13",
        "product_title": "Minimal Felt Puzzle",
        "gtin": "96385074",
        **_KUMO,
    },
    {
        "product_id": "P6",
        "product_group_ref": "14",
        "product_title": "Heritage Glass Vase",
        "gtin": "96385074",
        **_KUMO,
    },
    {
        "product_id": "NL-7001",
        "product_group_ref": "15",
        "product_title": "Botanical Wool Throw",
        "brand": "Northlight",
        "price_shop": 45.0,
    },
)


def offer(title: str, **told: object) -> dict[str, object]:
    """An offer; each of a test has a page of its own."""
    return {
        "source": "rival",
        "page_url": f"https://rival.example/{title}",
        "offer_ref": "1",
        "offer_title": title,
        **told,
    }


def decision(page: str, product: str, said: str, *, day: int = 1, **told: object) -> dict[str, object]:
    """What a person said of the offer `1` of a page."""
    pair = {"source": "rival", "page_url": f"https://rival.example/{page}", "offer_ref": "1", "product_id": product}
    return {**pair, "decision": said, "decided_at": datetime(2025, 3, day), "then_title": page, **told}  # noqa: DTZ001


def matched(
    offers: Sequence[Row], decisions: Sequence[Row] = (), ours: Sequence[Row] = OURS
) -> dict[str, pl.DataFrame]:
    """The result tables."""
    rules = default_assumptions()
    return match(
        _frame(offers, OFFERS), _frame([{"source": "shop", **one} for one in ours], LISTINGS),
        _frame(decisions, DECISIONS), rules=rules,
    )  # fmt: skip


def only(offers: Row | Sequence[Row], *decisions: Row) -> dict[str, object]:
    """The first offer's match."""
    listed = [offers] if isinstance(offers, Mapping) else list(offers)
    table = matched(listed, decisions)["offer_match"]
    return table.filter(pl.col("page_url") == str(listed[0]["page_url"])).row(0, named=True)


def _frame(rows: Sequence[Row], schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=dict(schema))
