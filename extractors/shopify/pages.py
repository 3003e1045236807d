"""Asking page by page: how big a page may be, and what is inside a page that is not whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from extractors.api.connector import Page, Request
from extractors.api.errors import ApiError, IncompleteError
from extractors.shopify import queries
from extractors.shopify.client import Answer, Client, TooCostlyError
from extractors.shopify.meter import MOST_PER_QUERY
from extractors.shopify.queries import DRAINED, OF_REFUNDS, Node

_LARGEST_PAGE = 250
_FIRST_GUESS = 25
_USED_SHARE = 0.9  # of what one query may cost: sizes are whole numbers, and costs are not quite proportional


@dataclass(frozen=True)
class Place:
    """Where an extraction is: what a cursor says.

    Attributes:
        number: Number of the next page.
        after: Shopify's cursor.
        phase: What is asked there: `pages`, or `rest` for things that are fetched by number.
        ids: Those things.
    """

    number: int = 1
    after: str | None = None
    phase: str = "pages"
    ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, cursor: str | None) -> Place:
        """What a cursor says; the beginning where there is none."""
        if cursor is None:
            return cls()
        told = json.loads(cursor)
        return cls(told["number"], told["after"], told["phase"], tuple(told["ids"]))

    def cursor(self) -> str:
        """As a cursor."""
        return json.dumps(
            {"number": self.number, "after": self.after, "phase": self.phase, "ids": list(self.ids)},
            separators=(",", ":"),
        )


@dataclass
class Pager:
    """Asks for pages that are as large as a query's cost allows.

    Attributes:
        client: The shop.
        emails: Whether customers' addresses are asked for.
    """

    client: Client
    emails: bool = True
    _sizes: dict[str, int] = field(default_factory=dict)

    def sized(self, query: str, variables: Callable[[int], Mapping[str, Any]]) -> tuple[Answer, int]:
        """An answer to a query of as many nodes as may be asked for at once, and how many that were."""
        size = self._sizes.get(query, _FIRST_GUESS)
        while True:
            try:
                answer = self.client.ask(query, variables(size))
            except TooCostlyError as error:
                if size == 1:
                    raise
                size = max(1, min(size - 1, int(size * error.share * _USED_SHARE)))
                self._sizes[query] = size
                continue
            if answer.cost:
                self._sizes[query] = max(1, min(_LARGEST_PAGE, int(MOST_PER_QUERY * _USED_SHARE * size / answer.cost)))
            return answer, size

    def pages(self, name: str, node: Node, search: str, request: Request) -> Iterator[Page]:
        """All pages of a search, from the request's cursor on."""
        place, query, total = Place.of(request.cursor), node.pages(emails=self.emails), 0
        while True:
            after = place.after
            answer, _ = self.sized(query, lambda size, after=after: _variables(size, after, search))  # type: ignore[misc]
            nodes, info = found(answer.data, node)
            unfinished = [one["id"] for one in nodes if not is_whole(one, node.type)]
            if unfinished:
                body, _ = self.by_ids(node, unfinished)
                place = Place(place.number + 1, place.after)
                yield Page(f"{name}-{place.number - 1:05d}-rest.jsonl", body, place.cursor(), reported=0)
            following = next_cursor(info, place.after)
            place = Place(place.number + 1, following)
            total += len(nodes)
            request.progress(total)
            cursor = place.cursor() if following else None
            yield Page(f"{name}-{place.number - 1:05d}.json", answer.body, cursor, reported=len(nodes))
            if cursor is None:
                return

    def rest(self, name: str, node: Node, place: Place, request: Request, *, counted: bool) -> Iterator[Page]:
        """Things by number, in pages.

        Args:
            name: What pages are called.
            node: What is asked of each.
            place: The page's number, and the ids that are left.
            request: The extraction.
            counted: Whether they were not counted before, as a part of an export.
        """
        left = list(place.ids)
        number = place.number
        while left:
            taken, body, there = self._some(node, left)
            left = left[taken:]
            number += 1
            request.progress(len(place.ids) - len(left))
            cursor = Place(number, None, "rest", tuple(left)).cursor() if left else None
            yield Page(f"{name}-{number - 1:05d}-rest.jsonl", body, cursor, reported=there if counted else 0)

    def by_ids(self, node: Node, ids: Iterable[str]) -> tuple[bytes, int]:
        """The answers that hold these things whole, a line each, and how many of the things there are."""
        left, lines, there = list(ids), [], 0
        while left:
            taken, body, count = self._some(node, left)
            lines.append(body)
            left, there = left[taken:], there + count
        return b"\n".join(lines), there

    def _some(self, node: Node, ids: list[str]) -> tuple[int, bytes, int]:
        if node is queries.DISCOUNTS:
            return 1, b"\n".join(self._discount(ids[0])), 1
        answer, size = self.sized(node.by_ids(emails=self.emails), lambda size: {"ids": ids[:size]})
        things = [one for one in answer.data["nodes"] if one is not None]
        lines = [answer.body]
        for thing in things:
            lines.extend(self._drained(thing, node))
        return min(size, len(ids)), b"\n".join(lines), len(things)

    def _discount(self, number: str) -> Iterator[bytes]:
        """A discount with all of its codes."""
        query, after = queries.one_discount(), None
        while True:
            answer = self.client.ask(query, {"id": number, **({"after": after} if after else {})})
            if answer.data["node"] is None:
                raise IncompleteError(f"{number} vanished while it was read.", remedy="Run it again.")
            yield answer.body
            info = answer.data["node"]["discount"]["codes"]["pageInfo"]
            query, after = queries.MORE_CODES, next_cursor(info, after)
            if after is None:
                return

    def _drained(self, thing: Mapping[str, Any], node: Node) -> Iterator[bytes]:
        for name in DRAINED.get(node.type, ()):
            yield from self._more(thing, name, node.more(name, emails=self.emails))
        for refund in thing.get("refunds") or ():
            for name in OF_REFUNDS:
                yield from self._more(refund, name, queries.more_of_refund(name))

    def _more(self, thing: Mapping[str, Any], name: str, query: str) -> Iterator[bytes]:
        info = thing[name]["pageInfo"]
        after = next_cursor(info, None)
        while after:
            answer = self.client.ask(query, {"id": thing["id"], "after": after})
            if answer.data["node"] is None:
                raise IncompleteError(f"{thing['id']} vanished while it was read.", remedy="Run it again.")
            yield answer.body
            after = next_cursor(answer.data["node"][name]["pageInfo"], after)


