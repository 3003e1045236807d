"""Orders as Shopify answers them, made up for tests, and the ways in which they come."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from extractors.shopify.pages import is_whole
from extractors.shopify.parsing import parse
from lakehouse.landing import RawFile

Json = dict[str, Any]
PLACED, CHANGED = "2025-11-03T09:30:00Z", "2025-11-05T10:00:00Z"


def bag(minor: int, currency: str = "GBP") -> Json:
    """A money bag."""
    sign, minor = ("-" if minor < 0 else ""), abs(minor)
    amount = f"{sign}{minor // 100}.{minor % 100:02d}"
    amount = amount[:-1] if amount.endswith("0") else amount
    value = {"amount": amount, "currencyCode": currency}
    return {"shopMoney": value, "presentmentMoney": value}


def connection(nodes: Sequence[Json], *, more: bool = False) -> Json:
    """A connection's page."""
    return {"nodes": list(nodes), "pageInfo": {"hasNextPage": more, "endCursor": "c" if more else None}}


def line(number: int, price: int, ordered: int = 1, **more: Any) -> Json:  # noqa: ANN401 -- whatever JSON holds
    """A line; `discount` and `tax` are on all that was ordered."""
    discount, tax = more.get("discount", 0), more.get("tax", 0)
    application = {
        "__typename": "DiscountCodeApplication",
        "index": 0,
        "targetType": "LINE_ITEM",
        "value": {"__typename": "PricingPercentageValue", "percentage": 10.0},
        "code": "HELLO",
    }
    allocation = {"allocatedAmountSet": bag(discount), "discountApplication": application}
    return {
        "__typename": "LineItem",
        "id": f"gid://shopify/LineItem/{number}",
        "title": f"Thing {number}",
        "sku": more.get("sku", f"SKU-{number}"),
        "quantity": ordered,
        "currentQuantity": more.get("current", ordered),
        "isGiftCard": more.get("is_gift_card", False),
        "variant": more.get("variant", {"id": f"gid://shopify/ProductVariant/{number}"}),
        "lineItemGroup": more.get("group"),
        "originalUnitPriceSet": bag(price),
        "taxLines": [{"rate": 0.2, "priceSet": bag(tax)}] if tax else [],
        "discountAllocations": [allocation] if discount else [],
    }


def shipping(number: int, price: int, tax: int = 0) -> Json:
    """A shipping line."""
    return {
        "__typename": "ShippingLine",
        "id": f"gid://shopify/ShippingLine/{number}",
        "title": "Standard",
        "isRemoved": False,
        "originalPriceSet": bag(price),
        "taxLines": [{"rate": 0.2, "priceSet": bag(tax)}] if tax else [],
        "discountAllocations": [],
    }


def refund(number: int, amount: int, lines: Sequence[Json] = (), **more: Any) -> Json:  # noqa: ANN401 -- JSON
    """A refund."""
    return {
        "id": f"gid://shopify/Refund/{number}",
        "createdAt": more.get("at", "2025-11-20T12:00:00Z"),
        "note": more.get("note"),
        "totalRefundedSet": bag(amount),
        "refundLineItems": connection(lines),
        "refundShippingLines": connection(more.get("shipping", ())),
        "orderAdjustments": connection(more.get("adjustments", ())),
    }


def refund_line(number: int, line_number: int, units: int, subtotal: int, tax: int = 0) -> Json:
    """A line of a refund."""
    return {
        "id": f"gid://shopify/RefundLineItem/{number}",
        "quantity": units,
        "restocked": True,
        "subtotalSet": bag(subtotal),
        "totalTaxSet": bag(tax),
        "lineItem": {"id": f"gid://shopify/LineItem/{line_number}", "sku": f"SKU-{line_number}"},
    }


