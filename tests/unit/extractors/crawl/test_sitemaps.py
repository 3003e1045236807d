"""Sitemaps are read as a stream, whatever they hold."""

from __future__ import annotations

import gzip
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.outcomes import Refused, TooLarge, VisitEnded
from extractors.crawl.sitemaps import sitemap_urls

_SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*urls: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    entries = "".join(f"<url><loc>{url}</loc><lastmod>2026-01-01</lastmod></url>" for url in urls)
    return f"{head}<urlset {_SPACE}>{entries}</urlset>".encode()


def test_pages_are_found_with_their_entities_and_spaces() -> None:
    found = sitemap_urls(urlset(" https://a.example/?x=1&amp;y=2\n", "<![CDATA[https://a.example/z]]>"))
    assert found.pages == ("https://a.example/?x=1&y=2", "https://a.example/z")
    assert found.is_whole


def test_an_index_names_sitemaps() -> None:
    body = f"<sitemapindex {_SPACE}><sitemap><loc>https://a.example/1.xml.gz</loc></sitemap></sitemapindex>".encode()
    assert sitemap_urls(body).sitemaps == ("https://a.example/1.xml.gz",)


def test_places_of_pictures_are_no_pages() -> None:
    body = (
        b"<urlset xmlns:image='i'><url><loc>https://a.example/p</loc><image:image><image:title>t</image:title>"
        b"</image:image></url><loc>https://a.example/stray</loc></urlset>"
    )
    assert sitemap_urls(body).pages == ("https://a.example/p",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_it_may_be_packed_and_in_other_encodings(encoding: str) -> None:
    text = f"<urlset {_SPACE}><url><loc>https://a.example/é</loc></url></urlset>"
    assert sitemap_urls(text.encode(encoding)).pages == ("https://a.example/é",)
    assert sitemap_urls(gzip.compress(text.encode(encoding))).pages == ("https://a.example/é",)


def test_it_may_be_a_list_of_lines() -> None:
    found = sitemap_urls(b"\xef\xbb\xbfhttps://a.example/1\r\nnothing\nhttps://a.example/2\n")
    assert found.pages == ("https://a.example/1", "https://a.example/2")


def test_of_a_broken_one_the_beginning_is_kept() -> None:
    found = sitemap_urls(urlset("https://a.example/1", "https://a.example/2")[:-40])
    assert found.pages[:1] == ("https://a.example/1",)
    assert not found.is_whole


def test_it_ends_at_its_limit() -> None:
    found = sitemap_urls(urlset(*(f"https://a.example/{n}" for n in range(500))), limit=120)
    assert len(found.pages) == 120
    assert not found.is_whole
    assert sitemap_urls(urlset(*(f"https://a.example/{n}" for n in range(120))), limit=120).is_whole


_LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE x [<!ENTITY l0 "lol">{_LAUGHS}]>',
        '<!DOCTYPE x [<!ENTITY l0 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/evil.dtd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/p"> %p;]>',
        f'<!DOCTYPE x [<!ENTITY l0 "{"a" * 100_000}">]>',
    ],
    ids=["billion laughs", "local file", "external DTD", "parameter entity", "quadratic"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(doctype: str, encoding: str) -> None:
    body = f"{doctype}<urlset><url><loc>https://a.example/&l0;</loc></url></urlset>".encode(encoding)
    with pytest.raises(Refused, match="document type"):
        sitemap_urls(body)


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" * 1_000_000,
        b"<urlset><url><loc>" + b"x" * 10_000_000,
        b"<urlset " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b">",
        b"<urlset>" + b"<!-- -->" * 1_000_000,
        b"<url><loc>" * 400_000,
    ],
    ids=["deep", "one long loc", "many attributes", "comments", "deep entries"],
)
def test_odd_ones_take_little_time_and_memory(body: bytes) -> None:
    started = time.perf_counter()
    tracemalloc.start()
    found = sitemap_urls(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.pages == ()
    assert peak < 64 << 20
    assert time.perf_counter() - started < 10.0


def test_a_packed_bomb_is_too_large() -> None:
    with pytest.raises(TooLarge):
        sitemap_urls(gzip.compress(b"<urlset>" + b" " * (60 << 20), 1))


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(body: bytes) -> None:
    try:
        sitemap_urls(body)
        sitemap_urls(b"<urlset><url><loc>" + body)
    except VisitEnded:
        return
