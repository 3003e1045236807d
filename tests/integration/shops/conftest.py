"""One warehouse for all tests of what the demo's three shops come to: a whole day's work on what comes over HTTP."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime

import polars as pl
import pytest
from rich.console import Console

import ecomops.demo.rivals
import ecomops.demo.shops
from lakehouse.settings import Settings, get_settings
from lakehouse.warehouse import Reader, open_reader
from sandbox.world import World, WorldSpec

FIRST_DAY, LAST_DAY = date(2025, 10, 16), date(2025, 12, 14)
NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
MOMENT = pl.lit(datetime(2025, 12, 15), pl.Datetime("us"))  # noqa: DTZ001 -- the world's times have no zone


@pytest.fixture(scope="session")
def words() -> io.StringIO:
    return io.StringIO()


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, words: io.StringIO) -> Settings:
    """Settings of a warehouse that `ecomops demo` made of 60 days of a small merchant."""
    var = tmp_path_factory.mktemp("shops") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Settings.model_config, "env_file", None)
        patch.setenv("ECOMOPS_VAR_DIR", str(var))
        patch.setattr(ecomops.demo.shops, "FIRST_DAY", FIRST_DAY)
        patch.setattr(ecomops.demo.shops, "LAST_DAY", LAST_DAY)
        patch.setattr(ecomops.demo.shops, "_SPEC", WorldSpec.tiny())
        patch.setattr(ecomops.demo.rivals, "_DAYS_BEFORE", (7, 0))
        get_settings.cache_clear()
        settings = get_settings()
        ecomops.demo.shops.run_shops(settings, now=NOW, out=Console(file=words, width=200))
    get_settings.cache_clear()
    return settings


@pytest.fixture(scope="session")
def world(made: Settings) -> World:
    return World.open(made.var / "sandbox" / "northlight")


@pytest.fixture(scope="session")
def reader(made: Settings) -> Iterator[Reader]:
    with open_reader(made) as opened:
        yield opened
