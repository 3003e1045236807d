"""The forecast's work in parts that need nothing of one another, so that several workers can share it.

A part is everything that is forecast from one origin, by all candidates: those of the backtest, and the coming days;
and the shop's totals. What is chosen by them, and how wide the bands are, is decided when all have come. A part that
did not come is done then and there, so the result is the same with all of them, some or none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl

from models_ml.forecasting.candidates import Forecasts
from models_ml.forecasting.config import ForecastAssumptions

COMING = "coming"
TOTALS = "totals"
Tables = Mapping[str, pl.DataFrame]
_ORIGIN = re.compile(r"origin-(\d+)")


def batch_names(rules: ForecastAssumptions) -> list[str]:
    """All parts of a run: those of the backtest (the newest origin is 0), the coming days and the totals."""
    return [*(origin_name(number) for number in range(rules.fold_count)), COMING, TOTALS]


def origin_name(number: int) -> str:
    """The name of the part with a backtest's origin."""
    return f"origin-{number}"


def origin_number(name: str) -> int | None:
    """Which origin of the backtest a part is of; None for another part."""
    match = _ORIGIN.fullmatch(name)
    return int(match[1]) if match else None


def to_tables(forecasts: Forecasts) -> dict[str, pl.DataFrame]:
    """Forecasts as tables, to the last bit: `series`, `days`, and `units` with a column a model, product by product."""
    series = {
        "product_id": pl.Series(forecasts.product_ids, dtype=pl.String),
        "series_class": pl.Series(forecasts.classes.tolist(), dtype=pl.String),
        "scale": pl.Series(forecasts.scale, dtype=pl.Float64),
    }
    days = {
        "forecast_date": pl.Series(forecasts.dates, dtype=pl.Date),
        "weight": pl.Series(forecasts.weights, dtype=pl.Float64),
    }
    units = {model: pl.Series(values.ravel(), dtype=pl.Float64) for model, values in forecasts.by_model.items()}
    return {"series": pl.DataFrame(series), "days": pl.DataFrame(days), "units": pl.DataFrame(units)}


def from_tables(tables: Tables) -> Forecasts:
    """The forecasts that `to_tables` made tables of."""
    series, days, units = tables["series"], tables["days"], tables["units"]
    shape = series.height, days.height
    return Forecasts(
        product_ids=tuple(series["product_id"]),
        dates=tuple(days["forecast_date"]),
        by_model={model: units[model].to_numpy().reshape(shape) for model in units.columns},
        classes=np.array(series["series_class"].to_list(), dtype=np.str_),
        scale=series["scale"].to_numpy(),
        weights=days["weight"].to_numpy(),
    )


class Done:
    """The parts of a run that are done already.

    Args:
        parts: Tables of each part by its name; none by default.
    """

    def __init__(self, parts: Mapping[str, Tables] | None = None) -> None:
        self._parts = dict(parts or {})

    def forecasts(self, name: str, product_ids: tuple[str, ...], first: date) -> Forecasts | None:
        """What was forecast in a part; None where it is not done, or of other products or days."""
        tables = self._parts.get(name)
        if not tables:
            return None
        found = from_tables(tables)
        fits = found.product_ids == product_ids and found.dates[:1] == (first,)
        return found if fits else None

    def totals(self) -> Tables | None:
        """The totals' tables, if they are done."""
        return self._parts.get(TOTALS)
