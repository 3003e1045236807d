"""Recommendations: what to show a customer, beside a product, in a session, and to whoever nobody knows yet."""

from models_ml.recommendations.run import Inputs, recommend, run

__all__ = ["Inputs", "recommend", "run"]
