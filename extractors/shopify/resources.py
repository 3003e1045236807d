"""What a Shopify shop has to give, one declaration each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from extractors.api.connector import Resource
from extractors.shopify import queries
from extractors.shopify.queries import Node
from lakehouse.sources import LoadMode

# Shopify's search index runs a little behind its records.
_OVERLAP = timedelta(minutes=10)
_ORDER_TABLES = ("orders", "order_lines", "order_discounts", "payments", "refunds", "fulfilments")


@dataclass(frozen=True)
class Kind:
    """How a resource is fetched.

    Attributes:
        resource: What the extraction is told of it.
        node: What is asked.
        window_field: The search field that the window limits; empty for what is always asked for whole.
        in_bulk: Whether wide windows are fetched by bulk operations.
        is_reference: Whether a wide window gets all of it: a first load has to know customers and products that were
            changed last before it.
    """

    resource: Resource
    node: Node
    window_field: str = "updated_at"
    in_bulk: bool = False
    is_reference: bool = False


KINDS = {
    kind.resource.name: kind
    for kind in (
        Kind(
            Resource("orders", "Orders", _ORDER_TABLES, overlap=_OVERLAP, scopes=("read_orders", "read_customers")),
            queries.ORDERS,
            in_bulk=True,
        ),
        Kind(
            Resource(
                "refunds",
                "Orders to which money went back, whether or not that changed them",
                _ORDER_TABLES,
                overlap=timedelta(days=1),
                scopes=("read_orders", "read_customers"),
            ),
            queries.ORDERS,
            window_field="processed_at",
        ),
        Kind(
            Resource("customers", "Customers", ("customers",), overlap=_OVERLAP, scopes=("read_customers",)),
            queries.CUSTOMERS,
            in_bulk=True,
            is_reference=True,
        ),
        Kind(
            Resource(
                "products",
                "Products with their variants",
                ("products",),
                overlap=_OVERLAP,
                scopes=("read_products", "read_inventory"),
            ),
            queries.PRODUCTS,
            in_bulk=True,
            is_reference=True,
        ),
        Kind(
            Resource(
                "variants",
                "Variants, whose price changes without a word from their product",
                ("products",),
                overlap=_OVERLAP,
                scopes=("read_products", "read_inventory"),
            ),
            queries.VARIANTS,
            in_bulk=True,
            is_reference=True,
        ),
        Kind(
            Resource(
                "inventory",
                "Stock at each location, as it is now",
                ("stock_on_hand",),
                mode=LoadMode.WINDOW,
                scopes=("read_inventory", "read_products", "read_locations"),
                is_snapshot=True,
            ),
            queries.INVENTORIES,
            window_field="",
            in_bulk=True,
        ),
        Kind(
            Resource(
                "costs",
                "What a unit costs",
                ("product_costs",),
                overlap=_OVERLAP,
                scopes=("read_inventory", "read_products"),
            ),
            queries.COSTS,
            in_bulk=True,
            is_reference=True,
        ),
        Kind(
            Resource("locations", "Locations", ("locations",), scopes=("read_locations",)),
            queries.LOCATIONS,
            window_field="",
        ),
        Kind(
            Resource("discounts", "Discounts", ("discounts",), overlap=_OVERLAP, scopes=("read_discounts",)),
            queries.DISCOUNTS,
            is_reference=True,
        ),
        Kind(
            Resource(
                "checkouts",
                "Abandoned checkouts",
                ("carts", "cart_lines"),
                overlap=_OVERLAP,
                scopes=("read_orders", "read_customers"),
            ),
            queries.CHECKOUTS,
            in_bulk=True,
        ),
        Kind(
            Resource(
                "payouts",
                "Payouts of Shopify Payments",
                ("payouts",),
                overlap=timedelta(days=7),  # from issued to paid, which changes no date
                scopes=("read_shopify_payments_accounts", "read_shopify_payments_payouts"),
            ),
            queries.PAYOUTS,
            window_field="issued_at",
        ),
        Kind(
            Resource(
                "balance_transactions",
                "What payouts settle",
                ("settlement_lines",),
                overlap=timedelta(days=7),  # until they are part of a payout
                scopes=("read_shopify_payments_accounts", "read_shopify_payments_payouts"),
            ),
            queries.BALANCES,
            window_field="processed_at",
        ),
        Kind(
            Resource(
                "deletions",
                "Orders, variants and customers that are no longer there",
                ("deletions",),
                scopes=("read_orders", "read_all_orders", "read_products", "read_customers"),
            ),
            queries.ORDERS,
            window_field="",
        ),
    )
}
RESOURCES = {name: kind.resource for name, kind in KINDS.items()}
