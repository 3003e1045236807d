"""The recommendations' assumptions, typed."""

from __future__ import annotations

from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

from models_ml.tables import load_assumptions


class RecommendationAssumptions(BaseModel):
    """Everything that `assumptions.yml` states; the reasons stand there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    history_days: int = Field(gt=0)
    now_days: int = Field(gt=0)
    half_life_days: float = Field(gt=0)
    max_order_products: int = Field(gt=1)
    views_days: int = Field(gt=0)
    open_session_days: int = Field(gt=0)
    neighbours: int = Field(gt=0)
    bm25_k1: float = Field(gt=0)
    bm25_b: float = Field(ge=0, le=1)
    als_factors: int = Field(gt=0)
    als_regularization: float = Field(ge=0)
    als_alpha: float = Field(gt=0)
    als_iterations: int = Field(gt=0)
    seed: int
    item_item_now: float = Field(ge=0)
    als_now: float = Field(ge=0)
    session_neighbours: int = Field(gt=0)
    session_sample: int = Field(gt=0)
    splits: int = Field(gt=0)
    test_days: int = Field(gt=0)
    session_test_days: int = Field(gt=0)
    list_length: int = Field(gt=0)
    least_cases: int = Field(gt=0)
    most_cases: int = Field(gt=0)
    champion_margin: float = Field(ge=0)
    popular_length: int = Field(gt=0)
    max_customer_products: int = Field(gt=1)
    least_together: int = Field(gt=0)
    together_shrink: float = Field(ge=0)
    sellable_days: int = Field(gt=0)
    max_per_category: int = Field(gt=0)
    margin_weight: float = Field(ge=0)


@lru_cache(maxsize=1)
def default_assumptions() -> RecommendationAssumptions:
    """The assumptions of the repository's file."""
    return load_assumptions(RecommendationAssumptions, "models_ml.recommendations")
