"""Downloader middlewares that keep a crawl safe, in the order of `MIDDLEWARES`, and the settings that go with them.

From the engine to the network a request passes: its words vetted, the robots gate, (Scrapy's own and the recorder), and
last its name resolved and vetted. All of these refuse in `process_request`, so that every other middleware's
`process_exception` hears of it. An answer is decoded on its way back, within the limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin

from scrapy import Request
from scrapy.http import Response
from scrapy.responsetypes import responsetypes
from w3lib.url import safe_url_string

from extractors.crawl.decoding import ACCEPTED, decoded_body
from extractors.crawl.outcomes import Refused, TimedOut
from extractors.crawl.resolver import POLICY_SETTING, VettingResolver, address_policy
from extractors.crawl.vetting import AddressPolicy, vet_url

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

MAX_BODY_BYTES = 10 * 1024 * 1024
MAX_SECONDS = 30
MAX_LOOKUP_SECONDS = 15
MAX_REDIRECTS = 5

_HANDLER = "extractors.crawl.handler.BoundedHandler"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What was meant for the address that redirected, and not for where it leads.
_NOT_FORWARDED = ("If-None-Match", "If-Modified-Since", "Referer", "Cookie", "Authorization", "Proxy-Authorization")

MIDDLEWARES: dict[str, int | None] = {
    "extractors.crawl.middlewares.VettingMiddleware": 20,
    "extractors.crawl.gate.RobotsGate": 100,
    "extractors.crawl.middlewares.DecodingMiddleware": 590,
    "extractors.crawl.middlewares.RedirectMiddleware": 600,
    # The recorder and replay belong here, at about 900: they see bodies as sent, and each hop.
    "extractors.crawl.middlewares.ConnectionMiddleware": 950,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,
    "scrapy.downloadermiddlewares.httpcache.HttpCacheMiddleware": None,
}


def safe_settings(allow_addresses: Iterable[str] = ()) -> dict[str, Any]:
    """Scrapy settings without which the middlewares do not protect; a crawl adds its own to them.

    Args:
        allow_addresses: What may be reached beside public addresses, as `AddressPolicy.parse` reads it.
    """
    return {
        POLICY_SETTING: AddressPolicy.parse(allow_addresses),
        "TWISTED_DNS_RESOLVER": "extractors.crawl.resolver.VettingResolver",
        "DOWNLOADER_MIDDLEWARES": dict(MIDDLEWARES),
        "DOWNLOAD_HANDLERS": {**dict.fromkeys(("data", "file", "ftp", "s3")), "http": _HANDLER, "https": _HANDLER},
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_MAXSIZE": MAX_BODY_BYTES,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": MAX_REDIRECTS,
        "DNS_TIMEOUT": MAX_LOOKUP_SECONDS,
        "DOWNLOAD_TIMEOUT": MAX_SECONDS,  # of the whole exchange, connecting and body included
        "ROBOTSTXT_OBEY": False,  # the gate does
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "METAREFRESH_ENABLED": False,
        "COMPRESSION_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
    }


class VettingMiddleware:
    """Refuses URLs that a crawl does not follow, and chains of redirects that are too long."""

    def __init__(self, policy: AddressPolicy, max_redirects: int = MAX_REDIRECTS) -> None:
        self._policy = policy
        self._max_redirects = max_redirects

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        return cls(address_policy(crawler), crawler.settings.getint("REDIRECT_MAX_TIMES"))

    def process_request(self, request: Request) -> None:
        """Judges the URL's words.

        Raises:
            Refused: If it is not one to follow.
        """
        vet_url(request.url, self._policy)
        if request.meta.get("redirect_times", 0) > self._max_redirects:
            raise Refused(f"It was redirected more than {self._max_redirects} times.")


class RedirectMiddleware:
    """Follows redirects as new requests, which pass vetting and the robots gate like any other."""

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The request for where the answer points, or the answer.

        Raises:
            Refused: If where it points is no URL.
        """
        location = response.headers.get(b"Location")
        if response.status not in _REDIRECTS or location is None or request.meta.get("dont_redirect"):
            return response
        try:
            found = request.replace(
                url=urljoin(request.url, safe_url_string(location, "latin-1")), method="GET", body=b""
            )
        except ValueError as error:
            raise Refused("The redirect leads to what is no URL.") from error
        for name in _NOT_FORWARDED:
            found.headers.pop(name, None)
        found.meta["redirect_times"] = request.meta.get("redirect_times", 0) + 1
        found.meta["redirect_urls"] = [*request.meta.get("redirect_urls", []), request.url]
        return found


class DecodingMiddleware:
    """Undoes the body's compression within the limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        return cls(crawler.settings.getint("DOWNLOAD_MAXSIZE"))

    def process_request(self, request: Request) -> None:
        """Says which encodings we read."""
        request.headers["Accept-Encoding"] = ACCEPTED

    def process_response(self, request: Request, response: Response) -> Response:
        """The answer with its body as the page was written.

        Raises:
            TooLarge: If it is larger than the limit.
            Refused: If it is wrapped more often than a page has reason to be, or in what we do not read.
            Failed: If it is not what its headers say.
        """
        encodings = response.headers.getlist(b"Content-Encoding")
        if not encodings:
            return response
        headers = [("Content-Encoding", value.decode("latin-1")) for value in encodings]
        body = decoded_body(headers, response.body, self._limit)
        del response.headers[b"Content-Encoding"]
        kind = responsetypes.from_args(headers=response.headers, url=response.url, body=body)
        return response.replace(cls=kind, body=body)


class ConnectionMiddleware:
    """The last before the network: no proxy, and a host whose every address was vetted."""

    def __init__(self, crawler: Crawler) -> None:
        self._policy = address_policy(crawler)
        self._patience = crawler.settings.getfloat("DNS_TIMEOUT")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Resolves and vets the host ahead of the connection, which is made to what was vetted.

        Raises:
            Refused: If the request would take another way, or one of the host's addresses is not permitted.
            TimedOut: If the host's name server takes too long.
        """
        if request.meta.get("proxy") or request.meta.get("bindaddress"):
            raise Refused("The request names a proxy or an address of ours.")
        target = vet_url(request.url, self._policy)
        try:
            await asyncio.wait_for(_resolver().vet(target.host, target.port), self._patience)
        except TimeoutError as error:
            raise TimedOut(f"The host's name server took longer than {self._patience:.0f} s.") from error

    def process_response(self, request: Request, response: Response) -> Response:
        """Lets an answer pass that came from a permitted address.

        Raises:
            Refused: If it came from another, which the resolver should have made impossible.
        """
        if "replayed" in response.flags:
            return response  # no connection was made for it
        target = vet_url(request.url, self._policy)
        named = self._policy.names(target.host, target.port)
        if not named and (
            response.ip_address is None or not self._policy.permits(str(response.ip_address), target.port)
        ):
            raise Refused("The answer came from an address that is not a public one.")
        return response


def _resolver() -> VettingResolver:
    """The reactor's resolver, which has to be ours."""
    from twisted.internet import reactor

    found = getattr(reactor, "nameResolver", None)
    if not isinstance(found, VettingResolver):
        raise Refused("Names are not vetted in this process: TWISTED_DNS_RESOLVER is not set to the crawl's own.")
    return found
