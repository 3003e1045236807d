"""Demand classes: which products sell often, which in bursts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models_ml.forecasting.config import ForecastAssumptions

Floats = NDArray[np.float64]
CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "new")


def demand_class(demand: Floats, *, is_new: bool, rules: ForecastAssumptions) -> str:
    """The class of one product by the two measures of Syntetos, Boylan & Croston.

    The mean interval between trading days with demand (ADI) and the squared coefficient of variation of the demand
    sizes (CV²), from Syntetos, A.A., Boylan, J.E. & Croston, J.D. (2005), "On the categorization of demand patterns",
    Journal of the Operational Research Society 56, 495-503; cut-offs 1.32 and 0.49. A product younger than four
    weeks is `new` whatever its pattern: too few days to tell.

    Args:
        demand: Units on each trading day since the first sale.
        is_new: Whether the product is younger than the cold-start age.
        rules: The cut-offs.
    """
    if is_new:
        return "new"
    sizes = demand[demand > 0]
    if sizes.size == 0:
        return "lumpy"
    interval = demand.size / sizes.size
    variation = float((sizes.std() / sizes.mean()) ** 2)
    if interval < rules.adi_cutoff:
        return "smooth" if variation < rules.cv2_cutoff else "erratic"
    return "intermittent" if variation < rules.cv2_cutoff else "lumpy"
