"""Orders API 2026-01-01: searchOrders and getOrder, in the shapes of the official model.

https://developer-docs.amazon.com/sp-api/docs/orders-api-v2026-01-01-reference
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.amazon.answers import Refused, disturbed, iso, listed, moment, naive, read_token, write_token
from sandbox.amazon.marketplaces import MARKETPLACES, Marketplace, allocate, decimal, title
from sandbox.amazon.merchant import Merchant, Row
from sandbox.serving import Faults, SandboxClock

TOKEN_LIFETIME: Final = timedelta(hours=24)
_LAG: Final = timedelta(minutes=2)  # "at least two minutes before the time of the request"


class Orders:
    """The two operations over the merchant's orders."""

    def __init__(self, merchant: Merchant, clock: SandboxClock, faults: Faults) -> None:
        self._merchant = merchant
        self._clock = clock
        self._faults = faults

    async def search(self, request: Request) -> Response:
        """`searchOrders`."""
        now = naive(self._clock.now())
        column, after, before = _range(request, now - _LAG)
        size = _page_size(request)
        found = self._merchant.orders(now).filter(
            pl.col(column).is_between(after, before) & pl.col("sales_channel").is_in(_marketplaces(request))
        )
        token = request.query_params.get("paginationToken")
        if token:
            if self._faults.strike("expired_cursor", request.url.path):
                raise Refused("Invalid Input", details="The pagination token has expired")
            place = read_token(token, now, lifetime=TOKEN_LIFETIME)
            found = found.filter(_beyond(place))
        page = found.sort("last_updated", "order_id").head(size)
        orders = self._written(page, set(listed(request, "includedData")))
        answer: dict[str, Any] = {"orders": disturbed(self._faults, request.url.path, orders)}
        if found.height > size:
            last = page.row(-1, named=True)
            place = {"updated": last["last_updated"].isoformat(), "order_id": last["order_id"]}
            answer["pagination"] = {"nextToken": write_token(now, **place)}
        answer["createdBefore" if column == "created_at" else "lastUpdatedBefore"] = iso(before)
        return JSONResponse(answer)

    async def get(self, request: Request) -> Response:
        """`getOrder`."""
        number = request.path_params["orderId"]
        found = self._merchant.orders(naive(self._clock.now())).filter(pl.col("platform_order_id") == number)
        if found.is_empty():
            raise Refused("The requested resource doesn't exist.", status=404, code="NotFound")
        return JSONResponse({"order": self._written(found, set(listed(request, "includedData")))[0]})

    def _written(self, page: pl.DataFrame, included: set[str]) -> list[dict[str, Any]]:
        lines = self._merchant.of("order_lines", page["order_id"])
        return [self._order(row, lines[row["order_id"]], included) for row in page.iter_rows(named=True)]

    def _order(self, order: Row, lines: list[Row], included: set[str]) -> dict[str, Any]:
        marketplace = MARKETPLACES[order["sales_channel"]]
        priced = order["is_paid"] and not order["is_cancelled"]
        answer: dict[str, Any] = {
            "orderId": order["platform_order_id"],
            "createdTime": iso(order["created_at"]),
            "lastUpdatedTime": iso(order["last_updated"]),
            "programs": ["PRIME"],
            "salesChannel": {
                "channelName": "AMAZON",
                "marketplaceId": marketplace.id,
                "marketplaceName": marketplace.name,
            },
        }
        if priced and "PROCEEDS" in included:
            answer["proceeds"] = {"grandTotal": _money(_total(order), marketplace)}
        if "FULFILLMENT" in included:
            answer["fulfillment"] = _fulfillment(order)
        if priced and "PAYMENT" in included:
            execution = {"paymentMethod": "CreditCard", "paymentAmount": _money(_total(order), marketplace)}
            answer["payment"] = {"paymentExecutions": [execution]}
        if "BUYER" in included and order["email"]:
            answer["buyer"] = {"buyerEmail": order["email"]}
        if "RECIPIENT" in included:
            answer["recipient"] = {"deliveryAddress": _address(order)}
        answer["orderItems"] = self._items(order, lines, marketplace, included)
        return answer

    def _items(
        self, order: Row, lines: list[Row], marketplace: Marketplace, included: set[str]
    ) -> list[dict[str, Any]]:
        goods = [
            line for line in lines if line["kind"] != "shipping" and (order["is_edited"] or not _added(line, order))
        ]
        carriage = [line for line in lines if line["kind"] == "shipping"]
        values = [charges(line, order)["gross"] for line in goods]
        postage = allocate(sum(line["unit_price_minor"] for line in carriage), values)
        postage_tax = allocate(sum(line["tax_minor"] for line in carriage), values)
        shares = zip(goods, postage, postage_tax, strict=True)
        return [self._item(order, line, paid, tax, marketplace, included) for line, paid, tax in shares]

    def _item(
        self, order: Row, line: Row, postage: int, postage_tax: int, marketplace: Marketplace, included: set[str]
    ) -> dict[str, Any]:
        variant = self._merchant.variant(line["variant_id"])
        amounts = charges(line, order)
        priced = order["is_paid"] and not order["is_cancelled"]
        product: dict[str, Any] = {
            "asin": variant["asin"],
            "title": title(variant["title_en"], variant["product_id"], marketplace),
            "sellerSku": line["sku"],
            "condition": {"conditionType": "NEW", "conditionSubtype": "NEW", "conditionNote": ""},
        }
        if priced:
            product["price"] = {"unitPrice": _money(line["unit_price_minor"], marketplace)}
        item: dict[str, Any] = {
            "orderItemId": line["platform_line_id"],
            "quantityOrdered": amounts["quantity"],
            "product": product,
        }
        if priced and "PROCEEDS" in included:
            item["proceeds"] = _proceeds(order, amounts, postage, postage_tax, marketplace)
        if "FULFILLMENT" in included:
            sent = line["fulfilled_quantity"] if order["shipped"] >= order["ordered"] else 0
            left = max(0, amounts["quantity"] - sent)
            item["fulfillment"] = {"quantityFulfilled": sent, "quantityUnfulfilled": left}
        if order["is_cancelled"] and "CANCELLATION" in included:
            execution = {"cancelledBy": "BUYER", "cancelReason": order["cancel_reason"] or "OTHER"}
            item["cancellation"] = {"cancellationExecution": execution}
        if amounts["discount"] and "PROMOTION" in included:
            item["promotion"] = {"breakdowns": [{"promotionId": order["discount_code"] or "Core Free Discount"}]}
        return item


