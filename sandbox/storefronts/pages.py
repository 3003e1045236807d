"""Writes a shop's pages from its templates."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, Final

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from sandbox.storefronts import json_ld
from sandbox.storefronts.addresses import Listing
from sandbox.storefronts.model import Page
from sandbox.storefronts.views import Site, View

_TEMPLATES: Final = Environment(
    loader=PackageLoader("sandbox.storefronts", "templates"),
    autoescape=True,
    trim_blocks=True,
    auto_reload=False,
)
_SHAPES: Final = {
    **dict.fromkeys(("Mugs & Cups", "Coffee & Tea"), 0),
    **dict.fromkeys(("Vases", "Candles", "Lamps", "Outdoor Lighting", "Planters"), 2),
    **dict.fromkeys(("Tableware", "Bakeware", "Christmas Decorations", "Wall Art"), 3),
}
_INKS: Final = ("#8aa398", "#b08d6c", "#7f8bab", "#b3766a", "#99945c", "#6d95a1", "#937ca0", "#b39a5e")
_COLOURS: Final = ("#c9d6cf", "#e3d3c3", "#cfd5e3", "#e6c9c2", "#d9d6b8", "#c4d7dd", "#dccbe0", "#e9dcc0")


class Pages:
    """One shop's pages as bytes.

    Args:
        site: The shop.
        traps: HTML that stands at the foot of every page.
    """

    def __init__(self, site: Site, traps: str = "") -> None:
        self.site = site
        self._traps = Markup(traps)  # noqa: S704  our own text

    def product(self, page: Page, day: date, base: str) -> bytes:
        """A product's page on a day.

        Args:
            page: The product.
            day: The day.
            base: The shop's address, without a slash at the end.
        """
        view = self.site.product(page, day)
        shop = self.site.shop
        told = {"json_ld": json_ld.clean, "json_ld_dirty": json_ld.dirty}.get(shop.markup)
        more = {
            "ld": Markup(told(view, shop, base)) if told else "",  # noqa: S704  holds no </script>
            "variations": json.dumps([_variation(one) for one in view["variants"]], ensure_ascii=False),
        }
        return self._written("product", base, view["url"], p=view, **more)

    def listing(self, listing: Listing, day: date, base: str, links: str = "") -> bytes | None:
        """A page of a department; None where there is no such page."""
        view = self.site.listing(listing, day)
        if view is None:
            return None
        path = "/" if view["is_home"] else self.site.addresses.listing(listing.department, listing.page)
        return self._written("listing", base, path, links=Markup(links), **view)  # noqa: S704  our own text

    def info(self, path: str, base: str, heading: str = "", text: str = "", links: str = "") -> bytes:
        """Any other page: terms, a basket, or one that tells that nothing is there."""
        told = {"heading": heading or self.site.shop.title, "text": text or self.site.phrases["tax"]}
        return self._written("info", base, path, links=Markup(links), **told)  # noqa: S704  our own text

    def style(self) -> bytes:
        """The shop's style sheet."""
        source, _, _ = PackageLoader("sandbox.storefronts", "templates").get_source(
            _TEMPLATES, f"{self.site.shop.look}/shop.css"
        )
        return source.encode()

    def _written(self, kind: str, base: str, path: str, **told: Any) -> bytes:  # noqa: ANN401  what templates take
        shop = self.site.shop
        name = "info.html" if kind == "info" else f"{shop.look}/{kind}.html"
        text = _TEMPLATES.get_template(name).render(
            shop=shop, t=self.site.phrases, nav=self.site.navigation(), base=base, canonical=path, kind=kind,
            traps=self._traps, **told,
        )  # fmt: skip
        return text.encode(shop.encoding, "replace")


def picture(page: Page) -> bytes:
    """A placeholder for a product's picture: a simple shape on a plain ground."""
    number = page.number
    ground, ink = _COLOURS[number % 8], _INKS[(number // 8 + number) % 8]
    shapes = (
        f'<path d="M130 140h140v90a70 70 0 0 1-140 0z" fill="{ink}"/><path d="M270 160h30v60h-36" fill="none" '
        f'stroke="{ink}" stroke-width="16"/>',
        f'<rect x="110" y="130" width="180" height="150" rx="34" fill="{ink}"/>',
        f'<path d="M170 90h60l-8 60c40 20 50 60 40 110a30 30 0 0 1-30 26h-64a30 30 0 0 1-30-26c-10-50 0-90 40-110z" '
        f'fill="{ink}"/>',
        f'<circle cx="200" cy="200" r="86" fill="{ink}"/><circle cx="200" cy="200" r="54" fill="{ground}"/>',
    )
    body = shapes[_SHAPES.get(page.goods[0].category, 1)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">'
        f'<rect width="400" height="400" fill="{ground}"/>'
        f'<ellipse cx="200" cy="296" rx="120" ry="14" fill="#000" opacity=".07"/>{body}</svg>'
    ).encode()


def _variation(one: View) -> View:
    """As a well-known shop plugin writes it into an attribute."""
    return {
        "sku": one["sku"],
        "attributes": {"option": one["option"]},
        "display_price": float(one["price"]),
        "display_regular_price": float(one["list_price"] or one["price"]),
        "is_in_stock": one["availability"] in ("in_stock", "limited"),
        "ean": one["gtin"],
    }
