"""A server that behaves like the REST API (wc/v3) of a WooCommerce shop, over a simulated merchant."""

from sandbox.woocommerce.app import app
from sandbox.woocommerce.auth import CONSUMER_KEY, CONSUMER_SECRET

__all__ = ["CONSUMER_KEY", "CONSUMER_SECRET", "app"]