def charges(line: Row, order: Row) -> dict[str, int]:
    """A line's quantity and amounts in minor units, with tax: `gross` before `discount`, and the `tax` in both."""
    edited = order["is_edited"]
    quantity = line["current_quantity"] if edited or order["edited_at"] is None else line["quantity"]
    tax = line["tax_minor"] if edited or order["edited_at"] is None else line["original_tax_minor"]
    rate = order["tax_rate_bp"]
    added = 0 if order["taxes_included"] else tax
    discount_tax = line["discount_minor"] * rate // (10_000 + rate) if order["taxes_included"] else 0
    return {
        "quantity": quantity,
        "gross": quantity * line["unit_price_minor"] + added,
        "discount": line["discount_minor"],
        "tax": tax,
        "discount_tax": discount_tax,
    }


def _proceeds(
    order: Row, amounts: dict[str, int], postage: int, postage_tax: int, marketplace: Marketplace
) -> dict[str, Any]:
    net = marketplace.lists_net
    item_tax, discount_tax = amounts["tax"] + amounts["discount_tax"], amounts["discount_tax"]
    shipping = postage + (0 if order["taxes_included"] else postage_tax)
    parts = {
        "ITEM": amounts["gross"] - (item_tax if net else 0),
        "SHIPPING": shipping - (postage_tax if net else 0),
        "DISCOUNT": -amounts["discount"] + (discount_tax if net else 0),
    }
    taxes = {"ITEM": item_tax, "SHIPPING": postage_tax, "DISCOUNT": -discount_tax}
    total = amounts["gross"] - amounts["discount"] + shipping
    breakdowns: list[dict[str, Any]] = [
        {"type": kind, "subtotal": _money(value, marketplace)} for kind, value in parts.items() if value
    ]
    detailed = [{"subtype": kind, "value": _money(value, marketplace)} for kind, value in taxes.items() if value]
    if detailed:
        told = {"type": "TAX", "subtotal": _money(sum(taxes.values()), marketplace), "detailedBreakdowns": detailed}
        breakdowns.append(told)
    return {"proceedsTotal": _money(total, marketplace), "breakdowns": breakdowns}


