"""How fast a host is asked: never faster than it likes, and not at all while it asks to be left alone."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from time import monotonic
from typing import TYPE_CHECKING, Final

from scrapy import Request, Spider, signals
from scrapy.extensions.throttle import AutoThrottle

from extractors.crawl.gate import RobotsGate

if TYPE_CHECKING:
    from datetime import datetime

    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.http import Response

PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_LEAST: Final = 0.001


class Pace(AutoThrottle):
    """Scrapy's AutoThrottle that keeps to what a host's robots.txt asks for, and can leave a host alone for a while."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._gate: RobotsGate | None = None
        crawler.signals.connect(self._reached, signal=signals.request_reached_downloader)

    def hold(self, host: str, seconds: float) -> None:
        """Asks nothing of a host for so many seconds; what waits for it waits longer.

        Args:
            host: The downloader's name of the host.
            seconds: How long.
        """
        slot = self.crawler.engine.downloader.slots.get(host)
        if slot is not None and seconds > 0:
            # the downloader lets a request go once `delay` has passed since `lastseen`; without a delay it never looks
            slot.delay = max(slot.delay, _LEAST)
            slot.lastseen = max(slot.lastseen, monotonic() + seconds)

    def _reached(self, request: Request, spider: Spider) -> None:
        key, slot = self._get_slot(request, spider)
        if key is not None and slot is not None:
            slot.delay = max(slot.delay, self._floor(key))

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        super()._adjust_delay(slot, latency, response)
        request = response.request
        key = request.meta.get("download_slot") if request is not None else None
        slot.delay = max(slot.delay, self._floor(key) if key else 0.0)

    def _floor(self, key: str) -> float:
        if self._gate is None:
            found = self.crawler.get_downloader_middleware(RobotsGate)
            self._gate = found if isinstance(found, RobotsGate) else None
        asked = self._gate.delay_for(key) if self._gate is not None else None
        return max(self.mindelay, asked or 0.0)


def retry_after(value: bytes | None, now: datetime) -> float | None:
    """Seconds that a host asks to be left alone, told as seconds or as a date; None where it does not say.

    Args:
        value: The header Retry-After.
        now: The moment in the host's clock.
    """
    told = (value or b"").decode("latin-1").strip()
    if told.isascii() and told.isdigit():
        return float(told)
    try:
        return max((parsedate_to_datetime(told) - now).total_seconds(), 0.0)
    except (ValueError, TypeError):  # no date, or one without a zone
        return None
