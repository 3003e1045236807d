"""Every query that is sent. One description of a node makes its page query, its bulk query and its query by id.

A connection is written `lineItems @ 8 { … }`: pages take its first 8 nodes, as many as most orders have, and tell
whether there are more; a bulk export takes all of it. What stands in `<< … >>` is left out of bulk exports, which
refuse a connection within a list.
tests/unit/extractors/shopify/test_queries.py holds each of them to Shopify's own schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CONNECTION = re.compile(r"(\w+)(?: @ (\d+))? \{")
_NOT_IN_BULK = re.compile(r"<<.*?>>", re.DOTALL)

_BAG = "{ shopMoney { amount currencyCode } }"
_BAGS = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
_TAXES = f"taxLines {{ rate priceSet {_BAG} }}"
_ALLOCATIONS = f"""discountAllocations {{
  allocatedAmountSet {_BAG}
  discountApplication {{
    __typename index targetType
    value {{ __typename ... on PricingPercentageValue {{ percentage }} }}
    ... on DiscountCodeApplication {{ code }}
    ... on AutomaticDiscountApplication {{ title }}
    ... on ManualDiscountApplication {{ title }}
  }}
}}"""

ORDER = f"""id name createdAt processedAt updatedAt cancelledAt cancelReason test edited closed sourceName
currencyCode presentmentCurrencyCode taxesIncluded displayFinancialStatus displayFulfillmentStatus
customer {{ id #EMAIL defaultEmailAddress {{ emailAddress }}
}}
#EMAIL email
shippingAddress {{ countryCodeV2 }} billingAddress {{ countryCodeV2 }}
subtotalPriceSet {_BAG} totalPriceSet {_BAGS} totalTaxSet {_BAG} totalDiscountsSet {_BAG}
totalShippingPriceSet {_BAG} totalRefundedSet {_BAG} totalTipReceivedSet {_BAG}
originalTotalDutiesSet {_BAG} originalTotalAdditionalFeesSet {_BAG}
totalCashRoundingAdjustment {{ paymentSet {_BAG} }}
transactions {{
  id kind status gateway test createdAt processedAt amountSet {_BAG} fees {{ amount {{ amount currencyCode }} }}
}}
fulfillments {{
  id status displayStatus createdAt inTransitAt deliveredAt totalQuantity
  location {{ id }} trackingInfo {{ company }}
}}
refunds {{
  id createdAt note totalRefundedSet {_BAG}
  << refundLineItems @ 5 {{ id quantity restocked subtotalSet {_BAG} totalTaxSet {_BAG} lineItem {{ id sku }} }}
  refundShippingLines @ 2 {{ id subtotalAmountSet {_BAG} taxAmountSet {_BAG} }}
  orderAdjustments @ 2 {{ id reason amountSet {_BAG} taxAmountSet {_BAG} }} >>
}}
lineItems @ 8 {{
  __typename id title sku quantity currentQuantity isGiftCard variant {{ id }}
  originalUnitPriceSet {_BAG} {_TAXES}
  {_ALLOCATIONS}
}}
shippingLines @ 2 {{
  __typename id title isRemoved originalPriceSet {_BAG} {_TAXES}
  {_ALLOCATIONS}
}}"""

CUSTOMER = """id createdAt updatedAt state tags numberOfOrders
#EMAIL defaultEmailAddress { emailAddress marketingState }
defaultAddress { countryCodeV2 provinceCode }"""

_VARIANT_FIELDS = """id sku barcode title price compareAtPrice createdAt updatedAt requiresComponents
inventoryItem { id unitCost { amount currencyCode } measurement { weight { unit value } } }"""
_PRODUCT_FIELDS = "id title vendor status productType createdAt updatedAt isGiftCard category { fullName }"

PRODUCT = f"{_PRODUCT_FIELDS}\nvariants @ 50 {{ __typename {_VARIANT_FIELDS} }}"
VARIANT = f"{_VARIANT_FIELDS}\nproduct {{ {_PRODUCT_FIELDS} }}"

INVENTORY = """id sku tracked updatedAt
inventoryLevels @ 20 {
  __typename id location { id }
  quantities(names: ["available", "reserved", "committed", "incoming", "damaged", "quality_control", "safety_stock"]) {
    name quantity
  }
}"""
COST = "id sku createdAt updatedAt unitCost { amount currencyCode }"
LOCATION = "id name isActive createdAt updatedAt address { countryCode city }"

_DISCOUNT_FACTS = """title status createdAt updatedAt startsAt endsAt asyncUsageCount
customerGets { value {
  __typename ... on DiscountPercentage { percentage } ... on DiscountAmount { amount { amount currencyCode } }
} }"""
DISCOUNT = f"""id discount {{
  __typename
  ... on DiscountCodeBasic {{ {_DISCOUNT_FACTS} codes @ 100 {{ id code }} }}
  ... on DiscountAutomaticBasic {{ {_DISCOUNT_FACTS} }}
}}"""

CHECKOUT = f"""id createdAt updatedAt completedAt
customer {{ id #EMAIL defaultEmailAddress {{ emailAddress }}
}}
shippingAddress {{ countryCodeV2 }}
totalPriceSet {_BAG}
lineItems @ 10 {{ __typename id title sku quantity originalUnitPriceSet {_BAG} }}"""

PAYOUT = "id issuedAt status net { amount currencyCode }"
BALANCE = """id type test transactionDate amount { amount currencyCode } fee { amount currencyCode }
sourceType associatedOrder { id } associatedPayout { id status }"""

_PAGE_INFO = "pageInfo { hasNextPage endCursor }"
APP = """query App {
  shop { name currencyCode ianaTimezone taxesIncluded }
  currentAppInstallation { accessScopes { handle } }
}"""
TENDER = f"""query Tender($first: Int!, $after: String, $query: String) {{
  tenderTransactions(first: $first, after: $after, query: $query) {{
    nodes {{ id processedAt amount {{ amount }} order {{ id }} }}
    {_PAGE_INFO}
  }}
}}"""
RUN = """mutation Run($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) {
    bulkOperation { id status }
    userErrors { code field message }
  }
}"""
POLL = """query Poll($id: ID!) {
  bulkOperation(id: $id) { id status errorCode objectCount rootObjectCount url partialDataUrl }
}"""


@dataclass(frozen=True)
class Node:
    """What is asked of one kind of thing.

    Attributes:
        type: Its name in the schema.
        root: The connection at the query's root that gives it.
        fields: Its fields, in the writing of this module.
        sort: Its sort key, where the root takes one.
        within: The single object at the root that has the connection, where it is not the root's own.
    """

    type: str
    root: str
    fields: str
    sort: str = ""
    within: str = ""

    def pages(self, *, emails: bool = True) -> str:
        """Its page query: `$first`, `$after`, `$query`."""
        sort = f", sortKey: {self.sort}" if self.sort else ""
        inner = f"""{self.root}(first: $first, after: $after, query: $query{sort}) {{
    nodes {{ {_paged(_told(self.fields, emails=emails))} }}
    {_PAGE_INFO}
  }}"""
        if self.within:
            inner = f"{self.within} {{ {inner} }}"
        return f"query Pages($first: Int!, $after: String, $query: String) {{\n  {inner}\n}}"

    def bulk(self, search: str, *, emails: bool = True) -> str:
        """Its bulk query, which takes no variables."""
        fields = _NOT_IN_BULK.sub("", _told(self.fields, emails=emails))
        condition = f'(query: "{search}")' if search else ""
        return f"{{ {self.root}{condition} {{ edges {{ node {{ {_unpaged(fields)} }} }} }} }}"

    def by_ids(self, *, emails: bool = True) -> str:
        """Its query by `$ids`, with connections from their beginning."""
        return f"""query ByIds($ids: [ID!]!) {{
  nodes(ids: $ids) {{ ... on {self.type} {{ {_paged(_told(self.fields, emails=emails))} }} }}
}}"""

    def more(self, name: str, *, emails: bool = True) -> str:
        """The rest of one of its connections: `$id`, `$after`."""
        inner = connection(_told(self.fields, emails=emails), name)
        return f"""query More($id: ID!, $after: String) {{
  node(id: $id) {{ ... on {self.type} {{
    id {name}(first: 100, after: $after) {{ nodes {{ {_paged(inner)} }} {_PAGE_INFO} }}
  }} }}
}}"""


MORE_CODES = f"""query MoreCodes($id: ID!, $after: String) {{
  node: discountNode(id: $id) {{
    id discount {{ __typename
      ... on DiscountCodeBasic {{ codes(first: 250, after: $after) {{ nodes {{ id code }} {_PAGE_INFO} }} }}
    }}
  }}
}}"""


def one_discount() -> str:
    """A discount with the first of its codes: `$id`. A discount's own kind is not that of the list it stands in."""
    return f"query OneDiscount($id: ID!) {{\n  node: discountNode(id: $id) {{ {_paged(DISCOUNT)} }}\n}}"


