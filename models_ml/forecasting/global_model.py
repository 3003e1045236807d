"""One LightGBM for all products: the level of the coming four weeks, learnt from all of them together."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models_ml.forecasting.blocks import Blocks
from models_ml.forecasting.config import ForecastAssumptions

Floats = NDArray[np.float64]
GLOBAL = "lightgbm"
_AHEAD = 4  # blocks whose mean is the target: the horizon of 28 days
_LEAST_BLOCKS = 4  # of history before a block that is learnt from
_LAST = 52  # blocks of history that rows to learn from are taken of
_FEATURES = ("price_index", "discount", "discount_4", "out_share", "age", "log_scale")


def global_levels(blocks: Blocks, rules: ForecastAssumptions) -> Floats | None:
    """The level of each product over the coming four weeks; None where the past is too short to learn from.

    mlforecast makes the features (lags, rolling means, deviations and maxima, exponential means, the same weeks of
    last year) and LightGBM the model: each product is divided by its own mean and weighs as much as it sells; the
    objective is the absolute error, which is what WAPE counts. Demand is already free of weekdays, holidays and
    closures; prices, discounts and days out of stock enter as they were in the last known block, so nothing of the
    future is needed. One seed, one histogram layout and a fixed number of threads: the same rows, the same model.
    """
    count, width = blocks.level.shape
    if count == 0 or width < _LEAST_BLOCKS + 2 * _AHEAD:
        return None
    scale = np.array([row[first:].mean() for row, first in zip(blocks.level, blocks.first, strict=True)])
    scale = np.maximum(scale, 1e-3)
    frame = _frame(blocks, scale)
    forecaster = _forecaster(rules)
    rows = forecaster.preprocess(frame.drop("target", "weight"), static_features=[], dropna=False)
    rows = rows.join(frame.select("unique_id", "ds", "target", "weight"), on=["unique_id", "ds"], how="left")
    known = rows.filter(
        pl.col("target").is_not_null() & (pl.col("age") >= _LEAST_BLOCKS) & (pl.col("ds") >= width - _LAST)
    ).sort("unique_id", "ds")
    if known.height < rules.global_min_rows:
        return None
    if known.height > rules.global_max_rows:
        known = known.sample(rules.global_max_rows, seed=0).sort("unique_id", "ds")
    names = [name for name in rows.columns if name not in ("unique_id", "ds", "y", "target", "weight")]
    # `fit_models` hands no weights on: the model that mlforecast predicts with is fitted here and put in its place.
    model = forecaster.models[GLOBAL]
    model.fit(known.select(names).to_numpy(), known["target"].to_numpy(), sample_weight=known["weight"].to_numpy())
    forecaster.models_ = {GLOBAL: model}
    ahead = _exogenous(blocks, scale, [width]).with_columns(ds=pl.lit(width, dtype=pl.Int64))
    answer = forecaster.predict(1, X_df=ahead).sort("unique_id")
    return np.asarray(np.maximum(answer[GLOBAL].cast(pl.Float64).to_numpy(), 0) * scale, dtype=np.float64)


def _forecaster(rules: ForecastAssumptions):  # type: ignore[no-untyped-def] # noqa: ANN202 - mlforecast has no types
    import lightgbm
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import ExponentiallyWeightedMean, RollingMax, RollingMean, RollingStd

    model = lightgbm.LGBMRegressor(
        objective="l1",
        n_estimators=rules.global_rounds,
        learning_rate=0.08,
        num_leaves=31,
        min_child_samples=100,
        colsample_bytree=0.7,
        subsample=0.7,
        subsample_freq=1,
        random_state=0,
        deterministic=True,
        force_row_wise=True,
        n_jobs=rules.thread_count,
        verbose=-1,
    )
    return MLForecast(
        models={GLOBAL: model},
        freq=1,
        lags=[1, 2, 3, 4],
        lag_transforms={
            1: [
                RollingMean(4, min_samples=1),
                RollingMean(8, min_samples=1),
                RollingMean(13, min_samples=1),
                RollingMean(26, min_samples=1),
                RollingStd(8, min_samples=2),
                RollingMax(13, min_samples=1),
                ExponentiallyWeightedMean(0.3),
            ],
            49: [RollingMean(4, min_samples=4)],
        },
        num_threads=1,
    )


def _frame(blocks: Blocks, scale: Floats) -> pl.DataFrame:
    count, width = blocks.level.shape
    relative = blocks.level / scale[:, None]
    target = np.full((count, width), np.nan)
    sums = np.cumsum(np.pad(relative, ((0, 0), (1, 0))), axis=1)
    target[:, : width - _AHEAD + 1] = (sums[:, _AHEAD:] - sums[:, :-_AHEAD]) / _AHEAD
    frame = _exogenous(blocks, scale, range(width)).with_columns(
        y=pl.Series(relative.ravel()),
        target=pl.Series(target.ravel()).fill_nan(None),
        weight=pl.Series(np.repeat(scale, width)),
    )
    return frame.filter(pl.col("age") >= 0)


def _exogenous(blocks: Blocks, scale: Floats, columns: range | list[int]) -> pl.DataFrame:
    """What is known of price, discount and stock when a block begins: that of the block before it."""
    count = len(scale)
    wanted = np.array(list(columns))
    before = np.maximum(wanted - 1, 0)
    usual = _running_mean(blocks.net_price, 13)
    index = np.clip(blocks.net_price / usual, 0.2, 5.0)
    return pl.DataFrame(
        {
            "unique_id": np.repeat(np.arange(count), len(wanted)),
            "ds": np.tile(wanted, count),
            "price_index": np.nan_to_num(index[:, before], nan=1.0).ravel(),
            "discount": blocks.discount[:, before].ravel(),
            "discount_4": _running_mean(blocks.discount, 4)[:, before].ravel(),
            "out_share": blocks.out_share[:, before].ravel(),
            "age": (wanted[None, :] - blocks.first[:, None]).ravel(),
            "log_scale": np.repeat(np.log(scale), len(wanted)),
        }
    ).select("unique_id", "ds", *_FEATURES)


def _running_mean(values: Floats, window: int) -> Floats:
    """Mean of the last `window` columns up to each, gaps left out."""
    filled, present = np.nan_to_num(values), (~np.isnan(values)).astype(np.float64)

    def sums(matrix: Floats) -> Floats:
        total = np.cumsum(matrix, axis=1)
        late = np.pad(total, ((0, 0), (window, 0)))[:, : matrix.shape[1]]
        return np.asarray(total - late, dtype=np.float64)

    counted = sums(present)
    return np.asarray(np.where(counted > 0.5, sums(filled) / np.maximum(counted, 1), np.nan), dtype=np.float64)
