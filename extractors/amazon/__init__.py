"""Amazon's Selling Partner API: orders, refunds, settlements, stock, products, visits; see README.md."""

from __future__ import annotations

import time
from collections.abc import Mapping

from pydantic import SecretStr

from extractors.amazon.auth import LoginWithAmazon
from extractors.amazon.client import Client
from extractors.amazon.connector import AmazonConnector
from extractors.amazon.resources import API_VERSION, CREDENTIALS, PARSER_VERSION, RESOURCES, Options
from extractors.api.client import Http, Patience

__all__ = ["API_VERSION", "CREDENTIALS", "OPTIONS", "PARSER_VERSION", "RESOURCES", "connect"]

OPTIONS = Options
_PATIENCE = Patience(tries=12, longest_s=300, budget_s=7200)
"""An operation may be granted once in three minutes, and another program may share the seller's quota."""


def connect(options: Options, credentials: Mapping[str, str]) -> AmazonConnector:
    """A connector for one seller.

    Args:
        options: What the source was told.
        credentials: `client_id`, `client_secret`, `refresh_token`.
    """
    login = LoginWithAmazon(
        credentials["client_id"],
        SecretStr(credentials["client_secret"]),
        SecretStr(credentials["refresh_token"]),
        monotonic=time.monotonic,
        token_url=options.token_url,
    )
    return AmazonConnector(Client(Http(options.base_url, auth=login, patience=_PATIENCE)), options)
