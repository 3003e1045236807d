"""Crawls of a small site, by the real process, into a real store."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from extractors.api.extract import read_again
from extractors.crawl.warc import read_records
from lakehouse.landing import write_parse
from lakehouse.windows import Window
from tests.support.crawled_site import DAY, NOW, Answer, Site, job, manifests, served

LATER = Window.parse("2026-03-03", "2026-03-04")


def redirecting(to: str, status: int = 302) -> Response:
    return RedirectResponse(to, status_code=status)


def hop(request: Request) -> Response:
    return redirecting(f"/hop/{int(request.url.path.rpartition('/')[2]) + 1}")


def test_a_site_is_visited_whole_and_each_page_once(tmp_path: Path) -> None:
    home = (
        '<a href="/p/1?utm_source=x">1</a><a href="/about#team">a</a><a href="/private/x">no</a><a href="/gone">?</a>'
    )
    site = Site({"/": home, "/about": '<a href="/">home</a><a href="http://elsewhere.example/">away</a>'}, products=30)
    with served(site, tmp_path) as crawled:
        done = crawled.crawl()
    assert set(site.asked.values()) == {1}
    assert site.asked.keys() == {
        "/robots.txt",
        "/sitemap.xml",
        "/",
        "/about",
        "/gone",
        *(f"/p/{n}" for n in range(1, 31)),
    }
    outcomes = crawled.outcomes()
    assert outcomes["/private/x"] == "disallowed"
    assert outcomes["/gone"] == "missing"
    assert sum(outcome == "fetched" for outcome in outcomes.values()) == 34
    crawl = crawled.last_crawl()
    assert crawl["is_complete"]
    assert (crawl["stop_reason"], crawl["pending_count"], crawl["failed_count"]) == ("finished", 0, 0)
    assert (crawl["visit_count"], crawl["fetched_count"], crawl["disallowed_count"]) == (35, 34, 1)
    assert crawl["received_bytes"] > 30 * 300
    counts = done.manifest.counts
    assert counts.received == counts.landed == 37  # the visits, the address that was not asked for, and the summary
    agent = site.sent["/"]["user-agent"]
    assert agent.startswith("ecomopsbot/")
    assert "data@merchant.example" in agent
    assert "cookie" not in site.sent["/p/3"]


def test_offers_are_read_and_known_by_the_bytes_of_their_page(tmp_path: Path) -> None:
    with served(Site(products=5), tmp_path) as crawled:
        crawled.crawl()
    offers, visits = crawled.rows("competitor_offers"), crawled.rows("crawl_pages")
    assert sorted(offers["offer_title"]) == [f"Thing {number}" for number in range(1, 6)]
    assert offers["currency_code"].unique().to_list() == ["GBP"]
    joined = visits.join(offers, on=["page_url", "content_sha256"], suffix="_offer")
    assert joined.height == 5
    assert joined["offer_count"].unique().to_list() == [1]
    assert joined["page_kind"].unique().to_list() == ["product"]
    assert (joined["record_ref"] == joined["record_ref_offer"]).all()


def test_visits_are_stamped_in_the_clock_of_the_run(tmp_path: Path) -> None:
    with served(Site(products=3), tmp_path) as crawled:
        crawled.crawl()
    at = crawled.rows("crawl_pages")["occurred_at"].dt.replace_time_zone("UTC").to_list()
    assert all(NOW <= moment < NOW + timedelta(minutes=5) for moment in at)


def test_unchanged_products_are_not_sent_again_and_listings_are(tmp_path: Path) -> None:
    site = Site({"/": '<a href="/p/7">7</a>'}, products=8)
    with served(site, tmp_path) as crawled:
        crawled.crawl()
        site.price = lambda number: "9.99" if number == 2 else f"{number}.50"
        crawled.crawl(NOW + timedelta(days=1), LATER)
        second = crawled.last_crawl()
        site.asked.clear()
        crawled.crawl(NOW + timedelta(days=2), Window.parse("2026-03-04", "2026-03-05"))
    assert (second["unchanged_count"], second["fetched_count"]) == (7, 4)  # robots, sitemap, start, and the new price
    visits = crawled.rows("crawl_pages")
    unchanged = visits.filter(pl.col("outcome") == "unchanged")
    assert unchanged["page_kind"].unique().to_list() == ["product"]
    fetched = visits.filter(pl.col("outcome") == "fetched").select("page_url", "content_sha256").unique()
    assert unchanged.join(fetched, on=["page_url", "content_sha256"], how="anti").is_empty()
    assert crawled.last_crawl()["unchanged_count"] == 8  # an unchanged page stays known
    assert max(site.asked.values()) == 1


def test_a_page_is_asked_for_in_full_again_after_a_while(tmp_path: Path) -> None:
    with served(Site(products=2), tmp_path, refetch_after_days=3) as crawled:
        for day in range(5):
            start = NOW + timedelta(days=day)
            window = Window(start.replace(hour=0), (start + timedelta(days=1)).replace(hour=0))
            crawled.crawl(start, window)
    visits = crawled.rows("crawl_pages").filter(pl.col("page_url").str.ends_with("/p/1")).sort("occurred_at")
    assert visits["outcome"].to_list() == ["fetched", "unchanged", "unchanged", "unchanged", "fetched"]


def test_a_product_that_nothing_leads_to_any_more_is_asked_for_and_missed_once(tmp_path: Path) -> None:
    site = Site(products=4)
    with served(site, tmp_path) as crawled:
        crawled.crawl()
        site.products = 3
        crawled.crawl(NOW + timedelta(days=1), LATER)
        assert crawled.outcomes()["/p/4"] == "missing"
        site.asked.clear()
        crawled.crawl(NOW + timedelta(days=2), Window.parse("2026-03-04", "2026-03-05"))
    assert "/p/4" not in site.asked


def test_redirects_are_visits_and_what_they_lead_to_is_the_page(tmp_path: Path) -> None:
    site = Site(
        {
            "/": "".join(f'<a href="/{to}">x</a>' for to in ("old", "loop", "evil", "file", "away", "hop/1")),
            "/old": lambda _: redirecting("/p/1?utm_medium=mail"),
            "/loop": lambda _: redirecting("/loop2"),
            "/loop2": lambda _: redirecting("/loop"),
            "/evil": lambda _: redirecting("http://169.254.169.254/latest/meta-data"),
            "/file": lambda _: redirecting("file:///etc/passwd"),
            "/away": lambda _: redirecting("http://elsewhere.example/x"),
            **{f"/hop/{number}": hop for number in range(1, 12)},
        },
        products=1,
    )
    with served(site, tmp_path) as crawled:
        crawled.crawl()
    assert set(site.asked.values()) == {1}
    visits = {row["page_url"]: row for row in crawled.rows("crawl_pages").iter_rows(named=True)}
    old = visits[f"{crawled.url}/old"]
    assert (old["outcome"], old["redirect_url"]) == ("redirected", f"{crawled.url}/p/1")
    assert visits["http://169.254.169.254/latest/meta-data"]["outcome"] == "refused"
    # no page has such an address: the hop alone is a visit, and a page that led there sets nothing aside
    assert "file:///etc/passwd" not in visits
    assert visits[f"{crawled.url}/file"]["redirect_url"] == "file:///etc/passwd"
    assert "http://elsewhere.example/x" not in visits
    assert "/hop/6" in site.asked
    assert "/hop/7" not in site.asked
    assert visits[f"{crawled.url}/hop/7"]["outcome"] == "refused"


def test_wishes_of_a_page_are_kept_and_hidden_links_are_left_alone(tmp_path: Path) -> None:
    home = """<a href="/a">a</a><a rel="nofollow" href="/x1">x</a><a style="display:none" href="/x2">x</a>
    <div hidden><a href="/x3">x</a></div><div style="visibility: hidden"><p><a href="/x4">x</a></p></div>
    <a href="/quiet">q</a><a href="/header">h</a><a href="/secret">s</a>"""
    product = '<html><head><meta name="robots" content="noindex"></head><h1>Secret</h1><p>£3.00</p></html>'
    site = Site(
        {
            "/": home,
            "/a": "<p>a</p>",
            "/quiet": '<html><head><meta name="robots" content="index, nofollow"></head><a href="/x5">x</a></html>',
            "/header": lambda _: HTMLResponse('<a href="/x6">x</a>', headers={"x-robots-tag": "nofollow"}),
            "/secret": product,
        }
    )
    with served(site, tmp_path) as crawled:
        crawled.crawl()
    assert not [path for path in site.asked if path.startswith("/x")]
    assert {"/a", "/quiet", "/header", "/secret"} <= site.asked.keys()
    row = crawled.rows("crawl_pages").filter(pl.col("page_url").str.ends_with("/secret")).row(0, named=True)
    assert row["offer_count"] == 0
    assert "indexed" in row["reason"]


def test_a_calendar_without_an_end_ends(tmp_path: Path) -> None:
    def calendar(request: Request) -> Response:
        month = int(request.query_params.get("month", "0"))
        links = "".join(f'<a href="/calendar?month={month + step}">{step}</a>' for step in range(1, 40))
        return HTMLResponse(links)

    site = Site({"/": '<a href="/calendar?month=1">c</a>', "/calendar": calendar})
    with served(site, tmp_path, limits={"max_similar": 25}) as crawled:
        crawled.crawl()
    assert sum(site.asked.values()) <= 25 + 3
    crawl = crawled.last_crawl()
    assert crawl["pending_count"] > 0
    assert not crawl["is_complete"]  # there may be products among them: nothing follows from their absence


def test_a_chain_without_an_end_ends_by_depth(tmp_path: Path) -> None:
    class Chain(Site):
        def answer(self, request: Request) -> Response:
            if not request.url.path.startswith("/c"):
                return super().answer(request)
            return HTMLResponse(f'<a href="{request.url.path}/next">on</a>')

    site = Chain({"/": '<a href="/c">c</a>'})
    with served(site, tmp_path, max_depth=6) as crawled:
        crawled.crawl()
    assert crawled.rows("crawl_pages").filter(pl.col("page_url").str.contains("/c")).height == 6


@pytest.mark.parametrize(
    ("budgets", "reason"),
    [({"pages": 10}, "page_budget"), ({"pages_per_host": 10}, "finished"), ({"minutes": 0.0001}, "time_budget")],
)
def test_budgets_end_a_crawl_and_tell_what_is_left(tmp_path: Path, budgets: dict[str, float], reason: str) -> None:
    site = Site(products=40)
    with served(site, tmp_path, budgets=budgets) as crawled:
        crawled.crawl()
    crawl = crawled.last_crawl()
    assert crawl["stop_reason"] == reason
    assert not crawl["is_complete"]
    assert sum(site.asked.values()) <= 11  # robots.txt besides
    if reason != "time_budget":
        assert crawl["pending_count"] == 42 - 10


def test_bytes_end_a_crawl(tmp_path: Path) -> None:
    site = Site({"/": "".join(f'<a href="/big/{letter}">x</a>' for letter in "abcdefghij")})
    site.pages |= {f"/big/{letter}": "<p>" + "x" * 600_000 for letter in "abcdefghij"}
    with served(site, tmp_path, budgets={"megabytes": 2}, politeness={"max_concurrency": 1}) as crawled:
        crawled.crawl()
    assert crawled.last_crawl()["stop_reason"] == "byte_budget"
    assert sum(site.asked[f"/big/{letter}"] for letter in "abcdefghij") == 4


def test_a_host_that_asks_to_wait_is_left_alone_for_so_long(tmp_path: Path) -> None:
    asked: list[float] = []

    def busy(_: Request) -> Response:
        asked.append(time.monotonic())
        return PlainTextResponse("later", 429, {"retry-after": "1"}) if len(asked) < 2 else HTMLResponse("<p>fine</p>")

    others: list[float] = []

    def other(_: Request) -> Response:
        others.append(time.monotonic())
        return HTMLResponse("<p>other</p>")

    pages: dict[str, str | Answer] = {
        "/": '<a href="/busy">b</a>' + "".join(f'<a href="/o/{n}">o</a>' for n in "abcdefghijklmnop"),
        "/busy": busy,
    }
    site = Site(pages | {f"/o/{n}": other for n in "abcdefghijklmnop"})
    with served(site, tmp_path, politeness={"max_concurrency": 2}) as crawled:
        crawled.crawl()
    assert len(asked) == 2
    assert asked[1] - asked[0] >= 1.0
    # nothing else of the host in the meantime either, but for what was under way
    assert sum(asked[0] + 0.1 < at < asked[0] + 0.95 for at in others) == 0
    assert crawled.outcomes()["/busy"] == "fetched"
    assert crawled.last_crawl()["failed_count"] == 0


def test_a_page_that_stays_broken_is_asked_for_a_few_times_and_failed(tmp_path: Path) -> None:
    site = Site({"/": '<a href="/broken">b</a>', "/broken": lambda _: PlainTextResponse("no", 503)})
    with served(site, tmp_path) as crawled:
        crawled.crawl()
    assert site.asked["/broken"] == 3
    assert crawled.outcomes()["/broken"] == "failed"
    crawl = crawled.last_crawl()
    assert (crawl["failed_count"], crawl["is_complete"]) == (1, True)


def test_what_is_too_large_is_not_asked_for_again(tmp_path: Path) -> None:
    site = Site({"/": '<a href="/large">x</a>', "/large": "x" * 3_000_000})
    with served(site, tmp_path, limits={"max_body_bytes": 1_000_000}) as crawled:
        crawled.crawl()
    assert site.asked["/large"] == 1
    assert crawled.outcomes()["/large"] == "too_large"


def test_a_host_that_fails_all_the_time_ends_the_crawl(tmp_path: Path) -> None:
    site = Site({"/": "".join(f'<a href="/{letter}">x</a>' for letter in "abcdefghijklmnopqrstuvwxyz")})
    site.pages |= {f"/{letter}": lambda _: PlainTextResponse("no", 500) for letter in "abcdefghijklmnopqrstuvwxyz"}
    with served(site, tmp_path, politeness={"give_up_after": 5, "max_concurrency": 1}) as crawled:
        crawled.crawl()
    assert crawled.last_crawl()["stop_reason"] == "failures"
    assert sum(site.asked.values()) < 12


def test_a_host_that_asks_for_hours_is_left_alone_for_good(tmp_path: Path) -> None:
    site = Site({"/": lambda _: PlainTextResponse("no", 503, {"retry-after": "7200"})}, products=20)
    with served(site, tmp_path) as crawled:
        crawled.crawl()
    assert crawled.last_crawl()["stop_reason"] == "failures"
    assert site.asked["/"] == 1


def test_the_delay_that_robots_txt_asks_for_is_kept(tmp_path: Path) -> None:
    asked: list[float] = []

    class Noting(Site):
        def answer(self, request: Request) -> Response:
            asked.append(time.monotonic())
            return super().answer(request)

    site = Noting({"/": '<a href="/a">a</a><a href="/b">b</a><a href="/c">c</a>'})
    site.robots = "User-agent: *\nCrawl-delay: 0.4\n"
    with served(site, tmp_path) as crawled:
        crawled.crawl()
    gaps = [after - before for before, after in pairwise(asked[1:])]
    assert len(gaps) == 3
    assert min(gaps) > 0.35


def test_where_robots_txt_cannot_be_had_nothing_is_asked(tmp_path: Path) -> None:
    site = Site({"/robots.txt": lambda _: PlainTextResponse("no", 500)}, products=5)
    with served(site, tmp_path) as crawled:
        crawled.crawl()
    assert site.asked.keys() == {"/robots.txt"}
    crawl = crawled.last_crawl()
    assert (crawl["stop_reason"], crawl["is_complete"], crawl["disallowed_count"]) == ("robots", False, 1)


def test_a_stored_crawl_is_read_again_without_a_network(tmp_path: Path) -> None:
    with served(Site(products=6), tmp_path) as crawled:
        crawled.crawl()
        crawled.crawl(NOW + timedelta(days=1), LATER)
    # the server is gone
    for manifest in manifests(crawled.store):
        parsed = read_again(
            crawled.connector,
            job(manifest.window, NOW),
            manifest.parts,
            store=crawled.store,
            scratch=tmp_path / "again",
        )
        source = job().source
        record = write_parse(crawled.store, manifest.ref, parsed, "another00001", main="crawl_pages", mode=source.mode)
        assert record.counts == manifest.counts
        before, after = (one.tables("pages") for one in (manifest.parse, record))
        assert before.keys() == after.keys()
        for name in before:
            tables = [
                pl.read_parquet(crawled.store.fetch(one[name].key, sha256=one[name].sha256)) for one in (before, after)
            ]
            assert tables[0].equals(tables[1]), name


def test_segments_are_standard_warc(tmp_path: Path) -> None:
    with served(Site({"/": '<a href="/private">p</a>'}, products=2), tmp_path, record_requests=True) as crawled:
        done = crawled.crawl()
    parts = [crawled.store.fetch(part.key, sha256=part.sha256) for part in done.manifest.parts]
    records = [record for path in parts for record in read_records(path)]
    assert {record.kind for record in records} == {"warcinfo", "response", "request", "metadata"}
    assert records[0].told["legal_note"].startswith("A site of our own")
    product = next(record for record in records if record.url.endswith("/p/1") and record.kind == "response")
    assert b"Thing 1" in product.body
    assert product.warc["warc-ip-address"] == "127.0.0.1"


def test_check_says_what_a_crawl_would_find(tmp_path: Path) -> None:
    with served(Site(products=6), tmp_path) as crawled:
        findings = {finding.what: finding for finding in crawled.connector.check()}
        assert findings["robots.txt"].level == "ok"
        assert findings["sitemap"].found.endswith("/sitemap.xml")
        assert "Thing" in findings["offers"].found
        crawled.site.robots = "User-agent: *\nDisallow: /\n"
        shut = crawled.connector.check()
    assert [finding for finding in shut if finding.level == "bad" and "disallowed" in finding.found]
    gone = crawled.connector.check()
    assert [finding for finding in gone if finding.level == "bad"]


def test_two_crawls_of_a_day_are_two_loads(tmp_path: Path) -> None:
    with served(Site(products=2), tmp_path) as crawled:
        first = crawled.crawl()
        second = crawled.crawl(NOW + timedelta(hours=3), DAY)
    assert not second.unchanged
    assert first.manifest.load_id != second.manifest.load_id
    assert crawled.rows("crawls")["crawl_ref"].n_unique() == 2
