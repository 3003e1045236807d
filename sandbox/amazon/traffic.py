"""GET_SALES_AND_TRAFFIC_REPORT: JSON, and not final for the first days.

The shape is `schemas/reports/sellerSalesAndTrafficReport.json` of the official models.
"""

from __future__ import annotations

import json
import zlib
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from sandbox.amazon.marketplaces import Marketplace, number
from sandbox.amazon.merchant import Merchant

SETTLES_AFTER: Final = timedelta(hours=72)
"""How long after a day its figures may still change."""


def traffic(
    merchant: Merchant, marketplace: Marketplace, first: date, last: date, now: datetime, options: dict[str, str]
) -> str:
    """The report for days first to last of the marketplace, as it is known now."""
    lines = _lines(merchant, marketplace, now)
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    report: dict[str, Any] = {
        "reportSpecification": {
            "reportType": "GET_SALES_AND_TRAFFIC_REPORT",
            "reportOptions": options,
            "dataStartTime": first.isoformat(),
            "dataEndTime": last.isoformat(),
            "marketplaceIds": [marketplace.id],
        },
        "salesAndTrafficByDate": [_by_date(lines, day, marketplace) for day in days],
        "salesAndTrafficByAsin": _by_asin(merchant, lines, days, marketplace, options.get("asinGranularity", "PARENT")),
    }
    return json.dumps(report)


def _lines(merchant: Merchant, marketplace: Marketplace, now: datetime) -> pl.DataFrame:
    """Lines of orders that count by now: an order is counted some hours, up to three days, after it was placed."""
    late = pl.duration(hours=pl.col("order_id") * 11 % (SETTLES_AFTER // timedelta(hours=1)))
    orders = merchant.orders(now).filter(
        (pl.col("sales_channel") == marketplace.id) & (pl.col("created_at") + late <= now) & ~pl.col("is_cancelled")
    )
    local = pl.col("created_at").dt.replace_time_zone("UTC").dt.convert_time_zone(marketplace.time_zone).dt.date()
    return (
        merchant.part("order_lines")
        .filter(pl.col("kind") != "shipping")
        .join(orders.select("order_id", local.alias("day")), on="order_id")
        .with_columns((pl.col("current_quantity") * pl.col("unit_price_minor")).alias("sales"))
    )


def _by_date(lines: pl.DataFrame, day: date, marketplace: Marketplace) -> dict[str, Any]:
    here = lines.filter(pl.col("day") == day)
    units, sales = int(here["current_quantity"].sum()), int(here["sales"].sum())
    views, sessions = _visits(f"{day}{marketplace.id}", units)
    return {
        "date": day.isoformat(),
        "salesByDate": {
            "orderedProductSales": _amount(sales, marketplace),
            "unitsOrdered": units,
            "totalOrderItems": here.height,
            "averageSalesPerOrderItem": _amount(sales // max(1, here.height), marketplace),
            "averageUnitsPerOrderItem": round(units / max(1, here.height), 2),
            "averageSellingPrice": _amount(sales // max(1, units), marketplace),
            "unitsRefunded": 0,
            "refundRate": 0.0,
            "claimsGranted": 0,
            "claimsAmount": _amount(0, marketplace),
            "shippedProductSales": _amount(sales, marketplace),
            "unitsShipped": units,
            "ordersShipped": here["order_id"].n_unique(),
        },
        "trafficByDate": {
            **_seen(views, sessions),
            "buyBoxPercentage": 93.5,
            "orderItemSessionPercentage": round(100 * here.height / sessions, 2),
            "unitSessionPercentage": round(100 * units / sessions, 2),
            "averageOfferCount": 40,
            "averageParentItems": 40,
            "feedbackReceived": 0,
            "negativeFeedbackReceived": 0,
            "receivedNegativeFeedbackRate": 0.0,
        },
    }


def _by_asin(
    merchant: Merchant, lines: pl.DataFrame, days: list[date], marketplace: Marketplace, granularity: str
) -> list[dict[str, Any]]:
    here = lines.filter(pl.col("day").is_in(days)).group_by("variant_id")
    sums = here.agg(pl.col("current_quantity").sum(), pl.col("sales").sum(), pl.len()).sort("variant_id")
    rows = []
    for row in sums.iter_rows(named=True):
        variant = merchant.variant(row["variant_id"])
        views, sessions = _visits(f"{days}{variant['asin']}", row["current_quantity"])
        names = {"parentAsin": f"P{variant['asin'][1:]}"}
        if granularity in {"CHILD", "SKU"}:
            names["childAsin"] = variant["asin"]
        if granularity == "SKU":
            names["sku"] = variant["sku"]
        rows.append(
            {
                **names,
                "salesByAsin": {
                    "unitsOrdered": row["current_quantity"],
                    "orderedProductSales": _amount(row["sales"], marketplace),
                    "totalOrderItems": row["len"],
                },
                "trafficByAsin": {
                    **_seen(views, sessions),
                    "browserSessionPercentage": 0.5,
                    "mobileAppSessionPercentage": 0.5,
                    "sessionPercentage": 0.5,
                    "browserPageViewsPercentage": 0.5,
                    "mobileAppPageViewsPercentage": 0.5,
                    "pageViewsPercentage": 0.5,
                    "buyBoxPercentage": 95.24,
                    "unitSessionPercentage": round(100 * row["current_quantity"] / sessions, 2),
                },
            }
        )
    return rows


def _visits(key: str, units: int) -> tuple[int, int]:
    """Page views and sessions: made up, the same for the same key."""
    sessions = units * 8 + zlib.crc32(key.encode()) % 40 + 1
    return sessions * 3 // 2, sessions


def _seen(views: int, sessions: int) -> dict[str, int]:
    return {
        "browserPageViews": views - views // 3,
        "mobileAppPageViews": views // 3,
        "pageViews": views,
        "browserSessions": sessions - sessions // 3,
        "mobileAppSessions": sessions // 3,
        "sessions": sessions,
    }


def _amount(minor: int, marketplace: Marketplace) -> dict[str, Any]:
    return {"amount": number(minor, marketplace), "currencyCode": marketplace.currency}


def is_over(day: date, marketplace: Marketplace, now: datetime) -> bool:
    """Whether that day of the marketplace lies wholly in the past."""
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(marketplace.time_zone))
    return end <= now.replace(tzinfo=ZoneInfo("UTC"))
