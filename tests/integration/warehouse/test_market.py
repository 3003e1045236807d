"""What competitors' offers cost, and since when: the models against plain loops; by the difference as from nothing.

One chain of builds with real dbt. Each step takes in what has become known since, crawls that come late among it, and
is compared with a build from nothing as of the same moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import Candidate, Warehouse, open_candidate, open_reader, run_audit_tests
from lakehouse.warehouse.oracle import Fingerprint, fingerprints
from lakehouse.windows import Window
from tests.support import market, market_story, shop, web_shop
from tests.support.market import Crawl
from tests.support.market_story import DAYS, START
from tests.support.shop import day, lines_of_day

_TABLES = ("fct_crawl", "fct_competitor_offer", "fct_competitor_price")
_DAY = timedelta(days=1)
# As of when the steps are built; the last goes back to before much of it was known.
STEPS = {
    "four days, from nothing": START + 4 * _DAY,
    "two days more, and what came late": START + 6 * _DAY,
    "the rest, and exchange rates of days before": START + (DAYS + 5) * _DAY,
    "backwards": START + 5 * _DAY,
}
_FIRST, _, _LATEST, _ = STEPS


@dataclass(frozen=True)
class Step:
    """What a step of the chain came to."""

    candidate: Candidate
    incremental: dict[str, Fingerprint]
    full: dict[str, Fingerprint]


def _prints(settings: Settings, candidate: Candidate) -> dict[str, Fingerprint]:
    with open_candidate(settings, candidate) as reader:
        found = fingerprints(reader, schemas=("marts", "intermediate"))
    return {table: value for table, value in found.items() if "int_changes__" not in table}


def _rates(first: int, last: int, known_at: datetime) -> web_shop.Extract:
    """Exchange rates of a few days: what a pound, yen and yuan are against the euro."""
    rates = {
        ((START + number * _DAY).date(), name): Decimal(rate) + Decimal(number) / 100
        for number in range(first, last)
        for name, rate in (("GBP", "0.85"), ("JPY", "115"), ("CNY", "9.2"))
    }
    window = Window(START + first * _DAY, START + last * _DAY)
    return web_shop.Extract(window, known_at, rates=rates)


@pytest.fixture(scope="module")
def crawls() -> list[Crawl]:
    return market_story.story()


@pytest.fixture(scope="module")
def chain(shop_settings: Settings, crawls: list[Crawl]) -> dict[str, Step]:
    """Every step's tables, built by the difference and from nothing."""
    store = open_store(shop_settings)
    warehouse = Warehouse(shop_settings, store)
    for number in range(2):
        shop.land(store, day(number), lines_of_day(number))
    for extract in (_rates(-1, 4, START + 4 * _DAY), _rates(6, DAYS, START + 10 * _DAY)):
        web_shop.land(store, extract)
    for crawl in reversed(crawls):  # in whatever order they come
        market.land(store, crawl)
    made = {}
    for name, as_of in STEPS.items():
        candidate = market.build(shop_settings, as_of, "incremental")
        incremental = full = _prints(shop_settings, candidate)
        if candidate.base_id:
            from_nothing = market.build(shop_settings, as_of, "full", full_refresh=True)
            full = _prints(shop_settings, from_nothing)
            warehouse.discard(from_nothing)
        made[name] = Step(candidate, incremental, full)
        warehouse.publish(warehouse.mark_audited(candidate))
    return made


@pytest.mark.parametrize("name", [name for name in STEPS if name != _FIRST])
def test_incremental_equals_full_refresh(chain: dict[str, Step], name: str) -> None:
    step = chain[name]
    assert step.candidate.base_id is not None, "it was not incremental"
    assert step.incremental == step.full
    assert all(step.full[f"marts.{table}"].row_count > 5 for table in _TABLES)


@pytest.mark.parametrize("name", list(STEPS))
def test_the_history_of_prices_is_that_of_plain_loops(
    chain: dict[str, Step], crawls: list[Crawl], shop_settings: Settings, name: str
) -> None:
    known = market_story.known(crawls, STEPS[name])
    with open_reader(shop_settings, snapshot_id=chain[name].candidate.snapshot_id) as reader:
        found = reader.rows(
            "select source, page_url, offer_ref, price_amount, list_price_amount, currency_code, availability, "
            "valid_from, valid_to, last_seen_at, observation_count, end_reason from fct_competitor_price "
            "order by source, page_url, offer_ref, valid_from"
        )
        complete = dict(reader.rows("select crawl_ref, is_complete from fct_crawl"))

    expected = [one.row() for one in market_story.intervals(known)]
    assert found == sorted(expected, key=lambda row: (row[0], row[1], row[2], row[7]))
    assert complete == {crawl.ref: crawl.is_complete for crawl in known}


