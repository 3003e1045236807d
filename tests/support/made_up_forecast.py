"""A forecast whose numbers are easy to reckon with."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from models_ml.forecasting.schemas import PRODUCT_FORECAST, PRODUCT_HORIZON_DEMAND


def flat_forecasts(start: date, product: str = "A", per_day: float = 2.0) -> dict[str, pl.DataFrame]:
    """A flat forecast whose quantiles are 1, 1.5, 2 and 2.5 times the expected demand."""
    daily = [
        (product, start + timedelta(days=day), day + 1, per_day, 0.0, 0.0, 0.0, "tsb", "lumpy") for day in range(28)
    ]
    sums = [
        (product, days, *(per_day * days * factor for factor in (1, 1, 1.5, 2, 2.5)), 1.0, "lumpy")
        for days in (7, 14, 21, 28)
    ]
    return {
        "product_forecast": pl.DataFrame(daily, schema=PRODUCT_FORECAST, orient="row"),
        "product_horizon_demand": pl.DataFrame(sums, schema=PRODUCT_HORIZON_DEMAND, orient="row"),
    }
