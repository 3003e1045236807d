"""Incremental equals full refresh, to the row, whatever was landed, restated or taken back; and history can be re-made.

One chain of builds with real dbt: of a shop whose files are facts, and of one whose records change. Each step lands
something, builds by the difference from the snapshot published before, and compares every table with a build from
nothing as of the same moment.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lakehouse.landing import loads
from lakehouse.objectstore import ObjectStore, open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import CORE, Candidate, Warehouse, open_candidate, open_reader
from lakehouse.warehouse.oracle import Fingerprint, fingerprints
from lakehouse.windows import Window
from tests.support import shop, web_shop, web_story
from tests.support.shop import Line, day, lines_of_day

DOMAINS = ("core", "sales", "inventory", "stg_order_discounts")  # the others would be empty here

_HOUR = timedelta(hours=1)
_Fingerprints = dict[str, Fingerprint]


def _prints(settings: Settings, candidate: Candidate) -> _Fingerprints:
    with open_candidate(settings, candidate) as reader:
        found = fingerprints(reader, schemas=("marts", "intermediate"))
    # what a build changed is not what it holds
    return {table: value for table, value in found.items() if "int_changes__" not in table}


def _restated(number: int) -> list[Line]:
    """A day's lines as they turned out later: some gone, some changed, one more."""
    rng = random.Random(number)  # noqa: S311 - data, not secrets
    kept = [line for line in lines_of_day(number) if rng.random() < 0.8 and line.product_ref != "22423"]
    changed = [replace(line, quantity=line.quantity * 2) if rng.random() < 0.2 else line for line in kept]
    return [*changed, Line("LATE-1", day(number).start + 3 * _HOUR, "P2", 7)]


def _within(lines: list[Line], window: Window) -> list[Line]:
    return [line for line in lines if window.contains(line.occurred_at)]


_STRADDLING = Window(day(2).start + 12 * _HOUR, day(3).start + 12 * _HOUR)  # half of two days
_Landed = tuple[Window, list[Line], datetime | None]
# What is landed at each step, and as of when it is built.
STEPS: dict[str, tuple[list[_Landed], datetime]] = {
    "three days, from nothing": ([(day(n), lines_of_day(n), None) for n in range(3)], day(2).end),
    "the day on which clocks change, and one before which one is missing": (
        [(day(n), lines_of_day(n), None) for n in (3, 5)],
        day(5).end,
    ),
    "the missing day, late, and a day restated": (
        [(day(4), lines_of_day(4), day(5).end + 2 * _HOUR), (day(2), _restated(2), day(5).end + 4 * _HOUR)],
        day(5).end + 5 * _HOUR,
    ),
    "halves of two days restated, a day taken back, and a new one": (
        [
            (_STRADDLING, _within([*_restated(2), *lines_of_day(3, seed=9)], _STRADDLING), day(5).end + 6 * _HOUR),
            (day(1), [], day(6).end),
            (day(6), lines_of_day(6), None),
        ],
        day(6).end,
    ),
    "backwards, to before all that": ([], day(3).end + _HOUR),
}
_FIRST, _EARLY, _, _LATEST, _ = STEPS


@dataclass(frozen=True)
class Step:
    """What a step of the chain came to."""

    candidate: Candidate
    incremental: _Fingerprints
    full: _Fingerprints


@pytest.fixture(scope="module")
def chain(shop_settings: Settings) -> dict[str, Step]:
    """Every step's tables, built by the difference and from nothing."""
    store = open_store(shop_settings)
    warehouse = Warehouse(shop_settings, store)
    made = {}
    for (name, (landed, as_of)), extracts in zip(STEPS.items(), web_story.STORY, strict=True):
        for window, lines, known_at in landed:
            shop.land(store, window, lines, known_at=known_at)
        for extract in extracts:
            web_shop.land(store, extract)
        candidate = shop.build(shop_settings, as_of, "incremental")
        incremental = _prints(shop_settings, candidate)
        full = incremental
        if candidate.base_id:
            from_nothing = shop.build(shop_settings, as_of, "full", full_refresh=True)
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
    assert step.full["marts.fct_return"].row_count > 10


def test_the_data_have_every_quirk(chain: dict[str, Step], shop_settings: Settings) -> None:
    """Else the comparison would prove little."""
    with open_reader(shop_settings, snapshot_id=chain[_LATEST].candidate.snapshot_id) as reader:
        kinds = dict(reader.rows("select return_kind, count(*) from fct_return group by all"))
        classes = {name for (name,) in reader.rows("select row_class from fct_source_reconciliation")}
        twice = reader.rows(
            "select count(*) from (select credit_line_id from fct_return group by 1 having count(*) > 1)"
        )
        guests = reader.rows("select count(*) from fct_order where customer_id is null")
        codes = reader.rows("select count(distinct product_ref) from raw.order_lines where product_ref ilike '85123a'")
        nights = reader.rows("select count(*) from fct_order_line where order_date <> ordered_at::date")
        cut = reader.rows(
            "select count(*) from raw.loads where json_array_length(segments) > 1 or segments[3:18] <> ''"
        )

    assert kinds.keys() == {"cancellation", "return", "unmatched"}
    assert min(kinds.values()) > 3
    assert {
        "sale",
        "credit",
        "free_of_charge",
        "write_off",
        "stock_found",
        "charge_shipping",
        "charge_discount",
    } < classes
    assert twice[0][0] > 0, "no credit undid lines of several orders"
    assert guests[0][0] > 0
    assert codes[0][0] == 2
    assert nights[0][0] > 0, "no line lies on another civil day than in UTC"
    assert cut[0][0] > 0


