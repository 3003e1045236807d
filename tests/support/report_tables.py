"""Made-up report tables: plausible frames for every rpt_ table, the same on every call."""

from __future__ import annotations

import json
import math
import random
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl

WEEK = date(2011, 11, 28)
FIRST_DAY = date(2010, 12, 1)
LAST_DAY = date(2011, 12, 9)
_TITLES = (
    "WHITE HANGING HEART T-LIGHT HOLDER ",
    "REGENCY CAKESTAND 3 TIER",
    "JUMBO BAG RED RETROSPOT",
    "PARTY BUNTING",
    "ASSORTED COLOUR BIRD ORNAMENT",
    "LUNCH BAG RED RETROSPOT",
    "SET OF 3 CAKE TINS PANTRY DESIGN ",
    "PACK OF 72 RETROSPOT CAKE CASES",
    "LUNCH BAG  BLACK SKULL.",
    "NATURAL SLATE HEART CHALKBOARD ",
    "HEART OF WICKER SMALL",
    "PAPER CHAIN KIT 50'S CHRISTMAS ",
    "HOT WATER BOTTLE KEEP CALM",
    "RABBIT NIGHT LIGHT",
    "VICTORIAN GLASS HANGING T-LIGHT",
    "WOODEN PICTURE FRAME WHITE FINISH",
    "SET/5 RED RETROSPOT LID GLASS BOWLS",
    "DOORMAT KEEP CALM AND COME IN",
    "CHARLOTTE BAG SUKI DESIGN",
    "GREEN REGENCY TEACUP AND SAUCER",
    "ROSES REGENCY TEACUP AND SAUCER ",
    "PINK REGENCY TEACUP AND SAUCER",
    "ALARM CLOCK BAKELIKE RED ",
    "ALARM CLOCK BAKELIKE GREEN",
    "POPPY'S PLAYHOUSE KITCHEN",
    "WOOD 2 DRAWER CABINET WHITE FINISH",
    "60 TEATIME FAIRY CAKE CASES",
    "72 SWEETHEART FAIRY CAKE CASES",
    "RED HANGING HEART T-LIGHT HOLDER",
    "VINTAGE UNION JACK BUNTING",
)
_COUNTRIES = (
    ("GB", "United Kingdom"),
    ("DE", "Germany"),
    ("FR", "France"),
    ("IE", "EIRE"),
    ("NL", "Netherlands"),
    ("AU", "Australia"),
    ("ES", "Spain"),
    ("JP", "Japan"),
)
_MONEY = pl.Decimal(18, 4)


class Tables:
    """Frames by table name, answering the SQL that reports ask of the warehouse."""

    def __init__(self, tables: dict[str, pl.DataFrame]) -> None:
        self.tables = tables

    def frame(self, sql: str) -> pl.DataFrame:
        """The answer to a query over the tables."""
        return pl.SQLContext(self.tables).execute(sql, eager=True)

    def replace(self, **changes: pl.DataFrame) -> Tables:
        """The same tables with some replaced."""
        return Tables({**self.tables, **changes})

    def emptied(self, *keep: str) -> Tables:
        """The same tables without a row, but for those named."""
        return Tables({name: frame if name in keep else frame.clear() for name, frame in self.tables.items()})


def _frame(rows: list[dict[str, Any]], money: tuple[str, ...] = (), **types: type[pl.DataType]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, infer_schema_length=None, schema_overrides=types)
    return frame.with_columns([pl.col(name).cast(pl.Float64).cast(_MONEY) for name in money])


def _daily() -> list[dict[str, Any]]:
    chance = random.Random(7)  # noqa: S311 (made-up data, the same on every call)
    rows: list[dict[str, Any]] = []
    day = FIRST_DAY
    while day <= LAST_DAY:
        season = 1 + 1.1 * max(0.0, (day - date(2011, 9, 1)).days / 95)
        trading = day.weekday() != 5 and not date(2010, 12, 24) <= day <= date(2011, 1, 3)
        gross = chance.gauss(24000, 3500) * season * (0.55 if day.weekday() == 6 else 1) if trading else 0.0
        returns = gross * chance.uniform(0.005, 0.05)
        orders = round(gross / 470)
        rows.append(
            {
                "sales_date": day,
                "gross_sales_shop": round(gross, 2),
                "discounts_shop": round(gross * 0.004, 2),
                "cancellations_shop": 0.0,
                "returns_shop": round(returns, 2),
                "net_sales_shop": round(gross * 0.996 - returns, 2),
                "order_count": orders,
                "unit_count": orders * 260,
                "is_trading_day": trading,
            }
        )
        day += timedelta(days=1)
    return rows


