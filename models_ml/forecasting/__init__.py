"""Demand forecasts: per product by statsforecast, the totals by Prophet and its rivals, with calibrated quantiles."""

from models_ml.forecasting.batches import batch_names
from models_ml.forecasting.care import carried_forward
from models_ml.forecasting.config import default_assumptions
from models_ml.forecasting.run import Inputs, forecast, run, run_batch

__all__ = ["Inputs", "batch_names", "carried_forward", "default_assumptions", "forecast", "run", "run_batch"]
