"""Forecasts two years of made-up daily demand, beside Prophet on some of the series; prints what was measured.

Run: ``python benchmarks/made_demand.py <series> <of them by Prophet>``. The series are drawn from negative binomial
counts (demand comes in bursts) around a level with a trend, a yearly course, weekdays, promotions, a late start for a
tenth of them and days out of stock; a third sell seldom. The last 28 days are held back from both.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

START = date(2023, 1, 2)
DAYS = 730
AHEAD = 28
Floats = NDArray[np.float64]


def made_up(count: int, seed: int = 7) -> tuple[Floats, NDArray[np.bool_]]:
    """Demand, series × days with the days held back, and the days on which a series was out of stock."""
    random = np.random.default_rng(seed)
    days = np.arange(DAYS + AHEAD)
    level = random.lognormal(1.0, 1.3, count)
    level[: count // 3] = random.uniform(0.03, 0.4, count // 3)
    trend = 1 + random.normal(0, 0.3, count)[:, None] * (days / DAYS)[None, :]
    phase = random.normal(0, 0.6, count)[:, None]
    year = 1 + random.uniform(0, 0.5, count)[:, None] * np.sin(2 * np.pi * (days / 365.25)[None, :] + phase - 1.9)
    shape = np.array([1.1, 1.0, 0.95, 1.0, 1.15, 1.0, 0.8])
    week = shape[days % 7][None, :] * random.normal(1, 0.05, (count, 7))[:, days % 7]
    promoted = np.repeat(random.random((count, len(days) // 7 + 1)) < 0.04, 7, axis=1)[:, : len(days)]
    walk = np.exp(np.cumsum(random.normal(0, 0.012, (count, len(days))), axis=1))
    mean = level[:, None] * np.maximum(trend, 0.1) * year * week * walk * np.where(promoted, 1.8, 1.0)
    size = random.uniform(0.6, 4.0, count)[:, None]
    demand = random.negative_binomial(size, size / (size + mean)).astype(np.float64)
    started = np.where(random.random(count) < 0.1, random.integers(100, 600, count), 0)
    demand[days[None, :] < started[:, None]] = 0
    out = np.repeat(random.random((count, len(days) // 5 + 1)) < 0.01, 5, axis=1)[:, : len(days)]
    out[:, DAYS:] = False
    demand[out] = 0
    return demand, out


def main(count: int, by_prophet: int) -> dict[str, float]:
    """Seconds, WAPE of single days and peak memory, ours over all series and both over those that Prophet forecast."""
    from models_ml.forecasting.config import default_assumptions
    from models_ml.forecasting.panel import DemandPanel
    from models_ml.forecasting.products import forecast_products

    demand, out = made_up(count)
    names = [f"S{number:05d}" for number in range(count)]
    dates = [START + timedelta(days=day) for day in range(DAYS)]
    frame = pl.DataFrame(
        {
            "product_id": np.repeat(names, DAYS),
            "sales_date": dates * count,
            "demand_units": demand[:, :DAYS].ravel(),
            "out_of_stock": out[:, :DAYS].ravel().astype(np.float64),
        }
    ).filter((pl.col("demand_units") > 0) | (pl.col("out_of_stock") > 0))
    rules = default_assumptions().model_copy(update={"holiday_subdivision": None})
    start = START + timedelta(days=DAYS)
    clock, processor = time.perf_counter(), _processor()
    panel = DemandPanel.build(frame, until=start, rules=rules)
    if panel is None:
        raise SystemExit("No demand was made up.")
    tables = forecast_products(panel, start, rules)
    seconds, processor = time.perf_counter() - clock, _processor() - processor
    said = dict.fromkeys(names, np.zeros(AHEAD))
    paths = tables["product_forecast"].sort("product_id", "forecast_date")
    for (product,), rows in paths.group_by("product_id", maintain_order=True):
        said[str(product)] = rows["demand_units"].to_numpy()
    ours = np.array([said[name] for name in names])
    actual = demand[:, DAYS:]
    quantiles = paths.select("product_id", "horizon_days", "demand_units_p10", "demand_units_p90")
    came = pl.DataFrame(
        {
            "product_id": np.repeat(names, AHEAD),
            "horizon_days": np.tile(np.arange(1, AHEAD + 1, dtype=np.int32), count),
            "actual": actual.ravel(),
        }
    )
    inside = quantiles.join(came, on=["product_id", "horizon_days"]).select(
        pl.col("actual").is_between("demand_units_p10", "demand_units_p90").mean()
    )
    # Every n-th, so that those that sell seldom and those that sell often are among them as in the whole.
    sample = np.linspace(0, count - 1, by_prophet).astype(int)
    prophet_seconds, theirs = _by_prophet(demand[sample, :DAYS], dates)
    naive = np.tile(demand[:, DAYS - 7 : DAYS], 4)
    return {
        "series": count,
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "processor_seconds_a_series": processor / count,
        "prophet_processor_seconds_a_series": prophet_seconds / by_prophet,
        "times_faster": round(prophet_seconds / by_prophet / (processor / count), 1),
        "wape": _wape(ours, actual),
        "naive_wape": _wape(naive, actual),
        "wape_of_sample": _wape(ours[sample], actual[sample]),
        "prophet_wape_of_sample": _wape(theirs, actual[sample]),
        "wape_28_of_sample": _wape(_sums(ours[sample]), _sums(actual[sample])),
        "prophet_wape_28_of_sample": _wape(_sums(theirs), _sums(actual[sample])),
        "inside_80_pct": round(100 * float(inside.item()), 1),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _by_prophet(demand: Floats, dates: list[date]) -> tuple[float, Floats]:
    import logging

    import pandas as pd

    logging.getLogger("cmdstanpy").disabled = True
    from prophet import Prophet

    def one(values: Floats) -> Floats:
        first = int((values > 0).argmax())
        model = Prophet(
            weekly_seasonality=True, yearly_seasonality=True, daily_seasonality=False, uncertainty_samples=0
        )
        model.fit(pd.DataFrame({"ds": pd.to_datetime(dates[first:]), "y": values[first:]}), seed=0)
        coming = [dates[-1] + timedelta(days=day) for day in range(1, AHEAD + 1)]
        said = model.predict(pd.DataFrame({"ds": pd.to_datetime(coming)}))["yhat"].to_numpy()
        return np.asarray(np.maximum(said, 0), dtype=np.float64)

    one(demand[0])  # the import and the first compilation are not counted
    clock = _processor()
    paths = np.array([one(values) for values in demand])
    return _processor() - clock, paths


def _processor() -> float:
    """Processor seconds of this process and its children, as Prophet's fits are: a busy machine changes them little."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _sums(values: Floats) -> Floats:
    return np.asarray(values.sum(axis=1), dtype=np.float64)


def _wape(said: Floats, actual: Floats) -> float:
    return round(float(np.abs(said - actual).sum() / actual.sum()), 4)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))) + "\n")
