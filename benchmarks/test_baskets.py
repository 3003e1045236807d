"""Time and memory of counting itemsets: up to three products, at 0.1 % support.

Run: ``make bench``. 100,000 baskets of 20,000 products; with ``--all-cases`` a million, which must stay below 2 GB. The
baskets are made in the counting process, batch by batch, and their making is part of the peak that is measured.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
LIMIT_MEGABYTES = 2_000
COUNTING = """
import json, resource, sys, time
import numpy as np, polars as pl
from models_ml.baskets.counting import count_itemsets

baskets, items, step = int(sys.argv[1]), 20_000, 100_000
rng, parts = np.random.default_rng(1), []
share = 1 / np.arange(1, items + 1) ** 0.8
for first in range(0, baskets, step):
    count = min(step, baskets - first)
    size = rng.geometric(0.12, count).clip(1, 100)
    numbers = np.repeat(np.arange(first, first + count, dtype=np.int32), size)
    chosen = rng.choice(items, size.sum(), p=share / share.sum()).astype(np.int32)
    parts.append(pl.DataFrame({"basket": numbers, "item": chosen}).unique())
lines = pl.concat(parts)
del parts
began = time.perf_counter()
sets = count_itemsets(
    lines, basket_count=baskets, early_basket_count=baskets // 2, threshold=baskets // 1000, max_items=3
)
print(json.dumps({
    "baskets": baskets, "lines": lines.height, "sets": sets.height,
    "seconds": round(time.perf_counter() - began, 1),
    "megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
}))
"""


def test_itemsets_of_many_baskets_fit_into_two_gigabytes(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    baskets = 1_000_000 if request.config.getoption("--all-cases") else 100_000
    done = subprocess.run(
        [sys.executable, "-c", COUNTING, str(baskets)], check=True, capture_output=True, text=True, cwd=HERE.parent
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"baskets_{baskets}.json").write_text(json.dumps(result, indent=1) + "\n")
    with capsys.disabled():
        sys.stdout.write(f"\n{result}\n")
    assert result["sets"] > 1_000
    assert result["megabytes"] < LIMIT_MEGABYTES
