"""The tables tell one story: keys lead somewhere, and nothing happens before its cause."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl
import pytest

from sandbox.world import World

REFERENCES = [
    ("order_lines", "order_id", "orders"),
    ("order_lines", "variant_id", "variants"),
    ("orders", "customer_id", "customers"),
    ("orders", "location_id", "locations"),
    ("transactions", "order_id", "orders"),
    ("refunds", "order_id", "orders"),
    ("refund_lines", "refund_id", "refunds"),
    ("fulfilments", "order_id", "orders"),
    ("fulfilment_lines", "fulfilment_id", "fulfilments"),
    ("order_changes", "order_id", "orders"),
    ("returns", "refund_id", "refunds"),
    ("carts", "order_id", "orders"),
    ("cart_lines", "cart_id", "carts"),
    ("events", "order_id", "orders"),
    ("events", "customer_id", "customers"),
    ("events", "variant_id", "variants"),
    ("products", "category_id", "categories"),
    ("products", "supplier_id", "suppliers"),
    ("variants", "product_id", "products"),
    ("variant_prices", "variant_id", "variants"),
    ("stock_levels", "variant_id", "variants"),
    ("stock_movements", "location_id", "locations"),
    ("purchase_orders", "supplier_id", "suppliers"),
    ("po_lines", "po_id", "purchase_orders"),
    ("reviews", "variant_id", "variants"),
    ("tickets", "order_id", "orders"),
    ("payout_lines", "payout_id", "payouts"),
    ("payout_lines", "order_id", "orders"),
    ("product_changes", "product_id", "products"),
    ("fraud", "order_id", "orders"),
    ("affinities", "variant_b", "variants"),
]


@pytest.mark.parametrize(("table", "column", "parent"), REFERENCES)
def test_keys_lead_somewhere(tiny: World, table: str, column: str, parent: str) -> None:
    key = "variant_id" if column == "variant_b" else column
    used = tiny.frame(table).select(pl.col(column).alias(key)).drop_nulls()
    assert used.height > 0
    assert used.join(tiny.frame(parent), on=key, how="anti").is_empty()


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("orders", ["order_id"]),
        ("order_lines", ["order_id", "line_no"]),
        ("customers", ["customer_id"]),
        ("transactions", ["transaction_id"]),
        ("refunds", ["refund_id"]),
        ("fulfilments", ["fulfilment_id"]),
        ("stock_movements", ["movement_id"]),
        ("stock_levels", ["date", "location_id", "variant_id"]),
        ("variant_prices", ["variant_id", "shop", "currency", "valid_from"]),
        ("payouts", ["payout_id"]),
        ("carts", ["cart_id"]),
        ("competitor_prices", ["date", "competitor", "variant_id"]),
        ("fx_rates", ["date", "currency"]),
    ],
)
def test_tables_are_sorted_by_a_unique_key(tiny: World, table: str, key: list[str]) -> None:
    frame = tiny.frame(table)
    assert frame.select(key).is_unique().all()
    if table != "competitor_prices":
        assert frame.equals(frame.sort(key, maintain_order=True))


def test_events_of_every_chunk_are_in_order_of_time_and_unique(tiny: World) -> None:
    events = tiny.frame("events")
    assert events["event_id"].is_unique().all()
    assert set(events["kind"]) == {
        "page_view", "search", "product_view", "favourite", "add_to_cart", "checkout", "purchase",
    }  # fmt: skip


def test_each_web_order_is_one_purchase_at_its_time(tiny: World) -> None:
    orders = tiny.frame("orders").filter(
        (pl.col("shop") != "amazon") & (pl.col("sales_channel") == "web") & ~pl.col("is_test")
    )
    bought = tiny.frame("events").filter(pl.col("kind") == "purchase")
    rows = orders.join(bought, on="order_id", how="full", validate="1:1", suffix="_event")
    assert rows.filter(pl.col("created_at").ne_missing(pl.col("occurred_at"))).is_empty()
    assert rows.filter(pl.col("total_minor").ne_missing(pl.col("value_minor"))).is_empty()
    assert rows.filter(pl.col("customer_id").ne_missing(pl.col("customer_id_event"))).is_empty()
    assert tiny.frame("events").filter((pl.col("kind") != "purchase") & pl.col("order_id").is_not_null()).is_empty()


def test_what_is_bought_was_added_to_the_cart_in_that_session(tiny: World) -> None:
    events = tiny.frame("events")
    sessions = events.filter(pl.col("kind") == "purchase").select("session_no", "order_id")
    added = events.filter(pl.col("kind") == "add_to_cart").select("session_no", "variant_id").unique()
    orders = tiny.frame("orders").select("order_id", "created_at")
    lines = tiny.frame("order_lines").join(orders, on="order_id").filter(
        pl.col("variant_id").is_not_null() & (pl.col("added_at") == pl.col("created_at"))
    )  # fmt: skip
    lines = lines.join(sessions, on="order_id")
    assert lines.height > 0
    assert lines.join(added, on=["session_no", "variant_id"], how="anti").is_empty()


def test_nothing_happens_before_its_cause(tiny: World) -> None:
    orders = tiny.frame("orders")
    for later in ("paid_at", "edited_at", "cancelled_at", "deleted_at"):
        assert orders.filter(pl.col(later) < pl.col("created_at")).is_empty(), later
    sent = tiny.frame("fulfilments").join(orders, on="order_id")
    assert sent.filter((pl.col("shipped_at") < pl.col("paid_at")) | pl.col("paid_at").is_null()).is_empty()
    assert sent.filter(pl.col("delivered_at") < pl.col("shipped_at")).is_empty()
    assert sent.filter(pl.col("cancelled_at").is_not_null()).is_empty()
    back = tiny.frame("returns").join(tiny.frame("refunds"), on="refund_id", suffix="_refund")
    assert back.filter(
        (pl.col("received_at") < pl.col("requested_at")) | (pl.col("created_at") < pl.col("received_at"))
    ).is_empty()
    mine = orders.join(tiny.frame("customers"), on="customer_id", suffix="_customer")
    assert mine.filter(pl.col("created_at") < pl.col("created_at_customer")).is_empty()


def test_fulfilled_units_are_in_parcels(tiny: World) -> None:
    keys = ["order_id", "line_no"]
    sent = tiny.frame("fulfilment_lines").group_by(keys).agg(sent=pl.col("quantity").sum())
    rows = tiny.frame("order_lines").join(sent, on=keys, how="left", validate="1:1")
    assert rows.filter(pl.col("fulfilled_quantity") != pl.col("sent").fill_null(0)).is_empty()
    assert rows.filter(pl.col("fulfilled_quantity") > pl.col("current_quantity")).is_empty()


def test_the_log_explains_updated_at(tiny: World) -> None:
    log = tiny.frame("order_changes")
    newest = log.filter("bumps_updated_at").group_by("order_id").agg(newest=pl.col("changed_at").max())
    rows = tiny.frame("orders").join(newest, on="order_id", how="left", validate="1:1")
    assert rows.filter(pl.col("updated_at").ne_missing(pl.col("newest"))).is_empty()
    silent = log.filter((pl.col("kind") == "refunded") & ~pl.col("bumps_updated_at")).select(
        "order_id", at="changed_at"
    )
    late = rows.join(silent, on="order_id").filter(pl.col("at") > pl.col("updated_at"))
    assert late.height > 0, "no refund that updated_at does not tell"


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("created", "created_at"),
        ("paid", "paid_at"),
        ("edited", "edited_at"),
        ("cancelled", "cancelled_at"),
        ("deleted", "deleted_at"),
    ],
)
def test_the_log_has_every_change_once(tiny: World, kind: str, column: str) -> None:
    logged = tiny.frame("order_changes").filter(pl.col("kind") == kind).select("order_id", at="changed_at")
    rows = (
        tiny.frame("orders")
        .filter(pl.col(column).is_not_null())
        .join(logged, on="order_id", how="full", validate="1:1")
    )
    assert rows.height > 0
    assert rows.filter(pl.col(column).ne_missing(pl.col("at"))).is_empty()


def test_lines_cost_what_the_price_history_says(tiny: World) -> None:
    """Bundles apart, whose parts share the bundle's price."""
    orders = tiny.frame("orders").select("order_id", "shop", "currency", "created_at")
    lines = tiny.frame("order_lines").filter(pl.col("variant_id").is_not_null() & pl.col("bundle_variant_id").is_null())
    lines = lines.join(orders, on="order_id").sort("created_at")
    prices = tiny.frame("variant_prices").select("variant_id", "shop", "currency", "valid_from", "price_minor")
    rows = lines.join_asof(
        prices.sort("valid_from"), left_on="created_at", right_on="valid_from", by=["variant_id", "shop", "currency"],
        check_sortedness=False,
    )  # fmt: skip
    assert rows.filter(pl.col("unit_price_minor").ne_missing(pl.col("price_minor"))).is_empty()


