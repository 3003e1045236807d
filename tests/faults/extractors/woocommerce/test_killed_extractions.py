"""An extraction that is killed goes on from its last page, and gives what an undisturbed one gives."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from extractors.api.connector import Page, Request
from extractors.woocommerce.connector import WooCommerce
from sandbox.serving import Faults, SandboxClock, serve
from sandbox.woocommerce import app
from sandbox.world import World, WorldSpec, generate
from tests.support.woocommerce import END, Books, books

BEGIN = datetime(2025, 10, 15, tzinfo=UTC)
RESOURCES = ("orders", "refunds", "products", "customers", "coupons", "deletions")


class KilledError(BaseException):
    """The process is gone; nothing in between may catch it."""


@dataclass(frozen=True)
class Mortal(WooCommerce):
    """A connector that dies after so many pages."""

    pages: int = 1

    def fetch(self, resource: str, request: Request) -> Iterator[Page]:
        for number, page in enumerate(super().fetch(resource, request)):
            if number == self.pages:
                raise KilledError
            yield page


@dataclass
class Shop:
    """A shop that runs."""

    url: str
    world: World
    clock: SandboxClock


@pytest.fixture(scope="module", params=[True, False], ids=["newer", "older"])
def shop(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Shop]:
    world = generate(tmp_path_factory.mktemp("world"), WorldSpec.tiny())
    clock = SandboxClock(END)
    with serve(app(world, clock, Faults(), newer_lists=request.param)) as server:
        yield Shop(server.url, world, clock)


def take_in_dying(kept: Books, resource: str, start: datetime, end: datetime, chance: random.Random) -> int:
    """Extracts a window with a connector that dies now and then; the number of deaths."""
    alive = kept.connector
    for deaths in range(200):
        mortal = Mortal(alive.shop, alive.options, pages=chance.randint(1, 3))
        try:
            replace(kept, connector=mortal).take_in(resource, start, end)
        except KilledError:
            continue
        return deaths
    raise AssertionError(f"{resource} never came to its end")


def landed(kept: Books) -> dict[str, pl.DataFrame]:
    tables = {
        "orders": ("orders", "order_lines", "order_discounts"),
        "refunds": ("refunds", "order_lines"),
        "products": ("products", "stock_on_hand"),
        "customers": ("customers",),
        "coupons": ("discounts",),
    }
    origin = ["source_file", "source_row", "load_no"]
    return {
        f"{resource}.{table}": kept.newest(resource, table).drop(origin).sort(pl.all())
        for resource, names in tables.items()
        for table in names
    }


def test_quirk_14_killed_again_and_again(shop: Shop, tmp_path: Path) -> None:
    whole = books(shop.url, tmp_path / "whole", page_size=50)
    mortal = books(shop.url, tmp_path / "mortal", page_size=50)
    chance, deaths = random.Random(352), 0  # noqa: S311  moments, not secrets
    for start, end in ((BEGIN, BEGIN + timedelta(days=35)), (BEGIN + timedelta(days=35), END)):
        shop.clock.set(end)
        for resource in RESOURCES:
            whole.take_in(resource, start, end)
            deaths += take_in_dying(mortal, resource, start, end, chance)
    assert deaths > 10
    for name, rows in landed(whole).items():
        assert landed(mortal)[name].equals(rows), name
    gone = [one.versions("deletions", "deletions").select("record_ref", "deletion_kind") for one in (whole, mortal)]
    assert gone[0].height > 0
    assert gone[0].sort("record_ref").equals(gone[1].sort("record_ref"))
