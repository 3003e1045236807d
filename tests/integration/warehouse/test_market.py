"""What competitors' offers cost, and since when: the models against plain loops; by the difference as from nothing.

One chain of builds with real dbt. Each step takes in what has become known since, crawls that come late among it, and
is compared with a build from nothing as of the same moment.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

import duckdb
import pytest

from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import Candidate, Warehouse, open_candidate, open_reader, run_audit_tests
from lakehouse.warehouse.oracle import Fingerprint, fingerprints
from lakehouse.warehouse.transform import NodeResult
from lakehouse.windows import Window
from tests.support import market, market_story, shop, web_shop
from tests.support.market import Crawl
from tests.support.market_reports import TABLES, report_on
from tests.support.market_story import DAYS, START
from tests.support.shop import day, lines_of_day

_TABLES = ("fct_crawl", "fct_competitor_offer", "fct_competitor_price")
DOMAINS = (*_TABLES, *TABLES, "fct_order_line", "dim_product")  # the others would be empty here
_DAY = timedelta(days=1)
# As of when the steps are built; the last goes back to before much of it was known.
STEPS = {
    "before any crawl, from nothing": START,
    "four days": START + 4 * _DAY,
    "the rest, what came late, and exchange rates of days before": START + (DAYS + 5) * _DAY,
    "backwards, one site read again by another parser": START + 5 * _DAY,
}
_NONE, _, _LATEST, _AGAIN = STEPS


@dataclass(frozen=True)
class Step:
    """What a step of the chain came to."""

    candidate: Candidate
    incremental: dict[str, Fingerprint]
    full: dict[str, Fingerprint]
    checks: list[NodeResult]


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
    landed = [(crawl, market.land(store, crawl)) for crawl in reversed(crawls)]  # in whatever order they come
    for crawl, manifest in landed:
        if crawl.source == market.AGAIN.name:
            market.read_again(store, crawl, manifest)
    made = {}
    for name, as_of in STEPS.items():
        sites = (market.SITES[0], market.AGAIN) if name == _AGAIN else market.SITES
        candidate = market.build(shop_settings, as_of, "incremental", sites=sites)
        incremental = full = _prints(shop_settings, candidate)
        checks = run_audit_tests(shop_settings, candidate) if name in {_NONE, _LATEST} else []
        if candidate.base_id:
            from_nothing = market.build(shop_settings, as_of, "full", full_refresh=True, sites=sites)
            full = _prints(shop_settings, from_nothing)
            warehouse.discard(from_nothing)
        made[name] = Step(candidate, incremental, full, checks)
        warehouse.publish(warehouse.mark_audited(candidate))
    return made


@pytest.mark.parametrize("name", [name for name in STEPS if name != _NONE])
def test_incremental_equals_full_refresh(chain: dict[str, Step], name: str) -> None:
    step = chain[name]
    assert step.candidate.base_id is not None, "it was not incremental"
    assert step.incremental == step.full
    assert all(step.full[f"marts.{table}"].row_count > 5 for table in _TABLES)


@pytest.mark.parametrize("name", [name for name in STEPS if name != _NONE])
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

    read_again = {market.AGAIN.name: 2} if name == _AGAIN else {}
    expected = [one.row(read_again.get(one.source, 1)) for one in market_story.intervals(known)]
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
            "where has_price and currency_code in ('EUR', 'GBP') and visit_date = date '2011-03-31' order by all"
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


def test_all_checks_of_the_core_pass(chain: dict[str, Step]) -> None:
    checks = chain[_LATEST].checks
    assert [node.name for node in checks if node.went_wrong] == []
    assert {"competitor_intervals_do_not_overlap", "no_offer_is_removed_without_evidence"} <= {
        node.name for node in checks if node.status == "pass"
    }


def test_without_a_crawl_the_tables_are_empty_and_pass(
    chain: dict[str, Step], shop_settings: Settings, tmp_path: Path
) -> None:
    step, file = chain[_NONE], tmp_path / "report.duckdb"
    assert [step.full[f"marts.{table}"].row_count for table in _TABLES] == [0, 0, 0]
    assert [node.name for node in step.checks if node.went_wrong] == []

    assert _report(shop_settings, step, file) == []

    with duckdb.connect(str(file), read_only=True) as con:
        counts = {name: con.sql(f"select count(*) from reports.{name}").fetchall()[0][0] for name in TABLES}
    assert {name for name, count in counts.items() if count} == {"rpt_market_assumption"}


def _report(settings: Settings, step: Step, file: Path) -> list[str]:
    warehouse = Warehouse(settings, open_store(settings))
    return report_on(settings, warehouse, warehouse.snapshot(step.candidate.snapshot_id), file)


@pytest.fixture(scope="module")
def report(
    chain: dict[str, Step], shop_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The report tables of the latest step; all their tests have passed."""
    file = tmp_path_factory.mktemp("report") / "report.duckdb"
    assert _report(shop_settings, chain[_LATEST], file) == []
    with duckdb.connect(str(file), read_only=True) as con:
        con.execute("set search_path = 'reports,marts'")
        yield con


