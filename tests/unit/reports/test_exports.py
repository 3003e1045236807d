"""Exports: safe to open in a spreadsheet, typed, the same bytes every time."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from reports.columns import TABLES
from reports.exports import guarded, workbook, write_all
from reports.tables import load, read_run
from tests.support.report_tables import Tables, report_tables


@pytest.fixture(scope="module")
def source() -> Tables:
    tables = report_tables()
    top = tables.tables["rpt_top_product"].with_columns(
        pl.when(pl.col("rank") == 1)
        .then(pl.lit('=HYPERLINK("http://x")'))
        .otherwise(pl.col("product_title"))
        .alias("product_title")
    )
    return tables.replace(rpt_top_product=top)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_texts_that_a_spreadsheet_would_run_are_guarded(start: str) -> None:
    frame = pl.DataFrame({"text": [f"{start}1+1", "plain", None], "number": [-1, 2, 3]})
    assert guarded(frame)["text"].to_list() == [f"'{start}1+1", "plain", None]
    assert guarded(frame)["number"].to_list() == [-1, 2, 3]


def test_every_table_comes_in_every_format(source: Tables, tmp_path: Path) -> None:
    paths = {path.relative_to(tmp_path).as_posix() for path in write_all(source, out_dir=tmp_path)}
    assert paths == {
        "README.md",
        "report_tables.xlsx",
        *(f"csv/{name}.csv" for name in TABLES),
        *(f"parquet/{name}.parquet" for name in TABLES),
    }


def test_what_is_written_is_what_was_read(source: Tables, tmp_path: Path) -> None:
    write_all(source, out_dir=tmp_path)
    for name, frame in source.tables.items():
        expected = frame.select(list(TABLES[name])).sort(list(TABLES[name]), nulls_last=True)
        assert pl.read_parquet(tmp_path / f"parquet/{name}.parquet").equals(expected), name
        assert pl.read_csv(tmp_path / f"csv/{name}.csv", infer_schema=False).height == frame.height
    assert "'=HYPERLINK" in (tmp_path / "csv/rpt_top_product.csv").read_text(encoding="utf-8-sig")


def test_the_workbook_holds_types_and_no_formulas(source: Tables, tmp_path: Path) -> None:
    write_all(source, out_dir=tmp_path)
    path = tmp_path / "report_tables.xlsx"
    sheet = pl.read_excel(path, sheet_name="rpt_top_product")
    assert sheet.filter(pl.col("rank") == 1)["product_title"].item() == '=HYPERLINK("http://x")'
    daily = pl.read_excel(path, sheet_name="rpt_daily_sales")
    assert daily.schema["sales_date"] == pl.Date
    assert daily["net_sales_shop"].sum() == pytest.approx(
        float(source.tables["rpt_daily_sales"]["net_sales_shop"].sum())
    )


def test_the_same_snapshot_gives_the_same_bytes(source: Tables, tmp_path: Path) -> None:
    first = write_all(source, out_dir=tmp_path / "a")
    shuffled = Tables({name: frame.reverse() for name, frame in source.tables.items()})
    second = write_all(shuffled, out_dir=tmp_path / "b")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_the_readme_describes_every_column(source: Tables, tmp_path: Path) -> None:
    write_all(source, out_dir=tmp_path)
    text = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert all(f"| {column} | " in text for columns in TABLES.values() for column in columns)


def test_empty_tables_are_written_too(source: Tables) -> None:
    empty = source.emptied("rpt_run")
    run = read_run(empty)
    assert workbook({name: empty.frame(f"SELECT * FROM {name}") for name in TABLES}, run)
    assert load(empty).top.is_empty()
