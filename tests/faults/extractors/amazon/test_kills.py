"""A run that is killed at any request, and run again until it is through, lands what an undisturbed run lands."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from lakehouse.objectstore.directory import DirectoryStore
from sandbox.serving import Fault, Faults
from sandbox.world import World, WorldSpec, generate
from tests.integration.extractors.amazon.shop import END, Shop, running

_RESOURCES = {
    "orders": ("orders", "order_lines"),
    "finances": ("settlement_lines", "refunds", "order_lines"),
    "settlements": ("payouts", "settlement_lines"),
    "inventory_ledger": ("inventory_movements",),
    "catalog": ("products",),
}
_SPAN = (datetime(2025, 11, 15, tzinfo=UTC), END)
_FEW, _ALL = 10, 50


class Killed(BaseException):
    """Nobody catches it, as nobody catches a kill."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate(tmp_path_factory.mktemp("amazon-kills"), WorldSpec.tiny())


@pytest.fixture(scope="module")
def shop(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running(world, tmp_path_factory.mktemp("amazon-kills-store")) as one:
        yield one


@pytest.fixture(scope="module")
def undisturbed(shop: Shop) -> dict[tuple[str, str], pl.DataFrame]:
    return {key: rows for resource in _RESOURCES for key, rows in _extracted(shop, resource).items()}


def _extracted(shop: Shop, resource: str) -> dict[tuple[str, str], pl.DataFrame]:
    shop.extract(resource, *_SPAN)
    found = {}
    for table in _RESOURCES[resource]:
        rows = shop.rows(resource, table)
        columns = [name for name in rows.columns if name not in ("rank", "source_file", "source_row")]
        found[resource, table] = rows.select(columns).sort(columns)
    return found


def test_killed_at_random_moments_nothing_is_lost_or_doubled(
    shop: Shop,
    undisturbed: dict[tuple[str, str], pl.DataFrame],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    cases = _ALL if request.config.getoption("--all-cases") else _FEW
    dice = random.Random(7)  # noqa: S311 - cases, not secrets
    send, kills = httpx.Client.send, 0
    for case in range(cases):
        resource = list(_RESOURCES)[case % len(_RESOURCES)]
        shop.store = DirectoryStore(tmp_path / f"store-{case}")
        left = dice.randint(1, 9)

        def sending(client: httpx.Client, *told: object, **more: object) -> httpx.Response:
            nonlocal left
            left -= 1
            answer: httpx.Response | None = None if left == 0 and dice.random() < 0.5 else send(client, *told, **more)  # type: ignore[arg-type]
            if left == 0 or answer is None:  # before Amazon heard of it, or before we heard of the answer
                raise Killed
            return answer

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(httpx.Client, "send", sending)
            while True:
                try:
                    again = _extracted(shop, resource)
                except Killed:
                    kills += 1
                    left = dice.randint(2, 9)
                else:
                    break
        for key, rows in again.items():
            assert_frame_equal(rows, undisturbed[key])
    assert kills >= cases


@pytest.mark.parametrize("kind", ["drop", "truncate", "truncate_quietly", "error_html", "throttle"])
@pytest.mark.parametrize("at", [1, 3])
def test_one_fault_at_any_place_changes_nothing(
    world: World, undisturbed: dict[tuple[str, str], pl.DataFrame], tmp_path: Path, kind: str, at: int
) -> None:
    faults = Faults([Fault(kind, "^/(orders|finances|reports)", at=(at,)), Fault(kind, "^/auth", at=(1,))])
    if kind == "truncate_quietly":  # a report cut short says nothing of it; see the settlement that does not add up
        faults = Faults([Fault(kind, "^/(orders|finances)", at=(at,))])
    with running(world, tmp_path, faults=faults) as shop:
        for resource in ("orders", "finances"):
            for key, rows in _extracted(shop, resource).items():
                assert_frame_equal(rows, undisturbed[key])


@pytest.mark.parametrize("resource", ["settlements", "inventory_ledger", "sales_traffic"])
def test_a_report_that_was_cut_on_the_way_is_downloaded_again(
    world: World, tmp_path: Path, resource: str, shop: Shop
) -> None:
    """A download that "succeeds" with rows missing: gzip's checksum, JSON's end or a settlement's total tells it."""
    span = (datetime(2025, 11, 27, tzinfo=UTC), datetime(2025, 11, 30, tzinfo=UTC))
    faults = Faults([Fault("truncate_quietly", "^/documents", at=(1, 3))])
    tables = {"sales_traffic": ("sales_traffic",), **_RESOURCES}[resource]
    shop.store = DirectoryStore(tmp_path / "undisturbed")
    shop.extract(resource, *span)
    with running(world, tmp_path, faults=faults) as broken:
        extracted = broken.extract(resource, *span)
        assert extracted.manifest.counts.quarantined == 0
        assert extracted.manifest.counts.received > 0
        for table in tables:
            key = ["source_file", "source_row", *(["settlement_line_ref"] if table == "settlement_lines" else [])]
            told, due = broken.rows(resource, table).sort(key), shop.rows(resource, table).sort(key)
            assert_frame_equal(told, due)
