"""Sitemaps, read as a stream: no tree, no entities, no more than the protocol allows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from extractors.crawl.decoding import gunzipped
from extractors.crawl.outcomes import Refused

MAX_URLS: Final = 50_000
MAX_BYTES: Final = 50 * 1024 * 1024
_MAX_URL_LENGTH: Final = 2_083
_MAX_DEPTH: Final = 32  # a sitemap has three levels; extensions add one or two
_PIECE: Final = 64 * 1024
_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True)
class Sitemap:
    """What a sitemap names.

    Args:
        pages: URLs of pages, as written.
        sitemaps: URLs of further sitemaps, as written.
        is_whole: Whether it was read to its end: not broken, and not over the limit.
    """

    pages: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    is_whole: bool = True


def sitemap_urls(body: bytes, limit: int = MAX_URLS) -> Sitemap:
    """Reads a sitemap: XML, an index of sitemaps, or one URL a line; packed by gzip or not.

    Of a broken one, what stands before the break is kept.

    Args:
        body: Its bytes; at most 50 MiB of them when unpacked.
        limit: The most URLs.

    Raises:
        TooLarge: If it unpacks to more than 50 MiB.
        Refused: If it declares a document type: entities are how a few bytes become gigabytes or a local file.
        Failed: If it is packed and breaks off.
    """
    body = gunzipped(body, MAX_BYTES) if body.startswith(_GZIP) else body
    if not body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<")):
        return _lines(body, limit)
    reader = _Reader(limit)
    is_whole = reader.read(body)
    return Sitemap(tuple(reader.pages), tuple(reader.sitemaps), is_whole)


def _lines(body: bytes, limit: int) -> Sitemap:
    text = body[:MAX_BYTES].decode("utf-8-sig", "replace")
    found = [line.strip() for line in text.splitlines() if line.strip().startswith(("http://", "https://"))]
    found = [url for url in found if len(url) <= _MAX_URL_LENGTH]
    return Sitemap(tuple(found[:limit]), (), len(found) <= limit)


@dataclass
class _Reader:
    """Collects the text of each `loc` directly inside a `url` or a `sitemap`."""

    limit: int
    pages: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    _entry: str = ""
    _text: list[str] | None = None
    _length: int = 0
    _depth: int = 0

    def read(self, body: bytes) -> bool:
        """Reads it all; False where it breaks off or goes over the limit."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._take
        try:
            for begin in range(0, min(len(body), MAX_BYTES), _PIECE):
                parser.Parse(body[begin : begin + _PIECE], False)
                if len(self.pages) + len(self.sitemaps) > self.limit:
                    self._cut()
                    return False
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError):  # broken, too deep, or in an encoding that nobody knows
            self._cut()
            return False
        return len(body) <= MAX_BYTES

    def _cut(self) -> None:
        del self.pages[self.limit :]
        del self.sitemaps[max(self.limit - len(self.pages), 0) :]

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise ValueError(name)
        local = name.rpartition(" ")[2]
        if local in ("url", "sitemap"):
            self._entry = local
        self._text, self._length = ([], 0) if local == "loc" and self._entry else (None, 0)

    def _take(self, text: str) -> None:
        if self._text is not None and self._length <= _MAX_URL_LENGTH:
            self._text.append(text)
            self._length += len(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        local = name.rpartition(" ")[2]
        if local == "loc" and self._text is not None:
            url = "".join(self._text).strip()
            if url and len(url) <= _MAX_URL_LENGTH:
                (self.sitemaps if self._entry == "sitemap" else self.pages).append(url)
            self._text = None
        elif local in ("url", "sitemap"):
            self._entry = ""


def _refuse_doctype(*_declared: object) -> None:
    raise Refused("The sitemap declares a document type.")
