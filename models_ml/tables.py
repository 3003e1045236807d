"""What the models share: reading warehouse frames, and holding results to their declared schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib import resources
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

import polars as pl
import yaml
from pydantic import BaseModel, ValidationError

from lakehouse.errors import ConfigError, ContractError

Schema = Mapping[str, Any]
AssumptionsT = TypeVar("AssumptionsT", bound=BaseModel)

MONEY = pl.Decimal(18, 4)


class FrameReader(Protocol):
    """The part of the warehouse reader that models use."""

    def frame(self, sql: str, params: Sequence[object] | None = None) -> pl.DataFrame:
        """The rows of a query as a polars frame."""
        ...


def local_date(as_of: datetime, time_zone: str) -> date:
    """The shop's calendar date at a moment of knowledge.

    Args:
        as_of: A moment with its time zone; models know everything before it.
        time_zone: IANA name of the shop's zone.

    Raises:
        ContractError: If the moment has no time zone.
    """
    if as_of.tzinfo is None:
        raise ContractError("as_of has no time zone.", remedy="Pass an aware datetime, in UTC for instance.")
    return as_of.astimezone(ZoneInfo(time_zone)).date()


def conform(frame: pl.DataFrame, schema: Schema, *, table: str, keys: Sequence[str]) -> pl.DataFrame:
    """The frame in its declared column order and sorted by its key, or an error that says what differs.

    Args:
        frame: A result.
        schema: Column names and polars types, in order.
        table: Name for the message.
        keys: The primary key: no nulls, no repetitions.

    Raises:
        ContractError: If a column is missing, unknown or of another type, or the key is not a key.
    """
    missing = [name for name in schema if name not in frame.columns]
    unknown = [name for name in frame.columns if name not in schema]
    if missing or unknown:
        raise ContractError(
            f"Result table {table} has missing columns {missing} and unknown columns {unknown}.",
            remedy="Make the model and its declared schema agree.",
        )
    wrong = {name: str(frame.schema[name]) for name, expected in schema.items() if frame.schema[name] != expected}
    if wrong:
        raise ContractError(f"Result table {table} has columns of an undeclared type: {wrong}.")
    require_key(frame, table=table, keys=keys)
    return frame.select(list(schema)).sort(list(keys))


def require_key(frame: pl.DataFrame, *, table: str, keys: Sequence[str]) -> None:
    """Checks that the key columns hold no nulls and identify a row.

    Raises:
        ContractError: If they don't, naming the table and the number of rows concerned.
    """
    nulls = frame.filter(pl.any_horizontal(pl.col(list(keys)).is_null())).height
    repeated = frame.height - frame.unique(subset=list(keys)).height
    if nulls or repeated:
        raise ContractError(
            f"Table {table}: key {list(keys)} is null in {nulls} rows and repeated in {repeated}.",
            remedy="Look at the mart that the rows come from; its key test should have failed.",
        )


def require_columns(frame: pl.DataFrame, columns: Sequence[str], *, table: str) -> None:
    """Checks that an input has the columns a model reads, none of them null.

    Raises:
        ContractError: If a column is missing or holds nulls.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise ContractError(f"Input {table} lacks the columns {missing}.")
    holes = [name for name in columns if frame[name].null_count()]
    if holes:
        raise ContractError(f"Input {table} has nulls in {holes}.")


def load_assumptions(kind: type[AssumptionsT], package: str) -> AssumptionsT:
    """A package's `assumptions.yml` as its typed model.

    Raises:
        ConfigError: If the file does not fit the model; the message names the entry.
    """
    text = resources.files(package).joinpath("assumptions.yml").read_text(encoding="utf-8")
    try:
        return kind.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        entry = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{package}/assumptions.yml: {entry}: {first['msg']}.", remedy="Correct the entry in the file."
        ) from error
