"""What a WooCommerce shop has to give, and what is told about a shop in the sources' file."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from extractors.api.connector import Resource

API_VERSION = "wc/v3"
PARSER_VERSION = 2
CREDENTIALS = ("consumer_key", "consumer_secret")

_READ = ("read",)
_LOCAL = {"localhost", "127.0.0.1", "::1"}

RESOURCES = {
    one.name: one
    for one in (
        Resource(
            name="orders",
            title="Orders by the time of their last change",
            tables=("orders", "order_lines", "order_discounts", "payments"),
            # A change is dated before its transaction is visible, and clocks of several web servers differ.
            overlap=timedelta(hours=1),
            scopes=_READ,
        ),
        Resource(
            name="refunds",
            title="Refunds by the time they were given",
            tables=("refunds", "order_lines", "payments"),
            overlap=timedelta(hours=1),
            scopes=_READ,
        ),
        Resource(
            name="products",
            title="All products and variations, with their stock",
            tables=("products", "stock_on_hand"),
            scopes=_READ,
            is_snapshot=True,
        ),
        Resource(name="customers", title="All accounts", tables=("customers",), scopes=_READ, is_snapshot=True),
        Resource(name="coupons", title="All coupons", tables=("discounts",), scopes=_READ, is_snapshot=True),
        Resource(
            name="deletions",
            title="Orders that were landed and are no longer there",
            tables=("deletions",),
            scopes=_READ,
            is_snapshot=True,
        ),
    )
}


class Options(BaseModel):
    """What the sources' file says of a shop.

    Attributes:
        url: The shop's address, as its WordPress has it under Settings → General → WordPress Address.
        auth: `basic` (https) or `oauth1` (http); `auto` goes by the address.
        requests_per_second: How fast it is asked at most. WooCommerce has no limit; many a hoster has one.
        burst: How many requests may come at once.
        page_size: Records a page, 2 to 100 (pages overlap by one); less for a shop that runs out of memory or time.
        gift_card_sku: Regular expression on the whole SKU of gift cards, where the plugin that sells them does not
            mark their lines.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    auth: Literal["auto", "basic", "oauth1"] = "auto"
    requests_per_second: float = Field(default=5.0, gt=0, le=1000)
    burst: int = Field(default=5, ge=1)
    page_size: int = Field(default=100, ge=2, le=100)
    gift_card_sku: str | None = None

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        parsed = urlsplit(url)
        if parsed.scheme not in ("http", "https") or not parsed.hostname or parsed.query or parsed.username:
            raise ValueError("write the shop's address as https://shop.example, or https://shop.example/shop")
        return url.rstrip("/").removesuffix("/wp-json")

    @field_validator("gift_card_sku")
    @classmethod
    def _is_a_pattern(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"is no regular expression: {error}") from None
        return pattern

    @model_validator(mode="after")
    def _keeps_the_secret(self) -> Options:
        parsed = urlsplit(self.url)
        if self.auth == "basic" and parsed.scheme == "http" and parsed.hostname not in _LOCAL:
            raise ValueError("basic over http shows the secret to everybody on the way: use https, or oauth1")
        return self

    @property
    def is_basic(self) -> bool:
        """Whether the key goes into a Basic header."""
        return self.auth == "basic" or (self.auth == "auto" and self.url.startswith("https:"))
