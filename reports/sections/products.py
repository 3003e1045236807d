"""What moved sales, what sold best, and what is bought together."""

from __future__ import annotations

from typing import Any

import polars as pl

from reports.formatting import NONE
from reports.sections import known
from reports.sections.kit import Kit, Model, column, table
from reports.tables import ReportTables

DRIVERS, TOP, PAIRS = 3, 12, 10


def drivers(kit: Kit, tables: ReportTables) -> Model:
    """The three largest rises and falls against last week, by product and by country."""
    t = kit.words.t
    blocks = []
    for dimension, title in (("product", t("Products")), ("country", t("Countries"))):
        rows = tables.drivers.filter(pl.col("dimension") == dimension)
        largest = float(rows["change_shop"].cast(pl.Float64).abs().max() or 0.0) if rows.height else 0.0  # type: ignore[arg-type]
        up = rows.filter((pl.col("rank_up") <= DRIVERS) & (pl.col("change_shop") > 0)).sort("rank_up")
        down = rows.filter((pl.col("rank_down") <= DRIVERS) & (pl.col("change_shop") < 0)).sort("rank_down")
        both = [*up.to_dicts(), *down.to_dicts()[::-1]]
        columns = [
            column(title),
            column(t("This week"), right=True),
            column(t("Change"), right=True),
            column(t("Down · up")),
        ]
        drawn = [_driver(kit, row, dimension, largest) for row in both]
        blocks.append(table(columns, drawn, empty=t("Nothing to compare with the week before.")))
    return {
        "title": _message(kit, tables),
        "subtitle": t("Net sales, change against the week before."),
        "blocks": blocks,
    }


def _driver(kit: Kit, row: dict[str, Any], dimension: str, largest: float) -> list[Any]:
    name = (
        known.country(kit.words, row["dimension_key"], row["title"] or row["dimension_key"])
        if dimension == "country"
        else kit.product(row["title"], row["dimension_key"], limit=36)
    )
    change = float(row["change_shop"])
    tone = "good" if change > 0 else "bad"
    share = round(change / largest, 4) if largest else 0.0
    return [
        name,
        kit.fmt.money(row["net_sales_shop"]),
        kit.fmt.money_change(change),
        {"text": "", "swing": share, "tone": tone},
    ]


def _message(kit: Kit, tables: ReportTables) -> str:
    t = kit.words.t
    countries = tables.drivers.filter(pl.col("dimension") == "country")
    products = tables.drivers.filter(pl.col("dimension") == "product")
    if products.is_empty() and countries.is_empty():
        return t("What moved sales")
    named = []
    for rows, is_country in ((countries, True), (products, False)):
        if rows.height:
            row = rows.sort(pl.col("change_shop").abs(), descending=True).to_dicts()[0]
            key, title = row["dimension_key"], row["title"]
            name = known.country(kit.words, key, title or key) if is_country else kit.product(title, key, limit=34)
            named.append(t("{name} {change}", name=name, change=kit.fmt.money_change(float(row["change_shop"]))))
    return t("What moved sales most: {names}", names=t(", ").join(named))


def top(kit: Kit, tables: ReportTables) -> Model:
    """The products with the largest net sales."""
    t, fmt = kit.words.t, kit.fmt
    rows = tables.top.head(TOP)
    drawn = [
        [
            fmt.count(row["rank"]),
            kit.product(row["product_title"], row["product_id"], limit=60),
            kit.product(None, row["product_id"]),
            fmt.count(row["units"]),
            fmt.money(row["net_sales_shop"]),
            fmt.change(row["net_sales_shop"], row["previous_net_sales_shop"])
            if row["previous_net_sales_shop"]
            else t("new"),
            fmt.money(row["returns_shop"]) if row["returns_shop"] else NONE,
        ]
        for row in rows.to_dicts()
    ]
    labels = (t("Units"), t("Net sales"), t("vs last week"), t("Returns"))
    columns = [
        column(t("No."), right=True),
        column(t("Product")),
        column(t("Code")),
        *[column(label, right=True) for label in labels],
    ]
    return {
        **table(columns, drawn, empty=t("No product was sold in this week.")),
        "title": _top_message(kit, tables, rows),
    }


def _top_message(kit: Kit, tables: ReportTables, rows: pl.DataFrame) -> str:
    t = kit.words.t
    week = tables.weekly.filter(pl.col("week_start_date") == tables.week)
    net = float(week["net_sales_shop"][0]) if week.height else 0.0
    if rows.height < 2 or net <= 0:
        return t("What sold best")
    share = float(rows["net_sales_shop"].cast(pl.Float64).sum()) / net
    return t("The {count} best sellers made {share} of net sales", count=rows.height, share=kit.fmt.rate(share))


def _varied(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The strongest pairs in which each product comes once, so that one family does not fill the table."""
    seen: set[str] = set()
    kept = []
    for row in rows:
        codes = {row["product_id_a"], row["product_id_b"]}
        if not codes & seen:
            kept.append(row)
            seen |= codes
        if len(kept) == PAIRS:
            break
    return kept


def pairs(kit: Kit, tables: ReportTables) -> Model:
    """Products that are bought together far more often than chance would have it."""
    t, fmt = kit.words.t, kit.fmt
    rows = _varied(tables.pairs.to_dicts())
    drawn = [
        [
            kit.product(row["product_title_a"], row["product_id_a"], limit=40),
            kit.product(row["product_title_b"], row["product_id_b"], limit=40),
            fmt.count(row["together_count"]),
            fmt.rate(row["confidence"]),
            t("{times}×", times=fmt.count(row["lift"], 1)),
        ]
        for row in rows
    ]
    labels = (t("Orders with both"), t("Also buy it"), t("Lift"))
    columns = [column(t("Who buys")), column(t("also buys")), *[column(label, right=True) for label in labels]]
    title = t("What is bought together")
    if rows:
        title = t(
            "{share} of orders with {first} also hold {second}",
            share=fmt.rate(rows[0]["confidence"]),
            first=kit.product(rows[0]["product_title_a"], rows[0]["product_id_a"], limit=32),
            second=kit.product(rows[0]["product_title_b"], rows[0]["product_id_b"], limit=32),
        )
    subtitle = t("Pairs to show side by side or offer as a set; each product once, in its strongest pair.")
    return {**table(columns, drawn, empty=t("No pair was found yet.")), "title": title, "subtitle": subtitle}