def more_of_refund(name: str) -> str:
    """The rest of a connection of a refund: `$id`, `$after`."""
    return f"""query MoreOfRefund($id: ID!, $after: String) {{
  node(id: $id) {{ ... on Refund {{
    id {name}(first: 100, after: $after) {{ nodes {{ {connection(_told(ORDER, emails=False), name)} }} {_PAGE_INFO} }}
  }} }}
}}"""


def existence(kind: str, numbers: list[str]) -> str:
    """Asks for things by number, each under its own name, so that the answer itself says which are gone."""
    asked = "\n".join(f'  {kind}_{number}: node(id: "gid://shopify/{kind}/{number}") {{ id }}' for number in numbers)
    return f"query Existence {{\n{asked}\n}}"


def connection(fields: str, name: str) -> str:
    """What is asked of the nodes of a connection."""
    opening = re.search(rf"\b{name} @ \d+ \{{", fields)
    if opening is None:
        raise KeyError(name)
    depth, start = 1, opening.end()
    for place in range(start, len(fields)):
        depth += {"{": 1, "}": -1}.get(fields[place], 0)
        if depth == 0:
            return fields[start:place]
    raise KeyError(name)


def connections(fields: str) -> Iterator[str]:
    """The names of all connections."""
    return (match.group(1) for match in re.finditer(r"(\w+) @ \d+ \{", fields))


