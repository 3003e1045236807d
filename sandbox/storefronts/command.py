"""`python -m sandbox storefront-pages FOLDER` and `storefront-truth FOLDER`: the rivals without a server."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from sandbox.storefronts.assortment import SIZE
from sandbox.storefronts.model import Page
from sandbox.storefronts.pages import Pages
from sandbox.storefronts.phrases import SCHEMA_AVAILABILITY, decimal
from sandbox.storefronts.truth import sites, write
from sandbox.storefronts.views import Site
from sandbox.world import World, WorldSpec, generate

_WORLD = Path("var/sandbox/northlight")


def add_storefronts(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command line's words."""
    pages = commands.add_parser("storefront-pages", help="the rivals' product pages with what is true of each")
    truth = commands.add_parser("storefront-truth", help="the rivals' offers by day, and which products they are")
    for command in (pages, truth):
        command.add_argument("folder", type=Path)
        command.add_argument("--world", type=Path, default=_WORLD, help="the merchant; made where there is none")
        command.add_argument("--day", type=date.fromisoformat, help="the last day; the world's last one by default")
        command.add_argument("--size", type=int, default=SIZE, help="product pages a shop")
    truth.add_argument("--days", type=int, default=30, help="how many days, to the last one")


def run_storefronts(command: str, options: Mapping[str, object]) -> str:
    """Writes what is asked for; returns what there is to say about it."""
    folder, size = Path(str(options["folder"])), int(str(options["size"]))
    world = _world(Path(str(options["world"])))
    day = options["day"] if isinstance(options["day"], date) else world.spec.last_day
    if command == "storefront-pages":
        return f"{write_pages(folder, world, day, size)} pages in {folder}\n"
    days = [day - timedelta(back) for back in range(int(str(options["days"])))]
    rows = write(folder, world, days, size)
    return f"{rows['offers']:,} offers, {rows['matches']:,} matches in {folder}\n"


def write_pages(folder: Path, world: World, day: date, size: int = SIZE) -> int:
    """Writes `html/<id>.html` and `ground-truth.json`: what a reader of the page may say, by field.

    Args:
        folder: Where to.
        world: The merchant.
        day: The day of the pages.
        size: Product pages a shop.

    Returns:
        How many pages there are.
    """
    (folder / "html").mkdir(parents=True, exist_ok=True)
    truth = {}
    for site in sites(world, size=size):
        writer = Pages(site)
        for page in site.assortment.on(day):
            name = f"{site.shop.look}-{page.number}"
            (folder / "html" / f"{name}.html").write_bytes(writer.product(page, day, site.shop.url))
            truth[name] = _told(site, page, day)
    text = json.dumps(truth, ensure_ascii=False, indent=1)
    (folder / "ground-truth.json").write_text(text + "\n", encoding="utf-8")
    return len(truth)


def _told(site: Site, page: Page, day: date) -> dict[str, object]:
    """What is right for each field; of a page with variants what is right of any of them."""
    shop, main = site.shop, page.goods[0]
    found = [site.pricing.offer(good, day) for good in page.goods]
    rating, count = site.pricing.rating(page, day)
    shows_rating = bool(count) and shop.look != "pennyworth"
    return {
        "url": shop.url + site.address(page, day),
        "title": [page.title],
        "brand": [main.brand] if main.brand else [],
        "gtin": sorted({good.gtin.zfill(14) for good in page.goods if good.gtin}),
        "mpn": sorted({good.mpn for good in page.goods if good.mpn}),
        "sku": [good.sku for good in page.goods],
        "price": sorted({decimal(offer.price_minor) for offer in found}),
        "list_price": sorted({decimal(offer.list_minor) for offer in found if offer.list_minor is not None}),
        "currency": [shop.currency],
        "availability": sorted({SCHEMA_AVAILABILITY[offer.availability] for offer in found}),
        "rating": [str(rating)] if shows_rating else [],
        "review_count": [str(count)] if shows_rating else [],
        "condition": ["refurbished"] if main.condition == "refurbished" else [],
        "seller": [found[0].seller] if found[0].seller else [],
        "image": [f"{shop.url}/media/{page.number}.svg"],
        "tax_note": [shop.tax_note] if shop.tax_note else [],
    }


def _world(folder: Path) -> World:
    try:
        return World.open(folder)
    except FileNotFoundError:
        return generate(folder, WorldSpec.demo())
