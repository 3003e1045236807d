"""The basket analysis's assumptions, typed."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

from models_ml.tables import load_assumptions


class BasketAssumptions(BaseModel):
    """Everything that `assumptions.yml` states; the reasons stand there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    history_days: int = Field(gt=0)
    min_support: str = Field(pattern=r"^0?\.\d+$")
    min_together_count: int = Field(ge=1)
    max_pairs: int = Field(gt=0)
    max_basket_items: int | None = Field(gt=0)
    max_itemset_items: int | None = Field(ge=2)
    min_lift: float = Field(ge=0)
    max_rules: int | None = Field(gt=0)
    max_q_value: float = Field(gt=0, lt=1)
    take_up_share: float = Field(gt=0, le=1)
    max_cross_sell: int = Field(gt=0)
    min_all_confidence: float = Field(gt=0, le=1)
    max_bundles: int = Field(gt=0)


def least_count(min_support: Fraction | str, baskets: int, *, at_least: int = 1) -> int:
    """The smallest whole number of baskets that reaches a share of them.

    Exact: 0.07 of 100 baskets is 7, where floats make it 7.000000000000001 and lose the rules at the threshold.

    Args:
        min_support: The share, as a fraction or as text.
        baskets: Number of baskets.
        at_least: A floor under the result.
    """
    share = Fraction(min_support) * baskets
    return max(at_least, -(-share.numerator // share.denominator))


@lru_cache(maxsize=1)
def default_assumptions() -> BasketAssumptions:
    """The assumptions of the repository's file."""
    return load_assumptions(BasketAssumptions, "models_ml.baskets")
