"""Is a rule more than chance, and did it hold in both halves of the time?"""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import false_discovery_control, hypergeom  # type: ignore[import-untyped]

EARLY = ("early_antecedent_count", "early_consequent_count", "early_together_count", "early_basket_count")
SIGNIFICANCE: dict[str, type[pl.DataType]] = {
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "lift_early": pl.Float64,
    "lift_late": pl.Float64,
    "is_stable": pl.Boolean,
}
_HALF_P = 0.05


def with_significance(rules: pl.DataFrame) -> pl.DataFrame:
    """Adds Fisher's exact test and the check over time.

    `p_value` is Fisher's, one-sided: the chance of so many baskets with both or more if each side were spread over the
    baskets without regard to the other (hypergeometric). `q_value` corrects it for the number of rules tested, after
    Benjamini & Hochberg (1995): among rules up to a q of 5 % no more than 5 % are expected to be chance. A rule and its
    converse have one p-value; to test both changes nothing, as ranks and number double alike.

    `is_stable`: in the first half of the baskets and in the second, each by itself, lift is above 1 and p below 5 %.

    Args:
        rules: The counts of each rule, and under the names of `EARLY` those of the first half.
    """
    if rules.is_empty():
        return rules.with_columns(*[pl.lit(None, dtype=kind()).alias(name) for name, kind in SIGNIFICANCE.items()])
    names = ("antecedent_count", "consequent_count", "together_count", "basket_count")
    left, right, both, total = (rules[name].to_numpy() for name in names)
    early = [rules[name].to_numpy() for name in EARLY]
    late = [whole - first for whole, first in zip((left, right, both, total), early, strict=True)]
    p_value = _fisher(left, right, both, total)
    halves = [(_lift(*half), _fisher(*half)) for half in (early, late)]
    stable = np.logical_and.reduce([(lift > 1) & (p < _HALF_P) for lift, p in halves])
    return rules.with_columns(
        p_value=pl.Series(p_value),
        q_value=pl.Series(false_discovery_control(p_value, method="bh")),
        lift_early=pl.Series(halves[0][0]).fill_nan(None),
        lift_late=pl.Series(halves[1][0]).fill_nan(None),
        is_stable=pl.Series(stable),
    )


Counts = np.ndarray[tuple[int], np.dtype[np.int64]]
Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


def _fisher(left: Counts, right: Counts, both: Counts, total: Counts) -> Floats:
    p: Floats = np.clip(hypergeom.sf(both - 1, total, left, right), 0.0, 1.0)
    return p


def _lift(left: Counts, right: Counts, both: Counts, total: Counts) -> Floats:
    """Lift, not a number where a side does not occur."""
    expected = left.astype(np.float64) * right
    lift: Floats = np.divide(
        both * total.astype(np.float64), expected, out=np.full(len(left), np.nan), where=expected > 0
    )
    return lift
