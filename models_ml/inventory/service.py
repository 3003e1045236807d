"""How much service each product is given: the same for a class, or what a stock-out costs against what stock costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LOWEST, HIGHEST = 0.05, 0.995


def critical_ratios(stockout_cost: Floats | float, holding_cost: Floats) -> Floats:
    """The probability of no stock-out that costs least, k/(k + h), within bounds.

    The newsvendor's ratio (see `policies.newsvendor`), for a unit that waits for the next review at a holding cost h.
    With the same k for each unit of any product it is the allocation that loses the fewest units for a value of stock:
    the condition of a least Σ lost units for a given Σ cost × stock is P(short) ∝ cost. So cheap goods are hardly ever
    short, and dear ones bear the risk. With k in proportion to a product's margin, it loses the least margin instead.

    Args:
        stockout_cost: Of a unit short, shape (products,) or one for all.
        holding_cost: Of a unit held, shape (products,), in the same money.
    """
    stockout = np.broadcast_to(np.asarray(stockout_cost, dtype=np.float64), holding_cost.shape)
    with np.errstate(invalid="ignore"):
        ratio = np.where(stockout + holding_cost > 0, stockout / (stockout + holding_cost), HIGHEST)
    result: Floats = np.clip(ratio, LOWEST, HIGHEST)
    return result
