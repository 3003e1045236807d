"""From orders as WooCommerce gives them to `orders`, `order_lines`, `order_discounts` and `payments`.

Amounts of lines are without tax in WooCommerce, whether prices held it or not (`prices_include_tax`).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from extractors.api.connector import Parsing
from extractors.api.records import Record, decode
from extractors.api.rows import Typed, typed
from extractors.woocommerce.lines import COLUMNS, charges, goods, named
from extractors.woocommerce.payments import payments
from extractors.woocommerce.reading import (
    EXACT,
    HALF_A_CENT,
    Seen,
    absolute,
    empty_as_null,
    exact,
    noted,
    reference,
    sign,
    summed,
    unquoted,
    utc,
    zero,
)
from extractors.woocommerce.shapes import ORDER
from lakehouse.sources import LineKind
from lakehouse.streams import MONEY, ORIGIN

_STATUS = {
    "pending": "open",
    "on-hold": "open",
    "processing": "open",
    "completed": "completed",
    "refunded": "completed",
    "cancelled": "cancelled",
    "failed": "cancelled",
}
_KEY = list(ORIGIN)


def parse_orders(incoming: Iterable[Record], seen: Seen, gift_card_sku: str | None) -> Parsing:
    """Orders.

    Args:
        incoming: The records of some pages.
        seen: What came before in this load.
        gift_card_sku: Regular expression on the SKU of gift cards.
    """
    decoded = decode(seen.fresh(incoming), ORDER)
    lines = _lines(decoded.frame, gift_card_sku)
    tables = {
        "orders": typed(decoded.frame, "orders", _order_columns()),
        "order_lines": typed(lines, "order_lines", {name: pl.col(name) for name in COLUMNS}),
        "order_discounts": _discounts(decoded.frame),
        "payments": payments(decoded.frame),
    }
    return seen.assembled(decoded, tables)


def _included() -> pl.Expr:
    return pl.col("prices_include_tax").fill_null(value=False)


def _with_tax_where_shown(amount: str, tax: str) -> pl.Expr:
    """An amount as the customer saw it."""
    net = exact(pl.col(amount))
    return pl.when(_included()).then(net + exact(pl.col(tax))).otherwise(net)


def _order_columns() -> dict[str, pl.Expr | str]:
    shipping = _with_tax_where_shown("shipping_total", "shipping_tax")
    shown_total = exact(pl.col("total")) - pl.when(_included()).then(zero()).otherwise(exact(pl.col("total_tax")))
    given_back = -summed("refunds", "total")
    gone = pl.col("status").is_in(["cancelled", "failed"])
    return {
        "record_ref": pl.col("id"),
        "version_at": utc("date_modified_gmt"),
        "order_ref": pl.col("id"),
        "order_number": pl.col("number"),
        "customer_ref": _customer(),
        "email_ref": empty_as_null(pl.col("billing").struct.field("email").str.strip_chars().str.to_lowercase()),
        "status": pl.col("status").replace_strict(_STATUS, default="open"),
        "payment_status": _payment_status(given_back),
        "fulfilment_status": pl.when(pl.col("status") == "completed")
        .then(pl.lit("fulfilled"))
        .when(~gone)
        .then(pl.lit("unfulfilled")),
        "source_status": pl.col("status"),
        "country": _country(),
        "currency_code": pl.col("currency"),
        "presentment_currency_code": pl.col("currency"),
        "is_tax_included": pl.col("prices_include_tax"),
        "is_test": _is_test(),
        "subtotal_amount": shown_total - shipping,
        "discount_amount": _with_tax_where_shown("discount_total", "discount_tax"),
        "shipping_amount": shipping,
        "tax_amount": pl.col("total_tax"),
        "total_amount": pl.col("total"),
        "refunded_amount": given_back,
        "occurred_at": utc("date_created_gmt"),
        # WooCommerce keeps no time of cancellation: the last change of a cancelled order is the latest it can be.
        "cancelled_at": pl.when(gone).then(utc("date_modified_gmt")),
    }


def _customer() -> pl.Expr:
    """Guests are customer 0 (quirk 11)."""
    return pl.when(pl.col("customer_id") != "0").then(pl.col("customer_id"))


def _country() -> pl.Expr:
    billed = empty_as_null(pl.col("billing").struct.field("country"))
    return pl.coalesce(billed, empty_as_null(pl.col("shipping").struct.field("country")))


def _is_test() -> pl.Expr:
    """WooPayments notes `_wcpay_mode`: test; WooCommerce's own analytics leave out the same orders (quirk 10)."""
    return (unquoted(noted(pl.col("meta_data"), "_wcpay_mode")) == "test").fill_null(value=False)