def _added(line: Row, order: Row) -> bool:
    return bool(line["added_at"] > order["created_at"])


def _total(order: Row) -> int:
    before_edit = order["edited_at"] is not None and not order["is_edited"]
    return int(order["original_total_minor"] if before_edit else order["total_minor"])


def status(order: Row) -> str:
    """The order's `fulfillmentStatus`."""
    if order["is_cancelled"]:
        return "CANCELLED"
    if not order["is_paid"]:
        return "PENDING"
    if order["shipped"] <= 0:
        return "UNSHIPPED"
    return "SHIPPED" if order["shipped"] >= order["ordered"] else "PARTIALLY_SHIPPED"


def _fulfillment(order: Row) -> dict[str, Any]:
    return {"fulfillmentStatus": status(order), "fulfilledBy": "AMAZON", "fulfillmentServiceLevel": "STANDARD"}


def _address(order: Row) -> dict[str, Any]:
    address = {"city": order["city"], "postalCode": order["postcode"], "countryCode": order["country"]}
    return {name: value for name, value in address.items() if value} | {"addressType": "RESIDENTIAL"}


def _money(minor: int, marketplace: Marketplace) -> dict[str, str]:
    return {"amount": decimal(minor, marketplace), "currencyCode": marketplace.currency}


def _marketplaces(request: Request) -> list[str]:
    wanted = listed(request, "marketplaceIds") or list(MARKETPLACES)
    if not set(wanted) <= set(MARKETPLACES):
        raise Refused("Invalid Input", details="Invalid marketplaceIds")
    return wanted


def _page_size(request: Request) -> int:
    text = request.query_params.get("maxResultsPerPage", "100")
    if not text.isdigit() or not 1 <= int(text) <= 100:
        raise Refused("Invalid Input", details="Invalid maxResultsPerPage")
    return int(text)


def _range(request: Request, latest: datetime) -> tuple[str, datetime, datetime]:
    ask = request.query_params
    created, updated = ask.get("createdAfter"), ask.get("lastUpdatedAfter")
    if (created is None) == (updated is None):
        raise Refused("Invalid Input", details="Exactly one of createdAfter and lastUpdatedAfter is required")
    kind, column = ("created", "created_at") if created else ("lastUpdated", "last_updated")
    if ask.get("lastUpdatedBefore" if created else "createdBefore"):
        raise Refused("Invalid Input", details="createdBefore and lastUpdatedBefore go with their own After")
    after = moment(created or updated, f"{kind}After")
    before = moment(ask.get(f"{kind}Before"), f"{kind}Before") or latest
    if before > latest or after is None or (ask.get(f"{kind}Before") and before < after):
        raise Refused("Invalid Input", details=f"Invalid date/time range [{kind}Before]")
    return column, after, before


def _beyond(place: dict[str, Any]) -> pl.Expr:
    updated = pl.lit(place["updated"]).str.to_datetime(time_unit="us")
    later = pl.col("last_updated") > updated
    at_once: pl.Expr = later | ((pl.col("last_updated") == updated) & (pl.col("order_id") > place["order_id"]))
    return at_once
