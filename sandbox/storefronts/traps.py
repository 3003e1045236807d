"""What lies in wait for a careless crawler: each trap behind a switch, and each one's visitors counted."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.serving import Fault, LoggedRequest

_Handler = Callable[[Request], Awaitable[Response]]
METADATA: Final = "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
FLAKY: Final = (
    Fault("error_html", path=r"[0-9]{4}", probability=0.02, seed=1, status=500),
    Fault("throttle_after", path=r"[0-9]{4}", probability=0.02, seed=2, seconds=1),
)
"""Faults for a shop that is not always well: errors, and 429 with Retry-After, now and then."""
_MIB: Final = 1 << 20
PATHS: Final = {
    "honeypot": r"/private/.*",
    "calendar": r"/events(/.*)?",
    "facets": r"/finder",
    "private_redirect": r"/go/(partner|affiliate)",
    "redirect_loop": r"/go/round-[ab]",
    "bomb": r"/catalogue\.html",
    "huge": r"/archive\.html",
    "slow": r"/slow\.html",
    "shifting_charset": r"/notes\.html",
}
"""What addresses belong to each trap."""


@dataclass(frozen=True)
class Traps:
    """Which traps a shop has.

    Attributes:
        honeypot: Links that nobody sees, under a path that robots.txt forbids.
        calendar: A calendar whose next month is always there.
        facets: Filters whose combinations never end.
        private_redirect: A redirect to an address inside the crawler's own network, and one to a file.
        redirect_loop: Two redirects to each other.
        bomb: A page of a gigabyte, compressed to a megabyte.
        huge: A page of 64 MiB.
        slow: A page that comes byte by byte.
        shifting_charset: A page that is written in another charset at each visit.
    """

    honeypot: bool = False
    calendar: bool = False
    facets: bool = False
    private_redirect: bool = False
    redirect_loop: bool = False
    bomb: bool = False
    huge: bool = False
    slow: bool = False
    shifting_charset: bool = False

    @classmethod
    def every(cls) -> Traps:
        """All of them."""
        return cls(**dict.fromkeys((field.name for field in fields(cls)), True))

    @classmethod
    def mild(cls) -> Traps:
        """Those that cost nobody a minute, a gigabyte or hundreds of pages."""
        return cls(honeypot=True, private_redirect=True, redirect_loop=True)

    @property
    def links(self) -> str:
        """The links to them, for the foot of every page."""
        links = [f'<a href="{url}">{words}</a>' for name, url, words in _LINKS if getattr(self, name)]
        hidden = '<a href="/private/guestbook" rel="nofollow" style="display:none">guestbook</a>' * self.honeypot
        hidden += '<div hidden><a href="/private/prices-{0}">list</a></div>' * self.honeypot
        foot = f'<p style="text-align:center;font-size:11px;opacity:.6">{" · ".join(links)}</p>' if links else ""
        return hidden.replace("{0}", "all") + foot

    def routes(self, slow_seconds: float) -> list[Route]:
        """The routes of those that are on."""
        handlers = {
            "honeypot": [Route("/private/{rest:path}", _honeypot)],
            "calendar": [Route("/events", _calendar), Route("/events/{year:int}/{month:int}", _calendar)],
            "facets": [Route("/finder", _facets)],
            "private_redirect": [
                Route("/go/partner", _to(METADATA)),
                Route("/go/affiliate", _to("file:///etc/passwd")),
            ],
            "redirect_loop": [Route("/go/round-a", _to("/go/round-b")), Route("/go/round-b", _to("/go/round-a"))],
            "bomb": [Route("/catalogue.html", _bomb)],
            "huge": [Route("/archive.html", _huge)],
            "slow": [Route("/slow.html", _slow(slow_seconds))],
            "shifting_charset": [Route("/notes.html", _Shifting().answer)],
        }
        return [route for name, found in handlers.items() if getattr(self, name) for route in found]


_LINKS: Final = (
    ("calendar", "/events", "Events"),
    ("facets", "/finder", "Finder"),
    ("private_redirect", "/go/partner", "Partner"),
    ("private_redirect", "/go/affiliate", "Affiliates"),
    ("redirect_loop", "/go/round-a", "Round"),
    ("bomb", "/catalogue.html", "Catalogue"),
    ("huge", "/archive.html", "Archive"),
    ("slow", "/slow.html", "Stories"),
    ("shifting_charset", "/notes.html", "Notes"),
)


def visits(requests: Iterable[LoggedRequest]) -> Counter[str]:
    """How often each trap was walked into, by a server's log (`app.state.requests`)."""
    found: Counter[str] = Counter()
    for request in requests:
        found.update(name for name, path in PATHS.items() if re.fullmatch(path, request.path))
    return found


