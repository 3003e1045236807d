"""What the last run's forecast was worth, and what this run was made with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from importlib.metadata import version

import polars as pl

from lakehouse.settings import Settings
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.forecasting.products import Before
from models_ml.forecasting.schemas import FORECAST_DRIFT, FORECAST_RUN
from models_ml.tables import local_date

_LIBRARIES = ("lightgbm", "mlforecast", "numpy", "polars", "prophet", "statsforecast")
_ALL = "all"


def carried_forward(
    tables: Mapping[str, pl.DataFrame], *, as_of: datetime, settings: Settings
) -> dict[str, pl.DataFrame]:
    """An earlier run's forecast as one from a later moment on, for a run that failed: the days gone by are left out.

    Sums over horizons stay as they were: a few days later the next four weeks are expected to need the same.

    Args:
        tables: The earlier run's tables.
        as_of: The moment of the run that failed.
        settings: For the shop's time zone.
    """
    start = local_date(as_of, settings.shop_time_zone)
    products = tables["product_forecast"].filter(pl.col("forecast_date") >= start)
    days = (pl.col("forecast_date") - pl.lit(start)).dt.total_days().cast(pl.Int32) + 1
    return dict(tables) | {
        "product_forecast": products.with_columns(horizon_days=days),
        "total_forecast": tables["total_forecast"].filter(pl.col("forecast_date") >= start),
        "demand_forecast": tables["demand_forecast"].filter(pl.col("period_start") >= start),
    }


def drift(
    previous: Mapping[str, pl.DataFrame] | None, demand: pl.DataFrame, *, until: date, rules: ForecastAssumptions
) -> pl.DataFrame:
    """How far the last run's forecast was off in the days that have come since, by class.

    A class has drifted where its WAPE over single days is `drift_ratio` times that of its backtest, and at least
    `drift_min_days` days have come. Its champion then has to win again without the margin.

    Args:
        previous: The last run's tables; empty or None at the first.
        demand: `product_id, sales_date, demand_units` with the demand lost, where the frame has it.
        until: The as-of date; days before it have come.
        rules: The assumptions.
    """
    said = (previous or {}).get("product_forecast")
    backtest = (previous or {}).get("forecast_accuracy")
    known = demand.filter(pl.col("sales_date") < until, pl.col("demand_units") > 0)
    last = known["sales_date"].max()
    if said is None or backtest is None or not isinstance(last, date):
        return pl.DataFrame(schema=FORECAST_DRIFT)
    lost = pl.col("lost_units").cast(pl.Float64).fill_null(0) if "lost_units" in demand.columns else pl.lit(0.0)
    came = known.select("product_id", forecast_date="sales_date", actual=pl.col("demand_units").cast(pl.Float64) + lost)
    compared = (
        said.filter(pl.col("forecast_date") <= last)
        .join(came, on=["product_id", "forecast_date"], how="left")
        .with_columns(pl.col("actual").fill_null(0))
    )
    both = pl.concat([compared, compared.with_columns(series_class=pl.lit(_ALL))])
    expected = backtest.filter(
        (pl.col("level") == "product") & pl.col("is_champion") & (pl.col("horizon_days") == 1)
    ).select("series_class", expected_wape="wape")
    error = pl.col("demand_units") - pl.col("actual")
    return (
        both.group_by("series_class")
        .agg(
            day_count=pl.col("forecast_date").n_unique().cast(pl.Int32),
            series_count=pl.col("product_id").n_unique().cast(pl.Int32),
            wape=pl.when(pl.col("actual").sum() > 0).then(error.abs().sum() / pl.col("actual").sum()),
            bias_pct=pl.when(pl.col("actual").sum() > 0).then(100 * error.sum() / pl.col("actual").sum()),
        )
        .join(expected, on="series_class", how="left")
        .with_columns(ratio=pl.when(pl.col("expected_wape") > 0).then(pl.col("wape") / pl.col("expected_wape")))
        .with_columns(
            is_drifted=(
                (pl.col("ratio") > rules.drift_ratio) & (pl.col("day_count") >= rules.drift_min_days)
            ).fill_null(value=False)
        )
        .select([pl.col(name).cast(kind) for name, kind in FORECAST_DRIFT.items()])
        .sort("series_class")
    )


def before(previous: Mapping[str, pl.DataFrame] | None, drifted: pl.DataFrame) -> Before:
    """The last run's champions, and which of them the drift calls into question."""
    table = (previous or {}).get("forecast_champion")
    models = {} if table is None else dict(table.select("series_class", "model").iter_rows())
    return Before(models, frozenset(drifted.filter("is_drifted")["series_class"].to_list()))


def run_table(start: date, rules: ForecastAssumptions, demand: pl.DataFrame) -> pl.DataFrame:
    """What the forecast was made with: every assumption, the libraries' versions, the extent of the data."""
    known = demand.filter(pl.col("sales_date") < start, pl.col("demand_units") > 0)
    entries = {f"assumption.{name}": str(value) for name, value in rules.model_dump().items()}
    entries |= {f"library.{name}": version(name) for name in _LIBRARIES}
    entries |= {
        "data.first_date": str(known["sales_date"].min()),
        "data.last_date": str(known["sales_date"].max()),
        "data.row_count": str(known.height),
        "data.product_count": str(known["product_id"].n_unique()),
        "start_date": str(start),
        "seed": "0",
    }
    return pl.DataFrame(
        {"parameter": sorted(entries), "value": [entries[name] for name in sorted(entries)]}, schema=FORECAST_RUN
    )
