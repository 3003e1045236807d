"""What a report says about its numbers: decided here from numbers alone, put into words elsewhere.

Every threshold is a constant with its reason, so that a reader who asks "why does it say so" has an answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from reports.formatting import difference
from reports.tables import ReportTables

# Within this of the average a week is an ordinary one: about a third of the usual week-to-week spread of a shop.
AS_USUAL_PCT = 5.0
AS_USUAL_PP = 0.5
# A measure this far on its wrong side deserves a line of its own before the key figures.
EXCEPTION_PCT = 10.0
EXCEPTION_PP = 1.0
# Below half a per cent a rounded headline would read "rose 0%".
HELD_PCT = 0.5
# One product that moves net sales by this share of the week is worth naming.
DRIVER_SHARE_PCT = 1.0
# An 80% band should hold 80%; with a few hundred test days, 70 is well outside chance.
COVERAGE_FLOOR_PCT = 70.0
MOST_EXCEPTIONS = 5

Tone = Literal["good", "bad", "neutral"]
Kind = Literal[
    "checks_failed",
    "order_now",
    "stock_assumed",
    "kpi",
    "product_fell",
    "undercut",
    "checks_warned",
    "forecast_weak",
    "partial_week",
]
KPI_ORDER = (
    "net_sales",
    "orders",
    "average_order_value",
    "units",
    "active_customers",
    "new_customers",
    "returns_rate",
    "cancelled_sales",
    "products_sold",
)


@dataclass(frozen=True)
class Kpi:
    """One measure of the week, with what it is compared to; `history` holds up to 13 weeks, the week last."""

    kpi_id: str
    unit: str
    good: str
    value: float
    previous: float | None
    last_year: float | None
    reference: float | None
    is_partial: bool
    last_year_is_partial: bool
    history: tuple[float, ...]

    @property
    def is_rate(self) -> bool:
        """Whether the value is a share, compared in percentage points."""
        return self.unit == "rate"

    def against(self, base: float | None) -> float | None:
        """The change against a base, in per cent or percentage points."""
        return difference(self.value, base, of_rate=self.is_rate)

    def tone_of(self, change: float | None, *, least: float) -> Tone:
        """Good, bad or neither, by business meaning; neither within `least`."""
        if change is None or self.good == "none" or abs(change) < least:
            return "neutral"
        return "good" if (change > 0) == (self.good == "up") else "bad"

    @property
    def status(self) -> Tone:
        """How the week compares with the average of the 12 weeks before."""
        return self.tone_of(self.against(self.reference), least=AS_USUAL_PP if self.is_rate else AS_USUAL_PCT)


@dataclass(frozen=True)
class Headline:
    """The message of the week.

    Attributes:
        sales: no_data, first (nothing before it), rose, fell or held.
        net_sales: Net sales of the week.
        previous: Net sales of the week before, where the two can be compared.
        purchases: no_list, none, soon or now: the most urgent order.
        order_count: Products to order at that urgency.
        order_value: What they cost.
    """

    sales: Literal["no_data", "first", "rose", "fell", "held"]
    net_sales: float
    previous: float | None
    purchases: Literal["no_list", "none", "soon", "now"]
    order_count: int
    order_value: float


@dataclass(frozen=True)
class Finding:
    """Something that needs a person.

    Attributes:
        kind: What it is; decides owner, words and action.
        is_high: Whether it comes before what is merely worth a look.
        numbers: The figures and names that its words need.
    """

    kind: Kind
    is_high: bool
    numbers: dict[str, float | str | None] = field(default_factory=dict)


def kpis(tables: ReportTables) -> list[Kpi]:
    """The week's measures in their fixed order; those without a value are left out."""
    found = []
    for kpi_id in KPI_ORDER:
        rows = tables.kpis.filter((pl.col("kpi_id") == kpi_id) & pl.col("value").is_not_null()).tail(13)
        if rows.is_empty() or rows["week_start_date"][-1] != tables.week:
            continue
        row = rows.to_dicts()[-1]
        found.append(
            Kpi(
                kpi_id,
                row["unit"],
                row["good_direction"],
                float(row["value"]),
                _number(row["previous_value"]),
                _number(row["last_year_value"]),
                _number(row["reference_value"]),
                bool(row["is_partial"]),
                bool(row["last_year_is_partial"]),
                tuple(float(value) for value in rows["value"]),
            )
        )
    return found


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def to_order(purchases: pl.DataFrame, action: str) -> tuple[int, float]:
    """How many products have the action, and what their orders cost."""
    rows = purchases.filter(pl.col("action") == action)
    return rows.height, float(rows["order_value_shop"].cast(pl.Float64).sum())


def headline(tables: ReportTables, measures: list[Kpi]) -> Headline:
    """The message of the week: what sales did, and the most urgent consequence for purchasing."""
    sales = next((kpi for kpi in measures if kpi.kpi_id == "net_sales"), None)
    change = sales.against(sales.previous) if sales else None
    verdict: Literal["no_data", "first", "rose", "fell", "held"]
    if sales is None:
        verdict = "no_data"
    elif change is None:
        verdict = "first"
    else:
        verdict = "held" if abs(change) < HELD_PCT else "rose" if change > 0 else "fell"
    now, soon = to_order(tables.purchases, "order_now"), to_order(tables.purchases, "order_soon")
    urgency: Literal["no_list", "none", "soon", "now"]
    listed = not tables.purchases.is_empty()
    urgency = ("now" if now[0] else "soon" if soon[0] else "none") if listed else "no_list"
    count, value = {"now": now, "soon": soon}.get(urgency, (0, 0.0))
    previous = sales.previous if sales and change is not None else None
    return Headline(verdict, sales.value if sales else 0.0, previous, urgency, count, value)