def order(number: int, lines: Sequence[Json], **more: Any) -> Json:  # noqa: ANN401 -- whatever JSON holds
    """An order; its total is what its lines come to unless `total` says otherwise."""
    included = more.get("taxes_included", True)
    ships = list(more.get("shipping", ()))
    goods = sum(_gross(one, one["quantity"]) for one in lines)
    taxes = sum(_tax(one) for one in [*lines, *ships])
    sent = sum(_minor(one["originalPriceSet"]) for one in ships)
    discount = sum(_allocated(one) for one in lines)
    total = more.get("total", goods + sent + (0 if included else taxes))
    return {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "createdAt": PLACED,
        "processedAt": PLACED,
        "updatedAt": more.get("updated_at", CHANGED),
        "cancelledAt": more.get("cancelled_at"),
        "cancelReason": None,
        "test": more.get("test", False),
        "edited": more.get("edited", False),
        "closed": False,
        "sourceName": "web",
        "currencyCode": "GBP",
        "presentmentCurrencyCode": "GBP",
        "taxesIncluded": included,
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "UNFULFILLED",
        "customer": more.get("customer"),
        "email": more.get("email"),
        "shippingAddress": {"countryCodeV2": "GB"},
        "billingAddress": None,
        "subtotalPriceSet": bag(goods),
        "totalPriceSet": bag(total),
        "totalTaxSet": bag(taxes),
        "totalDiscountsSet": bag(more.get("discounts", discount)),
        "totalShippingPriceSet": bag(sent),
        "totalRefundedSet": bag(sum(_minor(one["totalRefundedSet"]) for one in more.get("refunds", ()))),
        "totalTipReceivedSet": bag(more.get("tip", 0)),
        "originalTotalDutiesSet": None,
        "originalTotalAdditionalFeesSet": None,
        "totalCashRoundingAdjustment": {"paymentSet": bag(0)},
        "transactions": [],
        "fulfillments": [],
        "refunds": list(more.get("refunds", ())),
        "lineItems": connection(lines),
        "shippingLines": connection(ships),
    }


def _minor(value: Json) -> int:
    whole, _, cents = value["shopMoney"]["amount"].lstrip("-").partition(".")
    sign = -1 if value["shopMoney"]["amount"].startswith("-") else 1
    return sign * (int(whole) * 100 + int(f"{cents:0<2}"))


def _allocated(one: Json) -> int:
    return sum(_minor(part["allocatedAmountSet"]) for part in one["discountAllocations"])


def _tax(one: Json) -> int:
    return sum(_minor(part["priceSet"]) for part in one["taxLines"])


def _gross(one: Json, units: int) -> int:
    return units * _minor(one["originalUnitPriceSet"]) - _allocated(one)


def as_page(folder: Path, orders: Sequence[Json], name: str = "orders-00001.json") -> list[RawFile]:
    """A page of a search."""
    body = {"data": {"orders": {"nodes": list(orders), "pageInfo": {"hasNextPage": False, "endCursor": None}}}}
    return [_part(folder, name, json.dumps(body))]


def as_export(folder: Path, orders: Sequence[Json], seed: int = 0) -> list[RawFile]:
    """A bulk export, its lines in no order, and the page of those orders that no export holds whole."""
    lines: list[Json] = []
    deferred: list[str] = []
    for one in copy.deepcopy(list(orders)):
        for name in ("lineItems", "shippingLines"):
            lines.extend({**child, "__parentId": one["id"]} for child in one.pop(name)["nodes"])
        for given in one["refunds"]:
            for name in ("refundLineItems", "refundShippingLines", "orderAdjustments"):
                del given[name]
        lines.append(one)
        if not is_whole(one, "Order"):
            deferred.append(one["id"])
    random.Random(seed).shuffle(lines)  # noqa: S311  any order does
    parts = [_part(folder, "orders-00001-bulk.jsonl", "\n".join(json.dumps(one) for one in lines))]
    if deferred:
        whole = [one for one in orders if one["id"] in deferred]
        parts.append(_part(folder, "orders-00002-rest.jsonl", json.dumps({"data": {"nodes": whole}})))
    return parts


def _part(folder: Path, name: str, text: str) -> RawFile:
    path = folder / name
    path.write_text(text)
    return RawFile(name, path, {"as_of": "2025-11-30T00:00:00+00:00"})


def parsed(parts: Sequence[RawFile], resource: str = "orders") -> Any:  # noqa: ANN401 -- the only parsing
    """What these parts become; small ones are read together."""
    (parsing,) = parse(resource, parts)
    return parsing
