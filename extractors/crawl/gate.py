"""The robots gate: no request passes before the rules of its authority are known and allow it.

Scrapy's own middleware lets some of those through that wait for the same robots.txt, and everything once that file
could not be had; this one is closed until it knows better. See docs/decisions/0017-robots-gate.md.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from w3lib.url import safe_url_string

from extractors.crawl.outcomes import Disallowed, Refused, VisitEnded
from extractors.crawl.resolver import address_policy
from extractors.crawl.robots import TOKEN, RobotsRules
from extractors.crawl.vetting import AddressPolicy, Target, vet_url

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

MAX_REDIRECTS = 5
MAX_AGE = 24 * 3600.0
"""Seconds that rules are believed (RFC 9309, 2.4)."""

RETRY_AFTER = 600.0
"""Seconds until a robots.txt that could not be had is asked for again, where something still wants in."""

TICKET = "crawl_robots_ticket"
"""Meta key of the gate's own requests; only tickets that the gate keeps open count."""

REPLAYED_AGE = "crawl_replayed_age"
"""Meta key that a replay sets on a request: how many seconds ago its stored answer came."""

FRESH = "crawl_fresh"
"""Meta key of a request that a stored answer must not serve, because the stored one is too old."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, eq=False)
class _Ticket:
    """Lets one request for one URL through; compared by identity, so that nobody can write one down."""

    url: str


@dataclass(frozen=True)
class _Known:
    rules: RobotsRules
    until: float


class RobotsGate:
    """Downloader middleware that holds each request until robots.txt allows it, else raises `Disallowed`.

    Args:
        fetch: Downloads a request through all downloader middlewares.
        policy: Where redirects of robots.txt may lead beside public addresses.
        clock: Seconds that only go forward.
        token: Our product token.
    """

    def __init__(
        self,
        fetch: Callable[[Request], Awaitable[Response]],
        policy: AddressPolicy,
        clock: Callable[[], float] = time.monotonic,
        token: str = TOKEN,
    ) -> None:
        self._fetch = fetch
        self._policy = policy
        self._clock = clock
        self._token = token
        self._known: dict[str, _Known] = {}
        self._under_way: dict[str, asyncio.Task[RobotsRules]] = {}
        self._tickets: set[_Ticket] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""

        async def fetch(request: Request) -> Response:
            if crawler.engine is None:
                raise RuntimeError("The crawl's engine is gone.")
            return await crawler.engine.download_async(request)

        return cls(fetch, address_policy(crawler), crawler.settings.get("CRAWL_CLOCK") or time.monotonic)

    async def process_request(self, request: Request) -> None:
        """Waits for the rules and judges; retries and redirects come through here again.

        Raises:
            Disallowed: If the rules forbid the URL, or could not be had for whatever reason.
            Refused: If the URL is none that a crawl follows.
        """
        ticket = request.meta.get(TICKET)
        if ticket is not None:
            self._check_ticket(ticket, request)
            return
        rules = await self.rules_for(vet_url(request.url, self._policy))
        if not rules.allows(request.url):
            why = "robots.txt forbids it." if rules.standing == "rules" else rules.reason
            raise Disallowed(why)

    async def rules_for(self, target: Target) -> RobotsRules:
        """The rules of an authority, fetched once however many ask at the same time; never raises an error."""
        known = self._known.get(target.authority)
        if known is not None and self._clock() < known.until:
            return known.rules
        task = self._under_way.get(target.authority)
        if task is None:
            task = asyncio.ensure_future(self._learn(target))
            self._under_way[target.authority] = task
            task.add_done_callback(lambda _: self._under_way.pop(target.authority, None))
        try:
            # Who waits may give up without ending the fetch for the others.
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.cancelled():
                raise
            return RobotsRules.closed("The request for robots.txt was cancelled.")

    def delay_for(self, host: str) -> float | None:
        """Seconds that a host's robots.txt asks between two requests; the longest of its ports; None if it asks none.

        Args:
            host: As in a URL, lower case; an IPv6 address without brackets.
        """
        shown = f"[{host}]" if ":" in host else host
        delays = [
            known.rules.crawl_delay
            for authority, known in self._known.items()
            if authority.partition("://")[2].rpartition(":")[0] == shown and known.rules.crawl_delay is not None
        ]
        return max(delays, default=None)

    def sitemaps(self, target: Target) -> tuple[str, ...]:
        """The sitemaps that an authority's robots.txt names, if it has been read."""
        known = self._known.get(target.authority)
        return known.rules.sitemaps if known else ()

    def _check_ticket(self, ticket: object, request: Request) -> None:
        if not isinstance(ticket, _Ticket) or ticket not in self._tickets or ticket.url != request.url:
            raise Disallowed("The request carries a mark that only a request for robots.txt may.")

    async def _learn(self, target: Target) -> RobotsRules:
        lifetime = RETRY_AFTER
        try:
            rules, age = await self._read(target)
            if rules.standing != "closed":
                lifetime = MAX_AGE - age
        except VisitEnded as error:
            rules = RobotsRules.closed(f"robots.txt could not be had: {error.reason}")
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the gate stays closed
            rules = RobotsRules.closed(f"robots.txt could not be had: {type(error).__name__}.")
        self._known[target.authority] = _Known(rules, self._clock() + lifetime)
        return rules

    async def _read(self, target: Target) -> tuple[RobotsRules, float]:
        """The rules and how many seconds ago they were sent; follows redirects, to other hosts too."""
        url = f"{target.root}/robots.txt"
        oldest = 0.0
        for _ in range(MAX_REDIRECTS + 1):
            response, age = await self._ask(url)
            oldest = max(oldest, age)
            location = response.headers.get(b"Location")
            if response.status not in _REDIRECTS or location is None:
                return RobotsRules.of_answer(response.status, response.body, self._token), oldest
            url = self._redirected(url, location)
        return RobotsRules.closed(f"robots.txt was redirected more than {MAX_REDIRECTS} times."), oldest

    async def _ask(self, url: str) -> tuple[Response, float]:
        response, age = await self._ask_once(url, {})
        if age >= MAX_AGE:
            response, age = await self._ask_once(url, {FRESH: True})
        if age >= MAX_AGE:
            raise Disallowed("The stored robots.txt is older than a day.")
        return response, age

    async def _ask_once(self, url: str, meta: dict[str, object]) -> tuple[Response, float]:
        request = Request(
            url, callback=NO_CALLBACK, priority=1000, dont_filter=True, meta={"dont_redirect": True, **meta}
        )
        ticket = _Ticket(request.url)
        request.meta[TICKET] = ticket
        self._tickets.add(ticket)
        try:
            response = await self._fetch(request)
        finally:
            self._tickets.discard(ticket)
        answered = response.request or request
        return response, float(answered.meta.get(REPLAYED_AGE, 0.0))

    def _redirected(self, url: str, location: bytes) -> str:
        try:
            found = urljoin(url, safe_url_string(location, "latin-1"))
        except ValueError as error:
            raise Refused("Its redirect cannot be read.") from error
        vet_url(found, self._policy)
        return found
