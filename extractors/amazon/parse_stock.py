"""Stock summaries (FBA Inventory v1) and products (Catalog Items 2022-04-01)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

import polars as pl

from extractors.amazon.marketplaces import BY_ID
from extractors.amazon.pages import ASKED_AT, AT_ONCE, gathered, records
from extractors.api.connector import Parsing
from extractors.api.records import TEXT, Decoded, Record, Shape, decode
from extractors.api.rows import assemble, typed
from lakehouse.landing import RawFile

SUMMARY: Final[dict[str, Shape]] = {
    ASKED_AT: TEXT,
    "marketplace": TEXT,
    "sellerSku?": TEXT,
    "asin?": TEXT,
    "lastUpdatedTime?": TEXT,
    "inventoryDetails?": {
        "fulfillableQuantity?": TEXT,
        "inboundWorkingQuantity?": TEXT,
        "inboundShippedQuantity?": TEXT,
        "inboundReceivingQuantity?": TEXT,
        "reservedQuantity?": {"totalReservedQuantity?": TEXT},
        "unfulfillableQuantity?": {"totalUnfulfillableQuantity?": TEXT},
    },
}
ITEM: Final[dict[str, Shape]] = {
    ASKED_AT: TEXT,
    "marketplace?": TEXT,
    "asin": TEXT,
    "attributes?": {
        "list_price?": [{"value?": TEXT, "currency?": TEXT}],
        "part_number?": [{"value?": TEXT}],
        "model_number?": [{"value?": TEXT}],
    },
    "classifications?": [{"classifications?": [{"path?": TEXT}]}],
    "identifiers?": [{"identifiers?": [{"identifierType?": TEXT, "identifier?": TEXT}]}],
    "dimensions?": [{"item?": {"weight?": {"unit?": TEXT, "value?": TEXT}}}],
    "relationships?": [{"relationships?": [{"type?": TEXT, "parentAsins?": [TEXT]}]}],
    "summaries?": [
        {"brand?": TEXT, "itemName?": TEXT, "releaseDate?": TEXT, "partNumber?": TEXT, "modelNumber?": TEXT}
    ],
    "skus": [TEXT],
}
_BARCODES: Final = ("GTIN", "EAN", "JAN", "UPC", "ISBN")
_GRAMS: Final = {
    "grams": "1",
    "kilograms": "1000",
    "milligrams": "0.001",
    "pounds": "453.59237",
    "ounces": "28.349523125",
}
_EXACT: Final = pl.Decimal(38, 12)


def stock(parts: Iterable[RawFile]) -> Iterator[Parsing]:
    """What lay in Amazon's fulfilment centres when it was asked."""
    for batch in gathered(parts, "payload", "inventorySummaries"):
        yield _stock(decode(batch, SUMMARY))


def _stock(decoded: Decoded) -> Parsing:
    details = pl.col("inventoryDetails").struct
    inbound = [details.field(f"inbound{stage}Quantity") for stage in ("Working", "Shipped", "Receiving")]
    counted = sum((one.cast(pl.Int64, strict=False).fill_null(0) for one in inbound), pl.lit(0, pl.Int64))
    columns: dict[str, pl.Expr | str] = {
        # Each count is a record of its own: how much there was last week is not undone by what there is today.
        "record_ref": pl.concat_str("marketplace", pl.lit("/"), "sellerSku", pl.lit("@"), ASKED_AT),
        "version_at": ASKED_AT,
        "product_ref": "sellerSku",
        "location_ref": pl.concat_str(pl.lit("FBA/"), "marketplace"),
        "on_hand_units": details.field("fulfillableQuantity"),
        "reserved_units": details.field("reservedQuantity").struct.field("totalReservedQuantity"),
        "inbound_units": pl.when(pl.any_horizontal(one.is_not_null() for one in inbound)).then(counted),
        "unsellable_units": details.field("unfulfillableQuantity").struct.field("totalUnfulfillableQuantity"),
        "occurred_at": ASKED_AT,
    }
    return assemble(decoded, {"stock_on_hand": typed(decoded.frame, "stock_on_hand", columns)})