def test_nothing_is_sold_before_it_is_made_or_after_its_end(tiny: World) -> None:
    products = tiny.frame("variants").join(tiny.frame("products"), on="product_id", suffix="_product")
    lines = tiny.frame("order_lines").join(tiny.frame("orders").select("order_id", "created_at"), on="order_id")
    rows = lines.join(products, on="variant_id", suffix="_variant")
    assert rows.filter(pl.col("created_at") < pl.col("created_at_variant")).is_empty()
    assert rows.filter(pl.col("created_at") > pl.col("discontinued_at")).is_empty()


def test_exchange_rates_are_told_on_target_days(tiny: World) -> None:
    rates = tiny.frame("fx_rates")
    assert set(rates["currency"]) == {"GBP", "USD", "JPY", "CNY"}
    assert rates["date"].dt.weekday().max() == 5
    assert datetime(2025, 12, 25).date() not in set(rates["date"])  # noqa: DTZ001 - a day, no instant
    used = tiny.frame("orders").filter(pl.col("presentment_currency") == "EUR").head(20)
    pounds = rates.filter(pl.col("currency") == "GBP").select("date", rate=1 / pl.col("rate_per_eur").cast(pl.Float64))
    day = used.with_columns(date=pl.col("created_at").dt.date()).sort("date").join_asof(pounds.sort("date"), on="date")
    off = (day["presentment_rate"].cast(pl.Float64) - day["rate"]).abs()
    assert off.drop_nulls().len() > 5
    shopify = day.with_columns(off=off).filter(pl.col("shop") == "shopify")
    assert shopify["off"].max() < 1e-5  # type: ignore[operator]


def test_history_covers_the_days_asked_for(tiny: World) -> None:
    days = tiny.frame("orders")["created_at"].dt.date()
    assert days.min() == tiny.spec.first_day
    assert days.max() == tiny.spec.last_day
    assert tiny.frame("stock_levels")["date"].max() == tiny.spec.last_day
    assert tiny.frame("stock_levels")["date"].min() == tiny.spec.first_day - timedelta(days=1)
