"""One tiny merchant for all tests of the Shopify connector."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from sandbox.world import World, WorldSpec, generate

_ONE_IN = 60


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """60 days around Black Friday with all that can happen; some orders are deleted nine days after they came."""
    folder: Path = tmp_path_factory.mktemp("world")
    made = generate(folder, WorldSpec.tiny())
    gone = (pl.col("shop") == "shopify") & (pl.col("order_id") % _ONE_IN == 7)
    orders = made.frame("orders").with_columns(
        deleted_at=pl.when(gone).then(pl.col("created_at") + pl.duration(days=9)).otherwise("deleted_at")
    )
    orders.write_parquet(made.path("orders"))
    return World.open(folder)
