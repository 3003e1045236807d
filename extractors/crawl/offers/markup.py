"""Microdata and RDFa, read in one pass over the page's own tree.

extruct reads both as their specifications say, and is what the tests compare with. Here it would cost too much: it
copies and cleans an element for each property, builds a DOM and a graph for RDFa, and loses on which element a value
stood. What product pages use of RDFa is its Lite part: `typeof`, `property`, `resource`, `content`, and prefixes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal
from urllib.parse import urljoin

from lxml import etree  # type: ignore[import-untyped]
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from extractors.crawl.offers.items import Item, bare

_MOST_TEXT = 2_000  # characters of one value
_MOST_ITEMS = 2_000
_MOST_REFERENCES = 50
_MOST_VALUES = 20_000
_MOST_ELEMENTS = 1_000  # looked at for one value
_ADDRESSES = {
    "a": "href", "area": "href", "link": "href", "audio": "src", "embed": "src", "iframe": "src", "img": "src",
    "source": "src", "track": "src", "video": "src", "object": "data",
}  # fmt: skip
_UNSEEN = frozenset(("script", "style", "noscript", "template"))
_STRUCK = frozenset(("del", "s", "strike"))
_SPACES = re.compile(r"\s+")
# Things that belong to the product around them, also where the page forgets to say by which property.
_PARTS = {"offer": "offers", "aggregateoffer": "offers", "aggregaterating": "aggregaterating", "brand": "brand"}
# Types of other vocabularies, such as `foaf:Document` and `sioc:Item`, say nothing about products.
_RDFA_TYPES = re.compile(
    r"(?:^|\s)(?:[^:\s]+(?:\s|$)|(?:schema|gr|v|s|product):|https?://(?:www\.)?schema\.org|\S*(?:goodrelations|data-vocabulary))"
)

Dialect = Literal["microdata", "rdfa"]


@dataclass
class _Open:
    item: Item
    depth: int


def read_markup(tree: HtmlElement, dialect: Dialect, base: str) -> list[Item]:
    """The things that a page marks up, outermost first, and last one without types for values outside of any.

    Args:
        tree: The page's root.
        dialect: In which syntax.
        base: The page's address; relative addresses begin there.
    """
    # Not by XPath: it gathers and sorts every match, in quadratic time where a page has 100,000 of them.
    if tree.find(".//*[@itemprop]" if dialect == "microdata" else ".//*[@typeof]") is None and not tree.get("typeof"):
        return []
    reader = _Reader(dialect, base)
    reader.walk(tree)
    if dialect == "microdata":
        reader.follow_references(tree)
    return [*reader.roots, *([reader.loose] if reader.loose.props else [])]


class _Reader:
    def __init__(self, dialect: Dialect, base: str) -> None:
        self.dialect: Dialect = dialect
        self.base = base
        self.roots: list[Item] = []
        self.loose = Item(method=dialect)
        self.above: list[_Open] = []
        self.referring: list[tuple[Item, list[str]]] = []
        self.count = 0
        self.values = 0

    def walk(self, tree: HtmlElement) -> None:
        depth = 0
        for event, element in etree.iterwalk(tree, events=("start", "end")):
            if event == "start":
                depth += 1
                self.enter(element, depth)
            else:
                if self.above and self.above[-1].depth == depth:
                    self.above.pop()
                depth -= 1

    def enter(self, element: HtmlElement, depth: int) -> None:
        attributes = element.attrib
        types, names = self.types(attributes), self.names(attributes)
        if types is None:
            if names and (self.dialect == "microdata" or self.above):
                self.state(self.above[-1].item if self.above else self.loose, names, element)
            return
        if self.count >= _MOST_ITEMS:
            return
        self.count += 1
        item = self.new(element, types)
        if names and self.above:
            for name in names:
                self.above[-1].item.add(name, item)
        else:
            self.adopt(item)
        self.above.append(_Open(item, depth))

    def new(self, element: HtmlElement, types: list[str]) -> Item:
        ident = element.get("itemid") if self.dialect == "microdata" else element.get("resource", element.get("about"))
        item = Item(
            method=self.dialect,
            types=tuple(bare(name) for name in types),
            ident=_address(self.base, ident) if ident else "",
            element=element,
        )
        if self.dialect == "microdata" and element.get("itemref"):
            self.referring.append((item, element.get("itemref", "").split()))
        if not len(element) and element.get("content"):
            item.add("name", element.get("content", ""))
        elif (
            "brand" in item.types
            and element.find(".//*[@itemprop]") is None
            and element.find(".//*[@property]") is None
        ):
            item.add("name", text_of(element))
        return item

    def adopt(self, item: Item) -> None:
        """Hangs a thing without a property on the product around it, where it can be nothing else."""
        part = next((_PARTS[name] for name in item.types if name in _PARTS), None)
        if part and self.above:
            self.above[-1].item.add(part, item)
        else:
            self.roots.append(item)

    def types(self, attributes: Mapping[str, str]) -> list[str] | None:
        if self.dialect == "microdata":
            if "itemscope" in attributes or "itemtype" in attributes:
                return attributes.get("itemtype", "").split()
            return None
        found = attributes.get("typeof")
        if found is None:
            return None
        # Without one of our vocabularies around it, a type says nothing here, but things inside may belong to it.
        return found.split() if self.above or _RDFA_TYPES.search(found) else None

    def names(self, attributes: Mapping[str, str]) -> list[str]:
        if self.dialect == "microdata":
            return [bare(name) for name in attributes.get("itemprop", "").split()]
        found = attributes.get("property") or ""
        if not found and ":" in attributes.get("rel", ""):
            found = attributes.get("rel", "")
        return [bare(name) for name in found.split()]

    def state(self, item: Item, names: list[str], element: HtmlElement) -> None:
        self.values += 1
        if self.values > _MOST_VALUES:
            return
        value = self.value(element)
        was = _is_struck(element) and not element.get("content")
        for name in names:
            if name in ("price", "lowprice", "highprice"):
                for old in element.iter(*_STRUCK):
                    item.add("struckprice", text_of(old))
                if was:
                    item.add("struckprice", value)
                    continue
            item.add(name, value)

    def value(self, element: HtmlElement) -> str:
        content: str | None = element.get("content")
        if content is not None and (content.strip() or element.tag == "meta"):
            return content.strip()
        if self.dialect == "rdfa" and element.get("resource"):
            return _address(self.base, element.get("resource", ""))
        attribute = _ADDRESSES.get(str(element.tag))
        if attribute is not None:
            address = element.get(attribute) or (element.get("data-src") if element.tag == "img" else "") or ""
            # Shops mark a brand or a category on the link itself: its address says less than its text.
            return text_of(element) if not address.strip() else _address(self.base, address)
        if element.tag in ("data", "meter") and element.get("value"):
            return (element.get("value") or "").strip()
        if element.tag == "time" and element.get("datetime"):
            return (element.get("datetime") or "").strip()
        return text_of(element)

    def follow_references(self, tree: HtmlElement) -> None:
        if not self.referring:
            return
        by_id = {element.get("id"): element for element in tree.iter() if element.get("id")}
        followed = 0
        for item, references in self.referring:
            for reference in references:
                target = by_id.get(reference)
                if target is None or followed >= _MOST_REFERENCES:
                    continue
                followed += 1
                inner = _Reader(self.dialect, self.base)
                inner.values, inner.count = self.values, self.count
                inner.above.append(_Open(item, -1))
                inner.walk(target)
                self.values, self.count = inner.values, inner.count


def text_of(element: HtmlElement, most: int = _MOST_TEXT) -> str:
    """What an element shows, in one line, without what is crossed out in it."""
    return _SPACES.sub(" ", " ".join(islice(_pieces(element, most), 500))).strip()[:most]


def _pieces(element: HtmlElement, most: int) -> Iterator[str]:
    skipped: HtmlElement | None = None
    length = 0
    for event, one in islice(etree.iterwalk(element, events=("start", "end")), 2 * _MOST_ELEMENTS):
        if event == "start":
            if skipped is None and one is not element and (one.tag in _UNSEEN or one.tag in _STRUCK):
                skipped = one
            text = one.text if skipped is None else None
        else:
            if one is skipped:
                skipped = None
            text = one.tail if skipped is None and one is not element else None
        if text and isinstance(one.tag, str | type(etree.Comment)) and not text.isspace():
            yield text[:most].strip("\n\t ")
            length += len(text)
            if length > most:
                return


def _is_struck(element: HtmlElement) -> bool:
    return element.tag in _STRUCK or any(parent.tag in _STRUCK for parent in islice(element.iterancestors(), 3))


def _address(base: str, address: str) -> str:
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return address.strip()
