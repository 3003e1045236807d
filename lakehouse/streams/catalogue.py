"""What there is to sell, to whom it was sold, and at what discount."""

from __future__ import annotations

from lakehouse.streams.model import (
    COUNTRY,
    CUSTOMER,
    EMAIL,
    PRODUCT,
    Stream,
    flag,
    happened,
    instant,
    money,
    number,
    rate,
    text,
)

PRODUCTS = Stream(
    "products",
    (
        PRODUCT,
        text("variant_ref", "The source's number of the variant that has this code."),
        text("product_group_ref", "The source's number of the product whose variants they are."),
        text("product_title", "The product's name."),
        text("variant_title", "What tells this variant from the others."),
        text("category", "The source's category, levels parted by ' > '."),
        text("brand", "Who makes it."),
        text("gtin", "Its barcode (GTIN, EAN, UPC, JAN)."),
        text("mpn", "The maker's part number."),
        text("asin", "Amazon's number of it."),
        text("status", "active, draft or archived."),
        flag("is_gift_card", "Whether it is a gift card, whose sale is no revenue yet."),
        flag("is_bundle", "Whether it is made up of other products, which must not count again."),
        money("price_amount", "Price at which it is offered, as the shop shows it."),
        money("compare_at_amount", "Price before a reduction."),
        money("cost_amount", "What one unit costs, where the source knows."),
        text("currency_code", "Currency of the amounts in this row (ISO 4217)."),
        number("weight_grams", "Weight of one unit."),
        happened("When it was made known to the source"),
    ),
)

BUNDLE_COMPONENTS = Stream(
    "bundle_components",
    (
        PRODUCT,
        text("component_product_ref", "The seller's code for a product that is part of it.", required=True),
        number("quantity", "Units of the part in one bundle.", required=True),
        happened("From when on this holds"),
    ),
)

CUSTOMERS = Stream(
    "customers",
    (
        CUSTOMER,
        EMAIL,
        COUNTRY,
        text("region", "State or province; coarse on purpose."),
        flag("accepts_marketing", "Whether the customer agreed to be written to."),
        text("tags", "The shop's own labels."),
        number("order_count", "Orders so far, as the source counts them."),
        happened("When the account was made"),
    ),
)

DISCOUNTS = Stream(
    "discounts",
    (
        text("discount_ref", "The source's number of the discount or coupon.", required=True),
        text("discount_code", "What customers type; empty for an automatic one."),
        text("title", "Its name."),
        text("discount_kind", "percentage, fixed_amount or free_shipping."),
        rate("percentage", "Percent taken off, 10 for a tenth."),
        money("amount", "Amount taken off."),
        text("currency_code", "Currency of the amount (ISO 4217)."),
        text("status", "active, scheduled or expired."),
        number("usage_count", "How often it was used so far."),
        happened("When it was made"),
        instant("starts_at", "From when on it counts."),
        instant("ends_at", "From when on it counts no more."),
    ),
)

REVIEWS = Stream(
    "reviews",
    (
        text("review_ref", "The source's number of the review.", required=True),
        PRODUCT,
        CUSTOMER,
        number("rating", "Stars, 1 to 5.", required=True),
        text("title", "Its heading."),
        flag("is_verified", "Whether the source knows that the product was bought."),
        happened("When it was written"),
    ),
)

STREAMS = (PRODUCTS, BUNDLE_COMPONENTS, CUSTOMERS, DISCOUNTS, REVIEWS)
