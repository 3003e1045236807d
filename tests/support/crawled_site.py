"""A small site that counts what it is asked, and crawls of it through the extraction."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from extractors.api.connector import Connector
from extractors.api.extract import Extracted, Job, extract
from extractors.api.registry import connector_kind
from lakehouse.landing import Manifest, find_parse, loads, read_manifest
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.windows import Window
from sandbox.serving import serve

NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
DAY = Window.parse("2026-03-02", "2026-03-03")
SOURCE = "rival"
PRODUCT = """<html><head><title>Thing {number}</title><script type="application/ld+json">
{{"@context": "https://schema.org", "@type": "Product", "name": "Thing {number}", "sku": "T-{number}",
"offers": {{"@type": "Offer", "price": "{price}", "priceCurrency": "GBP",
"availability": "https://schema.org/InStock"}}}}
</script></head><body><h1>Thing {number}</h1><a href="/">home</a></body></html>"""

Answer = Callable[[Request], Response]


@dataclass
class Site:
    """What is on a site, by path.

    Attributes:
        pages: Answers by path; a text is a page of HTML, a function makes an answer.
        robots: Its robots.txt; None: there is none.
        products: It has so many product pages, `/p/1` onwards, named in its sitemap.
        asked: How often each path was asked for, with its query.
        sent: The headers of the last request for each path.
        price: What a product costs.
        seconds: How long an answer takes.
    """

    pages: dict[str, str | Answer] = field(default_factory=dict)
    robots: str | None = "User-agent: *\nDisallow: /private\nSitemap: /sitemap.xml\n"
    products: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    sent: dict[str, Mapping[str, str]] = field(default_factory=dict)
    price: Callable[[int], str] = lambda number: f"{number}.50"
    seconds: float = 0.0

    def answer(self, request: Request) -> Response:
        """What the site says to a request."""
        path = request.url.path
        self.asked[path + (f"?{request.url.query}" if request.url.query else "")] += 1
        self.sent[path] = dict(request.headers)
        told = self.pages.get(path)
        if told is not None:
            return HTMLResponse(told) if isinstance(told, str) else told(request)
        if path == "/robots.txt" and self.robots is not None:
            return PlainTextResponse(self.robots)
        if path == "/sitemap.xml" and self.products:
            return Response(self._sitemap(str(request.base_url)), media_type="application/xml")
        if path.startswith("/p/") and path[3:].isdigit() and 1 <= int(path[3:]) <= self.products:
            return self._product(request, int(path[3:]))
        return PlainTextResponse("There is nothing here.", status_code=404)

    def _sitemap(self, base: str) -> str:
        urls = "".join(f"<url><loc>{base}p/{number}</loc></url>" for number in range(1, self.products + 1))
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'

    def _product(self, request: Request, number: int) -> Response:
        price = self.price(number)
        mark = f'"{number}-{price}"'
        if request.headers.get("if-none-match") == mark:
            return Response(status_code=304, headers={"etag": mark})
        return HTMLResponse(PRODUCT.format(number=number, price=price), headers={"etag": mark})


@dataclass
class Crawled:
    """A site that is served, and where its crawls land.

    Attributes:
        site: The site.
        url: Its address, without a slash at the end.
        folder: Where the store and temporary files are.
        options: What differs from `options_for`.
    """

    site: Site
    url: str
    folder: Path
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def store(self) -> DirectoryStore:
        """What was landed."""
        return DirectoryStore(self.folder / "store")

    @property
    def connector(self) -> Connector:
        """The connector for the site."""
        kind = connector_kind("crawl")
        return kind.connect(kind.options(options_for(self.url, **self.options)), {})

    def crawl(self, now: datetime = NOW, window: Window = DAY, known_at: datetime | None = None) -> Extracted:
        """Crawls it."""
        return extract(self.connector, job(window, now, known_at), store=self.store, scratch=self.folder / "scratch")

    def rows(self, table: str) -> pl.DataFrame:
        """All rows of a table, older loads first."""
        return landed(self.store, table)

    def outcomes(self) -> dict[str, str]:
        """How the last visit of each path ended."""
        visits = self.rows("crawl_pages").sort("occurred_at", maintain_order=True)
        return {
            url.removeprefix(self.url): outcome for url, outcome in visits.select("page_url", "outcome").iter_rows()
        }

    def last_crawl(self) -> dict[str, Any]:
        """The row of the newest crawl."""
        return self.rows("crawls").row(-1, named=True)


def options_for(url: str, **differing: Any) -> dict[str, Any]:  # noqa: ANN401 -- as in a sources' file
    """Options for a site on this machine, which nobody has to be patient with."""
    told: dict[str, Any] = {
        "start_urls": [f"{url}/"],
        "contact": "data@merchant.example",
        "legal_note": "A site of our own, looked at on 2026-03-01.",
        "allow_addresses": [url.removeprefix("http://")],
        "product_patterns": ["/p/"],
    }
    polite = {"min_delay_s": 0, "max_concurrency": 8, "target_concurrency": 8, "backoff_s": 0.05}
    return {**told, **differing, "politeness": polite | differing.get("politeness", {})}


def job(window: Window = DAY, now: datetime = NOW, known_at: datetime | None = None) -> Job:
    """The extraction of a day's crawl."""
    kind = connector_kind("crawl")
    resource = kind.resources["pages"]
    source = kind.source(resource, name=SOURCE, title="A rival", time_zone="UTC", expected=False)
    return Job(source, resource, window, known_at or now, now, "crawl", kind.api_version)


def landed(store: DirectoryStore, table: str) -> pl.DataFrame:
    """All rows of a table, older loads first."""
    source = job().source
    found = []
    for ref in sorted(loads(store, SOURCE, "pages"), key=lambda one: one.known_at):
        record = find_parse(store, read_manifest(store, ref), source.parse_digest)
        assert record is not None
        stored = record.tables("pages").get(table)
        if stored is not None:
            found.append(pl.read_parquet(store.fetch(stored.key, sha256=stored.sha256)))
    return pl.concat(found) if found else pl.DataFrame()


def manifests(store: DirectoryStore) -> list[Manifest]:
    """The manifests of all crawls, older ones first."""
    refs = sorted(loads(store, SOURCE, "pages"), key=lambda one: one.known_at)
    return [read_manifest(store, ref) for ref in refs]


@contextmanager
def served(site: Site, folder: Path, **options: Any) -> Iterator[Crawled]:  # noqa: ANN401 -- as in a sources' file
    """The site, served while the block runs."""

    async def answer(request: Request) -> Response:
        told = site.answer(request)
        await asyncio.sleep(site.seconds)
        return told

    with serve(Starlette(routes=[Route("/{path:path}", answer)])) as server:
        yield Crawled(site, server.url, folder, options)
