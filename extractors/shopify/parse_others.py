"""Customers, the catalogue, stock, discounts, checkouts and payouts as rows of the canonical streams."""

from __future__ import annotations

import polars as pl

from extractors.api.connector import Parsing
from extractors.api.records import Decoded
from extractors.api.rows import assemble, typed
from extractors.shopify.exact import money, units
from extractors.shopify.order_lines import KEY, items, of, shop, tail

_GRAMS = {"GRAMS": "1", "KILOGRAMS": "1000", "OUNCES": "28.349523125", "POUNDS": "453.59237"}


def _nested(column: str, *path: str) -> pl.Expr:
    found = pl.col(column)
    for name in path:
        found = found.struct.field(name)
    return found


def parse_customers(decoded: Decoded) -> Parsing:
    """Customers: their country and region, no finer address."""
    frame, email = decoded.frame, pl.col("defaultEmailAddress")
    rows = typed(
        frame,
        "customers",
        {
            "record_ref": tail(pl.col("id")),
            "version_at": pl.col("updatedAt"),
            "customer_ref": tail(pl.col("id")),
            "email_ref": email.struct.field("emailAddress").str.strip_chars().str.to_lowercase(),
            "country": _nested("defaultAddress", "countryCodeV2"),
            "region": _nested("defaultAddress", "provinceCode"),
            "accepts_marketing": email.struct.field("marketingState") == "SUBSCRIBED",
            "tags": pl.col("tags").list.join(", "),
            "order_count": pl.col("numberOfOrders"),
            "occurred_at": pl.col("createdAt"),
        },
    )
    return assemble(decoded, {"customers": rows})


def parse_products(decoded: Decoded) -> Parsing:
    """Products with their variants; a variant is as new as the newer of the two."""
    facts = [*KEY, "product"]
    products = decoded.frame.with_columns(product=pl.struct(pl.exclude(*KEY, "variants")))
    return _variants(decoded, items(products, _nested("variants", "nodes"), facts))


def parse_variants(decoded: Decoded) -> Parsing:
    """Variants, each with its product."""
    return _variants(decoded, decoded.frame.select(*KEY, "product", item=pl.struct(pl.exclude(*KEY, "product"))))


def _variants(decoded: Decoded, rows: pl.DataFrame) -> Parsing:
    sku = of("sku").str.strip_chars()
    item, weight = of("inventoryItem"), of("inventoryItem").struct.field("measurement").struct.field("weight")
    cost = item.struct.field("unitCost")
    title = pl.when(of("title") != "Default Title").then(of("title"))
    newest = pl.when(of("updatedAt") >= of("updatedAt", "product")).then(of("updatedAt"))
    exact = pl.Decimal(38, 10)
    factor = weight.struct.field("unit").replace_strict(_GRAMS, default=None, return_dtype=pl.String)
    value = weight.struct.field("value").cast(pl.Decimal(18, 6), strict=False)
    grams = (value.cast(pl.Decimal(28, 6)) * factor.cast(pl.Decimal(18, 9))).cast(exact, strict=False).round(0)
    rows = rows.with_columns(currency=cost.struct.field("currencyCode"))
    table = typed(
        rows,
        "products",
        {
            "record_ref": tail(of("id")),
            "version_at": pl.coalesce(newest, of("updatedAt", "product")),
            "product_ref": pl.coalesce(pl.when(sku != "").then(sku), "variant-" + tail(of("id"))),
            "variant_ref": tail(of("id")),
            "product_group_ref": tail(of("id", "product")),
            "product_title": of("title", "product"),
            "variant_title": title,
            "category": pl.coalesce(_nested("product", "category", "fullName"), of("productType", "product")),
            "brand": of("vendor", "product"),
            "gtin": of("barcode"),
            "status": of("status", "product").str.to_lowercase().replace({"unlisted": "active"}),
            "is_gift_card": of("isGiftCard", "product"),
            "is_bundle": of("requiresComponents"),
            "price_amount": of("price"),
            "compare_at_amount": of("compareAtPrice"),
            "cost_amount": cost.struct.field("amount"),
            "currency_code": pl.col("currency"),
            "weight_grams": grams.cast(pl.Int64),
            "occurred_at": of("createdAt"),
        },
    )
    return assemble(decoded, {"products": table})


