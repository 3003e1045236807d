"""Servers that mean harm, each against the crawl's own middlewares in a process of its own."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from collections.abc import Mapping
from pathlib import Path

import brotli  # type: ignore[import-untyped]  # brotli ships no types
import pytest
from backports import zstd

from tests.support.raw_http import RawServer, answer, serving
from tests.support.visiting import Visits, visit

_LIMIT = 1 << 20
_MIB = 1 << 20
_ZEROS = bytes(200 * _MIB)
_TOO_LARGE, _FAILED, _REFUSED, _TIMED_OUT = "too_large", "failed", "refused", "timed_out"


async def _endless(writer: asyncio.StreamWriter, piece: bytes, pause: float = 0.0) -> None:
    while not writer.is_closing():
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(pause)


def _packed(encoding: str, body: bytes) -> bytes:
    return answer(body, f"Content-Encoding: {encoding}")


_ANSWERS: Mapping[str, tuple[bytes, str]] = {
    "gzip-bomb": (_packed("gzip", gzip.compress(_ZEROS, 1)), _TOO_LARGE),
    "deflate-bomb": (_packed("deflate", zlib.compress(_ZEROS, 1)), _TOO_LARGE),
    "brotli-bomb": (_packed("br", brotli.compress(_ZEROS, quality=1)), _TOO_LARGE),
    "zstd-bomb": (_packed("zstd", zstd.compress(_ZEROS, 1)), _TOO_LARGE),
    "gzip-in-gzip": (_packed("gzip, gzip", gzip.compress(gzip.compress(_ZEROS))), _TOO_LARGE),
    "many-layers": (_packed("gzip, gzip, gzip", gzip.compress(b"x")), _REFUSED),
    "unknown-encoding": (_packed("compress", b"xyz"), _REFUSED),
    "broken-gzip": (_packed("gzip", gzip.compress(b"a page" * 100)[:-20]), _FAILED),
    "not-brotli": (_packed("br", b"this is plain text"), _FAILED),
    "said-gzip-sent-plain": (_packed("gzip", b"<p>plain"), "fetched"),
    "packed-page": (_packed("gzip", gzip.compress(b"<p>packed")), "fetched"),
    "large-body": (answer(b"x" * (_LIMIT + 1)), _TOO_LARGE),
    "promised-large": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx", _TOO_LARGE),
    "short-body": (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nConnection: close\r\n\r\nshort", _FAILED),
    "negative-length": (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nbody", _FAILED),
    "two-lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\nbody", _FAILED),
    "long-header": (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", _FAILED),
    "not-http": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", _FAILED),
    "odd-status": (b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", "fetched"),
    "bad-chunk": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\nx\r\n", _FAILED),
    "odd-charset": (answer(b"\xff\xfe\x00<p>", kind="text/html; charset=utf-7, \x01\x02"), "fetched"),
}
_REDIRECTS = {
    "to-file": "file:///etc/passwd",
    "to-data": "data:text/html,<p>x",
    "to-gopher": "gopher://127.0.0.1:70/_x",
    "to-ftp": "ftp://127.0.0.1/x",
    "to-javascript": "javascript:alert(1)",
    "to-loopback": "http://127.0.0.1:1/",
    "to-metadata": "http://169.254.169.254/latest/meta-data/",
    "to-aliyun-metadata": "http://100.100.100.200/",
    "to-ipv6-metadata": "http://[fd00:ec2::254]/",
    "to-decimal": "http://2130706433/",
    "to-octal": "http://0177.0.0.1/",
    "to-mapped": "http://[::ffff:127.0.0.1]/",
    "to-localhost": "http://localhost/",
    "to-userinfo": "http://user:pw@shop.example/",
    "to-odd-port": "http://shop.example:6379/",
    "to-nothing": "http://[::1",
    "to-private-name": "http://inside.example/",
    "to-mixed-name": "http://mixed.example/",
}
_NAMES = {"inside.example": [["10.0.0.5"]], "mixed.example": [["93.184.215.14", "127.0.0.1"]]}


async def _behave(path: str, writer: asyncio.StreamWriter) -> None:
    name, _, rest = path.strip("/").partition("/")
    if path == "/robots.txt":
        writer.write(answer(b"", status="404 Not Found"))
    elif name in _ANSWERS:
        writer.write(_ANSWERS[name][0])
        if name in ("short-body", "negative-length", "not-http"):
            writer.close()
    elif name in _REDIRECTS:
        writer.write(answer(b"", f"Location: {_REDIRECTS[name]}", status="302 Found"))
    elif name == "loop":
        writer.write(answer(b"", "Location: /loop", status="302 Found"))
    elif name == "chain":
        writer.write(answer(b"", f"Location: /chain/{int(rest or 0) + 1}", status="302 Found"))
    elif name == "endless-body":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        await _endless(writer, b"x" * 65_536)
    elif name == "endless-chunks":
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await _endless(writer, b"ffff\r\n" + b"x" * 65_535 + b"\r\n")
    elif name == "endless-headers":
        writer.write(b"HTTP/1.1 200 OK\r\n")
        await _endless(writer, b"".join(b"X-%d: %s\r\n" % (n, b"v" * 1_000) for n in range(60)))
    elif name == "endless-continues":
        await _endless(writer, b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000)
    elif name == "folded-header":
        writer.write(b"HTTP/1.1 200 OK\r\nX: a\r\n")
        await _endless(writer, b" more\r\n" * 10_000)
    elif name == "slow-body":
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        await _endless(writer, b"x", 0.2)
    elif name == "slow-headers":
        await _endless(writer, b"H", 0.2)
    elif name == "silence":
        await asyncio.sleep(60)


_OTHERS = {
    "loop": _REFUSED,
    "chain": _REFUSED,
    "endless-body": _TOO_LARGE,
    "endless-chunks": _TOO_LARGE,
    "endless-headers": _FAILED,
    "endless-continues": _FAILED,
    "folded-header": _FAILED,
    "slow-body": _TIMED_OUT,
    "slow-headers": _TIMED_OUT,
    "silence": _TIMED_OUT,
}
_EXPECTED = {name: end for name, (_, end) in _ANSWERS.items()} | dict.fromkeys(_REDIRECTS, _REFUSED) | _OTHERS
# robots.txt is asked for first, and it is that request which is refused
_EXPECTED |= {"to-private-name": "disallowed", "to-mixed-name": "disallowed"}


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> tuple[RawServer, Visits, float]:
    """All of them visited at once, and how many seconds it took."""
    started = time.perf_counter()
    with serving(_behave) as server:
        found = visit(
            tmp_path_factory.mktemp("hostile"),
            [server.url(f"/{name}") for name in _EXPECTED],
            allow=server.endpoints,
            names=_NAMES,
            settings={"DOWNLOAD_MAXSIZE": _LIMIT, "DOWNLOAD_TIMEOUT": 2, "CONCURRENT_REQUESTS_PER_DOMAIN": 8},
        )
    return server, found, time.perf_counter() - started


@pytest.mark.parametrize("name", list(_EXPECTED))
def test_each_ends_as_it_should(visited: tuple[RawServer, Visits, float], name: str) -> None:
    server, found, _ = visited
    assert found.ends[server.url(f"/{name}")][0] == _EXPECTED[name], found.ends[server.url(f"/{name}")]


def test_what_is_only_odd_is_read(visited: tuple[RawServer, Visits, float]) -> None:
    server, found, _ = visited
    assert found.ends[server.url("/packed-page")][2] == len(b"<p>packed")
    assert found.ends[server.url("/said-gzip-sent-plain")][2] == len(b"<p>plain")


def test_time_and_memory_are_bounded(visited: tuple[RawServer, Visits, float]) -> None:
    _, found, seconds = visited
    assert found.peak_mib < 300  # 80 before the first request
    assert seconds < 60


def test_redirects_end_after_five(visited: tuple[RawServer, Visits, float]) -> None:
    server, _, _ = visited
    assert [path for path in server.paths() if path.startswith("/chain")] == ["/chain"] + [
        f"/chain/{n}" for n in range(1, 6)
    ]
    assert server.paths().count("/loop") == 6


def test_a_url_cannot_carry_headers(tmp_path: Path) -> None:
    paths = ["/a\r\nX-Evil: 1", "/b%0d%0aX-Evil:%201", "/c\nX-Evil: 1", "/d\x00", "/e HTTP/1.1\r\nX-Evil: 1\r\n\r\n"]
    with serving(_behave_plainly) as server:
        visit(tmp_path, [server.url(path) for path in paths], allow=server.endpoints)
    assert all("X-Evil: 1" not in head.split("\r\n") for head in server.heads)
    assert all(head.split("\r\n")[0].endswith(" HTTP/1.1") for head in server.heads)


def test_a_proxy_from_the_environment_is_not_used(tmp_path: Path) -> None:
    with serving(_behave_plainly) as proxy, serving(_behave_plainly) as server:
        there = f"http://127.0.0.1:{proxy.ports[0]}"
        found = visit(
            tmp_path,
            [server.url("/x")],
            allow=server.endpoints,
            environment={"http_proxy": there, "https_proxy": there, "HTTP_PROXY": there, "all_proxy": there},
        )
    assert proxy.log == []
    assert found.ends[server.url("/x")][:2] == ("fetched", "200")


def test_a_request_that_names_a_proxy_is_refused(tmp_path: Path) -> None:
    with serving(_behave_plainly) as server:
        meta = {"proxy": server.url("")}
        found = visit(tmp_path, ["http://shop.example/"], names={"shop.example": [["93.184.215.14"]]}, meta=meta)
    assert server.log == []
    assert found.ends["http://shop.example/"][0] in ("refused", "disallowed")


async def _behave_plainly(path: str, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(b"", status="404 Not Found") if path == "/robots.txt" else answer(b"a page"))
