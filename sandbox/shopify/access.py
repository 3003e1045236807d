"""Access scopes: what an app may see, and what Shopify says when it may not."""

from __future__ import annotations

from typing import cast

from graphql import OperationDefinitionNode
from graphql.type import GraphQLObjectType

from sandbox.shopify.projection import Document, Projection

ALL_SCOPES = (
    "read_all_orders",
    "read_customers",
    "read_discounts",
    "read_inventory",
    "read_locations",
    "read_orders",
    "read_products",
    "read_shopify_payments_accounts",
    "read_shopify_payments_payouts",
)
_ROOTS = {
    "orders": "read_orders",
    "order": "read_orders",
    "ordersCount": "read_orders",
    "refund": "read_orders",
    "abandonedCheckouts": "read_orders",
    "tenderTransactions": "read_orders",
    "customers": "read_customers",
    "customer": "read_customers",
    "products": "read_products",
    "product": "read_products",
    "productVariants": "read_products",
    "productVariant": "read_products",
    "inventoryItems": "read_inventory",
    "inventoryItem": "read_inventory",
    "locations": "read_locations",
    "location": "read_locations",
    "discountNodes": "read_discounts",
    "discountNode": "read_discounts",
    "codeDiscountNodes": "read_discounts",
    "shopifyPaymentsAccount": "read_shopify_payments_accounts",
}


def denial(projection: Projection, operation: OperationDefinitionNode, scopes: frozenset[str]) -> Document | None:
    """The error for the first root field that the scopes do not reach, None where all may be read."""
    root = cast("GraphQLObjectType", projection.schema.get_root_type(operation.operation))
    for one in projection.fields(operation.selection_set, root):
        needed = _ROOTS.get(one.name)
        if needed is not None and needed not in scopes:
            return {
                "message": f"Access denied for {one.name} field. Required access: `{needed}` access scope.",
                "locations": [{"line": 1, "column": 1}],
                "extensions": {
                    "code": "ACCESS_DENIED",
                    "documentation": "https://shopify.dev/api/usage/access-scopes",
                    "requiredAccess": f"`{needed}` access scope.",
                },
                "path": [one.key],
            }
    return None
