"""The recorder: every visit becomes a WARC record as it ends, and what was recorded before is not asked for again."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final, Self

from scrapy import Request
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes

from extractors.crawl.frontier import VISIT, Visit
from extractors.crawl.gate import FRESH, REPLAYED_AGE, TICKET
from extractors.crawl.handler import BoundedHandler
from extractors.crawl.outcomes import Disallowed, Failed, Refused, TimedOut, TooLarge, VisitEnded, outcome_of
from extractors.crawl.run import SETTING, Run
from extractors.crawl.warc import CONTENT, KIND, OFFERS

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from extractors.crawl.known import Earlier
    from extractors.crawl.warc import Record

_DONE: Final = "crawl_recorded"
_EARLIER: Final = "crawl_earlier"
_ENDS: Final = {one.outcome: one for one in (Disallowed, Failed, Refused, TimedOut, TooLarge)}
_INTERRUPTED: Final = "The crawl was killed while this page was under way; it is not asked for twice."


class ReplayedError(Exception):
    """A failure that was recorded, and that the spider takes as it took it then."""


def may_pass(error: BaseException | None) -> bool:
    """Whether another try may help: a network's trouble passes, what we decided and what is too large stays."""
    if error is None or isinstance(error, VisitEnded):
        return False
    return isinstance(error, ReplayedError) or outcome_of(error)[0] in ("failed", "timed_out")


class Recorder:
    """Downloader middleware next to the network, where bodies are as they were sent.

    Args:
        crawler: The crawl.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._run: Run = crawler.settings[SETTING]

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        """Answers from what was recorded; else makes the request conditional where that is possible.

        Raises:
            VisitEnded: If the recorded visit ended so, or a killed run had asked for the page already.
        """
        record = None if request.meta.get(FRESH) else self._run.replay.take(request.url)
        if record is not None:
            return self._replayed(request, record)
        if self._run.intents.was_interrupted(request.url):
            self._run.intents.forget(request.url)
            if not self._may_ask_again(request):
                raise self._interrupted(request)
        earlier = self._run.known.get(request.url)
        # a page that leads on is asked for in full: without its body nobody knows where to
        if earlier is not None and earlier.kind == "product" and earlier.has_validator and VISIT in request.meta:
            request.meta[_EARLIER] = earlier
            if earlier.etag:
                request.headers["If-None-Match"] = earlier.etag
            if earlier.last_modified:
                request.headers["If-Modified-Since"] = earlier.last_modified
        return None

    def process_response(self, request: Request, response: Response) -> Response:
        """Records an answer as it was sent."""
        if request.meta.get(_DONE):
            return response
        run, at = self._run, self._run.now()
        earlier: Earlier | None = request.meta.get(_EARLIER)
        headers = [(k.decode("latin-1"), v.decode("latin-1")) for k, vs in response.headers.items() for v in vs]
        address = str(response.ip_address or "")
        with run.keeping():
            if run.options.record_requests:
                sent = [(k.decode("latin-1"), v.decode("latin-1")) for k, vs in request.headers.items() for v in vs]
                run.segment.request(request.url, at, sent)
            if response.status == 304 and earlier is not None:
                run.segment.revisit(request.url, at, headers, _before(request.url, earlier), address)
            else:
                run.segment.response(request.url, at, response.status, headers, response.body, address)
            run.recorded()
        request.meta[_DONE] = True
        run.visited(_coarse(response.status), len(response.body))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Records a visit that ended without an answer, whoever ended it."""
        self.ended(request, exception)

    def ended(self, request: Request, error: BaseException) -> None:
        """Records how a visit ended, unless it is recorded."""
        if request.meta.get(_DONE):
            return
        request.meta[_DONE] = True
        outcome, reason = outcome_of(error)
        self._run.ended(request.url, outcome, reason, is_final=not may_pass(error))

    def _replayed(self, request: Request, record: Record) -> Response:
        request.meta[_DONE] = True
        request.meta[REPLAYED_AGE] = (self._run.now() - record.at).total_seconds()
        if record.kind == "metadata":
            told = record.told
            self._run.visited(str(told["outcome"]))
            if not told["is_final"]:
                raise ReplayedError(str(told["reason"]))
            if told["reason"] == _INTERRUPTED:
                raise self._interrupted(request)
            raise _ENDS.get(told["outcome"], Failed)(str(told["reason"]))
        self._run.visited(_coarse(record.status), len(record.body))
        headers = Headers()
        for name, value in record.headers:
            headers.appendlist(name, value)
        kind = responsetypes.from_args(headers=headers, url=record.url, body=record.body)
        return kind(
            record.url,
            status=record.status,
            headers=headers,
            body=record.body,
            request=request,
            flags=["replayed"],
            ip_address=_address(record.warc.get("warc-ip-address", "")),
        )

    def _interrupted(self, request: Request) -> Failed:
        """The end of a visit that was under way at a kill; unless it was a product's, it may have led on to others."""
        run, earlier = self._run, self._run.known.get(request.url)
        is_product = earlier is not None and earlier.kind == "product"
        run.is_cut_short |= not is_product and not run.rules.is_product(request.url)
        return Failed(_INTERRUPTED)

    def _may_ask_again(self, request: Request) -> bool:
        """Whether what was under way at a kill is worth asking for again: what others hang on is."""
        visit: Visit | None = request.meta.get(VISIT)
        if TICKET in request.meta or visit is None or self._run.options.ask_interrupted:
            return True
        return visit.origin in ("sitemap", "start") or self._run.known.leads_on(request.url)


class Sending(BoundedHandler):
    """Scrapy's handler that says which address it is about to ask for, just before it does."""

    async def download_request(self, request: Request) -> Response:
        """Asks."""
        run: Run = self._crawler.settings[SETTING]
        with run.keeping():
            run.intents.add(request.url)
        return await super().download_request(request)


def _coarse(status: int) -> str:
    """The outcome that a status stands for, as far as the crawl itself has to know."""
    if status == 304:
        return "unchanged"
    if 300 <= status < 400:
        return "redirected"
    if status in (404, 410):
        return "missing"
    return "fetched" if 200 <= status < 300 else "failed"


def _before(url: str, earlier: Earlier) -> dict[str, str]:
    return {
        "WARC-Refers-To-Target-URI": url,
        "WARC-Refers-To-Date": earlier.at.isoformat(timespec="microseconds") + "Z",
        CONTENT: earlier.content_sha256,
        KIND: earlier.kind,
        OFFERS: str(earlier.offer_count),
    }


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    return ipaddress.ip_address(text) if text else None
