"""Whether a page can be made into a tree at a fair price: the check before lxml builds one.

libxml2 itself ends a page that nests deeper than 256 elements. What it does not bound: an element's attributes, whose
list it walks for each new one (40,000 of them take 8 s, and a page of 10 MiB can hold two million), and the number of
elements (10 MiB of `<p>` are 3.5 million of them and take over a gigabyte). So the page is read once without building
anything, by the same parser, which therefore sees the very elements that the tree would have.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from extractors.crawl.outcomes import TooLarge

MAX_ELEMENTS = 150_000
MAX_ATTRIBUTES = 1_000
SMALL = 64 * 1024
"""Bytes of a page that costs less than half a second whatever is in it, and is not checked."""


class _Counter:
    """A parser's target that counts and keeps nothing."""

    def __init__(self) -> None:
        self.elements = 0
        self.most_attributes = 0

    def start(self, _tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self.elements += 1
        if len(attributes) > self.most_attributes:
            self.most_attributes = len(attributes)
        if self.elements > MAX_ELEMENTS or self.most_attributes > MAX_ATTRIBUTES:
            raise _EnoughError

    def close(self) -> None:
        """The page ends."""


class _EnoughError(Exception):
    """The page is over a limit; no need to read on."""


def check_markup(body: bytes) -> None:
    """Makes sure that a page's tree is small enough to be built.

    Args:
        body: The page's bytes, after decompression.

    Raises:
        TooLarge: If it has more than `MAX_ELEMENTS` elements, or an element more than `MAX_ATTRIBUTES` attributes.
    """
    if len(body) <= SMALL:
        return
    counter = _Counter()
    parser = etree.HTMLParser(target=counter, no_network=True, huge_tree=False)
    try:
        etree.fromstring(body, parser)  # not by feed(), which reads an unclosed comment again with each piece
    except _EnoughError as error:
        what = "elements" if counter.elements > MAX_ELEMENTS else "attributes in one element"
        raise TooLarge(f"The page has too many {what}.") from error
    except (etree.LxmlError, ValueError, AssertionError):
        return  # no page at all; whoever builds the tree finds that out at the same place
