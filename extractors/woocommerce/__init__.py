"""WooCommerce shops through their REST API, wc/v3. See README.md."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from extractors.api.client import Http
from extractors.api.throttle import TokenBucket
from extractors.woocommerce.client import Shop
from extractors.woocommerce.connector import WooCommerce
from extractors.woocommerce.oauth import OAuth1
from extractors.woocommerce.resources import API_VERSION, CREDENTIALS, PARSER_VERSION, RESOURCES, Options

__all__ = ["API_VERSION", "CREDENTIALS", "OPTIONS", "PARSER_VERSION", "RESOURCES", "connect"]

OPTIONS = Options


def connect(options: Options, credentials: Mapping[str, str], *, http: Http | None = None) -> WooCommerce:
    """A connector for one shop.

    Args:
        options: What the sources' file says of it.
        credentials: The consumer key and its secret.
        http: Its server, where it is not to be made from the options; its clock and its sleep count.
    """
    server = http or Http(options.url, auth=sign_in(options, credentials))
    bucket = TokenBucket(options.requests_per_second, options.burst, monotonic=server.monotonic, sleep=server.sleep)
    return WooCommerce(Shop(server, bucket, options.page_size), options)


def sign_in(options: Options, credentials: Mapping[str, str]) -> httpx.Auth:
    """How requests to the shop are authenticated."""
    key, secret = credentials["consumer_key"], credentials["consumer_secret"]
    return httpx.BasicAuth(key, secret) if options.is_basic else OAuth1(key, secret)
