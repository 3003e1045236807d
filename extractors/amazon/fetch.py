"""Asks the APIs, page by page. A cursor is the vendor's page token with what it belongs to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from extractors.amazon.client import Client
from extractors.amazon.errors import InvalidInputError
from extractors.amazon.marketplaces import Marketplace
from extractors.amazon.resources import Options
from extractors.api.client import decode_json
from extractors.api.connector import Page, Request
from extractors.api.errors import ExpiredCursorError

LAG: Final = timedelta(minutes=3)
"""Amazon refuses an end that is less than two minutes ago; clocks differ."""
LONGEST_POSTED: Final = timedelta(days=179)
"""listTransactions answers more than 180 days with nothing at all."""
PER_CATALOG_CALL: Final = 20
_DATA: Final = ("PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES", "TAX", "PAYMENT")
_PERSONAL: Final = ("BUYER", "RECIPIENT")
_CATALOG_DATA: Final = ("summaries", "identifiers", "classifications", "dimensions", "attributes", "relationships")


def stamp(instant: datetime) -> str:
    """A moment as Amazon takes it: UTC, with Z; an offset is refused."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def asked_at(request: Request) -> dict[str, str]:
    """When the answer was asked for: the version of what has no modified time of its own."""
    return {"asked_at": request.now.astimezone(UTC).isoformat()}


def orders(client: Client, request: Request, options: Options) -> Iterator[Page]:
    """Orders changed since, by `searchOrders`."""
    end = min(request.window.end, request.now - LAG)
    if end <= request.since:
        return
    data = (*_DATA, *(_PERSONAL if options.personal_data else ()))
    state = _state(request)
    while True:
        body = _page(
            client,
            "searchOrders",
            state.get("token"),
            marketplaceIds=list(options.marketplaces),
            lastUpdatedAfter=stamp(request.since),
            lastUpdatedBefore=stamp(end),
            includedData=list(data),
            maxResultsPerPage=100,
            paginationToken=state.get("token"),
        )
        answer = decode_json(body)
        token = (answer.get("pagination") or {}).get("nextToken")
        state = {"token": token, "number": _number(state), "read": _count(state, answer["orders"])}
        request.progress(state["read"])
        yield Page(f"orders-{state['number']:05d}.json", body, cursor=_cursor(state) if token else None)
        if not token:
            return


def finances(client: Client, request: Request, _: Options) -> Iterator[Page]:
    """Transactions posted since, by `listTransactions`, at most 180 days at a time."""
    end = min(request.window.end, request.now - LAG)
    spans = _spans(request.since, end, LONGEST_POSTED)
    state = {"span": 0} | _state(request)
    while state["span"] < len(spans):
        begin, until = spans[state["span"]]
        body = _page(
            client,
            "listTransactions",
            state.get("token"),
            postedAfter=stamp(begin),
            postedBefore=stamp(until),
            nextToken=state.get("token"),
        )
        payload = decode_json(body).get("payload") or {}
        token = payload.get("nextToken")
        found = payload.get("transactions") or []
        span = state["span"] + (0 if token else 1)
        state = {"span": span, "token": token, "number": _number(state), "read": _count(state, found)}
        request.progress(state["read"])
        more = token or span < len(spans)
        name = f"transactions-{state['number']:05d}.json"
        # "Note that this operation can return empty pages": only a missing token is the end.
        yield Page(name, body, cursor=_cursor(state) if more else None, meta=asked_at(request))


def inventory(client: Client, request: Request, options: Options) -> Iterator[Page]:
    """Stock as it is now, by `getInventorySummaries`, a marketplace after the other."""
    state = {"place": 0} | _state(request)
    while state["place"] < len(options.places):
        place = options.places[state["place"]]
        body, token = _summaries(client, place, state.get("token"), details=True)
        done = state["place"] + (0 if token else 1)
        state = {"place": done, "token": token, "number": _number(state)}
        more = token or done < len(options.places)
        # Page tokens live for 30 seconds, so a run that was interrupted begins this marketplace again.
        name, meta = f"stock-{place.code}-{state['number']:05d}.json", asked_at(request) | {"marketplace": place.id}
        yield Page(name, body, cursor=_cursor(state) if more else None, meta=meta)


