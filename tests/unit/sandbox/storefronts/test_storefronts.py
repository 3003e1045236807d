"""Rivals' shops sell what the truth says, at prices that follow from the day, and answer as shops do."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from starlette.testclient import TestClient

from sandbox.serving import SandboxClock
from sandbox.storefronts import BY_NAME, SHOPS, Traps, app, matches, offers, plain_url, visits
from sandbox.storefronts.assortment import Assortment, known_products
from sandbox.storefronts.command import write_pages
from sandbox.storefronts.model import Shop
from sandbox.storefronts.pages import Pages
from sandbox.storefronts.phrases import money
from sandbox.storefronts.traps import METADATA
from sandbox.storefronts.views import Site
from sandbox.world import World
from sandbox.world.part_numbers import part_number

DAY = date(2025, 12, 9)
NOON = datetime(2025, 12, 9, 12, tzinfo=UTC)
LOOKS = [shop.look for shop in SHOPS]
WEEKS = [DAY - timedelta(back) for back in range(54)]


def client(world: World, name: str, *, traps: Traps | None = None, now: datetime = NOON) -> TestClient:
    made = app(world, SandboxClock(now), BY_NAME[name], traps=traps, size=40, late_seconds=0, slow_seconds=0)
    return TestClient(made, base_url=BY_NAME[name].url, follow_redirects=False)


def gtin_is_right(code: str) -> bool:
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(code))) % 10 == 0


@pytest.mark.parametrize("look", LOOKS)
def test_what_the_truth_tells_stands_on_the_page(sites: Mapping[str, Site], look: str) -> None:
    site = sites[look]
    told = offers([site], [DAY]).filter(pl.col("seller").is_null() | pl.col("is_main"))
    pages = {site.shop.url + site.address(page, DAY): page for page in site.assortment.on(DAY)}
    assert told["page_url"].n_unique() == len(pages) > 20
    for row in told.iter_rows(named=True):
        text = Pages(site).product(pages[row["page_url"]], DAY, site.shop.url).decode(site.shop.encoding)
        plain = text.replace("&amp;", "&").replace("&#39;", "'")
        assert row["title"] in plain
        assert (row["gtin"] or "")[1:] in text
        assert (row["mpn"] or "") in text
        assert site.phrases[row["availability"]] in text
        minor = int(row["price"] * 100)
        split = f">{minor // 100:d}<" in text and f"{minor % 100:02d}<" in text
        assert split or money(minor, site.shop) in text


def test_prices_follow_from_the_date_alone(world: World, sites: Mapping[str, Site]) -> None:
    """Another process, other days asked first: the same prices."""
    forwards = offers([sites["bazaar"]], [DAY - timedelta(7), DAY])
    again = Site(world, BY_NAME["rival_bazaar"], 40)
    assert offers([again], [DAY, DAY - timedelta(7)]).sort("date", maintain_order=True).equals(forwards)


def test_prices_move_as_in_trade(sites: Mapping[str, Site]) -> None:
    told = offers(sites.values(), WEEKS).filter("is_main").sort("source", "page_url", "date")
    reduced = told.filter(pl.col("list_price").is_not_null())
    assert (reduced["list_price"] > reduced["price"]).all()
    assert 0.05 < reduced.height / told.height < 0.4
    friday = told.filter(pl.col("date") == date(2025, 11, 28))["list_price"].is_not_null().mean()
    assert isinstance(friday, float)
    assert friday > 0.4
    moved = told.select((pl.col("price") != pl.col("price").shift()).over("source", "page_url").alias("moved"))
    assert 0.01 < moved["moved"].fill_null(value=False).mean() < 0.15  # type: ignore[operator]  # a number here
    states = set(told["availability"])
    assert {"in_stock", "limited", "out_of_stock"} <= states
    assert told.group_by("page_url").len()["len"].min() < len(WEEKS)  # type: ignore[operator]  # some came or went


def test_a_shop_that_watches_stays_just_below(world: World, sites: Mapping[str, Site]) -> None:
    site = sites["pennyworth"]
    followed = [
        (good, site.pricing._watched(good, DAY))
        for page in site.assortment.pages
        for good in page.goods
        if site.pricing._watched(good, DAY) is not None
    ]
    assert followed
    prices = world.frame("variant_prices").filter(
        pl.col("currency") == "GBP", pl.col("valid_from").dt.date() <= DAY - timedelta(2)
    )
    skus = world.frame("variants").select("variant_id", "sku")
    ours = prices.join(skus, on="variant_id").sort("valid_from")
    for good, asked in followed:
        theirs = ours.filter(pl.col("sku") == good.product_ref)["price_minor"].to_list()
        assert asked is not None
        assert any(0.9 < asked * 1.2 / price < 1.02 for price in theirs)


def test_matches_hold(world: World, sites: Mapping[str, Site]) -> None:
    told = matches(sites.values())
    known = set(world.frame("variants")["sku"])
    same = told.filter(pl.col("relation") == "same")
    assert set(same["product_ref"]) <= known
    assert told.filter(pl.col("relation") != "same")["product_ref"].null_count() == told.height - same.height
    assert set(told.filter(pl.col("relation") == "near_miss")["resembles"]) <= known
    assert {"gtin", "brand_mpn", "title"} <= set(same["how"])
    assert {"multipack", "other_brand", "other_model"} <= set(told["how"])
    one_page = told.filter(~pl.col("is_group"))
    assert one_page["page_url"].n_unique() == one_page.height


def test_codes_are_ours_only_where_the_thing_is(world: World, sites: Mapping[str, Site]) -> None:
    variants = {row["sku"]: row for row in world.frame("variants").iter_rows(named=True)}
    ours = set(world.frame("variants")["gtin"])
    for site in sites.values():
        for good in (good for page in site.assortment.pages for good in page.goods):
            if good.gtin:
                assert gtin_is_right(good.gtin)
            if good.relation == "same" and good.gtin and good.product_ref:
                assert good.gtin.zfill(14) == variants[good.product_ref]["gtin"]
            if good.relation == "own" or good.how in ("other_size", "other_colour", "other_model", "other_brand"):
                assert good.gtin.zfill(14) not in ours


def test_part_numbers_name_one_variant(world: World) -> None:
    rows = world.frame("variants").join(world.frame("products"), on="product_id")
    numbers = [part_number(row["brand"], row["variant_id"]) for row in rows.iter_rows(named=True)]
    assert len(set(numbers)) == len(numbers)
    # The order in which shops choose does not depend on the shop.
    assert [one.sku for one in known_products(world)] == [one.sku for one in known_products(world)]


@pytest.mark.parametrize("shop", SHOPS, ids=LOOKS)
def test_every_page_can_be_reached(world: World, shop: Shop) -> None:
    """From the first page by links alone: no product is hidden."""
    browser = client(world, shop.name)
    seen, left = set[str](), ["/"]
    while left:
        path = left.pop()
        if path in seen or len(seen) > 400:
            continue
        seen.add(path)
        answer = browser.get(path)
        assert answer.status_code == 200, path
        found = re.findall(r'<a [^>]*?href="?([^" >]+)', answer.content.decode(shop.encoding))
        left += [url.replace("&amp;", "&").partition("#")[0] for url in found if url.startswith("/")]
    site = Site(world, shop, 40)
    assert {site.address(page, DAY) for page in site.assortment.on(DAY)} <= {
        plain_url("http://x" + path).removeprefix("http://x") for path in seen
    }


@pytest.mark.parametrize("name", ["rival_harbour", "rival_cupboard", "rival_stubenglueck"])
def test_304_says_that_nothing_changed_and_is_right(world: World, name: str) -> None:
    clock = SandboxClock(NOON)
    made = app(world, clock, BY_NAME[name], size=40)
    browser = TestClient(made, base_url=BY_NAME[name].url, follow_redirects=False)
    site: Site = made.state.site
    fresh = 0
    for page in site.assortment.on(DAY)[:15]:
        clock.set(NOON)
        first = browser.get(site.address(page, DAY))
        told = {"if-none-match": first.headers.get("etag"), "if-modified-since": first.headers.get("last-modified")}
        clock.advance(timedelta(days=1))
        later = browser.get(site.address(page, DAY), headers={name: text for name, text in told.items() if text})
        if later.status_code == 304:
            fresh += 1
            assert browser.get(site.address(page, DAY)).content == first.content
        elif later.status_code == 200 and "etag" in first.headers:
            assert later.content != first.content
    assert fresh > 3


def test_products_come_go_and_move(world: World) -> None:
    clock = SandboxClock(NOON)
    made = app(world, clock, BY_NAME["rival_stubenglueck"], size=120)
    browser = TestClient(made, base_url="http://127.0.0.1:8812", follow_redirects=False)
    site: Site = made.state.site
    seen = set[str]()

    def status(path: str, day: date) -> int:
        clock.set(datetime.combine(day, NOON.timetz()))
        return int(browser.get(path).status_code)

    for page in site.assortment.pages:
        here, one = site.addresses.product(page), timedelta(1)
        if page.first_day and not page.moved_on:
            assert (status(here, page.first_day - one), status(here, page.first_day)) == (410, 200)
            seen.add("came")
        if page.last_day and not page.moved_on:
            assert (status(here, page.last_day), status(here, page.last_day + one)) == (200, 410)
            seen.add("went")
        if page.moved_on and page.is_there(page.moved_on) and page.is_there(page.moved_on - one):
            former = site.addresses.former(page)
            assert (status(former, page.moved_on - one), status(here, page.moved_on - one)) == (200, 410)
            assert (status(former, page.moved_on), status(here, page.moved_on)) == (301, 200)
            assert browser.get(former).headers["location"] == f"http://127.0.0.1:8812{here}"
            seen.add("moved")
    assert seen == {"came", "went", "moved"}


def test_robots_and_sitemaps(world: World) -> None:
    harbour = client(world, "rival_harbour")
    robots = harbour.get("/robots.txt").text
    assert "Crawl-delay: 0.05" in robots
    assert "Disallow: /checkout/" in robots
    part = re.findall(r"<loc>(.*?)</loc>", harbour.get("/sitemap.xml").text)
    listed = re.findall(r"<loc>(.*?)</loc>", gzip.decompress(harbour.get(part[0]).content).decode())
    site: Site = harbour.app.state.site  # type: ignore[attr-defined]  # a Starlette app
    assert set(listed) == {site.shop.url + site.address(page, DAY) for page in site.assortment.on(DAY)}
    assert client(world, "rival_stubenglueck").get("/robots.txt").status_code == 404
    assert client(world, "rival_shanju").get("/sitemap.xml").status_code == 404


def test_charsets_are_as_declared_or_knowingly_not(world: World) -> None:
    chinese = client(world, "rival_shanju").get("/")
    assert chinese.headers["content-type"] == "text/html"
    assert b'charset="gb2312"' in chinese.content
    assert "山居生活馆" in chinese.content.decode("gb18030")
    french = client(world, "rival_nid").get("/")
    assert b"charset=iso-8859-1" in french.content
    assert "£" not in french.content.decode("utf-8")


def test_the_stale_price_is_in_the_markup_only(sites: Mapping[str, Site]) -> None:
    site = sites["cupboard"]
    page, day = next(
        (page, day)
        for day in WEEKS
        for page in site.assortment.on(day)
        if site.pricing.offer(page.goods[0], day).list_minor
    )
    view = site.product(page, day)
    text = Pages(site).product(page, day, site.shop.url).decode()
    assert f'itemprop=price content="{view["list_price"]}"' in text
    assert f"<font color=red size=5>{view['price_text']}</font>" in text


def test_clean_json_ld_is_clean_and_dirty_is_dirty(sites: Mapping[str, Site]) -> None:
    def told(look: str) -> list[str]:
        site = sites[look]
        pages = [Pages(site).product(page, DAY, site.shop.url).decode() for page in site.assortment.on(DAY)]
        return [re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)[0] for text in pages]

    kinds = {node["@type"] for text in told("harbour") + told("bazaar") for node in json.loads(text)["@graph"]}
    assert {"Product", "BreadcrumbList"} <= kinds
    for text in told("stubenglueck"):
        with pytest.raises(json.JSONDecodeError):
            json.loads(text)


def test_traps_are_there_when_switched_on_and_counted(world: World) -> None:
    quiet = client(world, "rival_harbour")
    assert "/private/" not in quiet.get("/").text
    assert quiet.get("/go/partner").status_code == 404
    browser = client(world, "rival_harbour", traps=Traps.every())
    assert 'rel="nofollow" style="display:none"' in browser.get("/").text
    assert browser.get("/go/partner").headers["location"] == METADATA
    assert browser.get("/go/round-a").headers["location"] == "/go/round-b"
    assert "/events/2026/1" in browser.get("/events/2025/12").text
    assert "colour=red&amp;size=s" in browser.get("/finder?colour=red").text
    assert len({browser.get("/notes.html").headers["content-type"] for _ in range(3)}) == 2
    assert browser.get("/private/anything").status_code == 200
    found = visits(browser.app.state.requests)  # type: ignore[attr-defined]  # a Starlette app
    assert found == {
        "private_redirect": 1,
        "redirect_loop": 1,
        "calendar": 1,
        "facets": 1,
        "shifting_charset": 3,
        "honeypot": 1,
    }


def test_pages_for_measuring(world: World, tmp_path: Path) -> None:
    count = write_pages(tmp_path, world, DAY, size=12)
    told = json.loads((tmp_path / "ground-truth.json").read_text(encoding="utf-8"))
    assert len(told) == count == len(list((tmp_path / "html").glob("*.html")))
    assert all(one["price"] and one["sku"] and one["availability"] for one in told.values())
    assert {one["currency"][0] for one in told.values()} == {"GBP", "EUR", "CNY"}


def test_the_same_shop_again(world: World) -> None:
    shop = BY_NAME["rival_nid"]
    assert Assortment(world, shop, 40).pages == Assortment(world, shop, 40).pages
