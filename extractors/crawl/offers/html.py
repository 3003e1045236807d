"""A page's bytes become a tree, whatever they are."""

from __future__ import annotations

import codecs

import lxml.html  # type: ignore[import-untyped]
from charset_normalizer import from_bytes
from lxml import etree
from w3lib.encoding import html_to_unicode

_LARGEST = 10 * 1024 * 1024  # bytes; a crawl does not keep more of a page either
_SAMPLE = 16_384  # bytes that tell the encoding of a page that declares none
_EMPTY = "<html><body></body></html>"


def read_tree(body: bytes, content_type: str = "") -> lxml.html.HtmlElement:
    """A page's root element; that of an empty page where the bytes are no HTML.

    Elements nested deeper than about 2,000 levels, and what follows them, are left out (a limit of libxml2).

    Args:
        body: The page's bytes; more than 10 MiB are cut off.
        content_type: The server's Content-Type header.
    """
    text = _text(body[:_LARGEST], content_type)
    for source in (text, _EMPTY):
        # A parser keeps state, so each page has its own; its input is decoded already.
        parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True)
        try:
            root = lxml.html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
        except (etree.LxmlError, ValueError, AssertionError):
            continue
        if isinstance(root, lxml.html.HtmlElement):
            return root
    return lxml.html.fromstring(_EMPTY)


def _text(body: bytes, content_type: str) -> str:
    """The bytes decoded: as UTF-8 where they are, whatever is declared; else by mark, header, declaration, looks."""
    if not body.isascii() and not body.startswith(codecs.BOM_UTF8):
        try:
            return body.decode("utf-8").replace("\0", "")
        except UnicodeDecodeError:
            pass
    try:
        _, text = html_to_unicode(content_type or None, body, auto_detect_fun=_guess)
    except (LookupError, ValueError):
        text = body.decode("utf-8", "replace")
    return text.replace("\0", "")


def _guess(body: bytes) -> str | None:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body[:_SAMPLE])
    except UnicodeDecodeError:
        best = from_bytes(body[:_SAMPLE]).best()
        return best.encoding if best else None
    return "utf-8"
