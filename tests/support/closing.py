"""A process that builds and publishes the shop, to be killed: ``python -m tests.support.closing VAR AS_OF``."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path

from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import Warehouse, transform
from tests.support import shop

PROJECT = "ECOMOPS_TEST_DBT_PROJECT"  # the part of the project that is built, for this process and those it starts


def settings_in(var: Path) -> Settings:
    """The settings that this process works with."""
    return Settings(var_dir=var, pseudonym_key="a key for tests", keep_snapshots=2)


def build_and_publish(settings: Settings, as_of: datetime, run_id: str) -> None:
    """Builds the marts as of a moment and publishes them; the audit has tests of its own."""
    warehouse = Warehouse(settings, open_store(settings))
    warehouse.publish(warehouse.mark_audited(shop.build(settings, as_of, run_id)))
    warehouse.expire()


if __name__ == "__main__":
    transform.DBT_PROJECT = Path(os.environ[PROJECT])
    build_and_publish(settings_in(Path(sys.argv[1])), datetime.fromisoformat(sys.argv[2]), "killed")
