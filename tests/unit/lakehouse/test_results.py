"""Model results on their way: whole, of the right run, and under safe names."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lakehouse.errors import ConfigError, ObjectCorruptError, ObjectNotFoundError
from lakehouse.objectstore import check_key
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.results import Result, check_run_id, find_result, last_result, read_tables, write_result

AS_OF = datetime(2011, 12, 9, tzinfo=UTC)
TABLES = {
    "product_forecast": pl.DataFrame({"product_id": ["A", "B"], "demand_units": [1.5, None]}),
    "nothing": pl.DataFrame(schema={"product_id": pl.String, "cost": pl.Decimal(18, 4)}),
}


def write(store: DirectoryStore, run_id: str = "run", tables: dict[str, pl.DataFrame] | None = None) -> Result:
    found = TABLES if tables is None else tables
    return write_result(store, "forecasting", as_of=AS_OF, run_id=run_id, snapshot_id="snapshot", tables=found)


def test_tables_come_back_as_they_were_written(store: DirectoryStore) -> None:
    written = write(store)

    found = find_result(store, "forecasting", as_of=AS_OF, run_id="run")

    assert found == written
    assert found.snapshot_id == "snapshot"
    tables = read_tables(store, found)
    assert tables.keys() == TABLES.keys()
    for name, table in TABLES.items():
        assert_frame_equal(tables[name], table)


def test_another_run_has_results_of_its_own(store: DirectoryStore) -> None:
    write(store)
    write(store, "other", {"product_forecast": TABLES["product_forecast"].head(1)})

    first = read_tables(store, find_result(store, "forecasting", as_of=AS_OF, run_id="run"))
    assert first["product_forecast"].height == 2
    for model, as_of, run_id in [
        ("forecasting", AS_OF, "third"),
        ("baskets", AS_OF, "run"),
        ("forecasting", AS_OF.replace(day=8), "run"),
    ]:
        with pytest.raises(ObjectNotFoundError, match=f"{run_id} has no result of the model {model}") as raised:
            find_result(store, model, as_of=as_of, run_id=run_id)
        assert raised.value.remedy


def test_the_last_result_is_of_an_earlier_moment(store: DirectoryStore) -> None:
    write(store)
    write(store, "zz", {"nothing": TABLES["nothing"]})

    assert last_result(store, "forecasting", before=AS_OF) is None
    assert last_result(store, "baskets", before=AS_OF.replace(day=10)) is None
    found = last_result(store, "forecasting", before=AS_OF.replace(day=10))
    assert found is not None
    assert (found.run_id, found.as_of) == ("zz", AS_OF)


def test_a_rerun_replaces(store: DirectoryStore) -> None:
    write(store)
    write(store, tables={"product_forecast": TABLES["product_forecast"].head(1)})

    again = read_tables(store, find_result(store, "forecasting", as_of=AS_OF, run_id="run"))

    assert {name: table.height for name, table in again.items()} == {"product_forecast": 1}


def test_tables_without_their_record_do_not_exist(store: DirectoryStore) -> None:
    """The record is written last: a killed model has no result."""
    folder = write(store).tables["nothing"].key.rpartition("/")[0]
    store.delete(f"{folder}/_result.json")
    with pytest.raises(ObjectNotFoundError):
        find_result(store, "forecasting", as_of=AS_OF, run_id="run")


def test_a_changed_table_is_refused(store: DirectoryStore) -> None:
    result = write(store)
    key = result.tables["product_forecast"].key
    store.put(key, store.get(key) + b"x")
    with pytest.raises(ObjectCorruptError, match=key):
        read_tables(store, result)


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("scheduled__2011-12-09T00:00:00+00:00", "scheduled__2011-12-09T00-00-00-00-00"),
        ("../../etc/passwd", "etc-passwd"),
        ("a b'; drop table x; --", "a-b-drop-table-x"),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_run_id_is_made_safe_for_keys_and_sql(given: str, safe: str) -> None:
    assert check_run_id(given) == safe
    assert check_run_id(safe) == safe
    check_key(f"runs/run={safe}/x.json")


@pytest.mark.parametrize("given", ["", "..", "/", "---", "'"])
def test_a_run_id_of_nothing_usable_is_refused(given: str) -> None:
    with pytest.raises(ConfigError, match="not a usable run id"):
        check_run_id(given)
