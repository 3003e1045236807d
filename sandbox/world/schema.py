"""Every table of the world: columns, types, and what is not plain from a column's name.

Instants are naive UTC, money is integer minor units of the row's currency (pence, cents, yen), `date` is a UTC day.
Tables are sorted by their first column unless a note says otherwise.
"""

from __future__ import annotations

from typing import Final

import polars as pl
from polars._typing import PolarsDataType

I64, F64, STR, BOOL, DAY = pl.Int64(), pl.Float64(), pl.String(), pl.Boolean(), pl.Date()
AT = pl.Datetime("us")
Columns = dict[str, PolarsDataType]

CATALOGUE: Final[dict[str, Columns]] = {
    "shops": {"shop": STR, "name": STR, "currency": STR, "time_zone": STR, "country": STR, "taxes_included": BOOL},
    "locations": {"location_id": I64, "name": STR, "country": STR, "is_fba": BOOL},
    "categories": {"category_id": I64, "parent_id": I64, "name_en": STR, "name_zh": STR, "path_en": STR},
    "suppliers": {
        "supplier_id": I64, "name": STR, "country": STR, "currency": STR, "lead_time_mean_days": F64,
        "lead_time_sd_days": F64, "minimum_order_units": I64, "on_time_share": F64,
    },
    "products": {
        "product_id": I64, "title_en": STR, "title_zh": STR, "category_id": I64, "brand": STR, "supplier_id": I64,
        "created_at": AT, "discontinued_at": AT, "is_gift_card": BOOL, "is_bundle": BOOL,
    },
    "variants": {
        "variant_id": I64, "product_id": I64, "sku": STR, "option_name": STR, "option_value": STR, "gtin": STR,
        "asin": STR, "weight_g": I64, "cost_minor": I64, "price_minor": I64, "pack_units": I64, "created_at": AT,
        "sold_by_shopify": BOOL, "sold_by_woocommerce": BOOL, "sold_by_amazon_uk": BOOL, "sold_by_amazon_jp": BOOL,
    },
    "variant_prices": {
        "variant_id": I64, "shop": STR, "valid_from": AT, "price_minor": I64, "compare_at_minor": I64, "currency": STR,
    },
    "bundles": {"bundle_variant_id": I64, "component_variant_id": I64, "quantity": I64},
    "promotions": {
        "promotion_id": I64, "shop": STR, "code": STR, "title_en": STR, "title_zh": STR, "kind": STR, "value": I64,
        "starts_at": AT, "ends_at": AT, "category_id": I64,
    },
    "product_changes": {"product_id": I64, "changed_at": AT, "kind": STR, "bumps_updated_at": BOOL},
    "employees": {"employee_id": I64, "name": STR, "team": STR},
    "customers": {
        "customer_id": I64, "shop": STR, "email": STR, "first_name": STR, "last_name": STR, "phone": STR,
        "address1": STR, "city": STR, "postcode": STR, "country": STR, "created_at": AT, "accepts_marketing": BOOL,
        "segment": STR,
    },
}  # fmt: skip

