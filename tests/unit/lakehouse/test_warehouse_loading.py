"""The raw tables of a build: only the difference is read, cut to what counts, and no person's number gets in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from lakehouse.errors import ContractError, ObjectCorruptError
from lakehouse.landing import Manifest, Parsed, loads, write_parse
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.pseudonyms import pseudonym
from lakehouse.settings import Settings
from lakehouse.sources import LineKind, LineRule, Source
from lakehouse.warehouse.duck import open_builder
from lakehouse.warehouse.loading import Delta, load_raw
from lakehouse.windows import Window
from tests.support import web_shop
from tests.support.shop import SHOP, Line, day, frame, land, quarantined
from tests.support.web_shop import Extract, WebLine, WebOrder, WebRefund, edited

KEY = b"a key for tests"
_HOUR = timedelta(hours=1)


@pytest.fixture
def con(settings: Settings, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    con = open_builder(tmp_path / "build.duckdb", settings)
    yield con
    con.close()


class CountingStore(DirectoryStore):
    """Remembers what was fetched."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.fetched: list[str] = []

    def fetch(self, key: str, *, sha256: str) -> Path:
        self.fetched.append(key)
        return super().fetch(key, sha256=sha256)


@pytest.fixture
def counting(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path / "lake")


def hourly(number: int, *, count: int = 24, **changes: object) -> list[Line]:
    """A line every hour of a day; orders are named after day and hour."""
    start = day(number).start
    lines = [Line(f"{number}-{hour:02d}", start + hour * _HOUR) for hour in range(count)]
    return [replace(line, **changes) for line in lines]  # type: ignore[arg-type]  # the test names a field of it


def load(
    con: duckdb.DuckDBPyConnection,
    store: DirectoryStore,
    as_of: datetime | None = None,
    sources: tuple[Source, ...] = (SHOP,),
) -> Delta:
    return load_raw(con, store, sources, as_of=as_of or day(99).end, key=KEY)


def orders(con: duckdb.DuckDBPyConnection) -> list[str]:
    return [ref for (ref,) in con.execute("select order_ref from raw.order_lines order by 1").fetchall()]


