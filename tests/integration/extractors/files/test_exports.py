"""The simulated merchant's files, landed through the shipped mappings, are the simulated merchant's tables."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from extractors.files import LandResult, day_windows, find, land_many
from lakehouse.objectstore.directory import DirectoryStore
from sandbox.exports import export
from sandbox.exports.__main__ import main
from sandbox.world import World, WorldSpec, generate

_FIRST, _LAST = date(2025, 10, 24), date(2025, 11, 2)  # clocks go back on the 26th
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate(tmp_path_factory.mktemp("world"), WorldSpec.tiny())


@pytest.fixture(scope="module")
def drops(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drops")
    export(world, folder, _FIRST, _LAST)
    return folder


def _landed(source: str, drops: Path, tmp_path: Path) -> tuple[pl.DataFrame, list[LandResult]]:
    """All rows that a drop's days gave, of records with versions the newest ones."""
    mapping, store = find(source), DirectoryStore(tmp_path / "lake")
    drop = drops / source
    results = land_many(mapping, drop, day_windows(mapping, drop), store=store, landed_at=_NOW, run_id="run")
    keys = [result.manifest.parse.rows.key for result in results]
    rows = pl.concat([pl.read_parquet(io.BytesIO(store.get(key))) for key in keys])
    assert sum(result.manifest.counts.quarantined for result in results) == 0
    if mapping.mode.value == "versions":
        rows = rows.sort("version_at", maintain_order=True).unique("record_ref", keep="last", maintain_order=True)
    return rows, results


def _pairs(frame: pl.DataFrame, *columns: str) -> list[tuple[object, ...]]:
    return sorted(frame.select(columns).rows(), key=repr)


def _money(minor: str = "value_minor", currency: str = "currency") -> pl.Expr:
    units = pl.when(pl.col(currency) == "JPY").then(pl.col(minor) * 10_000).otherwise(pl.col(minor) * 100)
    digits = units.cast(pl.Decimal(38, 0)).cast(pl.Decimal(38, 4)) / pl.lit(Decimal(10_000), pl.Decimal(38, 4))
    return digits.cast(pl.Decimal(18, 4))


def test_the_events_are_those_that_happened(world: World, drops: Path, tmp_path: Path) -> None:
    rows, results = _landed("segment_events", drops, tmp_path)
    counts = [result.manifest.counts for result in results]
    assert sum(one.ignored for one in counts) > 100  # calls of other kinds
    assert sum(one.deduplicated for one in counts) > 10  # delivered twice
    assert all(one.received == one.landed + one.deduplicated for one in counts)
    assert rows["event_ref"].n_unique() == rows.height
    received = world.frame("events").filter(pl.col("event_id").is_in(rows["event_ref"].implode()))
    assert received.height == rows.height
    inside = world.frame("events").filter(pl.col("occurred_at").dt.date().is_between(_FIRST, date(2025, 11, 1)))
    missing = inside.filter(~pl.col("event_id").is_in(rows["event_ref"].implode()))
    assert missing.is_empty()  # what happened on the last day may be received on the next
    truth = (
        received.join(world.frame("variants").select("variant_id", "sku"), on="variant_id", how="left")
        .join(world.frame("orders").select("order_id", "platform_order_id"), on="order_id", how="left")
        .with_columns(
            pl.col("customer_id").cast(pl.String),
            pl.when(pl.col("query") != "").then(pl.col("query").str.to_lowercase()).alias("query"),
            _money().alias("amount"),
        )
        .with_columns(pl.when(pl.col("value_minor").is_not_null()).then("currency").alias("currency"))
    )
    theirs = ["event_id", "kind", "visitor_id", "customer_id", "sku", "platform_order_id", "query", "results"]
    ours = ["event_ref", "event_kind", "visitor_ref", "customer_ref", "product_ref", "order_ref", "search_query"]
    theirs += ["page_path", "device", "country", "shop", "source", "medium", "campaign"]
    theirs += ["quantity", "amount", "currency"]
    ours += ["result_count", "page_path", "device", "country", "channel", "utm_source", "utm_medium", "utm_campaign"]
    assert _pairs(rows, *ours, "quantity", "amount", "currency_code") == _pairs(truth, *theirs)
    assert _pairs(rows, "event_ref", "occurred_at") == _pairs(truth, "event_id", "occurred_at")


