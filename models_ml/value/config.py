"""The value model's assumptions, typed."""

from __future__ import annotations

from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

from models_ml.tables import load_assumptions


class ValueAssumptions(BaseModel):
    """Everything that `assumptions.yml` states; the reasons stand there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    history_days: int = Field(gt=0)
    min_customers: int = Field(ge=2)
    min_repeat_customers: int = Field(ge=2)
    min_age_days: int = Field(ge=1)
    horizon_months: int = Field(ge=1, le=60)
    annual_discount_rate: float = Field(ge=0, lt=1)
    holdout_share: float = Field(gt=0, lt=1)
    max_holdout_days: int = Field(gt=0)
    max_frequency_bucket: int = Field(ge=2)


@lru_cache(maxsize=1)
def default_assumptions() -> ValueAssumptions:
    """The assumptions of the repository's file."""
    return load_assumptions(ValueAssumptions, "models_ml.value")
