"""JSON-LD: the blocks of a page as things, with references inside the page followed."""

from __future__ import annotations

import html
import re
from itertools import islice

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from extractors.crawl.offers.items import Item, bare
from extractors.crawl.offers.lenient import read_json

_TYPE = re.compile(r"^\s*application/(?:ld\+json|json\+ld|ld-json)", re.IGNORECASE)
_DEEPEST = 30
_MOST = 20_000
_MOST_TEXT = 5_000
_MOST_BLOCKS = 300
_LARGEST = 3_000_000  # characters of all blocks of a page
_TAG = re.compile(r"<[^>]{0,300}>")


def read_jsonld(tree: HtmlElement) -> list[Item]:
    """The things in a page's blocks of JSON-LD, in order.

    Args:
        tree: The page's root.
    """
    reader = _Reader()
    roots: list[Item] = []
    left = _LARGEST
    blocks = (script.text or "" for script in tree.iter("script") if _TYPE.match(script.get("type") or ""))
    for block in islice(blocks, _MOST_BLOCKS):
        for value in read_json(block[:left]):
            roots += reader.roots(value)
        left = max(0, left - len(block))
    reader.resolve()
    return roots


class _Reader:
    def __init__(self) -> None:
        self.named: dict[str, Item] = {}
        self.references: list[tuple[dict[str, list[Item | str]], str, int, str]] = []
        self.count = 0

    def roots(self, value: object, depth: int = 0) -> list[Item]:
        if isinstance(value, list):
            return [item for one in value for item in self.roots(one, depth + 1)] if depth < _DEEPEST else []
        if not isinstance(value, dict):
            return []
        graph = value.get("@graph")
        if graph is not None and "@type" not in value:
            return self.roots(graph, depth + 1)
        item = self.item(value, depth)
        return [item, *(self.roots(graph, depth + 1) if graph is not None else [])]

    def item(self, value: dict[str, object], depth: int) -> Item:
        self.count += 1
        types = value.get("@type", value.get("type", ()))
        item = Item(
            method="json_ld",
            types=tuple(bare(str(one)) for one in (types if isinstance(types, list) else [types]) if one),
            ident=str(value.get("@id") or ""),
        )
        for key, found in value.items():
            if key not in ("@type", "@id", "@context", "@graph"):
                self.state(item, bare(str(key)), found, depth)
        if item.ident and len(item.props) > len(self.named.get(item.ident, Item("json_ld")).props):
            self.named[item.ident] = item
        return item

    def state(self, item: Item, name: str, value: object, depth: int) -> None:
        if depth > _DEEPEST or self.count > _MOST:
            return
        if isinstance(value, list):
            for one in value[:2_000]:
                self.state(item, name, one, depth + 1)
        elif isinstance(value, dict):
            if set(value) == {"@id"}:
                item.add(name, str(value["@id"]))
                self.references.append((item.props, name, len(item.props[name]) - 1, str(value["@id"])))
            elif "@value" in value and not isinstance(value["@value"], dict | list):
                self.state(item, name, value["@value"], depth + 1)
            else:
                item.add(name, self.item(value, depth + 1))
        elif isinstance(value, bool):
            item.add(name, str(value).lower())
        elif value is not None:
            item.add(name, plain(str(value)))

    def resolve(self) -> None:
        for props, name, place, ident in self.references:
            if ident in self.named:
                props[name][place] = self.named[ident]


def plain(text: str) -> str:
    """A value as text: shops escape entities into it, sometimes twice, and leave tags in it."""
    text = text[:_MOST_TEXT]
    for _ in range(2):
        if "&" in text:
            text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", text)
    return " ".join(text.split())
