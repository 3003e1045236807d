"""The textbook policies: pure functions of costs and demand, each with the source of its formula.

Notation of the arguments, everywhere the same: `fixed_cost` K an order, `holding_cost` h a unit and unit of time,
`stockout_cost` p a unit (and unit of time where demand waits), `demand_rate` λ units a unit of time.
"""

from models_ml.inventory.policies.discounts import DiscountPlan, all_units_discount, incremental_discount
from models_ml.inventory.policies.eoq import (
    EconomicOrder,
    economic_order_quantity,
    economic_order_quantity_with_backorders,
    economic_production_quantity,
)
from models_ml.inventory.policies.lot_sizing import LotSizes, wagner_whitin
from models_ml.inventory.policies.newsvendor import (
    Newsvendor,
    critical_ratio,
    newsvendor_discrete,
    newsvendor_empirical,
    newsvendor_normal,
    newsvendor_poisson,
)
from models_ml.inventory.policies.periodic import PeriodicReview, periodic_review_normal
from models_ml.inventory.policies.reorder_point import (
    ReorderPolicy,
    r_q_cost_normal,
    r_q_eil,
    r_q_eoq_safety_stock,
    r_q_eoqb,
    r_q_exact_normal,
    r_q_exact_poisson,
    r_q_loss_function,
)
from models_ml.inventory.policies.s_s import ReorderUpTo, s_s_cost, s_s_exact, s_s_power_approximation

__all__ = [
    "DiscountPlan",
    "EconomicOrder",
    "LotSizes",
    "Newsvendor",
    "PeriodicReview",
    "ReorderPolicy",
    "ReorderUpTo",
    "all_units_discount",
    "critical_ratio",
    "economic_order_quantity",
    "economic_order_quantity_with_backorders",
    "economic_production_quantity",
    "incremental_discount",
    "newsvendor_discrete",
    "newsvendor_empirical",
    "newsvendor_normal",
    "newsvendor_poisson",
    "periodic_review_normal",
    "r_q_cost_normal",
    "r_q_eil",
    "r_q_eoq_safety_stock",
    "r_q_eoqb",
    "r_q_exact_normal",
    "r_q_exact_poisson",
    "r_q_loss_function",
    "s_s_cost",
    "s_s_exact",
    "s_s_power_approximation",
    "wagner_whitin",
]
