"""Going through a listing that changes: nothing that stays is ever skipped."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.api.client import Http, Patience
from extractors.api.connector import Request
from extractors.api.errors import ApiError, ExpiredCursorError, GoneError, IncompleteError
from extractors.api.throttle import TokenBucket
from extractors.woocommerce.client import Shop
from extractors.woocommerce.paging import (
    BY_CHANGE,
    ById,
    ByTime,
    as_cursor,
    by_id,
    by_time,
    id_cursor,
    time_cursor,
)
from extractors.woocommerce.sweep import deletions
from lakehouse.windows import Window

NOON = datetime(2025, 6, 1, 12)  # noqa: DTZ001  naive UTC, as WordPress writes times
END = NOON + timedelta(hours=1)


@dataclass
class Rows:
    """A listing in memory, that answers as WooCommerce does. `between` may change it after each page."""

    rows: dict[int, datetime]
    page_size: int = 5
    between: Callable[[Rows, int], None] = lambda _rows, _page: None
    hidden: int = 0
    has_totals: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        told = dict(request.url.params)
        self.asked.append(told)
        after, before = (
            datetime.fromisoformat(told[f"modified_{one}"]) if f"modified_{one}" in told else None
            for one in ("after", "before")
        )
        found = [
            (number, at)
            for number, at in self.rows.items()
            if (after is None or at > after) and (before is None or at < before)
        ]
        found.sort(key=lambda row: row[0] if told["orderby"] == "id" else (row[1], row[0]))
        start = int(told.get("offset", 0))
        page = found[start : start + int(told["per_page"])][self.hidden :]
        body = [{"id": number, "date_modified_gmt": at.isoformat()} for number, at in page]
        self.between(self, len(self.asked))
        headers = {"X-WP-Total": str(len(found))} if self.has_totals else {}
        return httpx.Response(200, json=body, headers=headers)

    def shop(self) -> Shop:
        http = Http("http://shop.example", transport=httpx.MockTransport(self.answer))
        return Shop(http, TokenBucket(1e9, 1e9), self.page_size)

    def all_by_id(self) -> list[int]:
        shop, found = self.shop(), []
        at: ById | None = ById()
        while at is not None:
            answer, at = by_id(shop, "orders", {}, at)
            found += answer.ids
            at = None if at is None else id_cursor(json.loads(json.dumps(as_cursor(at))))
        return found

    def all_by_time(self, since: datetime = NOON) -> list[int]:
        shop, found = self.shop(), []
        at: ByTime | None = ByTime.since(since)
        while at is not None:
            answer, at = by_time(shop, "orders", {}, BY_CHANGE, END, at)
            found += answer.ids
            at = None if at is None else time_cursor(json.loads(json.dumps(as_cursor(at))))
        return found


def seconds(count: int, step: int = 7) -> dict[int, datetime]:
    return {number: NOON + timedelta(seconds=step * number) for number in range(1, count + 1)}


def test_bounds_are_written_without_an_offset_and_a_second_early() -> None:
    listing = Rows(seconds(3))
    assert listing.all_by_time() == [1, 2, 3]
    asked = listing.asked[0]
    assert asked["modified_after"] == "2025-06-01T11:59:59"
    assert asked["modified_before"] == "2025-06-01T13:00:00"
    assert asked["dates_are_gmt"] == "true"
    assert (asked["orderby"], asked["order"]) == ("modified", "asc")
    assert "offset" not in asked


def test_a_row_in_the_first_second_of_the_window_is_inside_and_one_in_the_last_is_not() -> None:
    assert Rows({1: NOON, 2: END - timedelta(seconds=1), 3: END, 4: NOON - timedelta(seconds=1)}).all_by_time() == [
        1,
        2,
    ]


@pytest.mark.parametrize("has_totals", [True, False])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 9, 10, 23])
def test_all_rows_come_by_time(count: int, has_totals: bool) -> None:
    assert set(Rows(seconds(count), has_totals=has_totals).all_by_time()) == set(range(1, count + 1))


@pytest.mark.parametrize("has_totals", [True, False])
@pytest.mark.parametrize("count", [0, 1, 4, 5, 6, 9, 10, 23])
def test_all_rows_come_by_number(count: int, has_totals: bool) -> None:
    assert set(Rows(seconds(count), has_totals=has_totals).all_by_id()) == set(range(1, count + 1))


def test_a_bulk_edit_that_fills_pages_with_one_second() -> None:
    crowd = {number: NOON + timedelta(seconds=30) for number in range(10, 40)}
    listing = Rows({**seconds(3, step=1), **crowd, 50: NOON + timedelta(seconds=31), 51: NOON + timedelta(minutes=9)})
    assert set(listing.all_by_time()) == set(listing.rows)


def test_quirk_03_rows_that_are_changed_meanwhile_move_on_and_take_nobody_with_them() -> None:
    listing = Rows(seconds(40))
    stays = set(range(1, 41, 2))

    def change(rows: Rows, page: int) -> None:
        moved = page * 2
        if moved in rows.rows:
            rows.rows[moved] = END + timedelta(seconds=page)  # changed after the window: the next one has it

    listing.between = change
    assert stays <= set(listing.all_by_time())


def test_quirk_03_rows_that_leave_a_crowded_second() -> None:
    listing = Rows(dict.fromkeys(range(1, 41), NOON))

    def leave(rows: Rows, page: int) -> None:
        rows.rows.pop(page, None)

    listing.between = leave
    seen = set(listing.all_by_time())
    assert set(listing.rows) <= seen


def test_quirk_03_rows_that_leave_the_listing_by_number() -> None:
    listing = Rows(seconds(60))

    def leave(rows: Rows, page: int) -> None:
        for number in range(3 * page, 3 * page + 3):
            rows.rows.pop(number, None)

    listing.between = leave
    seen = set(listing.all_by_id())
    assert len(listing.rows) < 60
    assert set(listing.rows) <= seen


@given(
    count=st.integers(0, 40),
    page_size=st.integers(2, 7),
    losses=st.lists(st.lists(st.integers(1, 40), max_size=6), max_size=12),
)
def test_whatever_leaves_what_stays_is_seen(count: int, page_size: int, losses: list[list[int]]) -> None:
    def leave(rows: Rows, page: int) -> None:
        for number in losses[page - 1] if page <= len(losses) else ():
            rows.rows.pop(number, None)

    for walk in (Rows.all_by_id, Rows.all_by_time):
        listing = Rows(seconds(count, step=1), page_size, between=leave)
        seen = set(walk(listing))
        assert set(listing.rows) <= seen


def test_quirk_14_a_page_with_rows_missing_is_not_believed() -> None:
    listing = Rows(seconds(10), hidden=2)
    with pytest.raises(IncompleteError, match="3 records came on a page, 10"):
        listing.all_by_time()
    assert len(listing.asked) == 5


def test_a_page_with_rows_missing_once_is_asked_for_again() -> None:
    listing = Rows(seconds(4), hidden=1)

    def recover(rows: Rows, _page: int) -> None:
        rows.hidden = 0

    listing.between = recover
    assert listing.all_by_time() == [1, 2, 3, 4]


@pytest.mark.parametrize("told", [None, {}, {"seen": "x", "last": None}, {"after": "soon", "crowd": None}, 7])
def test_a_cursor_that_cannot_be_read_begins_again(told: object) -> None:
    for read in (id_cursor, time_cursor):
        with pytest.raises(ExpiredCursorError):
            read(told)


def shop_that_says(status: int, body: object) -> Shop:
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, json=body))
    http = Http("http://shop.example", transport=transport, patience=Patience(tries=1), sleep=lambda _seconds: None)
    return Shop(http, TokenBucket(1e9, 1e9))


def test_an_answer_that_is_no_list_is_an_error() -> None:
    with pytest.raises(ApiError, match="no list of records"):
        shop_that_says(200, {"success": True}).listing("orders", {})


def test_quirk_04_only_woocommerces_own_404_is_a_deletion() -> None:
    gone = {"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID.", "data": {"status": 404}}
    told = shop_that_says(404, gone).single("orders/7", {}, gone="_invalid_id")
    assert told.status == 404
    assert json.loads(told.body) == gone
    for other in ({"code": "rest_no_route"}, {"error": "not found"}, ["not found"]):
        with pytest.raises(GoneError):
            shop_that_says(404, other).single("orders/7", {}, gone="_invalid_id")


def test_an_older_shop_is_known_by_its_missing_route() -> None:
    assert not shop_that_says(404, {"code": "rest_no_route"}).has_listing("refunds")
    assert shop_that_says(200, []).has_listing("refunds")
    with pytest.raises(GoneError):
        shop_that_says(404, {"code": "maintenance"}).has_listing("refunds")


def test_quirk_04_the_sweep_asks_for_what_is_missing_whatever_page_it_should_be_on(tmp_path: Path) -> None:
    listing = Rows({number: NOON for number in range(10, 40) if number % 4})
    gone = json.dumps({"code": "woocommerce_rest_shop_order_invalid_id"}).encode()
    asked: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tail = request.url.path.rsplit("/", 1)[-1]
        if tail == "orders":
            return listing.answer(request)
        asked.append(int(tail))
        return httpx.Response(404, content=gone)

    http = Http("http://shop.example", transport=httpx.MockTransport(answer))
    known = pl.DataFrame({"record_ref": [str(number) for number in range(1, 50)]})
    window = Window(NOON.replace(tzinfo=UTC), END.replace(tzinfo=UTC))
    request = Request(window, window.start, window.end, tmp_path, known=lambda _name: known)
    pages = list(deletions(Shop(http, TokenBucket(1e9, 1e9), 5), request))
    assert asked == sorted(set(range(1, 50)) - set(listing.rows))
    assert sum(page.reported or 0 for page in pages) == len(asked)
    resumed = list(deletions(Shop(http, TokenBucket(1e9, 1e9), 5), replace(request, cursor=pages[3].cursor)))
    assert [page.name for page in resumed] == [page.name for page in pages[4:]]
