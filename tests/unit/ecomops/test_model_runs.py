"""A model that fails: its last good tables stand in for a week, then tables without rows, and both are marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from ecomops import model_runs
from ecomops.model_runs import MODELS, STANDS_IN_FOR, model_tables, run_model
from lakehouse.errors import ConfigError
from lakehouse.objectstore import open_store
from lakehouse.results import find_result, read_tables, write_result
from lakehouse.settings import Settings
from lakehouse.warehouse import Warehouse
from models_ml import baskets, forecasting
from models_ml.forecasting.schemas import TABLES
from tests.support import tiny

Close = Callable[[int], dict[str, pl.DataFrame]]
_RULES = pl.DataFrame({"product_id": ["A", "B"], "order_count": [3, 2]})


class _Model:
    """Stands in for `baskets.run`: it tells its day, or fails."""

    def __init__(self) -> None:
        self.fails_with: Exception | None = None

    def __call__(self, reader: object, *, as_of: datetime, settings: Settings) -> dict[str, pl.DataFrame]:
        if self.fails_with:
            raise self.fails_with
        return {"basket_rule": _RULES.with_columns(day=pl.lit(as_of.date()))}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> _Model:
    model = _Model()
    monkeypatch.setattr(baskets, "run", model)
    return model


@pytest.fixture
def close(settings: Settings, tmp_path: Path) -> Close:
    """Runs the model on the snapshot of so many days after the first, and reads what it left."""

    def close(number: int) -> dict[str, pl.DataFrame]:
        store = open_store(settings)
        core = tiny.published(Warehouse(settings, store), tmp_path / "files", number)
        run_model(settings, "baskets", snapshot_id=core.snapshot_id, run_id=f"run-{number}")
        return read_tables(store, find_result(store, "baskets", as_of=core.as_of, run_id=f"run-{number}"))

    return close


def result_row(settings: Settings, number: int) -> dict[str, object]:
    """What `model_result` tells of the model, of a run whose other models all ran well."""
    store, as_of = open_store(settings), tiny.DAY_ONE + timedelta(days=number)
    for other in set(MODELS) - {"baskets"}:
        write_result(store, other, as_of=as_of, run_id=f"run-{number}", snapshot_id="s", tables={other: _RULES})
    told = model_tables(store, as_of=as_of, run_id=f"run-{number}")["model_result"]
    assert told["model"].to_list() == list(MODELS)
    assert told.filter(pl.col("model") != "baskets")["is_stand_in"].any() is False
    return told.row(by_predicate=pl.col("model") == "baskets", named=True)


def test_what_a_model_made_is_its_own(model: _Model, close: Close, settings: Settings) -> None:
    assert close(0)["basket_rule"]["day"][0] == tiny.DAY_ONE.date()
    told = result_row(settings, 0)
    assert told == {
        "model": "baskets",
        "is_stand_in": False,
        "is_empty": False,
        "results_as_of": tiny.DAY_ONE.replace(tzinfo=None),
        "failure": None,
    }


def test_its_last_good_tables_stand_in_also_when_it_fails_again(
    model: _Model, close: Close, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    close(0)
    model.fails_with = ValueError("no such column\nand more")
    close(1)
    last = STANDS_IN_FOR.days

    assert close(last)["basket_rule"]["day"].to_list() == [tiny.DAY_ONE.date()] * 2

    told = result_row(settings, last)
    assert (told["is_stand_in"], told["is_empty"], told["failure"]) == (True, False, "ValueError: no such column")
    assert told["results_as_of"] == tiny.DAY_ONE.replace(tzinfo=None)
    assert "baskets failed; its last tables" in caplog.text


def test_what_is_older_than_a_week_is_no_plan_any_more(model: _Model, close: Close, settings: Settings) -> None:
    schema = close(0)["basket_rule"].schema
    model.fails_with = ValueError("no")

    empty = close(STANDS_IN_FOR.days + 1)["basket_rule"]

    assert empty.is_empty()
    assert empty.schema == schema
    told = result_row(settings, STANDS_IN_FOR.days + 1)
    assert (told["is_stand_in"], told["is_empty"]) == (True, True)


def test_a_model_that_is_mended_speaks_for_itself_again(model: _Model, close: Close, settings: Settings) -> None:
    close(0)
    model.fails_with = ValueError("no")
    close(1)
    model.fails_with = None

    assert close(2)["basket_rule"]["day"][0] == date(2011, 12, 4)
    assert result_row(settings, 2)["is_stand_in"] is False


def test_a_model_that_never_ran_well_fails(model: _Model, close: Close) -> None:
    model.fails_with = ValueError("no")
    with pytest.raises(ValueError, match="no"):
        close(0)


def test_an_unknown_model_is_named(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="no model 'bascets'"):
        run_model(settings, "bascets", snapshot_id="s", run_id="r")


def test_a_long_message_is_cut(model: _Model, close: Close, settings: Settings) -> None:
    close(0)
    model.fails_with = ValueError("x" * 1000)
    close(1)
    assert len(str(result_row(settings, 1)["failure"])) == model_runs._FAILURE_CHARACTERS


def _part(settings: Settings, batch: str, snapshot_id: str) -> str:
    return model_runs.run_batch(settings, "forecasting", batch, snapshot_id=snapshot_id, run_id="run")


def test_parts_are_handed_to_the_model_those_of_its_own_snapshot_only(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A close that is tried again may have built another warehouse; a part that failed is not handed on."""
    given: dict[str, pl.DataFrame] = {}

    def run_batch(reader: object, *, as_of: datetime, settings: Settings, batch: str) -> dict[str, pl.DataFrame]:
        if batch == "origin-1":
            raise ValueError("no")
        return {"series": _RULES}

    def run(reader: object, *, parts: dict[str, pl.DataFrame], **_: object) -> dict[str, pl.DataFrame]:
        given.update(parts)
        return {"product_forecast": _RULES}

    monkeypatch.setattr(forecasting, "run_batch", run_batch)
    monkeypatch.setattr(forecasting, "run", run)
    warehouse = Warehouse(settings, open_store(settings))
    first = tiny.published(warehouse, tmp_path / "files").snapshot_id
    file = tiny.file(tmp_path / "again.duckdb", 9)
    again = warehouse.seal(file, channel="core", as_of=tiny.DAY_ONE, run_id="again", digest="0123456789ab", base=None)
    second = warehouse.publish(warehouse.mark_audited(again)).snapshot_id
    names = model_runs.model_batches("forecasting")

    assert [_part(settings, name, first) for name in names] == names
    assert _part(settings, "coming", second) == "coming"
    run_model(settings, "forecasting", snapshot_id=first, run_id="run")
    assert given.keys() == set(names) - {"origin-1", "coming"}
    assert "The part origin-1 of forecasting failed" in caplog.text
    given.clear()
    run_model(settings, "forecasting", snapshot_id=second, run_id="run")
    assert given.keys() == {"coming"}


