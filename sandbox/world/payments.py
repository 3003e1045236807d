"""Money: payments and refunds as transactions, and what the platforms pay out of them."""

from __future__ import annotations

import polars as pl

from sandbox.world.aftermath import Aftermath
from sandbox.world.fates import DAY, HOUR
from sandbox.world.setting import Placed, Setting

_FEES = {  # basis points of the amount, and a fixed part in minor units
    "shopify_payments": (150, 25),
    "paypal": (290, 30),
    "stripe": (140, 25),
    "ppcp-gateway": (290, 35),
    "amazon": (1_500, 75),
}
_PAID_OUT = ("shopify_payments", "amazon", "stripe")
_SUBSCRIPTIONS = (("shopify", "GBP", 25_00), ("amazon", "GBP", 25_00), ("amazon", "JPY", 4_900))
_FIRST_TRANSACTION = 6_811_000_000_000_000_000  # beyond what a float holds exactly


def with_payment(setting: Setting, placed: Placed) -> Placed:
    """Adds how each order is paid: `authorized` (captured later), `gift_part`, `paid_at` and other instants."""
    shopify = (pl.col("shop") == "shopify") & ~pl.col("counter") & ~pl.col("slow") & ~pl.col("is_test")
    first = pl.col("paid") < pl.col("edit_at")
    authorized = (pl.col("edited") & first & ~pl.col("slow")) | (
        shopify & ~pl.col("cancelled") & (pl.col("draw2") > 0.93)
    )
    gift = shopify & ~pl.col("edited") & ~pl.col("digital") & (pl.col("draw3") > 0.97) & (pl.col("draw2") <= 0.93)
    orders = placed.orders.with_columns(authorized=authorized & pl.col("is_paid"))
    captured = pl.when("edited").then(pl.col("edit_at") + 900).otherwise(pl.col("paid") + HOUR // 2)
    orders = orders.with_columns(
        gift_part=pl.when(gift)
        .then(pl.min_horizontal(pl.lit(2_500, pl.Int64), pl.col("total_minor") // 2))
        .otherwise(0),
        paid_s=pl.when("authorized").then(captured).otherwise("paid"),
    ).with_columns(
        created_at=setting.instant("created"),
        paid_at=pl.when("is_paid").then(setting.instant("paid_s")),
        edited_at=pl.when("edited").then(setting.instant("edit_at")),
        cancelled_at=pl.when("cancelled").then(setting.instant("cancel_at")),
        deleted_at=pl.when("deleted").then(setting.instant("delete_at")),
    )
    return Placed(orders, placed.lines)


def transactions(setting: Setting, orders: pl.DataFrame, after: Aftermath) -> pl.DataFrame:
    """Every attempt to move money, with its fee, in order of the orders."""
    web = (pl.col("shop") != "amazon") & ~pl.col("is_test") & ~pl.col("counter")
    paid, at_once = pl.col("is_paid"), pl.col("is_paid") & ~pl.col("authorized")
    total, original = pl.col("total_minor"), pl.col("original_total_minor")
    unpaid = ~paid & ~pl.col("slow") & (pl.col("shop") != "amazon")
    later = pl.col("authorized") & (total > original)
    parts = [
        _part(
            orders.filter(web & (pl.col("draw3") < 0.025) & ~pl.col("slow")),
            "sale",
            "failure",
            original,
            pl.col("created") + 1,
        ),
        _part(
            orders.filter(pl.col("slow") & (pl.col("shop") != "amazon")),
            "sale",
            "pending",
            original,
            pl.col("created") + 1,
        ),
        _part(orders.filter(unpaid), "authorization", "success", original, pl.col("created") + 2),
        _part(orders.filter(unpaid & pl.col("cancelled")), "void", "success", original, pl.col("cancel_at")),
        _part(
            orders.filter(at_once & (pl.col("gift_part") > 0)),
            "sale",
            "success",
            pl.col("gift_part"),
            pl.col("paid"),
            "gift_card",
        ),
        _part(orders.filter(at_once), "sale", "success", total - pl.col("gift_part"), pl.col("paid")),
        _part(orders.filter("authorized"), "authorization", "success", original, pl.col("paid")),
        _part(orders.filter("authorized"), "capture", "success", pl.min_horizontal(total, original), pl.col("paid_s")),
        _part(orders.filter(later), "sale", "success", total - original, pl.col("paid_s") + 5),
        _credits(orders, after.refunds),
    ]
    rows = pl.concat(parts).sort("order_id", "at", "kind", maintain_order=True)
    start = setting.take("transaction", rows.height)
    earns = (pl.col("status") == "success") & pl.col("kind").is_in(["sale", "capture"])
    share = pl.col("gateway").replace_strict({name: fee[0] for name, fee in _FEES.items()}, default=0)
    fixed = pl.col("gateway").replace_strict({name: fee[1] for name, fee in _FEES.items()}, default=0)
    return rows.with_columns(
        transaction_id=_FIRST_TRANSACTION + pl.int_range(start, start + rows.height, dtype=pl.Int64) * 7,
        fee_minor=pl.when(earns & (pl.col("amount_minor") > 0))
        .then(pl.col("amount_minor") * share // 10_000 + fixed)
        .otherwise(0)
        .cast(pl.Int64),
        created_at=setting.instant("at"),
    )


def _part(
    orders: pl.DataFrame, kind: str, status: str, amount: pl.Expr, at: pl.Expr, gateway: str | None = None
) -> pl.DataFrame:
    return orders.select(
        "order_id",
        "shop",
        "currency",
        "is_test",
        kind=pl.lit(kind),
        status=pl.lit(status),
        amount_minor=amount,
        at=at,
        gateway=pl.col("payment_gateway") if gateway is None else pl.lit(gateway),
        refund_id=pl.lit(None, pl.Int64),
    )


def _credits(orders: pl.DataFrame, refunds: pl.DataFrame) -> pl.DataFrame:
    known = orders.select("order_id", "payment_gateway", "is_test")
    return refunds.join(known, on="order_id", maintain_order="left").select(
        "order_id",
        "shop",
        "currency",
        "is_test",
        kind=pl.lit("refund"),
        status=pl.lit("success"),
        amount_minor="amount_minor",
        at="at",
        gateway="payment_gateway",
        refund_id="refund_id",
    )


class Payouts:
    """Collects money until its payout is due; a payout is written once no later chunk can add to it."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._waiting: pl.DataFrame | None = None

    def settle(self, moved: pl.DataFrame, orders: pl.DataFrame, first: int, last: int) -> dict[str, pl.DataFrame]:
        """Takes the money of the days from `first` to before `last`; returns the tables of finished payouts."""
        lines = pl.concat([_charges(moved), _chargebacks(orders), self._subscriptions(first, last)])
        if self._waiting is not None:
            lines = pl.concat([self._waiting, lines])
        lines = _due(lines)
        done = pl.col("due") <= last if last < self._setting.spec.days else pl.lit(True)
        self._waiting = lines.filter(~done).drop("due")
        return self._written(lines.filter(done))

    def _subscriptions(self, first: int, last: int) -> pl.DataFrame:
        months = [day for day in range(first, last) if self._setting.spec.day_list[day].day == 1]
        rows = [
            (shop, currency, "fee", None, 0, fee, None, day * DAY)
            for day in months
            for shop, currency, fee in _SUBSCRIPTIONS
        ]
        return pl.DataFrame(rows, _MONEY, orient="row")

    def _written(self, lines: pl.DataFrame) -> dict[str, pl.DataFrame]:
        keys = ["due", "shop", "currency"]
        payouts = lines.group_by(keys).agg(amount_minor=(pl.col("amount_minor") - pl.col("fee_minor")).sum()).sort(keys)
        start = self._setting.take("payout", payouts.height, 110_000_000_001)
        payouts = payouts.with_columns(
            payout_id=pl.int_range(start, start + payouts.height, dtype=pl.Int64),
            issued_at=self._setting.instant(pl.col("due") * DAY + 6 * HOUR),
            status=pl.lit("paid"),
        )
        lines = lines.join(payouts.select(*keys, "payout_id"), on=keys, maintain_order="left")
        lines = lines.with_columns(posted_at=self._setting.instant("at")).sort(
            "payout_id", "at", "transaction_id", "kind", "order_id"
        )
        return {"payouts": payouts, "payout_lines": lines}


_MONEY = {
    "shop": pl.String(),
    "currency": pl.String(),
    "kind": pl.String(),
    "order_id": pl.Int64(),
    "amount_minor": pl.Int64(),
    "fee_minor": pl.Int64(),
    "transaction_id": pl.Int64(),
    "at": pl.Int64(),
}


def _charges(moved: pl.DataFrame) -> pl.DataFrame:
    kept = moved.filter(
        (pl.col("status") == "success")
        & pl.col("kind").is_in(["sale", "capture", "refund"])
        & pl.col("gateway").is_in(_PAID_OUT)
        & ~pl.col("is_test")
    )
    is_refund = pl.col("kind") == "refund"
    return kept.select(
        "shop",
        "currency",
        pl.when(is_refund).then(pl.lit("refund")).otherwise(pl.lit("charge")).alias("kind"),
        "order_id",
        pl.when(is_refund).then(-pl.col("amount_minor")).otherwise("amount_minor").alias("amount_minor"),
        "fee_minor",
        "transaction_id",
        "at",
    ).cast(_MONEY)  # type: ignore[arg-type]


def _chargebacks(orders: pl.DataFrame) -> pl.DataFrame:
    """Fraud comes to light weeks later: the bank takes the money back, and a fee."""
    hit = orders.filter(pl.col("fraud") & pl.col("payment_gateway").is_in(_PAID_OUT) & pl.col("is_paid"))
    return hit.select(
        "shop",
        "currency",
        kind=pl.lit("adjustment"),
        order_id="order_id",
        amount_minor=-pl.col("total_minor"),
        fee_minor=pl.lit(1_500),
        transaction_id=pl.lit(None, pl.Int64),
        at=pl.col("paid") + 15 * DAY + (pl.col("draw2") * 40 * DAY).cast(pl.Int64),
    ).cast(_MONEY)  # type: ignore[arg-type]


def _due(lines: pl.DataFrame) -> pl.DataFrame:
    """Day number of the payout: Shopify's every day, two days later; Amazon's every two weeks; Stripe's weekly."""
    day = pl.col("at") // DAY
    due = (
        pl.when(pl.col("shop") == "shopify")
        .then(day + 2)
        .when(pl.col("shop") == "amazon")
        .then((day // 14 + 1) * 14)
        .otherwise((day // 7 + 1) * 7)
    )
    return lines.with_columns(due=due)