def lines_in(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return pl.DataFrame(con.sql("select * from raw.order_lines").to_arrow_table())


def changes(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    return set(con.execute("select load_id, change from raw.delta").fetchall())


def of(manifests: list[Manifest], change: str) -> set[tuple[str, str]]:
    return {(manifest.load_id, change) for manifest in manifests}


def refs(lines: list[Line]) -> list[str]:
    return sorted(line.order_ref for line in lines)


def test_all_columns_arrive(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    line = Line("1", day(0).start, " p1a ", -3, customer_ref="C-9", country=None, product_title="A", channel="web")
    manifest = land(counting, day(0), [line])
    load(con, counting)

    row = lines_in(con).row(0, named=True)

    assert row["customer_pseudonym"] == pseudonym(KEY, "shop", "C-9")
    assert (row["source"], row["load_id"], row["source_file"], row["source_row"]) == (
        "shop", manifest.load_id, "lines.csv", 1
    )  # fmt: skip
    assert (row["product_ref"], row["quantity"], row["unit_price"]) == (" p1a ", -3, line.unit_price)
    assert row["country"] is None
    assert row["known_at"] == day(0).end.replace(tzinfo=None)
    assert row["occurred_at"] == day(0).start.replace(tzinfo=None)
    assert "customer_ref" not in row


def test_only_the_difference_is_read(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    first = [land(counting, day(number), hourly(number)) for number in range(3)]
    assert load(con, counting) == Delta(added=3, removed=0, unchanged=0)
    assert changes(con) == of(first, "added")

    counting.fetched.clear()
    assert load(con, counting) == Delta(added=0, removed=0, unchanged=3)
    assert counting.fetched == []
    assert changes(con) == set()

    fourth = land(counting, day(4), hourly(4))
    assert load(con, counting) == Delta(added=1, removed=0, unchanged=3)
    assert counting.fetched == [fourth.parse.rows.key]
    assert changes(con) == of([fourth], "added")
    assert orders(con) == sorted(ref for number in (0, 1, 2, 4) for ref in refs(hourly(number)))


@pytest.mark.parametrize(
    "changed",
    [
        {"line_rules": (LineRule(kind=LineKind.SHIPPING, product_ref="POST", reason="Postage."),)},
        {"cancellation_order_ref": "X[0-9]+"},
    ],
)
def test_with_other_rules_all_of_a_source_is_looked_at_again(
    con: duckdb.DuckDBPyConnection, counting: CountingStore, changed: dict[str, object]
) -> None:
    landed = [land(counting, day(number), hourly(number, count=2)) for number in range(2)]
    load(con, counting)
    ruled = SHOP.model_copy(update=changed)

    assert load(con, counting, sources=(ruled,)) == Delta(added=2, removed=2, unchanged=0)
    assert changes(con) == of(landed, "added") | of(landed, "removed")
    assert len(orders(con)) == 4
    assert load(con, counting, sources=(ruled,)) == Delta(added=0, removed=0, unchanged=2)


def test_a_restated_window_takes_the_place_of_the_first(
    con: duckdb.DuckDBPyConnection, counting: CountingStore
) -> None:
    first = land(counting, day(0), hourly(0))
    other = land(counting, day(1), hourly(1))
    load(con, counting)
    again = land(counting, day(0), hourly(0, count=5, quantity=9), known_at=day(1).end)

    assert load(con, counting) == Delta(added=1, removed=1, unchanged=1)

    assert changes(con) == of([first], "removed") | of([again], "added")
    assert orders(con) == sorted(refs(hourly(0, count=5)) + refs(hourly(1)))
    assert con.execute("select distinct quantity from raw.order_lines where order_ref like '0-%'").fetchall() == [(9,)]
    removed = con.execute("select distinct load_id, count(*) from raw.order_lines__removed group by 1").fetchall()
    assert removed == [(first.load_id, 24)]
    loads = {load_id for (load_id,) in con.execute("select load_id from raw.loads").fetchall()}
    assert loads == {other.load_id, again.load_id}


def test_what_is_partly_restated_is_cut_exactly(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    """A middle of [06:00, 18:00) over two days: each day keeps what lies outside, bounds included and excluded."""
    days = [land(counting, day(number), hourly(number)) for number in range(2)]
    load(con, counting)
    middle = Window(day(0).start + 6 * _HOUR, day(0).start + 18 * _HOUR)
    inside = [replace(line, order_ref=f"new-{line.order_ref}") for line in hourly(0)[6:18]]
    cut = land(counting, middle, inside, known_at=day(1).end)

    load(con, counting)

    kept = [line.order_ref for line in hourly(0) if not middle.contains(line.occurred_at)]
    assert orders(con) == sorted(kept + refs(inside) + refs(hourly(1)))
    assert changes(con) == of([days[0]], "removed") | of([days[0], cut], "added")
    segments = dict(con.execute("select load_id, segments from raw.loads").fetchall())
    assert json.loads(segments[days[0].load_id]) == [
        Window(day(0).start, middle.start).key,
        Window(middle.end, day(0).end).key,
    ]


def test_an_empty_restatement_takes_everything_back(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    land(counting, day(0), hourly(0))
    load(con, counting)
    land(counting, day(0), [], known_at=day(1).end)

    load(con, counting)

    assert orders(con) == []
    assert con.execute("select rows_received from raw.loads").fetchall() == [(0,)]


@pytest.mark.parametrize("there_already", [False, True])
def test_as_of_a_past_moment_only_what_was_known_then_counts(
    con: duckdb.DuckDBPyConnection, counting: CountingStore, *, there_already: bool
) -> None:
    first = land(counting, day(0), hourly(0))
    again = land(counting, day(0), hourly(0, count=5), known_at=day(5).end)
    land(counting, day(1), hourly(1))
    if there_already:
        load(con, counting)
        assert len(orders(con)) == 5 + 24

    load(con, counting, as_of=day(0).end)

    assert orders(con) == refs(hourly(0))
    assert con.execute("select load_id from raw.loads").fetchall() == [(first.load_id,)]
    load(con, counting, as_of=day(5).end - timedelta(seconds=1))
    assert orders(con) == sorted(refs(hourly(0)) + refs(hourly(1)))
    load(con, counting, as_of=day(5).end)
    assert orders(con) == sorted(refs(hourly(0, count=5)) + refs(hourly(1)))
    assert again.load_id in {load_id for (load_id,) in con.execute("select load_id from raw.loads").fetchall()}


def test_a_source_that_is_declared_no_more_goes(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    land(counting, day(0), hourly(0))
    load(con, counting)
    assert load(con, counting, sources=()) == Delta(added=0, removed=1, unchanged=0)
    assert orders(con) == []


def test_quarantine_is_listed_without_the_record(
    con: duckdb.DuckDBPyConnection, counting: CountingStore, tmp_path: Path
) -> None:
    record = json.dumps({"CustomerID": "PERSON-4711"})
    manifest = land(counting, day(0), hourly(0), bad=quarantined(2, reason="no number", record=record))
    load(con, counting)

    rows = con.execute("select * from raw.quarantine order by source_row").fetchall()
    assert rows == [
        ("shop", "order_lines", manifest.load_id, "lines.csv", 900 + number, "Quantity", "no number")
        for number in range(2)
    ]
    assert con.execute("select rows_received, rows_landed, rows_quarantined from raw.loads").fetchall() == [(26, 24, 2)]
    con.execute("checkpoint")
    con.close()
    assert b"PERSON-4711" not in (tmp_path / "build.duckdb").read_bytes()


def test_a_superseded_loads_quarantine_goes_with_it(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    land(counting, day(0), hourly(0), bad=quarantined(2))
    load(con, counting)
    land(counting, day(0), hourly(0, count=4), known_at=day(1).end)
    load(con, counting)
    assert con.execute("select count(*) from raw.quarantine").fetchall() == [(0,)]


def test_no_customers_number_is_anywhere_in_the_file(
    con: duckdb.DuckDBPyConnection, counting: CountingStore, tmp_path: Path
) -> None:
    """Not even after lines were removed: every byte of the file and of what lies beside it is searched."""
    numbers = [f"PERSON-{number:05d}" for number in range(600)]
    lines = [
        Line(f"o-{place}", day(0).start + timedelta(minutes=place), customer_ref=number)
        for place, number in enumerate(numbers)
    ]
    land(counting, day(0), lines)
    load(con, counting)
    land(counting, day(0), lines[:300], known_at=day(1).end)
    load(con, counting)
    assert con.execute("select count(distinct customer_pseudonym) from raw.order_lines").fetchall() == [(300,)]
    con.execute("checkpoint")
    con.close()

    written = b"".join(path.read_bytes() for path in tmp_path.glob("build.duckdb*"))

    assert b"o-299" in written  # what is not personal can be found like this
    assert b"PERSON-" not in written


def test_two_sources_customers_of_one_number_are_two(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    other = SHOP.model_copy(update={"name": "other_shop"})
    for source in (SHOP, other):
        land(counting, day(0), [Line("1", day(0).start, customer_ref="17850")], source=source)
    load(con, counting, sources=(SHOP, other))

    found = dict(con.execute("select source, customer_pseudonym from raw.order_lines").fetchall())

    assert found == {name: pseudonym(KEY, name, "17850") for name in ("shop", "other_shop")}
    assert len(set(found.values())) == 2


def test_guests_stay_guests(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    land(counting, day(0), hourly(0, customer_ref=None))
    load(con, counting)
    assert con.execute("select distinct customer_pseudonym from raw.order_lines").fetchall() == [(None,)]
    assert len(orders(con)) == 24


def test_a_load_that_was_not_read_under_the_present_mapping_names_the_command(
    con: duckdb.DuckDBPyConnection, counting: CountingStore
) -> None:
    manifest = land(counting, day(0), hourly(0))
    changed = SHOP.model_copy(update={"parse_digest": "ba9876543210"})

    with pytest.raises(ContractError, match=manifest.load_id) as raised:
        load(con, counting, sources=(changed,))
    assert "ecomops reparse shop" in raised.value.remedy


def test_rows_that_were_lost_are_to_be_read_again(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    """Raw bytes are kept, parsed rows can be made again: their loss is no damage."""
    manifest = land(counting, day(0), hourly(0))
    lost = [info.key for info in counting.list("parsed/")]
    for key in lost:
        counting.delete(key)

    with pytest.raises(ContractError, match=manifest.load_id) as raised:
        load(con, counting)
    assert "ecomops reparse shop" in raised.value.remedy
    write_parse(counting, manifest.ref, Parsed(frame(hourly(0)), quarantined(0), 24, 0, (24,)), SHOP.parse_digest)
    assert [info.key for info in counting.list("parsed/")] == lost
    load(con, counting)
    assert orders(con) == refs(hourly(0))


def test_rows_read_again_under_another_mapping_take_the_place_of_the_first(
    con: duckdb.DuckDBPyConnection, counting: CountingStore
) -> None:
    manifest = land(counting, day(0), hourly(0))
    load(con, counting)
    changed = SHOP.model_copy(update={"parse_digest": "ba9876543210"})
    rows = frame(hourly(0, count=7))
    write_parse(counting, manifest.ref, Parsed(rows, quarantined(0), 24, 17, (24,)), "ba9876543210")

    load(con, counting, sources=(changed,))

    assert orders(con) == refs(hourly(0, count=7))
    assert con.execute("select parse_digest, rows_deduplicated from raw.loads").fetchall() == [("ba9876543210", 17)]


def test_a_corrupt_parsed_object_stops_the_build_and_is_named(
    con: duckdb.DuckDBPyConnection, counting: CountingStore
) -> None:
    manifest = land(counting, day(0), hourly(0))
    data = bytearray(counting.get(manifest.parse.rows.key))
    data[len(data) // 2] ^= 1
    counting.put(manifest.parse.rows.key, bytes(data))

    with pytest.raises(ObjectCorruptError, match=manifest.parse.rows.key):
        load(con, counting)


@pytest.mark.parametrize("at", [day(0).start - timedelta(seconds=1), day(0).end])
def test_a_row_outside_of_its_window_is_not_landed(counting: CountingStore, at: datetime) -> None:
    """The build would cut it away, and nobody would know."""
    with pytest.raises(ContractError, match="1 rows of shop/order_lines lie outside of the window"):
        land(counting, day(0), [*hourly(0), Line("late", at)])
    assert list(loads(counting, "shop", "order_lines")) == []


def test_sources_and_their_rules_can_be_read_in_sql(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    load(con, counting)
    assert con.execute("select source, cancellation_order_ref from raw.sources").fetchall() == [("shop", "C.*")]
    rules = con.execute("select rule_number, line_kind, product_ref, order_ref from raw.line_rules").fetchall()
    assert rules == [(1, "shipping", "POST", None), (2, "discount", "D", None), (3, "bad_debt", None, "A.*")]


def test_many_windows_of_many_columns_keep_their_types(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    for number in range(20):
        land(counting, day(number), hourly(number, count=number % 3))
    assert load(con, counting).added == 20
    expected = pl.concat([frame(hourly(number, count=number % 3)) for number in range(20)])
    found = lines_in(con)
    assert found.height == expected.height
    assert found.schema["unit_price"] == expected.schema["unit_price"]
    assert found.schema["occurred_at"] == expected.schema["occurred_at"]


_EDIT = timedelta(minutes=5)


def web(number: int, *orders: WebOrder, **more: object) -> Extract:
    """What a day's extraction of the web shop holds."""
    return Extract(day(number), day(number).end, orders=orders, **more)  # type: ignore[arg-type]  # the test names it


def test_every_version_of_a_record_is_there(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    """Of one window twice as well: which one counts is found downstream, by the versions' own times."""
    order = WebOrder("1", day(0).start, day(0).start, (WebLine("a"), WebLine("b")))
    web_shop.land(counting, web(0, order))
    web_shop.land(counting, replace(web(0, edited(order, day(0).start + _EDIT, WebLine("b"))), known_at=day(1).end))

    load(con, counting, sources=web_shop.SOURCES)

    lines = con.execute("select record_ref, version_at, order_line_ref from raw.order_lines order by all").fetchall()
    begin = day(0).start.replace(tzinfo=None)
    assert lines == [("1", begin, "a"), ("1", begin, "b"), ("1", begin + _EDIT, "b")]
    assert con.execute("select count(*), sum(rows_landed) from raw.loads").fetchall() == [(2, 2)]
    load(con, counting, sources=web_shop.SOURCES, as_of=day(0).end)
    assert con.execute("select count(*) from raw.order_lines").fetchall() == [(2,)]


def test_a_version_may_lie_outside_of_the_window_in_which_it_changed(
    con: duckdb.DuckDBPyConnection, counting: CountingStore
) -> None:
    web_shop.land(counting, web(5, WebOrder("1", day(0).start, day(5).start, (WebLine("a"),))))
    load(con, counting, sources=web_shop.SOURCES)
    assert con.execute("select occurred_at from raw.orders").fetchall() == [(day(0).start.replace(tzinfo=None),)]


def test_what_decides_which_order_changed_is_kept_when_it_goes(
    con: duckdb.DuckDBPyConnection, counting: CountingStore
) -> None:
    order = WebOrder("1", day(0).start, day(0).start, (WebLine("a"),))
    refund = WebRefund("r", order, day(0).start, day(0).start, (WebLine("z", quantity=-1, takes_back="a"),))
    web_shop.land(counting, web(0, order, refunds=(refund,), gone={"1": day(0).start}))
    load(con, counting, sources=web_shop.SOURCES)

    load(con, counting, sources=())

    kept = {
        table: con.execute(f"select count(*) from raw.{table}__removed").fetchall()[0][0]
        for table in ("orders", "order_lines", "refunds", "deletions")
    }
    assert kept == {"orders": 1, "order_lines": 2, "refunds": 1, "deletions": 1}


def test_a_source_has_a_row_for_each_of_its_resources(con: duckdb.DuckDBPyConnection, counting: CountingStore) -> None:
    load(con, counting, sources=web_shop.SOURCES)
    rows = con.execute("select stream, tables, mode from raw.sources where source = 'web' order by 1").fetchall()
    assert rows == [
        ("catalogue", "products, stock_on_hand", "versions"),
        ("deletions", "deletions", "versions"),
        ("orders", "orders, order_lines, order_discounts", "versions"),
        ("refunds", "refunds, order_lines", "versions"),
    ]
