"""A drop that another tool fills: files taken from a bucket as they are taken from a folder."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from extractors.__main__ import main
from extractors.files import Drop, LandResult, find, land
from lakehouse.errors import ConfigError
from lakehouse.objectstore import open_store
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import Settings
from lakehouse.windows import Window
from tests.support import exports

_DAY = Window.local_day(date(2024, 3, 5))


def _hour(hour: int) -> bytes:
    at = f"2024-03-05T{hour:02}:00:00.000Z"
    call = {"messageId": f"m{hour}", "type": "page", "anonymousId": "v", "timestamp": at, "receivedAt": at}
    return exports.COMPRESSIONS[".gz"](json.dumps(call).encode())


@pytest.fixture
def bucket(s3_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket with a day of calls, by the hour, and things that are none of ours."""
    monkeypatch.setattr("lakehouse.settings.get_settings", lambda: s3_settings)
    store = open_store(s3_settings)
    for hour in (9, 10, 23):
        store.put(f"segment-logs/shop/1709596800000/hour-{hour:02}.gz", _hour(hour))
    store.put("segment-logs/shop/1709683200000/hour-00.gz", _hour(0))
    store.put("segment-logs/shop/1709596800000/_SUCCESS", b"")
    store.put("other/report.pdf", b"%PDF")
    return s3_settings.store


def _land(bucket: str, store: DirectoryStore) -> LandResult:
    now = exports.NOW
    drop = f"{bucket}/segment-logs"
    return land(find("segment_events"), drop, _DAY, store=store, known_at=now, landed_at=now, run_id="run")


def test_a_day_of_a_bucket_lands(bucket: str, tmp_path: Path) -> None:
    source = find("segment_events")
    assert [str(day) for day in Drop(source, bucket).days()] == ["2024-03-05", "2024-03-06"]
    store = DirectoryStore(tmp_path / "lake")
    result = _land(bucket, store)
    names = [part.name for part in result.manifest.parts]
    assert names == [f"1709596800000/hour-{hour}.gz" for hour in ("09", "10", "23")]
    assert (result.manifest.counts.received, result.manifest.counts.landed) == (3, 3)
    assert _land(bucket, store).unchanged


def test_a_bucket_without_such_files(bucket: str) -> None:
    with pytest.raises(ConfigError, match="holds no file of the source"):
        Drop(find("segment_events"), f"{bucket}/other")


def test_the_command_line_takes_a_bucket(
    bucket: str,
    tmp_path: Path,
    s3_settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    to = s3_settings.model_copy(update={"store_url": str(tmp_path / "lake")})
    monkeypatch.setattr("extractors.files.__main__.get_settings", lambda: to)
    assert main(["files", "segment_events", "--drop", bucket, "--history"]) == 0
    assert "4 received, 4 landed" in capsys.readouterr().out
