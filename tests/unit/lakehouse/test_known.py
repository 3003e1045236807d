"""What a sweep compares with: every record landed and not deleted since, whatever parser read it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from lakehouse.landing import KNOWN_SCHEMA, known_records
from tests.support.vendor import DAY, NOW, SWEEP, MemoryStore, Vendor, job, order, run, source

NOON = DAY.start + timedelta(hours=12)


@pytest.fixture
def memory(tmp_path: Path) -> MemoryStore:
    folder = tmp_path / "objects"
    folder.mkdir()
    return MemoryStore(folder)


def refs(memory: MemoryStore) -> list[str]:
    found: list[str] = known_records(memory, source(), [source(SWEEP)])["record_ref"].to_list()
    return found


def test_nothing_is_known_at_first(memory: MemoryStore) -> None:
    found = known_records(memory, source(), [source(SWEEP)])
    assert found.schema == KNOWN_SCHEMA
    assert found.is_empty()


def test_the_newest_version_of_each_record_is_known(memory: MemoryStore, tmp_path: Path) -> None:
    run(Vendor.of([order(1, updated=NOON), order(2)]), memory, tmp_path)
    run(Vendor.of([order(1), order(2)]), memory, tmp_path, job(known_at=NOW + timedelta(hours=1)))
    found = known_records(memory, source())
    plain = [moment.replace(tzinfo=None) for moment in (DAY.start, NOON)]
    assert found.rows() == [("1", plain[0], plain[1]), ("2", plain[0], plain[0])]


def test_a_deleted_record_is_not_known_until_it_comes_back(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = Vendor.of([order(1), order(2)])
    run(vendor, memory, tmp_path)
    del vendor.orders[1]
    run(vendor, memory, tmp_path, job(SWEEP))
    assert refs(memory) == ["2"]
    assert known_records(memory, source())["record_ref"].to_list() == ["1", "2"]  # of deletions it was told nothing

    run(Vendor.of([order(1), order(2)]), memory, tmp_path, job(known_at=NOW + timedelta(hours=1)))
    assert refs(memory) == ["2"]  # an overlap brought the old version once more
    back = NOW + timedelta(hours=2)
    window = type(DAY)(DAY.start, DAY.end + timedelta(days=1))
    run(Vendor.of([order(1, updated=back)]), memory, tmp_path, job(window=window, known_at=back, landed_at=back))
    assert refs(memory) == ["1", "2"]


def test_loads_that_a_new_parser_has_not_read_yet_are_known(memory: MemoryStore, tmp_path: Path) -> None:
    run(Vendor.of([order(1)]), memory, tmp_path)
    newer = source(digest="ba9876543210")
    assert known_records(memory, newer)["record_ref"].to_list() == ["1"]
