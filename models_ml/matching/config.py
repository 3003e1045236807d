"""The assumptions of matching, typed."""

from __future__ import annotations

from functools import lru_cache
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models_ml.tables import load_assumptions


class MatchingAssumptions(BaseModel):
    """Everything that `assumptions.yml` states; the reasons stand there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accept: float = Field(gt=0, le=1)
    review: float = Field(gt=0, le=1)
    accept_unbranded: float = Field(gt=0, le=1)
    margin: float = Field(ge=0, lt=1)
    candidates: int = Field(ge=1)
    proposals: int = Field(ge=1)
    common_word_listings: int = Field(ge=1)
    common_word_share: float = Field(gt=0, le=1)
    least_shop_offers: int = Field(ge=2)
    price_ratio: float = Field(gt=1)
    alias_pairs: int = Field(ge=1)
    alias_share: float = Field(gt=0.5, le=1)
    pair_cells: int = Field(ge=1000)
    brand_aliases: dict[str, str]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.review <= self.accept <= self.accept_unbranded:
            message = "review must not be above accept, nor accept above accept_unbranded"
            raise ValueError(message)
        return self


@lru_cache(maxsize=1)
def default_assumptions() -> MatchingAssumptions:
    """The assumptions of the repository's file."""
    return load_assumptions(MatchingAssumptions, "models_ml.matching")
