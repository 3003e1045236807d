"""Running a model on a snapshot, and what stands in for it when it fails: a day's sales are told all the same."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from lakehouse.errors import ConfigError
from lakehouse.objectstore import ObjectStore, open_store
from lakehouse.results import Result, StandIn, check_run_id, find_result, last_result, read_tables, write_result
from lakehouse.warehouse import Reader, open_reader
from models_ml.tables import Schema

if TYPE_CHECKING:
    from lakehouse.settings import Settings

log = logging.getLogger(__name__)

# In the order in which they run. Inventory takes the forecast of the same run.
MODELS = ("forecasting", "baskets", "value", "segments", "recommendations", "matching", "anomalies", "inventory")
# Longer than a long week-end on which nobody mends it. What is older is no plan any more: buying by a forecast of the
# week before last is worse than seeing that there is none.
STANDS_IN_FOR = timedelta(days=7)
_FAILURE_CHARACTERS = 300
_RESULTS_SCHEMA: Schema = {
    "model": pl.String,
    "is_stand_in": pl.Boolean,
    "is_empty": pl.Boolean,
    "results_as_of": pl.Datetime("us"),
    "failure": pl.String,
}


def run_model(settings: Settings, model: str, *, snapshot_id: str, run_id: str) -> str:
    """Runs one model on a core snapshot and stores its tables.

    Where the model fails, the tables of its last good run stand in, marked, if they are of the last seven days; after
    that the same tables without rows. A model that never ran well fails.

    Returns:
        The model's name.

    Raises:
        ConfigError: If there is no such model.
        Exception: What the model raised, if it never ran well before.
    """
    if model not in MODELS:
        raise ConfigError(f"There is no model {model!r}.", remedy=f"Choose one of {', '.join(MODELS)}.")
    store = open_store(settings)
    check_run_id(run_id)
    with open_reader(settings, snapshot_id=snapshot_id) as reader:
        as_of = reader.snapshot.as_of
        stands_in = None
        try:
            tables = _run(model, reader, as_of, run_id, settings, store)
        except Exception as error:
            last = last_result(store, model, before=as_of)
            if last is None:
                raise
            stands_in = _stand_in(last, as_of, error)
            log.exception(
                "%s failed; %s", model, "its last tables, without rows," if stands_in.is_empty else "its last tables"
            )
            tables = _carried_forward(last, stands_in, as_of, settings, store)
    write_result(
        store, model, as_of=as_of, run_id=run_id, snapshot_id=snapshot_id, tables=tables, stands_in=stands_in
    )  # fmt: skip
    return model


def model_tables(store: ObjectStore, *, as_of: datetime, run_id: str) -> dict[str, pl.DataFrame]:
    """All tables that the models of a run made, and `model_result`, which tells of each model what they are of.

    Raises:
        ObjectNotFoundError: If a model did not run.
    """
    tables: dict[str, pl.DataFrame] = {}
    rows = []
    for model in MODELS:
        result = find_result(store, model, as_of=as_of, run_id=check_run_id(run_id))
        tables |= read_tables(store, result)
        rows.append(_result_row(result))
    return tables | {"model_result": pl.DataFrame(rows, schema=_RESULTS_SCHEMA, orient="row")}


def _run(
    model: str, reader: Reader, as_of: datetime, run_id: str, settings: Settings, store: ObjectStore
) -> Mapping[str, pl.DataFrame]:
    module = importlib.import_module(f"models_ml.{model}")
    extra = {}
    if model == "inventory":
        forecast = find_result(store, "forecasting", as_of=as_of, run_id=check_run_id(run_id))
        extra = {"forecasts": read_tables(store, forecast)}
    elif model == "forecasting":
        earlier = last_result(store, model, before=as_of)
        extra = {"previous": read_tables(store, earlier) if earlier else {}}
    tables: Mapping[str, pl.DataFrame] = module.run(reader, as_of=as_of, settings=settings, **extra)
    return tables


def _stand_in(last: Result, as_of: datetime, error: Exception) -> StandIn:
    words = f"{type(error).__name__}: {error}".splitlines()[0]
    return StandIn(
        results_as_of=last.as_of,
        is_empty=as_of - last.as_of > STANDS_IN_FOR,
        failure=words[:_FAILURE_CHARACTERS],
    )


def _carried_forward(
    last: Result, stands_in: StandIn, as_of: datetime, settings: Settings, store: ObjectStore
) -> dict[str, pl.DataFrame]:
    tables = read_tables(store, last)
    if stands_in.is_empty:
        return {name: frame.clear() for name, frame in tables.items()}
    module = importlib.import_module(f"models_ml.{last.model}")
    if hasattr(module, "carried_forward"):
        return dict(module.carried_forward(tables, as_of=as_of, settings=settings))
    return tables


def _result_row(result: Result) -> tuple[str, bool, bool, datetime, str | None]:
    stands_in = result.stands_in
    if stands_in is None:
        return result.model, False, False, result.as_of.replace(tzinfo=None), None
    of = stands_in.results_as_of.replace(tzinfo=None)
    return result.model, True, stands_in.is_empty, of, stands_in.failure
