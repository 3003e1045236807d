"""What Segment's Amazon S3 destination leaves: gzipped calls, one a line, in folders named by the day of receipt.

https://www.twilio.com/docs/segment/connections/spec/ecommerce/v2 has the calls. As in life some arrive late, a few
arrive twice, `identify` calls and a shop's own events are among them, and some clients write a time as a number such as
1.569521782042E9.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from sandbox.exports.writing import amount, days, files_in, gzipped, put
from sandbox.world.store import World

DROP = "segment_events"
CALLS = {
    "search": "Products Searched",
    "product_view": "Product Viewed",
    "favourite": "Product Added to Wishlist",
    "add_to_cart": "Product Added",
    "remove_from_cart": "Product Removed",
    "checkout": "Checkout Started",
    "purchase": "Order Completed",
}
_LATE_ONE_IN, _TWICE_ONE_IN, _NUMBER_ONE_IN, _OWN_ONE_IN = 97, 211, 53, 19


def write(world: World, folder: Path, first_day: date, last_day: date) -> dict[str, int]:
    """The calls received on those days of UTC, one file for every shop and hour that has any."""
    for day in days(first_day, last_day):
        received = _received(world, day)
        for (shop, hour), calls in received.partition_by("shop", "hour", as_dict=True, maintain_order=True).items():
            lines = [json.dumps(one, ensure_ascii=False) for row in calls.iter_rows(named=True) for one in _calls(row)]
            text = "\n".join(lines) + "\n"
            midnight = int(datetime.combine(day, time(), UTC).timestamp() * 1000)
            put(folder / DROP / str(shop) / str(midnight) / f"{shop}-{hour:02}.gz", gzipped(_with_numbers(text)))
    return {DROP: files_in(folder / DROP)}


def _received(world: World, day: date) -> pl.DataFrame:
    """The events that reach Segment on a day, in order; most seconds after they happened, a few hours after."""
    start = datetime.combine(day, time())
    number = pl.col("event_id").hash(7)
    delay = pl.when(number % _LATE_ONE_IN == 0).then(3600 * 5 + number % 7200).otherwise(1 + number % 40)
    received = pl.col("occurred_at") + pl.duration(seconds=delay.cast(pl.Int64))
    skus = world.scan("variants").select("variant_id", "sku")
    orders = world.scan("orders").select("order_id", "platform_order_id")
    return (
        world.scan("events")
        .filter(pl.col("occurred_at").is_between(start - timedelta(hours=8), start + timedelta(days=1), closed="left"))
        .with_columns(received.alias("received_at"), number.alias("number"))
        .filter(pl.col("received_at").is_between(start, start + timedelta(days=1), closed="left"))
        .join(skus, on="variant_id", how="left")
        .join(orders, on="order_id", how="left")
        .with_columns(
            pl.col("received_at").dt.hour().alias("hour"),
            amount(pl.col("value_minor"), pl.col("currency")).alias("value"),
        )
        .sort("received_at", "event_id")
        .collect()
    )


def _calls(row: dict[str, Any]) -> Iterator[dict[str, Any]]:
    call = _call(row)
    yield call
    if row["number"] % _TWICE_ONE_IN == 0:
        yield call
    if row["number"] % _OWN_ONE_IN == 0:
        common = {name: call[name] for name in ("anonymousId", "context", "timestamp", "receivedAt")}
        yield {**common, "messageId": f"{row['event_id']}-o", "type": "track", "event": "Size Guide Opened"}
    if row["customer_id"] is not None and row["number"] % _OWN_ONE_IN == 1:
        common = {name: call[name] for name in ("anonymousId", "userId", "context", "timestamp", "receivedAt")}
        yield {**common, "messageId": f"{row['event_id']}-i", "type": "identify", "traits": {"plan": "newsletter"}}


def _call(row: dict[str, Any]) -> dict[str, Any]:
    is_page = row["kind"] == "page_view"
    call: dict[str, Any] = {
        "messageId": row["event_id"],
        "type": "page" if is_page else "track",
        "anonymousId": row["visitor_id"],
        "userId": None if row["customer_id"] is None else str(row["customer_id"]),
        "timestamp": _when(row["occurred_at"], numeric=row["number"] % _NUMBER_ONE_IN == 0),
        "originalTimestamp": _iso(row["occurred_at"]),
        "sentAt": _iso(row["received_at"]),
        "receivedAt": _iso(row["received_at"]),
        "context": _context(row),
        "properties": _properties(row),
        "version": 2,
    }
    return call if is_page else call | {"event": CALLS[row["kind"]]}


def _context(row: dict[str, Any]) -> dict[str, Any]:
    campaign = {"source": row["source"], "medium": row["medium"], "name": row["campaign"]}
    return {
        "app": {"name": row["shop"]},
        "campaign": {key: value for key, value in campaign.items() if value is not None},
        "device": {"type": row["device"]},
        "library": {"name": "analytics.js", "version": "next-1.70.0"},
        "location": {"country": row["country"]},
        "page": {"path": row["page_path"]},
    }


def _properties(row: dict[str, Any]) -> dict[str, Any]:
    value = None if row["value"] is None else _Number(row["value"])
    told: dict[str, Any] = {
        "sku": row["sku"],
        "product_id": None if row["variant_id"] is None else str(row["variant_id"]),
        "quantity": row["quantity"],
        "query": row["query"],
        "result_count": row["results"],
        "order_id": row["platform_order_id"],
        "currency": None if row["value"] is None else row["currency"].lower(),
        "total" if row["kind"] == "purchase" else "value": value,
    }
    return {name: one for name, one in told.items() if one is not None}


class _Number(str):
    """An amount that is to stand in JSON as a number, in just these digits."""

    __slots__ = ()

    def __new__(cls, digits: str) -> _Number:
        return super().__new__(cls, f"\x00{digits}\x00")


def _with_numbers(text: str) -> bytes:
    return text.replace('"\\u0000', "").replace('\\u0000"', "").encode()


def _when(at: datetime, *, numeric: bool) -> str:
    if not numeric:
        return _iso(at)
    micros = round(at.replace(tzinfo=UTC).timestamp() * 1_000_000)
    digits = f"{micros:016d}"
    return _Number(f"{digits[0]}.{digits[1:]}E9")


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