def _told(fields: str, *, emails: bool) -> str:
    return "\n".join(
        line.replace("#EMAIL", "") if emails else line.partition("#EMAIL")[0] for line in fields.splitlines()
    )


def _paged(fields: str) -> str:
    return _rewritten(fields.replace("<<", "").replace(">>", ""), "(first: {size}) {{ nodes {{", f"}} {_PAGE_INFO} }}")


def _unpaged(fields: str) -> str:
    return _rewritten(fields, " {{ edges {{ node {{", "} } }")


def _rewritten(fields: str, opening: str, closing: str) -> str:
    """Writes out `name @ size { … }`."""
    out, ends, place = [], [], 0
    while place < len(fields):
        match = _CONNECTION.match(fields, place)
        if match:
            size = match.group(2)
            out.append(match.group(1) + (opening.format(size=size) if size else " {"))
            ends.append(closing if size else "}")
            place = match.end()
            continue
        character = fields[place]
        if character == "{":
            ends.append("}")
        out.append(ends.pop() if character == "}" else character)
        place += 1
    return "".join(out)


ORDERS = Node("Order", "orders", ORDER, "UPDATED_AT")
CUSTOMERS = Node("Customer", "customers", CUSTOMER, "UPDATED_AT")
PRODUCTS = Node("Product", "products", PRODUCT, "UPDATED_AT")
VARIANTS = Node("ProductVariant", "productVariants", VARIANT, "ID")
INVENTORIES = Node("InventoryItem", "inventoryItems", INVENTORY)
COSTS = Node("InventoryItem", "inventoryItems", COST)
LOCATIONS = Node("Location", "locations", LOCATION, "ID")
DISCOUNTS = Node("DiscountNode", "discountNodes", DISCOUNT, "UPDATED_AT")
CHECKOUTS = Node("AbandonedCheckout", "abandonedCheckouts", CHECKOUT, "CREATED_AT")
PAYOUTS = Node("ShopifyPaymentsPayout", "payouts", PAYOUT, "ISSUED_AT", within="shopifyPaymentsAccount")
BALANCES = Node(
    "ShopifyPaymentsBalanceTransaction",
    "balanceTransactions",
    BALANCE,
    "PROCESSED_AT",
    within="shopifyPaymentsAccount",
)
ORDER_IDS = Node("Order", "orders", "id")
VARIANT_IDS = Node("ProductVariant", "productVariants", "id")
CUSTOMER_IDS = Node("Customer", "customers", "id")
NODES = (
    ORDERS,
    CUSTOMERS,
    PRODUCTS,
    VARIANTS,
    INVENTORIES,
    COSTS,
    LOCATIONS,
    DISCOUNTS,
    CHECKOUTS,
    PAYOUTS,
    BALANCES,
)
BULKABLE = (ORDERS, CUSTOMERS, PRODUCTS, VARIANTS, INVENTORIES, COSTS, CHECKOUTS)
DRAINED = {
    "Order": ("lineItems", "shippingLines"),
    "Product": ("variants",),
    "InventoryItem": ("inventoryLevels",),
    "AbandonedCheckout": ("lineItems",),
}
OF_REFUNDS = ("refundLineItems", "refundShippingLines", "orderAdjustments")


def shipped() -> Iterator[tuple[str, str]]:
    """Every query that can be sent, by a name for people: what the schema test goes through."""
    yield from {"app": APP, "tender": TENDER, "run": RUN, "poll": POLL, "more codes": MORE_CODES}.items()
    yield "one discount", one_discount()
    yield "existence", existence("Order", ["1", "2"])
    for node in NODES:
        for emails in (True, False):
            told = "" if emails else " without emails"
            yield f"{node.root} pages{told}: {node.type}", node.pages(emails=emails)
            if node in BULKABLE:
                yield f"{node.root} bulk{told}: {node.type}", node.bulk("updated_at:>='2026-01-01'", emails=emails)
    for node in (ORDER_IDS, VARIANT_IDS, CUSTOMER_IDS):
        yield f"{node.root} ids", node.bulk("")
    for node in (ORDERS, PRODUCTS, INVENTORIES, CHECKOUTS):
        for emails in (True, False):
            yield f"{node.root} by ids, emails {emails}", node.by_ids(emails=emails)
            for name in DRAINED[node.type]:
                yield f"more {name} of {node.type}, emails {emails}", node.more(name, emails=emails)
    for name in OF_REFUNDS:
        yield f"more {name} of Refund", more_of_refund(name)
