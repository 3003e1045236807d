"""A page as plain arrays, made in one pass over its tree: its text, who holds which part of it, and what names say.

The text is one string. Blocks are parted by line breaks and inline elements are joined, so that a price that is
split over several elements reads as one: `<b>12</b><sup>99</sup>` becomes `12␞99`, where `␞` says that cents follow.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field

from lxml import etree  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from extractors.crawl.offers.visible import marks
from extractors.crawl.offers.visible.marks import marks_of, names

CENTS = "\x1e"  # stands before the cents of a split price
_MOST_ELEMENTS = 60_000
_MOST_TEXT = 2_000_000
_SPACES = re.compile(r"[\s​‎‏⁠﻿]+")
_CENTS_TEXT = re.compile(r"^\s*[.,]?\s*(\d{2}|[-–—]{1,2})\s*\*?$")
_NAMING = frozenset(
    names(
        "class id itemprop name role data-testid data-test data-test-id data-qa data-automation data-automation- "
        "id data-auto data-component data-hook data-role data-price-type data-element data-at data-name data-cy "
        "data-tl-id data-selenium data-block data-zone-name data-auid data-locator"
    )
)
_SKIPPED = frozenset(
    names("script style noscript template svg head iframe object textarea video audio canvas map math")
)
_INLINE = frozenset(
    names(
        "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark meta link nobr q s samp "
        "small span strike strong sub sup time tt u var wbr price money amount bdt"
    )
)
_STRUCK_TAGS = frozenset(("del", "s", "strike"))
_TAG_MARKS = {
    "del": marks.STRUCK,
    "s": marks.STRUCK,
    "strike": marks.STRUCK,
    "a": marks.LINK,
    "nav": marks.CHROME,
    "footer": marks.CHROME,
    "dialog": marks.CHROME,
    "option": marks.OPTION,
    "select": marks.OPTION,
    "header": 0,
}
_STYLE_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_STYLE_STRUCK = re.compile(r"line-through", re.IGNORECASE)


@dataclass
class Page:
    """A page's elements in document order; every list has one entry for each.

    Attributes:
        elements: The elements.
        tags: Their names.
        parents: The number of the parent; -1 for the root.
        ends: The number of the first element after this one's descendants.
        starts: Where its text begins in `text`.
        stops: Where its text ends.
        own: What its own names say (`marks`).
        marks: What its names and those of its ancestors say.
        text: The whole text.
        piece_starts: Where each piece of text begins.
        piece_owners: Which element each piece stands in directly.
    """

    elements: list[HtmlElement] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    parents: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    text: str = ""
    piece_starts: list[int] = field(default_factory=list)
    piece_owners: list[int] = field(default_factory=list)

    def text_of(self, node: int) -> str:
        """An element's text in one line."""
        joined = self.text[self.starts[node] : self.stops[node]].replace(CENTS, ".").replace("\n", " ")
        return _SPACES.sub(" ", joined).strip()

    def owner(self, start: int, stop: int) -> int:
        """The smallest element that holds this part of the text."""
        if not self.piece_starts:
            return 0
        node = self.piece_owners[max(0, bisect_right(self.piece_starts, start) - 1)]
        last = self.piece_owners[max(0, bisect_right(self.piece_starts, stop - 1) - 1)]
        while node and not node <= last < self.ends[node]:
            node = self.parents[node]
        return max(node, 0)

    def common(self, one: int, other: int) -> int:
        """The smallest element that holds both."""
        while one > 0 and not one <= other < self.ends[one]:
            one = self.parents[one]
        return max(one, 0)

    def near_marks(self, node: int, levels: int = 3) -> int:
        """What the names of an element and its nearest ancestors say, while these hold little text."""
        bits = 0
        for _ in range(levels):
            if node < 0 or self.stops[node] - self.starts[node] > 160:
                break
            bits |= self.own[node]
            node = self.parents[node]
        return bits

    def mark_downwards(self, title: int) -> None:
        """Fills `marks`: what names say is handed on to descendants, but not from a box that holds the title."""
        handed = [0] * len(self.elements)
        for node, own in enumerate(self.own):
            if node <= title < self.ends[node]:
                own &= ~marks.NOT_AROUND_TITLE
                self.own[node] = own
            parent = self.parents[node]
            above = handed[parent] if parent >= 0 else 0
            handed[node] = above | (own & marks.INHERITED)
            self.marks.append(above | own)


