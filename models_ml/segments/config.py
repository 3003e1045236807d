"""The segments' assumptions and words, typed."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

import yaml
from pydantic import BaseModel, ConfigDict, Field

from models_ml.tables import load_assumptions


class SegmentAssumptions(BaseModel):
    """Everything that `assumptions.yml` states; the reasons stand there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    history_days: int = Field(gt=0)
    history_months: int = Field(ge=1)
    max_clusters: int = Field(ge=2)
    min_cluster_share: float = Field(gt=0, lt=0.5)
    min_stability: float = Field(ge=0, le=1)
    resamples: int = Field(ge=2)
    max_sample: int = Field(ge=100)
    min_members: int = Field(ge=10)
    min_product_units: int = Field(ge=1)
    return_prior_units: float = Field(gt=0)
    distinct_z: float = Field(gt=0)
    max_terms: int = Field(ge=1)
    seed: int = Field(ge=0)


@lru_cache(maxsize=1)
def default_assumptions() -> SegmentAssumptions:
    """The assumptions of the repository's file."""
    return load_assumptions(SegmentAssumptions, "models_ml.segments")


@lru_cache(maxsize=1)
def words() -> dict[str, tuple[str, str]]:
    """What each term of a label is called, in English and in Chinese."""
    text = resources.files("models_ml.segments").joinpath("words.yml").read_text(encoding="utf-8")
    return {key: (pair["en"], pair["zh"]) for key, pair in yaml.safe_load(text).items()}
