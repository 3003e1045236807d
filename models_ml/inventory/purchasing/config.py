"""Purchase planning's assumptions, typed."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models_ml.inventory.config import Assumption
from models_ml.tables import load_assumptions

_MODEL = ConfigDict(frozen=True, extra="forbid")
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


class PriceBreak(BaseModel):
    """A supplier's discount on all units of a product from a quantity on."""

    model_config = _MODEL

    supplier: str
    from_units: Count
    discount: Annotated[float, Field(gt=0, lt=1)]


class Pallet(BaseModel):
    """Units on a supplier's pallet."""

    model_config = _MODEL

    supplier: str
    units: Count


class ShelfLife(BaseModel):
    """Days that a category's goods keep."""

    model_config = _MODEL

    category: str
    days: Count


class PurchasingAssumptions(BaseModel):
    """Everything that `assumptions.yml` states; the reasons stand there."""

    model_config = _MODEL

    holding_cost_rate: Assumption[Annotated[float, Field(gt=0)]]
    order_cost_shop: Assumption[Annotated[Decimal, Field(ge=0)]]
    loose_cost_share: Assumption[Share]
    late_cost_share: Assumption[Share]
    budget_shop: Assumption[Annotated[Decimal, Field(ge=0)] | None]
    storage_units: Assumption[Annotated[int, Field(ge=0)] | None]
    must_cover_classes: Assumption[tuple[str, ...]]
    price_breaks: Assumption[tuple[PriceBreak, ...]]
    pallets: Assumption[tuple[Pallet, ...]]
    shelf_lives: Assumption[tuple[ShelfLife, ...]]
    surplus_cover_days: Assumption[Count]
    markdown_steps: Assumption[tuple[Annotated[float, Field(gt=0, lt=1)], ...]]
    markdown_days: Assumption[Count]
    salvage_share: Assumption[Share]
    elasticity: Assumption[Annotated[float, Field(lt=0)]]
    least_transfer_units: Assumption[Count]
    transfer_cover_days: Assumption[Count]
    time_limit_seconds: Assumption[Count]
    node_limit: Assumption[Count]


@lru_cache(maxsize=1)
def default_purchasing() -> PurchasingAssumptions:
    """The assumptions of the repository's file."""
    return load_assumptions(PurchasingAssumptions, "models_ml.inventory.purchasing")
