"""Demand forecasts: per product by statsforecast, the totals by Prophet and its rivals, with calibrated quantiles."""

from models_ml.forecasting.care import carried_forward
from models_ml.forecasting.run import forecast, run

__all__ = ["carried_forward", "forecast", "run"]
