"""What a marketplace or a gateway settles, and what currencies are worth."""

from __future__ import annotations

from lakehouse.streams.model import (
    ANY_ORDER,
    ANY_PRODUCT,
    CHANNEL,
    CURRENCY,
    Stream,
    day,
    happened,
    instant,
    money,
    number,
    rate,
    text,
)

PAYOUTS = Stream(
    "payouts",
    (
        text("payout_ref", "The source's number of the payout or settlement.", required=True),
        text("status", "The source's word for its state."),
        money("amount", "What was transferred; negative where the merchant owes.", required=True),
        CURRENCY,
        instant("period_start_at", "First moment that it settles."),
        instant("period_end_at", "First moment after it."),
        happened("When it was issued"),
    ),
)

SETTLEMENT_LINES = Stream(
    "settlement_lines",
    (
        text("settlement_line_ref", "The source's number of the line, or one made of its place."),
        text("payout_ref", "The payout that it is part of, once there is one."),
        ANY_ORDER,
        text("order_line_ref", "The line of the order, where it is known."),
        ANY_PRODUCT,
        text(
            "line_kind", "sale, refund, fee, tax, shipping, promotion, adjustment, reserve or transfer.", required=True
        ),
        text("source_kind", "The source's words for it, levels parted by ' > '.", required=True),
        number("quantity", "Units concerned, where the source says so."),
        money("amount", "What it adds to the payout; negative where it takes away.", required=True),
        CURRENCY,
        CHANNEL,
        happened("When it was posted"),
    ),
    parents=("payouts",),
)

SALES_TRAFFIC = Stream(
    "sales_traffic",
    (
        day("report_date", "The marketplace's day.", required=True),
        text("asin", "Amazon's number of the product; empty: all products together."),
        ANY_PRODUCT,
        CHANNEL,
        number("session_count", "Visits."),
        number("page_view_count", "Pages seen."),
        rate("featured_offer_pct", "Percent of page views on which our offer was the featured one."),
        number("ordered_units", "Units ordered."),
        number("order_item_count", "Order items."),
        money("ordered_amount", "Product sales as the marketplace counts them."),
        number("refunded_units", "Units refunded."),
        CURRENCY,
        happened("The beginning of that day"),
    ),
)

FX_RATES = Stream(
    "fx_rates",
    (
        day("rate_date", "The day of the fixing.", required=True),
        text("base_currency_code", "The currency of which one unit is priced (ISO 4217).", required=True),
        CURRENCY,
        rate("rate", "Units of `currency_code` for one unit of the base currency.", required=True),
        happened("The beginning of that day"),
    ),
)

STREAMS = (PAYOUTS, SETTLEMENT_LINES, SALES_TRAFFIC, FX_RATES)
