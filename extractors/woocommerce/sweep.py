"""The sweep for deleted orders: what was landed and is listed no more is asked for singly, and only then is gone.

An order in the trash is in no listing of `status=any`, and one deleted for good is nowhere; neither leaves a trace in
what was changed (quirk 4).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from extractors.api.client import decode_json
from extractors.api.connector import Page, Request
from extractors.api.errors import ExpiredCursorError
from extractors.woocommerce.client import Shop
from extractors.woocommerce.paging import ById, as_cursor, by_id, id_cursor
from extractors.woocommerce.place import Place, Told, walk

_FIELDS = {"_fields": "id,status"}
GONE = "_invalid_id"
"""How WooCommerce's error codes for a record that does not exist end."""


def deletions(shop: Shop, request: Request) -> Iterator[Page]:
    """The listing of all orders, then what the shop says of each landed one that is not in it."""
    listed: set[str] = set()

    def listing(shop: Shop, request: Request, place: Place) -> tuple[list[Told], Place | None]:
        at = ById() if place.at is None else id_cursor(place.at)
        answer, further = by_id(shop, "orders", {"status": "any", **_FIELDS}, at)
        listed.update(str(number) for number in answer.ids)
        told = Told("listing", answer.body, answer.asked_at)
        if further is not None:
            return [told], Place("listing", at=as_cursor(further))
        missing = sorted(set(request.known("orders")["record_ref"].to_list()) - listed, key=int)
        return [told], Place("asking", pending=tuple(missing)) if missing else None

    if request.cursor is not None and json.loads(request.cursor).get("phase") == "listing":
        # What was listed before the kill is not in memory; to list again costs less than to keep it.
        raise ExpiredCursorError("The listing of orders was interrupted.", remedy="It begins again.")
    yield from walk(shop, request, "listing", {"listing": listing, "asking": _ask})


def _ask(shop: Shop, _request: Request, place: Place) -> tuple[list[Told], Place | None]:
    order, *others = place.pending
    told = shop.single(f"orders/{order}", _FIELDS, gone=GONE)
    is_gone = told.status == 404 or decode_json(told.body).get("status") == "trash"
    page = Told("asked", told.body, told.asked_at, int(is_gone), {"record": order, "status": str(told.status)})
    return [page], Place("asking", pending=tuple(others)) if others else None
