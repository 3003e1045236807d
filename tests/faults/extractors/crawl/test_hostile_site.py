"""A whole crawl of a site that means harm: each visit has its record, and the good pages among them are read."""

from __future__ import annotations

import asyncio
import os
import time

import polars as pl
import pytest

from extractors.crawl.child import crawl
from extractors.crawl.job import Job
from extractors.crawl.options import SiteOptions
from extractors.crawl.parse import parse
from extractors.crawl.warc import read_records
from lakehouse.landing import RawFile
from tests.support.crawled_site import NOW, PRODUCT
from tests.support.hostile_site import EXPECTED, LIMIT, REDIRECTS, behave
from tests.support.raw_http import RawServer, answer, serving

_GOOD = ["good-1", "good-2", "good-3"]
_PAGES = {
    "sitemap.xml": (
        b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&a;</loc></url></urlset>"
    ),
    "many-elements": b"<p>" * 300_000,
    "many-attributes": b"<a " + b" ".join(b"a%d" % n for n in range(120_000)) + b">",
    "deep": b"<div>" * 100_000,
}


async def _site(path: str, writer: asyncio.StreamWriter) -> None:
    name = path.strip("/")
    if name == "robots.txt":
        writer.write(answer(b"User-agent: *\nDisallow: /secret\nSitemap: /sitemap.xml\n", kind="text/plain"))
    elif name == "":
        names = [*EXPECTED, *_PAGES, *_GOOD, "secret"]
        odd = ["file:///etc/passwd", "http://169.254.169.254/", "javascript:x", "//user:pw@127.0.0.1/", "/%0d%0aX: 1"]
        links = [f"<a href='{href}'>x</a>" for href in [*(f"/{one}" for one in names), *odd]]
        writer.write(answer("".join(links).encode()))
    elif name in _PAGES:
        writer.write(answer(_PAGES[name], kind="application/xml" if name == "sitemap.xml" else "text/html"))
    elif name in _GOOD:
        writer.write(answer(PRODUCT.format(number=name[-1], price="9.50").encode()))
    else:
        await behave(path, writer)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[RawServer, pl.DataFrame, pl.DataFrame, float]:
    """The server, the visits, the offers, and how many seconds it took."""
    folder, started = tmp_path_factory.mktemp("crawl"), time.perf_counter()
    with serving(_site) as server:
        options = SiteOptions.model_validate(
            {
                "start_urls": [server.url("/")],
                "contact": "data@merchant.example",
                "legal_note": "our own server in a test",
                "allow_addresses": server.endpoints,
                "limits": {"max_body_bytes": LIMIT, "timeout_s": 2},
                "politeness": {"min_delay_s": 0, "max_delay_s": 0.01, "max_tries": 1, "give_up_after": 1_000}
                | {"max_concurrency": 8, "target_concurrency": 8, "backoff_s": 0},
            }
        )
        job = Job(crawl_ref="c", options=options, began_at=NOW, now=NOW, folder=folder, parent=os.getpid())
        names = [told.segment for told in crawl(job) if told.segment]
        parsed = list(parse([RawFile(name, folder / name) for name in names]))
    assert names
    assert all(list(read_records(folder / name)) for name in names)
    visits, offers = (pl.concat([one.tables[name] for one in parsed]) for name in ("crawl_pages", "competitor_offers"))
    return server, visits, offers, time.perf_counter() - started


def _outcomes(server: RawServer, visits: pl.DataFrame) -> dict[str, str]:
    base = server.url("/")
    return {
        row["page_url"].removeprefix(base): row["outcome"]
        for row in visits.iter_rows(named=True)
        if row["page_url"].startswith(base)
    }


@pytest.mark.parametrize("name", [name for name in EXPECTED if name not in REDIRECTS and name not in ("loop", "chain")])
def test_each_visit_ends_as_it_should(crawled: tuple[RawServer, pl.DataFrame, pl.DataFrame, float], name: str) -> None:
    server, visits, _, _ = crawled
    expected = "failed" if name == "odd-status" else EXPECTED[name]
    assert _outcomes(server, visits)[name] == expected


def test_redirects_are_followed_to_nowhere_unsafe(
    crawled: tuple[RawServer, pl.DataFrame, pl.DataFrame, float],
) -> None:
    server, visits, _, _ = crawled
    outcomes = _outcomes(server, visits)
    assert {outcomes[name] for name in [*REDIRECTS, "loop", "chain"]} == {"redirected"}
    elsewhere = visits.filter(~pl.col("page_url").str.starts_with(server.url("/")))
    assert set(elsewhere["outcome"]) <= {"refused"}
    assert server.paths().count("/loop") == 1
    assert "/chain/6" not in server.paths()
    assert "/secret" not in server.paths()
    assert outcomes["secret"] == "disallowed"


def test_pages_that_cost_too_much_are_not_read(crawled: tuple[RawServer, pl.DataFrame, pl.DataFrame, float]) -> None:
    server, visits, _, _ = crawled
    outcomes = _outcomes(server, visits)
    assert outcomes["many-elements"] == outcomes["many-attributes"] == "too_large"
    assert outcomes["deep"] == "fetched"


def test_the_good_pages_are_read(crawled: tuple[RawServer, pl.DataFrame, pl.DataFrame, float]) -> None:
    server, visits, offers, seconds = crawled
    assert sorted(offers["page_url"]) == [server.url(f"/{name}") for name in _GOOD]
    assert {_outcomes(server, visits)[name] for name in _GOOD} == {"fetched"}
    assert seconds < 120
    assert all("passwd" not in path and "X: 1" not in path for path in server.paths())
