"""Readers: locked in, told what is wrong, and on one snapshot from their first query to their last."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from lakehouse.errors import EcomopsError, ObjectNotFoundError
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import Settings
from lakehouse.warehouse import CURRENT, Reader, Snapshot, Warehouse, open_reader
from lakehouse.warehouse.duck import init_script, open_locked
from tests.support import tiny


@pytest.fixture
def warehouse(settings: Settings, store: DirectoryStore) -> Warehouse:
    return Warehouse(settings, store)


@pytest.fixture(scope="module")
def published_file(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Snapshot]:
    """One for all tests that only read it."""
    folder = tmp_path_factory.mktemp("published")
    warehouse = Warehouse(Settings(var_dir=folder / "var"), DirectoryStore(folder / "lake"))
    snapshot = tiny.published(warehouse, folder, 1)
    return warehouse.path(snapshot), snapshot


@pytest.fixture
def reader(published_file: tuple[Path, Snapshot]) -> Iterator[Reader]:
    path, snapshot = published_file
    con = open_locked(path)
    yield Reader(con, snapshot)
    con.close()


def test_tables_go_by_their_plain_names(reader: Reader) -> None:
    assert reader.rows("select count(*) from t") == [(3,)]
    assert reader.tables() == [("marts", "t")]
    assert reader.frame("select b from t where b > ?", [1]).to_dicts() == [{"b": 2}]
    assert reader.frame("select b from t where b > $least", {"least": 1}).to_dicts() == [{"b": 2}]


def test_two_readers_of_one_process_are_both_locked_and_in_utc(
    published_file: tuple[Path, Snapshot], reader: Reader, tmp_path: Path
) -> None:
    path, snapshot = published_file
    second = open_locked(path)
    try:
        other = Reader(second, snapshot)
        for one in (other, reader):
            assert one.rows("select count(*), current_setting('TimeZone') from t") == [(3, "UTC")]
            with pytest.raises(EcomopsError):
                one.frame(f"copy t to '{tmp_path}/stolen.csv'")
    finally:
        second.close()
    assert reader.rows("select count(*) from t") == [(3,)]


# Each would read or write outside the snapshot, or change it, or unlock what holds it.
FORBIDDEN = {
    "copy out": "copy t to '{outside}/stolen.csv'",
    "copy a query out": "copy (select 1) to '{outside}/stolen.parquet' (format parquet)",
    "export": "export database '{outside}/stolen'",
    "copy in": "copy t from '{outside}/secret.csv'",
    "read csv": "from read_csv('{outside}/secret.csv')",
    "read text": "from read_text('{outside}/secret.csv')",
    "read blob": "from read_blob('{outside}/secret.csv')",
    "read by its name": "from '{outside}/secret.csv'",
    "read parquet": "from read_parquet('{outside}/secret.parquet')",
    "list files": "from glob('{outside}/*')",
    "sniff": "from sniff_csv('{outside}/secret.csv')",
    "attach": "attach '{outside}/other.duckdb' as other",
    "attach memory": "attach ':memory:' as other",
    "network": "from 'https://localhost/x.csv'",
    "install": "install httpfs",
    "load": "load httpfs",
    "set": "set enable_external_access = true",
    "unlock": "set lock_configuration = false",
    "reset": "reset lock_configuration",
    "threads": "set threads = 1",
    "pragma": "pragma threads = 1",
    "profile to a file": "pragma enable_profiling = 'json'",
    "log to a file": "call enable_logging(storage = 'file', storage_path = '{outside}/log')",
    "secret": "create persistent secret s (type s3)",
    "insert": "insert into marts.t values (9, 9, 'run')",
    "update": "update marts.t set a = 9",
    "delete": "delete from marts.t",
    "drop": "drop table marts.t",
    "create": "create table marts.u as select 1",
    "alter": "alter table marts.t add column c int",
    "a write behind a query": "select 1; drop table marts.t",
}


@pytest.mark.parametrize("name", list(FORBIDDEN))
def test_a_reader_is_locked_in(reader: Reader, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("a\n1\n")
    pl.DataFrame({"a": [1]}).write_parquet(outside / "secret.parquet")
    duckdb.connect(str(outside / "other.duckdb")).close()
    before = sorted(path.name for path in outside.iterdir())

    with pytest.raises(EcomopsError):
        reader.frame(FORBIDDEN[name].format(outside=outside))

    assert sorted(path.name for path in outside.iterdir()) == before
    assert reader.rows("select sum(a) from t") == [(3,)]
    assert reader.rows("select current_setting('lock_configuration')") == [(True,)]


def test_the_same_statements_would_work_unlocked(tmp_path: Path) -> None:
    """So that it is the lock that refuses them, not a slip of the pen."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("a,b,run_id\n1,2,x\n")
    pl.DataFrame({"a": [1]}).write_parquet(outside / "secret.parquet")
    duckdb.connect(str(outside / "other.duckdb")).close()
    not_here = {"network", "install", "load", "secret", "set", "unlock", "reset", "a write behind a query"}
    for name in FORBIDDEN.keys() - not_here:
        path = tiny.file(tmp_path / f"{name}.duckdb")
        with duckdb.connect(str(path)) as con:
            con.execute("use marts")
            con.execute(FORBIDDEN[name].format(outside=outside))


