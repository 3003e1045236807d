"""What shops tell crawlers: robots.txt and sitemaps."""

from __future__ import annotations

from datetime import date
from typing import Final
from xml.sax.saxutils import escape

from sandbox.storefronts.model import Shop
from sandbox.storefronts.views import Site

_NAMESPACE: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
DISALLOWED: Final = {
    "harbour": ("/checkout/", "/search", "/private/"),
    "stubenglueck": (),
    "cupboard": ("/basket.php", "/private/"),
    "nid": ("/panier", "/private/"),
    "pennyworth": ("/cart/", "/my-account/", "/search", "/private/"),
    "shanju": ("/cart", "/user/", "/private/"),
    "bazaar": ("/gp/", "/search", "/private/", "/*sid="),
}
"""What each shop's robots.txt forbids."""


def robots_txt(shop: Shop, base: str) -> str:
    """The shop's robots.txt."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in DISALLOWED[shop.look])]
    if shop.crawl_delay is not None:
        lines.append(f"Crawl-delay: {shop.crawl_delay:g}")
    lines += ["", "User-agent: GreedyBot", "Disallow: /", ""]
    if shop.sitemaps != "none":
        lines.append(f"Sitemap: {base}/sitemap.xml")
    return "\n".join(lines) + "\n"


def sitemap(site: Site, day: date, base: str) -> str:
    """All product pages of a day; not the categories."""
    urls = [f"<url><loc>{escape(base + site.address(page, day))}</loc></url>" for page in site.assortment.on(day)]
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {_NAMESPACE}>\n' + "\n".join(urls) + "\n</urlset>\n"


def sitemap_index(site: Site, day: date, base: str) -> str:
    """The index over the gzipped map."""
    del site
    part = f"<sitemap><loc>{base}/sitemap-products.xml.gz</loc><lastmod>{day.isoformat()}</lastmod></sitemap>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex {_NAMESPACE}>\n{part}\n</sitemapindex>\n'
