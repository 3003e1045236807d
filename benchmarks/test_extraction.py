"""Memory of an extraction: a vendor's answer many times as large takes hardly more of it.

Each size is landed and parsed in a process of its own, which tells its greatest resident memory. What is compared is
their ratio. An extraction that held the larger answer in memory would be at two or more.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import polars as pl
import pytest

from extractors.api.connector import Finding, Page, Parsing, Request, Resource
from extractors.api.extract import Job, extract
from extractors.api.records import TEXT, Shape, decode, json_lines
from extractors.api.rows import assemble, typed
from lakehouse.landing import RawFile
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import PROJECT_ROOT
from lakehouse.sources import Source
from lakehouse.windows import Window

HERE = Path(__file__).parent
MIB = 1 << 20
SMALL_CASE, FULL_CASE = (20, 200), (50, 1_000)
# The larger answer may take so much more than the smaller one, and has ten or twenty times its size.
LARGEST_RATIO = 1.5
DAY = Window.parse("2026-03-01", "2026-03-02")
NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
ORDERS = Resource("orders", "An export of orders", ("orders",))
BLOCK = 2_000  # lines of two kilobytes
SHAPE: dict[str, Shape] = {"id": TEXT, "at": TEXT, "total": TEXT}
COLUMNS: dict[str, pl.Expr | str] = {
    "record_ref": "id",
    "version_at": "at",
    "occurred_at": "at",
    "order_ref": "id",
    "total_amount": "total",
    "currency_code": pl.lit("GBP"),
}


@dataclass
class Export:
    """A vendor that gives one file of JSON lines, of so many MiB."""

    size: int
    api_version: str = "1"

    def check(self) -> list[Finding]:
        """Nothing to check."""
        return []

    def fetch(self, _resource: str, request: Request) -> Iterator[Page]:
        """The file, written as a download would write it."""
        path, number = request.scratch / "export.jsonl", 0
        with path.open("wb") as target:
            while target.tell() < self.size * MIB:
                number += 1
                record = {"id": number, "at": "2026-03-01T12:00:00Z", "total": "19.99", "note": f"{number:08x}" * 250}
                target.write(json.dumps(record).encode() + b"\n")
        yield Page("export.jsonl", path, reported=number)

    def parse(self, _resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
        """A parsing for each block of lines."""
        for part in parts:
            with part.path.open("rb") as lines:
                records = iter(json_lines(part.name, lines))
                while block := list(islice(records, BLOCK)):
                    decoded = decode(block, SHAPE)
                    yield assemble(decoded, {"orders": typed(decoded.frame, "orders", COLUMNS)})


def _land(size: int) -> dict[str, int]:
    """Greatest resident memory of this process, in KiB, after an extraction; and the records it landed."""
    source = Source(
        name="vendor",
        stream="orders",
        tables=ORDERS.tables,
        mode=ORDERS.mode,
        title="A vendor",
        time_zone="UTC",
        parse_digest="0123456789ab",
    )
    with tempfile.TemporaryDirectory(dir=PROJECT_ROOT / "var") as folder:
        job = Job(source, ORDERS, DAY, NOW, NOW, "benchmark", "1")
        done = extract(Export(size), job, store=DirectoryStore(Path(folder) / "lake"), scratch=Path(folder) / "tmp")
    return {"peak_kib": _peak(), "records": done.manifest.counts.landed}


def _peak() -> int:
    status = Path("/proc/self/status")
    if status.exists():  # on Linux getrusage counts what the process was before it became this one
        return int(status.read_text().split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024  # macOS counts bytes


def _measured(size: int) -> dict[str, int]:
    command = [sys.executable, str(Path(__file__).resolve()), str(size)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT_ROOT)
    told: dict[str, int] = json.loads(done.stdout)
    return told


def test_memory_does_not_grow_with_the_answer(pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]) -> None:
    (PROJECT_ROOT / "var").mkdir(exist_ok=True)
    sizes = FULL_CASE if pytestconfig.getoption("all_cases", default=False) else SMALL_CASE
    small, large = (_measured(size) for size in sizes)
    assert large["records"] > 9 * small["records"]
    ratio = large["peak_kib"] / small["peak_kib"]
    peaks = [round(one["peak_kib"] / 1024) for one in (small, large)]
    kept = {"mib": list(sizes), "ratio": round(ratio, 2), "peak_mib": peaks}
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"extraction_memory_{sizes[1]}.json").write_text(json.dumps(kept, indent=1) + "\n")
    with capsys.disabled():
        sys.stdout.write(f"\n{sizes[1]} MiB against {sizes[0]} MiB: {ratio:.2f} times the memory {kept}\n")
    assert ratio < LARGEST_RATIO


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_land(int(sys.argv[1]))))
