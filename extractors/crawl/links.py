"""Where a page leads on to: the links that a visitor would see and that its owner lets robots follow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from lxml import etree, html  # type: ignore[import-untyped]  # lxml ships no types
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding

from extractors.crawl.addresses import canonical
from extractors.crawl.markup import check_markup
from extractors.crawl.robots import TOKEN

_MOST_LINKS: Final = 5_000
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)", re.IGNORECASE)
_REFRESH = re.compile(r"^\s*\d+(?:\.\d+)?\s*[;,]\s*(?:url\s*=\s*)?['\"]?(?P<url>[^'\"]+)", re.IGNORECASE)
# directives of X-Robots-Tag that take a value after a colon, and so are no robot's name
_WITH_VALUE = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")


@dataclass(frozen=True)
class Directives:
    """What a page tells robots.

    Attributes:
        may_index: Whether its content may be used.
        may_follow: Whether its links may be followed.
    """

    may_index: bool = True
    may_follow: bool = True


@dataclass(frozen=True)
class Outlook:
    """What a page says about going on.

    Attributes:
        directives: What it tells robots.
        links: Canonical addresses, in the order of the page, each once.
    """

    directives: Directives
    links: tuple[str, ...] = ()


def tree_of(body: bytes, content_type: str) -> html.HtmlElement | None:
    """A page's elements; None where the bytes are no page.

    Nothing is loaded from anywhere, and what nests deeper than the parser allows is left out.
    """
    if not body.strip(b"\x00 \t\r\n"):
        return None
    encoding = http_content_type_encoding(content_type) or html_body_declared_encoding(body) or "utf-8"
    try:
        parser = html.HTMLParser(encoding=encoding, no_network=True, huge_tree=False)
    except LookupError:  # an encoding that nobody knows
        parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        found = html.document_fromstring(body, parser=parser, ensure_head_body=False)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return found


def header_directives(values: Iterable[str]) -> Directives:
    """What the headers X-Robots-Tag say, those for other robots left out."""
    told: list[str] = []
    for value in values:
        name, colon, rest = value.partition(":")
        name = name.strip().lower()
        if colon and "," not in name and name not in _WITH_VALUE:
            if name == TOKEN:
                told.append(rest)
        else:
            told.append(value)
    return _directives(told)


def outlook(body: bytes, content_type: str, url: str, robots_tags: Iterable[str] = ()) -> Outlook:
    """What a page says about going on.

    Args:
        body: Its bytes, unpacked.
        content_type: As the server said.
        url: Its address.
        robots_tags: Its headers X-Robots-Tag.

    Raises:
        TooLarge: If its tree would be too large to be built.
    """
    by_header = header_directives(robots_tags)
    if "html" not in content_type.lower() and content_type:
        return Outlook(by_header)
    check_markup(body)
    tree = tree_of(body, content_type)
    if tree is None:
        return Outlook(by_header)
    by_page = _directives(
        str(meta.get("content") or "")
        for meta in tree.iter("meta")
        if str(meta.get("name") or "").strip().lower() in ("robots", TOKEN)
    )
    both = Directives(by_header.may_index and by_page.may_index, by_header.may_follow and by_page.may_follow)
    return Outlook(both, tuple(_links(tree, url)) if both.may_follow else ())


def is_sitemap(body: bytes) -> bool:
    """Whether bytes are a sitemap in XML."""
    return re.search(rb"<(?:\w+:)?(?:urlset|sitemapindex)\b", body[:4096]) is not None


def _directives(told: Iterable[str]) -> Directives:
    words = {word.strip().lower() for one in told for word in one.split(",")}
    return Directives("noindex" not in words and "none" not in words, "nofollow" not in words and "none" not in words)


def _links(tree: html.HtmlElement, url: str) -> Iterator[str]:
    bases = tree.xpath("//base/@href")
    base = canonical(str(bases[0]), url) if bases else None
    hidden = _hidden(tree)
    seen: set[str] = set()
    for anchor in tree.iter("a", "area", "link", "meta"):
        target = None if anchor in hidden else _target(anchor)
        found = canonical(target, base or url) if target else None
        if found and found not in seen:
            seen.add(found)
            yield found
            if len(seen) >= _MOST_LINKS:
                return


def _target(element: html.HtmlElement) -> str | None:
    """The address that an element leads to, if robots may follow it."""
    rels = str(element.get("rel") or "").lower().split()
    if element.tag == "meta":
        if str(element.get("http-equiv") or "").lower() != "refresh":
            return None
        match = _REFRESH.match(str(element.get("content") or ""))
        return match["url"] if match else None
    if element.tag == "link":
        return str(element.get("href") or "") if {"next", "prev"} & set(rels) else None
    if {"nofollow", "ugc", "sponsored"} & set(rels):
        return None
    return str(element.get("href") or "") or None


def _hidden(tree: html.HtmlElement) -> set[html.HtmlElement]:
    """Links that no visitor sees: those who put them there want to catch robots."""
    found: set[html.HtmlElement] = set()
    for element in tree.xpath("//*[@hidden or @style or @aria-hidden='true' or self::noscript or self::template]"):
        style = str(element.get("style") or "")
        is_hidden = (
            element.get("hidden") is not None
            or element.tag == "template"
            or (element.get("aria-hidden") == "true" and element.tag == "a")
            or _HIDING.search(style) is not None
        )
        if is_hidden:
            found.update(element.iter("a", "area"))
    return found
