"""Structured data of any syntax in one shape: things with types, and named values that are texts or further things."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from extractors.crawl.offers.model import Method

_DEEPEST = 8
_MOST = 5_000
_NAME = re.compile(r"[/#:]")


@dataclass(eq=False)
class Item:
    """A thing that a page describes.

    Attributes:
        method: The syntax that it was written in.
        types: Bare names of its types in lower case: `product`.
        ident: Its address or name, where it has one.
        props: Values by bare name in lower case: `aggregaterating`.
        element: Where it stands on the page, for syntaxes that mark elements.
    """

    method: Method
    types: tuple[str, ...] = ()
    ident: str = ""
    props: dict[str, list[Item | str]] = field(default_factory=dict)
    element: HtmlElement | None = None

    def is_a(self, types: frozenset[str]) -> bool:
        """Whether one of its types is among these."""
        return not types.isdisjoint(self.types)

    def add(self, name: str, value: Item | str) -> None:
        """Adds a value behind those that it has."""
        self.props.setdefault(name, []).append(value)

    def texts(self, *names: str) -> list[str]:
        """Values that are texts, of the first of these names that has any."""
        for name in names:
            found = [value for value in self.props.get(name, ()) if isinstance(value, str) and value.strip()]
            if found:
                return found
        return []

    def text(self, *names: str) -> str:
        """The first value of the first of these names that has any; a thing counts as its name."""
        for name in names:
            for value in self.props.get(name, ()):
                found = value if isinstance(value, str) else value.text("name", "value", "@value", "title")
                if found.strip():
                    return found.strip()
        return ""

    def items(self, *names: str) -> list[Item]:
        """Values that are things."""
        return [value for name in names for value in self.props.get(name, ()) if isinstance(value, Item)]


def bare(name: str) -> str:
    """A name without its vocabulary, in lower case: `http://schema.org/Product` becomes `product`."""
    return _NAME.split(name.strip().rstrip("/#"))[-1].lower() if name else ""


@dataclass(frozen=True)
class Place:
    """A thing, and by which names it hangs on those above it."""

    item: Item
    path: tuple[str, ...]


def walk(roots: Sequence[Item]) -> Iterator[Place]:
    """Every thing below these, once, breadth first; deep and circular data ends at a limit."""
    seen: set[int] = set()
    waiting = [Place(root, ()) for root in roots]
    for place in waiting:
        if id(place.item) in seen or len(seen) >= _MOST:
            continue
        seen.add(id(place.item))
        yield place
        if len(place.path) < _DEEPEST and len(waiting) < 2 * _MOST:
            for name, values in place.item.props.items():
                waiting += [Place(value, (*place.path, name)) for value in values if isinstance(value, Item)]
