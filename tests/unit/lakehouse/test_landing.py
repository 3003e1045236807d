"""The landing protocol: what is killed is invisible, what is landed is whole, and order does not matter."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lakehouse.errors import ContractError, ObjectCorruptError, ObjectNotFoundError, WindowError
from lakehouse.landing import (
    Landing,
    LoadRef,
    Manifest,
    Parsed,
    RawPart,
    find_parse,
    live_loads,
    loads,
    read_manifest,
    read_parts,
    write_parse,
)
from lakehouse.objectstore import ObjectInfo, ObjectStore
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.streams import ORDER_LINES, QUARANTINE_SCHEMA
from lakehouse.windows import Window

DAY = Window.parse("2011-12-01", "2011-12-02")
KNOWN = datetime(2011, 12, 2, 6, tzinfo=UTC)
LANDED = datetime(2026, 1, 1, tzinfo=UTC)
DIGEST = "0123456789ab"
PARTS = (RawPart("a.csv", b"order;product\n1;X\n2;Y\n"), RawPart("b.parquet", b"PAR1\0\1"), RawPart("empty.csv", b""))


def parsed(rows: int = 2, quarantined: int = 1, update: dict[str, object] | None = None) -> Parsed:
    """So many good and bad rows; the content does not matter to the protocol."""
    good = pl.DataFrame(
        {"source_file": ["a.csv"] * rows, "source_row": range(1, rows + 1)},
        schema={"source_file": pl.String, "source_row": pl.Int64},
    )
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in ORDER_LINES.schema.items()]
    bad = pl.DataFrame({name: [None] * quarantined for name in QUARANTINE_SCHEMA}, schema=QUARANTINE_SCHEMA)
    values: dict[str, object] = {
        "rows": good.with_columns(missing).select(ORDER_LINES.landed_schema.names()),
        "quarantined": bad,
        "received": rows + quarantined,
        "deduplicated": 0,
        "rows_by_part": (rows, quarantined, 0),
    }
    return Parsed(**(values | (update or {})))  # type: ignore[arg-type]  # each value has its field's type


def land(
    store: ObjectStore,
    window: Window = DAY,
    parts: tuple[RawPart, ...] = PARTS,
    *,
    known_at: datetime = KNOWN,
    what: Parsed | None = None,
) -> Manifest:
    landing = Landing(store, "shop", "order_lines")
    pending = landing.receive(window, parts, known_at=known_at)
    default = parsed(update={"rows_by_part": (3, *[0] * (len(parts) - 1))})
    return landing.commit(pending, what or default, digest=DIGEST, landed_at=LANDED, run_id="run")


def all_loads(store: ObjectStore) -> list[LoadRef]:
    return list(loads(store, "shop", "order_lines"))


def content(store: ObjectStore) -> dict[str, bytes]:
    return {info.key: store.get(info.key) for info in store.list("")}


def test_a_load_comes_back_as_it_was_landed(store: DirectoryStore) -> None:
    manifest = land(store)

    assert all_loads(store) == [manifest.ref]
    assert read_manifest(store, manifest.ref) == manifest
    assert tuple(read_parts(store, manifest)) == PARTS
    assert manifest.window == DAY
    assert (manifest.counts.received, manifest.counts.landed, manifest.counts.quarantined) == (3, 2, 1)
    assert [part.encoding for part in manifest.parts] == ["zstd", "identity", "zstd"]
    rows = pl.read_parquet(store.fetch(manifest.parse.rows.key, sha256=manifest.parse.rows.sha256))
    assert rows.schema == ORDER_LINES.versioned_schema


def test_bytes_are_visible_to_nobody_before_the_commit(store: DirectoryStore) -> None:
    pending = Landing(store, "shop", "order_lines").receive(DAY, PARTS, known_at=KNOWN)

    assert len(list(store.list(pending.ref.folder))) == len(PARTS)
    assert all_loads(store) == []
    with pytest.raises(ObjectNotFoundError):
        read_manifest(store, pending.ref)


class Killed(BaseException):
    """The process died here."""


class DyingStore:
    """Passes calls on until its life is over; then dies before or after the fatal call had its effect."""

    def __init__(self, store: ObjectStore, lives: float, *, after_effect: bool = False) -> None:
        self._store = store
        self.calls: list[str] = []
        self._lives = lives
        self._after_effect = after_effect

    def __getattr__(self, name: str) -> object:
        method: Callable[..., object] = getattr(self._store, name)

        def call(*args: object, **kwargs: object) -> object:
            self.calls.append(f"{name} {args[0]}")
            fatal = len(self.calls) > self._lives
            if fatal and not self._after_effect:
                raise Killed
            result = method(*args, **kwargs)
            if fatal:
                raise Killed
            return result

        return call


def store_calls_of_a_landing() -> int:
    """How many there are, so that every one of them is a place to die at."""

    class Counting:
        def __init__(self) -> None:
            self.calls = 0

        def put(self, key: str, data: bytes, *, if_absent: bool = False) -> ObjectInfo:
            self.calls += 1
            return ObjectInfo(key, len(data))

        def list(self, _prefix: str) -> Iterator[ObjectInfo]:
            self.calls += 1
            return iter(())

    counting = Counting()
    land(counting)  # type: ignore[arg-type]  # a first landing only lists and puts
    return counting.calls


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("lives", range(store_calls_of_a_landing()))
def test_a_killed_landing_is_invisible_and_a_rerun_lands_the_same(
    tmp_path: Path, lives: int, *, after_effect: bool
) -> None:
    undisturbed = DirectoryStore(tmp_path / "undisturbed")
    land(undisturbed)
    store = DirectoryStore(tmp_path / "killed")
    dying = DyingStore(store, lives, after_effect=after_effect)

    with pytest.raises(Killed):
        land(dying)  # type: ignore[arg-type]  # it has every method of the store it wraps

    if dying.calls[-1].endswith("_manifest.json") and after_effect:
        assert content(store) == content(undisturbed)  # the very last call had its effect: all is there
    else:
        assert all_loads(store) == []
    land(store)
    assert content(store) == content(undisturbed)


def test_the_manifest_is_the_last_thing_written(store: DirectoryStore) -> None:
    watched = DyingStore(store, float("inf"))
    land(watched)  # type: ignore[arg-type]  # as above

    puts = [call for call in watched.calls if call.startswith("put")]
    assert len(puts) == len(PARTS) + 4
    assert puts[-1].endswith("/_manifest.json")
    assert sum(call.endswith("/_manifest.json") for call in puts) == 1


def test_unchanged_bytes_are_no_new_load(store: DirectoryStore) -> None:
    first = land(store)
    before = content(store)

    again = land(store, known_at=KNOWN + timedelta(days=3))

    assert again == first
    assert content(store) == before


def test_changed_bytes_supersede(store: DirectoryStore) -> None:
    first = land(store)
    second = land(store, parts=(RawPart("a.csv", b"other"),), known_at=KNOWN + timedelta(hours=1))

    assert len(all_loads(store)) == 2
    live = live_loads(all_loads(store), as_of=KNOWN + timedelta(days=1))
    assert [load.ref for load in live] == [second.ref]
    assert [load.ref for load in live_loads(all_loads(store), as_of=KNOWN)] == [first.ref]


def test_bytes_that_return_to_an_earlier_state_are_a_new_load(store: DirectoryStore) -> None:
    hour = timedelta(hours=1)
    land(store)
    land(store, parts=(RawPart("a.csv", b"other"),), known_at=KNOWN + hour)

    third = land(store, known_at=KNOWN + 2 * hour)

    assert [load.ref for load in live_loads(all_loads(store), as_of=KNOWN + 2 * hour)] == [third.ref]


def test_the_same_bytes_count_again_where_a_wider_window_came_between(store: DirectoryStore) -> None:
    hour = timedelta(hours=1)
    land(store)
    wider = Window(DAY.start, DAY.end + timedelta(days=1))
    land(store, wider, (RawPart("wide.csv", b"other"),), known_at=KNOWN + hour)

    again = land(store, known_at=KNOWN + 2 * hour)

    winners = {load.ref: load.segments for load in live_loads(all_loads(store), as_of=KNOWN + 2 * hour)}
    assert winners[again.ref] == (DAY,)


def test_of_two_landings_at_the_same_moment_the_first_manifest_counts(store: DirectoryStore) -> None:
    landing = Landing(store, "shop", "order_lines")
    one, other = (landing.receive(DAY, PARTS, known_at=KNOWN) for _ in range(2))
    assert one.ref == other.ref

    first = landing.commit(one, parsed(), digest=DIGEST, landed_at=LANDED, run_id="one")
    second = landing.commit(other, parsed(), digest=DIGEST, landed_at=LANDED, run_id="other")

    assert second == first
    assert first.run_id == "one"


@pytest.mark.parametrize(
    "wrong",
    [
        {"received": 4},
        {"deduplicated": 1},
        {"rows_by_part": (1, 1, 0)},
        {"rows_by_part": (3, 0)},
    ],
)
def test_counts_must_add_up(store: DirectoryStore, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"received|zip"):
        land(store, what=parsed(update=wrong))
    assert all_loads(store) == []


def test_rows_must_have_the_streams_schema(store: DirectoryStore) -> None:
    with pytest.raises(ContractError, match="shop/order_lines"):
        land(store, what=parsed(update={"rows": parsed().rows.drop("quantity")}))
    assert all_loads(store) == []


def test_a_naive_knowledge_time_is_refused(store: DirectoryStore) -> None:
    with pytest.raises(WindowError, match="names no time zone"):
        land(store, known_at=datetime(2011, 12, 2))  # noqa: DTZ001 - the case
    assert list(store.list("")) == []


@pytest.mark.parametrize("number", range(len(PARTS)))
def test_a_corrupt_part_is_named(store: DirectoryStore, number: int) -> None:
    manifest = land(store)
    key = manifest.parts[number].key
    data = store.get(key)
    store.put(key, bytes([data[0] ^ 1]) + data[1:])

    with pytest.raises(ObjectCorruptError, match=key):
        list(read_parts(store, manifest))


def test_a_corrupt_manifest_is_named(store: DirectoryStore) -> None:
    one, other = land(store), land(store, Window.parse("2011-12-02", "2011-12-03"))
    store.put(one.ref.manifest_key, store.get(other.ref.manifest_key))
    with pytest.raises(ObjectCorruptError, match=f"{one.ref.manifest_key} is the manifest of"):
        read_manifest(store, one.ref)

    store.put(one.ref.manifest_key, b"{}")
    with pytest.raises(ObjectCorruptError, match=f"{one.ref.manifest_key} is not a readable manifest"):
        read_manifest(store, one.ref)


def test_a_load_can_be_read_again_under_another_digest(store: DirectoryStore) -> None:
    manifest = land(store)
    assert find_parse(store, manifest, DIGEST) == manifest.parse
    assert find_parse(store, manifest, "ba9876543210") is None

    record = write_parse(store, manifest.ref, parsed(rows=1, quarantined=2), "ba9876543210")

    assert find_parse(store, manifest, "ba9876543210") == record
    assert read_manifest(store, manifest.ref) == manifest


_START = datetime(2011, 12, 1, tzinfo=UTC)
_HOURS = 30


def _hour(number: int) -> datetime:
    return _START + timedelta(hours=number)


@st.composite
def _refs(draw: st.DrawFn) -> LoadRef:
    start = draw(st.integers(0, _HOURS - 1))
    end = draw(st.integers(start + 1, _HOURS))
    known = draw(st.integers(0, 5))
    number, fingerprint = draw(st.integers(0, 2)), draw(st.sampled_from(["a" * 12, "b" * 12]))
    load_id = f"{_hour(known):%Y%m%dT%H%M%SZ}-{number:04d}-{fingerprint}"
    return LoadRef("shop", "order_lines", Window(_hour(start), _hour(end)), load_id)


def _window_of(refs: list[LoadRef]) -> list[LoadRef]:
    """One load of each id, as ranks are only comparable between different ones."""
    return list({ref.load_id: ref for ref in refs}.values())


@given(st.lists(_refs(), max_size=12).map(_window_of), st.integers(-1, 6), st.randoms())
@example([], 0, random.Random(0))  # noqa: S311 - an order, not a secret
def test_at_every_instant_the_load_known_last_counts(refs: list[LoadRef], as_of: int, order: random.Random) -> None:
    """Against the definition itself, hour by hour; segments are disjoint and cover the union of the windows."""
    live = live_loads(refs, as_of=_hour(as_of))
    known = [ref for ref in refs if ref.known_at <= _hour(as_of)]

    for number in range(_HOURS):
        covering = [ref for ref in known if ref.window.contains(_hour(number))]
        counting = [load.ref for load in live for part in load.segments if part.contains(_hour(number))]
        assert counting == ([max(covering, key=lambda ref: ref.rank)] if covering else [])
    for load in live:
        assert load.is_whole == (load.segments == (load.ref.window,))
        assert all(one.end < other.start for one, other in zip(load.segments, load.segments[1:], strict=False))
    shuffled = order.sample(refs, len(refs))
    assert live_loads(shuffled, as_of=_hour(as_of)) == live


@given(st.permutations(range(6)), st.permutations(range(6)))
def test_windows_may_be_landed_in_any_order(one: list[int], other: list[int]) -> None:
    """A backfill knows each window from its end on, whenever it really ran."""

    def landed(order: list[int]) -> dict[str, bytes]:
        memory = MemoryStore()
        for number in order:
            window = Window(_hour(number * 4), _hour(number * 4 + 6))  # they overlap
            land(memory, window, (RawPart("a.csv", b"%d" % number),), known_at=window.end)
        return memory.objects

    assert landed(one) == landed(other)


class MemoryStore:
    """The few methods that landing uses, for many runs."""

    url = "memory"

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put(self, key: str, data: bytes, *, if_absent: bool = False) -> ObjectInfo:
        assert not (if_absent and key in self.objects)
        self.objects[key] = data
        return ObjectInfo(key, len(data))

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return iter([ObjectInfo(key, len(self.objects[key])) for key in sorted(self.objects) if key.startswith(prefix)])

    def get(self, key: str) -> bytes:
        return self.objects[key]

    def put_file(self, key: str, path: Path, *, if_absent: bool = False) -> ObjectInfo:
        return self.put(key, path.read_bytes(), if_absent=if_absent)

    def fetch(self, key: str, *, sha256: str) -> Path:
        raise NotImplementedError

    def head(self, key: str) -> ObjectInfo | None:
        return ObjectInfo(key, len(self.objects[key])) if key in self.objects else None

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)
