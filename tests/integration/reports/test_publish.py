"""Publishing: every report made, stored, and the same again."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import Settings
from reports import __main__ as command
from reports.columns import TABLES
from reports.publish import publish_all
from tests.support.report_tables import report_tables


def test_everything_is_made_stored_and_the_same_again(settings: Settings, store: DirectoryStore) -> None:
    first = publish_all(report_tables(), settings)
    assert [(item.kind, item.language) for item in first[:3]] == [
        ("weekly", "en"),
        ("weekly", "zh_CN"),
        ("dashboard", ""),
    ]
    assert sum(item.kind == "exports" for item in first) == 2 + 2 * len(TABLES)
    assert all(item.path.is_relative_to(settings.var / "reports" / "2011-11-28") for item in first)
    assert "reports/weekly/week=2011-11-28/run=close-2011-12-10T00/weekly-2011-11-28.en.pdf" in {
        item.key for item in first
    }
    assert all(store.get(item.key) == item.path.read_bytes() for item in first)
    assert [item.sha256 for item in publish_all(report_tables(), settings)] == [item.sha256 for item in first]


def test_the_command_says_what_is_missing(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settings.var.is_relative_to(tmp_path)
    assert command.main(["weekly", "--out", str(tmp_path)]) == 1
    assert "published" in capsys.readouterr().err
