"""GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL: orders and lines without numbers of lines.

Amounts are of the whole line. Where customers see prices with tax, `item-price` holds it, and `item-tax` says how much.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import polars as pl

from extractors.amazon.flat_files import batches
from extractors.amazon.marketplaces import BY_NAME
from extractors.api.connector import Parsing
from extractors.api.records import Decoded
from extractors.api.rows import Typed, assemble, typed
from lakehouse.landing import RawFile
from lakehouse.sources import LineKind
from lakehouse.streams import ORIGIN, QUARANTINE_SCHEMA

_KEY: Final = list(ORIGIN)
_EXACT: Final = pl.Decimal(38, 6)
_CENTS: Final = 4
_BROKEN: Final = "not an amount"
_MONEY: Final = (
    "item-price", "item-tax", "shipping-price", "shipping-tax", "gift-wrap-price", "gift-wrap-tax",
    "item-promotion-discount", "ship-promotion-discount",
)  # fmt: skip
_NEEDED: Final = (
    "amazon-order-id", "purchase-date", "last-updated-date", "order-status", "sales-channel", "sku", "quantity",
    "currency", *_MONEY,
)  # fmt: skip
_MORE: Final = ("product-name", "asin", "item-status")
_WHOLE: Final = 1 << 40


def parse(part: RawFile) -> Iterator[Parsing]:
    """The orders of a report: rows of one order are one record, which stands where its first row does."""
    found = list(batches(part, _NEEDED, _MORE, size=_WHOLE))
    rows = found[0].frame if found else pl.DataFrame(schema={**ORIGIN, **dict.fromkeys([*_NEEDED, *_MORE], pl.String)})
    misfits = found[0].misfits if found else pl.DataFrame(schema=QUARANTINE_SCHEMA)
    rows = rows.with_columns(
        pl.col("source_row").first().over("amazon-order-id"),
        pl.int_range(1, pl.len() + 1).over("amazon-order-id").cast(pl.String).alias("number"),
    )
    lines = _amounts(rows)
    orders = _orders(lines)
    originals = {tuple(origin): {"line": str(origin[1])} for origin in orders.select(_KEY).iter_rows()}
    originals |= {tuple(origin): {"line": record} for *origin, record in misfits.select(*_KEY, "record").iter_rows()}
    decoded = Decoded(orders, misfits, originals)
    yield assemble(decoded, {"orders": _typed_orders(orders), "order_lines": _typed_lines(lines, orders)})


def _amounts(rows: pl.DataFrame) -> pl.DataFrame:
    """Amounts without tax: `goods`, `discount`, `carriage`, and the taxes."""
    shows = {name: one.shows_tax for name, one in BY_NAME.items()}
    own = {name: one.currency for name, one in BY_NAME.items()}
    channel = pl.col("sales-channel").str.to_lowercase()
    exact = {name: pl.when(pl.col(name) != "").then(pl.col(name)).cast(_EXACT, strict=False) for name in _MONEY}
    broken = pl.any_horizontal((pl.col(name) != "") & exact[name].is_null() for name in _MONEY)
    rows = rows.with_columns(
        channel.replace_strict(shows, default=True, return_dtype=pl.Boolean).alias("holds_tax"),
        pl.coalesce(
            pl.when(pl.col("currency") != "").then("currency"),
            channel.replace_strict(own, default=None, return_dtype=pl.String),
        ).alias("currency"),
        broken.alias("is_broken"),
        pl.col("quantity").cast(_EXACT, strict=False).alias("units"),
        *(value.alias(name) for name, value in exact.items()),
    )
    price, tax = pl.col("item-price"), pl.col("item-tax").fill_null(0)
    off, carriage_off = (
        pl.col("item-promotion-discount").fill_null(0).abs(),
        pl.col("ship-promotion-discount").fill_null(0).abs(),
    )
    # `item-tax` is on the price before the discount; the discount's own tax is in the same proportion.
    off_tax = pl.when(price != 0).then((tax * off / price).round(_CENTS)).otherwise(0).cast(_EXACT)
    carriage, carriage_tax = pl.col("shipping-price").fill_null(0), pl.col("shipping-tax").fill_null(0)
    holds = pl.col("holds_tax")
    return rows.with_columns(
        (price - pl.when(holds).then(tax).otherwise(0)).alias("goods"),
        (off - pl.when(holds).then(off_tax).otherwise(0)).alias("discount"),
        (tax - off_tax).alias("goods_tax"),
        (carriage - carriage_off - pl.when(holds).then(carriage_tax).otherwise(0)).alias("carriage"),
        carriage_tax.alias("carriage_tax"),
    )


def _orders(lines: pl.DataFrame) -> pl.DataFrame:
    net = pl.col("goods") - pl.col("discount") + pl.col("carriage")
    tax = pl.col("goods_tax") + pl.col("carriage_tax")
    return lines.group_by(_KEY, maintain_order=True).agg(
        pl.col(
            "amazon-order-id", "purchase-date", "last-updated-date", "order-status", "sales-channel", "currency"
        ).first(),
        pl.col("holds_tax").first(),
        pl.when(pl.col("goods").is_not_null().any()).then((net + tax).sum()).alias("total"),
        pl.when(pl.col("goods").is_not_null().any()).then(tax.sum()).alias("tax"),
    )


def _typed_orders(orders: pl.DataFrame) -> Typed:
    status = pl.col("order-status").str.to_lowercase()
    is_cancelled = status.str.starts_with("cancel")
    columns: dict[str, pl.Expr | str] = {
        "record_ref": "amazon-order-id",
        "version_at": "last-updated-date",
        "order_ref": "amazon-order-id",
        "status": pl.when(is_cancelled)
        .then(pl.lit("cancelled"))
        .when(status.str.starts_with("shipped"))
        .then(pl.lit("completed"))
        .otherwise(pl.lit("open")),
        "payment_status": pl.when(is_cancelled)
        .then(pl.lit("voided"))
        .when(status.str.starts_with("pending"))
        .then(pl.lit("pending"))
        .otherwise(pl.lit("paid")),
        "source_status": "order-status",
        "channel": "sales-channel",
        "currency_code": "currency",
        "is_tax_included": "holds_tax",
        "tax_amount": "tax",
        "total_amount": "total",
        "occurred_at": "purchase-date",
        "cancelled_at": pl.when(is_cancelled).then(pl.col("last-updated-date")),
    }
    return typed(orders, "orders", columns)


def _typed_lines(lines: pl.DataFrame, orders: pl.DataFrame) -> Typed:
    goods = lines.filter(
        pl.col("is_broken") | pl.col("units").is_null() | ((pl.col("units") > 0) & pl.col("goods").is_not_null())
    )
    goods = goods.with_columns(
        pl.when("is_broken")
        .then(pl.lit(_BROKEN))
        .otherwise((pl.col("goods") / pl.col("units")).round(_CENTS).cast(pl.String))
        .alias("price"),
        pl.lit(LineKind.PRODUCT.value).alias("kind"),
        pl.col("sku").alias("product_ref"),
        pl.col("goods_tax").alias("tax"),
    )
    carriage = _own_line(lines, pl.col("carriage").sum(), pl.col("carriage_tax").sum(), LineKind.SHIPPING)
    exact = pl.col("units") * pl.col("price").cast(_EXACT, strict=False)
    rest = _own_line(goods, (pl.col("goods") - exact).sum(), pl.lit(None, _EXACT), LineKind.ROUNDING)
    both = pl.concat([goods, carriage, rest], how="diagonal").sort(*_KEY, maintain_order=True)
    both = both.drop("amazon-order-id", "purchase-date", "last-updated-date", "sales-channel", "currency").join(
        orders.select(*_KEY, "amazon-order-id", "purchase-date", "last-updated-date", "sales-channel", "currency"),
        on=_KEY,
    )
    columns: dict[str, pl.Expr | str] = {
        "record_ref": "amazon-order-id",
        "version_at": "last-updated-date",
        "order_ref": "amazon-order-id",
        "order_line_ref": pl.concat_str("amazon-order-id", pl.lit("/"), "number"),
        "line_kind": "kind",
        "product_ref": "product_ref",
        "product_title": "product-name",
        "quantity": "quantity",
        "unit_price": "price",
        "discount_amount": "discount",
        "tax_amount": "tax",
        "currency_code": "currency",
        "channel": "sales-channel",
        "occurred_at": "purchase-date",
    }
    return typed(both, "order_lines", columns)


def _own_line(lines: pl.DataFrame, net: pl.Expr, tax: pl.Expr, kind: LineKind) -> pl.DataFrame:
    """One line an order, for what is not of any one item."""
    return (
        lines.group_by(_KEY, maintain_order=True)
        .agg(net.alias("net"), tax.first().alias("tax"))
        .filter((pl.col("net") != 0).fill_null(value=False))
        .select(
            *_KEY,
            pl.lit(kind.value).alias("kind"),
            pl.lit(kind.value.upper()).alias("product_ref"),
            pl.lit(kind.value).alias("number"),
            pl.lit("1").alias("quantity"),
            pl.col("net").cast(pl.String).alias("price"),
            "tax",
        )
    )
