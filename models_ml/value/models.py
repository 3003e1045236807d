"""Both models fitted to a history, or the reason why not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from models_ml.value import bgnbd, gamma_gamma
from models_ml.value.bgnbd import BgNbd
from models_ml.value.config import ValueAssumptions
from models_ml.value.fitting import Floats
from models_ml.value.gamma_gamma import GammaGamma
from models_ml.value.history import WEEK, Columns, columns_of

WEEKS_A_MONTH = 365.25 / 12 / WEEK
_SAME = 1e-9  # relative spread below which all spend alike


@dataclass(frozen=True)
class Fitted:
    """What could be fitted.

    Attributes:
        purchases: When customers buy; None if the history doesn't tell.
        purchase_status: `fitted`, `too_few_customers`, `no_repeat_buyers`, `too_few_repeat_buyers` or `too_young`.
        spending: What they spend; None where all spend alike or the mean is not told.
        spending_status: `fitted`, `too_few_repeat_buyers`, `constant_spend` or `no_finite_mean`.
        mean_value: Mean purchase of all, in shop currency: what stands in for a customer's own without `spending`.
    """

    purchases: BgNbd | None
    purchase_status: str
    spending: GammaGamma | None
    spending_status: str
    mean_value: float

    def order_value(self, seen: Columns) -> Floats:
        """Expected purchase of each customer, in shop currency."""
        if self.spending is None:
            return np.full(len(seen.x), self.mean_value)
        # A purchase given away says nothing of what its customer spends.
        return self.spending.expected(np.where(seen.z > 0, seen.x, 0.0), seen.z)

    def orders_by_month(self, seen: Columns, months: int) -> list[Floats]:
        """Expected purchases of each customer in each of the coming months."""
        if self.purchases is None:
            return []
        until = [
            self.purchases.expected(month * WEEKS_A_MONTH, seen.x, seen.t_x, seen.age) for month in range(1, months + 1)
        ]
        return [now - before for now, before in zip(until, [np.zeros_like(seen.x), *until], strict=False)]


def fit(summary: pl.DataFrame, assumptions: ValueAssumptions) -> Fitted:
    """Fits both models as far as the history allows.

    Args:
        summary: As from `history.summarise`.
        assumptions: Least numbers.
    """
    seen = columns_of(summary)
    status = _purchase_status(seen, assumptions)
    spending, spending_status = _spending(seen, assumptions)
    return Fitted(
        purchases=bgnbd.fit(seen.x, seen.t_x, seen.age) if status == "fitted" else None,
        purchase_status=status,
        spending=spending,
        spending_status=spending_status,
        mean_value=float(summary["sales"].sum()) / max(float((seen.x + 1).sum()), 1.0),
    )


def _purchase_status(seen: Columns, assumptions: ValueAssumptions) -> str:
    again = int((seen.x > 0).sum())
    if len(seen.x) < assumptions.min_customers:
        return "too_few_customers"
    if not again:
        return "no_repeat_buyers"
    if again < assumptions.min_repeat_customers:
        return "too_few_repeat_buyers"
    return "fitted" if seen.age.max() * WEEK >= assumptions.min_age_days else "too_young"


def _spending(seen: Columns, assumptions: ValueAssumptions) -> tuple[GammaGamma | None, str]:
    again = (seen.x > 0) & (seen.z > 0)
    if int(again.sum()) < assumptions.min_repeat_customers:
        return None, "too_few_repeat_buyers"
    z = seen.z[again]
    if z.max() - z.min() <= _SAME * z.max():
        return None, "constant_spend"
    model = gamma_gamma.fit(seen.x[again], z)
    return (model, "fitted") if model.q > 1 else (None, "no_finite_mean")
