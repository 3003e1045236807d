"""Settings that outlast a single test: a build takes seconds, so a module shares its builds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lakehouse.settings import Settings
from lakehouse.warehouse import transform
from tests.support import parsed
from tests.support.shop import project_copy


@pytest.fixture(scope="module")
def shop_settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Default settings over a folder of this module, whatever the environment or .env say.

    A module that looks at some marts only names their folders in `DOMAINS`.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("ECOMOPS_")]:
            patch.delenv(name)
        patch.setitem(Settings.model_config, "env_file", None)
        project = project_copy(tmp_path_factory.mktemp("project"), *getattr(request.module, "DOMAINS", ()))
        patch.setattr(transform, "DBT_PROJECT", project)
        assert request.config.cache is not None
        patch.setenv(parsed.VARIABLE, str(parsed.parsed_project(request.config.cache.mkdir("dbt"))))
        yield settings_in(tmp_path_factory.mktemp("shop") / "var")


def settings_in(var: Path) -> Settings:
    """Settings over a folder, with a key of the pseudonyms that is the same everywhere."""
    return Settings(var_dir=var, pseudonym_key="a key for tests", keep_snapshots=30)
