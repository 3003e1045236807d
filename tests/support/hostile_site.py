"""A site whose every page means harm, and how the visit of each has to end."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Mapping

import brotli  # type: ignore[import-untyped]  # brotli ships no types
from backports import zstd

from tests.support.raw_http import answer

LIMIT = 1 << 20
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
    "large-body": (answer(b"x" * (LIMIT + 1)), _TOO_LARGE),
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
REDIRECTS = {
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
NAMES = {"inside.example": [["10.0.0.5"]], "mixed.example": [["93.184.215.14", "127.0.0.1"]]}


async def behave(path: str, writer: asyncio.StreamWriter) -> None:
    """Answers a path with what its name promises."""
    name, _, rest = path.strip("/").partition("/")
    if path == "/robots.txt":
        writer.write(answer(b"", status="404 Not Found"))
    elif name in _ANSWERS:
        writer.write(_ANSWERS[name][0])
        if name in ("short-body", "negative-length", "not-http"):
            writer.close()
    elif name in REDIRECTS:
        writer.write(answer(b"", f"Location: {REDIRECTS[name]}", status="302 Found"))
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
EXPECTED = {name: end for name, (_, end) in _ANSWERS.items()} | dict.fromkeys(REDIRECTS, _REFUSED) | _OTHERS
# robots.txt is asked for first, and it is that request which is refused
EXPECTED |= {"to-private-name": "disallowed", "to-mixed-name": "disallowed"}