def test_the_index_is_that_of_plain_loops(report: duckdb.DuckDBPyConnection) -> None:
    """Chained day by day over the offers with a price on both days, in one currency."""
    rows = report.sql(
        "select source, page_url || offer_ref, price_date, currency_code, price_amount from rpt_competitor_price "
        "where has_price and not is_stale"
    ).fetchall()
    found = report.sql("select source, price_date, price_index from rpt_competitor_index where category = 'all'")
    prices = {(source, offer, at): (currency, amount) for source, offer, at, currency, amount in rows}
    index: dict[str, float] = {}
    seen = 0
    for source, at, value in found.order("source, price_date").fetchall():
        relatives = [
            float(amount / prices[name, offer, at - _DAY][1])
            for (name, offer, when), (currency, amount) in prices.items()
            if when == at and source in {name, "all"} and prices.get((name, offer, at - _DAY), ("",))[0] == currency
        ]
        link = math.exp(sum(map(math.log, relatives)) / len(relatives)) if relatives else 1.0
        index[source] = index.get(source, 100.0) * link
        seen += link != 1.0
        assert float(value) == pytest.approx(index[source], abs=1e-5)
    assert index.keys() == {"all", "rival_a", "rival_b"}
    assert seen > 10


def test_our_position_is_that_of_plain_loops(report: duckdb.DuckDBPyConnection) -> None:
    best = defaultdict[tuple[str, date], dict[str, Decimal]](dict)
    for product, source, at, price in report.sql(
        "select product_id, source, price_date, comparable_price_shop from rpt_competitor_price "
        "where is_comparable and is_in_stock"
    ).fetchall():
        best[product, at][source] = min(price, best[product, at].get(source, price))
    positions = report.sql(
        "select product_id, price_date, own_price_shop, own_rank, cheapest_price_shop, median_price_shop, priced_count "
        "from rpt_price_position"
    ).fetchall()
    ranks = set()
    for product, at, own, rank, cheapest, middle, count in positions:
        others = list(best.get((product, at), {}).values())
        assert (cheapest, count) == (min(others, default=None), len(others))
        assert middle is None if not others else abs(middle - median(others)) < Decimal("0.0001")
        assert rank == (1 + sum(price < own for price in others) if others else None)
        ranks.add(rank)
    assert {1, 2, 3, None} <= ranks


def test_alerts_hold_only_what_is_so_on_the_last_day(report: duckdb.DuckDBPyConnection) -> None:
    alerts = report.sql("select alert_kind, product_id, source, price_date, day_count from rpt_price_alert").fetchall()
    undercut = report.sql(
        "select product_id, source from rpt_competitor_product "
        "where below_ours_pct >= 3 and price_date = (select max(price_date) from rpt_competitor_product)"
    ).fetchall()
    assert sorted((product, source) for kind, product, source, *_ in alerts if kind == "undercut") == sorted(undercut)
    assert undercut
    assert {at for *_, at, _ in alerts} == {STEPS[_LATEST].date()}  # an hour into it, in summer time
