"""Pages whose tree would cost too much are found before it is built."""

from __future__ import annotations

import time

import pytest

from extractors.crawl.markup import MAX_ATTRIBUTES, MAX_ELEMENTS, SMALL, check_markup
from extractors.crawl.outcomes import TooLarge

_PAD = b"<p>" + b"x" * SMALL


def _attributes(count: int) -> bytes:
    return _PAD + b"<a " + b" ".join(b"a%d='>'" % n for n in range(count)) + b">x</a>"


@pytest.mark.parametrize(
    "body",
    [
        _attributes(MAX_ATTRIBUTES + 1),
        b"<script>/* <b c='</script>" + _attributes(MAX_ATTRIBUTES + 1),
        b"<a " + b" ".join(b"a%d" % n for n in range(1_000_000)) + b">",
        b"<a href=/x>" * (MAX_ELEMENTS + 1),
        b"<p>" * (MAX_ELEMENTS + 1),
        b"<div>" * (MAX_ELEMENTS + 1),
    ],
    ids=["attributes", "behind a script", "a million attributes", "links", "paragraphs", "nested"],
)
def test_bombs_are_found_soon(body: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(TooLarge):
        check_markup(body)
    assert time.perf_counter() - started < 10.0  # seconds; about one where the machine is idle


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 100_000,
        b"<!--" * 500_000,
        b"<![CDATA[" * 100_000,
        b"<" * 1_000_000,
        b"<a href='" + b"x" * 5_000_000 + b"'>",
        _attributes(MAX_ATTRIBUTES),
        b"<div class='a b' id=c><a href='/p'>a thing</a></div>" * 20_000,
        b"<div>" * 100_000,
        "<p>页面</p>".encode("gb18030") * 20_000,
    ],
    ids=["empty", "nul", "comments", "cdata", "brackets", "long value", "attributes", "large page", "deep", "gb18030"],
)
def test_what_can_be_built_passes(body: bytes) -> None:
    started = time.perf_counter()
    check_markup(body)
    assert time.perf_counter() - started < 5.0
