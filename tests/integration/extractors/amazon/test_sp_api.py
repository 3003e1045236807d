"""python-amazon-sp-api, an independent client, against the same server: it finds the same.

Where its requests differ from ours it is known who is right.

Differences found (2.1.35), none of which changes what Amazon answers:

- It adds `MarketplaceId`, `MarketplaceIds`, `marketplace_ids` and `marketplaceIds` to requests that name no
  marketplace, also to operations that have none of them. The models know only `marketplaceIds` (and `marketplaceId` for
  listTransactions): ours sends what the model knows.
- It spells booleans as Python does where the caller does (`details=True`); ours writes `true`, as the model's boolean.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from sp_api.api import (  # type: ignore[import-untyped]
    CatalogItemsV20220401,
    FinancesV20240619,
    Inventories,
    OrdersV20260101,
    Reports,
)
from sp_api.auth import AccessTokenClient  # type: ignore[import-untyped]
from sp_api.auth import access_token_client as token_cache

from extractors.amazon.fetch_reports import ORDERS
from extractors.api.connector import Request
from lakehouse.landing import RawFile
from lakehouse.windows import Window
from sandbox import amazon
from tests.integration.extractors.amazon.shop import BEGIN, END, Shop

_ADDED = {"MarketplaceId", "MarketplaceIds", "marketplace_ids"}


@pytest.fixture
def theirs(shop: Shop) -> Iterator[dict[str, Any]]:
    """How to make one of their clients talk to this server."""

    class Login(AccessTokenClient):  # type: ignore[misc]  # they ship no types
        scheme, host = "http://", shop.url.removeprefix("http://")

    token_cache.cache.clear()
    yield {
        "marketplace": SimpleNamespace(endpoint=shop.url, marketplace_id=amazon.UK.id, region="eu-west-1"),
        "credentials": {
            "lwa_app_id": amazon.CLIENT_ID,
            "lwa_client_secret": amazon.CLIENT_SECRET,
            "refresh_token": amazon.REFRESH_TOKEN,
        },
        "auth_token_client_class": Login,
    }
    token_cache.cache.clear()


def _ours(shop: Shop, resource: str, folder: Any) -> list[bytes]:  # noqa: ANN401 - a path
    folder.mkdir(exist_ok=True)
    request = Request(Window(BEGIN, END), since=BEGIN, now=END, scratch=folder)
    pages = list(shop.connector.fetch(resource, request))
    return [page.body if isinstance(page.body, bytes) else page.body.read_bytes() for page in pages]


def _asked(shop: Shop, path: str) -> list[dict[str, list[str]]]:
    """The parameters of the requests so far, and a clean log."""
    log = httpx.get(f"{shop.url}/sandbox/requests").json()
    httpx.delete(f"{shop.url}/sandbox/requests")
    return [parse_qs(one["query"]) for one in log if one["path"] == path]


def _without(asked: dict[str, list[str]], *names: str) -> dict[str, list[str]]:
    return {name: value for name, value in asked.items() if name not in {*_ADDED, *names}}


def test_orders_are_the_same_to_the_last_field(shop: Shop, theirs: dict[str, Any]) -> None:
    path = "/orders/2026-01-01/orders"
    mine = [one for body in _ours(shop, "orders", shop.scratch) for one in json.loads(body)["orders"]]
    ours = _asked(shop, path)
    client = OrdersV20260101(**theirs)
    told = {name: values[0] for name, values in ours[0].items()}
    found, token = [], None
    while True:
        more: dict[str, str] = {"paginationToken": token} if token else {}
        answer = client.search_orders(**told, **more)
        found += answer.payload["orders"]
        token = (answer.pagination or {}).get("nextToken")
        if not token:
            break
    assert found == mine
    assert len(found) > 400
    asked = _asked(shop, path)
    tokens = ("paginationToken",)  # dated, so of other text
    assert [_without(one, *tokens) for one in asked] == [_without(one, *tokens) for one in ours]
    assert [sorted(one) for one in map(_without, asked)] == [sorted(one) for one in ours]
    one = client.get_order(found[0]["orderId"], includedData=told["includedData"]).payload
    assert one["order"] == found[0]


def test_transactions_are_the_same(shop: Shop, theirs: dict[str, Any]) -> None:
    path = "/finances/2024-06-19/transactions"
    mine = [
        one for body in _ours(shop, "finances", shop.scratch) for one in json.loads(body)["payload"]["transactions"]
    ]
    ours = _asked(shop, path)
    client = FinancesV20240619(**theirs)
    told = {name: values[0] for name, values in ours[0].items()}
    found, token = [], None
    while True:
        more: dict[str, str] = {"nextToken": token} if token else {}
        payload = client.list_transactions(**told, **more).payload
        found += payload["transactions"]
        token = payload.get("nextToken")
        if not token:
            break
    assert found == mine
    # Theirs sends the account's marketplace in names that listTransactions does not know, so it filters nothing.
    assert {name for one in _asked(shop, path) for name in one} - {name for one in ours for name in one} == {
        *_ADDED, "marketplaceIds",
    }  # fmt: skip


def test_stock_and_catalogue_are_the_same(shop: Shop, theirs: dict[str, Any]) -> None:
    path = "/fba/inventory/v1/summaries"
    mine = [
        one
        for body in _ours(shop, "inventory", shop.scratch)
        for one in json.loads(body)["payload"]["inventorySummaries"]
    ]
    ours = _asked(shop, path)
    payload = (
        Inventories(**theirs).get_inventory_summary_marketplace(details="true", marketplaceIds=[amazon.UK.id]).payload
    )
    found = payload["inventorySummaries"]
    assert found == mine[: len(found)]
    assert _without(_asked(shop, path)[0]) == ours[0]
    items = CatalogItemsV20220401(**theirs).search_catalog_items(
        identifiers=[found[0]["asin"]],
        identifiersType="ASIN",
        marketplaceIds=[amazon.UK.id],
        includedData=["summaries"],
    )
    assert items.payload["items"][0]["asin"] == found[0]["asin"]


@pytest.mark.parametrize("place", [amazon.UK, amazon.JP])
def test_a_reports_bytes_and_text_are_the_same(shop: Shop, theirs: dict[str, Any], place: amazon.Marketplace) -> None:
    window = Window(BEGIN, END)
    request = Request(window, since=BEGIN, now=END, scratch=shop.scratch)
    shop.scratch.mkdir(exist_ok=True)
    pages = [one for one in shop.connector.fetch("orders_report", request) if one.meta["marketplace"] == place.id]
    page = next(one for one in pages if one.meta["status"] == "DONE")
    client = Reports(**theirs)
    span = {
        "dataStartTime": _span(shop, page.meta["report_id"])[0],
        "dataEndTime": _span(shop, page.meta["report_id"])[1],
    }
    number = client.create_report(reportType=ORDERS, marketplaceIds=[place.id], **span).payload["reportId"]
    while (report := client.get_report(number).payload)["processingStatus"] in ("IN_QUEUE", "IN_PROGRESS"):
        pass
    document = client.get_report_document(report["reportDocumentId"], download=True)
    assert not isinstance(page.body, bytes)
    body = page.body.read_bytes()
    text = (gzip.decompress(body) if page.meta["compression"] else body).decode(place.charset)
    assert document.payload["document"] == text
    assert document.character_code.lower() == place.charset
    part = RawFile(page.name, page.body, page.meta)
    (parsed,) = shop.connector.parse("orders_report", [part])
    titles = parsed.tables["order_lines"]["product_title"].drop_nulls()
    assert titles.str.contains("ソファー表示 ①㈱" if place is amazon.JP else "Northlight™ café").any()
    assert place is amazon.JP or titles.str.contains('(10" box)', literal=True).any()


def _span(shop: Shop, number: str) -> tuple[str, str]:
    report = shop.connector._client.json("getReport", reportId=number)
    return report["dataStartTime"], report["dataEndTime"]
