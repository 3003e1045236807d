"""Usage plans: as fast as Amazon allows, and never faster; measured in simulated time against a server that counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.amazon import USAGE_PLANS, Rate
from sandbox.serving import Fault, Faults
from sandbox.world import World
from tests.integration.extractors.amazon.shop import GENEROUS, Shop, running

_CALLS: dict[str, dict[str, Any]] = {
    "searchOrders": {"lastUpdatedAfter": "2025-10-15T00:00:00Z", "maxResultsPerPage": 1},
    "listTransactions": {"postedAfter": "2026-02-01T00:00:00Z"},
    "getReports": {"reportTypes": ["GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"], "pageSize": 1},
}
_MORE = 60  # requests beyond the burst


def _statuses(shop: Shop) -> Counter[int]:
    log = httpx.get(f"{shop.url}/sandbox/requests").json()
    return Counter(one["status"] for one in log if not one["path"].startswith(("/sandbox", "/auth")))


@pytest.mark.parametrize("operation", sorted(_CALLS))
def test_at_least_95_percent_of_the_rate_and_never_over_it(world: World, tmp_path: Path, operation: str) -> None:
    with running(world, tmp_path, rates=USAGE_PLANS) as shop:
        plan = USAGE_PLANS[operation]
        for _ in range(plan.burst + _MORE):
            shop.connector._client.call(operation, **_CALLS[operation])
        assert _statuses(shop) == {200: plan.burst + _MORE}
        assert _MORE / shop.time.seconds >= 0.95 * plan.per_second
        assert _MORE / shop.time.seconds <= plan.per_second * (1 + 1e-6)


def test_a_higher_rate_that_the_header_tells_is_used(world: World, tmp_path: Path) -> None:
    granted = {"searchOrders": Rate(0.5, 20)}
    with running(world, tmp_path, rates=granted) as shop:
        for _ in range(20 + _MORE):
            shop.connector._client.call("searchOrders", **_CALLS["searchOrders"])
        assert _statuses(shop) == {200: 20 + _MORE}
        assert _MORE / shop.time.seconds >= 0.95 * 0.5


def test_a_quota_that_another_program_used_up_is_waited_for(world: World, tmp_path: Path) -> None:
    """The server's bucket is smaller than ours believes; of its 429s every other one tells no rate."""
    granted = {"searchOrders": Rate(0.0056, 2)}
    with running(world, tmp_path, rates=granted) as shop:
        for _ in range(8):
            shop.connector._client.call("searchOrders", **_CALLS["searchOrders"])
        statuses = _statuses(shop)
        assert statuses[200] == 8
        assert 0 < statuses[429] <= 2
        assert shop.time.seconds == pytest.approx(6 / 0.0056, rel=0.25)


@pytest.mark.parametrize("kind", ["throttle", "throttle_after"])
def test_a_429_out_of_the_blue_costs_a_wait_and_nothing_else(world: World, tmp_path: Path, kind: str) -> None:
    faults = Faults([Fault(kind, "orders", at=(2, 3), seconds=30)])
    with running(world, tmp_path, rates=GENEROUS, faults=faults) as shop:
        shop.extract("orders")
        assert shop.rows("orders", "orders").height > 400
        assert _statuses(shop)[429] == 2
        if kind == "throttle_after":
            assert shop.time.seconds >= 60
