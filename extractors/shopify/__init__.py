"""Shopify's Admin GraphQL API: orders, refunds, customers, products, stock, payouts; see README.md."""

from __future__ import annotations

from collections.abc import Mapping

from extractors.api.client import Http
from extractors.shopify.client import Token
from extractors.shopify.connector import ShopifyConnector
from extractors.shopify.options import API_VERSION, ShopifyOptions
from extractors.shopify.resources import RESOURCES

__all__ = ["API_VERSION", "CREDENTIALS", "OPTIONS", "PARSER_VERSION", "RESOURCES", "connect"]

OPTIONS = ShopifyOptions
CREDENTIALS = ("access_token",)
PARSER_VERSION = 1


def connect(options: ShopifyOptions, credentials: Mapping[str, str]) -> ShopifyConnector:
    """A connector for one shop.

    Args:
        options: What the source was told.
        credentials: `access_token`, of an app that is installed in the shop.
    """
    return ShopifyConnector(options, Http(options.address, auth=Token(credentials["access_token"])))
