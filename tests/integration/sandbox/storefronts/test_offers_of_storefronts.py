"""What is read from the rivals' pages is what is true of them, day by day."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from extractors.crawl.offers import PageHints, extract_offers
from sandbox.storefronts import SHOPS, Shop, offers, sites
from sandbox.storefronts.pages import Pages
from sandbox.world import World, WorldSpec, generate

pytestmark = pytest.mark.integration

DAYS = [date(2025, 11, 28), date(2025, 12, 9)]  # Black Friday, with reductions everywhere, and a plain Tuesday
FIELDS = {
    "price": "price_amount",
    "list_price": "list_price_amount",
    "currency": "currency_code",
    "sku": "sku",
    "brand": "brand",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate(tmp_path_factory.mktemp("world"), WorldSpec.tiny())


@pytest.mark.parametrize("shop", SHOPS, ids=[shop.look for shop in SHOPS])
def test_offers_are_what_the_truth_says(world: World, shop: Shop) -> None:
    (site,) = sites(world, [shop], size=24)
    served_as = "text/html" if shop.encoding != "utf-8" else "text/html; charset=utf-8"
    told = {
        (row["page_url"], row["date"]): row
        for row in offers([site], DAYS).filter(pl.col("is_main")).iter_rows(named=True)
    }
    wrong = []
    for day in DAYS:
        for page in site.assortment.on(day):
            url = shop.url + site.address(page, day)
            body = Pages(site).product(page, day, shop.url)
            found = extract_offers(body, PageHints(url, served_as, shop.language, shop.currency))
            row = told[url, day]
            wrong += [
                (url, day, name, row[name])
                for name, field in FIELDS.items()
                if (getattr(found[0], field) if found else None) != row[name]
                # A group's own code is its first variant's, or none.
                and not (page.is_group and name == "sku")
            ]
    assert len(wrong) <= 0.02 * len(told) * len(FIELDS), wrong