def parse_inventory(decoded: Decoded, as_of: str) -> Parsing:
    """Stock by place as it was counted; what is not tracked has none."""
    tracked = decoded.frame.filter(pl.col("tracked"))
    rows = items(tracked, _nested("inventoryLevels", "nodes"), [*KEY, "id", "sku"])

    def named(*names: str) -> pl.Expr:
        picked = pl.element().struct.field("name").is_in(names)
        quantity = pl.element().struct.field("quantity").cast(pl.Int64)
        return of("quantities").list.eval(pl.when(picked).then(quantity)).list.sum()

    sku = pl.col("sku").str.strip_chars()
    table = typed(
        rows,
        "stock_on_hand",
        {
            "product_ref": pl.coalesce(pl.when(sku != "").then(sku), "item-" + tail(pl.col("id"))),
            "location_ref": tail(of("location").struct.field("id")),
            "on_hand_units": named("available"),
            "reserved_units": named("committed", "reserved"),
            "inbound_units": named("incoming"),
            "unsellable_units": named("damaged", "quality_control", "safety_stock"),
            "occurred_at": pl.lit(as_of),
        },
        versioned=False,
    )
    return assemble(decoded, {"stock_on_hand": table})


def parse_costs(decoded: Decoded) -> Parsing:
    """What a unit costs, from the moment that its item was changed; an item without a cost says nothing."""
    frame = decoded.frame.filter(_nested("unitCost", "amount").is_not_null() & (pl.col("sku").str.strip_chars() != ""))
    rows = typed(
        frame,
        "product_costs",
        {
            "record_ref": tail(pl.col("id")),
            "version_at": pl.col("updatedAt"),
            "product_ref": pl.col("sku").str.strip_chars(),
            "unit_cost": _nested("unitCost", "amount"),
            "currency_code": _nested("unitCost", "currencyCode"),
            "occurred_at": pl.col("updatedAt"),
        },
    )
    return assemble(decoded, {"product_costs": rows})


def parse_locations(decoded: Decoded) -> Parsing:
    """Places."""
    rows = typed(
        decoded.frame,
        "locations",
        {
            "record_ref": tail(pl.col("id")),
            "version_at": pl.col("updatedAt"),
            "location_ref": tail(pl.col("id")),
            "title": pl.col("name"),
            "country": _nested("address", "countryCode"),
            "city": _nested("address", "city"),
            "is_active": pl.col("isActive"),
            "occurred_at": pl.col("createdAt"),
        },
    )
    return assemble(decoded, {"locations": rows})


def parse_discounts(decoded: Decoded) -> Parsing:
    """Discounts, one row for each code; percentages come as shares of one. Kinds we do not ask for come bare."""
    discount = decoded.frame.select(*KEY, "id", item=pl.col("discount"))
    known = discount.filter(of("createdAt").is_not_null())
    rows = known.with_columns(code=of("codes").struct.field("nodes")).explode("code")
    value = of("customerGets").struct.field("value")
    share = value.struct.field("percentage").cast(pl.Decimal(18, 8), strict=False)
    table = typed(
        rows,
        "discounts",
        {
            "record_ref": tail(pl.col("id")),
            "version_at": of("updatedAt"),
            "discount_ref": tail(pl.col("id")),
            "discount_code": of("code", "code"),
            "title": of("title"),
            "discount_kind": value.struct.field("__typename").replace_strict(
                {"DiscountPercentage": "percentage", "DiscountAmount": "fixed_amount"}, default=None
            ),
            "percentage": (share * 100).cast(pl.Decimal(18, 8)),
            "amount": value.struct.field("amount").struct.field("amount"),
            "currency_code": value.struct.field("amount").struct.field("currencyCode"),
            "status": of("status").str.to_lowercase(),
            "usage_count": of("asyncUsageCount"),
            "occurred_at": of("createdAt"),
            "starts_at": of("startsAt"),
            "ends_at": of("endsAt"),
        },
    )
    return assemble(decoded, {"discounts": table})


