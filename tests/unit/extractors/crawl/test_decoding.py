"""Bodies as sent become the page as written, and never more of it than the limit."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Callable

import brotli  # type: ignore[import-untyped]  # brotli ships no types
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.decoding import decoded_body, gunzipped
from extractors.crawl.outcomes import Failed, Refused, TooLarge, VisitEnded

PAGE = "<p>页面</p>".encode() * 500
LIMIT = 1 << 20


def _raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
    "identity": bytes,
    "": bytes,
}


def decoded(encoding: str, raw: bytes, limit: int = LIMIT) -> bytes:
    return decoded_body([("Content-Type", "text/html"), ("content-encoding", encoding)], raw, limit)


@pytest.mark.parametrize("encoding", list(PACKERS))
def test_each_encoding_is_undone(encoding: str) -> None:
    assert decoded(encoding, PACKERS[encoding](PAGE)) == PAGE
    assert decoded(encoding, PACKERS[encoding](PAGE), limit=len(PAGE)) == PAGE
    with pytest.raises(TooLarge):
        decoded(encoding, PACKERS[encoding](PAGE), limit=len(PAGE) - 1)


def test_deflate_without_its_wrapping_is_read() -> None:
    assert decoded("deflate", _raw_deflate(PAGE)) == PAGE


def test_two_layers_are_undone_in_turn_and_three_refused() -> None:
    assert decoded("br, gzip", gzip.compress(brotli.compress(PAGE))) == PAGE
    headers = [("Content-Encoding", "br"), ("Content-Encoding", "gzip")]
    assert decoded_body(headers, gzip.compress(brotli.compress(PAGE)), LIMIT) == PAGE
    with pytest.raises(Refused, match="3 encodings"):
        decoded("gzip, gzip, gzip", b"")


def test_gzip_in_parts_is_put_together_and_padding_left_out() -> None:
    assert decoded("gzip", gzip.compress(b"one") + gzip.compress(b"two") + b"\0" * 64) == b"onetwo"


def test_plain_text_that_is_said_to_be_gzip_is_taken_as_it_is() -> None:
    assert decoded("gzip", PAGE) == PAGE


def test_an_empty_body_is_empty_in_any_encoding() -> None:
    assert decoded("br", b"") == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_what_breaks_off_is_not_a_page(encoding: str) -> None:
    packed = PACKERS[encoding](PAGE + bytes(range(256)) * 40)
    with pytest.raises(Failed):
        decoded(encoding, packed[: len(packed) // 2])


@pytest.mark.parametrize("encoding", ["compress", "exi", "gzip;q=1", "aes128gcm"])
def test_other_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(Refused, match="do not read"):
        decoded(encoding, PAGE)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_takes_little_time_and_memory(encoding: str) -> None:
    bomb = PACKERS[encoding](bytes(100 << 20)) if encoding != "br" else brotli.compress(bytes(100 << 20), quality=1)
    started = time.perf_counter()
    tracemalloc.start()
    with pytest.raises(TooLarge):
        decoded(encoding, bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * LIMIT
    assert time.perf_counter() - started < 3.0


def test_a_crowd_of_empty_parts_takes_little_time() -> None:
    started = time.perf_counter()
    gunzipped(gzip.compress(b"") * 400_000, LIMIT * 10)
    assert time.perf_counter() - started < 3.0


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate", "br", "zstd"]), st.booleans())
def test_any_bytes_end_as_a_page_or_as_an_end(body: bytes, encoding: str, has_head: bool) -> None:
    head = PACKERS[encoding](b"a page")[:6] if has_head else b""
    try:
        found = decoded(encoding, head + body, limit=1_000)
    except VisitEnded:
        return
    assert len(found) <= 1_000
