"""What a day costs: added to one year, to four years of the same shop, and against building all of it from nothing.

Run: ``make bench``. The lines of a day are the same in both: what grows is the history behind them. Each measurement is
a build of its own as the nightly one is, from the published file to a sealed one, in a process of its own; times of
other processes on the machine do not count, which is why processor seconds are told beside the clock's. The small
size is a tenth; ``make bench ARGS=--all-cases`` has ten million order lines in four years, and takes half an hour.
"""

from __future__ import annotations

import json
import multiprocessing
import resource
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from benchmarks import scaled
from extractors import files
from lakehouse.objectstore import open_store
from lakehouse.settings import PROJECT_ROOT, Settings
from lakehouse.warehouse import BuildRequest, Warehouse, build_core

PARQUET = PROJECT_ROOT.parent / "shared" / "data" / "uci_online_retail" / "online_retail.parquet"
BEFORE = scaled.NEW_DAY.replace(tzinfo=UTC)
AFTER = BEFORE + timedelta(days=1)
ROUNDS = 3
SMALL, LARGE = 1, 5  # copies of the data set: 2.1 and 10.4 million lines in four years


@dataclass(frozen=True)
class Cost:
    """What one build took.

    Attributes:
        seconds: By the clock.
        processor_s: Of all processors, dbt's process included.
        peak_mb: The greatest memory of any of its processes.
    """

    seconds: float
    processor_s: float
    peak_mb: int


def test_add_a_day(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not PARQUET.exists():
        pytest.skip("needs ../shared/data/uci_online_retail")
    copies = LARGE if request.config.getoption("--all-cases") else SMALL
    made = {years: _history(tmp_path / f"{years}_years", copies, years) for years in (1, 4)}
    from_nothing = {years: _measure(settings, BEFORE, full_refresh=True) for years, (settings, _) in made.items()}
    for settings, _ in made.values():
        scaled.land_new_day(PARQUET, settings, copies=copies)
    days: dict[int, list[Cost]] = {1: [], 4: []}
    for _ in range(ROUNDS):  # in turns, so that a machine whose speed drifts does so for both
        for years, (settings, _) in made.items():
            days[years].append(_measure(settings, AFTER, full_refresh=False))
    result = _result(copies, {years: lines for years, (_, lines) in made.items()}, from_nothing, days)
    folder = Path(__file__).parent / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"add_a_day_{copies}x.json").write_text(json.dumps(result, indent=1) + "\n")
    with capsys.disabled():
        sys.stdout.write(f"\n{json.dumps(result, indent=1)}\n")


def _history(var: Path, copies: int, years: int) -> tuple[Settings, int]:
    settings = Settings(var_dir=var, duckdb_memory_limit="8GB")
    return settings, scaled.land_years(PARQUET, settings, copies=copies, years=years)


def _measure(settings: Settings, as_of: datetime, *, full_refresh: bool) -> Cost:
    """One build in a process of its own. One from nothing is published, and the others extend it and are discarded."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(build_once, (settings, as_of, full_refresh))


def build_once(settings: Settings, as_of: datetime, full_refresh: bool) -> Cost:
    """Builds, and tells what it took."""
    warehouse = Warehouse(settings, open_store(settings))
    sources = [mapping.source() for mapping in files.declared()]
    began, before = time.perf_counter(), _processor_s()
    request = BuildRequest(as_of=as_of, run_id="benchmark", sources=sources, full_refresh=full_refresh)
    candidate = build_core(settings, request)
    cost = Cost(round(time.perf_counter() - began, 1), round(_processor_s() - before, 1), _peak_mb())
    assert (candidate.base_id is None) == full_refresh
    if full_refresh:
        warehouse.publish(warehouse.mark_audited(candidate))
    else:
        warehouse.discard(candidate)
    return cost


def _processor_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak_mb() -> int:
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024


def _result(
    copies: int, lines: dict[int, int], from_nothing: dict[int, Cost], days: dict[int, list[Cost]]
) -> dict[str, object]:
    def ratio(kind: str) -> dict[str, float]:
        one, four = (statistics.median(getattr(cost, kind) for cost in days[years]) for years in (1, 4))
        return {
            "four_years_to_one": round(four / one, 2),
            "day_to_full_refresh": round(four / getattr(from_nothing[4], kind), 3),
        }

    return {
        "copies": copies,
        "lines": lines,
        "ratios_by_clock": ratio("seconds"),
        "ratios_by_processor": ratio("processor_s"),
        "full_refresh": {years: asdict(cost) for years, cost in from_nothing.items()},
        "days": {years: [asdict(cost) for cost in costs] for years, costs in days.items()},
    }