def _periods(daily: pl.DataFrame, name: str, start: pl.Expr) -> pl.DataFrame:
    sums = [
        pl.col(c).sum()
        for c in (
            "gross_sales_shop",
            "discounts_shop",
            "cancellations_shop",
            "returns_shop",
            "net_sales_shop",
            "order_count",
            "unit_count",
        )
    ]
    out = (
        daily.with_columns(start.alias(name))
        .group_by(name)
        .agg(*sums, pl.col("is_trading_day").sum().cast(pl.Int64).alias("trading_day_count"))
        .sort(name)
    )
    first, last = out[name].min(), out[name].max()
    december = name.startswith("month")
    partial = pl.col(name) == last if december else (pl.col(name) == last) | (pl.col(name) == first)
    return out.with_columns(partial.alias("is_partial"))


def _weekly_kpi(weekly: pl.DataFrame) -> pl.DataFrame:
    specs = (
        ("net_sales", "money", "up", 0.0),
        ("orders", "count", "up", 0.0),
        ("average_order_value", "money", "up", 460.0),
        ("units", "count", "up", 0.0),
        ("active_customers", "count", "up", 850.0),
        ("new_customers", "count", "up", 95.0),
        ("returns_rate", "rate", "down", 0.021),
        ("cancelled_sales", "money", "down", 3900.0),
        ("products_sold", "count", "none", 2300.0),
    )
    chance = random.Random(11)  # noqa: S311 (made-up data, the same on every call)
    weeks, partial = weekly["week_start_date"].to_list(), weekly["is_partial"].to_list()
    rows = []
    for name, unit, good, base in specs:
        source = {"net_sales": "net_sales_shop", "orders": "order_count", "units": "unit_count"}.get(name)
        values = [float(v) for v in weekly[source]] if source else [base * chance.uniform(0.8, 1.25) for _ in weeks]
        for i, week in enumerate(weeks):
            past = values[max(0, i - 12) : i]
            year = weeks.index(week - timedelta(days=364)) if week - timedelta(days=364) in weeks else None
            rows.append(
                {
                    "week_start_date": week,
                    "kpi_order": [s[0] for s in specs].index(name) + 1,
                    "kpi_id": name,
                    "unit": unit,
                    "good_direction": good,
                    "value": values[i],
                    "previous_value": values[i - 1] if i else None,
                    "last_year_value": values[year] if year is not None else None,
                    "reference_value": sum(past) / len(past) if past else None,
                    "is_partial": partial[i],
                    "last_year_is_partial": partial[year] if year is not None else None,
                }
            )
    return _frame(rows, last_year_value=pl.Float64, last_year_is_partial=pl.Boolean)


def _forecast() -> pl.DataFrame:
    rows = []
    for step in range(1, 29):
        day = LAST_DAY + timedelta(days=step)
        middle = 0.0 if day.weekday() == 5 else 44000 * (0.55 if day.weekday() == 6 else 1) * (1 - step / 60)
        rows.append(
            {
                "forecast_date": day,
                "metric": "net_sales_shop",
                "value": middle,
                "value_p10": middle * 0.72,
                "value_p90": middle * 1.31,
                "model": "prophet",
            }
        )
        rows.append(
            {
                **rows[-1],
                "metric": "demand_units",
                "value": middle / 1.8,
                "value_p10": middle / 2.6,
                "value_p90": middle / 1.3,
            }
        )
    return _frame(rows)


