"""Running a model on a snapshot, and what stands in for it when it fails: a day's sales are told all the same."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING

import polars as pl

from lakehouse.errors import ConfigError, ObjectNotFoundError
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


def model_batches(model: str) -> list[str]:
    """The parts of a model's work that workers may share: they run side by side before the model; none of most models.

    Raises:
        ConfigError: If there is no such model.
    """
    module = _module(model)
    return module.batch_names(module.default_assumptions()) if hasattr(module, "batch_names") else []


def run_batch(settings: Settings, model: str, batch: str, *, snapshot_id: str, run_id: str) -> str:
    """Does one part of a model's work and stores what it made for `run_model`; returns the part's name.

    A part that fails is logged and left to the model, which does itself what is not done.

    Raises:
        ConfigError: If there is no such model, or it has no such part.
    """
    if batch not in model_batches(model):
        raise ConfigError(f"The model {model!r} has no part {batch!r}.", remedy="Take one that model_batches names.")
    with open_reader(settings, snapshot_id=snapshot_id) as reader:
        as_of = reader.snapshot.as_of
        try:
            tables = _module(model).run_batch(reader, as_of=as_of, settings=settings, batch=batch)
        except Exception:
            log.exception("The part %s of %s failed; the model does it itself", batch, model)
            return batch
    write_result(
        open_store(settings),
        _part(model, batch),
        as_of=as_of,
        run_id=check_run_id(run_id),
        snapshot_id=snapshot_id,
        tables=tables,
    )
    return batch


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
    module = _module(model)
    store = open_store(settings)
    check_run_id(run_id)
    with open_reader(settings, snapshot_id=snapshot_id) as reader:
        as_of = reader.snapshot.as_of
        stands_in = None
        try:
            inputs = _inputs(model, reader, run_id, store)
            tables: Mapping[str, pl.DataFrame] = module.run(reader, as_of=as_of, settings=settings, **inputs)
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


def _module(model: str) -> ModuleType:
    if model not in MODELS:
        raise ConfigError(f"There is no model {model!r}.", remedy=f"Choose one of {', '.join(MODELS)}.")
    return importlib.import_module(f"models_ml.{model}")


def _inputs(model: str, reader: Reader, run_id: str, store: ObjectStore) -> dict[str, object]:
    """What a model takes besides the marts: inventory the forecast of this run, and that one its last and its parts."""
    as_of = reader.snapshot.as_of
    if model == "inventory":
        forecast = find_result(store, "forecasting", as_of=as_of, run_id=check_run_id(run_id))
        return {"forecasts": read_tables(store, forecast)}
    if model == "forecasting":
        earlier = last_result(store, model, before=as_of)
        parts = _parts(model, reader, run_id, store)
        return {"previous": read_tables(store, earlier) if earlier else {}, "parts": parts}
    return {}


def _parts(model: str, reader: Reader, run_id: str, store: ObjectStore) -> dict[str, dict[str, pl.DataFrame]]:
    """The parts that workers did of this run; not those of an earlier try on another snapshot."""
    snapshot, found = reader.snapshot, {}
    for batch in model_batches(model):
        try:
            result = find_result(store, _part(model, batch), as_of=snapshot.as_of, run_id=run_id)
        except ObjectNotFoundError:
            continue
        if result.snapshot_id == snapshot.snapshot_id:
            found[batch] = read_tables(store, result)
    return found


def _part(model: str, batch: str) -> str:
    return f"{model}.{batch}"


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
    module = _module(last.model)
    if hasattr(module, "carried_forward"):
        return dict(module.carried_forward(tables, as_of=as_of, settings=settings))
    return tables


def _result_row(result: Result) -> tuple[str, bool, bool, datetime, str | None]:
    stands_in = result.stands_in
    if stands_in is None:
        return result.model, False, False, result.as_of.replace(tzinfo=None), None
    of = stands_in.results_as_of.replace(tzinfo=None)
    return result.model, True, stands_in.is_empty, of, stands_in.failure
