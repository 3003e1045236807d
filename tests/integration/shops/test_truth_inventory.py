"""Stock: the ledger and every day's level are the merchant's own books, to the unit."""

from __future__ import annotations

import polars as pl
import pytest

from lakehouse.warehouse import Reader
from sandbox.world import World
from tests.integration.shops.conftest import FIRST_DAY, LAST_DAY, MOMENT

pytestmark = pytest.mark.integration

_PLACES = {1: "1", 2: "2", 3: "FBA/A1F83G8C2ARO7P", 4: "FBA/A1VC38T7YXB528"}
_KEY = ["location_id", "product_id"]


def _local(at: pl.Expr) -> pl.Expr:
    return at.dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/London").dt.date()


def _named(frame: pl.DataFrame, world: World) -> pl.DataFrame:
    variants = world.frame("variants").select("variant_id", product_id=pl.col("sku").str.to_uppercase())
    return frame.join(variants, on="variant_id").with_columns(
        pl.col("location_id").replace_strict(_PLACES, return_dtype=pl.String)
    )


def moved(world: World) -> pl.DataFrame:
    """What the merchant's books say moved and he could know at the moment, with the shop's day."""
    books = world.frame("stock_movements").with_columns(day=_local(pl.col("occurred_at")))
    return _named(books.filter(pl.col("occurred_at") < MOMENT, pl.col("day") >= FIRST_DAY), world)


def test_every_movement_is_in_the_ledger_once(reader: Reader, world: World) -> None:
    columns = ["location_id", "product_id", "kind", "quantity", "at"]
    found = reader.frame(
        "select location_id, product_id, movement_kind as kind, quantity, moved_at as at from fct_stock_movement "
        "where movement_kind not in ('opening', 'count')"
    )
    books = moved(world).with_columns(at=pl.col("occurred_at").dt.truncate("1s"))
    assert found.height > 1000
    assert sorted(found.select(columns).rows()) == sorted(books.select(columns).rows())


def test_no_count_disagrees_with_the_ledger(reader: Reader) -> None:
    assert reader.rows("select * from fct_stock_movement where movement_kind = 'count'") == []
    assert reader.rows("select count(*) from stg_stock_on_hand where location_ref is not null")[0][0] > 1000


def test_what_lies_where_at_the_end_of_each_day(reader: Reader, world: World) -> None:
    """The books close with the day in UTC: on summer days, when ours ends an hour sooner, less what moved in it."""
    later = (
        moved(world)
        .filter(pl.col("day") > pl.col("occurred_at").dt.date())
        .group_by(*_KEY, date=pl.col("occurred_at").dt.date())
        .agg(pl.col("quantity").sum().alias("later"))
    )
    levels = _named(world.frame("stock_levels").filter(pl.col("date").is_between(FIRST_DAY, LAST_DAY)), world)
    books = levels.join(later, on=[*_KEY, "date"], how="left").select(
        *_KEY, "date", units=pl.col("on_hand") - pl.col("later").fill_null(0)
    )
    found = reader.frame(
        "select location_id, product_id, stock_date as date, closing_units as units from fct_stock_daily"
    )
    both = books.join(found, on=[*_KEY, "date"], how="full", coalesce=True, suffix="_found")
    # what never lay there has no row with us, and one that says nothing with them
    off = both.filter(pl.col("units").fill_null(0) != pl.col("units_found").fill_null(0))
    assert off.is_empty(), off
    assert found.filter(pl.col("units") > 0).height > 1000


def test_opening_and_movements_are_closing(reader: Reader) -> None:
    off = reader.rows(
        "select * from fct_stock_daily where opening_units + receipt_units + sale_units + return_units "
        "+ adjustment_units + damage_units + transfer_units + count_units + other_units <> closing_units"
    )
    assert off == []
    broken = reader.rows(
        "select * from (select opening_units, lag(closing_units) over "
        "(partition by product_id, location_id order by stock_date) as before from fct_stock_daily) "
        "where before is not null and before <> opening_units"
    )
    assert broken == []


def test_what_is_left_has_an_age(reader: Reader) -> None:
    (aged,) = reader.rows("select sum(unit_count) from fct_stock_age")
    (left,) = reader.rows("select sum(on_hand_units) from fct_stock_level where valid_to_date is null")
    assert aged == left


def test_stockouts_are_the_books_days_without_stock(reader: Reader, world: World) -> None:
    """On winter days, whose end is that of the day in UTC."""
    first = pl.date(2025, 10, 27)
    levels = _named(world.frame("stock_levels").filter(pl.col("date").is_between(first, LAST_DAY)), world)
    books = set(levels.filter(pl.col("on_hand") <= 0).select(*_KEY, "date").rows())
    found = reader.rows(
        "select distinct stockouts.location_id, stockouts.product_id, stock_date from fct_stockout as stockouts "
        "inner join fct_stock_daily as daily on daily.product_id = stockouts.product_id "
        "and daily.location_id = stockouts.location_id "
        "and stock_date between from_date and coalesce(to_date, stock_date) where stock_date >= date '2025-10-27'"
    )
    assert found
    assert set(found) <= books


def test_lost_sales_are_of_the_right_size(reader: Reader, world: World) -> None:
    """An estimate: docs/decisions/0023 says how far it goes; of a merchant as small as this one less far."""
    lost = world.truth("lost_sales").filter(pl.col("date").is_between(FIRST_DAY, LAST_DAY))["units"].sum()
    ((told,),) = reader.rows("select cast(sum(lost_units) as double) from fct_lost_sales")
    assert 0.7 * float(lost) < float(told) < 1.4 * float(lost)
