"""Names of files, the folders that matter in them, and the days they give."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from extractors.files.drop import Drop
from extractors.files.mapping import SourceMapping
from extractors.files.names import FileName
from lakehouse.errors import ConfigError
from lakehouse.windows import Window
from tests.support import exports


@pytest.mark.parametrize(
    ("pattern", "name", "day"),
    [
        ("{date:%Y-%m-%d}/*.jsonl", "logs/a/2024-03-05/x.jsonl.gz", date(2024, 3, 5)),
        ("{date:%Y/%m/%d/%H}/*.jsonl", "2024/03/05/23/part-0.jsonl", date(2024, 3, 5)),
        ("{date:epoch_ms}/*", "segment-logs/src/1709596800000/x.gz", date(2024, 3, 5)),
        ("{date:epoch_s}/*", "1709596800/x.gz", date(2024, 3, 5)),
        ("run={date:%Y-%m-%d-%H-%M-%S}/part-*", "enriched/run=2024-03-05-10-00-00/part-0.gz", date(2024, 3, 5)),
        ("events_{date:%Y%m%d}*.parquet", "a/b/events_20240305-000000000001.parquet", date(2024, 3, 5)),
    ],
)
def test_a_day_is_read_from_folders_and_names(pattern: str, name: str, day: date) -> None:
    told = FileName(pattern)
    assert told.matches(name)
    assert told.day(name) == day
    assert told.matches(told.tail(name))


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{date:%Y-%m-%d}/*.jsonl", "2024-03-05/deeper/x.jsonl"),
        ("{date:%Y-%m-%d}/*.jsonl", "x.jsonl"),
        ("{date:epoch_ms}/*", "1709596800/x.gz"),
        ("{date:epoch_ms}/*", "9999999999999999/x.gz"),
        ("{date:%Y-%m-%d}/*.jsonl", "2024-13-05/x.jsonl"),
    ],
)
def test_what_does_not_fit(pattern: str, name: str) -> None:
    assert not FileName(pattern).matches(name)


@pytest.mark.parametrize("pattern", ["", "/a.csv", "a//b.csv", "../a.csv", "a\\b.csv", "{date:%Q}.csv", "{hour}.csv"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|date"):
        FileName(pattern)


def _hourly() -> SourceMapping:
    told = exports.mapping(files="{date:%Y-%m-%d}/*.csv").model_dump(by_alias=True)
    return SourceMapping.model_validate(told)


def test_many_files_a_day_that_are_called_the_same_every_day(tmp_path: Path) -> None:
    rows = {day: exports.csv_text([[f"{day}", *exports.ROWS[0][1:]]]) for day in (4, 5)}
    files: dict[str, bytes | str] = {f"2024-03-0{day}/{hour:02}.csv": rows[day] for day in (4, 5) for hour in (1, 2)}
    drop = Drop(_hourly(), exports.write_drop(tmp_path / "drop", files | {"2024-03-05/_SUCCESS": ""}))
    parts = drop.parts(Window.local_day(date(2024, 3, 5), "Europe/Berlin"))
    assert [part.name for part in parts] == ["2024-03-05/01.csv", "2024-03-05/02.csv"]
    assert parts[0].data == rows[5].encode()
    assert [str(day) for day in drop.days()] == ["2024-03-04", "2024-03-05"]


def test_a_drop_that_is_no_place() -> None:
    with pytest.raises(ConfigError, match="no place that can be read"):
        Drop(_hourly(), "ftp://example.com/drop")
