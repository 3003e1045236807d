"""What visitors did, what it cost to bring them, and what customers had to say."""

from __future__ import annotations

from lakehouse.streams.model import (
    ANY_ORDER,
    ANY_PRODUCT,
    CHANNEL,
    COUNTRY,
    CURRENCY,
    CUSTOMER,
    Stream,
    day,
    happened,
    instant,
    money,
    number,
    person,
    rate,
    text,
)

EVENTS = Stream(
    "events",
    (
        text("event_ref", "The tool's number of the event.", required=True),
        text(
            "event_kind",
            "page_view, search, product_view, favourite, add_to_cart, remove_from_cart, checkout or purchase.",
            required=True,
        ),
        person("visitor_ref", "The tool's number of the browser or device."),
        CUSTOMER,
        text("session_ref", "The tool's own session, where it makes any."),
        ANY_PRODUCT,
        ANY_ORDER,
        text("search_query", "What was searched for, in lower case."),
        number("result_count", "How many results the search had."),
        text("page_path", "The page, without host and parameters."),
        text("device", "desktop, mobile, tablet or other."),
        COUNTRY,
        CHANNEL,
        text("utm_source", "Where the visitor came from."),
        text("utm_medium", "By what kind of way."),
        text("utm_campaign", "By which campaign."),
        number("quantity", "Units concerned."),
        money("amount", "Value concerned."),
        text("currency_code", "Currency of the amount (ISO 4217)."),
        happened("When it happened, by the visitor's clock as the tool corrected it"),
        instant("received_at", "When the tool received it."),
    ),
    once=("event_ref",),
)

AD_SPEND = Stream(
    "ad_spend",
    (
        day("spend_date", "The advertising account's day.", required=True),
        text("platform", "google, meta, amazon or another.", required=True),
        text("campaign_ref", "The platform's number of the campaign.", required=True),
        text("campaign_name", "Its name."),
        text("ad_group_ref", "The platform's number or name of the ad group or ad set."),
        ANY_PRODUCT,
        COUNTRY,
        number("impression_count", "How often it was shown."),
        number("click_count", "How often it was clicked."),
        money("cost_amount", "What it cost.", required=True),
        rate("conversion_count", "Purchases that the platform claims; may be fractions."),
        money("conversion_amount", "Their value, as the platform claims."),
        CURRENCY,
        happened("The beginning of that day"),
    ),
)

TICKETS = Stream(
    "tickets",
    (
        text("ticket_ref", "The helpdesk's number of the ticket.", required=True),
        ANY_ORDER,
        CUSTOMER,
        text("contact_channel", "email, chat, phone or another."),
        text("category", "What it is about."),
        text("priority", "low, normal, high or urgent."),
        text("status", "open, pending or solved."),
        person("agent_ref", "Who works on it."),
        text("team", "The team that works on it."),
        number("satisfaction", "The customer's mark, 1 to 5."),
        happened("When it was opened"),
        instant("first_reply_at", "When it was answered first."),
        instant("solved_at", "When it was solved."),
    ),
)

STREAMS = (EVENTS, AD_SPEND, TICKETS)
