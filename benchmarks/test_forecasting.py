"""How long thousands of series take beside Prophet, and whether weeks of a real shop beat their rivals.

Run: ``make bench``. Ten thousand daily series of two years with ``--all-cases``, 2,000 otherwise; each measurement is a
process of its own. Prophet forecasts every n-th of the same series, in the same process, and both are compared there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent
DATA = ROOT.parent / "shared" / "data"


def test_many_series_are_faster_than_by_prophet_and_no_worse(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    everything = request.config.getoption("--all-cases")
    count, by_prophet = (10_000, 100) if everything else (2_000, 30)
    told = _told("made_demand.py", str(count), str(by_prophet))
    _write(f"forecasting_{count}_series", told, capsys)
    assert told["wape"] < told["naive_wape"]
    # Prophet learns the yearly course, which these series have and we do not: level with it, one sample to the next.
    assert told["wape_of_sample"] < 1.05 * told["prophet_wape_of_sample"]
    assert told["inside_80_pct"] == pytest.approx(80, abs=3)
    # The backtest and the global model cost the same for any number of series: few series share them among fewer.
    assert told["times_faster"] >= (25 if everything else 6)
    assert told["seconds"] < 600


def test_weeks_of_a_real_shop_beat_the_seasonal_naive_by_a_tenth_and_auto_ets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not (DATA / "uci_online_retail").is_dir():
        pytest.skip("There is no ../shared/data beside the repository.")
    told = _told("weekly_demand.py", str(DATA))
    _write("forecasting_weekly", told, capsys)
    assert told["ours_wape"] <= 0.9 * told["seasonal_naive_wape"]
    assert told["ours_wape"] < told["auto_ets_wape"]
    assert told["ours_wape_28"] < told["auto_ets_wape_28"]


def _told(script: str, *arguments: str) -> dict[str, float]:
    command = [sys.executable, str(HERE / script), *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT, env=environment)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _write(name: str, told: dict[str, float], capsys: pytest.CaptureFixture[str]) -> None:
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n")
    with capsys.disabled():
        sys.stdout.write(f"\n{told}\n")