def parse_checkouts(decoded: Decoded) -> Parsing:
    """Checkouts that were left, and their lines."""
    frame = decoded.frame
    email = _nested("customer", "defaultEmailAddress", "emailAddress")
    version = {"record_ref": tail(pl.col("id")), "version_at": pl.col("updatedAt"), "cart_ref": tail(pl.col("id"))}
    currency = _nested("totalPriceSet", "shopMoney", "currencyCode")
    carts = typed(
        frame,
        "carts",
        {
            **version,
            "customer_ref": tail(_nested("customer", "id")),
            "email_ref": email.str.strip_chars().str.to_lowercase(),
            "country": _nested("shippingAddress", "countryCodeV2"),
            "total_amount": money(shop(pl.col("totalPriceSet"))),
            "currency_code": currency,
            "occurred_at": pl.col("createdAt"),
            "completed_at": pl.col("completedAt"),
        },
    )
    rows = items(frame.with_columns(currency=currency), _nested("lineItems", "nodes"), _CART_KEEP)
    sku = of("sku").str.strip_chars()
    lines = typed(
        rows,
        "cart_lines",
        {
            **version,
            "cart_line_ref": tail(of("id")),
            "product_ref": pl.when(sku != "").then(sku),
            "product_title": of("title"),
            "quantity": of("quantity"),
            "unit_price": money(shop(of("originalUnitPriceSet"))),
            "currency_code": pl.col("currency"),
            "occurred_at": pl.col("createdAt"),
        },
    )
    return assemble(decoded, {"carts": carts, "cart_lines": lines})


_CART_KEEP = [*KEY, "id", "updatedAt", "createdAt", "currency"]


def parse_payouts(decoded: Decoded) -> Parsing:
    """Payouts. Their state changes without a date, so a later look at one counts for more."""
    rows = typed(
        decoded.frame,
        "payouts",
        {
            "record_ref": tail(pl.col("id")),
            "version_at": pl.col("issuedAt"),
            "payout_ref": tail(pl.col("id")),
            "status": pl.col("status").str.to_lowercase(),
            "amount": _nested("net", "amount"),
            "currency_code": _nested("net", "currencyCode"),
            "occurred_at": pl.col("issuedAt"),
        },
    )
    return assemble(decoded, {"payouts": rows})


def parse_balance(decoded: Decoded) -> Parsing:
    """What payouts settle: an amount and, beside it, its fee as a line of its own. Trials are left out."""
    frame = decoded.frame.filter(~pl.col("test"))
    kind = pl.col("type")
    by_kind = (
        pl.when(kind.str.contains("RESERVE"))
        .then(pl.lit("reserve"))
        .when(kind.str.contains("TRANSFER|PAYOUT"))
        .then(pl.lit("transfer"))
        .when(kind.str.contains("^REFUND"))
        .then(pl.lit("refund"))
        .when(kind.str.contains("^CHARGE"))
        .then(pl.lit("sale"))
        .when(kind.str.contains("FEE|BILLING"))
        .then(pl.lit("fee"))
        .otherwise(pl.lit("adjustment"))
    )
    ref = tail(pl.col("id"))
    amounts = frame.with_columns(ref=ref, kind=by_kind, value=units(_nested("amount", "amount")))
    fees = frame.with_columns(
        ref=ref + "-fee", kind=pl.lit("fee"), value=-units(_nested("fee", "amount")).fill_null(0)
    ).filter(pl.col("value") != 0)
    rows = typed(
        pl.concat([amounts, fees]),
        "settlement_lines",
        {
            "record_ref": ref,
            "version_at": pl.col("transactionDate"),
            "settlement_line_ref": pl.col("ref"),
            "payout_ref": tail(_nested("associatedPayout", "id")),
            "order_ref": tail(_nested("associatedOrder", "id")),
            "line_kind": pl.col("kind"),
            "source_kind": pl.concat_str([pl.col("sourceType"), kind], separator=" > ", ignore_nulls=True),
            "amount": money(pl.col("value")),
            "currency_code": _nested("amount", "currencyCode"),
            "occurred_at": pl.col("transactionDate"),
        },
    )
    return assemble(decoded, {"settlement_lines": rows})
