"""Runs a model on the published warehouse: `python -m models_ml forecasting --as-of …`."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl

from lakehouse.errors import ConfigError, EcomopsError
from lakehouse.objectstore import ObjectStore, open_store
from lakehouse.results import find_result, last_result, read_tables, write_result
from lakehouse.settings import Settings, get_settings
from lakehouse.warehouse import Reader, open_reader
from models_ml import anomalies, baskets, forecasting, inventory, matching, recommendations, segments, value

MODELS = ("forecasting", "baskets", "value", "segments", "recommendations", "matching", "anomalies", "inventory")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one model and stores its tables; returns the exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    try:
        tables = run_model(
            options.model,
            as_of=_moment(options.as_of),
            run_id=options.run_id,
            channel=options.channel,
            settings=get_settings(),
        )
    except EcomopsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name, frame in tables.items():
        sys.stdout.write(f"{name}: {frame.height} rows\n")
    return 0


def run_model(model: str, *, as_of: datetime, run_id: str, channel: str, settings: Settings) -> dict[str, pl.DataFrame]:
    """Runs a model on a channel's snapshot and stores its tables under the run id.

    Inventory reads the forecast of the same moment and run from the store.

    Raises:
        ConfigError: If there is no such model.
        NothingPublishedError: If nothing is published in the channel.
        ObjectNotFoundError: If inventory finds no forecast of this moment and run.
    """
    store = open_store(settings)
    with open_reader(settings, channel=channel) as reader:
        if model == "inventory":
            forecast = find_result(store, "forecasting", as_of=as_of, run_id=run_id)
            tables = inventory.run(reader, as_of=as_of, settings=settings, forecasts=read_tables(store, forecast))
        else:
            tables = _independent(model, reader, as_of, settings, store)
        write_result(store, model, as_of=as_of, run_id=run_id, snapshot_id=reader.snapshot.snapshot_id, tables=tables)
    return tables


def _independent(
    model: str, reader: Reader, as_of: datetime, settings: Settings, store: ObjectStore
) -> dict[str, pl.DataFrame]:
    if model == "forecasting":
        earlier = last_result(store, model, before=as_of)
        previous = read_tables(store, earlier) if earlier else {}
        return forecasting.run(reader, as_of=as_of, settings=settings, previous=previous)
    if model == "baskets":
        return baskets.run(reader, as_of=as_of, settings=settings)
    if model == "value":
        return value.run(reader, as_of=as_of, settings=settings)
    if model == "segments":
        return segments.run(reader, as_of=as_of, settings=settings)
    if model == "recommendations":
        return recommendations.run(reader, as_of=as_of, settings=settings)
    if model == "matching":
        return matching.run(reader, as_of=as_of, settings=settings)
    if model == "anomalies":
        return anomalies.run(reader, as_of=as_of, settings=settings)
    raise ConfigError(f"There is no model {model!r}.", remedy=f"Use one of {', '.join(MODELS)}.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models_ml", description=__doc__)
    parser.add_argument("model", choices=MODELS)
    parser.add_argument("--as-of", required=True, help="moment of knowledge with its zone: 2011-12-10T00:00:00+00:00")
    parser.add_argument("--run-id", default="manual", help="run that the tables belong to")
    parser.add_argument("--channel", default="core", help="published channel to read")
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"{text!r} is not a moment.", remedy="Write it as 2011-12-10T00:00:00+00:00.") from error
    if moment.tzinfo is None:
        raise ConfigError(f"{text!r} has no time zone.", remedy="Add one, +00:00 for UTC.")
    return moment.astimezone(UTC)


if __name__ == "__main__":
    raise SystemExit(main())
