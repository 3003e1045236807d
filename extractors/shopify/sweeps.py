"""What no modified time tells: refunds that leave their order's alone, and records that are gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl

from extractors.api.connector import Page, Request
from extractors.shopify import queries
from extractors.shopify.bulk import Bulk, lines_of
from extractors.shopify.client import Client
from extractors.shopify.pages import Pager, Place, next_cursor
from extractors.shopify.resources import Kind

_AT_ONCE = 250
_WORTH_AN_EXPORT = 2_000  # so many questions cost more than one export of all numbers
# The resource that lands them, what deletions call them, and the node and type that are asked for.
SWEPT = (
    ("orders", "orders", "Order", queries.ORDER_IDS),
    ("products", "products", "ProductVariant", queries.VARIANT_IDS),
    ("customers", "customers", "Customer", queries.CUSTOMER_IDS),
)


def refunds(pager: Pager, kind: Kind, search: str, request: Request) -> Iterator[Page]:
    """Orders to which money went back in the window, by the money's own dates.

    Shopify lists no refunds of its own. It lists money that moved, whatever gateway moved it; negative amounts went
    back. https://shopify.dev/docs/api/admin-graphql/latest/queries/tenderTransactions
    """
    name, place = kind.resource.name, Place.of(request.cursor)
    while place.phase == "pages":
        after = place.after
        answer, _ = pager.sized(
            queries.TENDER,
            lambda size, after=after: {"first": size, "after": after, "query": search},  # type: ignore[misc]
        )
        moved = answer.data["tenderTransactions"]
        orders = [one["order"]["id"] for one in moved["nodes"] if one["order"] and _went_back(one["amount"]["amount"])]
        ids = tuple(dict.fromkeys([*place.ids, *orders]))
        following = next_cursor(moved["pageInfo"], after)
        number = place.number
        place = Place(number + 1, following, "pages" if following else "rest", ids)
        cursor = place.cursor() if following or ids else None
        yield Page(f"{name}-{number:05d}-tender.json", answer.body, cursor, reported=0)
    yield from pager.rest(name, kind.node, place, request, counted=True)


def deletions(client: Client, bulk: Bulk, request: Request, *, oldest: datetime | None) -> Iterator[Page]:
    """Asks for everything that was landed and says what Shopify has no more.

    Args:
        client: The shop.
        bulk: Its exports.
        request: The extraction.
        oldest: Orders before this cannot be seen, so nothing is said of them; None: all can.
    """
    place = Place.of(request.cursor)
    asked, number, after = set(place.ids), place.number, place.after or ""
    as_of = min(request.window.end, request.now).astimezone(UTC)
    for resource, entity, kind, node in SWEPT:
        if entity in asked:
            continue
        candidates = _candidates(bulk, request, resource, kind, node, oldest if kind == "Order" else None)
        numbers, after = [one for one in candidates if one > after], ""
        chunks = [numbers[start : start + _AT_ONCE] for start in range(0, len(numbers), _AT_ONCE)]
        for chunk in chunks:
            answer = client.ask(queries.existence(kind, chunk))
            gone = sum(1 for value in answer.data.values() if value is None)
            number += 1
            meta = {"entity": entity, "as_of": as_of.isoformat()}
            # A run that was killed goes on behind the last number: to tell of a deletion twice is to count it twice.
            cursor = Place(number, chunk[-1], "deletions", tuple(sorted(asked))).cursor()
            yield Page(f"deletions-{number - 1:05d}.json", answer.body, cursor, reported=gone, meta=meta)
        asked.add(entity)


def _candidates(
    bulk: Bulk, request: Request, resource: str, kind: str, node: queries.Node, oldest: datetime | None
) -> list[str]:
    """The numbers to ask for, in order: all that are known, or those that an export of all numbers does not have."""
    known = request.known(resource)
    if oldest is not None:
        known = known.filter(pl.col("occurred_at") >= oldest.astimezone(UTC).replace(tzinfo=None))
    numbers = known["record_ref"].to_list()
    if len(numbers) <= _WORTH_AN_EXPORT:
        return sorted(numbers)
    export = bulk.export(node.bulk(""), request)
    there: set[str] = set()
    if export.path is not None:
        there = {line.split(f"/{kind}/".encode())[1].split(b'"')[0].decode() for line in lines_of(export.path)}
        export.path.unlink()
    request.note(None)
    return sorted(set(numbers) - there)


def _went_back(amount: str) -> bool:
    return amount.startswith("-")
