"""How time and memory of matching grow with the catalogue, and how often it is right.

Run: ``make bench``. Ten times the products against ten times the offers: comparing all with all would take a hundred
times as long. Each size is matched in a process of its own, whose peak memory is what the operating system counted.
With ``--all-cases`` the larger catalogue has 50,000 products and 500,000 offers.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture
def products(request: pytest.FixtureRequest) -> int:
    """Products in the smaller catalogue."""
    return 5_000 if request.config.getoption("--all-cases") else 1_000


def test_ten_times_the_catalogue_takes_little_more_than_ten_times_as_long(
    products: int, capsys: pytest.CaptureFixture[str]
) -> None:
    small, large = _matched(products), _matched(products * 10)
    slower = round(large["seconds"] / small["seconds"], 1)
    result = {
        "seconds_ratio": slower,
        "memory_ratio": round(large["megabytes"] / small["megabytes"], 2),
        "small": small,
        "large": large,
    }
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"matching_{products * 10}_products.json").write_text(json.dumps(result, indent=1) + "\n")
    with capsys.disabled():
        sys.stdout.write(f"\n{result}\n")
    assert slower < 15
    assert large["megabytes"] < 4_000
    assert min(small["precision"], large["precision"]) >= 0.98
    assert min(small["recall"], large["recall"]) >= 0.9


def _matched(products: int) -> dict[str, float]:
    command = [sys.executable, str(HERE / "made_offers.py"), str(products)]
    told: dict[str, float] = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE.parent).stdout
    )
    return told
