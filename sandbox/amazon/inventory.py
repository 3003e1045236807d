"""FBA Inventory API v1: getInventorySummaries.

https://developer-docs.amazon.com/sp-api/docs/fbainventory-api-v1-reference
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

import polars as pl
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.amazon.answers import Refused, disturbed, iso, listed, moment, naive, needed, read_token, write_token
from sandbox.amazon.marketplaces import MARKETPLACES, Marketplace, title
from sandbox.amazon.merchant import Merchant, Row
from sandbox.serving import Faults, SandboxClock

PAGE: Final = 50
# "The string token will expire 30 seconds after being created."
TOKEN_LIFETIME: Final = timedelta(seconds=30)


class Inventory:
    """The operation over the stock in Amazon's fulfilment centres."""

    def __init__(self, merchant: Merchant, clock: SandboxClock, faults: Faults) -> None:
        self._merchant = merchant
        self._clock = clock
        self._faults = faults
        self._levels = merchant.table("stock_levels")
        self._places = merchant.table("locations").filter("is_fba")
        # Each page asks for the same: the clock stands still, or nearly.
        self._at: Callable[[Marketplace, datetime], list[Row]] = lru_cache(maxsize=4)(self._levels_at)

    async def summaries(self, request: Request) -> Response:
        """`getInventorySummaries`."""
        now = naive(self._clock.now())
        marketplace = _marketplace(request)
        levels = self._at(marketplace, now)
        since = moment(request.query_params.get("startDateTime"), "startDateTime")
        skus = listed(request, "sellerSkus")
        rows = [row for row in levels if (since is None or row["changed_at"] > since)]
        rows = [row for row in rows if not skus or self._merchant.variant(row["variant_id"])["sku"] in skus]
        token = request.query_params.get("nextToken")
        if token:
            if self._faults.strike("expired_cursor", request.url.path):
                raise Refused("Invalid input", details="The nextToken has expired")
            after = read_token(token, now, lifetime=TOKEN_LIFETIME)["after"]
            rows = [row for row in rows if row["variant_id"] > after]
        page = rows[:PAGE]
        detailed = request.query_params.get("details") == "true"
        written = [self._summary(row, marketplace, detailed=detailed) for row in page]
        answer: dict[str, Any] = {
            "payload": {
                "granularity": {"granularityType": "Marketplace", "granularityId": marketplace.id},
                "inventorySummaries": disturbed(self._faults, request.url.path, written),
            },
        }
        if len(rows) > PAGE:
            answer["pagination"] = {"nextToken": write_token(now, after=page[-1]["variant_id"])}
        return JSONResponse(answer)

    def _levels_at(self, marketplace: Marketplace, now: datetime) -> list[Row]:
        """The stock at the end of the last day that is over; by variant."""
        places = self._places.filter(pl.col("country") == marketplace.country)["location_id"]
        levels = self._levels.filter(pl.col("location_id").is_in(places.implode()) & (pl.col("date") < now.date()))
        newest = levels["date"].max()
        if not isinstance(newest, date):
            return []
        changed = (
            levels.sort("date")
            .with_columns(
                pl.any_horizontal(
                    pl.col("on_hand", "reserved", "inbound").diff().over("location_id", "variant_id").fill_null(1) != 0
                ).alias("is_change")
            )
            .filter("is_change")
            .group_by("variant_id")
            .agg(pl.col("date").max().alias("changed_on"))
        )
        listed_here = {row["variant_id"] for row in self._merchant.variants(marketplace, now)}
        rows = (
            levels.filter(pl.col("date") == newest)
            .group_by("variant_id")
            .agg(pl.col("on_hand", "reserved", "inbound").sum())
            .join(changed, on="variant_id", how="left")
            .sort("variant_id")
        )
        return [
            row | {"changed_at": datetime.combine(row["changed_on"] or newest, time(23, 59, 59))}
            for row in rows.iter_rows(named=True)
            if row["variant_id"] in listed_here
        ]

    def _summary(self, row: Row, marketplace: Marketplace, *, detailed: bool) -> dict[str, Any]:
        variant = self._merchant.variant(row["variant_id"])
        summary: dict[str, Any] = {
            "asin": variant["asin"],
            "fnSku": fnsku(variant),
            "sellerSku": variant["sku"],
            "condition": "NewItem",
            "lastUpdatedTime": iso(row["changed_at"]),
            "productName": title(variant["title_en"], variant["product_id"], marketplace),
            "totalQuantity": row["on_hand"] + row["inbound"],
            "stores": [],
        }
        return summary | ({"inventoryDetails": _details(row)} if detailed else {})


def fnsku(variant: Row) -> str:
    """Amazon's own code for a variant."""
    return f"X00{variant['variant_id']:07d}"


def _details(row: Row) -> dict[str, Any]:
    receiving = row["inbound"] // 3
    return {
        "fulfillableQuantity": max(0, row["on_hand"] - row["reserved"]),
        "inboundWorkingQuantity": 0,
        "inboundShippedQuantity": row["inbound"] - receiving,
        "inboundReceivingQuantity": receiving,
        "reservedQuantity": {
            "totalReservedQuantity": row["reserved"],
            "pendingCustomerOrderQuantity": row["reserved"],
            "pendingTransshipmentQuantity": 0,
            "fcProcessingQuantity": 0,
        },
        "unfulfillableQuantity": {
            "totalUnfulfillableQuantity": 0,
            "customerDamagedQuantity": 0,
            "warehouseDamagedQuantity": 0,
            "distributorDamagedQuantity": 0,
            "carrierDamagedQuantity": 0,
            "defectiveQuantity": 0,
            "expiredQuantity": 0,
        },
        "researchingQuantity": {"totalResearchingQuantity": 0, "researchingQuantityBreakdown": []},
    }


def _marketplace(request: Request) -> Marketplace:
    if needed(request, "granularityType") != "Marketplace":
        raise Refused("Invalid input", details="Invalid granularityType")
    needed(request, "granularityId")
    wanted = listed(request, "marketplaceIds")
    if len(wanted) != 1 or wanted[0] not in MARKETPLACES:
        raise Refused("Invalid input", details="Exactly one known marketplaceId is required")
    return MARKETPLACES[wanted[0]]
