"""Lines of orders and of refunds, in one shape: goods, carriage, fees."""

from __future__ import annotations

import polars as pl

from extractors.woocommerce.reading import (
    absolute,
    empty_as_null,
    exact,
    noted,
    price_of,
    product_ref,
    reference,
    sign,
    unquoted,
)
from lakehouse.sources import LineKind
from lakehouse.streams import MONEY, ORIGIN

_HEAD = ("record_ref", "version_at", "order_ref", "currency_code", "customer_ref", "country", "occurred_at")
"""What a line takes from its order or refund; there before `goods` and `charges` are called."""

COLUMNS = (
    *_HEAD,
    "order_line_ref",
    "credits_line_ref",
    "line_kind",
    "product_ref",
    "product_title",
    "quantity",
    "unit_price",
    "discount_amount",
    "tax_amount",
)


def goods(head: pl.DataFrame, gift_card_sku: str | None) -> pl.DataFrame:
    """The lines of `line_items`.

    A refund's line may give money back for no units: that is goodwill, one unit of it.

    Args:
        head: Orders or refunds, with the columns that lines take from them.
        gift_card_sku: Regular expression on the SKU of gift cards.
    """
    lines, units = _exploded(head, "line_items"), exact(_of("quantity"))
    sku, meta = _of("sku"), _of("meta_data")
    ref = product_ref(sku, _of("product_id"), _of("variation_id"))
    is_gift_card = noted(meta, "pw_gift_card_amount").is_not_null()
    if gift_card_sku is not None:
        is_gift_card = is_gift_card | sku.str.contains(f"^(?:{gift_card_sku})$")
    total = exact(_of("total"))
    paid = absolute(total)
    # Who raises a price by hand raises the total alone: no discount is negative.
    before = absolute(exact(_of("subtotal")))
    listed = pl.when(before < paid).then(paid).when(paid.is_not_null()).then(before)
    no_units = units == 0
    return lines.select(
        *ORIGIN,
        *_HEAD,
        order_line_ref=_of("id"),
        credits_line_ref=unquoted(noted(meta, "_refunded_item_id")),
        line_kind=pl.when(no_units)
        .then(pl.lit(LineKind.GOODWILL.value))
        .when(is_gift_card.fill_null(value=False))
        .then(pl.lit(LineKind.GIFT_VOUCHER.value))
        # A bundle's own line: its parts stand beside it and are what leaves the stock.
        .when(noted(meta, "_bundled_items").is_not_null() | ref.is_null())
        .then(pl.lit(LineKind.MANUAL.value))
        .otherwise(pl.lit(LineKind.PRODUCT.value)),
        product_ref=pl.coalesce(ref, reference("MANUAL/", _of("name"))),
        product_title=empty_as_null(_of("name")),
        quantity=pl.when(no_units).then(sign(total).cast(pl.String)).otherwise(_of("quantity")),
        unit_price=pl.when(no_units).then(absolute(total).cast(MONEY)).otherwise(price_of(listed, units)),
        discount_amount=pl.when(~no_units).then(listed - paid).cast(MONEY),
        tax_amount=_of("total_tax"),
    )


def charges(head: pl.DataFrame, column: str, kind: LineKind) -> pl.DataFrame:
    """The lines of `shipping_lines` or `fee_lines`: one unit each. A negative fee of an order is a discount."""
    lines, total = _exploded(head, column), exact(_of("total"))
    name = pl.coalesce(empty_as_null(_of("name")), empty_as_null(_of("method_title")))
    what = empty_as_null(_of("method_id")) if kind is LineKind.SHIPPING else name
    is_discount = (total < 0) & noted(_of("meta_data"), "_refunded_item_id").is_null() & pl.lit(kind is LineKind.FEE)
    return lines.select(
        *ORIGIN,
        *_HEAD,
        order_line_ref=_of("id"),
        credits_line_ref=unquoted(noted(_of("meta_data"), "_refunded_item_id")),
        line_kind=pl.when(is_discount).then(pl.lit(LineKind.DISCOUNT.value)).otherwise(pl.lit(kind.value)),
        product_ref=reference(f"{kind.value.upper()}/", what.fill_null("other")),
        product_title=name,
        quantity=sign(total).cast(pl.String),
        unit_price=absolute(total).cast(MONEY),
        discount_amount=pl.lit(None, MONEY),
        tax_amount=_of("total_tax"),
    )


def named(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines in the order of their records."""
    return lines.sort(list(ORIGIN), maintain_order=True)


def _exploded(head: pl.DataFrame, column: str) -> pl.DataFrame:
    lines = head.with_columns(line=pl.col(column)).explode("line")
    return lines.filter(pl.col("line").is_not_null())


def _of(name: str) -> pl.Expr:
    return pl.col("line").struct.field(name)
