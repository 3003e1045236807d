"""BG/NBD: when customers buy, and when they have left for good.

Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2): while active a customer
buys at a rate of their own (gamma: r, α), and after each purchase leaves with a chance of their own (beta: a, b).
Time is in whatever unit the caller has; the parameters' unit of α follows it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, expit, gammaln, hyp2f1  # type: ignore[import-untyped]
from scipy.stats import nbinom  # type: ignore[import-untyped]

from models_ml.value.fitting import Floats, maximise

_CLOSE = 1e-6


@dataclass(frozen=True)
class BgNbd:
    """The fitted model.

    Attributes:
        r: Shape of the rates of purchase; `alpha`: their scale, in units of time. Mean rate r / alpha.
        a: With `b` the chances of leaving after a purchase; mean a / (a + b).
        log_likelihood: At these parameters.
        is_at_bound: Whether a parameter ran to its bound.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    is_at_bound: bool = False

    def p_alive(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """Chance that a customer has not left (Fader, Hardie & Lee 2008, note "Computing P(alive)").

        One for who never came again: this model lets nobody leave before the first repeat purchase.

        Args:
            x: Repeat purchases.
            t_x: Time from the first purchase to the last.
            age: Time since the first purchase.
        """
        odds = (
            np.log(self.a)
            - np.log(self.b + np.maximum(x, 1) - 1)
            + (self.r + x) * (np.log(self.alpha + age) - np.log(self.alpha + t_x))
        )
        alive: Floats = np.where(x > 0, expit(-odds), 1.0)
        return alive

    def expected(self, span: Floats | float, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """Purchases expected in the next `span` (the paper's equation 10)."""
        return self._until(span, x, age) * self.p_alive(x, t_x, age)

    def expected_from_start(self, span: Floats) -> Floats:
        """Repeat purchases that somebody new makes within `span` (the paper's equation 9)."""
        return self._until(span, np.zeros_like(span), np.zeros_like(span))

    def _until(self, span: Floats | float, x: Floats, age: Floats) -> Floats:
        """The expectation of who is active now.

        The paper's (1 - z)^(r+x) 2F1(r+x, b+x; a+b+x-1; z) overflows for busy customers. By Euler's transformation
        it is (1 - z)^(a-1) 2F1(a+b-1-r, a-1; a+b+x-1; z), where only the third parameter grows with x.
        """
        a = self.a if abs(self.a - 1) > _CLOSE else 1 + _CLOSE  # a removable singularity
        c = a + self.b + x - 1
        c = np.where(np.abs(c) > _CLOSE, c, _CLOSE)
        z = span / (self.alpha + age + span)
        power = np.exp((a - 1) * np.log1p(-z))
        result: Floats = c / (a - 1) * (1 - power * hyp2f1(a + self.b - 1 - self.r, a - 1, c, z))
        return np.maximum(result, 0.0)

    def share_buying(self, x: Floats, span: float) -> Floats:
        """Share of customers with just `x` repeat purchases in their first `span` (the paper's equation 8)."""
        stays = gammaln(self.b + x) - gammaln(self.b) + gammaln(self.a + self.b) - gammaln(self.a + self.b + x)
        p = self.alpha / (self.alpha + span)
        active = np.exp(stays) * nbinom.pmf(x, self.r, p)
        # B(a+1, b+x-1) / B(a, b) = a / (b+x-1) B(a, b+x) / B(a, b)
        left = np.exp(stays) * self.a / (self.b + np.maximum(x, 1) - 1) * nbinom.sf(np.maximum(x, 1) - 1, self.r, p)
        result: Floats = active + np.where(x > 0, left, 0.0)
        return result


def log_likelihood(values: Floats, x: Floats, t_x: Floats, age: Floats, weight: Floats) -> tuple[float, Floats]:
    """The paper's equation 6, in logarithms, with its gradient by r, α, a and b.

    Args:
        values: r, α, a, b.
        x: Repeat purchases.
        t_x: Time from the first purchase to the last.
        age: Time since the first purchase.
        weight: Customers of each row.
    """
    r, alpha, a, b = values
    again = x > 0
    floor = b + np.maximum(x, 1) - 1
    active = -(r + x) * np.log(alpha + age)
    left = np.where(again, np.log(a) - np.log(floor) - (r + x) * np.log(alpha + t_x), -np.inf)
    both = np.logaddexp(active, left)
    share = np.exp(active - both)  # of the likelihood, that the customer is active
    gone = 1 - share
    height = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x) + both
    )  # fmt: skip
    slope = (
        digamma(r + x) - digamma(r) + np.log(alpha) - share * np.log(alpha + age) - gone * np.log(alpha + t_x),
        r / alpha - (r + x) * (share / (alpha + age) + gone / (alpha + t_x)),
        digamma(a + b) - digamma(a + b + x) + gone / a,
        digamma(a + b) + digamma(b + x) - digamma(b) - digamma(a + b + x) - gone / floor,
    )
    return float(weight @ height), np.array([weight @ one for one in slope])


def fit(x: Floats, t_x: Floats, age: Floats) -> BgNbd:
    """The parameters of the highest likelihood.

    Args:
        x: Repeat purchases of each customer; at least one customer has some.
        t_x: Time from the first purchase to the last.
        age: Time since the first purchase; positive for at least one.
    """
    rows, counts = np.unique(np.column_stack([x, t_x, age]), axis=0, return_counts=True)
    unit = float(rows[:, 2].max())  # time as shares of the longest: α is then near one for every shop
    columns = (rows[:, 0], rows[:, 1] / unit, rows[:, 2] / unit)
    weight = counts.astype(np.float64)
    found = maximise(
        lambda values: log_likelihood(values, *columns, weight),
        [(0.5, 0.3, 0.8, 2.5), (1.0, 1.0, 0.1, 2.0), (0.2, 0.05, 0.5, 5.0)],
    )
    r, alpha, a, b = found.values
    # The likelihood is a density over times: in units of `unit` it lacks x ln(unit) for every customer.
    height = found.log_likelihood - float(weight @ rows[:, 0]) * np.log(unit)
    return BgNbd(r, alpha * unit, a, b, height, found.is_at_bound)
