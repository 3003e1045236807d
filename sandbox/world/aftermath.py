"""What follows an order: parcels, refunds, returns, and the log of its changes."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from sandbox.world.fates import DAY, HOUR
from sandbox.world.setting import Placed, Setting

CARRIERS = {"GB": "Royal Mail", "IE": "An Post", "DE": "DHL", "FR": "La Poste", "JP": "ヤマト運輸", "US": "UPS"}
DISPOSITIONS = {0: "sellable", 1: "damaged", 2: "defective"}
_REASONS = ("changed_mind", "not_as_described", "arrived_damaged", "wrong_item", "too_late", "quality")


@dataclass(frozen=True)
class Aftermath:
    """Frames with instants as seconds (`..._s`) where a later step needs them."""

    fulfilments: pl.DataFrame
    fulfilment_lines: pl.DataFrame
    refunds: pl.DataFrame
    refund_lines: pl.DataFrame
    returns: pl.DataFrame
    movements: pl.DataFrame


def follow(setting: Setting, placed: Placed) -> Aftermath:
    """Parcels, refunds, returns and the movements of stock that they cause."""
    parcels, parcel_lines = _parcels(setting, placed)
    refunds, refund_lines = _refunds(setting, placed)
    returns = _returns(setting, placed, refund_lines)
    moves = pl.concat([_sales(setting, parcels, parcel_lines, placed), _taken_back(setting, returns)])
    return Aftermath(parcels, parcel_lines, refunds, refund_lines, returns, moves)


def _parcels(setting: Setting, placed: Placed) -> tuple[pl.DataFrame, pl.DataFrame]:
    lines = placed.lines.filter(pl.col("shipped_units") > 0).sort("order_id", "second_parcel", "line_no")
    groups = lines.group_by("order_id", "second_parcel", maintain_order=True).agg(units=pl.col("shipped_units").sum())
    start = setting.take("fulfilment", groups.height, 8_001)
    of_order = placed.orders.select(
        "order_id",
        "market",
        "country",
        "location_id",
        "lost_parcel",
        "counter",
        "draw",
        "split_wait",
        ship="shipped",
        arrive="delivered",
        rate=pl.col("market").replace_strict({0: 320, 1: 420, 2: 290, 3: 460}),
    )
    groups = groups.with_columns(fulfilment_id=pl.int_range(start, start + groups.height, dtype=pl.Int64))
    parcels = groups.join(of_order, on="order_id", maintain_order="left").with_columns(
        wait=pl.when("second_parcel").then("split_wait").otherwise(0)
    )
    digits = (pl.col("fulfilment_id") * 982_451_653 % 10**16).cast(pl.String).str.zfill(16)
    parcels = parcels.with_columns(
        shipped_s=pl.col("ship") + pl.col("wait"), delivered_s=pl.col("arrive") + pl.col("wait")
    ).with_columns(
        created_at=setting.instant(pl.col("shipped_s") - pl.when("counter").then(0).otherwise(HOUR)),
        shipped_at=setting.instant("shipped_s"),
        delivered_at=pl.when(~pl.col("lost_parcel")).then(setting.instant("delivered_s")),
        carrier=pl.when("counter")
        .then(pl.lit("In store"))
        .when(pl.col("market") >= 2)
        .then(pl.lit("Amazon Logistics"))
        .otherwise(pl.col("country").replace_strict(CARRIERS)),
        tracking_number=pl.when(~pl.col("counter")).then(digits),
        cost_minor=pl.when("counter")
        .then(0)
        .otherwise((pl.col("rate") * (0.8 + 0.25 * pl.col("units").log1p() + 0.3 * pl.col("draw"))).round())
        .cast(pl.Int64),
        status=pl.when("lost_parcel").then(pl.lit("lost")).otherwise(pl.lit("delivered")),
    )
    keyed = lines.join(groups, on=["order_id", "second_parcel"], maintain_order="left")
    return parcels, keyed.select("fulfilment_id", "order_id", "line_no", quantity="shipped_units")


def _credit_lines(placed: Placed) -> pl.DataFrame:
    """Every line that is paid back, with the second at which."""
    of_order = placed.orders.select(
        "order_id", "is_paid", "never_back", "cancel_at", "refund_at", "shipped", "short_wait", "short_refunded"
    )
    lines = placed.lines.drop(
        "cancel_at", "refund_at", "shipped", "short_wait", "is_paid", "never_back", "short_refunded", strict=False
    ).join(of_order, on="order_id", maintain_order="left")
    again = pl.when("second_refund").then(4 * DAY).otherwise(0)
    cancelled = lines.filter("cancelled", "is_paid").with_columns(
        at="cancel_at", units="current", restocked=pl.lit(True), why=pl.lit("cancelled")
    )
    brought = lines.filter((pl.col("back_units") > 0) & ~pl.col("never_back")).with_columns(
        at=pl.col("refund_at") + again, units="back_units", restocked=pl.col("disposition") == 0, why=pl.lit("returned")
    )
    missing = lines.filter((pl.col("short") > 0) & pl.col("short_refunded")).with_columns(
        at=pl.col("shipped") + pl.col("short_wait"), units="short", restocked=pl.lit(True), why=pl.lit("out_of_stock")
    )
    every = pl.concat([cancelled, brought, missing])
    net = pl.col("gross") - pl.col("discount") - pl.when("taxes_included").then("tax").otherwise(0)
    return every.with_columns(
        amount_minor=net * pl.col("units") // pl.col("current"),
        tax_minor=pl.col("tax") * pl.col("units") // pl.col("current"),
    ).sort("order_id", "at", "line_no", "why")


def _refunds(setting: Setting, placed: Placed) -> tuple[pl.DataFrame, pl.DataFrame]:
    lines = _credit_lines(placed).with_columns(pl.col("units").alias("quantity"))
    groups = lines.group_by("order_id", "at", "why", maintain_order=True).agg(
        lines_amount=pl.col("amount_minor").sum(),
        lines_tax=pl.col("tax_minor").sum(),
        restock=pl.col("restocked").any(),
    )
    costs = placed.orders.select("order_id", "shipping_minor", "shipping_tax", "taxes_included")
    net = pl.col("shipping_minor") - pl.when("taxes_included").then("shipping_tax").otherwise(0)
    whole = pl.col("why") == "cancelled"
    groups = (
        groups.join(costs, on="order_id", maintain_order="left")
        .with_columns(
            shipping_minor=pl.when(whole).then(net).otherwise(0),
            tax_minor=pl.col("lines_tax") + pl.when(whole).then("shipping_tax").otherwise(0),
        )
        .with_columns(amount_minor=pl.col("lines_amount") + pl.col("shipping_minor") + pl.col("tax_minor"))
    )
    columns = ["order_id", "at", "why", "restock", "amount_minor", "tax_minor", "shipping_minor"]
    goodwill = (
        placed.orders.filter(pl.col("active") & ~pl.col("order_id").is_in(groups["order_id"].implode()))
        .filter(
            (pl.col("draw3") > 0.5) & (pl.col("draw3") < 0.513) & (pl.col("total_minor") > 500) & ~pl.col("counter")
        )
        .select(
            "order_id",
            at=pl.col("delivered") + 2 * DAY,
            why=pl.lit("goodwill"),
            restock=pl.lit(False),
            amount_minor=pl.col("total_minor") // 10,
            tax_minor=pl.lit(0, pl.Int64),
            shipping_minor=pl.lit(0, pl.Int64),
        )
    )
    refunds = (
        pl.concat([groups.select(columns), goodwill]).filter(pl.col("amount_minor") > 0).sort("order_id", "at", "why")
    )
    refunds = _numbered(setting, refunds, placed)
    keys = ["order_id", "at", "why"]
    lines = lines.join(refunds.select(*keys, "refund_id"), on=keys, how="inner", maintain_order="left")
    return refunds, lines.sort("refund_id", "line_no")


def _numbered(setting: Setting, refunds: pl.DataFrame, placed: Placed) -> pl.DataFrame:
    start = setting.take("refund", refunds.height, 21_001)
    shop = placed.orders.select("order_id", "shop", "currency")
    number = pl.col("refund_id")
    platform = (
        pl.when(pl.col("shop") == "shopify")
        .then((920_000_000_000 + number * 4_099).cast(pl.String))
        .when(pl.col("shop") == "amazon")
        .then((7_000_000_000_000_000_000 + number * 1_000_003).cast(pl.String))
        .otherwise((9_000_000 + number).cast(pl.String))
    )
    return (
        refunds.with_columns(refund_id=pl.int_range(start, start + refunds.height, dtype=pl.Int64))
        .join(shop, on="order_id", maintain_order="left")
        .with_columns(platform_refund_id=platform, created_at=setting.instant("at"), reason="why")
    )


def _returns(setting: Setting, placed: Placed, refund_lines: pl.DataFrame) -> pl.DataFrame:
    of_order = placed.orders.select("order_id", "shop", "never_back", "asked", "back", "split_wait", "order_number")
    lines = placed.lines.filter(pl.col("back_units") > 0).drop(
        "never_back", "back", "shop", "asked", "split_wait", strict=False
    )
    lines = lines.join(of_order, on="order_id", maintain_order="left")
    paid = refund_lines.filter(pl.col("why") == "returned").select("order_id", "line_no", "refund_id")
    lines = lines.join(paid, on=["order_id", "line_no"], how="left", maintain_order="left")
    start = setting.take("return", lines.height, 31_001)
    reason = (pl.col("order_id") * 31 + pl.col("line_no") * 7) % len(_REASONS)
    back = pl.col("back") + pl.when("second_refund").then(4 * DAY).otherwise(0)
    return lines.with_columns(
        return_id=pl.int_range(start, start + lines.height, dtype=pl.Int64),
        requested_at=setting.instant(pl.col("asked") + pl.when("second_parcel").then("split_wait").otherwise(0)),
        received_at=pl.when(~pl.col("never_back")).then(setting.instant(back)),
        quantity=pl.col("back_units"),
        reason=reason.replace_strict(dict(enumerate(_REASONS))),
        disposition=pl.col("disposition").replace_strict(DISPOSITIONS),
    )


def _sales(setting: Setting, parcels: pl.DataFrame, lines: pl.DataFrame, placed: Placed) -> pl.DataFrame:
    goods = placed.lines.select("order_id", "line_no", "variant_id", "stocked")
    numbers = placed.orders.select("order_id", "platform_order_id")
    rows = lines.join(goods, on=["order_id", "line_no"], maintain_order="left").filter("stocked")
    rows = rows.join(
        parcels.select("fulfilment_id", "shipped_at", "location_id"), on="fulfilment_id", maintain_order="left"
    )
    return rows.join(numbers, on="order_id", maintain_order="left").select(
        "location_id",
        "variant_id",
        quantity=-pl.col("quantity"),
        occurred_at="shipped_at",
        kind=pl.lit("sale"),
        reference="platform_order_id",
    )


def _taken_back(setting: Setting, returns: pl.DataFrame) -> pl.DataFrame:
    """Returns go on the shelf; those that cannot be sold again are written off in the same moment."""
    arrived = returns.filter(pl.col("received_at").is_not_null()).select(
        location_id=pl.col("market") + 1,
        variant_id="variant_id",
        quantity="quantity",
        occurred_at="received_at",
        kind=pl.lit("return"),
        reference=pl.format("RMA{}", pl.col("return_id").cast(pl.String)),
        disposition="disposition",
    )
    broken = arrived.filter(pl.col("disposition") != "sellable").with_columns(
        quantity=-pl.col("quantity"), kind=pl.lit("damage")
    )
    return pl.concat([arrived, broken]).drop("disposition")


def changes(setting: Setting, orders: pl.DataFrame, after: Aftermath) -> pl.DataFrame:
    """The log of the orders' changes, by order and time."""
    bumps = orders.select("order_id", "shop", "bumps_on_refund")
    parts = [
        _changed(orders, "created", "created_at"),
        _changed(orders.filter(pl.col("paid_at").is_not_null()), "paid", "paid_at"),
        _changed(orders.filter("edited"), "edited", "edited_at"),
        _changed(orders.filter("cancelled"), "cancelled", "cancelled_at"),
        _changed(orders.filter("deleted"), "deleted", "deleted_at"),
        _changed(after.fulfilments, "fulfilled", "shipped_at"),
        _changed(after.fulfilments.filter(pl.col("delivered_at").is_not_null()), "delivered", "delivered_at"),
        _changed(after.refunds, "refunded", "created_at"),
    ]
    kind = pl.col("kind")
    silent = kind.is_in(["delivered", "deleted"]) | ((kind == "refunded") & ~pl.col("bumps_on_refund"))
    return (
        pl.concat(parts)
        .join(bumps, on="order_id", maintain_order="left")
        .with_columns(bumps_updated_at=~silent)
        .sort("order_id", "changed_at", "kind")
    )


def _changed(frame: pl.DataFrame, kind: str, column: str) -> pl.DataFrame:
    return frame.select("order_id", changed_at=column, kind=pl.lit(kind))