def _page(title: str, body: str) -> Response:
    return HTMLResponse(f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>")


async def _honeypot(request: Request) -> Response:
    links = "".join(f'<a href="/private/{number}-{len(request.url.path)}">{number}</a> ' for number in range(20))
    return _page("Private", f"<p>Nobody should be here.</p>{links}")


async def _calendar(request: Request) -> Response:
    year, month = request.path_params.get("year", 2025), request.path_params.get("month", 12)
    after = (year + month // 12, month % 12 + 1)
    links = f'<a href="/events/{after[0]}/{after[1]}">next month</a>'
    days = "".join(f'<a href="/events/{year}/{month}?day={day}">{day}</a> ' for day in range(1, 29))
    return _page(f"Events {year}-{month:02d}", f"<h1>Events</h1>{days}{links}")


async def _facets(request: Request) -> Response:
    told = list(request.query_params.multi_items())
    links = []
    for name, values in (("colour", "red blue green"), ("size", "s m l"), ("sort", "price name new"), ("view", "a b")):
        for value in values.split():
            query = "&amp;".join(f"{key}={one}" for key, one in [*told, (name, value)])
            links.append(f'<a href="/finder?{query}">{name} {value}</a>')
    return _page("Finder", f"<h1>Finder</h1>{' '.join(links)}")


def _to(url: str) -> _Handler:
    async def redirect(_request: Request) -> Response:
        return RedirectResponse(url, status_code=302)

    return redirect


@lru_cache(maxsize=1)
def _member() -> bytes:
    return gzip.compress(b" " * (8 * _MIB))


async def _bomb(_request: Request) -> Response:
    async def members() -> AsyncIterator[bytes]:
        yield gzip.compress(b"<html><body><h1>Catalogue</h1>")
        for _ in range(128):  # members of a gzip file may follow one another
            yield _member()
            await asyncio.sleep(0)

    return StreamingResponse(members(), media_type="text/html", headers={"content-encoding": "gzip"})


async def _huge(_request: Request) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"<html><body>"
        for _ in range(64):
            yield b"<p>archive</p>\n" * (_MIB // 15)
            await asyncio.sleep(0)

    return StreamingResponse(chunks(), media_type="text/html")


def _slow(seconds: float) -> _Handler:
    async def answer(_request: Request) -> Response:
        async def drops() -> AsyncIterator[bytes]:
            yield b"<html><body><p>"
            for _ in range(100):
                await asyncio.sleep(seconds / 100)
                yield b"."

        return StreamingResponse(drops(), media_type="text/html")

    return answer


class _Shifting:
    """Another charset at each visit, and now and then another than announced."""

    def __init__(self) -> None:
        self._visits = 0

    async def answer(self, _request: Request) -> Response:
        self._visits += 1
        told, real = (("utf-8", "utf-8"), ("gb18030", "gb18030"), ("utf-8", "gb18030"))[self._visits % 3]
        text = (
            f'<html><head><meta charset="{told}"><title>说明</title></head><body><p>价格：¥199.00 元</p></body></html>'
        )
        return Response(text.encode(real), headers={"content-type": f"text/html; charset={told}"})
