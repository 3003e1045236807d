from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from extractors import files
from extractors.catalog import DeclaredSource, file_sources
from lakehouse.errors import ConfigError
from lakehouse.settings import Settings

MAPPING = "name: {name}\ntitle: A shop\nstream: order_lines\ntime_zone: Asia/Tokyo\n"


def test_it_names_what_the_extractor_declares(settings: Settings) -> None:
    full = [DeclaredSource(one.name, one.title, one.stream, one.time_zone) for one in files.declared()]
    assert file_sources() == full
    assert full


def test_a_users_own_mapping_is_added_and_wins(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(MAPPING.format(name="my_shop"))
    (tmp_path / "other.yaml").write_text(MAPPING.format(name="online_retail"))
    found = {source.name: source for source in file_sources(tmp_path)}
    assert found["my_shop"].time_zone == "Asia/Tokyo"
    assert found["online_retail"].title == "A shop"


@pytest.mark.parametrize("text", ["name: a\n", "- a\n", "a: [\n", ""])
def test_an_unreadable_mapping_is_named(settings: Settings, tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.yml").write_text(text)
    with pytest.raises(ConfigError, match=r"broken\.yml"):
        file_sources(tmp_path)


def test_it_is_light() -> None:
    code = "import sys, extractors.catalog as c; c.file_sources(); assert 'polars' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
