"""Where a page leads on to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.links import Directives, header_directives, is_sitemap, outlook
from extractors.crawl.outcomes import TooLarge

URL = "https://shop.example/a/"
HTML = "text/html; charset=utf-8"


def links(page: str, content_type: str = HTML, *tags: str) -> list[str]:
    found = outlook(page.encode(), content_type, URL, tags)
    return [link.removeprefix("https://shop.example") for link in found.links]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ('<a href="b">b</a><a href="/c#x">c</a><a href="/c">c</a>', ["/a/b", "/c"]),
        ('<base href="/z/"><a href="b">b</a>', ["/z/b"]),
        ('<map><area href="/m"></map><a>none</a><a href="">self</a>', ["/m"]),
        ('<link rel="next" href="?page=2"><link rel="stylesheet" href="/x.css">', ["/a/?page=2"]),
        ('<meta http-equiv="refresh" content="0; url=/r">', ["/r"]),
        (
            '<a rel="nofollow noopener" href="/x">x</a><a rel="sponsored" href="/y">y</a><a rel="ugc" href="/z">z</a>',
            [],
        ),
        ('<a hidden href="/x">x</a><a style="DISPLAY : NONE" href="/y">y</a><a style="opacity:0" href="/z">z</a>', []),
        ('<div style="visibility:hidden"><span><a href="/x">x</a></span></div><a href="/y">y</a>', ["/y"]),
        ('<a style="opacity:0.8" href="/x">x</a><a style="color:red" href="/y">y</a>', ["/x", "/y"]),
        ('<template><a href="/x">x</a></template><noscript><a href="/y">y</a></noscript>', ["/y"]),
        ('<meta name="robots" content="nofollow"><a href="/x">x</a>', []),
        ('<meta name="ROBOTS" content="NONE"><a href="/x">x</a>', []),
        ('<meta name="ecomopsbot" content="nofollow"><a href="/x">x</a>', []),
        ('<meta name="googlebot" content="nofollow"><a href="/x">x</a>', ["/x"]),
        ('<meta name="robots" content="noindex"><a href="/x">x</a>', ["/x"]),
        ('<a href="javascript:void(0)">x</a><a href="mailto:a@b.example">m</a><a href="tel:1">t</a>', []),
        ("", []),
        ("<<<>>>\x00<a href=/x>x", ["/x"]),
    ],
)
def test_links(page: str, expected: list[str]) -> None:
    assert links(page) == expected


def test_a_header_may_forbid_to_follow() -> None:
    assert links('<a href="/x">x</a>', HTML, "nofollow") == []
    assert links('<a href="/x">x</a>', HTML, "otherbot: nofollow") == ["/x"]
    assert links('<a href="/x">x</a>', HTML, "ecomopsbot: none") == []
    assert links('<a href="/x">x</a>', HTML, "max-snippet: 10, nofollow") == []
    assert header_directives(["noindex"]) == Directives(may_index=False)


def test_what_is_no_page_leads_nowhere() -> None:
    assert links('<a href="/x">x</a>', "image/png") == []
    assert links('<a href="/x">x</a>', "") == ["/x"]


def test_pages_in_other_encodings_are_read_as_they_are_meant() -> None:
    page = '<meta charset="gb18030"><a href="/\u5546\u54c1">x</a>'.encode("gb18030")
    assert outlook(page, "text/html", URL).links == ("https://shop.example/%E5%95%86%E5%93%81",)
    assert outlook(b'<a href="/x">x</a>', "text/html; charset=nonsense", URL).links


def test_a_page_with_too_many_elements_is_not_made_into_a_tree() -> None:
    with pytest.raises(TooLarge):
        outlook(b"<p>" * 400_000, HTML, URL)


@given(st.binary(max_size=300))
def test_any_bytes_lead_somewhere_or_nowhere(body: bytes) -> None:
    outlook(body, HTML, URL)
    is_sitemap(body)


def test_sitemaps_are_told_from_pages() -> None:
    assert is_sitemap(b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
    assert is_sitemap(b"<s:sitemapindex>")
    assert not is_sitemap(b"<html><p>urlset</p></html>")
