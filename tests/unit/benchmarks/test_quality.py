"""The harness on small folders: what it reads, refuses, and measures."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.quality.__main__ import main, measure
from benchmarks.quality.forms import read
from lakehouse.errors import ConfigError

FIRST = date(2023, 1, 2)
TEST = date(2023, 7, 3)


def _series(folder: Path) -> None:
    """Three shops that sell ten times the weekday's number; the test goes on for five weeks in the same way."""
    days = [FIRST + timedelta(days=day) for day in range((TEST - FIRST).days + 35)]
    frame = pl.DataFrame(
        [(name, day, 10.0 * day.isoweekday()) for name in "abc" for day in days],
        schema=["series_id", "date", "value"],
        orient="row",
    )
    frame.filter(pl.col("date") < TEST).write_csv(folder / "series_train.csv")
    frame.filter(pl.col("date") >= TEST).write_parquet(folder / "series_test.parquet")


def _visits(folder: Path) -> None:
    """Visits of three items that follow one another on a ring of twenty."""
    rng = np.random.default_rng(1)
    begin = datetime(2023, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    rows: list[tuple[str, str, datetime]] = []
    for number in range(1200):
        moment = begin + timedelta(minutes=60 * number)
        first = int(rng.integers(20))
        rows.extend((f"s{number}", f"i{(first + step) % 20}", moment + timedelta(minutes=step)) for step in range(3))
    pl.DataFrame(rows, schema=["session_id", "item_id", "moment"], orient="row").write_csv(folder / "sessions.csv")


def test_a_folder_is_measured_by_what_it_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _series(tmp_path)
    _visits(tmp_path)
    assert main([str(tmp_path), "--json", str(tmp_path / "out.json")]) == 0
    found = {(one["task"], one["method"], one["name"]): one for one in json.loads((tmp_path / "out.json").read_text())}
    assert {task for task, _, _ in found} == {"forecasting", "sessions"}
    assert found["forecasting", "seasonal_naive", "wape_day"]["value"] == pytest.approx(0, abs=1e-9)
    assert found["forecasting", "ecomops", "wape_day"]["value"] < 0.05
    # ten a weekday's number away from forty on average, of forty
    assert found["forecasting", "mean_28", "wape_day"]["value"] == pytest.approx(120 / 280, abs=1e-9)
    assert found["forecasting", "mean_28", "series"]["value"] == 3
    assert found["sessions", "session_knn", "ndcg"]["value"] > 2 * found["sessions", "popularity", "ndcg"]["value"]
    assert found["sessions", "popularity", "ndcg"]["is_reference"]
    printed = capsys.readouterr().out
    assert "seasonal_naive (reference)" in printed.replace("\n(reference)", " (reference)")


def test_pairs_are_judged_where_they_were_not_learned(tmp_path: Path) -> None:
    """Bread comes with butter in every second order early and in none later: learned, and found wanting."""
    rows: list[tuple[str, str]] = []
    for number in range(500):
        items = {"bread"} if number % 2 else ({"bread", "butter"} if number < 400 else {"butter"})
        rows.extend((f"{number:04}", item) for item in sorted(items | {f"x{number % 7}"}))
    pl.DataFrame(rows, schema=["transaction_id", "item_id"], orient="row").write_csv(tmp_path / "transactions.csv")
    found = {(one.method, one.name): one.value for one in measure(tmp_path)}
    assert found["most_frequent", "together_later"] is not None
    assert {method for method, _ in found} == {"ecomops", "most_frequent", "highest_lift"}


def test_what_cannot_be_read_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match="no data in a known form"):
        read(tmp_path)
    (tmp_path / "orders.csv").write_text("customer,date,amount\n1,2024-01-01,3\n")
    with pytest.raises(ConfigError, match=r"orders lacks the columns \['customer_id'\]"):
        read(tmp_path)
    (tmp_path / "orders.csv").write_text("customer_id,date,amount\n1,01/31/2024,3\n")
    with pytest.raises(ConfigError, match="orders: "):
        read(tmp_path)
    (tmp_path / "orders.csv").unlink()
    (tmp_path / "series_train.csv").write_text("series_id,date,value\na,2024-01-31,3\n")
    assert main([str(tmp_path), "--task", "forecasting"]) == 1
    assert "lacks series_test" in capsys.readouterr().err
    with pytest.raises(ConfigError, match="series_train alone is not enough"):
        measure(tmp_path)


def test_monthly_series_are_refused(tmp_path: Path) -> None:
    months = pl.date_range(date(2020, 1, 1), date(2022, 12, 1), "1mo", eager=True)
    frame = pl.DataFrame({"series_id": "a", "date": months, "value": 1.0})
    frame.head(30).write_csv(tmp_path / "series_train.csv")
    frame.tail(6).write_csv(tmp_path / "series_test.csv")
    with pytest.raises(ConfigError, match="a date every 31 days"):
        measure(tmp_path)
