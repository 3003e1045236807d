"""The life of reports: made, failed, empty, under way when the run was killed, at addresses that expire."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import polars as pl
import pytest

from extractors.amazon.errors import ReportFailedError
from extractors.amazon.fetch_reports import LEDGER
from extractors.api.client import Download
from extractors.api.errors import ExpiredCursorError, TransientError
from sandbox.serving import Fault, Faults
from sandbox.world import World
from tests.integration.extractors.amazon.shop import BEGIN, END, Shop, running

_WEEK = (datetime(2025, 11, 24, tzinfo=UTC), datetime(2025, 12, 1, tzinfo=UTC))


def _requests(shop: Shop, method: str, part: str) -> int:
    log = httpx.get(f"{shop.url}/sandbox/requests").json()
    return sum(one["method"] == method and part in one["path"] for one in log)


def test_a_killed_run_takes_up_the_report_that_it_asked_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def kill(_seconds: float) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(shop.http, "sleep", kill)  # while it waits for the report
        with pytest.raises(Killed):
            shop.extract("inventory_ledger", *_WEEK)
    assert _requests(shop, "POST", "/reports") == 1
    extracted = shop.extract("inventory_ledger", *_WEEK)
    assert extracted.manifest.counts.received > 0
    assert _requests(shop, "POST", "/reports") == 2  # the killed run's report, and the other marketplace's


def test_a_report_that_is_not_done_in_time_is_left_to_the_next_run(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.connector, "_options", shop.options.model_copy(update={"patience_s": 1.0}))
    with pytest.raises(TransientError, match="takes up the same report"):
        shop.extract("inventory_ledger", *_WEEK)
    monkeypatch.undo()
    shop.extract("inventory_ledger", *_WEEK)
    assert _requests(shop, "POST", "/reports") == 2


def test_a_report_without_data_is_no_failure(shop: Shop) -> None:
    """CANCELLED though nobody cancelled it: Amazon's way of saying that there is nothing."""
    quiet = (datetime(2026, 2, 7, tzinfo=UTC), datetime(2026, 2, 8, tzinfo=UTC))
    extracted = shop.extract("customer_returns", *quiet)
    assert extracted.manifest.counts.received == 0
    assert shop.rows("customer_returns", "customer_returns").is_empty()


def test_a_report_that_failed_says_why_and_another_one_is_asked_for(shop: Shop) -> None:
    shop.app.state.reports.doomed.add(LEDGER)
    with pytest.raises(ReportFailedError, match="Internal failure while the report was made") as error:
        shop.extract("inventory_ledger", *_WEEK)
    assert error.value.action == "retry"
    asked = _requests(shop, "POST", "/reports")
    assert shop.extract("inventory_ledger", *_WEEK).manifest.counts.received > 0
    assert _requests(shop, "POST", "/reports") == asked + 2


def test_a_report_that_amazon_forgot_is_asked_for_anew(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.connector, "_options", shop.options.model_copy(update={"patience_s": 1.0}))
    with pytest.raises(TransientError, match="takes up the same report"):
        shop.extract("inventory_ledger", *_WEEK)
    monkeypatch.undo()
    shop.app.state.reports._reports.clear()
    with pytest.raises(ReportFailedError, match="Amazon knows nothing of the report"):
        shop.extract("inventory_ledger", *_WEEK)
    assert shop.extract("inventory_ledger", *_WEEK).manifest.counts.received > 0


def test_an_address_that_expired_is_asked_for_anew(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    download, slow = shop.http.download, iter([timedelta(minutes=6), timedelta(0)])

    def late(url: str, folder: Path) -> Download:
        shop.clock.advance(next(slow, timedelta(0)))  # the first time five minutes pass before it is used
        return download(url, folder)

    monkeypatch.setattr(shop.http, "download", late)
    assert shop.extract("inventory_ledger", *_WEEK).manifest.counts.received > 0
    assert _requests(shop, "GET", "/documents/amzn1") == 3


def test_bytes_are_landed_as_they_were_downloaded(shop: Shop) -> None:
    extracted = shop.extract("orders_report", *_WEEK)
    kinds = {part.name.partition(".")[2] for part in extracted.manifest.parts}
    assert kinds <= {"tsv", "tsv.gz"}
    assert "tsv.gz" in kinds


def test_sales_and_traffic_are_restated_and_the_later_word_counts(world: World, tmp_path: Path) -> None:
    day = datetime(2025, 11, 28, tzinfo=UTC)
    with running(world, tmp_path, now=day + timedelta(days=1, hours=2), marketplaces=("UK",)) as shop:
        shop.extract("sales_traffic", day, day + timedelta(days=1))
        early = _units(shop)
        shop.clock.set(day + timedelta(days=6))
        shop.extract("sales_traffic", day, day + timedelta(days=1))
        late = _units(shop)
    orders = world.frame("orders").filter(
        (pl.col("sales_channel") == "A1F83G8C2ARO7P")
        & (pl.col("created_at").dt.date() == day.date())
        & pl.col("cancelled_at").is_null()
    )
    lines = (
        world.frame("order_lines").join(orders.select("order_id"), on="order_id").filter(pl.col("kind") != "shipping")
    )
    assert late == lines["current_quantity"].sum()
    assert early < late


def _units(shop: Shop) -> int:
    rows = shop.rows("sales_traffic", "sales_traffic")
    (whole,) = rows.filter(pl.col("asin").is_null())["ordered_units"]
    assert rows.filter(pl.col("asin").is_not_null())["ordered_units"].sum() == whole
    return int(whole)


def test_days_of_japan_begin_in_the_evening_before(world: World, tmp_path: Path) -> None:
    with running(world, tmp_path, marketplaces=("JP",)) as shop:
        shop.extract("sales_traffic", datetime(2025, 11, 1, tzinfo=UTC), datetime(2025, 11, 4, tzinfo=UTC))
        rows = shop.rows("sales_traffic", "sales_traffic").filter(pl.col("asin").is_null()).sort("report_date")
    assert [str(one) for one in rows["report_date"]] == ["2025-11-02", "2025-11-03", "2025-11-04"]
    assert rows["occurred_at"][0] == datetime(2025, 11, 1, 15)  # noqa: DTZ001 - naive UTC, as landed


@pytest.fixture
def tired(world: World, tmp_path: Path) -> Iterator[Shop]:
    with running(world, tmp_path) as one:
        yield one


def test_page_tokens_of_orders_expire_after_a_day(tired: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is taken up a day later begins its window again, and nothing is lost or doubled."""

    class Killed(BaseException):
        pass

    call, calls = tired.connector._client.call, iter(range(100))

    def third(operation: str, **parameters: object) -> bytes:
        if next(calls) == 2:
            raise Killed
        return call(operation, **parameters)

    monkeypatch.setattr(tired.connector._client, "call", third)
    with pytest.raises(Killed):
        tired.extract("orders")
    monkeypatch.undo()
    tired.clock.advance(timedelta(hours=25))
    extracted = tired.extract("orders")
    assert extracted.resumed_after == 2
    assert extracted.manifest.counts.received == tired.rows("orders", "orders").height


def test_a_stock_token_that_expired_at_once_is_said(world: World, tmp_path: Path) -> None:
    faults = Faults([Fault("expired_cursor", "summaries", at=(1, 2))])
    with running(world, tmp_path, faults=faults) as shop, pytest.MonkeyPatch.context() as patch:
        patch.setattr("sandbox.amazon.inventory.PAGE", 5)
        with pytest.raises(ExpiredCursorError):
            shop.extract("inventory", BEGIN, END)
        assert shop.extract("inventory", BEGIN, END).manifest.counts.received > 40
