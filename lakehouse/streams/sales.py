"""What was ordered, paid, sent, and taken back."""

from __future__ import annotations

from lakehouse.streams.model import (
    ANY_PRODUCT,
    CHANNEL,
    COUNTRY,
    CURRENCY,
    CUSTOMER,
    EMAIL,
    ORDER,
    PRODUCT,
    Stream,
    flag,
    happened,
    instant,
    money,
    number,
    rate,
    text,
)

ORDERS = Stream(
    "orders",
    (
        ORDER,
        text("order_number", "The number that people see, where it is another one."),
        CUSTOMER,
        EMAIL,
        text(
            "status",
            "open, completed or cancelled, in the words of this platform; empty: the source tells of none.",
        ),
        text("payment_status", "pending, authorised, paid, partially_refunded, refunded or voided."),
        text("fulfilment_status", "unfulfilled, partial or fulfilled."),
        text("source_status", "The source's own word for the order's state."),
        CHANNEL,
        COUNTRY,
        CURRENCY,
        text("presentment_currency_code", "Currency in which the customer saw and paid (ISO 4217)."),
        rate("presentment_rate", "Units of the presentment currency for one unit of `currency_code`."),
        flag("is_tax_included", "Whether the prices that the customer saw held the tax."),
        flag("is_test", "Whether it is a trial order, which no measure may count."),
        money("subtotal_amount", "Goods after discounts, without shipping; with tax where prices hold it."),
        money("discount_amount", "All discounts, not negative."),
        money("shipping_amount", "Shipping as charged, with tax where prices hold it."),
        money("tax_amount", "All taxes."),
        money("total_amount", "What the customer has to pay, after edits and before refunds; null while unknown."),
        money("refunded_amount", "What was given back so far, not negative, where the source says so."),
        happened("When it was placed"),
        instant("cancelled_at", "When it was cancelled."),
        text("cancel_reason", "Why, in the source's words."),
    ),
    once=("order_ref",),
)

ORDER_LINES = Stream(
    "order_lines",
    (
        ORDER,
        text("order_line_ref", "The source's number of the line, where it has one."),
        text("credits_line_ref", "The line of the same order that this line takes back, where the source says so."),
        text("line_kind", "What the line stands for, where the source says so; see `lakehouse.sources.LineKind`."),
        PRODUCT,
        text("product_title", "The product's name on this line."),
        number("quantity", "Units; negative where goods or money go back.", required=True),
        money(
            "unit_price",
            "Price of one unit in `currency_code`, before discounts, without tax.",
            required=True,
        ),
        money("discount_amount", "Discount on the whole line in `currency_code`, not negative, without tax."),
        money("tax_amount", "Tax on the whole line in `currency_code`; negative where it goes back."),
        CURRENCY,
        CUSTOMER,
        COUNTRY,
        CHANNEL,
        happened("When the line was ordered, or taken back"),
    ),
    parents=(
        "orders",
        "refunds",
        "customer_returns",
    ),
)

ORDER_DISCOUNTS = Stream(
    "order_discounts",
    (
        ORDER,
        text("discount_ref", "The source's number of the discount, where it has one."),
        text("discount_code", "The code that the customer typed; empty for an automatic discount."),
        text("discount_kind", "percentage, fixed_amount or free_shipping."),
        money("discount_amount", "What it took off this order, not negative."),
        CURRENCY,
        happened("When the order was placed"),
    ),
    parents=("orders",),
)

PAYMENTS = Stream(
    "payments",
    (
        text("payment_ref", "The source's number of the transaction.", required=True),
        ORDER,
        text("payment_kind", "authorisation, sale, capture, refund or void."),
        text("payment_status", "success, pending or failure."),
        text("gateway", "Who moved the money."),
        money("amount", "What was moved, not negative; its direction is in `payment_kind`.", required=True),
        money("fee_amount", "What the gateway kept, not negative."),
        CURRENCY,
        happened("When it was moved"),
    ),
    parents=("orders", "refunds"),
)

REFUNDS = Stream(
    "refunds",
    (
        text("refund_ref", "The source's number of the refund.", required=True),
        ORDER,
        money("amount", "All that was given back, tax and shipping included, not negative.", required=True),
        money("tax_amount", "The tax within it."),
        money("shipping_amount", "The shipping within it, without tax."),
        CURRENCY,
        text("reason", "Why, in the source's words."),
        flag("is_restocked", "Whether goods went back to stock."),
        happened("When it was given"),
    ),
    parents=("orders",),
)

FULFILMENTS = Stream(
    "fulfilments",
    (
        text("fulfilment_ref", "The source's number of the consignment.", required=True),
        ORDER,
        text("location_ref", "Where it left from."),
        text("status", "The source's word for its state."),
        text("carrier", "Who carries it."),
        number("quantity", "Units in it."),
        happened("When it was made up"),
        instant("shipped_at", "When it left."),
        instant("delivered_at", "When it arrived."),
    ),
    parents=("orders",),
)

CARTS = Stream(
    "carts",
    (
        text("cart_ref", "The source's number of the basket or unfinished checkout.", required=True),
        CUSTOMER,
        EMAIL,
        CHANNEL,
        COUNTRY,
        money("total_amount", "What it would have cost."),
        CURRENCY,
        happened("When it was begun"),
        instant("completed_at", "When it became an order; empty: it was left."),
    ),
)

CART_LINES = Stream(
    "cart_lines",
    (
        text("cart_ref", "The source's number of the basket or unfinished checkout.", required=True),
        text("cart_line_ref", "The source's number of the line."),
        ANY_PRODUCT,
        text("product_title", "The product's name on this line."),
        number("quantity", "Units.", required=True),
        money("unit_price", "Price of one unit as shown."),
        CURRENCY,
        happened("When the basket was begun"),
    ),
    parents=("carts",),
)

CUSTOMER_RETURNS = Stream(
    "customer_returns",
    (
        text("return_ref", "The source's number of the return, where it has one."),
        ORDER,
        PRODUCT,
        number("quantity", "Units that came back.", required=True),
        text("reason", "Why, in the source's words."),
        text("disposition", "sellable, damaged or defective, or the source's word."),
        text("location_ref", "Where they came back to."),
        happened("When they came back"),
    ),
    parents=("orders",),
)

DELETIONS = Stream(
    "deletions",
    (
        text("entity", "The stream whose record is gone: orders, products or customers.", required=True),
        text("deletion_kind", "trashed, deleted or vanished.", required=True),
        happened("When the source was asked and had it no more"),
    ),
)

STREAMS = (
    ORDERS,
    ORDER_LINES,
    ORDER_DISCOUNTS,
    PAYMENTS,
    REFUNDS,
    FULFILMENTS,
    CARTS,
    CART_LINES,
    CUSTOMER_RETURNS,
    DELETIONS,
)
