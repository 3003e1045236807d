"""Maximum likelihood for positive parameters, with what a caller must know about how it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]

Floats: TypeAlias = NDArray[np.float64]
# Beyond these the likelihood is flat: the data don't tell the parameter any more, and e^20 does as well as infinity.
LOWEST, HIGHEST = -12.0, 14.0


@dataclass(frozen=True)
class Optimum:
    """Where the likelihood is highest.

    Attributes:
        values: The parameters.
        log_likelihood: There, summed over the customers.
        is_at_bound: Whether a parameter ran to its bound: the data are as well described by a simpler model.
    """

    values: tuple[float, ...]
    log_likelihood: float
    is_at_bound: bool


def maximise(likelihood: Callable[[Floats], tuple[float, Floats]], starts: Sequence[Sequence[float]]) -> Optimum:
    """The best optimum from several starts, searched over the parameters' logarithms by L-BFGS-B.

    Args:
        likelihood: Log likelihood and its gradient by the parameters (not by their logarithms).
        starts: Parameters to start from.
    """
    best: Optimum | None = None
    for start in starts:
        optimum = _search(likelihood, np.log(np.asarray(start, dtype=np.float64)))
        if best is None or optimum.log_likelihood > best.log_likelihood:
            best = optimum
    if best is None:
        raise ValueError("There is no start.")
    return best


def _search(likelihood: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Optimum:
    scale = max(abs(likelihood(np.exp(start))[0]), 1.0)  # so that tolerances mean the same for ten and a million rows

    def loss(logs: Floats) -> tuple[float, Floats]:
        values = np.exp(logs)
        height, slope = likelihood(values)
        return -height / scale, -slope * values / scale

    result = minimize(
        loss,
        np.clip(start, LOWEST, HIGHEST),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LOWEST, HIGHEST)] * len(start),
        options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-10},
    )
    logs: Floats = np.asarray(result.x, dtype=np.float64)
    return Optimum(
        values=tuple(float(value) for value in np.exp(logs)),
        log_likelihood=-float(result.fun) * scale,
        is_at_bound=bool((np.minimum(logs - LOWEST, HIGHEST - logs) < 0.01).any()),
    )
