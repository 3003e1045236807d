"""Where competitors are cheaper than we are, and how far we could follow."""

from __future__ import annotations

from typing import Any

import polars as pl

from reports.formatting import NONE
from reports.rules import undercuts
from reports.sections.kit import Kit, Model, column, marked, table
from reports.tables import ReportTables

ROWS = 8
_TONES = {"high": "bad", "medium": "warn", "low": "neutral"}


def alerts(kit: Kit, tables: ReportTables) -> Model:
    """Products that a competitor has for less, the most grievous first.

    `is_watched` is false where no competitor's offer is known: the section then has nothing to say.
    """
    t, fmt = kit.words.t, kit.fmt
    rows = undercuts(tables).head(ROWS)
    drawn = [_row(kit, row) for row in rows.to_dicts()]
    columns = [
        column(t("Product")),
        column(t("Code")),
        column(t("Our price"), right=True),
        column(t("Competitor")),
        column(t("Theirs"), right=True),
        column(t("Against ours")),
        column(t("For, days"), right=True),
        column(t("We could go to"), right=True),
    ]
    positions = tables.positions
    compared = positions.filter(pl.col("is_cheapest").is_not_null())
    as_of = positions["price_date"].max()
    subtitle = t(
        "On {day}, {compared} products of ours could be compared with competitors who have them in stock; for {share} "
        "of them we are the cheapest. We could go to the competitor's price, no lower than our cost and margin allow.",
        day=fmt.day(as_of),  # type: ignore[arg-type]  # the greatest of a column of days is a day
        compared=fmt.count(compared.height),
        share=fmt.rate(float(compared["is_cheapest"].cast(pl.Float64).mean() or 0.0)) if compared.height else NONE,  # type: ignore[arg-type]
    )
    return {
        **table(columns, drawn, empty=t("Nobody who has them in stock is clearly below our prices.")),
        "title": _message(kit, tables),
        "subtitle": subtitle,
        "is_watched": not positions.is_empty(),
    }


def _row(kit: Kit, row: dict[str, Any]) -> list[Any]:
    t, fmt = kit.words.t, kit.fmt
    verdict = marked(t("{share} lower", share=fmt.rate(float(row["below_ours_pct"]) / 100)), _TONES[row["severity"]])
    return [
        kit.product(row["product_title"], row["product_id"], limit=44),
        kit.product(None, row["product_id"]),
        fmt.money(row["own_price_shop"]),
        kit.product(row["competitor_title"], row["source"], limit=28),
        fmt.money(row["competitor_price_shop"]),
        verdict,
        fmt.count(row["day_count"]),
        fmt.money(row["suggested_price_shop"]),
    ]


def _message(kit: Kit, tables: ReportTables) -> str:
    rows = undercuts(tables)
    count = rows["product_id"].n_unique()
    if tables.positions.is_empty() or not count:
        return kit.words.t("Competitors' prices")
    worst = rows.to_dicts()[0]
    return kit.words.n(
        "Competitors are below our price of {count} product; first {product}, by {share}",
        "Competitors are below our prices of {count} products; first {product}, by {share}",
        count,
        count=kit.fmt.count(count),
        product=kit.product(worst["product_title"], worst["product_id"], limit=40),
        share=kit.fmt.rate(float(worst["below_ours_pct"]) / 100),
    )
