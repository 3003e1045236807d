"""From a drop to loads: which files a window takes, what lands, and that landing again changes nothing."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from extractors.__main__ import main
from extractors.files import LandResult, day_windows, ensure_parsed, land, land_many, period_of, reparse
from extractors.files.drop import Drop
from extractors.files.mapping import SourceMapping
from lakehouse.errors import ConfigError, ContractError, EcomopsError, QuarantineLimitError, WindowError
from lakehouse.landing import Manifest, find_parse, loads, read_manifest, read_parts
from lakehouse.objectstore.base import ObjectInfo
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import get_settings
from lakehouse.streams import Stream
from lakehouse.validation import FAILURES_SCHEMA, ValidationOutcome, Validator, accept_all
from lakehouse.windows import Window
from tests.support import exports


def _daily(**changes: object) -> SourceMapping:
    told = exports.mapping(files="{date:%Y-%m-%d}.csv").model_dump(by_alias=True)
    return SourceMapping.model_validate(told | {"quarantine": {"max_share": 0.5}} | changes)


def _file(day: int, count: int = 2) -> str:
    lines = [[f"{day}{n}", "A", "t", "1", "1.00", f"2024-03-{day:02} 10:00:00", ""] for n in range(count)]
    return exports.csv_text(lines)


def _window(first: int, last: int | None = None) -> Window:
    return Window.local_days(date(2024, 3, first), date(2024, 3, last or first), "Europe/Berlin")


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "lake")


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    files: dict[str, bytes | str] = {f"march/2024-03-{day:02}.csv": _file(day) for day in (1, 2, 4)}
    return exports.write_drop(tmp_path / "drop", {**files, "readme.txt": "not ours", ".2024-03-03.csv": "half copied"})


def _land(
    source: SourceMapping, drop: Path, window: Window, store: DirectoryStore, validate: Validator = accept_all
) -> LandResult:
    clocks = {"known_at": exports.NOW, "landed_at": exports.NOW}
    return land(source, drop, window, store=store, run_id="run", validate=validate, **clocks)


def _rows(store: DirectoryStore, manifest: Manifest) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(store.get(manifest.parse.rows.key)))


def test_a_day_takes_its_file_and_several_days_theirs(drop: Path) -> None:
    files = Drop(_daily(), drop)
    assert [file.name for file in files.files(_window(1))] == ["2024-03-01.csv"]
    assert [file.name for file in files.files(_window(1, 2))] == ["2024-03-01.csv", "2024-03-02.csv"]
    assert period_of(_daily(), drop) == _window(1, 4)
    assert day_windows(_daily(), drop) == [_window(day) for day in (1, 2, 3, 4)]


def test_a_missing_file_is_an_error_or_a_quiet_day(drop: Path, store: DirectoryStore) -> None:
    with pytest.raises(ContractError, match=r"no file of test_shop for 2024-03-03 \(\{date:%Y-%m-%d\}\.csv\)"):
        _land(_daily(), drop, _window(3), store)
    assert list(loads(store, "test_shop", "order_lines")) == []
    result = _land(_daily(missing_file="empty"), drop, _window(3), store)
    assert result.manifest.parts == ()
    assert result.manifest.counts.received == 0
    assert _rows(store, result.manifest).is_empty()
    again = _land(_daily(missing_file="empty"), drop, _window(3), store)
    assert again.unchanged


@pytest.mark.parametrize("shift", [timedelta(hours=1), timedelta(hours=-1)])
def test_windows_of_daily_files_are_whole_local_days(drop: Path, shift: timedelta) -> None:
    window = _window(1)
    with pytest.raises(WindowError, match="comes in days of Europe/Berlin"):
        Drop(_daily(), drop).files(Window(window.start + shift, window.end + shift))


def test_an_empty_or_foreign_drop_is_no_quiet_day(tmp_path: Path) -> None:
    source = _daily(missing_file="empty")
    with pytest.raises(ConfigError, match="no file or folder"):
        Drop(source, tmp_path / "missing")
    exports.write_drop(tmp_path / "drop", {"other.csv": ""})
    with pytest.raises(ConfigError, match="holds no file of the source test_shop"):
        Drop(source, tmp_path / "drop")
    with pytest.raises(ConfigError, match="holds no file"):
        Drop(source, tmp_path / "drop" / "other.csv")


def test_one_name_twice_and_days_beside_periods(drop: Path) -> None:
    exports.write_drop(drop, {"2024-03-01.csv": ""})
    with pytest.raises(ContractError, match=r"2024-03-01\.csv more than once"):
        Drop(_daily(), drop)
    (drop / "2024-03-01.csv").unlink()
    exports.write_drop(drop, {"year.parquet": b""})
    layouts = [*_daily().model_dump(by_alias=True)["layouts"], {"name": "p", "files": "*.parquet", "format": "parquet"}]
    with pytest.raises(ContractError, match=r"daily files and year\.parquet"):
        Drop(_daily(layouts=layouts), drop)


def test_landing_stores_the_bytes_the_rows_and_the_counts(drop: Path, store: DirectoryStore) -> None:
    result = _land(_daily(), drop, _window(1), store)
    manifest = result.manifest
    assert not result.unchanged
    assert (manifest.counts.received, manifest.counts.landed) == (2, 2)
    assert manifest.parts[0].rows == 2
    assert [part.data for part in read_parts(store, manifest)] == [_file(1).encode()]
    assert _rows(store, manifest)["source_file"].to_list() == ["2024-03-01.csv"] * 2
    assert manifest.parse.digest == _daily().digest


def test_landing_twice_doubles_nothing_and_new_bytes_supersede(drop: Path, store: DirectoryStore) -> None:
    first = _land(_daily(), drop, _window(1), store)
    again = _land(_daily(), drop, _window(1), store)
    assert again.unchanged
    assert again.manifest == first.manifest
    (drop / "march" / "2024-03-01.csv").write_text(_file(1, 3))
    third = _land(_daily(), drop, _window(1), store)
    assert third.manifest.counts.landed == 3
    assert third.manifest.ref.rank > first.manifest.ref.rank


def test_many_windows_land_as_one_after_the_other(drop: Path, tmp_path: Path) -> None:
    source = _daily(missing_file="empty")
    windows = [_window(1), _window(2, 3), _window(4)]
    one, many = DirectoryStore(tmp_path / "one"), DirectoryStore(tmp_path / "many")
    for window in windows:
        land(source, drop, window, store=one, known_at=window.end, landed_at=exports.NOW, run_id="run")
    results = land_many(source, drop, windows, store=many, landed_at=exports.NOW, run_id="run")
    assert [result.manifest.known_at for result in results] == [window.end for window in windows]
    assert {info.key: one.get(info.key) for info in one.list("")} == {
        info.key: many.get(info.key) for info in many.list("")
    }
    assert land_many(source, drop, [], store=many, landed_at=exports.NOW, run_id="run") == []


def test_too_many_failures_stop_a_load_and_nothing_is_visible(drop: Path, store: DirectoryStore) -> None:
    (drop / "march" / "2024-03-01.csv").write_text(
        _file(1).replace(",1.00,", ",free,", 1).replace(",1,1.00", ",x,1.00")
    )
    strict = _daily(quarantine={"max_share": 0.4})
    with pytest.raises(QuarantineLimitError) as error:
        _land(strict, drop, _window(1), store)
    message = str(error.value)
    assert "2 of 2 records failed" in message
    assert "Menge is not a whole number (first: 2024-03-01.csv, row 2)" in message
    assert list(loads(store, "test_shop", "order_lines")) == []
    assert not [info for info in store.list("") if info.key.endswith(("_manifest.json", "_parse.json"))]


def test_a_load_of_failures_only_stops_whatever_is_allowed(drop: Path, store: DirectoryStore) -> None:
    (drop / "march" / "2024-03-01.csv").write_text(_file(1).replace("1.00", "free"))
    with pytest.raises(QuarantineLimitError):
        _land(_daily(quarantine={"max_share": 1.0, "allow_rows": 100}), drop, _window(1), store)


def test_a_few_failures_are_set_aside(drop: Path, store: DirectoryStore) -> None:
    (drop / "march" / "2024-03-01.csv").write_text(_file(1).replace("1.00", "free", 1))
    manifest = _land(_daily(quarantine={"max_share": 0, "allow_rows": 1}), drop, _window(1), store).manifest
    assert (manifest.counts.landed, manifest.counts.quarantined) == (1, 1)
    failed = pl.read_parquet(io.BytesIO(store.get(manifest.parse.quarantine.key))).row(0, named=True)
    assert (failed["source_file"], failed["source_row"], failed["column_name"]) == ("2024-03-01.csv", 1, "Preis")


def _no_twos(frame: pl.DataFrame, stream: Stream, *, source: str, window: Window | None) -> ValidationOutcome:
    """Refuses orders whose number ends in 1, for two reasons."""
    rows = frame.with_row_index("row_index").filter(pl.col("order_ref").str.ends_with("1"))["row_index"].to_list()
    failures = [(row, column, f"{column} refused") for row in rows for column in ("order_ref", "quantity")]
    return ValidationOutcome(pl.DataFrame(failures, schema=FAILURES_SCHEMA, orient="row"))


def test_what_the_validator_refuses_is_quarantined_under_the_vendors_names(drop: Path, store: DirectoryStore) -> None:
    source = _daily(missing_file="empty")
    windows = [_window(day) for day in (1, 2, 3, 4)]
    results = land_many(source, drop, windows, store=store, landed_at=exports.NOW, run_id="r", validate=_no_twos)
    assert [result.manifest.counts.quarantined for result in results] == [1, 1, 0, 1]
    for result, day in zip(results, (1, 2, 3, 4), strict=True):
        failed = pl.read_parquet(io.BytesIO(store.get(result.manifest.parse.quarantine.key)))
        if day == 3:
            continue
        row = failed.row(0, named=True)
        assert (row["column_name"], row["reason"]) == ("Order", "order_ref refused; quantity refused")
        assert f'"Order":"{day}1"' in row["record"]
        assert row["source_row"] == 2


def test_reparsing_gives_the_same_bytes_and_another_mapping_its_own(drop: Path, store: DirectoryStore) -> None:
    source = _daily()
    manifest = _land(source, drop, _window(1), store).manifest
    before = store.get(manifest.parse.rows.key)
    assert ensure_parsed(store, source) == []
    assert reparse(store, source, [manifest.ref]) == [manifest.parse]
    assert store.get(manifest.parse.rows.key) == before
    told = source.model_dump(by_alias=True)
    told["columns"]["product_title"]["values"] = {"t": "Tasse"}
    changed = SourceMapping.model_validate(told)
    records = ensure_parsed(store, changed)
    assert [record.digest for record in records] == [changed.digest]
    assert ensure_parsed(store, changed) == []
    found = find_parse(store, read_manifest(store, manifest.ref), changed.digest)
    assert found is not None
    assert pl.read_parquet(io.BytesIO(store.get(found.rows.key)))["product_title"].to_list() == ["Tasse"] * 2
    assert store.get(manifest.parse.rows.key) == before


def test_landing_unchanged_bytes_brings_the_parse_up_to_date(drop: Path, store: DirectoryStore) -> None:
    _land(_daily(), drop, _window(1), store)
    changed = _daily(keys=["order_ref"])
    result = _land(changed, drop, _window(1), store)
    assert result.unchanged
    assert find_parse(store, result.manifest, changed.digest) is not None


def test_keys_drop_repetitions_and_quarantine_contradictions(store: DirectoryStore, tmp_path: Path) -> None:
    line = ["1", "A", "t", "1", "1.00", "2024-03-05 10:00:00", ""]
    other = ["1", "A", "t", "2", "1.00", "2024-03-05 10:00:00", ""]
    third = ["2", "A", "t", "1", "1.00", "2024-03-05 10:00:00", ""]
    exports.write_drop(tmp_path / "keys", {"2024-03-05.csv": exports.csv_text([line, line, other, third])})
    manifest = _land(_daily(keys=["order_ref"]), tmp_path / "keys", _window(5), store).manifest
    counts = manifest.counts
    assert (counts.received, counts.landed, counts.deduplicated, counts.quarantined) == (4, 2, 1, 1)


def test_a_whole_period_file_is_one_load_of_its_period(store: DirectoryStore, tmp_path: Path) -> None:
    source = exports.mapping(files="*.parquet", format="parquet")
    drop = exports.write_drop(tmp_path / "whole", {"export.parquet": exports.parquet()})
    assert period_of(source, drop) == exports.WINDOW
    assert _land(source, drop / "export.parquet", exports.WINDOW, store).manifest.counts.landed == 3
    empty = exports.write_drop(tmp_path / "none", {"export.parquet": exports.parquet([])})
    with pytest.raises(ContractError, match="holds no record"):
        period_of(source, empty)


def test_command_line(
    drop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import yaml

    mappings = tmp_path / "mappings"
    mappings.mkdir()
    told = _daily(missing_file="empty").model_dump(mode="json", by_alias=True, exclude_defaults=True)
    (mappings / "test_shop.yml").write_text(yaml.safe_dump(told))
    monkeypatch.setenv("ECOMOPS_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("ECOMOPS_MAPPINGS_DIR", str(mappings))
    get_settings.cache_clear()
    try:
        common = ["files", "test_shop", "--drop", str(drop)]
        assert main([*common, "--start", "2024-03-01", "--end", "2024-03-02"]) == 0
        assert "1 loads (0 unchanged): 2 received, 2 landed" in capsys.readouterr().out
        assert main([*common, "--history"]) == 0
        assert "4 loads" in capsys.readouterr().out
        assert main([*common, "--start", "2024-03-01"]) == 1
        assert "Give --start and --end" in capsys.readouterr().err
        assert main(["nothing"]) == 2
    finally:
        get_settings.cache_clear()


def test_a_store_that_fails_leaves_no_manifest(
    drop: Path, store: DirectoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, calls = store.put, []

    def failing(key: str, data: bytes, *, if_absent: bool = False) -> ObjectInfo:
        calls.append(key)
        if len(calls) == 3:
            raise EcomopsError("disk full")
        return put(key, data, if_absent=if_absent)

    monkeypatch.setattr(store, "put", failing)
    with pytest.raises(EcomopsError, match="disk full"):
        _land(_daily(), drop, _window(1), store)
    assert list(loads(store, "test_shop", "order_lines")) == []
    monkeypatch.setattr(store, "put", put)
    assert _land(_daily(), drop, _window(1), store).manifest.counts.landed == 2


def test_known_at_keeps_an_aware_clock(drop: Path, store: DirectoryStore) -> None:
    with pytest.raises(WindowError, match="no time zone"):
        land(
            _daily(),
            drop,
            _window(1),
            store=store,
            known_at=datetime(2024, 3, 2),  # noqa: DTZ001 -- the mistake under test
            landed_at=datetime(2024, 3, 2, tzinfo=UTC),
            run_id="r",
        )
