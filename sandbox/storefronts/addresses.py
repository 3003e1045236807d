"""Where things are in a shop: every platform has its own kind of addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.storefronts.assortment import slugged
from sandbox.storefronts.model import Page, Shop

_PRODUCT: Final = {
    "harbour": "/products/{slug}", "stubenglueck": "/artikel/{slug}.html", "cupboard": "/product.php?id={number}",
    "nid": "/p/{number}/{slug}", "pennyworth": "/shop/{slug}/", "shanju": "/item-{number}.html",
    "bazaar": "/dp/B{number}/{slug}",
}  # fmt: skip
_OLD: Final = {**_PRODUCT, "cupboard": "/item.php?old={number}", "shanju": "/goods.php?id={number}"}
_LISTING: Final = {
    "harbour": ("/collections/{key}", "?page={page}"), "stubenglueck": ("/kategorie/{key}", "/seite-{page}"),
    "cupboard": ("/category.php?c={key}", "&start={start}"), "nid": ("/c/{key}/", "?p={page}"),
    "pennyworth": ("/range/{key}/", "page/{page}/"), "shanju": ("/list-{key}", "-{page}.html"),
    "bazaar": ("/s/{key}", "?page={page}"),
}  # fmt: skip
# Parameters that only follow people; the page is the same without them.
TRACKING: Final = frozenset({"utm_source", "utm_medium", "utm_campaign", "ref", "sid", "PHPSESSID", "gclid", "pos"})
PER_PAGE: Final = 24


@dataclass(frozen=True)
class Listing:
    """A page of a department; `all` is everything."""

    department: str
    page: int


class Addresses:
    """Reads and writes a shop's addresses.

    Args:
        shop: The shop.
        departments: English names of its departments.
    """

    def __init__(self, shop: Shop, departments: list[str]) -> None:
        self._shop = shop
        self.departments = departments
        self._keys = {name: slugged(name) for name in departments} | {"all": "all"}
        self._names = {key: name for name, key in self._keys.items()}
        beginning, more = (re.escape(part) for part in _LISTING[shop.look])
        more = more.replace(r"\{page\}", r"(?P<page>\d+)").replace(r"\{start\}", r"(?P<start>\d+)")
        self._listing = re.compile(beginning.replace(r"\{key\}", r"(?P<key>[a-z0-9-]+?)") + f"(?:{more})?(?:\\.html)?")

    def product(self, page: Page) -> str:
        """The path of a product's page."""
        return _PRODUCT[self._shop.look].format(slug=page.slug, number=page.number)

    def former(self, page: Page) -> str:
        """The path that it had before it moved."""
        return _OLD[self._shop.look].format(slug=page.old_slug, number=page.number)

    def listing(self, department: str, page: int = 1) -> str:
        """The path of a page of a department."""
        beginning, more = _LISTING[self._shop.look]
        more = more.format(page=page, start=(page - 1) * PER_PAGE) if page > 1 else ""
        text = beginning.format(key=self._keys[department]) + more
        return f"{text}.html" if self._shop.look == "shanju" and page == 1 else text

    def read_listing(self, path: str) -> Listing | None:
        """The listing that a path with its query names; None for any other path, or one with a number too high."""
        if path == "/":
            return Listing("all", 1)
        found = self._listing.fullmatch(path)
        if found is None or found["key"] not in self._names:
            return None
        groups: Mapping[str, str | None] = found.groupdict()
        number = int(groups.get("page") or int(groups.get("start") or 0) // PER_PAGE + 1)
        return Listing(self._names[found["key"]], number)
