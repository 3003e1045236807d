"""Every query that a document prints, run on the real data; its printed answer has to be the answer."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import polars as pl
import pytest

from lakehouse.settings import PROJECT_ROOT, Settings
from lakehouse.warehouse import Reader, open_reader
from tests.support import markdown
from tests.support.markdown import Block

ANALYSTS, FIGURES = PROJECT_ROOT / "docs" / "analysts.md", PROJECT_ROOT / "docs" / "figures.md"
# Of the demo's three shops, not of this data: tests/integration/shops/test_questions.py runs them.
_OF_THE_SHOPS = (PROJECT_ROOT / "docs" / "questions.md", *(PROJECT_ROOT / "docs" / "marts").glob("*.md"))
QUERIES = [
    block
    for document in markdown.documents()
    if document not in _OF_THE_SHOPS
    for block in markdown.blocks(document, "sql")
]
_TOLERANCE = re.compile(r"answer within ([\d.]+) %")


@pytest.fixture(scope="module")
def reader(demo_warehouse: Settings) -> Iterator[Reader]:
    with open_reader(demo_warehouse) as opened:
        yield opened


def same(shown: str, found: str, share: float) -> bool:
    """Whether a printed cell says what was found; figures may differ by a share."""
    one, other = markdown.number(shown), markdown.number(found)
    if share and one is not None and other is not None:
        return abs(one - other) <= share * max(abs(one), abs(other))
    return shown == found


@pytest.mark.parametrize("block", QUERIES, ids=[block.name for block in QUERIES])
def test_the_printed_answer_is_the_answer(block: Block, reader: Reader) -> None:
    header, rows = markdown.printed(reader.frame(block.text))
    if "no answer" in block.remark:
        return
    answer = markdown.answer_below(block)
    assert answer is not None, "No answer is printed below: run scripts/doc-answers."
    tolerance = _TOLERANCE.search(block.remark)
    share = float(tolerance[1]) / 100 if tolerance else 0.0
    assert answer.header == header
    assert len(answer.rows) == len(rows)
    for printed, found in zip(answer.rows, rows, strict=True):
        assert all(same(a, b, share) for a, b in zip(printed, found, strict=True)), f"{printed}, but now {found}"


def test_analysts_find_ten_questions() -> None:
    questions = [words for level, words in markdown.headings(ANALYSTS) if level == 3 and words[0].isdigit()]
    assert len(questions) == 10
    assert len(markdown.blocks(ANALYSTS, "sql")) >= 10


def test_the_python_of_the_page_runs(demo_warehouse: Settings) -> None:
    (block,) = markdown.blocks(ANALYSTS, "python")
    code = f"{block.text}\nprint(weeks.height, weeks.to_pandas().shape)"
    env = {**os.environ, "ECOMOPS_VAR_DIR": str(demo_warehouse.var)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "54 (54, 2)\n"


def key_figures() -> str:
    """The query under "Key figures", for all weeks and without rounding."""
    query = next(block.text for block in markdown.blocks(FIGURES, "sql") if "average_of_12_weeks" in block.text)
    unrounded = re.sub(r"round\((.+?), 4\)( as)", r"\1\2", query)
    every_week = unrounded.replace("where this.week = (select latest_full_week_start from rpt_run)\n", "")
    assert every_week != query
    return every_week.replace("    this.kpi_id,\n", "    this.week,\n    this.kpi_id,\n", 1)


def test_the_key_figures_follow_from_the_facts_in_every_week(reader: Reader) -> None:
    derived = reader.frame(key_figures()).sort("week", "kpi_id")
    told = reader.frame(
        "select week_start_date as week, kpi_id, value, previous_value, reference_value, "
        "row_number() over (partition by kpi_id order by week_start_date) as number from rpt_weekly_kpi"
    )
    # The first week is cut off: the report leaves it out of averages, which the printed query need not know.
    both = derived.join(told, on=["week", "kpi_id"]).filter(pl.col("number") > 13)
    assert both.height == 9 * (told["week"].n_unique() - 13)
    for ours, theirs in (("value", "value_right"), ("week_before", "previous_value")):
        theirs = theirs if theirs in both.columns else ours
        worst = both.select(((pl.col(ours) - pl.col(theirs)).abs() / (pl.col(theirs).abs() + 1e-9)).max()).item()
        assert worst < 1e-9, (ours, worst)
    averages = both.select(
        ((pl.col("average_of_12_weeks") - pl.col("reference_value")).abs() / pl.col("reference_value").abs()).max()
    ).item()
    assert averages < 1e-9


def test_every_key_figure_is_derived(reader: Reader) -> None:
    derived = set(reader.frame(key_figures())["kpi_id"])
    assert derived == {kpi for (kpi,) in reader.rows("select distinct kpi_id from rpt_weekly_kpi")}


def test_the_reconciliation_adds_up_to_the_published_totals(reader: Reader) -> None:
    query = next(block.text for block in markdown.blocks(FIGURES, "sql") if "source_rows" in block.text)
    total = reader.frame(query).filter(pl.col("what") == "all").row(0, named=True)
    assert (total["source_rows"], str(total["amount"])) == (541_909, "9747747.9340")
