"""Gamma-Gamma: what a customer spends at a purchase.

Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value": purchases of a customer scatter about a mean of their
own (gamma: p), and the means scatter among customers (inverse gamma: q, v). Spending is taken to be independent of how
often somebody buys; the run reports their correlation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln  # type: ignore[import-untyped]

from models_ml.value.fitting import Floats, maximise


@dataclass(frozen=True)
class GammaGamma:
    """The fitted model.

    Attributes:
        p: Shape of a customer's purchases.
        q: Shape of the means among customers; `v`: their scale, in money.
        log_likelihood: At these parameters.
        is_at_bound: Whether a parameter ran to its bound.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    is_at_bound: bool = False

    @property
    def mean(self) -> float:
        """Mean purchase over all customers, p v / (q - 1); infinite for q up to 1."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")

    def expected(self, x: Floats, z: Floats) -> Floats:
        """A customer's expected purchase: between all customers' mean and their own, by what is known of them.

        Args:
            x: Purchases that `z` is the mean of; 0 gives all customers' mean.
            z: Mean purchase.
        """
        result: Floats = self.p * (self.v + x * z) / (self.p * x + self.q - 1)
        return result


def log_likelihood(values: Floats, x: Floats, z: Floats) -> tuple[float, Floats]:
    """The note's equation 1a, in logarithms, with its gradient by p, q and v."""
    p, q, v = values
    whole = v + x * z
    height = (
        gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        + (p * x - 1) * np.log(z) + p * x * np.log(x) - (p * x + q) * np.log(whole)
    )  # fmt: skip
    slope = (
        x * (digamma(p * x + q) - digamma(p * x) + np.log(z) + np.log(x) - np.log(whole)),
        digamma(p * x + q) - digamma(q) + np.log(v) - np.log(whole),
        q / v - (p * x + q) / whole,
    )
    return float(height.sum()), np.array([float(one.sum()) for one in slope])


def fit(x: Floats, z: Floats) -> GammaGamma:
    """The parameters of the highest likelihood.

    Args:
        x: Purchases of each customer, at least one.
        z: Their mean, positive; not the same for all.
    """
    unit = float(np.exp(np.log(z).mean()))  # money as shares of a typical purchase: v is near one for every currency
    found = maximise(
        lambda values: log_likelihood(values, x, z / unit),
        [(6.0, 4.0, 0.5), (1.0, 2.0, 1.0), (20.0, 10.0, 0.5)],
    )
    p, q, v = found.values
    return GammaGamma(p, q, v * unit, found.log_likelihood - len(x) * float(np.log(unit)), found.is_at_bound)
