"""The identities of money: to the minor unit, for every order."""

from __future__ import annotations

import polars as pl
import pytest

from sandbox.world import World

CURRENT = pl.col("current_quantity") * pl.col("unit_price_minor")
GOODS = pl.col("kind") != "shipping"


def _orders_with_sums(tiny: World) -> pl.DataFrame:
    sums = (
        tiny.frame("order_lines")
        .group_by("order_id")
        .agg(
            goods=CURRENT.filter(GOODS).sum(),
            shipping=CURRENT.filter(~GOODS).sum(),
            line_discounts=pl.col("discount_minor").sum(),
            line_tax=pl.col("tax_minor").sum(),
        )
    )
    return tiny.frame("orders").join(sums, on="order_id", how="full", validate="1:1")


def test_totals_are_made_of_their_parts(tiny: World) -> None:
    rows = _orders_with_sums(tiny)
    tax_on_top = pl.when("taxes_included").then(0).otherwise("tax_minor")
    assert rows.filter(pl.col("subtotal_minor") != pl.col("goods") - pl.col("discount_minor")).is_empty()
    assert rows.filter(pl.col("shipping_minor") != pl.col("shipping")).is_empty()
    assert rows.filter(pl.col("tax_minor") != pl.col("line_tax")).is_empty()
    total = pl.col("subtotal_minor") + pl.col("shipping_minor") + tax_on_top
    assert rows.filter(pl.col("total_minor") != total).is_empty()
    assert rows["taxes_included"].n_unique() == 2


def test_totals_before_the_edit_are_made_of_their_parts(tiny: World) -> None:
    orders = tiny.frame("orders")
    lines = tiny.frame("order_lines").join(orders.select("order_id", "created_at"), on="order_id")
    first = (
        lines.filter(pl.col("added_at") == pl.col("created_at"))
        .group_by("order_id")
        .agg(
            goods=(pl.col("quantity") * pl.col("unit_price_minor")).filter(GOODS).sum(),
            tax=pl.col("original_tax_minor").sum(),
        )
    )
    rows = orders.join(first, on="order_id", how="left", validate="1:1")
    tax_on_top = pl.when("taxes_included").then(0).otherwise("original_tax_minor")
    assert rows.filter(pl.col("original_subtotal_minor") != pl.col("goods") - pl.col("discount_minor")).is_empty()
    assert rows.filter(pl.col("original_tax_minor") != pl.col("tax")).is_empty()
    total = pl.col("original_subtotal_minor") + pl.col("shipping_minor") + tax_on_top
    assert rows.filter(pl.col("original_total_minor") != total).is_empty()
    unedited = orders.filter(pl.col("edited_at").is_null())
    assert unedited.filter(pl.col("original_total_minor") != pl.col("total_minor")).is_empty()
    edited = orders.filter(pl.col("edited_at").is_not_null())
    assert edited.height > 0
    assert edited.filter(pl.col("original_total_minor") == pl.col("total_minor")).is_empty()


def test_line_discounts_leave_a_rest_of_at_most_three_units(tiny: World) -> None:
    rest = _orders_with_sums(tiny).select(rest=pl.col("discount_minor") - pl.col("line_discounts"))["rest"]
    assert rest.is_between(0, 3).all()
    assert (rest > 0).any()


def test_tax_of_a_line_is_its_share(tiny: World) -> None:
    """Within half a minor unit of the exact tax, in integers: |2·tax·base - 2·amount·rate| <= base."""
    orders = tiny.frame("orders").select("order_id", "taxes_included", "tax_rate_bp")
    lines = tiny.frame("order_lines").filter(pl.col("kind") != "gift_card").join(orders, on="order_id")
    base = pl.when("taxes_included").then(10_000 + pl.col("tax_rate_bp")).otherwise(10_000)
    off = (2 * pl.col("tax_minor") * base - 2 * (CURRENT - pl.col("discount_minor")) * pl.col("tax_rate_bp")).abs()
    assert lines.filter(off > base).is_empty()
    assert tiny.frame("order_lines").filter((pl.col("kind") == "gift_card") & (pl.col("tax_minor") != 0)).is_empty()


def test_what_is_paid_is_the_total(tiny: World) -> None:
    paid = tiny.frame("transactions").filter(
        (pl.col("status") == "success") & pl.col("kind").is_in(["sale", "capture"])
    )
    sums = paid.group_by("order_id").agg(paid=pl.col("amount_minor").sum(), at=pl.col("created_at").max())
    rows = tiny.frame("orders").join(sums, on="order_id", how="left", validate="1:1")
    assert rows.filter(
        pl.col("paid_at").is_not_null() & (pl.col("paid").fill_null(0) != pl.col("total_minor"))
    ).is_empty()
    assert rows.filter(pl.col("paid_at").is_null() & pl.col("paid").is_not_null()).is_empty()
    assert rows.filter(pl.col("paid_at").is_null() & ~pl.col("status").is_in(["pending", "voided"])).is_empty()