def _accuracy() -> pl.DataFrame:
    rows: list[dict[str, Any]] = []
    for level, metric, series_class, model, wape in (
        ("total", "net_sales_shop", "total", "prophet", 0.29),
        ("total", "demand_units", "total", "prophet", 0.26),
        ("product", "demand_units", "all", "champions", 1.03),
        ("product", "demand_units", "lumpy", "tsb", 1.1),
    ):
        for name, factor in ((model, 1.0), ("seasonal_naive", 1.3)):
            for horizon, shrink in ((1, 1.0), (7, 0.55), (28, 0.42)):
                rows.append(
                    {
                        "level": level,
                        "metric": metric,
                        "series_class": series_class,
                        "model": name,
                        "is_champion": name == model,
                        "is_baseline": name != model,
                        "horizon_days": horizon,
                        "fold_count": 12 if level == "total" else 4,
                        "series_count": 12 if level == "total" else 812,
                        "wape": wape * factor * shrink,
                        "mase": 0.9 * factor if horizon == 1 else None,
                        "bias_pct": -6.4,
                        "coverage_80_pct": 79.4 if name == model and horizon == 1 else None,
                    }
                )
    return _frame(rows, mase=pl.Float64, coverage_80_pct=pl.Float64)


def _purchases() -> pl.DataFrame:
    chance = random.Random(3)  # noqa: S311 (made-up data, the same on every call)
    rows = []
    for i in range(120):
        daily, lead = round(chance.uniform(0.6, 38), 2), chance.choice((7, 10, 14, 21))
        on_hand = round(daily * (1.5 + i * 0.42))
        cover = on_hand / daily
        point = math.ceil(daily * lead * 1.35)
        action = (
            "order_now"
            if cover < lead * 0.8
            else "order_soon"
            if on_hand <= point
            else "ok"
            if i < 110
            else "no_demand"
        )
        level = point + math.ceil(daily * 14)
        order = max(0, level - on_hand) if action.startswith("order") else 0
        cost = round(chance.uniform(0.4, 9.5), 2)
        rows.append(
            {
                "urgency_rank": i + 1,
                "product_id": f"{20000 + i * 37}{'A' if i % 4 == 0 else ''}",
                "supplier_name": ("Assumed supplier", "Northern Homeware Ltd", "Cathay Gifts")[i % 3],
                "supplier_source": "assumed",
                "on_hand_units": on_hand,
                "on_hand_source": "assumed",
                "on_hand_date": LAST_DAY,
                "lead_time_days": lead,
                "lead_time_source": "assumed",
                "unit_cost_shop": cost,
                "unit_cost_source": "assumed",
                "daily_demand_units": 0.0 if action == "no_demand" else daily,
                "cover_days": None if action == "no_demand" else cover,
                "runout_date": None if action == "no_demand" else LAST_DAY + timedelta(days=int(cover)),
                "service_level": 0.95,
                "safety_stock_units": point - math.ceil(daily * lead),
                "reorder_point_units": point,
                "order_up_to_units": level,
                "order_units": order,
                "order_value_shop": order * cost,
                "action": action,
                "reason": json.dumps({"rule": "on_hand <= reorder_point", "on_hand": on_hand, "reorder_point": point}),
                "product_title": _TITLES[i % len(_TITLES)],
                "abc_class": "ABC"[i % 3],
                "last_28_days_units": round(daily * 28),
            }
        )
    return _frame(rows, ("unit_cost_shop", "order_value_shop"))


def _drivers() -> pl.DataFrame:
    chance = random.Random(5)  # noqa: S311 (made-up data, the same on every call)
    rows: list[dict[str, Any]] = []
    names = [("product", f"{20000 + i * 37}", title) for i, title in enumerate(_TITLES)]
    names += [("country", key, title) for key, title in _COUNTRIES]
    for dimension in ("product", "country"):
        group: list[dict[str, Any]] = []
        for kind, key, title in names:
            if kind == dimension:
                before = chance.uniform(300, 5200) * (30 if key == "GB" else 1)
                group.append(
                    {
                        "week_start_date": WEEK,
                        "dimension": kind,
                        "dimension_key": key,
                        "title": title,
                        "previous_net_sales_shop": before,
                        "net_sales_shop": before * chance.uniform(0.45, 1.6),
                    }
                )
        for row in group:
            row["change_shop"] = row["net_sales_shop"] - row["previous_net_sales_shop"]
        for rank, row in enumerate(sorted(group, key=lambda r: -r["change_shop"]), 1):
            row["rank_up"], row["rank_down"] = rank, len(group) + 1 - rank
        rows += group
    return _frame(rows, ("net_sales_shop", "previous_net_sales_shop", "change_shop"))


