"""The mappings of event tools on calls written after the vendors' documentation."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import polars as pl
import pytest

from extractors.files import declarations
from lakehouse.landing import Parsed
from lakehouse.windows import Window
from tests.support import exports

find = lru_cache(maxsize=None)(declarations.find)  # each call reads all mappings

_DAY = Window.local_day(date(2024, 3, 5))
_SEGMENT = "1709596800000/source.gz"


def _lines(source: str, name: str, *records: object) -> Parsed:
    data = "\n".join(json.dumps(one, ensure_ascii=False) for one in records).encode()
    data = exports.COMPRESSIONS[".gz"](data) if name.endswith(".gz") else data
    return exports.parse(find(source), data, name=name, window=_DAY)


def _call(**changes: object) -> dict[str, Any]:
    """A call with the fields that Segment documents as common to all."""
    return {
        "anonymousId": "507f191e810c19729de860ea",
        "context": {
            "active": True,
            "app": {"name": "shop.example"},
            "campaign": {"name": "TPS Innovation Newsletter", "source": "Newsletter", "medium": "email"},
            "ip": "8.8.8.8",
            "library": {"name": "analytics.js", "version": "2.11.1"},
            "locale": "en-US",
            "page": {"path": "/academy/", "referrer": "", "url": "https://shop.example/academy/"},
            "userAgentData": {"brands": [{"brand": "Chromium", "version": "110"}], "mobile": False},
        },
        "integrations": {"All": True},
        "messageId": "022bb90c-bbac-11e4-8dfc-aa07a5b093db",
        "receivedAt": "2024-03-05T10:00:01.249Z",
        "sentAt": "2024-03-05T10:00:00.707Z",
        "timestamp": "2024-03-05T09:59:59.984Z",
        "type": "track",
        "userId": "97980cfea0067",
        **changes,
    }


def test_a_call_of_segment() -> None:
    product = {"product_id": "507f1f77bcf86cd799439011", "sku": "G-32", "price": 18.99, "quantity": 1, "value": 18.99}
    call = _call(event="Product Viewed", properties=product | {"currency": "usd"})
    row = _lines("segment_events", _SEGMENT, call).rows.row(0, named=True)
    assert (row["event_kind"], row["product_ref"], row["quantity"]) == ("product_view", "G-32", 1)
    assert (row["amount"], row["currency_code"]) == (Decimal("18.9900"), "USD")
    assert row["occurred_at"] == exports.utc(2024, 3, 5, 9, 59, 59, 984_000)
    assert row["received_at"] == row["version_at"] == exports.utc(2024, 3, 5, 10, 0, 1, 249_000)
    assert (row["page_path"], row["device"], row["channel"]) == ("/academy/", "desktop", "shop.example")
    assert (row["utm_source"], row["utm_medium"]) == ("Newsletter", "email")
    assert row["record_ref"] == row["event_ref"] == "022bb90c-bbac-11e4-8dfc-aa07a5b093db"
    assert row["customer_ref"] == "97980cfea0067"


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ("Products Searched", "search"),
        ("Product Added", "add_to_cart"),
        ("Product Removed", "remove_from_cart"),
        ("Product Added to Wishlist", "favourite"),
        ("Checkout Started", "checkout"),
        ("Completed Order", "purchase"),
    ],
)
def test_the_names_of_the_ecommerce_specification(event: str, kind: str) -> None:
    assert _lines("segment_events", _SEGMENT, _call(event=event)).rows["event_kind"].to_list() == [kind]


def test_a_page_an_order_and_what_is_not_used() -> None:
    two = [{"sku": "45790-32", "price": 19}, {"sku": "46493-32", "price": 3}]
    order = {"order_id": "50314b8e9bcf000000000000", "total": 27.5, "revenue": 25.0, "currency": "USD", "products": two}
    parsed = _lines(
        "segment_events",
        _SEGMENT,
        _call(type="page", name="Home"),
        _call(messageId="2", event="Order Completed", properties=order),
        _call(messageId="3", type="identify", traits={"email": "peter@example.com"}),
        _call(messageId="4", event="Size Guide Opened"),
        _call(messageId="2", event="Order Completed", properties=order),
    )
    assert parsed.rows["event_kind"].to_list() == ["page_view", "purchase"]
    row = parsed.rows.row(1, named=True)
    assert (row["order_ref"], row["amount"], row["product_ref"]) == (order["order_id"], Decimal("27.5000"), None)
    assert (parsed.received, parsed.ignored, parsed.deduplicated) == (3, 2, 1)


def test_a_late_call_belongs_to_its_own_day() -> None:
    late = _call(event="Product Viewed", timestamp="2024-03-01T23:59:00Z")
    parsed = _lines("segment_events", _SEGMENT, late)
    assert parsed.quarantined.is_empty()
    assert parsed.rows["occurred_at"].to_list() == [exports.utc(2024, 3, 1, 23, 59)]


def _ga4(name: str, **changes: object) -> dict[str, Any]:
    params = {"page_location": "https://shop.example/p/mug?utm_source=x#top", "currency": "GBP"}
    strings = [{"key": key, "value": {"string_value": value, "int_value": None}} for key, value in params.items()]
    numbers: list[dict[str, Any]] = [
        {"key": "ga_session_id", "value": {"string_value": None, "int_value": 1709632000}},
        {"key": "value", "value": {"string_value": None, "double_value": 17.98}},
    ]
    return {
        "event_date": "20240305",
        "event_timestamp": 1709632800123457,
        "event_name": name,
        "event_params": [*strings, *numbers],
        "event_bundle_sequence_id": 7,
        "user_id": None,
        "user_pseudo_id": "1234567890.1709632000",
        "device": {"category": "mobile", "operating_system": "Android"},
        "geo": {"country": "United Kingdom"},
        "collected_traffic_source": {"manual_source": "google", "manual_medium": "cpc", "manual_campaign_name": None},
        "ecommerce": {"transaction_id": "(not set)", "purchase_revenue": None},
        "items": [{"item_id": "SKU-1", "quantity": 2, "price": 8.99}],
        "stream_id": "3456789012",
        **changes,
    }


def _parquet(*records: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    pl.DataFrame(list(records), infer_schema_length=None).write_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("shape", ["parquet", "json"])
def test_a_day_of_google_analytics(shape: str) -> None:
    order: dict[str, Any] = {"transaction_id": "T-1", "purchase_revenue": 26.97}
    both = [{"item_id": "SKU-1", "quantity": 2, "price": 8.99}, {"item_id": "SKU-2", "quantity": 1, "price": 8.99}]
    records = [
        _ga4("view_item"),
        _ga4("purchase", event_timestamp=1709632900000000, ecommerce=order, items=both),
        _ga4("user_engagement"),
    ]
    if shape == "parquet":
        name, data = "events_20240305-000000000000.parquet", _parquet(*records)
    else:  # as BigQuery writes JSON, whole numbers are texts
        text = "\n".join(json.dumps(one) for one in records)
        name, data = "events_20240305.json", text.replace("1709632800123457", '"1709632800123457"').encode()
    parsed = exports.parse(find("ga4_events"), data, name=name, window=_DAY)
    assert (parsed.received, parsed.ignored, parsed.quarantined.height) == (2, 1, 0)
    view, purchase = parsed.rows.to_dicts()
    assert (view["event_kind"], view["product_ref"], view["quantity"]) == ("product_view", "SKU-1", 2)
    assert (view["amount"], view["currency_code"]) == (Decimal("17.9800"), "GBP")
    assert view["occurred_at"] == exports.utc(2024, 3, 5, 10, 0, 0, 123_457)
    assert (view["page_path"], view["device"], view["utm_source"]) == ("/p/mug", "mobile", "google")
    assert (view["session_ref"], view["order_ref"]) == ("1709632000", None)
    assert view["event_ref"] == "1234567890.1709632000-1709632800123457-view_item-7"
    assert (purchase["order_ref"], purchase["amount"]) == ("T-1", Decimal("26.9700"))
    assert purchase["product_ref"] is None  # of two products neither is the one


_ACTION = "iglu:com.snowplowanalytics.snowplow.ecommerce/snowplow_ecommerce_action/jsonschema/1-0-2"
_PRODUCT = "iglu:com.snowplowanalytics.snowplow.ecommerce/product/jsonschema/1-0-0"
_TRANSACTION = "iglu:com.snowplowanalytics.snowplow.ecommerce/transaction/jsonschema/1-0-0"


def _snowplow(**changes: str) -> bytes:
    header = find("snowplow_events").layouts[1].header
    assert header is not None
    assert len(header) == 131
    fields = dict.fromkeys(header, "") | {
        "app_id": "shop",
        "platform": "web",
        "collector_tstamp": "2024-03-05 10:00:01.249",
        "event": "unstruct",
        "event_id": "c6ef3124-b53a-4b13-a233-0088f79dcbcb",
        "domain_userid": "bc2e92ec6c204a14",
        "page_urlpath": "/p/mug",
        "dvce_type": "Computer",
        "derived_tstamp": "2024-03-05 09:59:59",
        "event_name": "snowplow_ecommerce_action",
    }
    return "\t".join((fields | changes).values()).encode()


def _described(schema: str, data: object) -> str:
    return json.dumps({"schema": schema, "data": data})


def _enriched(kind: str, *entities: tuple[str, object]) -> dict[str, str]:
    event = {"schema": _ACTION, "data": {"type": kind}}
    contexts = [{"schema": schema, "data": data} for schema, data in entities]
    return {
        "unstruct_event": _described("iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0", event),
        "contexts": _described("iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0", contexts),
    }


def test_enriched_events_of_snowplow() -> None:
    mug = {"id": "SKU-1", "category": "Mugs", "price": 8.99, "currency": "GBP", "quantity": 2}
    paid = {"transaction_id": "T-1", "revenue": 17.98, "currency": "GBP", "payment_method": "card", "total_quantity": 2}
    data = b"\n".join(
        [
            _snowplow(**_enriched("add_to_cart", (_PRODUCT, mug))),
            _snowplow(event_id="2", **_enriched("transaction", (_PRODUCT, mug), (_TRANSACTION, paid))),
            _snowplow(event_id="3", event="page_view", event_name="page_view"),
            _snowplow(event_id="4", event="page_ping", event_name="page_ping"),
            _snowplow(event_id="5", contexts="{broken"),
            _snowplow(event_id="6", unstruct_event='{"schema": "iglu:x", "data": []}'),
        ]
    )
    name = "run=2024-03-05-10-00-00/part-00000.gz"
    told = find("snowplow_events").model_copy(update={"quarantine": exports.mapping().quarantine})
    parsed = exports.parse(told, exports.COMPRESSIONS[".gz"](data), name=name, window=_DAY)
    assert (parsed.received, parsed.ignored) == (5, 1)
    added, bought, seen = parsed.rows.to_dicts()
    assert (added["event_kind"], added["product_ref"], added["quantity"]) == ("add_to_cart", "SKU-1", 2)
    assert (bought["event_kind"], bought["order_ref"], bought["amount"]) == ("purchase", "T-1", Decimal("17.9800"))
    assert (seen["event_kind"], seen["page_path"], seen["device"]) == ("page_view", "/p/mug", "desktop")
    assert seen["occurred_at"] == exports.utc(2024, 3, 5, 9, 59, 59)
    assert parsed.quarantined["reason"].to_list() == [
        "the record has no self-describing JSON in contexts",
        "the record has no self-describing JSON in unstruct_event",
    ]


def test_the_json_that_snowplows_sdks_make() -> None:
    record = {
        "app_id": "shop",
        "collector_tstamp": "2024-03-05T10:00:01.249Z",
        "derived_tstamp": "2024-03-05T09:59:59.000Z",
        "event": "unstruct",
        "event_id": "1",
        "event_name": "snowplow_ecommerce_action",
        "unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1": {"type": "product_view"},
        "contexts_com_snowplowanalytics_snowplow_ecommerce_product_1": [{"id": "SKU-1", "price": 8.99}],
    }
    search = record | {
        "event_id": "2",
        "event_name": "site_search",
        "unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1": None,
        "unstruct_event_com_snowplowanalytics_snowplow_site_search_1": {"terms": ["Blue Mug"], "totalResults": 3},
    }
    parsed = _lines("snowplow_events", "2024-03-05/10.jsonl", record, search)
    assert parsed.rows["event_kind"].to_list() == ["product_view", "search"]
    assert parsed.rows["product_ref"][0] == "SKU-1"
    assert (parsed.rows["search_query"][1], parsed.rows["result_count"][1]) == ("blue mug", 3)
