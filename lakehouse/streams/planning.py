"""What was planned, and what the calendar holds."""

from __future__ import annotations

from lakehouse.streams.model import Stream, day, flag, happened, money, text

TARGETS = Stream(
    "targets",
    (
        day("target_month", "First day of the month.", required=True),
        text("team", "Whose target it is.", required=True),
        text("metric", "What is measured: net_sales, margin, orders …", required=True),
        money("target_value", "What is to be reached, in the metric's unit.", required=True),
        text("currency_code", "Currency of a target that is an amount (ISO 4217)."),
        happened("The beginning of that month"),
    ),
)

HOLIDAYS = Stream(
    "holidays",
    (
        day("holiday_date", "The day.", required=True),
        text("country", "Country code (ISO 3166-1 alpha-2).", required=True),
        text("region", "Part of the country; empty: all of it."),
        text("name", "Its name in English.", required=True),
        text("name_zh", "Its name in Chinese, where it is known."),
        text("name_local", "Its name in the country's own language."),
        text("holiday_kind", "public, or retail for days of trade such as Singles' Day.", required=True),
        flag("is_observed", "Whether it stands for a holiday that fell on a weekend."),
        happened("The beginning of that day"),
    ),
)

STREAMS = (TARGETS, HOLIDAYS)
