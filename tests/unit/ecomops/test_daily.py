"""Waiting for files, for loads, and for a published week: with the clock as an argument."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ecomops import closing, landing, pipeline, reviewing
from lakehouse.errors import ConfigError
from lakehouse.settings import Settings
from lakehouse.windows import Window

DAY = Window.local_day(date(2011, 6, 1), "Europe/London")
SOON, TOO_LATE = DAY.end + timedelta(minutes=5), DAY.end + timedelta(hours=6)
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


@pytest.fixture
def drop(settings: Settings) -> Path:
    folder = settings.drops / "online_retail"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def landed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was asked to be landed, instead of landing it."""
    asked: list[dict[str, Any]] = []

    def land(_settings: Settings, source: str, drop: Path, windows: list[Window], **more: Any) -> pipeline.LandSummary:  # noqa: ANN401
        asked.append({"source": source, "drop": drop, "windows": windows, **more})
        return pipeline.LandSummary(loads=1, unchanged=0, rows={"received": 0})

    monkeypatch.setattr(pipeline, "land", land)
    return asked


def land(settings: Settings, now: datetime) -> dict[str, Any] | None:
    return landing.land_window("online_retail", DAY, known_at=now, now=now, run_id="r", settings=settings)


def test_a_days_file_is_landed_as_soon_as_it_is_there(
    settings: Settings, drop: Path, landed: list[dict[str, Any]]
) -> None:
    assert land(settings, SOON) is None
    (drop / "2011-05-31.csv").write_text(HEADER)
    assert land(settings, SOON) is None, "the day before is no sign of this one"
    (drop / "2011-06-01.csv").write_text(HEADER)
    assert land(settings, SOON) == {
        "source": "online_retail", "window": DAY.key, "loads": 1, "unchanged": 0, "rows": {"received": 0},
    }  # fmt: skip
    [asked] = landed
    assert asked["windows"] == [DAY]
    assert (asked["known_at"], asked["landed_at"]) == (SOON, SOON)


def test_a_later_days_file_says_that_this_one_had_none(
    settings: Settings, drop: Path, landed: list[dict[str, Any]]
) -> None:
    (drop / "2011-06-02.csv").write_text(HEADER)
    assert land(settings, SOON) is not None


def test_a_file_of_the_whole_period_is_there(settings: Settings, drop: Path, landed: list[dict[str, Any]]) -> None:
    (drop / "online_retail.parquet").write_bytes(b"")
    assert land(settings, SOON) is not None


def test_after_the_wait_the_day_is_landed_as_it_is(
    settings: Settings, drop: Path, landed: list[dict[str, Any]]
) -> None:
    assert land(settings, TOO_LATE - timedelta(seconds=1)) is None
    assert land(settings, TOO_LATE) is not None


def test_a_missing_drop_folder_is_an_error_when_the_wait_is_over(settings: Settings) -> None:
    assert land(settings, SOON) is None
    with pytest.raises(ConfigError, match="online_retail"):
        land(settings, TOO_LATE)


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources that are late; a test may change it."""
    names = ["online_retail"]
    monkeypatch.setattr(pipeline, "late_windows", lambda *_: names)
    return names


def close(settings: Settings, now: datetime, declared: datetime | None = None) -> datetime | None:
    return closing.knowledge_time(settings, DAY, now=now, declared=declared, run_id="r")


def test_a_day_is_closed_when_everybody_has_landed(settings: Settings, late: list[str]) -> None:
    assert close(settings, SOON) is None
    late.clear()
    assert close(settings, SOON) == SOON
    assert not (settings.var / "alerts").exists()


def test_a_day_is_closed_without_those_who_are_late_and_says_so(settings: Settings, late: list[str]) -> None:
    assert close(settings, TOO_LATE) == TOO_LATE
    [alert] = (settings.var / "alerts").glob("*.json")
    assert json.loads(alert.read_text())["title"] == "Closed without online_retail"


def test_a_declared_knowledge_time_wins_over_the_clock(settings: Settings, late: list[str]) -> None:
    late.clear()
    declared = closing.closed_at(settings, DAY)
    assert close(settings, datetime(2026, 1, 1, tzinfo=UTC), declared) == declared == TOO_LATE


def test_a_review_waits_until_something_is_published(settings: Settings) -> None:
    assert reviewing.review(settings, Window.local_days(date(2011, 5, 30), date(2011, 6, 5), "Europe/London")) is None
