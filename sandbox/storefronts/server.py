"""A rival's shop as a server: its pages on the clock's day, its robots.txt, its sitemaps, and its traps."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.serving import Faults, SandboxClock, application
from sandbox.storefronts.addresses import TRACKING
from sandbox.storefronts.assortment import SIZE
from sandbox.storefronts.model import Page, Shop
from sandbox.storefronts.pages import Pages, picture
from sandbox.storefronts.sitemaps import robots_txt, sitemap, sitemap_index
from sandbox.storefronts.traps import Traps
from sandbox.storefronts.views import Site
from sandbox.world import World

_SINGLE: Final = {
    "harbour": r"/(pages/\w+|search|checkout/\w+)", "stubenglueck": r"/(info/\w+|suche|warenkorb)",
    "cupboard": r"/(terms|post|basket)\.php", "nid": r"/(infos/\w+|panier)",
    "pennyworth": r"/(search|cart/|my-account/)",
    "shanju": r"/(help/\w+\.html|user/\w+|cart)", "bazaar": r"/(search|gp/\w+)",
}  # fmt: skip
_CHANGE_HOUR: Final = time_of_day(4, 30)  # when a shop's nightly job puts the day's prices on the pages


def app(
    world: World,
    clock: SandboxClock,
    shop: Shop,
    faults: Faults | None = None,
    *,
    traps: Traps | None = None,
    size: int = SIZE,
    late_seconds: float = 0.8,
    slow_seconds: float = 120.0,
    monotonic: Callable[[], float] = time.monotonic,
) -> Starlette:
    """A rival's shop over the merchant's world, at the clock's day.

    Args:
        world: The merchant.
        clock: What day it is for everybody.
        shop: Which shop; one of `SHOPS`.
        faults: What goes wrong now and then; `traps.FLAKY` is a usual measure.
        traps: What lies in wait; nothing by default.
        size: How many products it has at most.
        late_seconds: How long robots.txt takes in the shop that answers late.
        slow_seconds: How long the slow page takes.
        monotonic: A source of real seconds, for the request log.
    """
    desk = _Desk(Site(world, shop, size), clock, traps or Traps(), late_seconds)
    routes = [*(traps or Traps()).routes(slow_seconds), *desk.routes()]
    made = application(routes, clock=clock, faults=faults or Faults(), monotonic=monotonic)
    made.routes.append(desk.others)
    made.state.site = desk.site
    return made


class _Desk:
    """Answers requests."""

    def __init__(self, site: Site, clock: SandboxClock, traps: Traps, late_seconds: float) -> None:
        self.site = site
        self._clock = clock
        self._late = late_seconds
        self._pages = Pages(site, traps.links)
        self._product = lru_cache(maxsize=4_000)(self._pages.product)
        self._changed = lru_cache(maxsize=20_000)(site.changed_on)

    def routes(self) -> list[Route]:
        """The routes of what has one address."""
        return [
            Route("/robots.txt", self._robots),
            Route("/sitemap.xml", self._sitemap),
            Route("/sitemap-{part}.xml.gz", self._sitemap_part),
            Route("/assets/shop.css", self._style),
            Route("/media/{number:int}.svg", self._picture),
        ]

    @property
    def others(self) -> Route:
        """The route for all other addresses; it comes last."""
        return Route("/{path:path}", self._page)

    @property
    def _day(self) -> date:
        return self._clock.now().date()

    async def _robots(self, request: Request) -> Response:
        shop = self.site.shop
        if shop.robots == "missing":
            return Response("Not Found", status_code=404, media_type="text/plain")
        if shop.robots == "late":
            await asyncio.sleep(self._late)
        return Response(robots_txt(shop, _base(request)), media_type="text/plain")

    def _sitemap(self, request: Request) -> Response:
        if self.site.shop.sitemaps == "none":
            return self._missing(request)
        make = sitemap_index if self.site.shop.sitemaps == "index" else sitemap
        return Response(make(self.site, self._day, _base(request)), media_type="application/xml")

    def _sitemap_part(self, request: Request) -> Response:
        if self.site.shop.sitemaps != "index" or request.path_params["part"] != "products":
            return self._missing(request)
        told = gzip.compress(sitemap(self.site, self._day, _base(request)).encode(), mtime=0)
        return Response(told, media_type="application/gzip")

    def _style(self, _request: Request) -> Response:
        return Response(self._pages.style(), media_type="text/css", headers={"cache-control": "max-age=60"})

    def _picture(self, request: Request) -> Response:
        page = self.site.assortment.by_number.get(request.path_params["number"])
        return Response(picture(page), media_type="image/svg+xml") if page else self._missing(request)

    def _page(self, request: Request) -> Response:
        """A product, a listing, a redirect to where a product moved, or another page."""
        path, day, site = _plain(request), self._day, self.site
        page = site.products.get(path) or site.former.get(path)
        if page is not None and page.is_there(day):
            here = site.address(page, day)
            if here == path:
                return self._told(request, self._product(page, day, _base(request)), page)
            if path in site.former:
                return RedirectResponse(_base(request) + here, status_code=301)
        listing = site.addresses.read_listing(path)
        body = self._pages.listing(listing, day, _base(request)) if listing else None
        if body is not None:
            return self._told(request, body, None)
        if re.fullmatch(_SINGLE[site.shop.look], request.url.path):
            return self._told(request, self._pages.info(request.url.path, _base(request)), None)
        return self._missing(request, gone=page is not None and site.shop.look == "stubenglueck")

    def _told(self, request: Request, body: bytes, page: Page | None) -> Response:
        """The body with its validators, or 304 where the asker's copy is still good."""
        headers = {"content-type": self._content_type}
        kinds = self.site.shop.validators
        if "etag" in kinds:
            headers["etag"] = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        changed = None
        if "last_modified" in kinds and page is not None:
            changed = datetime.combine(self._changed(page, self._day), _CHANGE_HOUR, UTC)
            headers["last-modified"] = format_datetime(
                min(changed, self._clock.now().replace(microsecond=0)), usegmt=True
            )
        if _is_fresh(request, headers, changed):
            return Response(
                status_code=304, headers={name: headers[name] for name in headers if name != "content-type"}
            )
        return Response(body, headers=headers)

    @property
    def _content_type(self) -> str:
        # Only the page itself tells the charset of the Chinese shop, and calls it by an older name.
        return "text/html" if self.site.shop.encoding != "utf-8" else "text/html; charset=utf-8"

    def _missing(self, request: Request, *, gone: bool = False) -> Response:
        status = 410 if gone else 404
        body = self._pages.info(request.url.path, _base(request), str(status), self.site.phrases["missing"])
        return Response(body, status_code=status, headers={"content-type": self._content_type})


def _is_fresh(request: Request, headers: dict[str, str], changed: datetime | None) -> bool:
    """Whether the asker has this already; If-None-Match counts alone where it is there (RFC 9110, 13.2.2)."""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return "etag" in headers and headers["etag"] in [tag.strip().removeprefix("W/") for tag in tags.split(",")]
    since = request.headers.get("if-modified-since")
    if since is None or changed is None:
        return False
    try:
        return parsedate_to_datetime(headers["last-modified"]) <= parsedate_to_datetime(since)
    except ValueError:
        return False


def _plain(request: Request) -> str:
    """The path with what counts of its query, in the order of names."""
    told = sorted((name, value) for name, value in request.query_params.multi_items() if name not in TRACKING)
    return f"{request.url.path}?{urlencode(told)}" if told else request.url.path


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")
