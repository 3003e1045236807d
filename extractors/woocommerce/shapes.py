"""The parts of WooCommerce's records that are used, as `extractors.api.records` reads them."""

from __future__ import annotations

from extractors.api.records import FLAG, JSON, TEXT, Shape

META: list[Shape] = [{"key": TEXT, "value?": JSON}]
"""`meta_data`: what plugins note, under keys of their own."""

ITEM: Shape = {
    "id": TEXT,
    "name?": TEXT,
    "product_id": TEXT,
    "variation_id": TEXT,
    "quantity": TEXT,
    "subtotal": TEXT,
    "total": TEXT,
    "total_tax": TEXT,
    "sku?": TEXT,
    "meta_data?": META,
}
CHARGE: Shape = {
    "id": TEXT,
    "method_id?": TEXT,
    "method_title?": TEXT,
    "name?": TEXT,
    "total": TEXT,
    "total_tax": TEXT,
    "meta_data?": META,
}
COUPON_LINE: Shape = {
    "id": TEXT,
    "code": TEXT,
    "discount": TEXT,
    "discount_tax": TEXT,
    "discount_type?": TEXT,
    "free_shipping?": TEXT,
}

ORDER: dict[str, Shape] = {
    "id": TEXT,
    "number?": TEXT,
    "status": TEXT,
    "currency": TEXT,
    "prices_include_tax?": FLAG,
    "customer_id": TEXT,
    "date_created_gmt": TEXT,
    "date_modified_gmt": TEXT,
    "date_paid_gmt?": TEXT,
    "payment_method?": TEXT,
    "transaction_id?": TEXT,
    "discount_total": TEXT,
    "discount_tax": TEXT,
    "shipping_total": TEXT,
    "shipping_tax": TEXT,
    "total": TEXT,
    "total_tax": TEXT,
    "billing?": {"email?": TEXT, "country?": TEXT},
    "shipping?": {"country?": TEXT},
    "meta_data?": META,
    "line_items": [ITEM],
    "shipping_lines": [CHARGE],
    "fee_lines": [CHARGE],
    "coupon_lines": [COUPON_LINE],
    "refunds?": [{"id": TEXT, "total": TEXT}],
}

REFUND: dict[str, Shape] = {
    "id": TEXT,
    "parent_id?": TEXT,
    "date_created_gmt": TEXT,
    "amount": TEXT,
    "reason?": TEXT,
    "line_items": [ITEM],
    "shipping_lines?": [CHARGE],
    "fee_lines?": [CHARGE],
}

PARENT: dict[str, Shape] = {
    "id": TEXT,
    "currency": TEXT,
    "customer_id": TEXT,
    "payment_method?": TEXT,
    "billing?": {"country?": TEXT},
}
"""What the refunds' orders tell of them."""

PRODUCT: dict[str, Shape] = {
    "id": TEXT,
    "parent_id?": TEXT,
    "name?": TEXT,
    "type?": TEXT,
    "status": TEXT,
    "date_created_gmt": TEXT,
    "sku": TEXT,
    "global_unique_id?": TEXT,
    "price?": TEXT,
    "regular_price?": TEXT,
    "manage_stock": TEXT,
    "stock_quantity?": TEXT,
    "weight?": TEXT,
    "categories?": [{"name": TEXT}],
    "brands?": [{"name": TEXT}],
    "attributes?": [{"name?": TEXT, "option?": TEXT}],
    "meta_data?": META,
}
"""A product, or a variation, which has most of it."""

CUSTOMER: dict[str, Shape] = {
    "id": TEXT,
    "date_created_gmt": TEXT,
    "email?": TEXT,
    "billing?": {"country?": TEXT, "state?": TEXT},
    "shipping?": {"country?": TEXT, "state?": TEXT},
}

COUPON: dict[str, Shape] = {
    "id": TEXT,
    "code": TEXT,
    "amount": TEXT,
    "discount_type": TEXT,
    "description?": TEXT,
    "free_shipping?": FLAG,
    "usage_count?": TEXT,
    "date_created_gmt": TEXT,
    "date_expires_gmt?": TEXT,
}
