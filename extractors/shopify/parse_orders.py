"""Orders with all that belongs to them, as rows of the canonical streams."""

from __future__ import annotations

import polars as pl

from extractors.api.connector import Parsing
from extractors.api.records import Decoded
from extractors.api.rows import Typed, assemble, typed
from extractors.shopify.exact import money, units
from extractors.shopify.order_lines import KEY, Lines, items, lines_of, of, refund_sums, shop, tail, with_facts

_PAYMENT_STATUS = {
    "AUTHORIZED": "authorised",
    "EXPIRED": "voided",
    "PAID": "paid",
    "PARTIALLY_PAID": "pending",
    "PARTIALLY_REFUNDED": "partially_refunded",
    "PENDING": "pending",
    "REFUNDED": "refunded",
    "VOIDED": "voided",
}
_FULFILMENT_STATUS = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial", "IN_PROGRESS": "partial"}
_PAYMENT_KIND = {"AUTHORIZATION": "authorisation", "EMV_AUTHORIZATION": "authorisation", "CHANGE": "refund"}
_PAYMENT_OUTCOME = {"SUCCESS": "success", "PENDING": "pending", "AWAITING_RESPONSE": "pending"}
_RATE_DECIMALS = 100_000_000
_REPEATED = [*KEY, "order_ref", "version", "currency_code", "placed_at"]


def parse_orders(decoded: Decoded) -> Parsing:
    """The tables of some orders; what is wrong with one sets it aside as a whole."""
    orders = with_facts(decoded.frame)
    lines = lines_of(orders)
    return assemble(
        decoded,
        {
            "orders": _orders(orders, lines),
            "order_lines": _order_lines(lines),
            "order_discounts": _discounts(orders),
            "payments": _payments(orders),
            "refunds": _refunds(orders),
            "fulfilments": _fulfilments(orders),
        },
    )


def _version() -> dict[str, pl.Expr]:
    return {"record_ref": pl.col("order_ref"), "version_at": pl.col("version")}


def _orders(orders: pl.DataFrame, lines: Lines) -> Typed:
    frame = orders.join(lines.sums.drop("step"), on=KEY, how="left", maintain_order="left")
    removed = pl.col("counts_removed")

    def kept(bag: str, column: str) -> pl.Expr:
        """A total without what edits removed, where it counts that."""
        return money(shop(pl.col(bag)) - pl.when(removed).then(pl.col(column)).otherwise(0))

    seen = units(pl.col("totalPriceSet").struct.field("presentmentMoney").struct.field("amount")).cast(pl.Int128)
    rate = (seen * _RATE_DECIMALS * 2 + pl.col("total")) // (2 * pl.col("total"))
    rate_text = (rate.cast(pl.Decimal(38, 8)) * pl.lit("0.00000001").cast(pl.Decimal(18, 8))).cast(pl.String)
    same = pl.col("presentmentCurrencyCode") == pl.col("currencyCode")
    financial = pl.col("displayFinancialStatus")
    fulfilment = pl.col("displayFulfillmentStatus")
    cancelled, done = pl.col("cancelledAt").is_not_null(), pl.col("closed") | (fulfilment == "FULFILLED")
    email = pl.col("customer").struct.field("defaultEmailAddress").struct.field("emailAddress")
    return typed(
        frame,
        "orders",
        {
            **_version(),
            "order_ref": pl.col("order_ref"),
            "order_number": pl.col("name"),
            "customer_ref": pl.col("customer_ref"),
            "email_ref": pl.coalesce(pl.col("email"), email).str.strip_chars().str.to_lowercase(),
            "status": pl.when(cancelled)
            .then(pl.lit("cancelled"))
            .when(done)
            .then(pl.lit("completed"))
            .otherwise(pl.lit("open")),
            "payment_status": financial.replace(_PAYMENT_STATUS).str.to_lowercase(),
            "fulfilment_status": fulfilment.replace_strict(_FULFILMENT_STATUS, default="unfulfilled"),
            "source_status": pl.concat_str([financial, fulfilment], separator=" ", ignore_nulls=True),
            "channel": pl.col("channel"),
            "country": pl.col("country"),
            "currency_code": pl.col("currency_code"),
            "presentment_currency_code": pl.col("presentmentCurrencyCode"),
            "presentment_rate": pl.when(same).then(pl.lit("1")).when(pl.col("total") > 0).then(rate_text),
            "is_tax_included": pl.col("taxesIncluded"),
            "is_test": pl.col("test"),
            "subtotal_amount": kept("subtotalPriceSet", "removed_goods"),
            "discount_amount": kept("totalDiscountsSet", "removed_discount"),
            "shipping_amount": money(shop(pl.col("totalShippingPriceSet"))),
            "tax_amount": kept("totalTaxSet", "removed_tax"),
            "total_amount": money(pl.col("kept_total")),
            "refunded_amount": money(shop(pl.col("totalRefundedSet"))),
            "occurred_at": pl.col("placed_at"),
            "cancelled_at": pl.col("cancelledAt"),
            "cancel_reason": pl.col("cancelReason"),
        },
    )


