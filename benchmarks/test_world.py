"""How much memory and time a simulated world takes when it holds ten times the orders.

Run: ``make bench``. Each world is made in a process of its own, whose peak memory is what the operating system counted.
Catalogue, customers and days are the same, only the orders are ten times as many; what is compared is the ratio. A
generator that kept its history would need ten times the memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# The smaller world fills its chunks too: below that, memory grows with the orders until a chunk is full.
ORDERS_PER_DAY = 700
MAKE = """
import resource, sys
from datetime import date
from pathlib import Path
from sandbox.world import WorldSpec, generate
spec = WorldSpec(1, date(2025, 10, 1), date(2025, 12, 14), float(sys.argv[2]), 600, 20_000, int(sys.argv[3]))
world = generate(Path(sys.argv[1]), spec)
lines = world.scan("order_lines").select("order_id").collect(engine="streaming").height
print(lines, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize("tracked_days", [0, 2])
def test_ten_times_the_orders_need_the_same_memory(
    tracked_days: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = _made(tmp_path / "small", ORDERS_PER_DAY, tracked_days)
    large = _made(tmp_path / "large", ORDERS_PER_DAY * 10, tracked_days)
    more = large["lines"] / small["lines"]
    memory = large["megabytes"] / small["megabytes"]
    result = {
        "tracked_days": tracked_days,
        "lines_ratio": round(more, 2),
        "memory_ratio": round(memory, 2),
        "seconds_per_line_ratio": round(large["seconds"] / small["seconds"] / more, 2),
        "small": small,
        "large": large,
    }
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"world_{tracked_days}_tracked_days.json").write_text(json.dumps(result, indent=1) + "\n")
    with capsys.disabled():
        sys.stdout.write(f"\n{result}\n")
    assert more > 9
    assert memory < 1.5


def _made(folder: Path, orders_per_day: int, tracked_days: int) -> dict[str, float]:
    begin = time.perf_counter()
    command = [sys.executable, "-c", MAKE, str(folder), str(orders_per_day), str(tracked_days)]
    told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE.parent).stdout.split()
    seconds = time.perf_counter() - begin
    return {"lines": int(told[0]), "megabytes": int(told[1]), "seconds": round(seconds, 1)}
