"""Orders of the API 2026-01-01: orders, lines, payments, parcels.

An order that is PENDING, and one that was cancelled, has no proceeds: null, never 0. Its lines come with the version
that has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import polars as pl

from extractors.amazon.marketplaces import BY_ID
from extractors.amazon.order_amounts import CENTS, EXACT, PARTS, exact, items_of
from extractors.amazon.pages import gathered
from extractors.api.connector import Parsing
from extractors.api.records import TEXT, Decoded, decode
from extractors.api.rows import assemble, typed
from lakehouse.landing import RawFile
from lakehouse.sources import LineKind
from lakehouse.streams import ORIGIN

MONEY: Final = {"amount?": TEXT, "currencyCode?": TEXT}
_BREAKDOWNS: Final = [{"type": TEXT, "subtotal": MONEY, "detailedBreakdowns?": [{"subtype?": TEXT, "value?": MONEY}]}]
_ITEM: Final[dict[str, Any]] = {
    "orderItemId": TEXT,
    "quantityOrdered": TEXT,
    "product": {"asin?": TEXT, "title?": TEXT, "sellerSku?": TEXT, "price?": {"unitPrice?": MONEY}},
    "proceeds?": {"proceedsTotal?": MONEY, "breakdowns?": _BREAKDOWNS},
    "cancellation?": {"cancellationExecution?": {"cancelReason?": TEXT}},
}
_PACKAGE: Final = {
    "packageReferenceId": TEXT,
    "createdTime?": TEXT,
    "packageStatus?": {"status?": TEXT},
    "carrier?": TEXT,
    "shipTime?": TEXT,
    "packageItems?": [{"orderItemId": TEXT, "quantity": TEXT}],
}
ORDER: Final[dict[str, Any]] = {
    "orderId": TEXT,
    "createdTime": TEXT,
    "lastUpdatedTime": TEXT,
    "orderAliases?": [{"aliasId?": TEXT, "aliasType?": TEXT}],
    "salesChannel": {"channelName?": TEXT, "marketplaceId?": TEXT, "marketplaceName?": TEXT},
    "buyer?": {"buyerEmail?": TEXT},
    "recipient?": {"deliveryAddress?": {"countryCode?": TEXT}},
    "proceeds?": {"grandTotal?": MONEY, "breakdowns?": _BREAKDOWNS},
    "payment?": {"paymentExecutions?": [{"paymentMethod?": TEXT, "paymentAmount?": MONEY}]},
    "fulfillment?": {"fulfillmentStatus?": TEXT},
    "packages?": [_PACKAGE],
    "orderItems": [_ITEM],
}
_CHARGES: Final = {
    "SHIPPING": LineKind.SHIPPING,
    "GIFT_WRAP": LineKind.FEE,
    "COD_FEE": LineKind.FEE,
    "OTHER": LineKind.FEE,
    "DELIVERY_TIP": LineKind.FEE,
}
_KEY: Final = list(ORIGIN)
_ROUNDING_BELOW: Final = 1  # unit of currency; more is not rounding
_BROKEN: Final = "not an amount"  # what the cast refuses


def parse(parts: Iterable[RawFile]) -> Iterator[Parsing]:
    """The orders of stored pages."""
    for batch in gathered(parts, "orders"):
        yield tables(decode(batch, ORDER))


def tables(decoded: Decoded) -> Parsing:
    """Orders, their lines, payments and parcels."""
    orders = decoded.frame.with_columns(
        pl.col("fulfillment").struct.field("fulfillmentStatus").alias("status"),
        pl.col("salesChannel").struct.field("marketplaceId").alias("marketplace_id"),
    ).with_columns(*_places(), _currency())
    items = items_of(orders)
    sums = items.group_by(_KEY).agg(
        *(pl.col(name).sum() for name in ("goods", "goods_tax", "carriage", "carriage_tax", "discount", "tax")),
        pl.col("is_broken").any(),
        pl.col("tax").is_not_null().any().alias("knows_tax"),
    )
    orders = orders.join(sums, on=_KEY, how="left", maintain_order="left")
    lines = pl.concat([_goods(items), _charges(items), _tips(orders)], how="diagonal")
    lines = pl.concat([lines, _rounding(orders, lines)], how="diagonal").sort(*_KEY, "place")
    lines = lines.join(
        orders.select(*_KEY, "orderId", "lastUpdatedTime", "createdTime", "currency", "channel", "country"), on=_KEY
    )
    return assemble(
        decoded,
        {
            "orders": typed(orders, "orders", _order_columns()),
            "order_lines": typed(lines, "order_lines", _line_columns()),
            "payments": typed(_payments(orders), "payments", _payment_columns()),
            "fulfilments": typed(_parcels(orders), "fulfilments", _parcel_columns()),
        },
    )


def _places() -> list[pl.Expr]:
    shows = {one.id: one.shows_tax for one in BY_ID.values()}
    channel = pl.col("salesChannel").struct
    return [
        pl.coalesce(channel.field("marketplaceName"), channel.field("marketplaceId")).alias("channel"),
        pl.col("marketplace_id").replace_strict(shows, default=None, return_dtype=pl.Boolean).alias("shows_tax"),
        pl.col("recipient").struct.field("deliveryAddress").struct.field("countryCode").alias("country"),
    ]


def _currency() -> pl.Expr:
    """An order without proceeds names no currency: it is its marketplace's."""
    own = {one.id: one.currency for one in BY_ID.values()}
    told = pl.col("proceeds").struct.field("grandTotal").struct.field("currencyCode")
    return pl.coalesce(told, pl.col("marketplace_id").replace_strict(own, default=None, return_dtype=pl.String)).alias(
        "currency"
    )


