"""How the made-up WooCommerce writes amounts and times, and reads the parameters of a listing."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from starlette.datastructures import QueryParams

from sandbox.woocommerce.formats import amount, net_amount, net_of, times
from sandbox.woocommerce.query import CUSTOMERS, ORDERS, POSTS, read

BERLIN = ZoneInfo("Europe/Berlin")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("minor", "written"),
    [(1999, "19.99"), (5, "0.05"), (-5, "-0.05"), (-12_340, "-123.40"), (0, "0.00"), (None, "0.00")],
)
def test_amounts(minor: int | None, written: str) -> None:
    assert amount(minor) == written


@pytest.mark.parametrize(("gross", "net"), [(2000, 1681), (-2000, -1681), (119, 100), (1, 1), (0, 0)])
def test_tax_is_taken_out_to_the_nearest_cent(gross: int, net: int) -> None:
    assert net_amount(gross, 1900) == net
    assert pl.select(net_of(pl.lit(gross), pl.lit(1900))).item() == net


def test_times_have_no_offset_and_know_summer() -> None:
    told = times("date_created", utc(2025, 7, 1, 10, 0, 0, 900_000), BERLIN)
    assert told == {"date_created": "2025-07-01T12:00:00", "date_created_gmt": "2025-07-01T10:00:00"}
    assert times("date_paid", None, BERLIN) == {"date_paid": None, "date_paid_gmt": None}


@pytest.mark.parametrize(
    ("text", "as_gmt", "instant"),
    [
        ("2025-07-01T12:00:00", "false", utc(2025, 7, 1, 10)),
        ("2025-07-01T12:00:00", "true", utc(2025, 7, 1, 12)),
        ("2025-07-01T12:00:00Z", "false", utc(2025, 7, 1, 12)),
        ("2025-07-01T12:00:00Z", "true", utc(2025, 7, 1, 14)),  # WP_Date_Query: site time, compared with the UTC column
    ],
)
def test_the_zone_of_a_bound(text: str, as_gmt: str, instant: datetime) -> None:
    query = read(QueryParams({"modified_after": text, "dates_are_gmt": as_gmt}), ORDERS, BERLIN)
    assert query.modified_after == instant


def test_defaults_and_lists() -> None:
    query = read(QueryParams([("include", "3,1"), ("include[]", "9"), ("unknown", "x")]), POSTS, BERLIN)
    assert (query.page, query.per_page, query.ordering, query.descending) == (1, 10, "date", True)
    assert query.include == (3, 1, 9)
    people = read(QueryParams({"modified_after": "not even looked at"}), CUSTOMERS, BERLIN)
    assert (people.ordering, people.descending, people.modified_after) == ("name", False, None)