def test_refunds_are_made_of_their_lines(tiny: World) -> None:
    sums = (
        tiny.frame("refund_lines")
        .group_by("refund_id")
        .agg(lines=pl.col("amount_minor").sum(), line_tax=pl.col("tax_minor").sum())
    )
    rows = tiny.frame("refunds").join(sums, on="refund_id", how="left", validate="1:1")
    with_lines = rows.filter(pl.col("lines").is_not_null())
    amount = pl.col("lines") + pl.col("shipping_minor") + pl.col("tax_minor")
    assert with_lines.filter(pl.col("amount_minor") != amount).is_empty()
    assert with_lines.filter(pl.col("tax_minor") < pl.col("line_tax")).is_empty()
    goodwill = rows.filter(pl.col("lines").is_null())
    assert goodwill.height > 0
    assert set(goodwill["reason"]) == {"goodwill"}
    assert (rows["amount_minor"] > 0).all()


def test_refunds_never_exceed_what_was_paid(tiny: World) -> None:
    refunds = tiny.frame("refunds").group_by("order_id").agg(back=pl.col("amount_minor").sum())
    rows = refunds.join(tiny.frame("orders"), on="order_id", how="left", validate="1:1")
    assert rows.filter(pl.col("back") > pl.col("total_minor")).is_empty()
    assert rows.filter((pl.col("back") == pl.col("total_minor")) != (pl.col("status") == "refunded")).is_empty()
    cancelled = rows.filter(pl.col("cancelled_at").is_not_null())
    assert cancelled.height > 0
    assert cancelled.filter(pl.col("back") != pl.col("total_minor")).is_empty()
    units = tiny.frame("refund_lines").group_by("order_id", "line_no").agg(units=pl.col("quantity").sum())
    lines = units.join(tiny.frame("order_lines"), on=["order_id", "line_no"], how="left", validate="1:1")
    assert lines.filter(pl.col("units") > pl.col("current_quantity")).is_empty()


def test_every_refund_is_a_transaction(tiny: World) -> None:
    moved = tiny.frame("transactions").filter(pl.col("kind") == "refund").select("refund_id", moved="amount_minor")
    rows = tiny.frame("refunds").join(moved, on="refund_id", how="full", validate="1:1")
    assert rows.filter(pl.col("amount_minor").ne_missing(pl.col("moved"))).is_empty()


def test_payouts_are_the_sum_of_their_lines(tiny: World) -> None:
    lines = tiny.frame("payout_lines")
    sums = lines.group_by("payout_id").agg(due=(pl.col("amount_minor") - pl.col("fee_minor")).sum())
    rows = tiny.frame("payouts").join(sums, on="payout_id", how="full", validate="1:1")
    assert rows.filter(pl.col("amount_minor").ne_missing(pl.col("due"))).is_empty()


def test_payouts_hold_each_transaction_of_their_gateway_once(tiny: World) -> None:
    tests = tiny.frame("orders").filter("is_test")["order_id"]
    kinds = ["sale", "capture", "refund"]
    due = tiny.frame("transactions").filter(
        (pl.col("status") == "success")
        & pl.col("kind").is_in(kinds)
        & ~pl.col("order_id").is_in(tests.implode())
        & pl.col("gateway").is_in(["shopify_payments", "amazon", "stripe"])
    )
    paid = tiny.frame("payout_lines").filter(pl.col("transaction_id").is_not_null())
    rows = due.join(paid, on="transaction_id", how="full", validate="1:1", suffix="_paid")
    signed = pl.when(pl.col("kind") == "refund").then(-pl.col("amount_minor")).otherwise("amount_minor")
    assert rows.filter(signed.ne_missing(pl.col("amount_minor_paid"))).is_empty()
    issued = paid.join(tiny.frame("payouts"), on="payout_id")
    assert issued.filter(pl.col("posted_at") >= pl.col("issued_at")).is_empty()


@pytest.mark.parametrize("currency", ["GBP", "EUR", "JPY"])
def test_amounts_of_a_currency_are_of_its_size(tiny: World, currency: str) -> None:
    """Yen have no minor unit: a usual order is thousands of yen, and of pence."""
    orders = tiny.frame("orders").filter((pl.col("currency") == currency) & ~pl.col("is_test"))
    assert 1_500 < (orders["total_minor"].median() or 0) < 9_000  # type: ignore[operator]
