"""The assumptions of the search for unusual days, typed."""

from __future__ import annotations

from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

from models_ml.tables import load_assumptions


class AnomalyAssumptions(BaseModel):
    """Everything that `assumptions.yml` states; the reasons stand there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    history_days: int = Field(ge=35)
    reported_days: int = Field(ge=1)
    min_history_days: int = Field(ge=14)
    least_daily_orders: float = Field(ge=0)
    weekday_weeks: int = Field(ge=2)
    spread_days: int = Field(ge=14)
    score_threshold: float = Field(gt=0)
    least_change: float = Field(ge=0)
    clip_score: float = Field(gt=0)
    shift_days: int = Field(ge=2)
    event_gap_days: int = Field(ge=0)
    event_after_days: int = Field(ge=0)
    least_log_spread: float = Field(gt=0)
    log_offset: float = Field(gt=0)


@lru_cache(maxsize=1)
def default_assumptions() -> AnomalyAssumptions:
    """The assumptions of the repository's file."""
    return load_assumptions(AnomalyAssumptions, "models_ml.anomalies")
