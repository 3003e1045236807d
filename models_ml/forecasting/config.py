"""The forecast's assumptions, typed."""

from __future__ import annotations

from functools import lru_cache

from pydantic import BaseModel, ConfigDict, Field

from models_ml.tables import load_assumptions


class ForecastAssumptions(BaseModel):
    """Everything that `assumptions.yml` states; the reasons stand there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    horizon_days: int = Field(gt=0)
    cumulative_horizons: tuple[int, ...]
    active_days: int = Field(gt=0)
    history_days: int = Field(gt=0)
    fold_count: int = Field(ge=2)
    backtest_max_series: int = Field(ge=1)
    min_train_days: int = Field(ge=14)
    new_product_days: int = Field(ge=0)
    new_product_prior_days: int = Field(gt=0)
    adi_cutoff: float = Field(ge=1)
    cv2_cutoff: float = Field(ge=0)
    cold_start_min_products: int = Field(ge=1)
    global_rounds: int = Field(gt=0)
    global_min_rows: int = Field(gt=0)
    global_max_rows: int = Field(gt=0)
    thread_count: int = Field(ge=1)
    churn_margin_pct: float = Field(ge=0, lt=100)
    drift_ratio: float = Field(gt=1)
    drift_min_days: int = Field(ge=1)
    max_bias_pct: float = Field(gt=0)
    channel_share_days: int = Field(ge=7)
    channel_prior_units: float = Field(gt=0)
    min_class_series: int = Field(ge=1)
    window_trading_days: int = Field(ge=1)
    default_score_std: float = Field(gt=0)
    default_total_margin: float = Field(gt=0)
    tsb_alpha: float = Field(gt=0, lt=1)
    profile_days: int = Field(ge=28)
    open_weekday_share: float = Field(ge=0, lt=1)
    holiday_country: str
    holiday_subdivision: str | None
    closure_min_days: int = Field(ge=1)
    closure_window_days: int = Field(ge=0)
    closure_min_reference: int = Field(ge=1)
    closure_index_bounds: tuple[float, float]
    total_fold_count: int = Field(ge=2)
    total_fold_step_days: int = Field(ge=1)
    total_min_train_days: int = Field(ge=28)
    prophet_changepoint_prior_scale: float = Field(gt=0)


@lru_cache(maxsize=1)
def default_assumptions() -> ForecastAssumptions:
    """The assumptions of the repository's file."""
    return load_assumptions(ForecastAssumptions, "models_ml.forecasting")
