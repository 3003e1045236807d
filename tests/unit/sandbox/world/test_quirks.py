"""Everything that trips extractors is in the small world already, and means what it should."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from sandbox.world import World

QUIRKS = {
    "test orders": pl.col("is_test"),
    "guests": pl.col("customer_id").is_null() & (pl.col("sales_channel") == "web"),
    "sold over the counter": pl.col("sales_channel") == "pos",
    "edited": pl.col("edited_at").is_not_null(),
    "cancelled and paid back": pl.col("cancelled_at").is_not_null() & (pl.col("status") == "refunded"),
    "cancelled and never paid": pl.col("cancelled_at").is_not_null() & (pl.col("status") == "voided"),
    "trashed": (pl.col("shop") == "woocommerce") & (pl.col("deleted_how") == "trash"),
    "deleted for good": (pl.col("shop") == "woocommerce") & (pl.col("deleted_how") == "hard"),
    "partly refunded": pl.col("status") == "partially_refunded",
    "a refund that leaves updated_at alone": ~pl.col("bumps_on_refund") & (pl.col("status") == "partially_refunded"),
    "tax on top": ~pl.col("taxes_included") & (pl.col("tax_minor") > 0),
    "no tax": pl.col("tax_rate_bp") == 0,
    "yen": pl.col("currency") == "JPY",
    "seen in another currency": pl.col("currency") != pl.col("presentment_currency"),
    "seen in yen": (pl.col("presentment_currency") == "JPY") & (pl.col("shop") == "shopify"),
    "no address": pl.col("email").is_null(),
    "a comma in the tags": pl.col("tags").str.contains(","),
    "a code": pl.col("discount_code").is_not_null(),
}


def test_some_deletions_lie_within_the_history_and_after_all_else(tiny: World) -> None:
    gone = tiny.frame("orders").filter(pl.col("deleted_at").is_not_null())
    end = tiny.spec.last_day
    assert gone.filter(pl.col("deleted_at").dt.date() <= end)["deleted_how"].n_unique() == 2
    log = tiny.frame("order_changes").join(gone.select("order_id", "deleted_at"), on="order_id")
    assert log.filter(pl.col("changed_at") > pl.col("deleted_at")).is_empty()


@pytest.mark.parametrize("quirk", QUIRKS)
def test_orders_have_the_quirk(tiny: World, quirk: str) -> None:
    assert tiny.frame("orders").filter(QUIRKS[quirk]).height > 0


def test_pending_amazon_orders_are_paid_later(tiny: World) -> None:
    amazon = tiny.frame("orders").filter((pl.col("shop") == "amazon") & pl.col("paid_at").is_not_null())
    wait = amazon.select(pl.col("paid_at") - pl.col("created_at")).to_series()
    assert wait.min() >= timedelta(minutes=15)  # type: ignore[operator]
    assert wait.max() > timedelta(hours=8)  # type: ignore[operator]


def test_lines_of_every_kind(tiny: World) -> None:
    lines = tiny.frame("order_lines")
    assert set(lines["kind"]) == {"product", "shipping", "gift_card", "custom"}
    partly = (pl.col("kind") == "product") & pl.col("fulfilled_quantity").is_between(1, pl.col("current_quantity") - 1)
    assert lines.filter(partly).height > 0
    assert lines.filter(pl.col("current_quantity") < pl.col("quantity")).height > 0
    bundled = lines.filter(pl.col("bundle_variant_id").is_not_null())
    assert bundled.height > 1
    known = tiny.frame("bundles").select(bundle_variant_id="bundle_variant_id", variant_id="component_variant_id")
    assert bundled.join(known, on=["bundle_variant_id", "variant_id"], how="anti").is_empty()


def test_bundles_and_gift_cards_have_no_stock(tiny: World) -> None:
    special = tiny.frame("products").filter(pl.col("is_bundle") | pl.col("is_gift_card"))
    variants = tiny.frame("variants").join(special, on="product_id", how="semi")["variant_id"].implode()
    for table in ("stock_levels", "stock_movements", "po_lines"):
        assert tiny.frame(table).filter(pl.col("variant_id").is_in(variants)).is_empty(), table


def test_text_that_careless_readers_mangle(tiny: World) -> None:
    titles = "".join(tiny.frame("products")["title_en"])
    assert all(mark in titles for mark in ('"', ",", "🎂", "福", "\\", ";", "€"))
    assert max(tiny.frame("products")["title_en"].str.len_chars()) > 255
    assert tiny.frame("customers").filter(pl.col("address1").str.contains("\n")).height > 0
    assert tiny.frame("customers").filter(pl.col("last_name").str.contains("'")).height > 0
    assert tiny.frame("variants")["gtin"].str.starts_with("0").all()
    assert min(tiny.frame("transactions")["transaction_id"]) > 2**53
    sold = tiny.frame("order_lines")["title"]
    assert sold.str.contains('"').any()


def test_a_price_change_leaves_the_product_alone(tiny: World) -> None:
    changes = tiny.frame("product_changes")
    assert changes.filter((pl.col("kind") == "price_changed") & pl.col("bumps_updated_at")).is_empty()
    assert changes.filter(pl.col("kind") == "price_changed").height > 0
    assert changes.filter((pl.col("kind") == "edited") & ~pl.col("bumps_updated_at")).is_empty()


@pytest.mark.parametrize("column", ["platform_order_id", "order_number", "order_id"])
def test_numbers_of_orders_are_unique(tiny: World, column: str) -> None:
    orders = tiny.frame("orders")
    assert orders.select("shop", column).is_unique().all()


def test_amazon_numbers_look_like_amazon_numbers(tiny: World) -> None:
    numbers = tiny.frame("orders").filter(pl.col("shop") == "amazon")["platform_order_id"]
    assert numbers.str.contains(r"^\d{3}-\d{7}-\d{7}$").all()
    lines = tiny.frame("order_lines")
    assert lines["platform_line_id"].n_unique() == lines.height


def test_gtins_have_their_check_digit(tiny: World) -> None:
    digits = (
        tiny.frame("variants")["gtin"].str.split("").list.eval(pl.element().filter(pl.element() != "").cast(pl.Int64))
    )
    weights = [3, 1] * 7
    assert all(sum(d * w for d, w in zip(code, weights, strict=True)) % 10 == 0 for code in digits.to_list())
