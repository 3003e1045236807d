"""The connector: which way each resource is fetched, and what is checked before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from extractors.api.client import Http
from extractors.api.connector import Finding, Page, Parsing, Request
from extractors.api.errors import AuthError
from extractors.shopify import checks, queries, sweeps
from extractors.shopify.bulk import Bulk, lines_of
from extractors.shopify.client import Client
from extractors.shopify.joined import deferred_order
from extractors.shopify.options import ShopifyOptions
from extractors.shopify.pages import Pager, Place
from extractors.shopify.parsing import parse
from extractors.shopify.resources import KINDS, Kind
from lakehouse.landing import RawFile

_VISIBLE = timedelta(days=60)


@dataclass
class ShopifyConnector:
    """One shop.

    Attributes:
        options: What the merchant says of it.
        http: Its server.
    """

    options: ShopifyOptions
    http: Http
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = Client(self.http)
        self._pager = Pager(self.client, self.options.emails)
        self._bulk = Bulk(self.client)
        self._scopes: frozenset[str] | None = None

    def check(self) -> list[Finding]:
        """Whether the token, its scopes and the budget are as they should be, and when an order changed last."""
        return checks.check(self.client, self.options)

    def fetch(self, resource: str, request: Request) -> Iterator[Page]:
        """Pages of a resource; see `extractors.api.connector.Connector`."""
        kind = KINDS[resource]
        self._preflight(kind, request)
        if resource == "deletions":
            yield from sweeps.deletions(self.client, self._bulk, request, oldest=self._oldest_visible(request.now))
        elif resource == "refunds":
            yield from sweeps.refunds(self._pager, kind, self._search(kind, request), request)
        elif kind.in_bulk and (self._is_wide(request) or not kind.window_field):
            yield from self._exported(kind, request)
        else:
            pages = self._pager.pages(resource, kind.node, self._search(kind, request), request)
            yield from (_dated(page, request) for page in pages)

    def parse(self, resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
        """Reads stored pages; see `extractors.api.connector.Connector`."""
        return parse(resource, parts)

    def _exported(self, kind: Kind, request: Request) -> Iterator[Page]:
        """An export, then page by page what no export can hold: whatever is within a refund."""
        name, place = kind.resource.name, Place.of(request.cursor)
        if place.phase == "pages":
            export = self._bulk.export(kind.node.bulk(self._search(kind, request), emails=self.options.emails), request)
            lines = lines_of(export.path) if export.path else iter(())
            deferred = [number for number in map(deferred_order, lines) if number]
            place = Place(2, None, "rest", tuple(deferred))
            page = Page(
                f"{name}-00001-bulk.jsonl",
                export.path or b"",
                place.cursor() if deferred else None,
                reported=export.roots,
            )
            yield _dated(page, request)
            request.note(None)
        yield from self._pager.rest(name, kind.node, place, request, counted=False)

    def _preflight(self, kind: Kind, request: Request) -> None:
        """Whether the app may see what is asked for.

        Shopify does not say that it hides orders older than 60 days from an app without `read_all_orders`.
        """
        missing = [one for one in kind.resource.scopes if one not in self.scopes() and one != "read_all_orders"]
        if missing:
            raise AuthError(
                f"The app may not read {kind.resource.name}: it lacks the scope {', '.join(missing)}.",
                remedy="Grant the app that scope and install it again, or leave the resource out of the source.",
            )
        if kind.node is not queries.ORDERS or self.options.recent_orders_only:
            return
        is_old = request.since < request.now - _VISIBLE
        if (is_old or kind.resource.name == "deletions") and "read_all_orders" not in self.scopes():
            raise AuthError(
                "The app may not see orders older than 60 days: it lacks the scope read_all_orders.",
                remedy="Ask Shopify for that scope; or set the option `recent_orders_only: true` to do without them.",
            )

    def _oldest_visible(self, now: datetime) -> datetime | None:
        if "read_all_orders" in self.scopes():
            return None
        return now - _VISIBLE + timedelta(days=1)

    def scopes(self) -> frozenset[str]:
        """The scopes that the app was granted, asked for once."""
        if self._scopes is None:
            self._scopes = checks.granted(self.client.ask(queries.APP).data)
        return self._scopes

    def _is_wide(self, request: Request) -> bool:
        return request.window.end - request.window.start >= self.options.wide

    def _search(self, kind: Kind, request: Request) -> str:
        return "" if kind.is_reference and self._is_wide(request) else search(kind, request)


def search(kind: Kind, request: Request) -> str:
    """The search for a resource's window; never for what lies after the run's clock."""
    if not kind.window_field:
        return ""
    end = min(request.window.end, request.now)
    return f"{kind.window_field}:>='{_told(request.since)}' {kind.window_field}:<'{_told(end)}'"


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _dated(page: Page, request: Request) -> Page:
    """Says as of when it is, for what names no time of its own: the end of its window, or now where that is earlier."""
    as_of = min(request.window.end - timedelta(seconds=1), request.now)
    return Page(page.name, page.body, page.cursor, page.reported, {**page.meta, "as_of": as_of.isoformat()})
