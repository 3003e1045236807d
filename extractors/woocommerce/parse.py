"""Which parser reads which page: pure, bytes in and rows out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractors.api.connector import Parsing
from extractors.api.records import Record
from extractors.woocommerce import parse_catalogue, parse_refunds
from extractors.woocommerce.parse_catalogue import parse_coupons, parse_customers, parse_deletion, parse_products
from extractors.woocommerce.parse_orders import parse_orders
from extractors.woocommerce.reading import Seen, records
from lakehouse.landing import RawFile

_BATCH = 2_000  # orders at once: few enough for the memory, enough for the work on columns to pay


def parse(parts: Iterable[RawFile], *, gift_card_sku: str | None) -> Iterator[Parsing]:
    """Reads the pages of a load, one after another.

    Args:
        parts: The pages, in the order in which they came.
        gift_card_sku: Regular expression on the SKU of gift cards.
    """
    seen, settings = Seen(), parse_catalogue.Settings()
    products, orders = parse_catalogue.Parents(), parse_refunds.Parents()
    waiting: list[Record] = []
    for part in parts:
        match part.meta.get("kind", ""):
            case "orders":
                waiting += records(part)
                if len(waiting) >= _BATCH:
                    yield parse_orders(waiting, seen, gift_card_sku)
                    waiting = []
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
    if waiting:
        yield parse_orders(waiting, seen, gift_card_sku)
