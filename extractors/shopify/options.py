"""What a merchant may say about a Shopify source."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

API_VERSION = "2026-10"


class ShopifyOptions(BaseModel):
    """Options of a Shopify source.

    Attributes:
        shop: The shop's own domain, such as `northlight-home.myshopify.com`.
        base_url: Where it is asked instead, for a sandbox or a proxy.
        emails: Whether customers' addresses are asked for; Shopify gives them only to apps approved for
            protected customer data, and denies the whole query to others.
        bulk_from_days: Windows of at least so many days are fetched by bulk operations, shorter ones page by page.
        recent_orders_only: Whether it is agreed that orders older than 60 days are never seen, because the app
            lacks the scope `read_all_orders`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    shop: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]*\.myshopify\.com)?$")
    base_url: str = Field(default="", pattern=r"^(https?://.+)?$")
    emails: bool = True
    bulk_from_days: float = Field(default=2.0, gt=0)
    recent_orders_only: bool = False

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if not (self.shop or self.base_url):
            message = "name the shop, such as northlight-home.myshopify.com"
            raise ValueError(message)
        return self

    @property
    def address(self) -> str:
        """Where the shop is asked."""
        return (self.base_url or f"https://{self.shop}").rstrip("/")

    @property
    def wide(self) -> timedelta:
        """The length from which a window is fetched in bulk."""
        return timedelta(days=self.bulk_from_days)
