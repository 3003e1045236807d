"""The purchase list: what to order, how much, from whom, by when, and why."""

from __future__ import annotations

from typing import Any

import polars as pl

from reports.formatting import NONE
from reports.rules import to_order
from reports.sections import known
from reports.sections.kit import Kit, Model, column, marked, table, titled
from reports.tables import ReportTables

ROWS = 40
ROWS_WITHOUT_ORDERS = 12
_TONES = {"order_now": "bad", "order_soon": "warn", "ok": "good", "no_demand": "neutral"}


def purchase_list(kit: Kit, tables: ReportTables, *, rows: int | None = ROWS) -> Model:
    """The products to order, the most urgent first.

    Args:
        kit: Words and formats.
        tables: The report's tables.
        rows: Longest list to show; None for every product.
    """
    t = kit.words.t
    due = tables.purchases.filter(pl.col("action").is_in(["order_now", "order_soon"]))
    listed = due if due.height else tables.purchases.filter(pl.col("action") == "ok").head(ROWS_WITHOUT_ORDERS)
    if rows is None:
        listed = tables.purchases
    shown = listed.head(rows) if rows is not None else listed
    drawn = [_row(kit, row) for row in shown.to_dicts()]
    model = table(_columns(kit), drawn, total=_total(kit, due), empty=t("There is no purchase list yet."))
    return {
        **model,
        "due": due.height,
        "title": _message(kit, tables),
        "subtitle": _subtitle(kit, tables, due.height),
        "rule": t(
            "How it is worked out: an order is due when stock on hand is below its target, the demand until the next "
            "order's delivery that the service level allows for; it fills stock up to the target. It is due now when "
            "stock is at or below the reorder point, the same for this delivery alone, and runs out before it."
        ),
        "note": _assumed_note(kit, tables),
    }


def _columns(kit: Kit) -> list[Model]:
    t = kit.words.t
    return [
        column(t("Product, code and supplier")),
        column(t("On hand"), right=True),
        column(t("Sold a day"), right=True),
        column(t("Days of cover")),
        column(t("Delivery, days"), right=True),
        column(t("Runs out")),
        column(t("Order, units"), right=True),
        column(t("Value"), right=True),
        column(t("Do, and why")),
    ]


def _message(kit: Kit, tables: ReportTables) -> str:
    now, soon = to_order(tables.purchases, "order_now"), to_order(tables.purchases, "order_soon")
    n, money, count = kit.words.n, kit.fmt.money, kit.fmt.count
    if tables.purchases.is_empty():
        return kit.words.t("No purchase list yet")
    if now[0]:
        return n(
            "{count} product should be ordered now, for {value}; {soon} more soon",
            "{count} products should be ordered now, for {value}; {soon} more soon",
            now[0],
            count=count(now[0]),
            value=money(now[1]),
            soon=count(soon[0]),
        )
    if soon[0]:
        return n(
            "No order is due now; {count} product should be ordered soon, for {value}",
            "No order is due now; {count} products should be ordered soon, for {value}",
            soon[0],
            count=count(soon[0]),
            value=money(soon[1]),
        )
    return kit.words.t("No product needs an order now")


def _subtitle(kit: Kit, tables: ReportTables, due: int) -> Model:
    t, count = kit.words.t, kit.fmt.count
    if tables.purchases.is_empty():
        return {"all": "", "some": ""}
    bar = t(
        "The bar is stock in days of forecast demand, the tick the delivery time: "
        "a bar short of its tick runs out first."
    )
    # How many rows fit is known only when the page is set, so the count is filled in there.
    some = t("The {shown} most urgent of {due}; all of them are in the exports.", shown="{shown}", due=count(due))
    return {"all": bar, "some": kit.join(some, bar)}