def test_events_of_an_earlier_day_are_not_lost(drops: Path, tmp_path: Path) -> None:
    _, results = _landed("segment_events", drops, tmp_path)
    store = DirectoryStore(tmp_path / "lake")
    rows = {r.manifest.window: pl.read_parquet(io.BytesIO(store.get(r.manifest.parse.rows.key))) for r in results}
    early = [frame.filter(pl.col("occurred_at") < window.start.replace(tzinfo=None)) for window, frame in rows.items()]
    assert sum(frame.height for frame in early) > 10


@pytest.mark.parametrize(
    ("source", "platform"),
    [("google_ads_spend", "google"), ("meta_ads_spend", "meta"), ("amazon_ads_spend", "amazon")],
)
def test_the_reports_of_advertising_accounts(
    source: str, platform: str, world: World, drops: Path, tmp_path: Path
) -> None:
    rows, results = _landed(source, drops, tmp_path)
    truth = (
        world.frame("ad_spend")
        .filter((pl.col("platform") == platform) & pl.col("date").is_between(_FIRST, _LAST))
        .join(world.frame("variants").select("variant_id", "sku"), on="variant_id", how="left")
        .with_columns(_money("cost_minor").alias("cost"), _money("conversion_value_minor").alias("value"))
        .with_columns(pl.col("conversions").cast(pl.Decimal(18, 8)))
        .with_columns(pl.col("campaign_name" if platform == "amazon" else "campaign_id").alias("campaign"))
    )
    assert truth.height
    ours = ["spend_date", "platform", "campaign_ref", "campaign_name", "ad_group_ref", "product_ref"]
    theirs = ["date", "platform", "campaign", "campaign_name", "ad_group", "sku"]
    ours += ["impression_count", "click_count", "cost_amount", "conversion_count", "conversion_amount", "currency_code"]
    theirs += ["impressions", "clicks", "cost", "conversions", "value", "currency"]
    assert _pairs(rows, *ours) == _pairs(truth, *theirs)
    ignored = sum(result.manifest.counts.ignored for result in results)
    assert ignored == (len(results) if platform == "google" else 0)  # a line of totals in each report


def _until(column: str) -> pl.Expr:
    """What happened until midnight of London after the last day."""
    return pl.col(column) < datetime(2025, 11, 3)  # noqa: DTZ001 -- UTC, as the world has it


def test_purchase_orders_and_receipts(world: World, drops: Path, tmp_path: Path) -> None:
    rows, _ = _landed("purchase_orders_csv", drops, tmp_path)
    orders = world.frame("purchase_orders").filter(_until("ordered_at"))
    truth = (
        world.frame("po_lines")
        .join(orders, on="po_id")
        .join(world.frame("variants").select("variant_id", "sku"), on="variant_id")
        .with_columns(_money("unit_cost_minor").alias("cost"), pl.col("line_no").cast(pl.String))
    )
    assert truth.height
    theirs = ["po_number", "line_no", "sku", "quantity", "cost", "currency", "ordered_at", "expected_at"]
    ours = ["purchase_order_ref", "purchase_order_line_ref", "product_ref", "quantity", "unit_cost", "currency_code"]
    assert _pairs(rows, *ours, "occurred_at", "expected_at") == _pairs(truth, *theirs)
    received = world.frame("receipts").filter(_until("received_at"))
    assert rows.filter(pl.col("status") != "open").height == received.select("po_id", "line_no").n_unique()


def test_movements_and_counts_of_own_warehouses(world: World, drops: Path, tmp_path: Path) -> None:
    variants = world.frame("variants").select("variant_id", "sku")
    own = world.frame("locations").filter(~pl.col("is_fba")).select("location_id")
    books = world.frame("stock_movements").join(own, on="location_id", how="semi").join(variants, on="variant_id")
    books = books.with_columns(pl.col("movement_id", "location_id").cast(pl.String))
    at = pl.col("occurred_at").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/London").dt.date()
    moved, _ = _landed("stock_movements_csv", drops, tmp_path)
    ours = ["movement_ref", "product_ref", "location_ref", "movement_kind", "quantity", "reference", "occurred_at"]
    theirs = ["movement_id", "sku", "location_id", "kind", "quantity", "reference", "occurred_at"]
    assert _pairs(moved, *ours) == _pairs(books.filter(at.is_between(_FIRST, _LAST)), *theirs)
    counted, _ = _landed("stock_on_hand_csv", drops, tmp_path)
    levels = world.frame("stock_levels").filter(pl.col("date") == date(2025, 10, 26)).join(own, on="location_id")
    levels = levels.join(variants, on="variant_id").with_columns(
        pl.col("location_id").cast(pl.String), free=pl.col("on_hand") - pl.col("reserved")
    )
    ours = ["product_ref", "location_ref", "on_hand_units", "reserved_units"]
    assert _pairs(counted, *ours) == _pairs(levels, "sku", "location_id", "free", "reserved")


