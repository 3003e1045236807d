"""The whole path once, on the real data: what every integration test that needs a full warehouse shares."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from ecomops.demo import run_online_retail
from lakehouse.settings import Settings, get_settings

_STARTED = datetime(2011, 12, 10, 6, tzinfo=UTC)


@pytest.fixture(scope="session")
def demo_warehouse(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings of a warehouse that `ecomops demo --data online-retail` made. Two minutes, once; only read it."""
    var = tmp_path_factory.mktemp("demo") / "var"
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("ECOMOPS_")]:
            patch.delenv(name)
        patch.setitem(Settings.model_config, "env_file", None)
        patch.setenv("ECOMOPS_VAR_DIR", str(var))
        patch.setenv("ECOMOPS_DROPS_DIR", str(var / "drops"))
        get_settings.cache_clear()
        settings = get_settings()
        with Console(file=(var.parent / "demo.txt").open("w"), width=160) as out:
            run_online_retail(settings, None, now=_STARTED, out=out)
    get_settings.cache_clear()
    return settings