def products(parts: Iterable[RawFile]) -> Iterator[Parsing]:
    """Products; the stock listings that stand before them say which SKUs an ASIN has."""
    skus: dict[str, list[str]] = defaultdict(list)
    batch: list[Record] = []
    for part in parts:
        if part.name.startswith("listing-"):
            for _, _, one in records(part, "payload", "inventorySummaries"):
                asin, sku = (
                    (str(one.get(name) or "") for name in ("asin", "sellerSku")) if isinstance(one, dict) else ("", "")
                )
                if sku and sku not in skus[asin]:
                    skus[asin].append(sku)
        else:
            batch += records(part, "items")
        if len(batch) >= AT_ONCE:
            yield _products(batch, skus)
            batch = []
    yield _products(batch, skus)


def _products(batch: list[Record], skus: dict[str, list[str]]) -> Parsing:
    flat: list[Record] = [
        (name, number, _flat(item, skus) if isinstance(item, dict) else item) for name, number, item in batch
    ]
    decoded = decode(flat, ITEM)
    # An ASIN without a SKU is a row too: the missing SKU is then told as what is wrong with it.
    return assemble(
        decoded, {"products": typed(decoded.frame.explode("skus", empty_as_null=True), "products", _columns())}
    )


def _columns() -> dict[str, pl.Expr | str]:
    own = {one.id: one.currency for one in BY_ID.values()}
    summary = pl.col("summaries").list.first().struct
    attributes = pl.col("attributes").struct
    listed = attributes.field("list_price").list.first().struct
    numbers = [
        summary.field("partNumber"),
        *(attributes.field(name).list.first().struct.field("value") for name in ("part_number", "model_number")),
        summary.field("modelNumber"),
    ]
    codes = pl.col("identifiers").list.first().struct.field("identifiers")
    barcode = codes.list.eval(
        pl.element().filter(pl.element().struct.field("identifierType").is_in(_BARCODES)).struct.field("identifier")
    )
    weight = pl.col("dimensions").list.first().struct.field("item").struct.field("weight").struct
    factor = weight.field("unit").replace_strict(_GRAMS, default=None, return_dtype=pl.String).cast(_EXACT)
    parent = pl.col("relationships").list.first().struct.field("relationships").list.first().struct.field("parentAsins")
    return {
        "record_ref": "asin",
        "version_at": ASKED_AT,
        "product_ref": "skus",
        "variant_ref": "asin",
        "product_group_ref": pl.coalesce(parent.list.first(), "asin"),
        "product_title": summary.field("itemName"),
        "category": pl.col("classifications")
        .list.first()
        .struct.field("classifications")
        .list.first()
        .struct.field("path"),
        "brand": summary.field("brand"),
        "gtin": barcode.list.first(),
        "mpn": pl.coalesce(pl.when(one.str.strip_chars() != "").then(one) for one in numbers),
        "asin": "asin",
        "compare_at_amount": listed.field("value"),
        "currency_code": pl.coalesce(
            listed.field("currency"), pl.col("marketplace").replace_strict(own, default=None, return_dtype=pl.String)
        ),
        "weight_grams": (weight.field("value").cast(pl.Float64, strict=False) * factor.cast(pl.Float64))
        .round(0)
        .cast(pl.Int64),
        "occurred_at": ASKED_AT,
    }


def _flat(item: dict[str, Any], skus: dict[str, list[str]]) -> dict[str, Any]:
    """The record with its SKUs, and with each classification's way to the root as one text: it nests without end."""
    found = []
    for market in item.get("classifications") or []:
        nodes = market.get("classifications") or [] if isinstance(market, dict) else []
        found.append({"classifications": [{"path": _way(node)} for node in nodes]})
    return {**item, "classifications": found, "skus": skus.get(str(item.get("asin")), [])}


def _way(node: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    names: list[str] = []
    while isinstance(node, dict):
        names.append(str(node.get("displayName", "")))
        node = node.get("parent")
    return " > ".join(reversed(names))
