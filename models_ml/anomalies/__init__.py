"""Days that are not like the days before them: sales, prices, returns and visits, by channel."""

from models_ml.anomalies.run import detect, run

__all__ = ["detect", "run"]
