"""The sandbox's WooCommerce answers as the real one does, as far as its documentation and source tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import polars as pl
import pytest

from sandbox.serving import Fault, Faults, SandboxClock, serve
from sandbox.woocommerce import CONSUMER_KEY, CONSUMER_SECRET, app
from sandbox.world import World
from tests.support.woocommerce import END, made_up_shop

BASE = "/wp-json/wc/v3"


@dataclass
class Woo:
    """A running shop."""

    http: httpx.Client
    clock: SandboxClock
    faults: Faults
    world: World
    url: str

    def get(self, path: str, **params: str | int) -> httpx.Response:
        return self.http.get(BASE + path, params=params)

    def ids(self, path: str, **params: str | int) -> list[int]:
        answer = self.get(path, **{"per_page": 100, "_fields": "id", **params})
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()]

    def every_id(self, path: str, per_page: int = 100, **params: str | int) -> list[int]:
        """Page after page by offset, as one should not."""
        found: list[int] = []
        page = 1
        while rows := self.ids(path, page=page, per_page=per_page, **params):
            found += rows
            page += 1
        return found

    def orders(self) -> pl.DataFrame:
        return self.world.frame("orders").filter(pl.col("shop") == "woocommerce")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made_up_shop(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def running(world: World) -> Iterator[Woo]:
    clock, faults = SandboxClock(END), Faults()
    with (
        serve(app(world, clock, faults)) as server,
        httpx.Client(base_url=server.url, auth=(CONSUMER_KEY, CONSUMER_SECRET)) as http,
    ):
        yield Woo(http, clock, faults, world, server.url)


@pytest.fixture
def woo(running: Woo) -> Woo:
    running.clock.set(END)
    running.faults.replace([])
    return running


def test_pages_count_themselves_in_headers(woo: Woo) -> None:
    first = woo.get("/orders", per_page=100)
    total = int(first.headers["X-WP-Total"])
    assert total == woo.orders().filter(pl.col("deleted_at").is_null()).height
    assert int(first.headers["X-WP-TotalPages"]) == -(-total // 100)
    assert 'rel="next"' in first.headers["Link"]
    assert "page=2" in first.headers["Link"]
    assert 'rel="prev"' not in first.headers["Link"]


def test_a_page_past_the_end_is_empty_and_no_error(woo: Woo) -> None:
    answer = woo.get("/orders", page=99, per_page=100)
    assert (answer.status_code, answer.json()) == (200, [])
    assert int(answer.headers["X-WP-Total"]) > 0
    assert 'rel="next"' not in answer.headers["Link"]


@pytest.mark.parametrize(
    ("params", "name", "code"),
    [
        ({"per_page": 101}, "per_page", "rest_out_of_bounds"),
        ({"per_page": 0}, "per_page", "rest_out_of_bounds"),
        ({"page": 0}, "page", "rest_out_of_bounds"),
        ({"per_page": "many"}, "per_page", "rest_invalid_type"),
        ({"after": "yesterday"}, "after", "rest_invalid_date"),
        ({"orderby": "total"}, "orderby", "rest_not_in_enum"),
        ({"status": "shipped"}, "status", "rest_not_in_enum"),
    ],
)
def test_bad_parameters_are_named(woo: Woo, params: dict[str, str | int], name: str, code: str) -> None:
    answer = woo.get("/orders", **params)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "rest_invalid_param")
    assert told["message"] == f"Invalid parameter(s): {name}"
    assert told["data"]["details"][name]["code"] == code


def test_modified_after_is_exclusive_to_the_second(woo: Woo) -> None:
    newest = woo.get("/orders", orderby="modified", per_page=1).json()[0]
    second = newest["date_modified_gmt"]
    params = {"dates_are_gmt": "true", "orderby": "modified"}
    assert newest["id"] not in woo.ids("/orders", modified_after=second, **params)
    earlier = (datetime.fromisoformat(second) - timedelta(seconds=1)).isoformat()
    assert newest["id"] in woo.ids("/orders", modified_after=earlier, **params)
    assert newest["id"] not in woo.ids("/orders", modified_before=second, **params)


def test_bounds_are_the_sites_time_unless_told_otherwise(woo: Woo) -> None:
    order = woo.get("/orders", per_page=1).json()[0]
    before = (datetime.fromisoformat(order["date_created"]) - timedelta(seconds=1)).isoformat()
    assert order["id"] in woo.ids("/orders", after=before)
    assert order["date_created"] != order["date_created_gmt"]
    assert order["id"] not in woo.ids("/orders", after=before, dates_are_gmt="true")
    gmt = (datetime.fromisoformat(order["date_created_gmt"]) - timedelta(seconds=1)).isoformat()
    # A time with an offset becomes the site's time even there: it misses what the same time without one finds.
    assert order["id"] in woo.ids("/orders", after=gmt, dates_are_gmt="true")
    assert order["id"] not in woo.ids("/orders", after=f"{gmt}Z", dates_are_gmt="true")


def test_orderings_and_offset(woo: Woo) -> None:
    numbers = woo.ids("/orders", orderby="id", order="asc")
    assert numbers == sorted(numbers)
    assert woo.ids("/orders", orderby="id", order="asc", offset=7, per_page=5) == numbers[7:12]
    rows = woo.get("/orders", orderby="modified", order="asc", per_page=100).json()
    keys = [(row["date_modified_gmt"], row["id"]) for row in rows]
    assert keys == sorted(keys)
    assert woo.ids("/orders", include=",".join(str(one) for one in numbers[:3])) == numbers[:3][::-1]


def test_trash_is_listed_by_itself_and_what_is_deleted_nowhere(woo: Woo) -> None:
    gone = woo.orders().filter(pl.col("deleted_at").is_not_null())
    trashed = {int(one) for one in gone.filter(pl.col("deleted_how") == "trash")["platform_order_id"]}
    deleted = {int(one) for one in gone.filter(pl.col("deleted_how") == "hard")["platform_order_id"]}
    assert trashed
    assert deleted
    listed = set(woo.every_id("/orders"))
    assert not listed & (trashed | deleted)
    assert set(woo.ids("/orders", status="trash")) == trashed
    assert woo.get(f"/orders/{min(trashed)}").json()["status"] == "trash"
    answer = woo.get(f"/orders/{min(deleted)}")
    assert (answer.status_code, answer.json()) == (
        404,
        {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}},
    )


def test_refunds_are_negative_in_the_order_and_positive_by_themselves(woo: Woo) -> None:
    refund = woo.get("/refunds", per_page=1).json()[0]
    order = woo.get(f"/orders/{refund['parent_id']}").json()
    inside = next(one for one in order["refunds"] if one["id"] == refund["id"])
    assert inside["total"] == f"-{refund['amount']}"
    assert Decimal(refund["amount"]) > 0
    of_order = woo.get(f"/orders/{refund['parent_id']}/refunds").json()
    assert [one["id"] for one in of_order] == [one["id"] for one in order["refunds"]]
    assert "parent_id" not in of_order[0]
    lines = [line for one in of_order for line in one["line_items"]]
    assert lines
    assert all(Decimal(line["total"]) < 0 for line in lines)
    sold = {str(line["id"]) for line in order["line_items"]}
    assert {line["meta_data"][0]["value"] for line in lines} <= sold


def test_amounts_are_strings_and_fit_the_worlds(woo: Woo) -> None:
    for order in woo.get("/orders", per_page=50).json():
        row = woo.orders().row(by_predicate=pl.col("platform_order_id") == str(order["id"]), named=True)
        assert order["total"] == f"{Decimal(row['total_minor']) / 100:.2f}"
        assert order["total_tax"] == f"{Decimal(row['tax_minor']) / 100:.2f}"
        taxes = [
            Decimal(line["total_tax"]) for kind in ("line_items", "shipping_lines", "fee_lines") for line in order[kind]
        ]
        assert sum(taxes) == Decimal(order["total_tax"])
        assert order["customer_id"] == (row["customer_id"] or 0)


def test_fields_are_limited_also_inside_objects(woo: Woo) -> None:
    assert woo.get("/orders", per_page=1, _fields="status,billing.country").json()[0].keys() == {"status", "billing"}
    row = woo.get("/orders", per_page=1, _fields="id,billing.country").json()[0]
    assert row["billing"].keys() == {"country"}


def test_the_past_is_as_it_was(woo: Woo) -> None:
    woo.clock.set(datetime(2025, 11, 15, tzinfo=UTC))
    orders = woo.get("/orders", per_page=100, orderby="modified").json()
    newest = max(order["date_modified_gmt"] for order in orders)
    assert newest <= "2025-11-15T00:00:00"
    assert {"processing", "completed"} <= {order["status"] for order in orders}
    refunds = woo.get("/refunds", per_page=100).json()
    assert 0 < len(refunds) < woo.world.frame("refunds").height
    assert all(refund["date_created_gmt"] <= "2025-11-15T00:00:00" for refund in refunds)


def test_an_edit_changes_the_order_when_it_happens(woo: Woo) -> None:
    edited = woo.orders().filter(pl.col("edited_at").is_not_null(), pl.col("deleted_at").is_null())
    row = edited.row(0, named=True)
    woo.clock.set(row["edited_at"].replace(tzinfo=UTC) - timedelta(seconds=1))
    before = woo.get(f"/orders/{row['platform_order_id']}").json()
    woo.clock.advance(timedelta(seconds=1))
    after = woo.get(f"/orders/{row['platform_order_id']}").json()
    assert before["total"] == f"{Decimal(row['original_total_minor']) / 100:.2f}"
    assert after["total"] == f"{Decimal(row['total_minor']) / 100:.2f}"
    assert after["date_modified_gmt"] > before["date_modified_gmt"]


def test_quirk_02_a_price_change_leaves_the_product_alone(woo: Woo) -> None:
    changes = woo.world.frame("product_changes").filter(pl.col("kind") == "price_changed")
    prices = woo.world.frame("variant_prices").filter(pl.col("shop") == "woocommerce")
    sold = woo.world.frame("variants").filter(pl.col("sold_by_woocommerce"), pl.col("option_value").is_not_null())
    changed = prices.join(sold.select("variant_id", "product_id"), on="variant_id").join(
        changes, left_on=["product_id", "valid_from"], right_on=["product_id", "changed_at"]
    )
    row = changed.sort("valid_from").row(0, named=True)
    product, variation = 10_000_000 + row["product_id"], 20_000_000 + row["variant_id"]

    def told() -> tuple[str, str, str]:
        parent = woo.get(f"/products/{product}").json()["date_modified_gmt"]
        listed = woo.get(f"/products/{product}/variations", include=variation).json()
        return parent, listed[0]["price"], listed[0]["date_modified_gmt"]

    woo.clock.set(row["valid_from"].replace(tzinfo=UTC) - timedelta(seconds=1))
    before = told()
    woo.clock.advance(timedelta(seconds=1))
    after = told()
    assert after[0] == before[0]
    assert after[1] != before[1]
    assert after[2] > before[2]


def test_quirk_03_newest_first_repeats_what_an_insert_moved(woo: Woo) -> None:
    woo.clock.set(datetime(2025, 11, 20, tzinfo=UTC))
    woo.faults.replace([Fault("insert_while_paging", path="/orders$", at=(2,))])
    first, second = (woo.ids("/orders", page=page, per_page=20) for page in (1, 2))
    assert len(set(first) & set(second)) == 1


def _before_a_change_on_the_first_page(woo: Woo) -> tuple[list[int], int]:
    """Sets the clock to before a refund of an old order: all orders by modified time, and a page that ends with it."""
    changes = woo.world.frame("order_changes").filter(pl.col("shop") == "woocommerce")
    refunds = changes.filter(pl.col("kind") == "refunded", pl.col("bumps_updated_at")).sort("changed_at")
    numbers = dict(woo.orders().select("order_id", pl.col("platform_order_id").cast(pl.Int64)).iter_rows())
    for row in refunds.iter_rows(named=True):
        woo.clock.set(row["changed_at"].replace(tzinfo=UTC) - timedelta(seconds=1))
        whole = woo.every_id("/orders", orderby="modified", order="asc")
        size = whole.index(numbers[row["order_id"]]) + 1
        if size < len(whole) and size <= 100:
            return whole, size
    raise AssertionError("no refund touches an order that was not touched for long")


def test_quirk_03_by_modified_time_an_update_makes_a_page_skip(woo: Woo) -> None:
    whole, size = _before_a_change_on_the_first_page(woo)
    woo.faults.replace([Fault("late_update", path="/orders$", at=(2,))])
    seen = woo.every_id("/orders", per_page=size, orderby="modified", order="asc")
    assert set(whole) - set(seen) == {whole[size]}


def test_older_shops_have_no_lists_of_all_refunds_and_variations(world: World) -> None:
    server = app(world, SandboxClock(END), Faults(), newer_lists=False)
    with serve(server) as running, httpx.Client(auth=(CONSUMER_KEY, CONSUMER_SECRET)) as http:
        for path in ("/refunds", "/variations"):
            answer = http.get(running.url + BASE + path)
            assert (answer.status_code, answer.json()["code"]) == (404, "rest_no_route")


def test_customers_know_no_modified_time(woo: Woo) -> None:
    everybody = woo.get("/customers", per_page=1).headers["X-WP-Total"]
    answer = woo.get("/customers", per_page=1, modified_after="2030-01-01T00:00:00")
    assert answer.headers["X-WP-Total"] == everybody


def test_the_index_tells_the_zone_and_needs_no_key(woo: Woo) -> None:
    told = httpx.get(f"{woo.url}/wp-json/").json()
    assert (told["timezone_string"], told["gmt_offset"]) == ("Europe/Berlin", "1")
    woo.clock.set(datetime(2025, 7, 1, tzinfo=UTC))
    assert httpx.get(f"{woo.url}/wp-json/").json()["gmt_offset"] == "2"
    assert "wc/v3" in told["namespaces"]


@pytest.mark.parametrize(
    ("auth", "code"),
    [
        (None, "woocommerce_rest_cannot_view"),
        (("ck_unknown", CONSUMER_SECRET), "woocommerce_rest_cannot_view"),
        ((CONSUMER_KEY, "cs_wrong"), "woocommerce_rest_authentication_error"),
    ],
)
def test_keys_are_checked(woo: Woo, auth: tuple[str, str] | None, code: str) -> None:
    answer = httpx.get(f"{woo.url}/wp-json/wc/v3/orders", auth=auth)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_basic_is_not_looked_at_over_http(world: World) -> None:
    server = app(world, SandboxClock(END), Faults(), https=False)
    with serve(server) as running:
        answer = httpx.get(running.url + BASE + "/orders", auth=(CONSUMER_KEY, CONSUMER_SECRET))
    assert (answer.status_code, answer.json()["code"]) == (401, "woocommerce_rest_cannot_view")


def test_faults_of_the_data(woo: Woo) -> None:
    plain = woo.ids("/orders", per_page=30)
    woo.faults.replace([Fault("duplicate", at=(1,)), Fault("reorder", at=(2,)), Fault("missing_rows", at=(3,))])
    assert len(woo.ids("/orders", per_page=30)) > len(plain)
    shuffled = woo.ids("/orders", per_page=30)
    assert shuffled != plain
    assert sorted(shuffled) == sorted(plain)
    assert len(woo.ids("/orders", per_page=30)) == 15
    woo.faults.replace([Fault("schema_extra", at=(1,)), Fault("schema_retype", at=(2,))])
    assert "delivery" in woo.get("/orders").json()[0]
    assert isinstance(woo.get("/orders").json()[0]["total"], list)