def _goods(items: pl.DataFrame) -> pl.DataFrame:
    """Lines of goods; none for an item without a price, or of which nothing is left."""
    units = pl.col("units")
    priced = items.filter(units.is_null() | ((units > 0) & (pl.col("is_priced") | pl.col("price").is_not_null())))
    price = pl.when("is_priced").then((pl.col("goods") / units).round(CENTS)).otherwise(pl.col("price"))
    return priced.select(
        *_KEY,
        "place",
        pl.col("orderItemId").alias("line_ref"),
        pl.lit(LineKind.PRODUCT.value).alias("kind"),
        pl.coalesce("sku", "asin").alias("product_ref"),
        "title",
        units.alias("units"),
        pl.when("is_broken").then(pl.lit(_BROKEN)).otherwise(price.cast(pl.String)).alias("price"),
        pl.when("is_priced").then(pl.col("discount")).alias("discount"),
        pl.when(pl.col("tax").is_not_null()).then(pl.col("goods_tax")).alias("tax"),
    )


def _charges(items: pl.DataFrame) -> pl.DataFrame:
    """One line an order for shipping, one for gift wrap …"""
    found = []
    for number, kind in enumerate(name for name in PARTS if name in _CHARGES):
        sums = items.group_by(_KEY, maintain_order=True).agg(
            pl.col(f"{kind}_net").sum().alias("net"),
            pl.when(pl.col("tax").is_not_null().any()).then(pl.col(f"{kind}_tax").sum()).alias("tax"),
        )
        found.append(_line(sums.filter(pl.col("net") != 0), kind, _CHARGES[kind], 100_000 + number))
    return pl.concat(found)


def _line(sums: pl.DataFrame, name: str, kind: LineKind | pl.Expr, place: int) -> pl.DataFrame:
    return sums.select(
        *_KEY,
        pl.lit(place, pl.Int64).alias("place"),
        pl.lit(name).alias("line_suffix"),
        pl.lit(kind.value).alias("kind") if isinstance(kind, LineKind) else kind.alias("kind"),
        pl.lit(name).alias("product_ref"),
        pl.lit(1, EXACT).alias("units"),
        pl.col("net").cast(pl.String).alias("price"),
        pl.col("tax").alias("tax"),
    )


def _tips(orders: pl.DataFrame) -> pl.DataFrame:
    """The one charge that belongs to no item."""
    told = (
        orders.select(*_KEY, pl.col("proceeds").struct.field("breakdowns").alias("told"))
        .explode("told")
        .unnest("told")
        .filter(pl.col("type") == "DELIVERY_TIP")
        .with_columns(exact(pl.col("subtotal").struct.field("amount")).alias("net"), pl.lit(None, EXACT).alias("tax"))
    )
    return _line(told, "DELIVERY_TIP", LineKind.FEE, 100_010)


def _total() -> pl.Expr:
    return pl.col("proceeds").struct.field("grandTotal").struct.field("amount")