SALES: Final[dict[str, Columns]] = {
    "orders": {
        "order_id": I64, "shop": STR, "platform_order_id": STR, "order_number": STR, "customer_id": I64, "email": STR,
        "created_at": AT, "updated_at": AT, "cancelled_at": AT, "cancel_reason": STR, "deleted_at": AT,
        "deleted_how": STR, "is_test": BOOL, "currency": STR, "presentment_currency": STR, "presentment_rate": STR,
        "taxes_included": BOOL, "tax_rate_bp": I64, "country": STR, "city": STR, "postcode": STR,
        "sales_channel": STR, "payment_gateway": STR, "discount_code": STR, "subtotal_minor": I64,
        "discount_minor": I64, "shipping_minor": I64, "tax_minor": I64, "total_minor": I64, "tags": STR,
        "status": STR, "bumps_on_refund": BOOL, "paid_at": AT, "edited_at": AT, "location_id": I64,
        "original_subtotal_minor": I64, "original_tax_minor": I64, "original_total_minor": I64,
    },
    "order_lines": {
        "order_id": I64, "line_no": I64, "platform_line_id": STR, "variant_id": I64, "sku": STR, "title": STR,
        "quantity": I64, "current_quantity": I64, "unit_price_minor": I64, "discount_minor": I64, "tax_minor": I64,
        "kind": STR, "bundle_variant_id": I64, "fulfilled_quantity": I64, "added_at": AT, "original_tax_minor": I64,
    },
    "transactions": {
        "transaction_id": I64, "order_id": I64, "kind": STR, "gateway": STR, "status": STR, "amount_minor": I64,
        "fee_minor": I64, "currency": STR, "created_at": AT, "refund_id": I64,
    },
    "refunds": {
        "refund_id": I64, "platform_refund_id": STR, "order_id": I64, "created_at": AT, "amount_minor": I64,
        "tax_minor": I64, "shipping_minor": I64, "reason": STR, "restock": BOOL,
    },
    "refund_lines": {
        "refund_id": I64, "order_id": I64, "line_no": I64, "quantity": I64, "amount_minor": I64, "tax_minor": I64,
        "restocked": BOOL,
    },
    "fulfilments": {
        "fulfilment_id": I64, "order_id": I64, "created_at": AT, "shipped_at": AT, "delivered_at": AT,
        "carrier": STR, "tracking_number": STR, "location_id": I64, "cost_minor": I64, "status": STR,
    },
    "fulfilment_lines": {"fulfilment_id": I64, "order_id": I64, "line_no": I64, "quantity": I64},
    "order_changes": {"shop": STR, "order_id": I64, "changed_at": AT, "kind": STR, "bumps_updated_at": BOOL},
    "returns": {
        "return_id": I64, "shop": STR, "order_id": I64, "line_no": I64, "refund_id": I64, "requested_at": AT,
        "received_at": AT, "quantity": I64, "reason": STR, "disposition": STR,
    },
    "carts": {
        "cart_id": I64, "shop": STR, "customer_id": I64, "created_at": AT, "updated_at": AT, "completed_at": AT,
        "currency": STR, "total_minor": I64, "order_id": I64, "email": STR,
    },
    "cart_lines": {"cart_id": I64, "line_no": I64, "variant_id": I64, "quantity": I64, "unit_price_minor": I64},
    "payouts": {
        "payout_id": I64, "shop": STR, "issued_at": AT, "currency": STR, "amount_minor": I64, "status": STR,
    },
    "payout_lines": {
        "payout_id": I64, "kind": STR, "order_id": I64, "amount_minor": I64, "fee_minor": I64, "posted_at": AT,
        "transaction_id": I64,
    },
}  # fmt: skip

OPERATIONS: Final[dict[str, Columns]] = {
    "stock_levels": {
        "date": DAY, "location_id": I64, "variant_id": I64, "on_hand": I64, "reserved": I64, "inbound": I64,
    },
    "stock_movements": {
        "movement_id": I64, "occurred_at": AT, "location_id": I64, "variant_id": I64, "kind": STR, "quantity": I64,
        "reference": STR,
    },
    "purchase_orders": {
        "po_id": I64, "po_number": STR, "supplier_id": I64, "ordered_at": AT, "expected_at": AT, "currency": STR,
        "status": STR, "location_id": I64,
    },
    "po_lines": {"po_id": I64, "line_no": I64, "variant_id": I64, "quantity": I64, "unit_cost_minor": I64},
    "receipts": {
        "receipt_id": I64, "po_id": I64, "line_no": I64, "received_at": AT, "quantity": I64,
        "damaged_quantity": I64,
    },
    "variant_costs": {
        "variant_id": I64, "supplier_id": I64, "valid_from": AT, "unit_cost_minor": I64, "currency": STR,
    },
    "reviews": {
        "review_id": I64, "shop": STR, "variant_id": I64, "customer_id": I64, "created_at": AT, "rating": I64,
        "title": STR, "body": STR,
    },
    "tickets": {
        "ticket_id": I64, "shop": STR, "order_id": I64, "customer_id": I64, "created_at": AT, "first_reply_at": AT,
        "solved_at": AT, "channel": STR, "category": STR, "priority": STR, "satisfaction": I64, "agent": STR,
    },
    "events": {
        "event_id": STR, "shop": STR, "occurred_at": AT, "visitor_id": STR, "customer_id": I64, "session_no": I64,
        "kind": STR, "variant_id": I64, "query": STR, "results": I64, "order_id": I64, "device": STR, "country": STR,
        "source": STR, "medium": STR, "campaign": STR, "page_path": STR, "quantity": I64, "value_minor": I64,
        "currency": STR,
    },
    "ad_spend": {
        "date": DAY, "platform": STR, "campaign_id": STR, "campaign_name": STR, "ad_group": STR, "variant_id": I64,
        "impressions": I64, "clicks": I64, "cost_minor": I64, "currency": STR, "conversions": I64,
        "conversion_value_minor": I64,
    },
    "targets": {"month": DAY, "team": STR, "metric": STR, "value_minor": I64, "currency": STR},
    "competitor_prices": {
        "date": DAY, "competitor": STR, "variant_id": I64, "price_minor": I64, "currency": STR, "in_stock": BOOL,
    },
    "fx_rates": {"date": DAY, "currency": STR, "rate_per_eur": STR},
}  # fmt: skip