def test_a_past_day_can_be_made_again_from_the_landed_loads_alone(
    chain: dict[str, Step], shop_settings: Settings, tmp_path: Path
) -> None:
    """The snapshot published then, although days were restated and taken back since."""
    elsewhere = shop_settings.model_copy(update={"var_dir": tmp_path / "var"})
    for part in ("raw", "parsed"):
        shutil.copytree(Path(shop_settings.store) / part, Path(elsewhere.store) / part)
    _, as_of = STEPS[_EARLY]

    again = _prints(elsewhere, shop.build(elsewhere, as_of))

    assert again == chain[_EARLY].incremental
    assert again != chain[_LATEST].incremental


def test_a_past_day_does_not_turn_back_the_channel(chain: dict[str, Step], shop_settings: Settings) -> None:
    published = Warehouse(shop_settings, open_store(shop_settings)).published(CORE)
    assert published is not None
    assert published.snapshot_id == chain[_LATEST].candidate.snapshot_id


def test_any_order_and_parallel_landing_give_the_same_marts(
    chain: dict[str, Step], shop_settings: Settings, tmp_path: Path
) -> None:
    """Backwards, so that what restates a day is there before the day itself."""
    elsewhere = shop_settings.model_copy(update={"var_dir": tmp_path / "var"})
    everything = [landed for loads_of_step, _ in STEPS.values() for landed in loads_of_step][::-1]
    extracts = [extract for step in web_story.STORY for extract in step][::-1]
    _land_side_by_side(open_store(elsewhere), everything, extracts)
    assert len(list(loads(open_store(elsewhere), "shop", "order_lines"))) == len(everything)

    made = _prints(elsewhere, shop.build(elsewhere, STEPS[_LATEST][1]))

    assert made == chain[_LATEST].incremental


def _land_side_by_side(store: ObjectStore, everything: list[_Landed], extracts: list[web_shop.Extract]) -> None:
    def one(landed: _Landed) -> None:
        shop.land(store, landed[0], landed[1], known_at=landed[2])

    with ThreadPoolExecutor(6) as pool:
        running: list[Callable[[], object]] = [pool.submit(one, landed).result for landed in everything]
        running += [pool.submit(web_shop.land, store, extract).result for extract in extracts]
        for result in running:
            result()


@pytest.mark.parametrize("name", list(STEPS))
def test_the_newest_version_of_every_order_is_what_was_sold(
    chain: dict[str, Step], shop_settings: Settings, name: str
) -> None:
    """By plain loops over what was landed: no line too many, none too few, in both currencies to the last decimal."""
    _, as_of = STEPS[name]
    with open_reader(shop_settings, snapshot_id=chain[name].candidate.snapshot_id) as reader:
        sold = reader.rows(
            "select split_part(order_id, '/', 2), split_part(order_line_id, '#', 2), quantity, unit_price_order, "
            "unit_price_shop from fct_order_line where order_id like 'web/%' order by all"
        )
        taken = reader.rows(
            "select split_part(order_line_id, '#', 1), split_part(order_line_id, '#', 2), sum(quantity) "
            "from fct_return where return_id like 'web/%' and credit_line_id like '%#R%' and order_line_id is not null "
            "group by all order by all"
        )
        charges = reader.rows(
            "select count(*) from fct_charge where order_id like 'web/%' and charge_kind in ('shipping', 'rounding')"
        )

    assert sold == sorted(web_story.sales(as_of))
    assert {(order.removeprefix("web/"), line): int(units) for order, line, units in taken} == web_story.credited(as_of)
    counting = web_story.orders_now(as_of).values()
    assert charges == [(sum(line.kind in {"shipping", "rounding"} for one in counting for line in one.lines),)]


def test_the_web_shop_has_every_quirk(chain: dict[str, Step], shop_settings: Settings) -> None:
    """Else that comparison would prove little."""
    with open_reader(shop_settings, snapshot_id=chain[_LATEST].candidate.snapshot_id) as reader:
        counted = dict(reader.rows("select row_class, row_count from fct_source_reconciliation"))
        carried = reader.rows(
            "select bool_or(is_carried_forward), bool_or(not is_carried_forward) from fct_order_line as sold "
            "inner join dim_currency_rate as rates on sold.order_date = rates.rate_date "
            "and sold.currency_code = rates.currency_code"
        )
        both = reader.rows(
            "select count(distinct return_kind) from fct_return "
            "where return_id like 'web/%' and credit_line_id like '%#R%'"
        )
        product = reader.rows("select product_title, category from dim_product where product_id in ('P1', 'NEW-1')")
        stock = reader.rows("select product_id, on_hand_units from fct_stock_on_hand order by all")
        discounts = reader.rows("select count(distinct order_id) from staging.stg_order_discounts where not is_deleted")

    assert min(counted[name] for name in ("test_order", "deleted_order", "superseded_version")) > 5
    assert counted["charge_goodwill"] > 5
    assert "no_exchange_rate" not in counted
    assert carried == [(True, True)]
    assert both == [(3,)]
    assert sorted(product) == [("A new mug", "Home > Mugs"), ("The mug", "Home > Mugs")]
    assert stock == [("NEW-1", 2), ("P1", 5)]
    _, as_of = STEPS[_LATEST]
    codes = [one for one in web_story.orders_now(as_of).values() if one.codes]
    assert discounts[0][0] >= len(codes) > 3