def _rounding(orders: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """What an order's total has beyond its lines: discounts are allocated with rounding, and so are prices a unit.

    More than a unit of currency is no rounding: it stands as a line of its own, of kind `manual`.
    """
    value = pl.col("units") * exact(pl.col("price")) - pl.col("discount").fill_null(0)
    sums = lines.group_by(_KEY).agg(value.sum().alias("lines"))
    rest = (
        orders.with_columns(exact(_total()).alias("grand"))
        .join(sums, on=_KEY)
        .with_columns((pl.col("grand") - pl.col("tax").fill_null(0) - pl.col("lines")).alias("net"))
        .filter((pl.col("net") != 0) & ~pl.col("is_broken").fill_null(value=False))
        .with_columns(pl.lit(None, EXACT).alias("tax"))
    )
    small = pl.col("net").abs() < _ROUNDING_BELOW
    kind = pl.when(small).then(pl.lit(LineKind.ROUNDING.value)).otherwise(pl.lit(LineKind.MANUAL.value))
    return _line(rest, "ROUNDING", kind, 100_020)


def _order_columns() -> dict[str, pl.Expr | str]:
    status = pl.col("status")
    shown = pl.col("shows_tax").fill_null(value=False)
    tax = pl.when("knows_tax").then(pl.col("tax"))
    priced = _total().is_not_null()

    def with_tax(net: str, name: str) -> pl.Expr:
        return pl.when(priced).then(pl.col(net) + pl.when(shown).then(pl.col(name)).otherwise(0))

    return {
        "record_ref": "orderId",
        "version_at": "lastUpdatedTime",
        "order_ref": "orderId",
        "order_number": pl.col("orderAliases").list.first().struct.field("aliasId"),
        "email_ref": pl.col("buyer").struct.field("buyerEmail").str.strip_chars().str.to_lowercase(),
        "status": pl.when(status == "CANCELLED")
        .then(pl.lit("cancelled"))
        .when(status == "SHIPPED")
        .then(pl.lit("completed"))
        .when(status.is_not_null())
        .then(pl.lit("open")),
        "payment_status": pl.when(status == "CANCELLED")
        .then(pl.lit("voided"))
        .when(status.str.starts_with("PENDING"))
        .then(pl.lit("pending"))
        .when(status.is_not_null())
        .then(pl.lit("paid")),
        "fulfilment_status": pl.when(status == "SHIPPED")
        .then(pl.lit("fulfilled"))
        .when(status == "PARTIALLY_SHIPPED")
        .then(pl.lit("partial"))
        .when(status.is_not_null())
        .then(pl.lit("unfulfilled")),
        "source_status": status,
        "channel": "channel",
        "country": "country",
        "currency_code": "currency",
        "is_tax_included": pl.col("shows_tax"),
        "subtotal_amount": with_tax("goods", "goods_tax") - pl.when(priced).then(pl.col("discount").fill_null(0)),
        "discount_amount": pl.when(priced).then(pl.col("discount")),
        "shipping_amount": with_tax("carriage", "carriage_tax"),
        "tax_amount": pl.when(priced).then(tax),
        "total_amount": _total(),
        "occurred_at": "createdTime",
        # The model tells of no moment of cancellation: it is the last change of an order that is cancelled.
        "cancelled_at": pl.when(status == "CANCELLED").then(pl.col("lastUpdatedTime")),
        "cancel_reason": pl.col("orderItems")
        .list.eval(
            pl.element().struct.field("cancellation").struct.field("cancellationExecution").struct.field("cancelReason")
        )
        .list.drop_nulls()
        .list.first(),
    }


def _line_columns() -> dict[str, pl.Expr | str]:
    own = pl.concat_str(pl.col("orderId"), pl.lit("/"), pl.col("line_suffix"))
    return {
        "record_ref": "orderId",
        "version_at": "lastUpdatedTime",
        "order_ref": "orderId",
        "order_line_ref": pl.coalesce(pl.col("line_ref"), own),
        "line_kind": "kind",
        "product_ref": "product_ref",
        "product_title": "title",
        "quantity": pl.col("units").cast(pl.String),
        "unit_price": "price",
        "discount_amount": "discount",
        "tax_amount": "tax",
        "currency_code": "currency",
        "country": "country",
        "channel": "channel",
        "occurred_at": "createdTime",
    }


def _payments(orders: pl.DataFrame) -> pl.DataFrame:
    return (
        orders.select(
            *_KEY, "orderId", "createdTime", "lastUpdatedTime", "currency",
            pl.col("payment").struct.field("paymentExecutions").alias("told"),
        )
        .explode("told")
        .drop_nulls("told")
        .unnest("told")
        .with_columns(pl.int_range(1, pl.len() + 1).over(_KEY).cast(pl.String).alias("number"))
    )  # fmt: skip


def _payment_columns() -> dict[str, pl.Expr | str]:
    money = pl.col("paymentAmount").struct
    return {
        "record_ref": "orderId",
        "version_at": "lastUpdatedTime",
        "payment_ref": pl.concat_str("orderId", pl.lit("/"), "number"),
        "order_ref": "orderId",
        "payment_kind": pl.lit("sale"),
        "payment_status": pl.lit("success"),
        "gateway": "paymentMethod",
        "amount": money.field("amount"),
        "currency_code": pl.coalesce(money.field("currencyCode"), pl.col("currency")),
        "occurred_at": "createdTime",
    }


def _parcels(orders: pl.DataFrame) -> pl.DataFrame:
    return (
        orders.select(*_KEY, "orderId", pl.col("createdTime").alias("ordered"), "lastUpdatedTime", "packages")
        .explode("packages")
        .drop_nulls("packages")
        .unnest("packages")
    )


def _parcel_columns() -> dict[str, pl.Expr | str]:
    units = pl.col("packageItems").list.eval(exact(pl.element().struct.field("quantity"))).list.sum()
    status = pl.col("packageStatus").struct.field("status")
    return {
        "record_ref": "orderId",
        "version_at": "lastUpdatedTime",
        "fulfilment_ref": "packageReferenceId",
        "order_ref": "orderId",
        "status": status,
        "carrier": "carrier",
        "quantity": units.cast(pl.Int64),
        "occurred_at": pl.coalesce("createdTime", "shipTime", "ordered"),
        "shipped_at": "shipTime",
    }