def test_an_unknown_part_is_named(settings: Settings) -> None:
    assert model_runs.model_batches("baskets") == []
    with pytest.raises(ConfigError, match="'forecasting' has no part 'origin-99'"):
        _part(settings, "origin-99", "s")


def _forecast(start: date) -> Mapping[str, pl.DataFrame]:
    days = [start + timedelta(days=number) for number in range(28)]
    empty = {name: pl.DataFrame(schema=dict(schema)) for name, (schema, _) in TABLES.items()}
    products = pl.DataFrame({"product_id": "A", "forecast_date": days, "horizon_days": range(1, 29)})
    weeks = pl.DataFrame({"series_id": "all", "period_kind": "week", "period_start": days[::7], "demand_units": 7.0})
    totals = pl.DataFrame({"metric": "demand_units", "forecast_date": days, "value": 1.0})
    filled = {"product_forecast": products, "demand_forecast": weeks, "total_forecast": totals}
    return {
        name: pl.concat([frame, filled[name]], how="diagonal_relaxed").cast(frame.schema) if name in filled else frame
        for name, frame in empty.items()
    }


def test_a_forecast_that_stands_in_begins_on_the_day_it_stands_in_for(settings: Settings) -> None:
    """The purchase list is of that day, and refuses a forecast that begins on another."""
    tables = _forecast(date(2011, 12, 2))

    now = forecasting.carried_forward(tables, as_of=tiny.DAY_ONE + timedelta(days=3), settings=settings)

    assert now["product_forecast"]["forecast_date"][0] == date(2011, 12, 5)
    assert now["product_forecast"]["horizon_days"].to_list() == list(range(1, 26))
    assert now["total_forecast"].height == 25
    assert now["demand_forecast"]["period_start"].to_list() == [date(2011, 12, day) for day in (9, 16, 23)]
    assert {name: frame.schema for name, frame in now.items()} == {name: frame.schema for name, frame in tables.items()}
