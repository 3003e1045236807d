"""Whatever goes wrong on the way, the merchant's books come out, or nothing does."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from extractors.api.connector import Page
from extractors.api.errors import AuthError, ExpiredCursorError, IncompleteError, TransientError
from extractors.shopify import queries
from extractors.shopify.resources import KINDS
from lakehouse.windows import Window
from sandbox.serving import Fault
from sandbox.shopify import ALL_SCOPES
from sandbox.world import World, WorldSpec, generate
from tests.integration.extractors.shopify.merchant import (
    ALL,
    Books,
    Merchant,
    assert_books,
    open_shop,
    parts_of,
    tables_of,
)

_GRAPHQL = "graphql.json"
_SHORT = Window(ALL.start, ALL.start + timedelta(days=40))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate(tmp_path_factory.mktemp("world"), WorldSpec.tiny())


@pytest.mark.parametrize("bulk_from_days", [1, 1_000], ids=["in bulk", "by pages"])
def test_a_bad_day_on_the_network(world: World, bulk_from_days: float) -> None:
    faults = [
        Fault("throttle", _GRAPHQL, at=(1, 7)),
        Fault("throttle_after", _GRAPHQL, at=(9,), seconds=1),
        Fault("error_html", _GRAPHQL, at=(3, 12), status=502),
        Fault("truncate", at=(5, 14)),
        Fault("truncate_quietly", _GRAPHQL, at=(11, 16)),
        Fault("drop", _GRAPHQL, at=(4, 18)),
        Fault("truncate", "/bulk/", at=(1,)),
        Fault("schema_extra", _GRAPHQL, probability=0.2, seed=1),
        Fault("schema_retype", _GRAPHQL, probability=0.2, seed=2),
        Fault("reorder", _GRAPHQL, probability=0.3, seed=3),
    ]
    with open_shop(world, faults=faults) as merchant:
        tables = merchant.extract(merchant.connector(bulk_from_days=bulk_from_days), "orders", ALL)
        struck = {one["kind"] for one in merchant.faults.counts() if one["struck"]}
    assert_books(tables, Books(world))
    assert {"throttle", "error_html", "drop", "truncate"} <= struck


def test_quirk_03_rows_that_come_twice_count_once(world: World) -> None:
    with open_shop(world, faults=[Fault("duplicate", _GRAPHQL, probability=0.5, seed=4)]) as merchant:
        tables = merchant.extract(merchant.connector(bulk_from_days=1_000), "orders", ALL)
    assert_books(tables, Books(world))


def test_quirk_14_an_export_with_rows_missing_counts_for_nothing(world: World, tmp_path: Path) -> None:
    with open_shop(world, faults=[Fault("missing_rows", "#bulk", at=(1,))]) as merchant:
        connector = merchant.connector(bulk_from_days=1)
        with pytest.raises(IncompleteError, match="announced"):
            list(connector.fetch("orders", merchant.request("orders", ALL, tmp_path)))
        assert list(tmp_path.iterdir()) == []
        assert merchant.notes[-1] is None  # so that the next run does not take up the bad export
        assert_books(merchant.extract(connector, "orders", ALL), Books(world))


@pytest.mark.parametrize("outcome", ["FAILED", "CANCELED", "EXPIRED"])
def test_an_operation_that_fails_is_run_again(world: World, outcome: str) -> None:
    with open_shop(world) as merchant:
        merchant.shop.outcomes.append(outcome)
        tables = merchant.extract(merchant.connector(bulk_from_days=1), "customers", ALL)
        assert len(merchant.shop.operations) == 2
    assert tables["customers"].height > 0


def test_an_operation_that_always_fails_is_given_up(world: World, tmp_path: Path) -> None:
    with open_shop(world) as merchant:
        merchant.shop.outcomes.extend(["FAILED"] * 9)
        with pytest.raises(TransientError, match="3 times"):
            list(merchant.connector(bulk_from_days=1).fetch("orders", merchant.request("orders", ALL, tmp_path)))


def test_a_killed_run_takes_up_the_operation_that_runs(world: World, tmp_path: Path) -> None:
    with open_shop(world, polls_to_finish=10_000) as merchant:
        connector = merchant.connector(bulk_from_days=1)
        connector.http.sleep = _killed_at(3)
        with pytest.raises(KeyboardInterrupt):
            list(connector.fetch("orders", merchant.request("orders", ALL, tmp_path)))
        (operation,) = merchant.shop.operations.values()
        operation.work(operation)
        noted = merchant.notes[-1]
        again = merchant.connector(bulk_from_days=1)
        tables = merchant.extract(again, "orders", ALL, noted=noted)
        assert len(merchant.shop.operations) == 1
    assert_books(tables, Books(world))


def test_a_note_of_another_query_is_not_taken_up(world: World) -> None:
    with open_shop(world) as merchant:
        connector = merchant.connector(bulk_from_days=1)
        merchant.extract(connector, "customers", ALL)
        noted = merchant.notes[0]
        merchant.extract(connector, "orders", ALL, noted=noted)
        assert len(merchant.shop.operations) == 2


def test_an_address_that_expired_is_replaced_by_another_export(world: World) -> None:
    with open_shop(world, polls_to_finish=1) as merchant:
        connector = merchant.connector(bulk_from_days=1)
        merchant.extract(connector, "customers", ALL)
        noted = merchant.notes[0]
        (operation,) = merchant.shop.operations.values()
        merchant.shop.renewed(operation, timedelta(0), merchant.url)
        tables = merchant.extract(connector, "customers", ALL, noted=noted)
        assert len(merchant.shop.operations) == 2
    assert tables["customers"].height > 0


def test_quirk_03_an_order_that_changes_while_it_is_paged_is_found_by_the_next_window(world: World) -> None:
    """Its modified time leaves the window: it is skipped here, and comes with the window that holds the change."""
    faults = [Fault("late_update", _GRAPHQL, at=(2, 3)), Fault("insert_while_paging", _GRAPHQL, at=(4,))]
    with open_shop(world, faults=faults) as merchant:
        connector = merchant.connector(bulk_from_days=1_000)
        first = merchant.extract(connector, "orders", ALL)["orders"]
        merchant.clock.advance(timedelta(hours=1))
        after = Window(ALL.end, ALL.end + timedelta(hours=1))
        second = merchant.extract(connector, "orders", after)["orders"]
    seen = set(first["order_ref"]) | set(second["order_ref"])
    assert seen == set(Books(world).orders["platform_order_id"])
    assert second.height >= 1


def test_an_expired_cursor_says_so_and_the_beginning_works(world: World, tmp_path: Path) -> None:
    with open_shop(world, faults=[Fault("expired_cursor", _GRAPHQL, at=(3,))]) as merchant:
        connector = merchant.connector(bulk_from_days=1_000)
        with pytest.raises(ExpiredCursorError):
            list(connector.fetch("orders", merchant.request("orders", _SHORT, tmp_path)))
        assert merchant.extract(connector, "orders", _SHORT)["orders"].height > 0


def test_killed_after_any_page_it_goes_on_from_the_cursor(world: World, tmp_path: Path) -> None:
    chance = random.Random(5)  # noqa: S311  the same kills each time
    for resource, bulk in (("orders", 1_000), ("orders", 1), ("refunds", 1_000)):
        with open_shop(world) as merchant:
            whole = merchant.extract(merchant.connector(bulk_from_days=bulk), resource, _SHORT)
            pages = list(_with_kills(merchant, resource, bulk, chance, tmp_path))
        names = [page.name for page in pages]
        assert len(set(names)) == len(names)
        parts = parts_of(pages, tmp_path)
        tables = tables_of(resource, list(merchant.connector().parse(resource, parts)))
        for name, rows in whole.items():
            left, right = (one.drop("source_file", "source_row") for one in (rows, tables[name]))
            assert left.sort(left.columns).equals(right.sort(right.columns)), (resource, name)


def _with_kills(merchant: Merchant, resource: str, bulk: float, chance: random.Random, folder: Path) -> Iterator[Page]:
    """Pages as a run would store them that is killed again and again, and goes on after the last stored one."""
    cursor: str | None = None
    noted: str | None = None
    while True:
        connector = merchant.connector(bulk_from_days=bulk)
        request = merchant.request(resource, _SHORT, folder, cursor=cursor, noted=noted)
        left = chance.randint(1, 4)
        for page in connector.fetch(resource, request):
            if isinstance(page.body, Path):
                page = Page(page.name, page.body.read_bytes(), page.cursor, page.reported, page.meta)
            yield page
            noted = merchant.notes[-1] if merchant.notes else None
            cursor, left = page.cursor, left - 1
            if cursor is None:
                return
            if not left:
                break
        else:
            return


def _killed_at(calls: int) -> Callable[[float], None]:
    left = [calls]

    def sleep(_seconds: float) -> None:
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt

    return sleep


def test_connections_that_are_cut_short_are_drained(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages ask for one line and one refund line at a time: everything else has to be fetched after them."""
    narrow = queries.ORDER.replace("@ 20 {", "@ 1 {").replace("@ 5 {", "@ 1 {")
    orders = replace(KINDS["orders"], node=queries.Node("Order", "orders", narrow, "UPDATED_AT"))
    monkeypatch.setitem(KINDS, "orders", orders)
    with open_shop(world) as merchant:
        tables = merchant.extract(merchant.connector(bulk_from_days=1_000), "orders", ALL)
        assert any("rest" in name for name in tables["orders"]["source_file"])
    assert_books(tables, Books(world))


