"""The made-up shop: the same seed gives the same bytes, and every oddity it promises is there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from sandbox.__main__ import main
from sandbox.online_retail import HEADER, generate, trading_days

SCHEMA = {
    "InvoiceNo": pl.String,
    "StockCode": pl.String,
    "Description": pl.String,
    "Quantity": pl.Int64,
    "InvoiceDate": pl.Datetime,
    "UnitPrice": pl.Float64,
    "CustomerID": pl.Float64,
    "Country": pl.String,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = generate(tmp_path_factory.mktemp("shop"))
    assert sorted(made.folder.iterdir()) == list(made.files)
    return made.folder


@pytest.fixture(scope="module")
def lines(folder: Path) -> pl.DataFrame:
    return pl.concat([pl.read_csv(path, schema=SCHEMA) for path in sorted(folder.iterdir())])


@pytest.fixture(scope="module")
def goods(lines: pl.DataFrame) -> pl.DataFrame:
    """Plain sales of products."""
    return lines.filter(
        pl.col("StockCode").str.contains(r"^\d"),
        pl.col("InvoiceNo").str.contains(r"^\d"),
        pl.col("Quantity") > 0,
        pl.col("UnitPrice") > 0,
    ).with_columns(pl.col("StockCode").str.to_uppercase())


def read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes_in_another_process(folder: Path, tmp_path: Path) -> None:
    environment = dict(os.environ, PYTHONHASHSEED="7", POLARS_MAX_THREADS="1")
    command = [sys.executable, "-m", "sandbox", "online-retail", str(tmp_path / "again")]
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    assert read(tmp_path / "again") == read(folder)
    assert str(tmp_path / "again") in said


def test_another_seed_gives_another_shop(tmp_path: Path) -> None:
    one, other = (generate(tmp_path / str(seed), seed=seed, days=40) for seed in (1, 2))

    assert read(one.folder) != read(other.folder)


def test_the_files_look_like_the_real_ones(folder: Path, lines: pl.DataFrame) -> None:
    first = (folder / "2010-12-01.csv").read_text().splitlines()
    assert first[0] == ",".join(HEADER)
    assert first[1].startswith("536365,")
    assert all(path.read_bytes().endswith(b"\n") and b"\r" not in path.read_bytes() for path in folder.iterdir())
    assert 40_000 <= lines.height <= 65_000
    assert {path.stem for path in folder.iterdir()} <= {day.isoformat() for day in trading_days(date(2010, 12, 1), 400)}
    for path in folder.iterdir():
        days = pl.read_csv(path, schema=SCHEMA)["InvoiceDate"].dt.date().unique().to_list()
        assert days == [date.fromisoformat(path.stem)]


def test_customers_are_written_as_floats(folder: Path) -> None:
    assert b",12361.0," in b"".join(read(folder).values())


def test_trade_rests_on_saturdays_and_grows_towards_christmas(lines: pl.DataFrame) -> None:
    orders = lines.unique("InvoiceNo")["InvoiceDate"]
    assert 6 not in orders.dt.weekday()
    weekdays = Counter(orders.dt.weekday().to_list())
    assert weekdays.most_common(1)[0][0] == 4
    assert weekdays[7] < min(weekdays[day] for day in range(1, 6))
    months = Counter(orders.dt.strftime("%Y-%m").to_list())
    assert max(months, key=lambda month: months[month]) == "2011-11"
    assert months["2011-11"] > 1.5 * months["2011-06"]


def test_invoices_are_numbered_in_time(lines: pl.DataFrame) -> None:
    begun = lines.group_by("InvoiceNo").agg(
        pl.col("InvoiceDate").min(), pl.col("CustomerID").n_unique().alias("customers")
    )
    numbered = begun.with_columns(pl.col("InvoiceNo").str.extract(r"(\d+)").cast(pl.Int64).alias("number"))
    assert numbered["number"].n_unique() == numbered.height
    assert numbered.sort("number")["InvoiceDate"].is_sorted()
    assert numbered["customers"].max() == 1


@pytest.mark.parametrize(
    ("quirk", "least"),
    [
        (pl.col("InvoiceNo").str.starts_with("C") & (pl.col("Quantity") < 0), 500),
        (pl.col("InvoiceNo").str.starts_with("A") & (pl.col("StockCode") == "B"), 3),
        (~pl.col("InvoiceNo").str.starts_with("C") & (pl.col("Quantity") < 0) & (pl.col("UnitPrice") == 0), 80),
        ((pl.col("UnitPrice") == 0) & (pl.col("Quantity") > 0) & pl.col("CustomerID").is_null(), 40),
        (pl.col("CustomerID").is_null() & (pl.col("UnitPrice") > 0), 8_000),
        (pl.col("Description").is_null(), 10),
        (pl.col("Description").str.ends_with(" "), 5_000),
        (pl.col("Description").str.starts_with(" "), 10),
        (pl.col("Description").str.contains("£", literal=True), 10),
        (pl.col("Description").str.contains('"', literal=True), 10),
        (pl.col("Description").str.contains(",", literal=True), 10),
        (pl.col("StockCode").str.contains(r"^\d+[a-d]$"), 100),
        (pl.col("Quantity") == -74_215, 1),
    ],
)
def test_the_quirks_exist(lines: pl.DataFrame, quirk: pl.Expr, least: int) -> None:
    assert lines.filter(quirk).height >= least


def test_other_quirks(lines: pl.DataFrame) -> None:
    assert 0.005 < 1 - lines.unique().height / lines.height < 0.02
    codes = {"POST", "DOT", "C2", "M", "D", "S", "B", "CRUK", "PADS", "AMAZONFEE", "BANK CHARGES", "gift_0001_20"}
    assert set(lines.filter(~pl.col("StockCode").str.contains(r"^\d"))["StockCode"]) == codes
    assert lines["Country"].n_unique() >= 12
    homes = lines.drop_nulls("CustomerID").group_by("CustomerID").agg(pl.col("Country").n_unique())
    assert (homes["Country"] > 1).sum() >= 1
    times = lines.group_by("InvoiceNo").agg(pl.col("InvoiceDate").n_unique())
    assert (times["InvoiceDate"] > 1).sum() >= 3


def test_every_cancellation_undoes_an_earlier_order(lines: pl.DataFrame) -> None:
    undone = lines.filter(pl.col("InvoiceNo").str.starts_with("C"), pl.col("StockCode").str.contains(r"^\d"))
    sold = lines.filter(pl.col("Quantity") > 0)
    pairs = undone.join(sold, on=["StockCode", "CustomerID", "UnitPrice"], suffix="_sold", nulls_equal=True)
    pairs = pairs.filter(
        pl.col("InvoiceDate_sold") < pl.col("InvoiceDate"), -pl.col("Quantity") <= pl.col("Quantity_sold")
    )
    assert pairs.select(undone.columns).unique().height == undone.unique().height


def test_some_products_are_intermittent_and_some_begin_or_end(goods: pl.DataFrame) -> None:
    sold = goods.group_by("StockCode").agg(
        pl.col("InvoiceDate").min().alias("first"),
        pl.col("InvoiceDate").max().alias("last"),
        pl.col("InvoiceDate").dt.strftime("%G-%V").n_unique().alias("weeks"),
    )
    assert sold.filter(pl.col("first") > pl.date(2011, 3, 1)).height >= 20
    assert sold.filter(pl.col("last") < pl.date(2011, 9, 1)).height >= 20
    assert sold.filter(pl.col("weeks") < 18).height >= 40
    assert sold.filter(pl.col("weeks") > 40).height >= 40


def test_basket_rules_exist(goods: pl.DataFrame) -> None:
    """Some pairs come together at least five times as often as chance would have it."""
    baskets = goods.group_by("InvoiceNo").agg(pl.col("StockCode").unique())["StockCode"].to_list()
    single = Counter(code for basket in baskets for code in basket)
    pairs = Counter(pair for basket in baskets for pair in combinations(sorted(basket), 2))
    lifts = [
        together * len(baskets) / (single[one] * single[other])
        for (one, other), together in pairs.items()
        if together >= len(baskets) * 0.015
    ]
    assert sum(lift > 5 for lift in lifts) >= 10


@pytest.mark.parametrize(
    "options", [["--days", "3"], ["--products", "5000"], ["--customers", "2"], ["--orders-per-day", "0"]]
)
def test_unusable_arguments(tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["online-retail", str(tmp_path), *options])
    assert "needs at least" in (error := capsys.readouterr().err) or "names for" in error


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("precious")

    with pytest.raises(FileExistsError, match=r"mine\.csv"):
        generate(tmp_path, days=40)
    assert list(tmp_path.iterdir()) == [tmp_path / "mine.csv"]
