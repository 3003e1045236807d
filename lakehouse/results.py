"""Model results on their way to the warehouse: tables in object storage, their record last.

models/<model>/as_of=<stamp>/run=<run id>/<table>.parquet, _result.json
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from datetime import datetime

import polars as pl
from pydantic import BaseModel, ConfigDict

from lakehouse.errors import ConfigError, ObjectNotFoundError
from lakehouse.landing import StoredObject
from lakehouse.objectstore import ObjectStore

_STAMP = "%Y%m%dT%H%M%SZ"
_RESULT_KEY = re.compile(r"/as_of=(?P<stamp>[^/]+)/run=[^/]+/_result\.json$")


class StandIn(BaseModel):
    """Why a result is not what the model made of its snapshot, and of when it is instead.

    Attributes:
        results_as_of: The knowledge time of the last good run, whose tables stand in.
        is_empty: That run is too long ago: the tables are its own, without rows.
        failure: The first line of what the model said.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    results_as_of: datetime
    is_empty: bool
    failure: str


class Result(BaseModel):
    """The tables that one run of a model made, or that stand in for them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    as_of: datetime
    run_id: str
    snapshot_id: str
    tables: dict[str, StoredObject]
    stands_in: StandIn | None = None


def check_run_id(run_id: str) -> str:
    """The run id, made safe for keys and SQL.

    Raises:
        ConfigError: If nothing usable is left of it.
    """
    safe = re.sub(r"[^A-Za-z0-9_.-]+", "-", run_id).strip("-.")[:120]
    if not safe:
        raise ConfigError(f"{run_id!r} is not a usable run id.", remedy="Use letters, digits, _ . and -.")
    return safe


def write_result(
    store: ObjectStore,
    model: str,
    *,
    as_of: datetime,
    run_id: str,
    snapshot_id: str,
    tables: Mapping[str, pl.DataFrame],
    stands_in: StandIn | None = None,
) -> Result:
    """Stores a model's tables, or what stands in for them; a rerun of the same run replaces them."""
    folder = _folder(model, as_of, run_id)
    stored = {}
    for name, frame in sorted(tables.items()):
        buffer = io.BytesIO()
        frame.write_parquet(buffer, compression="zstd")
        data = buffer.getvalue()
        key = f"{folder}/{name}.parquet"
        store.put(key, data)
        stored[name] = StoredObject(key=key, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    result = Result(
        model=model, as_of=as_of, run_id=run_id, snapshot_id=snapshot_id, tables=stored, stands_in=stands_in
    )
    store.put(f"{folder}/_result.json", result.model_dump_json(indent=1).encode())
    return result


def find_result(store: ObjectStore, model: str, *, as_of: datetime, run_id: str) -> Result:
    """What a run of a model made.

    Raises:
        ObjectNotFoundError: If that run of the model did not end well.
    """
    try:
        return Result.model_validate_json(store.get(f"{_folder(model, as_of, run_id)}/_result.json"))
    except ObjectNotFoundError as error:
        raise ObjectNotFoundError(
            f"The run {run_id} has no result of the model {model}.", remedy=f"Run {model} again, then this step."
        ) from error


def last_result(store: ObjectStore, model: str, *, before: datetime) -> Result | None:
    """What the newest good run of a model for an earlier moment made; None where there is none.

    Of several runs for that moment the last by name. What stands in for a failed run is not looked at, and neither are
    runs for the same or a later moment, so a day closed again, or late, has the same past as the first time.
    """
    stamp = f"{before:{_STAMP}}"
    found = [
        (match["stamp"], info.key)
        for info in store.list(f"models/{model}/")
        if (match := _RESULT_KEY.search(info.key)) and match["stamp"] < stamp
    ]
    newest_first = (Result.model_validate_json(store.get(key)) for _, key in sorted(found, reverse=True))
    return next((result for result in newest_first if result.stands_in is None), None)


def read_tables(store: ObjectStore, result: Result) -> dict[str, pl.DataFrame]:
    """The tables of a result, checked against their hashes."""
    return {
        name: pl.read_parquet(store.fetch(stored.key, sha256=stored.sha256)) for name, stored in result.tables.items()
    }


def _folder(model: str, as_of: datetime, run_id: str) -> str:
    return f"models/{model}/as_of={as_of:{_STAMP}}/run={check_run_id(run_id)}"
