"""The sweep for deleted orders: what was landed and is listed no more is asked for singly, and only then is gone.

An order in the trash is in no listing of `status=any`, and one deleted for good is nowhere; neither leaves a trace in
what was changed (quirk 4).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from extractors.api.client import decode_json
from extractors.api.connector import Page, Request
from extractors.woocommerce.client import Answer, Shop
from extractors.woocommerce.paging import ById, as_cursor, by_id, id_cursor
from extractors.woocommerce.place import Place, Told, walk

_FIELDS = {"_fields": "id,status"}
GONE = "_invalid_id"
"""How WooCommerce's error codes for a record that does not exist end."""


def deletions(shop: Shop, request: Request) -> Iterator[Page]:
    """The listing of all orders, then what the shop says of each landed one that is not in it."""

    @cache
    def known() -> list[int]:
        return sorted(int(ref) for ref in request.known("orders")["record_ref"].to_list())

    def listing(shop: Shop, _request: Request, place: Place) -> tuple[list[Told], Place | None]:
        at = ById() if place.at is None else id_cursor(place.at)
        answer, further = by_id(shop, "orders", {"status": "any", **_FIELDS}, at)
        told = Told("listing", answer.body, answer.asked_at)
        missing = tuple(dict.fromkeys([*place.pending, *_missing(answer, at, further, known())]))
        if further is not None:
            return [told], Place("listing", at=as_cursor(further), pending=missing)
        return [told], Place("asking", pending=missing) if missing else None

    yield from walk(shop, request, "listing", {"listing": listing, "asking": _ask})


def _missing(answer: Answer, at: ById, further: ById | None, known: list[int]) -> list[str]:
    """Landed orders that should be on this page and are not.

    A page begins with a number that came before and has all that exist up to its last: what lies between and is not
    on it is not there. A page without that footing says nothing.
    """
    if further is not None and further.last == at.last:
        return []
    there = set(answer.ids)
    low = -1 if at.last is None else at.last
    high = max([low, *there, *known]) if further is None else max(there)
    return [str(number) for number in known if low < number <= high and number not in there]


def _ask(shop: Shop, _request: Request, place: Place) -> tuple[list[Told], Place | None]:
    order, *others = place.pending
    told = shop.single(f"orders/{order}", _FIELDS, gone=GONE)
    is_gone = told.status == 404 or decode_json(told.body).get("status") == "trash"
    page = Told("asked", told.body, told.asked_at, int(is_gone), {"record": order, "status": str(told.status)})
    return [page], Place("asking", pending=tuple(others)) if others else None
