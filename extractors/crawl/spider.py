"""The spider: from each page that came to the addresses that are worth a visit."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from extractors.crawl.addresses import canonical
from extractors.crawl.frontier import VISIT, Visit
from extractors.crawl.gate import RobotsGate
from extractors.crawl.links import Outlook, is_sitemap, outlook
from extractors.crawl.outcomes import Refused, VisitEnded
from extractors.crawl.pace import PASSING, Pace, retry_after
from extractors.crawl.recorder import Recorder, may_pass
from extractors.crawl.resolver import address_policy
from extractors.crawl.run import SETTING, Run
from extractors.crawl.sitemaps import sitemap_urls
from extractors.crawl.vetting import Target, vet_url

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

_LOG = logging.getLogger(__name__)
_DEEPEST_SITEMAP = 3
_NOTHING = frozenset({404, 410})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class SiteSpider(Spider):
    """Visits a site."""

    name = "site"

    def __init__(self, run: Run, **told: Any) -> None:  # noqa: ANN401 -- Scrapy's own
        super().__init__(**told)
        self.run = run
        self._heard: set[str] = set()  # authorities whose sitemaps are known

    @classmethod
    def from_crawler(cls, crawler: Crawler, *_: Any, **__: Any) -> SiteSpider:  # noqa: ANN401 -- Scrapy's own
        """Built by Scrapy."""
        spider = cls(crawler.settings[SETTING])
        spider._set_crawler(crawler)
        return spider

    async def start(self) -> AsyncIterator[Request]:
        """Where the crawl begins: the start, declared sitemaps, and pages that had an offer before."""
        for url in self.run.options.start_urls:
            yield self._request(canonical(url) or url, Visit("start"))
        for url in self.run.options.sitemaps:
            yield self._request(canonical(url) or url, Visit("sitemap"))
        for url in self.run.known.products():
            if self.run.rules.wants(url):
                yield self._request(url, Visit("known"))

    async def visited(self, response: Response) -> AsyncIterator[Request]:
        """Goes on from an answer."""
        for request in self._onward(response):
            yield request

    async def failed(self, failure: Failure) -> AsyncIterator[Request]:
        """Goes on from a visit that had no answer."""
        request, error = failure.request, failure.value  # type: ignore[attr-defined]  # Scrapy's addition
        recorder = self.crawler.get_downloader_middleware(Recorder)
        if isinstance(recorder, Recorder) and error is not None:
            recorder.ended(request, error)
        for sitemap in self._sitemaps(request.url):
            yield sitemap
        if may_pass(error):
            for again in self._again(request, None):
                yield again

    def _onward(self, response: Response) -> Iterator[Request]:
        request = response.request
        assert request is not None  # noqa: S101 -- the engine sets it
        yield from self._sitemaps(response.url)
        visit: Visit = request.meta[VISIT]
        if response.status in PASSING:
            yield from self._again(request, response)
        elif response.status in _REDIRECTS:
            yield from self._redirected(response, visit)
        elif response.status == 200:
            try:
                yield from self._leads(response, visit)
            except VisitEnded as error:  # too large for a tree, or a sitemap that is none
                _LOG.warning("%s: %s", response.url, error.reason)
                self.run.is_cut_short = True
        elif visit.origin == "sitemap":
            self.run.is_cut_short |= response.status not in _NOTHING

    def _sitemaps(self, url: str) -> Iterator[Request]:
        """The sitemaps that an authority's robots.txt names, once it is known."""
        try:
            target = vet_url(url, address_policy(self.crawler))
        except Refused:
            return
        if target.authority in self._heard:
            return
        self._heard.add(target.authority)
        for named in self._named(target):
            found = canonical(named, target.authority)
            if found and self.run.rules.belongs(found):
                yield self._request(found, Visit("sitemap"))

    def _named(self, target: Target) -> tuple[str, ...]:
        gate = self.crawler.get_downloader_middleware(RobotsGate)
        return gate.sitemaps(target) if isinstance(gate, RobotsGate) else ()

    def _again(self, request: Request, response: Response | None) -> Iterator[Request]:
        """The same page once more, after its host had a rest; else the visit stays failed."""
        visit: Visit = request.meta[VISIT]
        polite = self.run.options.politeness
        told = retry_after(response.headers.get(b"Retry-After"), self.run.now()) if response is not None else None
        wait = polite.backoff_s * 2.0**visit.tries if told is None else told
        pace = self.crawler.get_extension(Pace)
        is_live = response is None or "replayed" not in response.flags
        if wait > polite.max_wait_s:
            _LOG.warning("%s asks to be left alone for %.0f s: the crawl ends", request.url, wait)
            self.run.stop_reason = self.run.stop_reason or "failures"
            return
        if isinstance(pace, Pace) and is_live:
            pace.hold(request.meta.get("download_slot", ""), wait)
        if visit.tries + 1 < polite.max_tries:
            yield self._request(request.url, visit._replace(tries=visit.tries + 1))
        elif visit.origin in ("sitemap", "start"):
            self.run.is_cut_short = True  # nobody knows what it would have led to

    def _redirected(self, response: Response, visit: Visit) -> Iterator[Request]:
        location = (response.headers.get(b"Location") or b"").decode("latin-1").strip()
        try:
            joined = urljoin(response.url, location)
            self._vet(joined, visit)
        except ValueError:
            return
        except Refused as error:
            if canonical(joined) is not None:  # else no address of a page; the record of the hop says where it led
                self.run.ended(joined, error.outcome, error.reason)
            return
        found = canonical(joined)
        if found is not None and self.run.rules.wants(found):  # else another site; the record of the hop says which
            yield self._request(found, visit._replace(redirects=visit.redirects + 1, tries=0))

    def _vet(self, url: str, visit: Visit) -> None:
        """Raises Refused for where no redirect may lead."""
        vet_url(url, address_policy(self.crawler))
        if visit.redirects >= self.run.options.limits.max_redirects:
            raise Refused(f"More than {visit.redirects} redirects led here.")

    def _leads(self, response: Response, visit: Visit) -> Iterator[Request]:
        if visit.origin == "sitemap" or is_sitemap(response.body):
            yield from self._listed(response, visit)
            return
        seen = self._outlook(response)
        if visit.depth >= self.run.options.max_depth:
            self.run.beyond_depth += len(seen.links)
            return
        for url in seen.links:
            if self.run.rules.wants(url):
                yield self._request(url, Visit("link", visit.depth + 1))

    def _listed(self, response: Response, visit: Visit) -> Iterator[Request]:
        sitemap = sitemap_urls(response.body)
        self.run.is_cut_short |= not sitemap.is_whole
        for url in sitemap.sitemaps if visit.depth < _DEEPEST_SITEMAP else ():
            found = canonical(url, response.url)
            if found and self.run.rules.belongs(found):
                yield self._request(found, Visit("sitemap", visit.depth + 1))
        for url in sitemap.pages:
            found = canonical(url, response.url)
            if found and self.run.rules.wants(found):
                yield self._request(found, Visit("listed"))

    def _outlook(self, response: Response) -> Outlook:
        tags = [value.decode("latin-1") for value in response.headers.getlist(b"X-Robots-Tag")]
        content_type = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
        return outlook(response.body, content_type, response.url, tags)

    def _request(self, url: str, visit: Visit) -> Request:
        return Request(url, meta={VISIT: visit})
