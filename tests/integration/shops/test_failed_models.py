"""Models that fail do not keep the day's sales from anybody: what they last made stands in, and an alert says so."""

from __future__ import annotations

import importlib
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ecomops import model_runs, pipeline
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import CORE, Reader, Warehouse, open_reader

FAILING = ("forecasting", "value", "recommendations", "anomalies")


def _fail(*_: object, **__: object) -> None:
    raise RuntimeError("the solver found no answer")


def _close(settings: Settings, as_of: datetime, run_id: str) -> None:
    """A day's close, without the audit of the core, which has tests of its own."""
    warehouse = Warehouse(settings, open_store(settings))
    candidate = warehouse.candidate(pipeline.build(settings, as_of=as_of, run_id=run_id))
    core = warehouse.publish(warehouse.mark_audited(candidate)).snapshot_id
    warehouse.store.put(pipeline._checks_key(run_id, CORE), b"[]")
    for model in model_runs.MODELS:
        model_runs.run_model(settings, model, snapshot_id=core, run_id=run_id)
    pipeline.publish(
        settings, pipeline.audit(settings, pipeline.report_tables(settings, snapshot_id=core, run_id=run_id))
    )


def _told(reader: Reader) -> tuple[set[str], dict[str, float]]:
    standing_in = {name for (name,) in reader.rows("select distinct model from rpt_model_run where is_stand_in")}
    alerts = dict(reader.rows("select subject_id, metric_value from rpt_alert where rule_id = 'model_failed'"))
    return standing_in, alerts


@pytest.fixture(scope="module")
def later(made: Settings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, datetime]:
    """A copy of the warehouse on the day after, on which some models failed; and when it was published."""
    var = tmp_path_factory.mktemp("failed") / "var"
    for part in ("lake", "warehouse"):
        shutil.copytree(made.var / part, var / part)
    settings = made.model_copy(update={"var_dir": Path(var)})
    published = Warehouse(settings, open_store(settings)).published()
    assert published is not None
    with pytest.MonkeyPatch.context() as patch:
        for model in FAILING:
            patch.setattr(importlib.import_module(f"models_ml.{model}"), "run", _fail)
        _close(settings, published.as_of + timedelta(days=1), "failed")
    return settings, published.as_of


def test_the_day_is_published_and_says_which_models_failed(later: tuple[Settings, datetime], reader: Reader) -> None:
    settings, before = later
    with open_reader(settings) as now:
        assert now.snapshot.as_of == before + timedelta(days=1)
        assert _told(now) == (set(FAILING), dict.fromkeys(FAILING, 1.0))
        said = now.rows("select distinct results_as_of, failure from rpt_model_run where is_stand_in")
        values = now.rows("select count(*), sum(value_shop) from rpt_customer_value")
    assert said == [(before.replace(tzinfo=None), "RuntimeError: the solver found no answer")]
    assert values == reader.rows("select count(*), sum(value_shop) from rpt_customer_value")


def test_purchasing_goes_by_the_forecast_of_the_day_before_less_the_day_that_has_gone(
    later: tuple[Settings, datetime], reader: Reader
) -> None:
    settings, before = later
    of_days = "select min(forecast_date), max(forecast_date) from rpt_sales_forecast"
    ((first, last),) = reader.rows(of_days)
    with open_reader(settings) as now:
        assert now.rows(of_days) == [(first + timedelta(days=1), last)]
        assert now.rows("select count(*) > 0 from rpt_purchase_list where order_units > 0") == [(True,)]
        made_by = now.rows("select distinct results_as_of from rpt_model_run where model = 'inventory' and is_this_run")
    assert made_by == [((before + timedelta(days=1)).replace(tzinfo=None),)]