def _order_lines(lines: Lines) -> Typed:
    return typed(
        lines.rows,
        "order_lines",
        {
            **_version(),
            "order_ref": pl.col("order_ref"),
            "order_line_ref": pl.col("order_line_ref"),
            "credits_line_ref": pl.col("credits"),
            "line_kind": pl.col("line_kind"),
            "product_ref": pl.col("product_ref"),
            "product_title": pl.col("title"),
            "quantity": pl.col("quantity"),
            "unit_price": money(pl.col("unit")),
            "discount_amount": money(pl.col("discount")),
            "tax_amount": money(pl.col("tax")),
            "currency_code": pl.col("currency_code"),
            "customer_ref": pl.col("customer_ref"),
            "country": pl.col("country"),
            "channel": pl.col("channel"),
            "occurred_at": pl.col("at"),
        },
    )


def _discounts(orders: pl.DataFrame) -> Typed:
    """What each discount took off what was ordered: summed over the lines that it was allocated to."""
    found = []
    for connection in ("lineItems", "shippingLines"):
        lines = items(orders, pl.col(connection).struct.field("nodes"), [*_REPEATED, "step"])
        ordered = of("quantity").cast(pl.Int64) if connection == "lineItems" else pl.lit(1, pl.Int64)
        lines = lines.with_columns(ordered=ordered, parts=of("discountAllocations"))
        found.append(items(lines, pl.col("parts"), [*_REPEATED, "step"]))
    application = of("discountApplication")
    rows = pl.concat(found).with_columns(
        index=application.struct.field("index"),
        code=application.struct.field("code"),
        target=application.struct.field("targetType"),
        is_share=application.struct.field("value").struct.field("__typename") == "PricingPercentageValue",
        amount=shop(of("allocatedAmountSet")),
    )
    sums = rows.group_by([*_REPEATED, "index"], maintain_order=True).agg(
        pl.col("code").first(), pl.col("target").first(), pl.col("is_share").first(), pl.col("amount").sum()
    )
    kind = pl.when(pl.col("is_share")).then(pl.lit("percentage")).otherwise(pl.lit("fixed_amount"))
    return typed(
        sums,
        "order_discounts",
        {
            **_version(),
            "order_ref": pl.col("order_ref"),
            "discount_code": pl.col("code"),
            "discount_kind": pl.when(pl.col("target") == "SHIPPING_LINE").then(pl.lit("free_shipping")).otherwise(kind),
            "discount_amount": money(pl.col("amount")),
            "currency_code": pl.col("currency_code"),
            "occurred_at": pl.col("placed_at"),
        },
    )


def _payments(orders: pl.DataFrame) -> Typed:
    rows = items(orders, pl.col("transactions"), _REPEATED).filter(of("kind") != "SUGGESTED_REFUND")
    fee = pl.element().struct.field("amount").struct.field("amount")
    fees = of("fees").list.eval(units(fee)).list.sum()
    return typed(
        rows,
        "payments",
        {
            **_version(),
            "payment_ref": tail(of("id")),
            "order_ref": pl.col("order_ref"),
            "payment_kind": of("kind").replace(_PAYMENT_KIND).str.to_lowercase(),
            "payment_status": of("status").replace_strict(_PAYMENT_OUTCOME, default="failure"),
            "gateway": of("gateway"),
            "amount": money(shop(of("amountSet"))),
            "fee_amount": pl.when(of("fees").list.len() > 0).then(money(fees)),
            "currency_code": of("amountSet").struct.field("shopMoney").struct.field("currencyCode"),
            "occurred_at": pl.coalesce(of("processedAt"), of("createdAt")),
        },
    )


def _refunds(orders: pl.DataFrame) -> Typed:
    rows = refund_sums(orders)
    included = pl.col("taxesIncluded")
    shipping = pl.col("shipping") - pl.when(included).then(pl.col("shipping_tax")).otherwise(0)
    restocked = of("refundLineItems").struct.field("nodes").list.eval(pl.element().struct.field("restocked"))
    return typed(
        rows,
        "refunds",
        {
            **_version(),
            "refund_ref": tail(pl.col("refund_id")),
            "order_ref": pl.col("order_ref"),
            "amount": money(pl.col("refunded")),
            "tax_amount": money(pl.col("goods_tax") + pl.col("shipping_tax") - pl.col("adjusted_tax")),
            "shipping_amount": money(shipping),
            "currency_code": pl.col("currency_code"),
            "reason": of("note"),
            "is_restocked": restocked.list.any().fill_null(value=False),
            "occurred_at": pl.col("refunded_at"),
        },
    )


def _fulfilments(orders: pl.DataFrame) -> Typed:
    rows = items(orders, pl.col("fulfillments"), _REPEATED)
    return typed(
        rows,
        "fulfilments",
        {
            **_version(),
            "fulfilment_ref": tail(of("id")),
            "order_ref": pl.col("order_ref"),
            "location_ref": tail(of("location").struct.field("id")),
            "status": pl.coalesce(of("displayStatus"), of("status")),
            "carrier": of("trackingInfo").list.first().struct.field("company"),
            "quantity": of("totalQuantity"),
            "occurred_at": of("createdAt"),
            "shipped_at": of("inTransitAt"),
            "delivered_at": of("deliveredAt"),
        },
    )
