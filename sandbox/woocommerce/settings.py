"""What the shop says about itself: the index, its settings, its system status."""

from __future__ import annotations

from datetime import UTC, datetime

from sandbox.woocommerce.listing import Document
from sandbox.woocommerce.shop import Shop

VERSION = "10.3.5"
_NAMESPACE = "wc/v3"


def index(shop: Shop, now: datetime, url: str, routes: list[str]) -> Document:
    """`/wp-json/`: WordPress's own words about the site; open to everybody.

    Args:
        shop: The shop.
        now: Naive UTC; the offset from UTC depends on it.
        url: The site's address.
        routes: The paths that exist.
    """
    offset = now.replace(tzinfo=UTC).astimezone(shop.site).utcoffset()
    hours = offset.total_seconds() / 3600 if offset else 0.0
    return {
        "name": shop.name,
        "description": "",
        "url": url,
        "home": url,
        "gmt_offset": str(int(hours)) if hours.is_integer() else str(hours),
        "timezone_string": shop.site.key,
        "namespaces": ["oembed/1.0", "wc/v1", "wc/v2", _NAMESPACE, "wp/v2"],
        "authentication": {},
        "routes": {route: {"namespace": _NAMESPACE, "methods": ["GET"]} for route in routes},
    }


def group(shop: Shop, name: str) -> list[Document] | None:
    """`/settings/<group>`: its options, or None where there is no such group."""
    options = {
        "general": {"woocommerce_currency": shop.currency, "woocommerce_price_num_decimals": "2",
                    "woocommerce_default_country": shop.country},
        "products": {"woocommerce_weight_unit": "kg", "woocommerce_manage_stock": "yes"},
        "tax": {"woocommerce_prices_include_tax": "yes" if shop.taxes_included else "no",
                "woocommerce_tax_round_at_subtotal": "no"},
    }  # fmt: skip
    if name not in options:
        return None
    return [
        {"id": key, "label": key, "description": "", "type": "text", "default": "", "value": value, "group_id": name}
        for key, value in options[name].items()
    ]


def system_status(shop: Shop, url: str) -> Document:
    """`/system_status`: only what a connector has a use for."""
    return {
        "environment": {"home_url": url, "site_url": url, "version": VERSION, "wp_version": "6.8.3"},
        "settings": {
            "api_enabled": True,
            "currency": shop.currency,
            "currency_symbol": "&euro;",
            "number_of_decimals": 2,
            "taxonomies": {},
            "HPOS_enabled": True,
        },
    }