def catalog(client: Client, request: Request, options: Options) -> Iterator[Page]:
    """Products of which there are stock records, by `searchCatalogItems`: each from the first marketplace that has it.

    The pages that say which SKU stands for which ASIN are landed too: the catalogue does not know SKUs. A run that
    was interrupted lands them again, and goes on behind the last ASIN.
    """
    state: dict[str, Any] = {"number": 0, "after": ["", ""]} | _state(request)
    wanted: dict[str, str] = {}
    for place in options.places:
        token, is_first = None, True
        while is_first or token:
            body, token = _summaries(client, place, token, details=False)
            is_first = False
            for one in decode_json(body)["payload"]["inventorySummaries"]:
                if one.get("asin"):
                    wanted.setdefault(one["asin"], place.id)
            state["number"] += 1
            # Never the last page: the catalogue's own come behind.
            yield Page(f"listing-{place.code}-{state['number']:05d}.json", body, cursor=_cursor(state))
    left = sorted((place, asin) for asin, place in wanted.items() if [place, asin] > state["after"])
    batches = [
        (place, group)
        for place in dict.fromkeys(place for place, _ in left)
        for group in _groups([asin for where, asin in left if where == place], PER_CATALOG_CALL)
    ]
    for place_id, asins in batches:
        body = client.call(
            "searchCatalogItems",
            identifiers=asins,
            identifiersType="ASIN",
            marketplaceIds=[place_id],
            includedData=list(_CATALOG_DATA),
            pageSize=PER_CATALOG_CALL,
        )
        state = {"number": state["number"] + 1, "after": [place_id, asins[-1]]}
        more = (place_id, asins) != batches[-1]
        meta = asked_at(request) | {"marketplace": place_id}
        yield Page(f"catalog-{state['number']:05d}.json", body, cursor=_cursor(state) if more else None, meta=meta)


def _summaries(client: Client, place: Marketplace, token: str | None, *, details: bool) -> tuple[bytes, str | None]:
    body = _page(
        client,
        "getInventorySummaries",
        token,
        details=details,
        granularityType="Marketplace",
        granularityId=place.id,
        marketplaceIds=[place.id],
        nextToken=token,
    )
    return body, (decode_json(body).get("pagination") or {}).get("nextToken")


def _page(client: Client, operation: str, token: str | None, **parameters: Any) -> bytes:  # noqa: ANN401
    """An answer; that Amazon no longer takes a page token is said as such.

    Raises:
        ExpiredCursorError: If a request with a page token is refused as invalid.
    """
    try:
        return client.call(operation, **parameters)
    except InvalidInputError as error:
        if token is None:
            raise
        raise ExpiredCursorError(
            f"{operation} takes the page token no longer: {error.message}",
            remedy="Nothing to do: the window is read again from its beginning.",
        ) from None


def _state(request: Request) -> dict[str, Any]:
    return json.loads(request.cursor) if request.cursor else {}


def _cursor(state: Mapping[str, Any]) -> str:
    return json.dumps(state, sort_keys=True)


def _number(state: Mapping[str, Any]) -> int:
    return int(state.get("number", 0)) + 1


def _count(state: Mapping[str, Any], records: Sequence[Any]) -> int:
    return int(state.get("read", 0)) + len(records)


def _spans(start: datetime, end: datetime, longest: timedelta) -> list[tuple[datetime, datetime]]:
    spans = []
    while start < end:
        spans.append((start, min(start + longest, end)))
        start += longest
    return spans


def _groups(values: Sequence[str], size: int) -> list[list[str]]:
    return [list(values[place : place + size]) for place in range(0, len(values), size)]