def found(data: Mapping[str, Any], node: Node) -> tuple[list[Any], Mapping[str, Any]]:
    """The nodes of a page and its `pageInfo`; none where the shop has no such account."""
    place = data[node.within] if node.within else data
    if place is None:
        return [], {"hasNextPage": False, "endCursor": None}
    return place[node.root]["nodes"], place[node.root]["pageInfo"]


def is_whole(thing: Mapping[str, Any], kind: str) -> bool:
    """Whether no connection within has more than was given, as far as connections were asked for at all.

    A bulk export cannot ask for what is within refunds: an order that has some is not whole there.
    """
    mine = [thing.get(name) for name in DRAINED.get(kind, ())]
    if kind == "DiscountNode":
        mine.append(thing["discount"].get("codes"))
    for refund in thing.get("refunds") or ():
        if any(name not in refund for name in OF_REFUNDS):
            return False
        mine.extend(refund[name] for name in OF_REFUNDS)
    return not any(one and (one.get("pageInfo") or {}).get("hasNextPage") for one in mine)


def next_cursor(info: Mapping[str, Any], before: str | None) -> str | None:
    """Where the next page begins, None where there is none.

    Raises:
        ApiError: If Shopify says that there is more, and not where: the pages would never end.
    """
    if not info["hasNextPage"]:
        return None
    cursor = info["endCursor"]
    if not cursor or cursor == before:
        raise ApiError(
            "Shopify says that there are more pages and gives the same cursor again.",
            remedy="Run it again; if it stays so, ask Shopify's status page.",
        )
    return str(cursor)


def _variables(size: int, after: str | None, search: str) -> dict[str, Any]:
    return {"first": size, "after": after, "query": search}
