"""What can be extracted, and what a source may be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from extractors.amazon.auth import TOKEN_URL
from extractors.amazon.marketplaces import ENDPOINTS, Marketplace, marketplace
from extractors.api.connector import Resource
from lakehouse.sources import LoadMode

API_VERSION: Final = "orders-2026-01-01 reports-2021-06-30 fba-v1 catalog-2022-04-01 finances-2024-06-19"
PARSER_VERSION: Final = 3
CREDENTIALS: Final = ("client_id", "client_secret", "refresh_token")

_TRACKING, _FBA, _MONEY = "Inventory and Order Tracking", "Amazon Fulfillment", "Finance and Accounting"

RESOURCES: Final = {
    one.name: one
    for one in (
        Resource(
            "orders",
            "Orders with their lines, by their last change",
            ("orders", "order_lines", "payments", "fulfilments"),
            # an order shows up some minutes after it changed: the model asks for two, others have seen more
            overlap=timedelta(hours=2),
            scopes=(_TRACKING,),
        ),
        Resource(
            "orders_report",
            "Orders with their lines from the flat file: for years of history, where searchOrders is too slow",
            ("orders", "order_lines"),
            overlap=timedelta(hours=2),
            scopes=(_TRACKING,),
        ),
        Resource(
            "finances",
            "Transactions as they are posted: refunds, and what each shipment and fee adds to the balance",
            ("settlement_lines", "refunds", "order_lines"),
            # "Financial events might not include orders from the last 48 hours."
            overlap=timedelta(days=4),
            scopes=(_MONEY,),
        ),
        Resource(
            "settlements",
            "Settlement reports, which Amazon makes every fortnight",
            ("payouts", "settlement_lines"),
            overlap=timedelta(days=2),
            scopes=(_MONEY,),
        ),
        Resource(
            "inventory",
            "Stock in Amazon's fulfilment centres",
            ("stock_on_hand",),
            scopes=(_FBA,),
            is_snapshot=True,
        ),
        Resource(
            "inventory_ledger",
            "Every movement of stock in Amazon's fulfilment centres",
            ("inventory_movements",),
            mode=LoadMode.WINDOW,
            lookback=2,
            scopes=(_FBA,),
        ),
        Resource(
            "customer_returns",
            "Goods that came back to Amazon's fulfilment centres",
            ("customer_returns",),
            mode=LoadMode.WINDOW,
            lookback=2,
            scopes=(_FBA,),
        ),
        Resource(
            "sales_traffic",
            "Visits and sales by day and product, restated for some days",
            ("sales_traffic",),
            mode=LoadMode.WINDOW,
            lookback=4,
            scopes=("Brand Analytics",),
        ),
        Resource(
            "catalog",
            "Products as Amazon's catalogue has them",
            ("products",),
            scopes=("Product Listing", _FBA),
            is_snapshot=True,
        ),
    )
}


class Options(BaseModel):
    """What a declared source says under `options`.

    Attributes:
        marketplaces: Country codes or Amazon's numbers; all of one region, which has one authorisation.
        personal_data: Whether buyers' e-mail and country are asked for (BUYER and RECIPIENT: restricted roles).
        endpoint: Another address than the region's: a sandbox.
        token_url: Another address than Login with Amazon's: a sandbox.
        poll_s: Seconds between two looks at a report under way.
        patience_s: Seconds after which a report that is not done is left to the next run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    marketplaces: tuple[str, ...] = Field(min_length=1)
    personal_data: bool = False
    endpoint: str = ""
    token_url: str = TOKEN_URL
    poll_s: float = Field(default=20.0, gt=0)
    patience_s: float = Field(default=7200.0, gt=0)

    @field_validator("marketplaces")
    @classmethod
    def _exist(cls, told: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(marketplace(one).id for one in told))

    @model_validator(mode="after")
    def _share_an_endpoint(self) -> Self:
        regions = {one.region for one in self.places}
        if len(regions) > 1 and not self.endpoint:
            message = f"marketplaces of the regions {', '.join(sorted(regions))} need a source each"
            raise ValueError(message)
        return self

    @property
    def places(self) -> tuple[Marketplace, ...]:
        """The marketplaces."""
        return tuple(marketplace(one) for one in self.marketplaces)

    @property
    def base_url(self) -> str:
        """The address that is asked."""
        return self.endpoint or ENDPOINTS[self.places[0].region]