def read_tree(tree: HtmlElement) -> Page:
    """A page's arrays; a huge page is read up to a limit.

    Args:
        tree: The page's root.
    """
    page = Page()
    _Reader(page).walk(tree)
    return page


class _Reader:
    """Walks the tree without recursion and keeps the text's length as it grows."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pieces: list[str] = []
        self.length = 0
        self.last = "\n"
        self.above: list[int] = []

    def walk(self, tree: HtmlElement) -> None:
        walker = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
        skipped = None
        page = self.page
        for event, element in walker:
            if event == "start":
                tag = element.tag
                if tag in _SKIPPED and element is not tree:
                    skipped = element
                    walker.skip_subtree()
                    continue
                if len(page.elements) >= _MOST_ELEMENTS or self.length > _MOST_TEXT:
                    break
                self.open(element, tag if isinstance(tag, str) else "")
                continue
            if event == "end":
                if element is skipped:
                    skipped = None
                else:
                    self.close()
            elif skipped is not None:
                continue
            if element.tail and self.above:
                self.add(element.tail, self.above[-1])
        while self.above:
            self.close()
        page.text = "".join(self.pieces)

    def open(self, element: HtmlElement, tag: str) -> None:
        page = self.page
        node = len(page.elements)
        own = self.marks(element, tag)
        text = element.text
        if tag not in _INLINE or own & marks.OFFSCREEN:
            self.part()
        elif text and own & (marks.FRACTION | marks.PRICE) | (tag == "sup") | self.last.isdigit():
            self.join(element, text, own, tag)
        page.elements.append(element)
        page.tags.append(tag)
        page.parents.append(self.above[-1] if self.above else -1)
        page.ends.append(0)
        page.starts.append(self.length)
        page.stops.append(0)
        page.own.append(own)
        self.above.append(node)
        if text:
            self.add(text, node)

    def join(self, element: HtmlElement, text: str, own: int, tag: str) -> None:
        """Parts two numbers that stand side by side, or marks the second as the first one's cents."""
        is_cents = len(element) == 0 and _CENTS_TEXT.match(text)
        if is_cents and (own & marks.FRACTION or tag == "sup" or self.last.isdigit()):
            self.put(CENTS)
        elif self.last.isdigit() and text[0].isdigit():
            self.put(" \t")

    def close(self) -> None:
        page = self.page
        node = self.above.pop()
        page.ends[node] = len(page.elements)
        page.stops[node] = self.length
        if page.tags[node] not in _INLINE or page.own[node] & marks.OFFSCREEN:
            self.part()

    def add(self, text: str, owner: int) -> None:
        plain = _SPACES.sub(" ", text)
        if plain == " " and self.last in " \n":
            return
        self.page.piece_starts.append(self.length)
        self.page.piece_owners.append(owner)
        self.put(plain)

    def part(self) -> None:
        if self.last != "\n":
            self.put("\n")

    def put(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)
        self.last = text[-1]

    def marks(self, element: HtmlElement, tag: str) -> int:
        names = []
        bits = _TAG_MARKS.get(tag, 0)
        for key, value in element.items():
            if key in _NAMING:
                names.append(value)
            elif key == "style":
                if _STYLE_HIDDEN.search(value):
                    bits |= marks.HIDDEN
                if _STYLE_STRUCK.search(value):
                    bits |= marks.STRUCK
            elif key == "hidden":
                bits |= marks.HIDDEN
        if not names or tag in ("html", "body"):
            return bits if tag not in ("html", "body") else 0
        return bits | marks_of(" ".join(names))