def _row(kit: Kit, row: dict[str, Any]) -> list[Any]:
    fmt = kit.fmt
    star = "*" if row["on_hand_source"] == "assumed" else ""
    name = titled(
        kit.product(row["product_title"], row["product_id"], limit=38),
        " · ".join(part for part in (kit.product(None, row["product_id"]), _supplier(kit, row)) if part),
    )
    tone = _TONES.get(row["action"], "neutral")
    return [
        name,
        fmt.count(row["on_hand_units"]) + star,
        fmt.count(row["daily_demand_units"], 1),
        _cover(kit, row, tone),
        fmt.count(row["lead_time_days"]),
        fmt.day(row["runout_date"]),
        fmt.count(row["order_units"]) if row["order_units"] else NONE,
        fmt.money_exact(row["order_value_shop"]) if row["order_units"] else NONE,
        {**marked(_action(kit, row["action"]), tone), "below": _why(kit, row)},
    ]


def _supplier(kit: Kit, row: dict[str, Any]) -> str:
    if row["supplier_source"] == "assumed":
        return kit.words.t("supplier not on file")
    return kit.product(row["supplier_name"], "", limit=30)


def _cover(kit: Kit, row: dict[str, Any], tone: str) -> Model:
    """The bullet bar: shares of a scale that ends at twice the delivery time."""
    scale = max(1.0, 2.0 * float(row["lead_time_days"] or 0))
    if row["cover_days"] is None:
        return {"text": NONE, "bar": 0.0, "tick": 0.5, "tone": tone}
    cover = max(0.0, float(row["cover_days"]))
    return {"text": kit.fmt.count(cover, 1), "bar": round(min(1.0, cover / scale), 4), "tick": 0.5, "tone": tone}


def _action(kit: Kit, action: str) -> str:
    t = kit.words.t
    return {
        "order_now": t("Order now"),
        "order_soon": t("Order soon"),
        "ok": t("Enough"),
        "no_demand": t("No demand"),
    }.get(action, action)


def _why(kit: Kit, row: dict[str, Any]) -> str:
    t, count = kit.words.t, kit.fmt.count
    stock, point, target = (count(row[name]) for name in ("on_hand_units", "reorder_point_units", "order_up_to_units"))
    if row["action"] == "no_demand":
        return t("nothing forecast")
    if row["on_hand_units"] <= row["reorder_point_units"]:
        return t("stock {stock} ≤ reorder point {point}", stock=stock, point=point)
    if row["on_hand_units"] < row["order_up_to_units"]:
        return t("stock {stock} < target {target}", stock=stock, target=target)
    return t("stock {stock} ≥ target {target}", stock=stock, target=target)


def _total(kit: Kit, due: pl.DataFrame) -> list[Any]:
    if due.is_empty():
        return []
    units, value = int(due["order_units"].sum()), float(due["order_value_shop"].cast(pl.Float64).sum())
    label = kit.words.n(
        "{count} product to order", "{count} products to order", due.height, count=kit.fmt.count(due.height)
    )
    return [label, "", "", "", "", "", kit.fmt.count(units), kit.fmt.money_exact(value), ""]


def _assumed_note(kit: Kit, tables: ReportTables) -> str:
    t = kit.words.t
    assumed = tables.purchases.filter(pl.col("on_hand_source") == "assumed")
    if assumed.is_empty():
        return ""
    return t(
        "* Stock on hand is assumed for {count} of {of} products, for want of a stock file; how, is listed under "
        "“What the purchase list assumes”. The orders are as good as these assumptions.",
        count=kit.fmt.count(assumed.height),
        of=kit.fmt.count(tables.purchases.height),
    )


def assumed_value(kit: Kit, row: dict[str, Any]) -> str:
    """An assumption's value with its unit."""
    unit = known.unit(kit.words, row["unit"])
    return f"{known.value(kit.words, str(row['value']))} {unit}".strip()


def assumptions(kit: Kit, tables: ReportTables) -> Model:
    """Every assumption that the purchase list rests on; what else purchasing assumes is in the exports."""
    t = kit.words.t
    rows: list[list[Any]] = []
    for row in tables.assumptions.to_dicts():
        if not known.is_of_the_list(row["assumption_id"]):
            continue
        name, explanation = known.assumption(kit.words, row["assumption_id"], row["name"], row["explanation"])
        rows.append([name, assumed_value(kit, row), explanation])
    columns = [column(t("Assumption")), column(t("Value taken")), column(t("Why, and what it stands for"))]
    model = table(columns, rows, empty=t("Nothing is assumed: stock, suppliers and costs were supplied."))
    return {**model, "title": t("What the purchase list assumes")}
