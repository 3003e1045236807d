"""The lines of orders: goods, shipping, fees, what was given back, and the cent that allocation leaves.

Shopify tells a line three ways: `quantity` with units that an edit removed or a refund took back, `currentQuantity`
without both, discounts and taxes for `quantity`. What was sold is `currentQuantity` and what was refunded; a refund is
a line of its own, on the day of the refund. Where prices hold the tax it is taken out line by line.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from extractors.shopify.exact import price_without_tax, share, step_of, units
from lakehouse.sources import LineKind

KEY = ["source_file", "source_row"]
SHIPPING, TIP, DUTIES, FEES = "SHIPPING", "TIP", "DUTIES", "FEES"
ROUNDING, UNEXPLAINED, GOODWILL = "ROUNDING", "UNEXPLAINED", "GOODWILL"
CUSTOM = "CUSTOM"
_PPM = 1_000_000
_FACTS = [
    *KEY,
    "order_ref",
    "step",
    "currency_code",
    "customer_ref",
    "country",
    "channel",
    "version",
    "placed_at",
    "taxesIncluded",
]


def tail(gid: pl.Expr) -> pl.Expr:
    """The number within a global id."""
    return gid.str.extract(r"/([^/?]+)(?:\?.*)?$", 1)


def shop(bag: pl.Expr) -> pl.Expr:
    """The shop money of a money bag, in ten-thousandths; 0 where there is no bag."""
    return units(bag.struct.field("shopMoney").struct.field("amount")).fill_null(0)


def items(frame: pl.DataFrame, values: pl.Expr, keep: list[str]) -> pl.DataFrame:
    """A row for each item of a list, as `item`."""
    return frame.select(*keep, item=values).explode("item").filter(pl.col("item").is_not_null())


def of(name: str, place: str = "item") -> pl.Expr:
    """A field of an item."""
    return pl.col(place).struct.field(name)


def with_facts(frame: pl.DataFrame) -> pl.DataFrame:
    """Orders with what all their rows repeat."""
    return frame.with_columns(
        order_ref=tail(pl.col("id")),
        step=step_of(pl.col("currencyCode")),
        currency_code=pl.col("currencyCode"),
        customer_ref=tail(pl.col("customer").struct.field("id")),
        country=pl.coalesce(
            pl.col("shippingAddress").struct.field("countryCodeV2"),
            pl.col("billingAddress").struct.field("countryCodeV2"),
        ),
        channel=pl.col("sourceName"),
        version=pl.col("updatedAt"),
        placed_at=pl.col("processedAt"),
    )


@dataclass(frozen=True)
class Lines:
    """All lines of some orders.

    Attributes:
        rows: One row a line, amounts in ten-thousandths, prices without tax.
        sums: One row an order: what edits removed, and what no line explains.
    """

    rows: pl.DataFrame
    sums: pl.DataFrame


def lines_of(orders: pl.DataFrame) -> Lines:
    """The lines of orders with their facts."""
    goods, shipping = _goods(orders), _shipping(orders)
    charges = _charges(orders)
    sums = _sums(orders, goods, shipping, charges)
    sold = goods.filter(pl.col("quantity") > 0)
    rows = [sold, shipping, charges, _rest(orders, sums), _refunded(orders, goods), *_other_refunds(orders)]
    return Lines(pl.concat([_finished(part) for part in rows]), sums)


def _finished(rows: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    columns = rows.columns
    return rows.select(
        *_FACTS,
        "order_line_ref",
        "line_kind",
        "product_ref",
        pl.col("quantity").cast(pl.Int64),
        pl.col("unit").cast(pl.Int64),
        pl.col("discount").cast(pl.Int64),
        pl.col("tax").cast(pl.Int64),
        "at",
        credits=pl.col("credits") if "credits" in columns else nothing,
        title=pl.col("title") if "title" in columns else nothing,
    )


def _goods(orders: pl.DataFrame) -> pl.DataFrame:
    rows = items(orders, pl.col("lineItems").struct.field("nodes"), _FACTS)
    rows = rows.with_columns(
        line_id=of("id"),
        ordered=of("quantity").cast(pl.Int64),
        current=of("currentQuantity").cast(pl.Int64),
        price=shop(of("originalUnitPriceSet")),
        all_discount=_sum_of("discountAllocations", "allocatedAmountSet"),
        all_tax=_sum_of("taxLines", "priceSet"),
        ppm=_rate(),
    )
    rows = rows.join(_refunded_units(orders), on=[*KEY, "line_id"], how="left", maintain_order="left")
    kept = pl.min_horizontal("ordered", pl.col("current") + pl.col("units_back").fill_null(0))
    rows = rows.with_columns(quantity=kept).with_columns(
        kept_discount=share(pl.col("all_discount"), pl.col("quantity"), pl.col("ordered"), pl.col("step")),
        tax=share(pl.col("all_tax"), pl.col("quantity"), pl.col("ordered"), pl.col("step")),
    )
    variant = of("variant").struct.field("id")
    sku = of("sku").str.strip_chars()
    return _netted(rows).with_columns(
        order_line_ref=tail(pl.col("line_id")),
        product_ref=pl.coalesce(pl.when(sku != "").then(sku), "variant-" + tail(variant), pl.lit(CUSTOM)),
        line_kind=pl.when(of("isGiftCard")).then(pl.lit(LineKind.GIFT_VOUCHER)).otherwise(pl.lit(LineKind.PRODUCT)),
        title=of("title"),
        at=pl.col("placed_at"),
    )


def _sum_of(values: str, bag: str) -> pl.Expr:
    amount = pl.element().struct.field(bag).struct.field("shopMoney").struct.field("amount")
    return of(values).list.eval(units(amount)).list.sum().fill_null(0)


def _rate() -> pl.Expr:
    """All tax rates of a line, in millionths."""
    rate = pl.element().struct.field("rate").cast(pl.Decimal(18, 6), strict=False) * _PPM
    return of("taxLines").list.eval(rate.cast(pl.Int64)).list.sum().fill_null(0)


def _netted(rows: pl.DataFrame) -> pl.DataFrame:
    """Price and discount without tax: quantity × unit − discount is what was paid without tax, exactly."""
    included = pl.col("taxesIncluded")
    gross = pl.col("quantity") * pl.col("price") - pl.col("kept_discount")
    net = gross - pl.when(included).then(pl.col("tax")).otherwise(0)
    by_rate = (pl.col("price").cast(pl.Int128) * _PPM // (_PPM + pl.col("ppm"))).cast(pl.Int64)
    netted = pl.when(gross > 0).then(price_without_tax(pl.col("price"), net, gross)).otherwise(by_rate)
    unit = pl.when(included).then(netted).otherwise(pl.col("price"))
    return rows.with_columns(gross=gross, net=net, unit=unit).with_columns(
        discount=pl.col("quantity") * pl.col("unit") - pl.col("net")
    )


def _refunded_units(orders: pl.DataFrame) -> pl.DataFrame:
    rows = _refund_lines(orders)
    return (
        rows.with_columns(line_id=of("lineItem").struct.field("id"), back=of("quantity").cast(pl.Int64))
        .group_by(*KEY, "line_id")
        .agg(units_back=pl.col("back").sum())
    )


def _shipping(orders: pl.DataFrame) -> pl.DataFrame:
    rows = items(orders, pl.col("shippingLines").struct.field("nodes"), _FACTS).filter(~of("isRemoved"))
    rows = rows.with_columns(
        quantity=pl.lit(1, pl.Int64),
        price=shop(of("originalPriceSet")),
        kept_discount=_sum_of("discountAllocations", "allocatedAmountSet"),
        tax=_sum_of("taxLines", "priceSet"),
        ppm=_rate(),
    )
    return _netted(rows).with_columns(
        order_line_ref=tail(of("id")),
        product_ref=pl.lit(SHIPPING),
        line_kind=pl.lit(LineKind.SHIPPING),
        title=of("title"),
        at=pl.col("placed_at"),
    )


def _charges(orders: pl.DataFrame) -> pl.DataFrame:
    """Tips, duties, fees, and the rounding of cash: parts of the total that stand on no line."""
    found = []
    for name, value, kind in (
        (TIP, shop(pl.col("totalTipReceivedSet")), LineKind.FEE),
        (DUTIES, shop(pl.col("originalTotalDutiesSet")), LineKind.FEE),
        (FEES, shop(pl.col("originalTotalAdditionalFeesSet")), LineKind.FEE),
    ):
        rows = orders.select(*_FACTS, gross=value).filter(pl.col("gross") != 0)
        found.append(_signed(rows, pl.col("gross"), name, kind, pl.col("placed_at")))
    return pl.concat(found)


def _signed(rows: pl.DataFrame, value: pl.Expr, name: str, kind: LineKind, at: pl.Expr) -> pl.DataFrame:
    """A line of one unit that adds an amount of either sign."""
    return rows.with_columns(
        order_line_ref=pl.col("order_ref") + f"-{name.lower()}",
        product_ref=pl.lit(name),
        line_kind=pl.lit(kind),
        quantity=pl.when(value < 0).then(-1).otherwise(1),
        unit=value.abs(),
        discount=pl.lit(0, pl.Int64),
        tax=pl.lit(0, pl.Int64),
        at=at,
    )


def _sums(orders: pl.DataFrame, goods: pl.DataFrame, shipping: pl.DataFrame, charges: pl.DataFrame) -> pl.DataFrame:
    """What edits removed, and the rest that no line explains, by order.

    Shopify's totals "before returns" are read as those over all units ordered, removed ones included; should a shop's
    be those of what was kept, the rest is smaller that way, and that way is taken.
    """
    taxed = ~pl.col("taxesIncluded")
    by_goods = goods.group_by(KEY).agg(
        kept=(pl.col("gross") + pl.when(taxed).then(pl.col("tax")).otherwise(0)).sum(),
        ordered=(
            pl.col("ordered") * pl.col("price")
            - pl.col("all_discount")
            + pl.when(taxed).then(pl.col("all_tax")).otherwise(0)
        ).sum(),
        removed_goods=((pl.col("ordered") - pl.col("quantity")) * pl.col("price")).sum()
        - (pl.col("all_discount") - pl.col("kept_discount")).sum(),
        removed_discount=(pl.col("all_discount") - pl.col("kept_discount")).sum(),
        removed_tax=(pl.col("all_tax") - pl.col("tax")).sum(),
        allocated=pl.col("all_discount").sum(),
        line_count=pl.len(),
    )
    by_shipping = shipping.group_by(KEY).agg(
        shipped=(pl.col("gross") + pl.when(taxed).then(pl.col("tax")).otherwise(0)).sum(),
        ship_allocated=pl.col("kept_discount").sum(),
    )
    by_charge = charges.group_by(KEY).agg(charged=pl.col("gross").sum())
    sums = orders.select(*KEY, "step", total=shop(pl.col("totalPriceSet")), discounts=shop(pl.col("totalDiscountsSet")))
    for part in (by_goods, by_shipping, by_charge):
        sums = sums.join(part, on=KEY, how="left", maintain_order="left")
    sums = sums.with_columns(pl.exclude(*KEY).fill_null(0))
    beside = pl.col("shipped") + pl.col("charged")
    over_all = pl.col("total") - pl.col("ordered") - beside
    over_kept = pl.col("total") - pl.col("kept") - beside
    counts_removed = over_all.abs() <= over_kept.abs()
    sums = sums.with_columns(
        counts_removed=counts_removed, rest=pl.when(counts_removed).then(over_all).otherwise(over_kept)
    )
    # What discounts took off beyond what was allocated to lines: the known cause of a rest of any size.
    unallocated = pl.col("discounts") - pl.col("allocated") - pl.col("ship_allocated")
    small = pl.col("step") * (pl.col("line_count") + 1)
    return sums.with_columns(
        is_rounding=(pl.col("rest") == -unallocated) | (pl.col("rest").abs() <= small),
        kept_total=pl.col("kept") + beside + pl.col("rest"),
    )


def _rest(orders: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
    rows = orders.select(_FACTS).join(
        sums.filter(pl.col("rest") != 0).select(*KEY, "rest", "is_rounding"), on=KEY, how="inner", maintain_order="left"
    )
    lines = _signed(rows, pl.col("rest"), ROUNDING, LineKind.ROUNDING, pl.col("placed_at"))
    unknown = ~pl.col("is_rounding")
    return lines.with_columns(
        product_ref=pl.when(unknown).then(pl.lit(UNEXPLAINED)).otherwise("product_ref"),
        line_kind=pl.when(unknown).then(pl.lit(LineKind.MANUAL)).otherwise("line_kind"),
    )


def _refunds(orders: pl.DataFrame) -> pl.DataFrame:
    rows = items(orders, pl.col("refunds"), _FACTS)
    return rows.with_columns(refund_id=of("id"), refunded_at=of("createdAt"))


def _refund_lines(orders: pl.DataFrame) -> pl.DataFrame:
    refunds = _refunds(orders)
    keep = [*_FACTS, "refund_id", "refunded_at"]
    return items(refunds, of("refundLineItems").struct.field("nodes"), keep)


def _taken_back(rows: pl.DataFrame, subtotal: pl.Expr, tax: pl.Expr, quantity: pl.Expr) -> pl.DataFrame:
    """A negative line: quantity × unit − discount is what went back without tax, exactly."""
    net = subtotal - pl.when(pl.col("taxesIncluded")).then(tax).otherwise(0)
    rows = rows.with_columns(net=net, tax=-tax, count=quantity)
    return rows.with_columns(unit=pl.col("net") // pl.col("count")).with_columns(
        quantity=-pl.col("count"), discount=pl.col("net") - pl.col("count") * pl.col("unit"), at=pl.col("refunded_at")
    )


def _refunded(orders: pl.DataFrame, goods: pl.DataFrame) -> pl.DataFrame:
    rows = _refund_lines(orders).with_columns(line_id=of("lineItem").struct.field("id"))
    sold = goods.select(*KEY, "line_id", "product_ref", "line_kind", "title")
    rows = rows.join(sold, on=[*KEY, "line_id"], how="left", maintain_order="left").with_columns(
        order_line_ref=tail(of("id")),
        credits=tail(pl.col("line_id")),
        product_ref=pl.coalesce("product_ref", of("lineItem").struct.field("sku"), pl.lit(CUSTOM)),
        line_kind=pl.coalesce("line_kind", pl.lit(LineKind.PRODUCT)),
    )
    units_back = pl.max_horizontal(of("quantity").cast(pl.Int64), pl.lit(1))
    return _taken_back(rows, shop(of("subtotalSet")), shop(of("totalTaxSet")), units_back)


def refund_sums(orders: pl.DataFrame) -> pl.DataFrame:
    """Refunds with what their parts come to; one row a refund, amounts in ten-thousandths."""
    rows = _refunds(orders)

    def total(values: str, bag: str) -> pl.Expr:
        amount = pl.element().struct.field(bag).struct.field("shopMoney").struct.field("amount")
        return of(values).struct.field("nodes").list.eval(units(amount)).list.sum().fill_null(0)

    rows = rows.with_columns(
        refunded=shop(of("totalRefundedSet")),
        goods=total("refundLineItems", "subtotalSet"),
        goods_tax=total("refundLineItems", "totalTaxSet"),
        shipping=total("refundShippingLines", "subtotalAmountSet"),
        shipping_tax=total("refundShippingLines", "taxAmountSet"),
        adjusted=total("orderAdjustments", "amountSet"),
        adjusted_tax=total("orderAdjustments", "taxAmountSet"),
    )
    added = pl.when(pl.col("taxesIncluded")).then(0).otherwise(pl.col("goods_tax") + pl.col("shipping_tax"))
    explained = pl.col("goods") + pl.col("shipping") + added - pl.col("adjusted") - pl.col("adjusted_tax")
    return rows.with_columns(explained=explained)


def _other_refunds(orders: pl.DataFrame) -> list[pl.DataFrame]:
    """Shipping that was given back, adjustments, and money that none of them explains."""
    refunds = _refunds(orders)
    keep = [*_FACTS, "refund_id", "refunded_at"]
    shipping = items(refunds, of("refundShippingLines").struct.field("nodes"), keep).with_columns(
        order_line_ref=tail(of("id")), product_ref=pl.lit(SHIPPING), line_kind=pl.lit(LineKind.SHIPPING)
    )
    shipping = _taken_back(shipping, shop(of("subtotalAmountSet")), shop(of("taxAmountSet")), pl.lit(1, pl.Int64))
    value = shop(of("amountSet"))
    adjusted = items(refunds, of("orderAdjustments").struct.field("nodes"), keep).filter(value != 0)
    adjusted = _signed(adjusted, value, GOODWILL, LineKind.GOODWILL, pl.col("refunded_at")).with_columns(
        order_line_ref=tail(of("id")), tax=shop(of("taxAmountSet"))
    )
    rest = refund_sums(orders).filter(pl.col("refunded") > pl.col("explained"))
    rest = _signed(rest, pl.col("explained") - pl.col("refunded"), GOODWILL, LineKind.GOODWILL, pl.col("refunded_at"))
    rest = rest.with_columns(order_line_ref=tail(pl.col("refund_id")) + "-rest")
    return [shipping, adjusted, rest]