def test_the_story_has_every_quirk(chain: dict[str, Step], shop_settings: Settings) -> None:
    """Else those comparisons would prove little."""
    with open_reader(shop_settings, snapshot_id=chain[_LATEST].candidate.snapshot_id) as reader:
        ends = dict(reader.rows("select end_reason, count(*) from fct_competitor_price group by all"))
        quirks = reader.frame(
            """
            with followed as (
                select *, lag(price_amount) over w as before, lead(price_amount) over w as behind,
                    lag(end_reason) over w as ended_before
                from fct_competitor_price
                window w as (partition by source, page_url, offer_ref order by valid_from)
            )
            select
                count(*) filter (where before = behind and before <> price_amount) as there_and_back,
                count(*) filter (where ended_before = 'page_gone') as back_from_404,
                count(*) filter (where ended_before = 'offer_gone') as back_on_the_page,
                count(*) filter (where not has_price) as without_a_price,
                count(*) filter (where offer_ref = 'XL') as variants,
                count(distinct currency_code) as currencies,
                (select count(*) from fct_competitor_offer
                    where is_unchanged and visited_at > fetched_at + interval 1 day) as long_repeats,
                (select count(*) from fct_competitor_offer where price_amount is not null and not has_price) as unsure,
                (select count(*) from intermediate.int_visits__read where is_read and not is_read_whole) as not_whole,
                (select count(distinct partial_reason) from fct_crawl) as partial_reasons,
                (select count(*) from (select source, crawl_date from fct_crawl group by all having count(*) > 1))
                    as days_with_several
            from followed
            """
        ).row(0, named=True)

    assert ends.keys() == {"changed", "page_gone", "offer_gone", None}
    assert min(ends.values()) > 5
    assert {name: count for name, count in quirks.items() if count < 3} == {}


def test_an_amount_counts_in_shop_currency_at_the_rate_of_its_day(
    chain: dict[str, Step], shop_settings: Settings
) -> None:
    """Days 4 and 5 have no fixing: that of day 3 counts. Whatever was fixed late has been converted anew."""
    with open_reader(shop_settings, snapshot_id=chain[_LATEST].candidate.snapshot_id) as reader:
        rates = reader.rows(
            "select distinct currency_code, visit_date, round(price_shop / price_amount, 4) from fct_competitor_offer "
            "where has_price and currency_code in ('EUR', 'GBP') and visit_date = date '2011-03-29' order by all"
        )
        unconverted = reader.rows("select count(*) from fct_competitor_offer where has_price and price_shop is null")
    assert [(name, float(rate)) for name, _, rate in rates] == [("EUR", 0.88), ("GBP", 1.0)]
    assert unconverted == [(0,)]


def test_what_a_crawl_covered_is_measured_against_the_last_complete_one(
    chain: dict[str, Step], crawls: list[Crawl], shop_settings: Settings
) -> None:
    with open_reader(shop_settings, snapshot_id=chain[_LATEST].candidate.snapshot_id) as reader:
        found = reader.rows(
            "select source, crawl_ref, base_crawl_ref, known_product_page_count, revisited_product_page_count "
            "from fct_crawl order by source, began_at"
        )
        products = {
            (source, crawl): set(pages)
            for source, crawl, pages in reader.rows(
                "select source, crawl_ref, array_agg(distinct page_url) from intermediate.int_visits__read "
                "where is_read and page_kind = 'product' group by all"
            )
        }
    answered = {
        crawl.ref: {one.url for one in crawl.visits if one.outcome in {"fetched", "unchanged", "redirected", "missing"}}
        for crawl in crawls
    }
    expected, base = [], dict[str, str]()
    for crawl in sorted(crawls, key=lambda one: (one.source, one.began)):
        against = products[crawl.source, base[crawl.source]] if crawl.source in base else set()
        covered = len(against & answered[crawl.ref])
        expected.append((crawl.source, crawl.ref, base.get(crawl.source), len(against), covered))
        if crawl.is_complete:
            base[crawl.source] = crawl.ref
    assert found == expected


def test_all_checks_of_the_core_pass(chain: dict[str, Step], shop_settings: Settings) -> None:
    again = market.build(shop_settings, STEPS[_LATEST], "checked", full_refresh=True)
    results = run_audit_tests(shop_settings, again)
    assert [node.name for node in results if node.went_wrong] == []
    assert {"competitor_intervals_do_not_overlap", "no_offer_is_removed_without_evidence"} <= {
        node.name for node in results if node.status == "pass"
    }


def test_without_a_crawl_the_tables_are_empty_and_pass(chain: dict[str, Step], shop_settings: Settings) -> None:
    before = STEPS[_FIRST] - 4 * _DAY + timedelta(hours=23, minutes=59)
    candidate = shop.build(shop_settings, before, "none", full_refresh=True)
    with open_candidate(shop_settings, candidate) as reader:
        assert [reader.rows(f"select count(*) from {table}") for table in _TABLES] == [[(0,)]] * 3
    assert [node.name for node in run_audit_tests(shop_settings, candidate) if node.went_wrong] == []
