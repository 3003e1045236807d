"""How a build becomes what people read: audited only, whole only, one builder only, never back in time."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from ecomops import pipeline
from lakehouse.errors import AuditError, BuildError, NothingPublishedError, ObjectCorruptError
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import Settings
from lakehouse.warehouse import CORE, CURRENT, Snapshot, Warehouse, open_candidate, open_reader
from tests.support import tiny


@pytest.fixture
def warehouse(settings: Settings, store: DirectoryStore) -> Warehouse:
    return Warehouse(settings, store)


def value(settings: Settings, *, channel: str = CORE, snapshot_id: str | None = None) -> int:
    with open_reader(settings, channel=channel, snapshot_id=snapshot_id) as reader:
        return int(reader.rows("select any_value(a) from t")[0][0])


def keys(store: DirectoryStore) -> list[str]:
    return [info.key for info in store.list("warehouse/")]


def test_nothing_is_published_at_first(settings: Settings, warehouse: Warehouse) -> None:
    assert warehouse.published() is None
    assert warehouse.snapshots() == []
    with pytest.raises(NothingPublishedError, match="'current'") as raised, open_reader(settings):
        pass
    assert raised.value.remedy


def test_a_candidate_is_read_by_nobody(settings: Settings, warehouse: Warehouse, tmp_path: Path) -> None:
    candidate = tiny.sealed(warehouse, tmp_path, 3)

    assert warehouse.published(CORE) is None
    assert warehouse.snapshots() == []
    assert warehouse.candidate(candidate.snapshot_id) == candidate
    with open_candidate(settings, candidate) as reader:
        assert reader.rows("select distinct a from t") == [(3,)]


def test_a_candidate_that_was_not_audited_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    candidate = tiny.sealed(warehouse, tmp_path)

    with pytest.raises(AuditError, match="has not passed its audit"):
        warehouse.publish(warehouse.candidate(candidate.snapshot_id))
    assert warehouse.published(CORE) is None


def test_an_audited_candidate_becomes_what_people_read(
    settings: Settings, warehouse: Warehouse, store: DirectoryStore, tmp_path: Path
) -> None:
    base = tiny.published(warehouse, tmp_path, 0)
    candidate = warehouse.mark_audited(tiny.sealed(warehouse, tmp_path, 5, base=base))
    assert warehouse.candidate(candidate.snapshot_id).audited

    snapshot = warehouse.publish(candidate)

    assert warehouse.published(CORE) == snapshot
    assert warehouse.snapshots() == [base, snapshot]
    assert (snapshot.as_of, snapshot.run_id, snapshot.base_id) == (candidate.as_of, "run-5", base.snapshot_id)
    assert value(settings) == 5
    assert value(settings, snapshot_id=base.snapshot_id) == 0
    assert warehouse.published(CURRENT) is None  # the other channel stands by itself
    assert not [key for key in keys(store) if "candidates" in key]


def test_a_channel_never_goes_back_in_knowledge_time(settings: Settings, warehouse: Warehouse, tmp_path: Path) -> None:
    today = tiny.published(warehouse, tmp_path, 9)
    past = tiny.published(warehouse, tmp_path, 4)

    assert warehouse.published(CORE) == today
    assert value(settings) == 9
    assert value(settings, snapshot_id=past.snapshot_id) == 4


def test_the_same_moment_built_again_replaces(settings: Settings, warehouse: Warehouse, tmp_path: Path) -> None:
    first = tiny.published(warehouse, tmp_path / "a", 4)
    file = tiny.file(tmp_path / "b.duckdb", 44)
    candidate = warehouse.seal(file, channel=CORE, as_of=first.as_of, run_id="again", digest=first.digest, base=None)
    warehouse.publish(warehouse.mark_audited(candidate))

    assert value(settings) == 44
    assert len(warehouse.snapshots()) == 2


def test_a_corrupt_candidate_is_not_published(warehouse: Warehouse, store: DirectoryStore, tmp_path: Path) -> None:
    before = tiny.published(warehouse, tmp_path, 0)
    candidate = warehouse.mark_audited(tiny.sealed(warehouse, tmp_path, 1))
    data = bytearray(store.get(candidate.candidate_key))
    data[len(data) // 2] ^= 1
    store.put(candidate.candidate_key, bytes(data))

    with pytest.raises(ObjectCorruptError, match=candidate.snapshot_id):
        warehouse.publish(candidate)
    assert warehouse.published(CORE) == before
    assert warehouse.snapshots() == [before]


def test_a_corrupt_snapshot_is_not_read(
    settings: Settings, warehouse: Warehouse, store: DirectoryStore, tmp_path: Path
) -> None:
    snapshot = tiny.published(warehouse, tmp_path, 0)
    data = bytearray(store.get(snapshot.key))
    data[-1] ^= 1
    store.put(snapshot.key, bytes(data))

    with pytest.raises(ObjectCorruptError, match=snapshot.snapshot_id), open_reader(settings, channel=CORE):
        pass


def test_publishing_may_be_repeated(settings: Settings, warehouse: Warehouse, tmp_path: Path) -> None:
    """A task that was killed after its work was done is run again by the scheduler."""
    candidate = warehouse.mark_audited(tiny.sealed(warehouse, tmp_path, 2))

    first = pipeline.publish(settings, candidate.snapshot_id)
    second = pipeline.publish(settings, candidate.snapshot_id)

    assert first == second == candidate.snapshot_id
    assert value(settings) == 2


def test_a_candidate_that_is_gone_is_named(settings: Settings) -> None:
    with pytest.raises(BuildError, match="no candidate 20111202T000000Z-core-deadbeef"):
        pipeline.publish(settings, "20111202T000000Z-core-deadbeef")


def test_a_snapshot_that_is_not_there_is_named_with_those_that_are(
    settings: Settings, warehouse: Warehouse, tmp_path: Path
) -> None:
    there = tiny.published(warehouse, tmp_path, 0)
    with pytest.raises(NothingPublishedError, match="'nope'") as raised:
        warehouse.snapshot("nope")
    assert there.snapshot_id in raised.value.remedy


def test_a_file_that_still_has_its_log_is_not_sealed(warehouse: Warehouse, tmp_path: Path) -> None:
    con = duckdb.connect(str(tmp_path / "open.duckdb"))
    con.execute("create table t as select 1")
    arguments = {"channel": CORE, "as_of": tiny.DAY_ONE, "run_id": "run", "digest": "0123456789ab", "base": None}

    with pytest.raises(BuildError, match="write-ahead log"):
        warehouse.seal(tmp_path / "open.duckdb", **arguments)  # type: ignore[arg-type]  # each has its type
    con.close()
    warehouse.seal(tmp_path / "open.duckdb", **arguments)  # type: ignore[arg-type]  # as above


def numbers(found: list[Snapshot], channel: str) -> list[str]:
    return [snapshot.run_id for snapshot in found if f"-{channel}-" in snapshot.snapshot_id]


def test_the_last_n_of_each_channel_are_kept(settings: Settings, store: DirectoryStore, tmp_path: Path) -> None:
    warehouse = Warehouse(settings.model_copy(update={"keep_snapshots": 2}), store)
    for number in range(4):
        tiny.published(warehouse, tmp_path, number)
    tiny.published(warehouse, tmp_path, 0, channel=CURRENT)

    gone = warehouse.expire()

    assert len(gone) == 2
    assert numbers(warehouse.snapshots(), CORE) == ["run-2", "run-3"]
    assert numbers(warehouse.snapshots(), CURRENT) == ["run-0"]
    assert len([key for key in keys(store) if key.endswith(".duckdb")]) == 3
    assert warehouse.expire() == []


def test_what_a_channel_points_to_is_kept(settings: Settings, store: DirectoryStore, tmp_path: Path) -> None:
    """Also where it is not among the newest: after a channel's file was put back by hand."""
    warehouse = Warehouse(settings.model_copy(update={"keep_snapshots": 1}), store)
    first, second = (tiny.published(warehouse, tmp_path, number) for number in (0, 1))
    store.put("warehouse/channels/core.json", first.model_dump_json().encode())
    tiny.published(warehouse, tmp_path, 0, channel=CURRENT)

    assert warehouse.expire() == []
    assert {first, second} <= set(warehouse.snapshots())