def _top() -> pl.DataFrame:
    rows = [
        {
            "week_start_date": WEEK,
            "product_id": f"{20000 + i * 37}",
            "product_title": title,
            "rank": i + 1,
            "units": 2400 - 61 * i,
            "net_sales_shop": 9800 - 270 * i,
            "previous_net_sales_shop": 9100 - 301 * i if i != 3 else None,
            "returns_shop": 12.5 * i,
        }
        for i, title in enumerate(_TITLES)
    ]
    return _frame(rows, ("net_sales_shop", "previous_net_sales_shop", "returns_shop"))


def _pairs() -> pl.DataFrame:
    rows = [
        {
            "rank": i + 1,
            "product_id_a": f"2{i:04}",
            "product_title_a": _TITLES[(19 + 2 * i) % 30],
            "product_id_b": f"3{i:04}",
            "product_title_b": _TITLES[(20 + 3 * i) % 30],
            "together_count": 540 - 17 * i,
            "confidence": 0.82 - 0.02 * i,
            "lift": 24.1 - 0.9 * i,
            "support": 0.029 - 0.001 * i,
        }
        for i in range(15)
    ]
    return _frame(rows)


_RIVALS = (("rival_harbour", "Harbour & Hearth"), ("rival_shanju", "山居生活馆"), ("rival_nid", "Le Comptoir du Nid"))


def _alerts() -> pl.DataFrame:
    rows = [
        {
            "alert_rank": i + 1,
            "alert_kind": "cheapest_lost" if i == 4 else "undercut",
            "severity": ("high", "high", "medium", *["low"] * 6)[i],
            "product_id": f"2{i:04}",
            "product_title": _TITLES[(3 + 2 * i) % 30],
            "source": _RIVALS[i % 3][0],
            "competitor_title": _RIVALS[i % 3][1],
            "page_url": f"https://rival.example/{i}",
            "day_count": 12 - i,
            "own_price_shop": 14.99 - i,
            "competitor_price_shop": (14.99 - i) * (0.78 + 0.024 * i),
            "below_ours_pct": 22.0 - 2.4 * i,
            "floor_price_shop": 9.2 if i else None,
            "suggested_price_shop": max(9.2, (14.99 - i) * (0.78 + 0.024 * i)) if 0 < i < 6 else None,
            "price_date": WEEK + timedelta(days=6),
        }
        for i in range(9)
    ]
    return _frame(rows)


def _positions() -> pl.DataFrame:
    rows = [
        {
            "product_id": f"2{i:04}",
            "price_date": WEEK + timedelta(days=6),
            "is_cheapest": None if i % 9 == 8 else i % 3 == 0,
            "own_rank": 1 + i % 3,
            "own_price_shop": 14.99 - i / 4,
            "cheapest_price_shop": 12.5 - i / 4,
            "median_price_shop": 14.0 - i / 4,
            "gap_to_median_pct": 7.1,
            "in_stock_count": 2,
        }
        for i in range(40)
    ]
    return _frame(rows)


def _reconciliation() -> pl.DataFrame:
    rows = (
        ("sale", "Products sold at a price; in fct_order_line.", True, 527_394, 5_588_376, 10_242_700.284),
        ("free_of_charge", "Products given to a customer at no price.", True, 1_174, 20_100, 0.0),
        ("credit", "Products credited, cancelled or returned; in fct_return.", True, 8_667, -261_600, -494_800.3),
        ("charge_shipping", "Postage and carriage; in fct_charge.", True, 2_127, 3_900, 270_300.0),
        ("charge_manual", "Amounts entered by hand without a product.", True, 572, 1_020, -203_452.05),
        ("charge_fee", "Fees of marketplaces, banks and agents.", True, 109, 0, -67_000.0),
        ("write_off", "Stock written off at no price and to no customer.", True, 1_866, -174_900, 0.0),
    )
    return _frame(
        [
            {
                "row_class": a,
                "class_order": i,
                "explanation": b,
                "is_in_marts": c,
                "row_count": d,
                "unit_count": e,
                "amount_shop": f,
            }
            for i, (a, b, c, d, e, f) in enumerate(rows, 1)
        ],
        ("amount_shop",),
    )


