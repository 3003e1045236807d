"""Weeks of Online Retail's products, forecast from past dates: ours against the seasonal naive and AutoETS alone.

Run: ``python benchmarks/weekly_demand.py <folder of the data>``. Products that had sold more than 100 units by the
date. At each of three dates, 28 days apart, the champions are those that the backtest of earlier dates alone would have
chosen; four weeks ahead are then compared with what came.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
AS_OF = date(2011, 12, 10)
TESTED = 3
EARLIER = 3


def main(folder: Path) -> dict[str, float]:
    """WAPE over product-weeks, and over four weeks' sums, of the three."""
    from models_ml.forecasting.backtest import run_folds
    from models_ml.forecasting.champion import champion_path, champions
    from models_ml.forecasting.config import default_assumptions
    from models_ml.forecasting.panel import DemandPanel
    from tests.support.online_retail import daily_demand, sold_lines

    rules = default_assumptions().model_copy(update={"backtest_max_series": 10_000, "fold_count": TESTED + EARLIER})
    panel = DemandPanel.build(daily_demand(sold_lines(folder)), until=AS_OF, rules=rules)
    if panel is None:
        raise SystemExit("There is no demand.")
    folds = run_folds(panel, rules)
    row_of = {product: row for row, product in enumerate(panel.product_ids)}
    errors: dict[str, list[float]] = {}
    compared = 0
    for number, fold in enumerate(folds[:TESTED]):
        chosen, _ = champions(folds[number + 1 :], rules)
        origin = panel.units.shape[1] - (number + 1) * rules.horizon_days
        known = panel.units[[row_of[product] for product in fold.forecasts.product_ids], :origin]
        large = known.sum(axis=1) > 100
        actual = _weeks(fold.actual[large])
        past = _weeks(known[large][:, known.shape[1] % 7 :])
        said = {
            "ours": _weeks(champion_path(fold.forecasts, chosen)[large]),
            "blend": _weeks(fold.forecasts.by_model["blend"][large]),
            "seasonal_naive": _weeks(fold.forecasts.by_model["seasonal_naive"][large]),
            "last_week": np.repeat(past[:, -1:], 4, axis=1),
            "auto_ets": _auto_ets(past),
        }
        compared += int(large.sum())
        for name, weeks in said.items():
            sums = errors.setdefault(name, [0.0, 0.0, 0.0, 0.0])
            sums[0] += float(np.abs(weeks - actual).sum())
            sums[1] += float(actual.sum())
            sums[2] += float(np.abs(weeks.sum(axis=1) - actual.sum(axis=1)).sum())
            sums[3] += float((weeks - actual).sum())
    told = {f"{name}_wape": round(sums[0] / sums[1], 4) for name, sums in errors.items()}
    told |= {f"{name}_wape_28": round(sums[2] / sums[1], 4) for name, sums in errors.items()}
    told |= {f"{name}_bias_pct": round(100 * sums[3] / sums[1], 1) for name, sums in errors.items()}
    return told | {"series": compared}


def _weeks(daily: Floats) -> Floats:
    return np.asarray(daily.reshape(len(daily), -1, 7).sum(axis=2), dtype=np.float64)


def _auto_ets(past: Floats) -> Floats:
    from statsforecast import StatsForecast  # type: ignore[import-untyped]
    from statsforecast import models as sf

    series = [row[max(0, min(int((row > 0).argmax()), len(row) - 8)) :] for row in past]
    lengths = [len(row) for row in series]
    frame = pl.DataFrame(
        {
            "unique_id": np.repeat(np.arange(len(series)), lengths),
            "ds": np.concatenate([np.arange(length) - length for length in lengths]),
            "y": np.concatenate(series),
        }
    )
    answer = StatsForecast(models=[sf.AutoETS(season_length=1)], freq=1, n_jobs=1, fallback_model=sf.HistoricAverage())
    paths = answer.forecast(df=frame, h=4).sort("unique_id", "ds")["AutoETS"].cast(pl.Float64)
    return np.asarray(np.maximum(paths.to_numpy(), 0).reshape(len(series), 4), dtype=np.float64)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(Path(sys.argv[1]))) + "\n")