def test_a_past_day_that_is_made_again_outlives_its_own_publication(
    settings: Settings, warehouse: Warehouse, tmp_path: Path
) -> None:
    """The models still have to read it."""
    few = settings.model_copy(update={"keep_snapshots": 2})
    for number in range(3, 7):
        tiny.published(warehouse, tmp_path, number)
    past = warehouse.mark_audited(tiny.sealed(warehouse, tmp_path, 1))

    pipeline.publish(few, past.snapshot_id)

    assert value(settings, snapshot_id=past.snapshot_id) == 1
    assert numbers(warehouse.snapshots(), CORE) == ["run-1", "run-5", "run-6"]


def test_care_removes_what_killed_runs_left(
    settings: Settings, warehouse: Warehouse, store: DirectoryStore, tmp_path: Path
) -> None:
    kept = tiny.published(warehouse, tmp_path, 0)
    tiny.sealed(warehouse, tmp_path, 1)
    lost = tiny.published(warehouse, tmp_path, 2, channel=CURRENT)
    store.delete(f"warehouse/snapshots/{lost.snapshot_id}.json")  # killed between the two deletions of an expiry
    store.delete("warehouse/channels/current.json")

    assert len(pipeline.care(settings, now=datetime(2030, 1, 1, tzinfo=UTC))) == 3
    left = [f"warehouse/channels/{CORE}.json", f"warehouse/snapshots/{kept.snapshot_id}.duckdb"]
    assert keys(store) == [*left, f"warehouse/snapshots/{kept.snapshot_id}.json"]


def test_one_builds_at_a_time(warehouse: Warehouse) -> None:
    def second() -> None:
        with warehouse.build_lock():
            pass

    with warehouse.build_lock(), pytest.raises(BuildError, match="Another build is running"):
        second()
    second()


def test_a_second_builder_in_another_process_is_refused_and_a_killed_one_holds_nothing(
    settings: Settings, warehouse: Warehouse
) -> None:
    code = (
        "import fcntl, sys, time\n"
        "handle = open(sys.argv[1], 'w')\n"
        "fcntl.flock(handle, fcntl.LOCK_EX)\n"
        "print('locked', flush=True)\n"
        "time.sleep(600)\n"
    )
    with warehouse.build_lock() as folder:
        lock = folder / ".lock"
    with subprocess.Popen([sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "locked\n"
            with pytest.raises(BuildError, match="Another build is running"), warehouse.build_lock():
                pass
        finally:
            other.kill()
    with warehouse.build_lock():
        pass


def test_a_builder_clears_what_a_killed_one_left(warehouse: Warehouse) -> None:
    with warehouse.build_lock() as folder:
        (folder / "run.duckdb").write_bytes(b"half")
        (folder / "run.duckdb.wal").write_bytes(b"half")
        (folder / "run.spill").mkdir()
        (folder / "run.spill" / "part").write_bytes(b"x")
    with warehouse.build_lock() as folder:
        assert [path.name for path in folder.iterdir()] == [".lock"]