def findings(tables: ReportTables, measures: list[Kpi]) -> list[Finding]:
    """At most five things that need a person, the gravest first."""
    found = [*_of_checks(tables), *_of_purchases(tables), *_of_week(tables)]
    found += [
        *_of_kpis(measures),
        *_of_competitors(tables),
        *_of_products(tables),
        *_of_forecast(tables),
        *_of_warnings(tables),
    ]
    return sorted(found, key=lambda finding: not finding.is_high)[:MOST_EXCEPTIONS]


def _of_checks(tables: ReportTables) -> list[Finding]:
    failed = tables.health.filter(pl.col("status") == "fail").sort("check_id").to_dicts()
    if not failed:
        return []
    return [
        Finding(
            "checks_failed",
            True,
            {"count": len(failed), "check_id": failed[0]["check_id"], "title": failed[0]["title"]},
        )
    ]


def _of_purchases(tables: ReportTables) -> list[Finding]:
    now = tables.purchases.filter(pl.col("action") == "order_now")
    found = []
    if now.height:
        count, value = to_order(tables.purchases, "order_now")
        dated = now.filter(pl.col("runout_date").is_not_null()).sort("runout_date", "urgency_rank")
        first = (dated if dated.height else now).to_dicts()[0]
        numbers = {"count": count, "value": value, "product_id": first["product_id"], "title": first["product_title"]}
        found.append(Finding("order_now", True, {**numbers, "cover": _number(first["cover_days"])}))
    assumed = tables.purchases.filter(pl.col("on_hand_source") == "assumed").height
    if assumed and tables.purchases.height:
        found.append(Finding("stock_assumed", True, {"count": assumed, "of": tables.purchases.height}))
    return found


def _of_week(tables: ReportTables) -> list[Finding]:
    row = tables.weekly.filter(pl.col("week_start_date") == tables.week).to_dicts()
    return (
        [Finding("partial_week", True, {"days": row[0]["trading_day_count"]})] if row and row[0]["is_partial"] else []
    )


def _of_kpis(measures: list[Kpi]) -> list[Finding]:
    found = []
    for kpi in measures:
        change = kpi.against(kpi.reference)
        least = EXCEPTION_PP if kpi.is_rate else EXCEPTION_PCT
        if change is not None and not kpi.is_partial and kpi.tone_of(change, least=least) == "bad":
            numbers: dict[str, float | str | None] = {
                "value": kpi.value,
                "reference": kpi.reference,
                "kpi_id": kpi.kpi_id,
                "unit": kpi.unit,
            }
            found.append((abs(change) / least, Finding("kpi", False, numbers)))
    return [finding for _, finding in sorted(found, key=lambda pair: -pair[0])]


def _of_products(tables: ReportTables) -> list[Finding]:
    week = tables.weekly.filter(pl.col("week_start_date") == tables.week)
    fallen = tables.drivers.filter((pl.col("dimension") == "product") & (pl.col("rank_down") == 1)).to_dicts()
    if week.is_empty() or not fallen:
        return []
    net, change = float(week["net_sales_shop"][0]), float(fallen[0]["change_shop"])
    if net <= 0 or change >= 0 or -change / net * 100 < DRIVER_SHARE_PCT:
        return []
    numbers = {"product_id": fallen[0]["dimension_key"], "title": fallen[0]["title"], "change": change}
    return [Finding("product_fell", False, {**numbers, "value": float(fallen[0]["net_sales_shop"])})]


def undercuts(tables: ReportTables) -> pl.DataFrame:
    """The alerts that name a competitor below our price, each product and competitor once, the gravest first."""
    longest = tables.alerts.sort("day_count", "alert_rank", descending=[True, False])
    return longest.unique(["product_id", "source"], keep="first", maintain_order=True).sort("alert_rank")


def _of_competitors(tables: ReportTables) -> list[Finding]:
    """What is far below our price; the slighter undercuts stand in their section alone."""
    rows = undercuts(tables).filter(pl.col("severity") == "high")
    if rows.is_empty():
        return []
    first = rows.to_dicts()[0]
    numbers = {"product_id": first["product_id"], "title": first["product_title"], "source": first["source"]}
    return [
        Finding(
            "undercut",
            False,
            {
                **numbers,
                "competitor": first["competitor_title"],
                "count": rows["product_id"].n_unique(),
                "below": float(first["below_ours_pct"]),
            },
        )
    ]


def _of_forecast(tables: ReportTables) -> list[Finding]:
    total = tables.accuracy.filter((pl.col("level") == "total") & (pl.col("metric") == "net_sales_shop"))
    total = total.filter(pl.col("horizon_days") == pl.col("horizon_days").min())  # single days, which the band is for
    champion = total.filter(pl.col("is_champion")).to_dicts()
    baseline = total.filter(pl.col("is_baseline")).to_dicts()
    if not champion:
        return []
    error, coverage = _number(champion[0]["wape"]), _number(champion[0]["coverage_80_pct"])
    naive = _number(baseline[0]["wape"]) if baseline else None
    worse = error is not None and naive is not None and error > naive
    if not worse and (coverage is None or coverage >= COVERAGE_FLOOR_PCT):
        return []
    return [Finding("forecast_weak", False, {"wape": error, "baseline": naive, "coverage": coverage})]


def _of_warnings(tables: ReportTables) -> list[Finding]:
    warned = tables.health.filter(pl.col("status") == "warn").sort("check_id").to_dicts()
    if not warned:
        return []
    return [
        Finding(
            "checks_warned",
            False,
            {"count": len(warned), "check_id": warned[0]["check_id"], "title": warned[0]["title"]},
        )
    ]
