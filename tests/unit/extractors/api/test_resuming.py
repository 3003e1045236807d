"""What a connector sees of earlier runs: the pages of an interrupted one, its spool, and the loads that are done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from extractors.api.connector import Page, Request
from lakehouse.landing import RESUMABLE, landed_rows
from tests.support.vendor import DAY, NOW, Killed, MemoryStore, Vendor, job, order, run, source

FIVE = [order(number, number) for number in range(1, 6)]


@dataclass
class Watching(Vendor):
    """A vendor that looks at what is handed to it before it answers, and may be killed in between.

    Attributes:
        saw: Names of the stored pages, at each fetch.
        spooled: What lay in the spool, at each fetch.
        landed: Rows of earlier loads, at each fetch.
        kill_after: So many pages, then it is killed; 0: never.
    """

    saw: list[list[str]] = field(default_factory=list)
    spooled: list[list[str]] = field(default_factory=list)
    landed: list[pl.DataFrame] = field(default_factory=list)
    kill_after: int = 0

    def fetch(self, resource: str, request: Request) -> Iterator[Page]:
        assert request.spool is not None
        self.saw.append([part.path.read_bytes()[:2].decode() + part.name for part in request.stored()])
        request.spool.mkdir(parents=True, exist_ok=True)
        self.spooled.append(sorted(path.name for path in request.spool.iterdir()))
        self.landed.append(request.landed("orders", ["order_ref", "version_at"], 2))
        for number, page in enumerate(super().fetch(resource, request), 1):
            (request.spool / f"open-{number}").write_text("half a page")
            yield page
            if number == self.kill_after:
                self.kill_after = 0
                raise Killed


@pytest.fixture
def memory(tmp_path: Path) -> MemoryStore:
    folder = tmp_path / "objects"
    folder.mkdir()
    return MemoryStore(folder)


def watching() -> Watching:
    return Watching({one.number: one for one in FIVE}, 2)


def test_a_resumed_run_sees_the_pages_and_the_spool_of_the_killed_one(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = watching()
    vendor.kill_after = 2
    with pytest.raises(Killed):
        run(vendor, memory, tmp_path)
    done = run(vendor, memory, tmp_path)
    assert vendor.saw == [[], ["[{orders-00000.json", "[{orders-00002.json"]]
    assert vendor.spooled == [[], ["open-1", "open-2"]]
    assert done.manifest.counts.landed == 5


def test_the_spool_is_gone_once_the_window_has_landed(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = watching()
    run(vendor, memory, tmp_path)
    assert list(tmp_path.rglob("open-*")) == []
    run(vendor, memory, tmp_path, job(known_at=NOW + timedelta(hours=1)))
    assert vendor.spooled == [[], []]


def test_the_spool_of_other_options_is_not_seen(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = watching()
    vendor.kill_after = 1
    with pytest.raises(Killed):
        run(vendor, memory, tmp_path)
    run(vendor, memory, tmp_path, job(options="another shop"))
    assert vendor.spooled == [[], []]


def test_an_old_spool_is_thrown_away(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = watching()
    vendor.kill_after = 1
    with pytest.raises(Killed):
        run(vendor, memory, tmp_path)
    [left] = tmp_path.rglob("open-1")
    long_ago = (NOW - RESUMABLE - timedelta(hours=1)).timestamp()
    os.utime(left.parent, (long_ago, long_ago))
    run(vendor, memory, tmp_path)
    assert vendor.spooled == [[], []]


def test_a_connector_reads_the_newest_loads_of_its_resource(memory: MemoryStore, tmp_path: Path) -> None:
    vendor = watching()
    run(vendor, memory, tmp_path)
    for hours in (1, 2):
        moved = NOW + timedelta(hours=hours)
        vendor.orders[1] = replace(vendor.orders[1], updated=DAY.start + timedelta(hours=hours))
        run(vendor, memory, tmp_path, job(known_at=moved, landed_at=moved))
    run(vendor, memory, tmp_path, job(known_at=NOW + timedelta(hours=3)))
    assert [rows.height for rows in vendor.landed] == [0, 5, 10, 10]
    assert vendor.landed[0].columns == ["order_ref", "version_at"]
    newest = vendor.landed[-1].filter(pl.col("order_ref") == "1")["version_at"].to_list()
    plain = DAY.start.replace(tzinfo=None)
    assert newest == [plain + timedelta(hours=1), plain + timedelta(hours=2)]
    assert landed_rows(memory, source(), "orders", ["order_ref"], last=9).height == 15