def _payment_status(given_back: pl.Expr) -> pl.Expr:
    is_paid = empty_as_null(pl.col("date_paid_gmt")).is_not_null()
    total, back = exact(pl.col("total")), given_back
    return (
        pl.when((back > 0) & (back >= total))
        .then(pl.lit("refunded"))
        .when(back > 0)
        .then(pl.lit("partially_refunded"))
        .when(is_paid)
        .then(pl.lit("paid"))
        .when(pl.col("status").is_in(["cancelled", "failed"]))
        .then(pl.lit("voided"))
        # Cash on delivery is paid by the time the order is completed, and has no date of payment before.
        .when(pl.col("status") == "completed")
        .then(pl.lit("paid"))
        .otherwise(pl.lit("pending"))
    )


def _lines(orders: pl.DataFrame, gift_card_sku: str | None) -> pl.DataFrame:
    """All lines of the orders, and one more where the lines do not add up to the order (quirk 9)."""
    head = orders.with_columns(
        record_ref=pl.col("id"),
        version_at=utc("date_modified_gmt"),
        order_ref=pl.col("id"),
        currency_code=pl.col("currency"),
        customer_ref=_customer(),
        country=_country(),
        occurred_at=utc("date_created_gmt"),
    )
    told = pl.concat(
        [
            goods(head, gift_card_sku),
            charges(head, "shipping_lines", LineKind.SHIPPING),
            charges(head, "fee_lines", LineKind.FEE),
        ]
    )
    return named(pl.concat([told, _rounding(head, told)]))


def _rounding(orders: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """What the order's total has and its lines have not, to the cent."""
    paid = pl.col("unit_price").cast(EXACT) * pl.col("quantity").cast(pl.Int64, strict=False).cast(EXACT)
    sums = told.group_by(_KEY).agg(
        lines_net=(paid - pl.col("discount_amount").cast(EXACT).fill_null(zero())).sum(),
        lines_tax=exact(pl.col("tax_amount")).sum(),
    )
    net = exact(pl.col("total")) - exact(pl.col("total_tax"))
    rest = orders.join(sums, on=_KEY, how="left").with_columns(
        rest=net - pl.col("lines_net").fill_null(zero()),
        tax_rest=exact(pl.col("total_tax")) - pl.col("lines_tax").fill_null(zero()),
    )
    off = rest.filter((absolute(pl.col("rest")) >= HALF_A_CENT) | (absolute(pl.col("tax_rest")) >= HALF_A_CENT))
    return off.with_columns(
        order_line_ref=reference(pl.col("id"), "-rounding"),
        credits_line_ref=pl.lit(None, pl.String),
        line_kind=pl.lit(LineKind.ROUNDING.value),
        product_ref=pl.lit("ROUNDING"),
        product_title=pl.lit("Rounding"),
        quantity=sign(pl.col("rest")).cast(pl.String),
        unit_price=absolute(pl.col("rest")).cast(MONEY),
        discount_amount=pl.lit(None, MONEY),
        tax_amount=pl.col("tax_rest").cast(pl.String),
    ).select(told.columns)


def _discounts(orders: pl.DataFrame) -> Typed:
    lines = orders.explode("coupon_lines").filter(pl.col("coupon_lines").is_not_null())
    fields = lines.with_columns(line=pl.col("coupon_lines"))

    def of(name: str) -> pl.Expr:
        return pl.col("line").struct.field(name)

    net = exact(of("discount"))
    return typed(
        fields,
        "order_discounts",
        {
            "record_ref": pl.col("id"),
            "version_at": utc("date_modified_gmt"),
            "order_ref": pl.col("id"),
            "discount_ref": of("id"),
            "discount_code": of("code"),
            "discount_kind": discount_kind(of("discount_type"), of("free_shipping") == "true"),
            "discount_amount": pl.when(_included()).then(net + exact(of("discount_tax"))).otherwise(net),
            "currency_code": pl.col("currency"),
            "occurred_at": utc("date_created_gmt"),
        },
    )


def discount_kind(kind: pl.Expr, is_free_shipping: pl.Expr) -> pl.Expr:
    """A coupon's kind in the streams' words."""
    return (
        pl.when(is_free_shipping.fill_null(value=False))
        .then(pl.lit("free_shipping"))
        .when(kind == "percent")
        .then(pl.lit("percentage"))
        .when(kind.is_in(["fixed_cart", "fixed_product"]))
        .then(pl.lit("fixed_amount"))
    )