def test_a_query_does_not_see_pythons_variables(published_file: tuple[Path, Snapshot]) -> None:
    """Asked from where the variable is: DuckDB looks no further than the calling function."""
    secret_frame = pl.DataFrame({"a": [1]})
    con = open_locked(published_file[0])
    with pytest.raises(duckdb.CatalogException):
        con.sql("from secret_frame")
    con.close()
    unlocked = duckdb.sql("from secret_frame")
    assert unlocked is not None
    assert unlocked.fetchall() == secret_frame.rows()


@pytest.mark.parametrize(
    "query",
    ["select", "select * from no_such_table", "select no_such_column from t", "selekt 1", "select 1/'x'", "", "-- x",
     "select * from t where b = ?", "select interval 1 day"],
)  # fmt: skip
def test_a_wrong_query_is_told_in_words(reader: Reader, query: str) -> None:
    with pytest.raises(EcomopsError) as raised:
        reader.frame(query)
    assert type(raised.value) is EcomopsError
    assert raised.value.remedy


def test_names_that_come_twice_are_told_apart(reader: Reader) -> None:
    query = "select one.a, other.a, 7 as a_1, one.b from t one join t other using (b) limit 1"
    assert reader.frame(query).to_dicts() == [{"a": 1, "a_2": 1, "a_1": 7, "b": 0}]


def test_money_stays_decimal_and_instants_are_utc(reader: Reader) -> None:
    query = "select 1.2345::decimal(18, 4) as money, timestamptz '2011-07-01 12:00:00+01' as at"
    row = reader.frame(query).row(0, named=True)
    assert row["money"] == Decimal("1.2345")
    assert row["at"].isoformat() == "2011-07-01T11:00:00+00:00"


def test_a_reader_stays_on_its_snapshot(settings: Settings, store: DirectoryStore, tmp_path: Path) -> None:
    warehouse = Warehouse(settings.model_copy(update={"keep_snapshots": 1}), store)
    tiny.published(warehouse, tmp_path, 0, channel=CURRENT)
    with open_reader(settings) as old:
        assert old.rows("select distinct a from t") == [(0,)]
        for number in range(1, 4):
            tiny.published(warehouse, tmp_path, number, channel=CURRENT)
            warehouse.expire()
            with open_reader(settings) as new:
                assert new.rows("select distinct a from t") == [(number,)]
        assert old.snapshot.snapshot_id not in {kept.snapshot_id for kept in warehouse.snapshots()}
        assert old.rows("select distinct a from t") == [(0,)]  # its file has no name any more, and is whole


class MovingOn(DirectoryStore):
    """A store where, before each of the first few fetches, something else is published and the old one expires."""

    def __init__(self, root: Path, folder: Path, times: int) -> None:
        super().__init__(root)
        self._folder, self._left = folder, times

    def fetch(self, key: str, *, sha256: str) -> Path:
        if self._left and "/snapshots/" in key:
            self._left -= 1
            calm = Warehouse(Settings(keep_snapshots=1), DirectoryStore(self.root))
            tiny.published(calm, self._folder / f"left-{self._left}", 9 - self._left, channel=CURRENT)
            calm.expire()
        return super().fetch(key, sha256=sha256)


def test_a_reader_follows_a_channel_that_moves_on_while_it_opens(
    settings: Settings, warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.published(warehouse, tmp_path, 0, channel=CURRENT)
    moving = MovingOn(Path(settings.store), tmp_path, times=3)
    monkeypatch.setattr("lakehouse.warehouse.reader.open_store", lambda _: moving)

    with open_reader(settings) as reader:
        assert reader.rows("select distinct a from t") == [(9,)]


def test_a_snapshot_whose_file_is_missing_is_an_error_and_no_endless_search(
    settings: Settings, warehouse: Warehouse, store: DirectoryStore, tmp_path: Path
) -> None:
    lost: Snapshot = tiny.published(warehouse, tmp_path, 0, channel=CURRENT)
    store.delete(lost.key)

    with pytest.raises(ObjectNotFoundError, match=lost.snapshot_id), open_reader(settings):
        pass


def test_the_shells_script_locks_a_connection_as_ours_is(warehouse: Warehouse, tmp_path: Path) -> None:
    path = warehouse.path(tiny.published(warehouse, tmp_path, 6))
    (tmp_path / "secret.csv").write_text("a\n1\n")

    script = init_script(path)

    con = duckdb.connect(str(path), read_only=True)
    con.execute(script)

    assert con.execute("select distinct a from t").fetchall() == [(6,)]
    for refused in ("set threads = 1", f"from read_csv('{tmp_path}/secret.csv')", f"attach '{tmp_path}/x.duckdb'"):
        with pytest.raises(duckdb.Error):
            con.execute(refused)
