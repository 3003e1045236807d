"""Whatever the tree: no exception, a bound on time, and the same answer each time."""

from __future__ import annotations

import time

import lxml.html  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.crawl.offers.model import FIELDS, PageHints
from extractors.crawl.offers.visible import script_candidates, visible_candidates
from extractors.crawl.offers.visible.literals import read_literal

_HINTS = PageHints("https://shop.example/p/1")
_SNIPPETS = st.sampled_from(
    [
        *(
            "<h1>Mug</h1>",
            "<p class=price>",
            "£8.00",
            "</p>",
            "<del>",
            "</del>",
            "<ul>",
            "<li>",
            "</li>",
            "<sup>99</sup>",
        ),
        *(
            "$12",
            "<button>Add to cart</button>",
            "sold out",
            "<a href=x>",
            "</a>",
            "<div class=related>",
            "</div>",
            "1.299,-",
        ),
        *(
            "<table>",
            "<tr>",
            "<td>",
            "SKU:",
            "X-1",
            "<img src=a.jpg>",
            "<script>var x = {price:",
            "}</script>",
            "<option>",
        ),
        *(
            "<span>",
            "</span>",
            "12",
            "–",
            "<!-- c -->",
            "<?pi ?>",
            "4.5 out of 5",
            "EAN 4006381333931",
            "Brand:",
            "\x1e",
        ),
        *("\u200b", "&nbsp;", "<svg><title>x"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(_SNIPPETS, st.text(max_size=12)), max_size=40))
def test_any_page_gives_claims_without_an_exception(parts: list[str]) -> None:
    tree = lxml.html.document_fromstring("<html><body>" + "".join(parts).replace("\0", "") + "</body></html>")

    first = visible_candidates(tree, _HINTS, {}) + script_candidates(tree, _HINTS)

    assert first == visible_candidates(tree, _HINTS, {}) + script_candidates(tree, _HINTS)
    for claim in first:
        assert claim.field in FIELDS
        assert 0 < claim.confidence < 0.9
        assert claim.value != ""


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="{}[]():,'\"`\\/*!0a1. \n", max_size=60))
def test_any_text_is_a_literal_or_none(text: str) -> None:
    read = read_literal(text, 0, 1000)

    assert read.value is None or isinstance(read.value, dict | list)
    assert 0 <= read.end <= len(text)


def test_elements_that_are_no_page() -> None:
    for source in ("<p></p>", "<html></html>", "<script>var price = {</script>", "<!-- only --><p>x</p>"):
        tree = lxml.html.fromstring(source)
        assert isinstance(visible_candidates(tree, _HINTS, {}), list)
        assert isinstance(script_candidates(tree, PageHints("")), list)


def test_hostile_pages_are_bounded_in_time() -> None:
    pages = (
        "<div>" * 5_000 + "$9.99",
        "<span>$1.00</span>" * 6_000,
        "<p>" + "1" * 100_000 + "</p>",
        "<p>" + "1 " * 50_000 + "</p>",
        "<p>" + "$ " * 100_000 + "</p>",
        "<h2>related products</h2><p>SKU: X1</p>" * 2_000,
        "<script>var price = " + "{a:" * 50_000 + "</script>",
        "<script>var price = " + "[{" * 50_000 + "</script>",
        "<script>" + "var price = {a: b(" * 10_000 + "</script>",
        "<script>var price=" + '{"a":' * 100_000 + "</script>",
    )
    for body in pages:
        tree = lxml.html.document_fromstring(
            f"<html><body><h1>Mug</h1>{body}</body></html>", parser=lxml.html.HTMLParser(huge_tree=True)
        )
        began = time.process_time()
        visible_candidates(tree, _HINTS, {})
        script_candidates(tree, _HINTS)
        assert time.process_time() - began < 2.5, body[:30]
