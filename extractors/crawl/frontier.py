"""The addresses that are still to be visited: each once, the nearest first, and none beyond the budgets."""

from __future__ import annotations

from collections import Counter, deque
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NamedTuple, Self, cast

from scrapy import Request, Spider
from scrapy.core.scheduler import BaseScheduler

from extractors.crawl.addresses import authority
from extractors.crawl.run import SETTING, Run

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from extractors.crawl.spider import SiteSpider

VISIT: Final = "crawl_visit"
"""Meta key of what the frontier knows of a request."""

_LEVELS: Final = {"sitemap": 0, "start": 1, "again": 2, "known": 3}
_FIRST_DEPTH: Final = 4
_ROOM: Final = 50  # addresses kept for each page of the budget; beyond that they are only counted


class Visit(NamedTuple):
    """Where an address came from.

    Attributes:
        origin: `sitemap` (a sitemap itself), `start`, `known` (by an earlier crawl), `listed` (in a sitemap), `link`.
        depth: Links between it and the start.
        tries: How often it was asked for before.
        redirects: How many redirects led to it.
    """

    origin: str
    depth: int = 0
    tries: int = 0
    redirects: int = 0


class Frontier(BaseScheduler):
    """Scrapy's scheduler of a crawl.

    Args:
        run: The crawl.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._levels: dict[int, deque[tuple[str, Visit]]] = {}
        self._seen: set[bytes] = set()
        self._waiting = self._asked = self._left_out = 0
        self._by_host: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        return cls(crawler.settings[SETTING])

    @property
    def pending(self) -> int:
        """Addresses that are known and were not asked for, because a budget or a cap left them out."""
        return self._waiting + self._left_out

    def open(self, spider: Spider) -> None:
        """Takes the spider that the answers go to."""
        self._spider = cast("SiteSpider", spider)

    def close(self, reason: str) -> None:
        """Tells why the crawl ended, and what is left."""
        self._run.closed_by, self._run.pending = reason, self.pending

    def has_pending_requests(self) -> bool:
        """Whether another request may still be given."""
        return self._waiting > 0 and not self._run.over(self._asked)

    def enqueue_request(self, request: Request) -> bool:
        """Takes a request, unless its address was taken before, or one of the caps leaves it out."""
        visit: Visit = request.meta[VISIT]
        url = request.url
        if not visit.tries:
            key = blake2b(url.encode(), digest_size=8).digest()
            if key in self._seen:
                return False
            self._seen.add(key)
            if not self._has_room(url, visit):
                self._left_out += 1
                return False
        level = _LEVELS["again"] if visit.tries else _LEVELS.get(visit.origin, _FIRST_DEPTH + visit.depth)
        self._levels.setdefault(level, deque()).append((url, visit))
        self._waiting += 1
        return True

    def next_request(self) -> Request | None:
        """The next request; None where there is none, or no more may be asked for."""
        while self._waiting and not self._run.over(self._asked):
            level = min(self._levels)
            queue = self._levels[level]
            url, visit = queue.popleft()
            if not queue:
                del self._levels[level]
            self._waiting -= 1
            host = authority(url)
            if self._by_host[host] >= self._run.options.budgets.pages_per_host:
                self._left_out += 1
                continue
            self._by_host[host] += 1
            self._asked += 1
            answered, failed = self._spider.visited, self._spider.failed
            return Request(url, callback=answered, errback=failed, dont_filter=True, meta={VISIT: visit})
        return None

    def _has_room(self, url: str, visit: Visit) -> bool:
        if self._waiting >= _ROOM * self._run.options.budgets.pages:
            return False
        return visit.origin != "link" or visit.redirects > 0 or self._run.rules.has_room(url)