TABLES: Final[dict[str, Columns]] = CATALOGUE | SALES | OPERATIONS

TRUTH: Final[dict[str, Columns]] = {
    "true_demand": {"date": DAY, "shop": STR, "variant_id": I64, "units": I64},
    "lost_sales": {"date": DAY, "shop": STR, "variant_id": I64, "units": I64, "value_minor": I64},
    "affinities": {"variant_a": I64, "variant_b": I64, "lift": F64},
    "elasticity": {"variant_id": I64, "value": F64},
    "fraud": {"order_id": I64},
    "customer_value": {"customer_id": I64, "expected_orders_per_year": F64, "churned_at": AT},
    "seasonality": {"category_id": I64, "month": I64, "factor": F64},
}

NOTES: Final[dict[str, str]] = {
    "variants": "cost_minor and price_minor are GBP at creation; sold_by_* says which market lists the variant.",
    "variant_prices": "By variant, shop, currency, valid_from. amazon has a GBP (UK) and a JPY (Japan) history. Prices"
    " are as the shop shows them: with tax, but for shopify orders whose taxes_included is false.",
    "product_changes": "By product, then time. A price_changed entry leaves the product's updated_at alone.",
    "promotions": "value: percent for percentage, minor units of the shop's currency for fixed_amount. code null:"
    " applied by itself. category_id null: the whole shop.",
    "bundles": "A bundle has no stock of its own. In order_lines its components stand, with bundle_variant_id.",
    "orders": "total = subtotal + shipping + (0 if taxes_included else tax); subtotal = sum of current_quantity x"
    " unit_price over the lines that are not shipping - discount. Totals are after edits and before refunds;"
    " original_* are those before the edit. status is the one at the end of history. email may be null on amazon.",
    "order_lines": "The shipping charge is a line of kind shipping (variant_id null, quantity 1), as well as"
    " orders.shipping_minor: never add both. custom: a charge without a product."
    " discount_minor is for current_quantity; sum over lines may fall short of"
    " orders.discount_minor by 1 to 3 minor units. tax_minor summed over all lines = orders.tax_minor. added_at later"
    " than orders.created_at: added by the edit (then quantity is what was added). current_quantity < quantity:"
    " lowered by the edit at orders.edited_at. Lines of a cancelled order keep their quantity.",
    "transactions": "Successful sale + capture = orders.total once paid; successful refund = refunds.amount.",
    "refunds": "amount = sum of its lines' amount_minor + shipping + tax; tax = the lines' tax and the shipping's;"
    " shipping is without tax. A refund without lines is goodwill: an amount of which no tax is told.",
    "refund_lines": "amount_minor excludes tax whether or not the order's prices include it.",
    "fulfilments": "cost_minor is what the carrier charges, in the order's currency.",
    "order_changes": "By order, then time. Hard-deleted orders keep their history here.",
    "payouts": "amount = sum over lines of amount - fee. amazon pays each marketplace (currency) by itself.",
    "stock_levels": "By date, location, variant; at the end of the UTC day. The rows of the day before the first day"
    " are the opening stock. on_hand = opening + movements to date; available = on_hand - reserved.",
    "stock_movements": "A sale moves at shipment; until then the units are reserved.",
    "receipts": "quantity arrived in all, damaged_quantity of it is not put on stock.",
    "variant_costs": "By variant, valid_from; one supplier's price in the supplier's currency.",
    "events": "In order of time within a part (row group). Web shops only: amazon gives no clickstream."
    " session_no is unique to a session. value_minor of a purchase is the order's total.",
    "ad_spend": "By date, platform, campaign, ad group.",
    "lost_sales": "Units that customers wanted and stock did not have; value at the day's price, shop's currency.",
    "affinities": "Buying a multiplies the chance of b being in the basket by lift, as designed.",
    "elasticity": "Percent change of demand for one percent change of price.",
    "customer_value": "Expected orders a year while active; churned_at null: still a customer.",
    "seasonality": "Factor of a month on the demand of a category; mean about 1.",
}


def checked(frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """The frame with the table's columns in order.

    Raises:
        ValueError: If a column is missing or has another type.
    """
    schema = (TABLES | TRUTH)[table]
    missing = schema.keys() - set(frame.columns)
    if missing:
        raise ValueError(f"{table}: missing columns {sorted(missing)}")
    wrong = [name for name, dtype in schema.items() if frame.schema[name] not in (dtype, pl.Null())]
    if wrong:
        raise ValueError(f"{table}: wrong types {[(name, frame.schema[name]) for name in wrong]}")
    return frame.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