def test_costs_targets_and_suppliers(world: World, drops: Path, tmp_path: Path) -> None:
    costs, _ = _landed("product_costs_csv", drops, tmp_path)
    truth = (
        world.frame("variant_costs")
        .filter(_until("valid_from"))
        .join(world.frame("variants").select("variant_id", "sku"), on="variant_id")
        .with_columns(_money("unit_cost_minor").alias("cost"))
    )
    ours = ["product_ref", "unit_cost", "currency_code", "occurred_at"]
    assert _pairs(costs, *ours) == _pairs(truth, "sku", "cost", "currency", "valid_from")
    targets, _ = _landed("targets_csv", drops, tmp_path)
    due = world.frame("targets").filter(pl.col("month") <= _LAST).with_columns(_money().alias("value"))
    ours = ["target_month", "team", "metric", "target_value", "currency_code"]
    assert _pairs(targets, *ours) == _pairs(due, "month", "team", "metric", "value", "currency")
    bundles, _ = _landed("bundle_components_csv", drops, tmp_path)
    skus = world.frame("variants").select("variant_id", "sku")
    parts = world.frame("bundles").join(skus, left_on="bundle_variant_id", right_on="variant_id")
    parts = parts.join(skus, left_on="component_variant_id", right_on="variant_id", suffix="_part")
    ours = ["product_ref", "component_product_ref", "quantity"]
    assert _pairs(bundles, *ours) == _pairs(parts, "sku", "sku_part", "quantity")
    suppliers, _ = _landed("suppliers_csv", drops, tmp_path)
    assert sorted(suppliers["supplier_name"]) == sorted(world.frame("suppliers")["name"])


def test_tickets_reviews_and_carriers(world: World, drops: Path, tmp_path: Path) -> None:
    tickets, _ = _landed("tickets_csv", drops, tmp_path)
    truth = world.frame("tickets").filter(_until("created_at"))
    solved = pl.when(_until("solved_at")).then("solved_at").alias("solved_at")
    replied = pl.when(_until("first_reply_at")).then("first_reply_at").alias("first_reply_at")
    truth = truth.with_columns(pl.col("ticket_id").cast(pl.String), solved, replied)
    ours = ["ticket_ref", "occurred_at", "first_reply_at", "solved_at", "contact_channel", "category", "priority"]
    theirs = ["ticket_id", "created_at", "first_reply_at", "solved_at", "channel", "category", "priority"]
    assert truth.height
    assert _pairs(tickets, *ours) == _pairs(truth, *theirs)
    carried, _ = _landed("shipping_costs_csv", drops, tmp_path)
    sent = (
        world.frame("fulfilments")
        .filter(_until("delivered_at") & (pl.col("carrier") != "Amazon Logistics"))
        .join(world.frame("orders").select("order_id", "currency", "platform_order_id"), on="order_id")
        .with_columns(_money("cost_minor").alias("cost"))
        .with_columns(pl.coalesce("tracking_number", "UNTRACKED-" + pl.col("fulfilment_id").cast(pl.String)))
    )
    ours = ["shipment_ref", "order_ref", "carrier", "amount", "currency_code", "occurred_at", "delivered_at"]
    theirs = ["tracking_number", "platform_order_id", "carrier", "cost", "currency", "shipped_at", "delivered_at"]
    assert _pairs(carried, *ours) == _pairs(sent, *theirs)


def test_the_command_line_writes_the_drops(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = ["--first-day", "2025-10-26", "--last-day", "2025-10-26"]
    assert main([str(world.folder), str(tmp_path / "drops"), *days]) == 0
    assert "google_ads_spend: 1 files" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path / "none"), str(tmp_path / "drops")])
    with pytest.raises(SystemExit, match="2"):
        main([str(world.folder), str(tmp_path / "drops"), "--first-day", "2026-01-02", "--last-day", "2026-01-01"])


def test_the_same_world_gives_the_same_files(world: World, drops: Path, tmp_path: Path) -> None:
    export(world, tmp_path, _FIRST, date(2025, 10, 24))
    for path in tmp_path.rglob("*"):
        if path.is_file() and "ecb" not in path.parts[-2]:
            assert path.read_bytes() == (drops / path.relative_to(tmp_path)).read_bytes(), path.name
