"""Catalog Items API 2022-04-01: searchCatalogItems and getCatalogItem.

https://developer-docs.amazon.com/sp-api/docs/catalog-items-api-v2022-04-01-reference
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.amazon.answers import Refused, disturbed, listed, naive, read_token, write_token
from sandbox.amazon.finances import SELLER_ID
from sandbox.amazon.marketplaces import MARKETPLACES, Marketplace, number, title
from sandbox.amazon.merchant import Merchant, Row
from sandbox.serving import Faults, SandboxClock
from sandbox.world.part_numbers import part_number

MOST_IDENTIFIERS: Final = 20
_TOKEN_LIFETIME: Final = timedelta(hours=1)
_POUND_GRAMS: Final = 453.59237


class Catalog:
    """The two operations over the products that the merchant sells."""

    def __init__(self, merchant: Merchant, clock: SandboxClock, faults: Faults) -> None:
        self._merchant = merchant
        self._clock = clock
        self._faults = faults
        self._prices: dict[tuple[int, str], list[tuple[datetime, int]]] = {}
        columns = ("variant_id", "currency", "valid_from", "price_minor")
        for variant_id, currency, since, price in (
            merchant.table("variant_prices").select(columns).sort("valid_from").rows()
        ):
            self._prices.setdefault((variant_id, currency), []).append((since, price))

    async def search(self, request: Request) -> Response:
        """`searchCatalogItems`, by identifiers."""
        marketplace = _marketplace(request)
        found = self._found(request, marketplace)
        size = min(20, int(request.query_params.get("pageSize", "10")))
        token = request.query_params.get("pageToken")
        now = naive(self._clock.now())
        start = read_token(token, now, lifetime=_TOKEN_LIFETIME)["start"] if token else 0
        page = found[start : start + size]
        items = [self._item(row, request, marketplace) for row in page]
        answer: dict[str, Any] = {
            "numberOfResults": len(found),
            "items": disturbed(self._faults, request.url.path, items),
        }
        if start + size < len(found):
            answer["pagination"] = {"nextToken": write_token(now, start=start + size)}
        return JSONResponse(answer)

    async def get(self, request: Request) -> Response:
        """`getCatalogItem`."""
        marketplace = _marketplace(request)
        row = self._merchant.by_asin(request.path_params["asin"])
        if row is None:
            raise Refused("Requested item not found in the marketplace.", status=404, code="NOT_FOUND")
        return JSONResponse(self._item(row, request, marketplace))

    def _found(self, request: Request, marketplace: Marketplace) -> list[Row]:
        identifiers, kind = listed(request, "identifiers"), request.query_params.get("identifiersType")
        finders: dict[str, Callable[[str], Row | None]] = {
            "ASIN": self._merchant.by_asin,
            "SKU": self._merchant.by_sku,
        }
        if not identifiers or len(identifiers) > MOST_IDENTIFIERS or kind not in finders:
            raise Refused("Request has missing or invalid parameters and cannot be parsed.", code="400")
        if kind == "SKU" and request.query_params.get("sellerId") != SELLER_ID:
            raise Refused("sellerId is required when identifiersType is SKU.", code="400")
        here = {row["variant_id"] for row in self._merchant.variants(marketplace, naive(self._clock.now()))}
        rows = [finders[kind](identifier) for identifier in identifiers]
        return [row for row in rows if row is not None and row["variant_id"] in here]

    def _item(self, row: Row, request: Request, marketplace: Marketplace) -> dict[str, Any]:
        included = listed(request, "includedData") or ["summaries"]
        parts: dict[str, Callable[[], Any]] = {
            "summaries": lambda: [self._summary(row, marketplace)],
            "identifiers": lambda: [_identifiers(row, marketplace)],
            "classifications": lambda: [_classifications(row, marketplace)],
            "dimensions": lambda: [_dimensions(row, marketplace)],
            "relationships": lambda: [{"marketplaceId": marketplace.id, "relationships": []}],
            "attributes": lambda: _attributes(row, self._price(row, marketplace), marketplace),
        }
        return {"asin": row["asin"]} | {name: parts[name]() for name in included if name in parts}

    def _summary(self, row: Row, marketplace: Marketplace) -> dict[str, Any]:
        named = title(row["title_en"], row["product_id"], marketplace)
        option = f" {row['option_value']}" if row["option_value"] else ""
        return {
            "marketplaceId": marketplace.id,
            "adultProduct": False,
            "autographed": False,
            "brand": row["brand"],
            "itemClassification": "BASE_PRODUCT",
            "itemName": named + option,
            "memorabilia": False,
            "packageQuantity": row["pack_units"],
            "partNumber": part_number(row["brand"], row["variant_id"]),
            "tradeInEligible": False,
        }

    def _price(self, row: Row, marketplace: Marketplace) -> int | None:
        now = naive(self._clock.now())
        past = [
            price for since, price in self._prices.get((row["variant_id"], marketplace.currency), ()) if since <= now
        ]
        return past[-1] if past else None


def _marketplace(request: Request) -> Marketplace:
    wanted = listed(request, "marketplaceIds")
    if len(wanted) != 1 or wanted[0] not in MARKETPLACES:
        raise Refused("Request has missing or invalid parameters and cannot be parsed.", code="400")
    return MARKETPLACES[wanted[0]]


def _identifiers(row: Row, marketplace: Marketplace) -> dict[str, Any]:
    codes = {"EAN": row["gtin"], "SKU": row["sku"]}
    told = [{"identifierType": kind, "identifier": code} for kind, code in codes.items() if code]
    return {"marketplaceId": marketplace.id, "identifiers": told}


def _classifications(row: Row, marketplace: Marketplace) -> dict[str, Any]:
    """The category from the leaf to the root, each in its parent: as Amazon nests them."""
    node: dict[str, Any] | None = None
    for level, name in enumerate((row["path_en"] or "").split(" > ")):
        identifier = f"{row['category_id']}{level}"
        parent = {} if node is None else {"parent": node}
        node = {"displayName": name, "classificationId": identifier} | parent
    return {"marketplaceId": marketplace.id, "classifications": [node] if node else []}


def _dimensions(row: Row, marketplace: Marketplace) -> dict[str, Any]:
    pounds = round(row["weight_g"] / _POUND_GRAMS, 10)
    return {"marketplaceId": marketplace.id, "item": {"weight": {"unit": "pounds", "value": pounds}}}


def _attributes(row: Row, price: int | None, marketplace: Marketplace) -> dict[str, Any]:
    number_of_maker = part_number(row["brand"], row["variant_id"])
    told: dict[str, Any] = {
        "brand": [{"value": row["brand"], "marketplace_id": marketplace.id}],
        "part_number": [{"value": number_of_maker, "marketplace_id": marketplace.id}],
    }
    if price is None:
        return told
    value = {"value": number(price, marketplace), "currency": marketplace.currency, "marketplace_id": marketplace.id}
    return told | {"list_price": [value]}