def test_without_read_all_orders_old_windows_are_refused(world: World, tmp_path: Path) -> None:
    scopes = set(ALL_SCOPES) - {"read_all_orders"}
    with open_shop(world, scopes=scopes) as merchant:
        for resource in ("orders", "refunds", "deletions"):
            with pytest.raises(AuthError, match="read_all_orders"):
                list(merchant.connector().fetch(resource, merchant.request(resource, ALL, tmp_path)))
        findings = merchant.connector().check()
        assert [one.what for one in findings if one.level == "bad"] == ["read_all_orders"]

    now = ALL.start + timedelta(days=80)
    with open_shop(world, scopes=scopes, now=now) as merchant:
        agreed = merchant.connector(recent_orders_only=True, bulk_from_days=1)
        recent = merchant.extract(agreed, "orders", ALL)["orders"]
    assert recent.height > 0
    assert recent.filter(pl.col("occurred_at") < (now - timedelta(days=60)).replace(tzinfo=None)).is_empty()
    assert recent.height < Books(world, now).orders.height


def test_a_missing_scope_is_named(world: World, tmp_path: Path) -> None:
    with open_shop(world, scopes=set(ALL_SCOPES) - {"read_customers"}) as merchant:
        connector = merchant.connector()
        with pytest.raises(AuthError, match="read_customers"):
            list(connector.fetch("customers", merchant.request("customers", _SHORT, tmp_path)))
        denied = connector.client.ask(queries.RUN, {"query": queries.CUSTOMERS.bulk("")}).data["bulkOperationRunQuery"]
        states = [connector.client.ask(queries.POLL, {"id": denied["bulkOperation"]["id"]}).data for _ in range(2)]
        assert states[-1]["bulkOperation"]["errorCode"] == "ACCESS_DENIED"
        bad = [one.what for one in connector.check() if one.level == "bad"]
    assert "scopes of customers" in bad


def test_a_wrong_token_is_a_finding(world: World) -> None:
    with open_shop(world) as merchant:
        connector = merchant.connector()
        connector.http.auth = None
        connector.http.__post_init__()
        (finding,) = connector.check()
    assert (finding.level, finding.what) == ("bad", "credentials")


def test_a_narrow_budget_only_takes_longer(world: World) -> None:
    """2000 points and 100 a second: pages shrink to what one query may cost, and nothing is lost."""
    with open_shop(world, maximum=2_000, restore_rate=20_000) as merchant:
        tables = merchant.extract(merchant.connector(bulk_from_days=1_000), "orders", ALL)
    assert_books(tables, Books(world))
