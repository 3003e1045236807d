"""The extraction: each record lands once whatever windows, reruns and faults do, and nothing wrong becomes visible."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.api.connector import Page, Parsing, Request
from extractors.api.errors import ExpiredCursorError, IncompleteError, TransientError
from extractors.api.extract import Limit, read_again
from lakehouse.errors import (
    ConfigError,
    ContractError,
    ObjectNotFoundError,
    QuarantineLimitError,
    WindowError,
)
from lakehouse.landing import RawFile, find_parse, read_parts, write_parse
from lakehouse.streams import QUARANTINE_SCHEMA, Stream
from lakehouse.validation import FAILURES_SCHEMA, ValidationOutcome
from lakehouse.windows import Window
from tests.support.vendor import (
    DAILY,
    DAY,
    NOW,
    ORDERS,
    SWEEP,
    Killed,
    MemoryStore,
    Order,
    Vendor,
    job,
    manifests,
    newest,
    order,
    run,
    table,
)

FIVE = [order(number, number) for number in range(1, 6)]


@pytest.fixture
def memory(tmp_path: Path) -> MemoryStore:
    folder = tmp_path / "objects"
    folder.mkdir()
    return MemoryStore(folder)


def checkpoints(store: MemoryStore) -> list[str]:
    return [info.key for info in store.list("checkpoints/")]


def test_every_record_is_landed_once_and_counted(memory: MemoryStore, tmp_path: Path) -> None:
    done = run(Vendor.of(FIVE), memory, tmp_path)

    manifest = manifests(memory)[0]
    assert done.manifest == manifest
    assert (done.unchanged, done.resumed_after) == (False, 0)
    assert manifest.counts.model_dump() == {
        "received": 5,
        "landed": 5,
        "deduplicated": 0,
        "quarantined": 0,
        "ignored": 0,
    }
    assert manifest.parse.row_counts == {"orders": 5, "order_lines": 5}
    assert newest(memory)["record_ref"].to_list() == ["1", "2", "3", "4", "5"]
    assert [part.meta for part in manifest.parts] == [{"place": "0"}, {"place": "2"}, {"place": "4"}]
    assert checkpoints(memory) == []


@pytest.mark.parametrize("as_file", [False, True])
def test_the_bytes_are_stored_as_they_came(memory: MemoryStore, tmp_path: Path, *, as_file: bool) -> None:
    vendor = Vendor.of(FIVE)
    vendor.as_file = as_file
    run(vendor, memory, tmp_path / "scratch")

    parts = list(read_parts(memory, manifests(memory)[0]))
    assert [part.name for part in parts] == ["orders-00000.json", "orders-00002.json", "orders-00004.json"]
    assert b"".join(part.data for part in parts).count(b'"id"') == 5
    assert list((tmp_path / "scratch").iterdir()) == []  # nothing is left behind


@settings(max_examples=3)
@given(st.lists(st.integers(1, 1439), unique=True, max_size=3), st.randoms(use_true_random=False))
def test_windows_of_any_size_landed_in_any_order_come_to_the_same(cuts: list[int], chance: random.Random) -> None:
    orders = [order(number, minute) for number, minute in enumerate((0, 1, 59, 60, 720, 1439), 1)]
    bounds = [DAY.start, *(DAY.start + timedelta(minutes=cut) for cut in sorted(cuts)), DAY.end]
    windows = [Window(start, end) for start, end in itertools.pairwise(bounds)]
    chance.shuffle(windows)
    with TemporaryDirectory() as folder:
        whole, cut = MemoryStore(Path(folder)), MemoryStore(Path(folder))
        run(Vendor.of(orders, page_size=4), whole, Path(folder) / "scratch")
        for window in windows:
            run(Vendor.of(orders, page_size=4), cut, Path(folder) / "scratch", job(window=window))
        assert newest(cut).equals(newest(whole))
        assert newest(cut, "order_lines").equals(newest(whole, "order_lines"))


def test_a_second_run_over_unchanged_pages_adds_nothing(memory: MemoryStore, tmp_path: Path) -> None:
    first = run(Vendor.of(FIVE), memory, tmp_path)
    held = dict(memory.objects)
    again = run(Vendor.of(FIVE), memory, tmp_path, job(known_at=NOW + timedelta(hours=1)))

    assert again.unchanged
    assert again.manifest == first.manifest
    assert memory.objects == held


def test_a_load_known_earlier_is_landed_though_its_pages_are_there(memory: MemoryStore, tmp_path: Path) -> None:
    run(Vendor.of(FIVE), memory, tmp_path)
    backfill = run(Vendor.of(FIVE), memory, tmp_path, job(known_at=DAY.end))
    assert not backfill.unchanged
    assert [one.known_at for one in manifests(memory)] == [DAY.end, NOW]


def test_a_report_stated_again_as_at_first_counts_over_the_wider_one_between(
    memory: MemoryStore, tmp_path: Path
) -> None:
    wider = Window(DAY.start, DAY.end + timedelta(days=1))
    run(Vendor.of(FIVE), memory, tmp_path, job(DAILY))
    run(Vendor.of(FIVE[:1]), memory, tmp_path, job(DAILY, wider, known_at=NOW + timedelta(hours=1)))
    third = run(Vendor.of(FIVE), memory, tmp_path, job(DAILY, known_at=NOW + timedelta(hours=2)))
    assert not third.unchanged


def test_a_changed_record_is_a_version_and_its_rows_follow_it(memory: MemoryStore, tmp_path: Path) -> None:
    two = (("A", "1", "10.00"), ("B", "2", "3.00"))
    run(Vendor.of([order(1, lines=two), order(2)]), memory, tmp_path)
    noon = DAY.start + timedelta(hours=12)
    later = Vendor.of([order(1, updated=noon, total="7.00"), order(2)])
    run(later, memory, tmp_path, job(known_at=NOW + timedelta(hours=1)))

    assert len(manifests(memory)) == 2
    assert newest(memory).select("record_ref", "total_amount").rows() == [
        ("1", pl.Series(["7"]).cast(pl.Decimal(18, 4))[0]),
        ("2", pl.Series(["10"]).cast(pl.Decimal(18, 4))[0]),
    ]
    assert newest(memory, "order_lines")["product_ref"].to_list() == ["A", "A"]  # line B is gone with its version


def test_an_overlap_asks_again_for_what_came_to_light_late(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = Vendor.of(FIVE)
    hourly = replace(ORDERS, overlap=timedelta(hours=1))
    windows = [Window(DAY.start + timedelta(hours=h), DAY.start + timedelta(hours=h + 1)) for h in range(2)]
    run(vendor, memory, tmp_path, job(hourly, windows[0]))
    vendor.orders[6] = order(6, 59)  # it was there at 00:59, and shows now
    run(vendor, memory, tmp_path, job(hourly, windows[1], known_at=NOW + timedelta(hours=1)))

    assert newest(memory)["record_ref"].to_list() == ["1", "2", "3", "4", "5", "6"]
    assert [one.counts.received for one in manifests(memory)] == [5, 6]


def test_a_refusal_keeps_the_pages_and_the_next_run_goes_on(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = Vendor.of(FIVE)

    def refuse(place: int) -> None:
        if place == 4:
            raise TransientError("503 Service Unavailable")

    vendor.before_page = refuse
    with pytest.raises(TransientError):
        run(vendor, memory, tmp_path)
    assert manifests(memory) == []

    vendor.before_page = lambda _: None
    done = run(vendor, memory, tmp_path)
    assert vendor.requests == [0, 2, 4, 4]
    assert done.resumed_after == 2
    assert vendor.noted == [None, "began at 0"]  # what the first run noted, the second one reads
    assert newest(memory).height == 5


def test_a_change_while_paging_is_not_lost_once_its_own_time_is_extracted(memory: MemoryStore, tmp_path: Path) -> None:
    """By modified time a record that changes meanwhile moves behind the window, and another one takes its place."""
    vendor = Vendor.of(FIVE)

    def change(place: int) -> None:
        if place == 2:
            vendor.orders[1] = order(1, updated=DAY.end + timedelta(minutes=1), total="5.00")

    vendor.before_page = change
    run(vendor, memory, tmp_path)
    assert "3" not in newest(memory)["record_ref"].to_list()  # the page moved up by one: order 3 was skipped
    again = replace(ORDERS, overlap=timedelta(days=1))
    vendor.before_page = lambda _: None
    following = Window(DAY.end, DAY.end + timedelta(days=1))
    run(vendor, memory, tmp_path, job(again, following, known_at=NOW + timedelta(days=1)))
    assert newest(memory)["record_ref"].to_list() == ["1", "2", "3", "4", "5"]


def test_an_expired_cursor_begins_anew(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = Vendor.of(FIVE)
    interrupt(vendor, memory, tmp_path, at=4)
    vendor.expired = {"4"}
    run(vendor, memory, tmp_path)

    assert vendor.requests == [0, 2, 4, 0, 2, 4]
    assert vendor.noted[-1] is None  # the number of an export that is gone helps nobody
    assert manifests(memory)[0].counts.received == 5


def test_a_cursor_that_expires_again_and_again_is_an_error(memory: MemoryStore, tmp_path: Path) -> None:
    def always(_place: int) -> None:
        raise ExpiredCursorError("The cursor is no longer good.")

    vendor = Vendor.of(FIVE)
    vendor.before_page = always
    with pytest.raises(ExpiredCursorError):
        run(vendor, memory, tmp_path)
    assert manifests(memory) == []


def test_an_incomplete_answer_is_not_visible_and_the_next_run_begins_again(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = Vendor.of(FIVE)
    vendor.lost = 1
    with pytest.raises(IncompleteError, match=r"4 records came, 5 were announced"):
        run(vendor, memory, tmp_path)
    assert manifests(memory) == []
    assert checkpoints(memory) == []

    vendor.lost = 0
    run(vendor, memory, tmp_path)
    assert vendor.requests == [0, 2, 4, 0, 2, 4]
    assert newest(memory).height == 5


def test_a_vendor_that_announces_nothing_is_taken_at_its_word(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = Vendor.of(FIVE)
    vendor.tells_count = False
    run(vendor, memory, tmp_path)
    assert manifests(memory)[0].counts.received == 5


def test_a_window_without_records_is_a_load_of_none(memory: MemoryStore, tmp_path: Path) -> None:
    run(Vendor(), memory, tmp_path)
    assert manifests(memory)[0].counts.received == 0
    assert table(memory, manifests(memory)[0], "orders").is_empty()


def interrupt(vendor: Vendor, store: MemoryStore, scratch: Path, *, at: int, **update: object) -> None:
    """A run that dies before a page."""

    def die(place: int) -> None:
        if place == at:
            raise Killed

    vendor.before_page = die
    with pytest.raises(Killed):
        run(vendor, store, scratch, job(**update))  # type: ignore[arg-type]  # each value has its field's type
    vendor.before_page = lambda _: None


@pytest.mark.parametrize(
    "update",
    [{"options": '{"shop": "another"}'}, {"api_version": "2"}, {"resource": replace(ORDERS, overlap=timedelta(1))}],
)
def test_another_extraction_is_not_resumed(memory: MemoryStore, tmp_path: Path, update: dict[str, object]) -> None:
    vendor = Vendor.of(FIVE)
    interrupt(vendor, memory, tmp_path, at=2)
    done = run(vendor, memory, tmp_path, job(**update))  # type: ignore[arg-type]  # as above
    assert done.resumed_after == 0
    assert vendor.requests == [0, 2, 0, 2, 4]


def test_an_old_checkpoint_is_not_resumed(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = Vendor.of(FIVE)
    interrupt(vendor, memory, tmp_path, at=2)
    done = run(vendor, memory, tmp_path, job(landed_at=NOW + timedelta(days=3, seconds=1)))
    assert done.resumed_after == 0


def test_a_checkpoint_whose_pages_are_gone_or_that_cannot_be_read_is_not_resumed(
    memory: MemoryStore, tmp_path: Path
) -> None:
    vendor = Vendor.of(FIVE)
    interrupt(vendor, memory, tmp_path, at=2)
    memory.delete(next(info.key for info in memory.list("raw/")))
    assert run(vendor, memory, tmp_path).resumed_after == 0

    vendor.orders[6] = order(6)
    interrupt(vendor, memory, tmp_path, at=2)
    memory.put(checkpoints(memory)[0], b"{}")
    assert run(vendor, memory, tmp_path).resumed_after == 0


def test_a_page_that_is_lost_before_it_was_read_makes_the_next_run_begin_again(
    memory: MemoryStore, tmp_path: Path
) -> None:
    vendor = Vendor.of(FIVE)

    def lose(place: int) -> None:
        if place == 4:
            memory.delete(next(info.key for info in memory.list("raw/")))

    vendor.before_page = lose
    with pytest.raises(ObjectNotFoundError):
        run(vendor, memory, tmp_path)
    vendor.before_page = lambda _: None
    assert run(vendor, memory, tmp_path).resumed_after == 0


def test_a_page_behind_the_last_one_is_refused_and_not_taken_for_whole(memory: MemoryStore, tmp_path: Path) -> None:
    class Careless(Vendor):
        def fetch(self, _resource: str, _request: Request) -> Iterator[Page]:
            yield Page("orders-1.json", b"[]")
            yield Page("orders-2.json", b"[]")

    with pytest.raises(ContractError, match=r"orders-2\.json came after one without a cursor"):
        run(Careless(), memory, tmp_path)
    assert manifests(memory) == []
    assert checkpoints(memory) == []


def test_pages_of_one_name_are_told_apart(memory: MemoryStore, tmp_path: Path) -> None:
    class Forgetful(Vendor):
        """Counts its pages from 1 after each resumption."""

        def fetch(self, resource: str, request: Request) -> Iterator[Page]:
            for page in super().fetch(resource, request):
                yield replace(page, name="orders-1.json")

    run(Forgetful({one.number: one for one in FIVE}), memory, tmp_path)
    names = [part.name for part in manifests(memory)[0].parts]
    assert names == ["orders-1.json", "orders-1~00001.json", "orders-1~00002.json"]
    assert newest(memory).height == 5


def test_two_runs_at_once_land_the_same_once(memory: MemoryStore, tmp_path: Path) -> None:
    """The second one begins, and ends, while the first one is between two pages."""
    first, second = Vendor.of(FIVE), Vendor.of(FIVE)

    def meanwhile(place: int) -> None:
        if place == 2:
            assert run(second, memory, tmp_path).resumed_after == 1

    first.before_page = meanwhile
    done = run(first, memory, tmp_path)
    assert done.unchanged
    assert len(manifests(memory)) == 1
    assert newest(memory).height == 5
    assert checkpoints(memory) == []


def test_one_bad_row_takes_its_record_out_of_every_table(memory: MemoryStore, tmp_path: Path) -> None:
    lines = (("A", "1", "1.00"), ("B", "half", "1.00"))
    vendor = Vendor.of([order(1), order(2, lines=lines), order(3)], page_size=3)
    run(vendor, memory, tmp_path)

    manifest = manifests(memory)[0]
    assert (manifest.counts.landed, manifest.counts.quarantined) == (2, 1)
    assert table(memory, manifest, "orders")["record_ref"].to_list() == ["1", "3"]
    assert table(memory, manifest, "order_lines")["record_ref"].to_list() == ["1", "3"]
    failed = table(memory, manifest, "quarantine").row(0, named=True)
    assert (failed["source_file"], failed["source_row"]) == ("orders-00000.json", 2)
    assert (failed["column_name"], failed["reason"]) == ("quantity", "is not a whole number")
    assert '"half"' in failed["record"]


def test_a_row_that_breaks_the_raw_contract_takes_its_record_out_of_every_table(
    memory: MemoryStore, tmp_path: Path
) -> None:
    def validate(frame: pl.DataFrame, stream: Stream, *, source: str, window: Window | None) -> ValidationOutcome:
        assert (source, window) == ("shop-orders", None)
        if stream.name != "order_lines":
            return ValidationOutcome()
        rows = frame.with_row_index().filter(pl.col("product_ref") == "BAD")["index"].to_list()
        told = [(row, "product_ref", "breaks the rule: none is BAD") for row in rows]
        return ValidationOutcome(pl.DataFrame(told, schema=FAILURES_SCHEMA, orient="row"))

    vendor = Vendor.of([order(1), order(2, lines=(("A", "1", "1"), ("BAD", "1", "1"), ("BAD", "1", "1"))), order(3)])
    run(vendor, memory, tmp_path, job(validate=validate))
    manifest = manifests(memory)[0]
    assert (manifest.counts.received, manifest.counts.landed, manifest.counts.quarantined) == (3, 2, 1)
    assert table(memory, manifest, "orders")["record_ref"].to_list() == ["1", "3"]
    assert table(memory, manifest, "order_lines")["record_ref"].to_list() == ["1", "3"]
    assert table(memory, manifest, "quarantine").height == 1


def test_a_report_is_held_to_its_window(memory: MemoryStore, tmp_path: Path) -> None:
    seen = []

    def validate(_frame: pl.DataFrame, _stream: Stream, *, source: str, window: Window | None) -> ValidationOutcome:
        seen.append((source, window))
        return ValidationOutcome()

    run(Vendor.of(FIVE), memory, tmp_path, job(DAILY, validate=validate))
    assert set(seen) == {("shop-daily", DAY)}


@pytest.mark.parametrize(
    ("limit", "bad", "is_refused"),
    [
        (Limit(0.2, 0), 1, False),
        (Limit(0.2, 0), 2, True),
        (Limit(0, 2), 2, False),
        (Limit(0, 2), 3, True),
        (Limit(1, 9), 5, True),  # none is good: whatever the limit, that is no day's business
    ],
)
def test_more_failures_than_allowed_stop_the_load(
    memory: MemoryStore, tmp_path: Path, limit: Limit, bad: int, *, is_refused: bool
) -> None:
    broken = [order(number, total="secret sum") for number in range(1, bad + 1)]
    vendor = Vendor.of([*broken, *(order(number) for number in range(bad + 1, 6))])
    if not is_refused:
        run(vendor, memory, tmp_path, job(limit=limit))
        assert manifests(memory)[0].counts.quarantined == bad
        return
    with pytest.raises(QuarantineLimitError) as refused:
        run(vendor, memory, tmp_path, job(limit=limit))
    assert f"{bad} of 5 records failed" in str(refused.value)
    assert f"{bad} × total_amount is not an amount (first: orders-00000.json, record 1)" in str(refused.value)
    assert "secret sum" not in str(refused.value)
    assert manifests(memory) == []


def test_after_the_limit_the_pages_are_read_again_without_asking(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = Vendor.of([order(1, total="?"), order(2)])
    with pytest.raises(QuarantineLimitError):
        run(vendor, memory, tmp_path, job(limit=Limit(0)))
    done = run(vendor, memory, tmp_path, job(limit=Limit(0.5)))
    assert vendor.requests == [0]
    assert done.manifest.counts.quarantined == 1


def test_the_same_version_twice_on_a_page_is_landed_once(memory: MemoryStore, tmp_path: Path) -> None:
    class Repeating(Vendor):
        def fetch(self, resource: str, request: Request) -> Iterator[Page]:
            for page in super().fetch(resource, request):
                assert isinstance(page.body, bytes)
                yield replace(page, body=page.body[:-1] + b", " + page.body[1:], reported=4)

    run(Repeating({one.number: one for one in FIVE[:2]}), memory, tmp_path)
    counts = manifests(memory)[0].counts
    assert (counts.received, counts.landed, counts.deduplicated) == (4, 2, 2)
    assert table(memory, manifests(memory)[0], "orders")["source_row"].to_list() == [3, 4]  # the later one counts


def test_a_sweep_finds_what_is_gone_and_forgets_what_it_told(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = Vendor.of(FIVE)
    run(vendor, memory, tmp_path)
    del vendor.orders[2]
    run(vendor, memory, tmp_path, job(SWEEP))
    deletions = newest(memory, "deletions", SWEEP)
    assert deletions.select("record_ref", "entity", "version_at").rows() == [("2", "orders", NOW.replace(tzinfo=None))]

    later = NOW + timedelta(hours=1)
    again = run(vendor, memory, tmp_path, job(SWEEP, known_at=later, landed_at=later))
    assert again.manifest.counts.received == 0  # a record is told of once


def test_a_sweep_over_a_resource_that_is_not_extracted_is_refused(memory: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="compares with orders"):
        run(Vendor(), memory, tmp_path, job(SWEEP, siblings={}))


def test_moments_without_a_zone_are_refused_before_anything_is_asked(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = Vendor.of(FIVE)
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 -- what is refused
    for update in ({"known_at": naive}, {"landed_at": naive}):
        with pytest.raises(WindowError):
            run(vendor, memory, tmp_path, job(**update))  # type: ignore[arg-type]  # as above
    assert vendor.requests == []


def test_small_parsings_are_checked_together(memory: MemoryStore, tmp_path: Path) -> None:
    """A page at a time, checking would take longer than fetching."""
    calls = []

    def validate(frame: pl.DataFrame, stream: Stream, *, source: str, window: Window | None) -> ValidationOutcome:
        calls.append((stream.name, frame.height))
        return ValidationOutcome()

    run(Vendor.of([order(number) for number in range(1, 16)]), memory, tmp_path, job(validate=validate))
    assert sorted(calls) == [("order_lines", 15), ("orders", 15)]


def test_stored_pages_are_read_again_under_a_new_parser(memory: MemoryStore, tmp_path: Path) -> None:
    class Older(Vendor):
        def parse(self, resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
            for one in super().parse(resource, parts):
                yield replace(one, tables={"orders": one.tables["orders"]})

    run(Older({one.number: one for one in FIVE}), memory, tmp_path)
    manifest = manifests(memory)[0]
    again = read_again(Vendor(), job(), manifest.parts, store=memory, scratch=tmp_path / "again")
    write_parse(memory, manifest.ref, again, "ba9876543210", main="orders", mode=ORDERS.mode)

    found = find_parse(memory, manifest, "ba9876543210")
    assert found is not None
    assert found.row_counts == {"orders": 5, "order_lines": 5}
    assert found.counts == manifest.counts
    assert manifest.parse.row_counts == {"orders": 5}


@settings(max_examples=3)
@given(st.permutations(range(4)))
def test_versions_landed_in_any_order_leave_the_newest(order_of_landing: list[int]) -> None:
    def version(number: int) -> Order:
        return order(1, updated=DAY.start + timedelta(hours=number), total=f"{number}.00")

    with TemporaryDirectory() as folder:
        store = MemoryStore(Path(folder))
        for number in order_of_landing:
            known = datetime(2026, 3, 2, number, tzinfo=UTC)
            run(Vendor.of([version(number)]), store, Path(folder) / "scratch", job(known_at=known, landed_at=known))
        assert newest(store)["total_amount"].cast(pl.String).to_list() == ["3.0000"]


def test_quarantine_of_many_batches_keeps_every_reason_with_its_first_place(
    memory: MemoryStore, tmp_path: Path
) -> None:
    class InBatches(Vendor):
        """As large parsings come: each is a batch of its own."""

        def parse(self, _resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
            for part in parts:
                rows = pl.DataFrame(
                    {"source_file": part.name, "source_row": range(1, 25_001), "column_name": "total", "reason": "no"},
                    schema={name: dtype for name, dtype in QUARANTINE_SCHEMA.items() if name != "record"},
                )
                failed = rows.with_columns(record=pl.lit(None, pl.String))
                yield Parsing({}, 25_000, quarantined=failed)

    vendor = InBatches({one.number: one for one in FIVE})
    vendor.tells_count = False
    with pytest.raises(QuarantineLimitError, match=r"75000 × total no \(first: orders-00000\.json, record 1\)"):
        run(vendor, memory, tmp_path)
