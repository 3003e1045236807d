"""Scrapy's HTTP handler with a bound on headers, which neither Scrapy nor Twisted sets.

Twisted ends a connection at a line of over 16 KiB, but takes lines without end: a server could fill the memory with
them until the time is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from twisted.web._newclient import HEADER, STATUS

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.internet.defer import Deferred

MAX_HEADER_BYTES = 256 * 1024
"""Of one answer, counted in the pieces that arrive: the last piece may hold some of the body."""


class _BoundedProtocol(_LenientHTTP11ClientProtocol):
    """Ends the connection when an answer's headers do not end."""

    _header_bytes = 0

    def request(self, request: Any) -> Deferred[Any]:  # noqa: ANN401  # Twisted's request, untyped
        """Sends a request; its answer's headers are counted from here."""
        self._header_bytes = 0
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802  # Twisted's name
        """A piece of the answer."""
        if self._parser is not None and self._parser.state in (STATUS, HEADER):
            self._header_bytes += len(data)
            if self._header_bytes > MAX_HEADER_BYTES and self.transport is not None:
                self.transport.abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]


class _BoundedFactory(_LenientHTTP11ClientFactory):
    """Makes bounded connections."""

    def buildProtocol(self, _addr: object) -> _BoundedProtocol:  # noqa: N802  # Twisted's name
        """The protocol of a new connection."""
        return _BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class BoundedHandler(HTTP11DownloadHandler):
    """Downloads over HTTP, headers bounded."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory
