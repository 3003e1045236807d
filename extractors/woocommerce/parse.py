"""Which parser reads which page: pure, bytes in and rows out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractors.api.connector import Parsing
from extractors.woocommerce import parse_catalogue, parse_refunds
from extractors.woocommerce.parse_catalogue import parse_coupons, parse_customers, parse_deletion, parse_products
from extractors.woocommerce.parse_orders import parse_orders
from extractors.woocommerce.reading import Seen
from lakehouse.landing import RawFile


def parse(parts: Iterable[RawFile], *, gift_card_sku: str | None) -> Iterator[Parsing]:
    """Reads the pages of a load, one after another.

    Args:
        parts: The pages, in the order in which they came.
        gift_card_sku: Regular expression on the SKU of gift cards.
    """
    seen, settings = Seen(), parse_catalogue.Settings()
    products, orders = parse_catalogue.Parents(), parse_refunds.Parents()
    for part in parts:
        match part.meta.get("kind", ""):
            case "orders":
                yield parse_orders(part, seen, gift_card_sku)
            case "parents":
                orders.read(part)
            case "refunds":
                yield parse_refunds.parse_refunds(part, seen, orders, gift_card_sku)
            case "settings":
                settings.read(part)
            case "products" | "variations":
                yield parse_products(part, seen, settings, products)
            case "customers":
                yield parse_customers(part, seen)
            case "coupons":
                yield parse_coupons(part, seen, settings)
            case "asked":
                yield parse_deletion(part)
            case _:  # the listing that deletions start from: landed as evidence, no records
                pass
