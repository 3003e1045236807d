"""What is asked of the shop for each resource."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from extractors.api.connector import Request
from extractors.woocommerce.client import Answer, Shop
from extractors.woocommerce.paging import (
    BY_CHANGE,
    BY_CREATION,
    ById,
    ByTime,
    TimeOrder,
    as_cursor,
    by_id,
    by_time,
    id_cursor,
    time_cursor,
)
from extractors.woocommerce.place import Place, Step, Told

_ANY = {"status": "any"}
# What a refund does not say of itself. Of the address only the country: the rest is nobody's business here.
_OF_PARENT = "id,currency,customer_id,billing.country,payment_method"
_Outcome = tuple[Sequence[Told], Place | None]


def _told(kind: str, answer: Answer, **meta: str) -> Told:
    return Told(kind, answer.body, answer.asked_at, len(answer.rows), meta)


def _timely(
    shop: Shop, request: Request, place: Place, path: str, params: Mapping[str, object], order: TimeOrder
) -> tuple[Answer, Place | None]:
    """A page of a listing by time, within the window and the overlap before it."""
    end = min(request.window.end, request.now)
    at = ByTime.since(request.since) if place.at is None else time_cursor(place.at)
    answer, further = by_time(shop, path, params, order, end, at)
    return answer, None if further is None else replace(place, at=as_cursor(further))


def _whole(shop: Shop, place: Place, path: str, params: Mapping[str, object]) -> tuple[Answer, Place | None]:
    """A page of a whole listing, by number."""
    answer, further = by_id(shop, path, params, ById() if place.at is None else id_cursor(place.at))
    return answer, None if further is None else replace(place, at=as_cursor(further))


def _orders(shop: Shop, request: Request, place: Place) -> _Outcome:
    answer, further = _timely(shop, request, place, "orders", _ANY, BY_CHANGE)
    return [_told("orders", answer)], further


def _customers(shop: Shop, _request: Request, place: Place) -> _Outcome:
    # The listing knows no times (class-wc-rest-customers-v1-controller.php). All roles: whoever has bought counts.
    answer, further = _whole(shop, place, "customers", {"role": "all"})
    return [_told("customers", answer)], further


def _coupons(shop: Shop, _request: Request, place: Place) -> _Outcome:
    answer, further = _whole(shop, place, "coupons", {})
    return [_told("coupons", answer)], further


def _settings(group: str, then: str) -> Step:
    """Asks for a group of the shop's settings: records name neither the currency nor the unit of weight."""

    def step(shop: Shop, _request: Request, _place: Place) -> _Outcome:
        told = shop.single(f"settings/{group}", {})
        return [Told("settings", told.body, told.asked_at)], Place(then)

    return step


def _products(shop: Shop, _request: Request, place: Place) -> _Outcome:
    answer, further = _whole(shop, place, "products", _ANY)
    variable = [str(row["id"]) for row in answer.rows if row.get("type") == "variable"]
    parents = tuple(dict.fromkeys([*place.pending, *variable]))
    # A variable product is no record: its variations are what is sold.
    told = replace(_told("products", answer), reported=len(answer.rows) - len(variable))
    if further is not None:
        return [told], replace(further, pending=parents)
    if not parents:
        return [told], None
    if shop.has_listing("variations"):
        return [told], Place("variations")
    return [told], Place("each_variation", pending=parents)


def _variations(shop: Shop, _request: Request, place: Place) -> _Outcome:
    answer, further = _whole(shop, place, "variations", {})
    return [_told("variations", answer)], further


def _each_variation(shop: Shop, _request: Request, place: Place) -> _Outcome:
    """The variations of one product after another, of a WooCommerce before 10.3."""
    parent, *others = place.pending
    answer, further = _whole(shop, place, f"products/{parent}/variations", {})
    if further is None and others:
        further = replace(place, at=None, pending=tuple(others))
    return [_told("variations", answer, parent=parent)], further


def _refunds(shop: Shop, request: Request, place: Place) -> _Outcome:
    """Refunds by the time they were given, not by their order's: a refund need not touch that (quirk 1)."""
    if place.at is None and not shop.has_listing("refunds"):
        return _refunded_orders(shop, request, Place("refunded_orders"))
    answer, further = _timely(shop, request, place, "refunds", {}, BY_CREATION)
    refunds = _told("refunds", answer)
    if not answer.rows:
        return [refunds], further
    parents = dict.fromkeys(str(row["parent_id"]) for row in answer.rows)
    found = shop.listing("orders", {**_ANY, "include": ",".join(parents), "_fields": _OF_PARENT})
    return [replace(_told("parents", found), reported=0), refunds], further


def _refunded_orders(shop: Shop, request: Request, place: Place) -> _Outcome:
    """All orders with the numbers of their refunds, of a WooCommerce before 9.0 that lists refunds by order only."""
    here = replace(place, phase="refunded_orders")
    answer, further = _whole(shop, here, "orders", {**_ANY, "_fields": f"{_OF_PARENT},refunds"})
    known = set(request.known("refunds")["record_ref"].to_list())
    pending = tuple(
        str(row["id"]) for row in answer.rows if any(str(one["id"]) not in known for one in row.get("refunds", []))
    )
    told = replace(_told("parents", answer), reported=0)
    if not pending:
        return [told], further
    return [told], Place("refunds_of_order", at=None if further is None else further.at, pending=pending)


def _refunds_of_order(shop: Shop, _request: Request, place: Place) -> _Outcome:
    """The refunds of one order after another; then the next orders."""
    order, *others = place.pending
    found, at = [], ById()
    while True:
        answer, further = by_id(shop, f"orders/{order}/refunds", {}, at)
        found.append(_told("refunds", answer, parent=order))
        if further is None:
            break
        at = further
    if others:
        return found, replace(place, pending=tuple(others))
    return found, None if place.at is None else Place("refunded_orders", at=place.at)


STEPS: Mapping[str, tuple[str, Mapping[str, Step]]] = {
    "orders": ("orders", {"orders": _orders}),
    "refunds": (
        "refunds",
        {"refunds": _refunds, "refunded_orders": _refunded_orders, "refunds_of_order": _refunds_of_order},
    ),
    "products": (
        "general",
        {
            "general": _settings("general", "units"),
            "units": _settings("products", "products"),
            "products": _products,
            "variations": _variations,
            "each_variation": _each_variation,
        },
    ),
    "customers": ("customers", {"customers": _customers}),
    "coupons": ("general", {"general": _settings("general", "coupons"), "coupons": _coupons}),
}
"""For each resource the phase that it begins with, and what to do in each. Deletions have a module of their own."""
