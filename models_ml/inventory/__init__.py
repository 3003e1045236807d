"""Inventory: reorder points, order quantities and the purchase list, by periodic review."""

from models_ml.inventory.plan import plan
from models_ml.inventory.run import run

__all__ = ["plan", "run"]
