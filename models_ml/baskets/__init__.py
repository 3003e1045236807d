"""Baskets: products that are bought together, by mlxtend."""

from models_ml.baskets.rules import frequent_itemsets, rules_from_itemsets
from models_ml.baskets.run import analyse, run

__all__ = ["analyse", "frequent_itemsets", "rules_from_itemsets", "run"]
