"""The purchase list's assumptions, typed, and as a table."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Generic, Literal, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, field_validator

from models_ml.tables import conform, load_assumptions

ValueT = TypeVar("ValueT")
_MODEL = ConfigDict(frozen=True, extra="forbid")
Probability = Annotated[float, Field(gt=0, lt=1)]


class Assumption(BaseModel, Generic[ValueT]):
    """One assumption with its reason, as readers see it."""

    model_config = _MODEL

    name: str
    value: ValueT
    unit: str
    explanation: str


class PackTier(BaseModel):
    """Pack size of products that sell below a price; the last tier has no limit."""

    model_config = _MODEL

    below_price: Decimal | None
    units: int = Field(ge=1)


class InventoryAssumptions(BaseModel):
    """Everything that `assumptions.yml` states; the reasons stand there."""

    model_config = _MODEL

    lead_time_days: Assumption[Annotated[int, Field(ge=0)]]
    review_period_days: Assumption[Annotated[int, Field(ge=1)]]
    service_levels: Assumption[dict[str, Probability]]
    unit_cost_share: Assumption[Annotated[Decimal, Field(gt=0, le=1)]]
    pack_tiers: Assumption[tuple[PackTier, ...]]
    topped_up_days_ago: Assumption[Annotated[int, Field(ge=1)]]
    topped_up_cover_days: Assumption[Annotated[int, Field(ge=0)]]
    topped_up_periods: Assumption[Annotated[int, Field(ge=1)]]
    supplier_name: Assumption[str]
    cover_limit_days: Assumption[Annotated[int, Field(ge=1)]]
    objective: Assumption[Literal["fill_rate", "service_level"]]
    stockout_cost_factor: Assumption[Annotated[float, Field(gt=0)]]
    least_lead_time_lines: Assumption[Annotated[int, Field(ge=2)]]

    @field_validator("pack_tiers")
    @classmethod
    def _tiers_rise_to_no_limit(cls, tiers: Assumption[tuple[PackTier, ...]]) -> Assumption[tuple[PackTier, ...]]:
        limits = [tier.below_price for tier in tiers.value]
        if not limits or limits[-1] is not None or None in limits[:-1]:
            raise ValueError("the last tier, and only the last, has no price limit")
        if any(low is not None and high is not None and low >= high for low, high in pairwise(limits)):
            raise ValueError("price limits must rise from tier to tier")
        return tiers

    def pack_units(self, price: Decimal | None) -> int:
        """The pack size assumed for a product of a price; single units where the price is unknown."""
        for tier in self.pack_tiers.value:
            if tier.below_price is None or (price is not None and price < tier.below_price):
                return tier.units if price is not None else 1
        return 1

    def service_level(self, abc_class: str) -> float:
        """The service level of a class; that of the least protected one for a class without an entry."""
        return self.service_levels.value.get(abc_class, min(self.service_levels.value.values()))


@lru_cache(maxsize=1)
def default_assumptions() -> InventoryAssumptions:
    """The assumptions of the repository's file."""
    return load_assumptions(InventoryAssumptions, "models_ml.inventory")


INVENTORY_ASSUMPTION = {
    "assumption_id": pl.String,
    "name": pl.String,
    "value": pl.String,
    "unit": pl.String,
    "explanation": pl.String,
}


def assumption_table(*parts: BaseModel) -> pl.DataFrame:
    """`inventory_assumption`: every assumption of the parts, its value as text."""
    entries = {name: getattr(part, name) for part in parts for name in type(part).model_fields}
    rows = [(key, item.name, _as_text(item.value), item.unit, item.explanation) for key, item in entries.items()]
    frame = pl.DataFrame(rows, schema=INVENTORY_ASSUMPTION, orient="row")
    return conform(frame, INVENTORY_ASSUMPTION, table="inventory_assumption", keys=["assumption_id"])


def _as_text(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {part}" for key, part in value.items())
    if isinstance(value, tuple):
        return ", ".join(_as_text(part) for part in value) or "none"
    if isinstance(value, PackTier):
        return f"{value.units} above" if value.below_price is None else f"{value.units} below {value.below_price}"
    if isinstance(value, BaseModel):
        return " ".join(str(part) for part in value.model_dump().values())
    return "none" if value is None else str(value)