def report_tables() -> Tables:
    """Every rpt_ table of an ordinary week: 28 Nov–4 Dec 2011, data to 9 Dec."""
    daily_rows = _daily()
    daily = _frame(
        daily_rows, ("gross_sales_shop", "discounts_shop", "cancellations_shop", "returns_shop", "net_sales_shop")
    )
    weekly = _periods(daily, "week_start_date", pl.col("sales_date").dt.truncate("1w"))
    run = _frame(
        [
            {
                "run_id": "close-2011-12-10T00",
                "as_of": datetime.fromisoformat("2011-12-10T00:00"),
                "data_through": datetime.fromisoformat("2011-12-09T12:50"),
                "first_data_at": datetime.fromisoformat("2010-12-01T08:26"),
                "latest_full_week_start": WEEK,
                "currency_code": "GBP",
                "rows_received": 541_909,
                "rows_landed": 541_909,
                "rows_quarantined": 0,
                "rows_deduplicated": 0,
                "load_count": 305,
                "checks_passed": 126,
                "checks_warned": 2,
                "checks_failed": 0,
            }
        ]
    )
    health = _frame(
        [
            {
                "check_id": "dbt.windows_have_landed",
                "title": "Every window has landed",
                "status": "pass",
                "detail": "305 of 305 trading days",
            },
            {
                "check_id": "gx.amount_astray",
                "title": "Rows and money reconcile with the source",
                "status": "pass",
                "detail": "difference 0 rows, 0.000",
            },
            {
                "check_id": "gx.rows_quarantined",
                "title": "Rows in quarantine",
                "status": "pass",
                "detail": "0 of 541,909",
            },
            {
                "check_id": "gx.orders_without_customer",
                "title": "Orders with a customer",
                "status": "warn",
                "detail": "24.9% of lines have none",
            },
            {
                "check_id": "gx.stock_not_supplied",
                "title": "Stock counts supplied",
                "status": "warn",
                "detail": "0 of 2,841 products",
            },
        ]
    )
    assumptions = _frame(
        [
            {
                "assumption_id": "topped_up_cover_days",
                "name": "Stock on hand",
                "value": "21",
                "unit": "days",
                "explanation": "No stock file: each product holds this many days of demand.",
            },
            {
                "assumption_id": "lead_time_days",
                "name": "Delivery time",
                "value": "14",
                "unit": "days",
                "explanation": "No supplier file: time from order to shelf.",
            },
            {
                "assumption_id": "unit_cost_share",
                "name": "Unit cost",
                "value": "0.5",
                "unit": "share of price",
                "explanation": "No cost file: cost as a share of the current price.",
            },
            {
                "assumption_id": "service_levels",
                "name": "Service level",
                "value": "0.95",
                "unit": "probability",
                "explanation": "Chance of not running out between order and delivery.",
            },
        ]
    )
    return Tables(
        {
            "rpt_run": run,
            "rpt_weekly_kpi": _weekly_kpi(weekly),
            "rpt_weekly_sales": weekly,
            "rpt_monthly_sales": _periods(daily, "month_start_date", pl.col("sales_date").dt.truncate("1mo")),
            "rpt_daily_sales": daily,
            "rpt_sales_forecast": _forecast(),
            "rpt_forecast_accuracy": _accuracy(),
            "rpt_purchase_list": _purchases(),
            "rpt_inventory_assumption": assumptions,
            "rpt_sales_driver": _drivers(),
            "rpt_top_product": _top(),
            "rpt_basket_pair": _pairs(),
            "rpt_price_alert": _alerts(),
            "rpt_price_position": _positions(),
            "rpt_reconciliation": _reconciliation(),
            "rpt_data_health": health,
        }
    )
