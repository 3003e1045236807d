"""Every query of the analysts' questions and of the marts' pages, run on the demo's three shops."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lakehouse.settings import PROJECT_ROOT
from lakehouse.warehouse import Reader
from tests.support import markdown
from tests.support.markdown import Block

pytestmark = pytest.mark.integration
QUESTIONS = PROJECT_ROOT / "docs" / "questions.md"
PAGES = [QUESTIONS, *sorted((PROJECT_ROOT / "docs" / "marts").glob("*.md"))]
BLOCKS = [block for page in PAGES for block in markdown.blocks(page, "sql")]
# Whose answer may rightly be none on sixty days of a small merchant.
MAY_BE_EMPTY = ("rpt_price_alert", "rpt_competitor_stockout", "rpt_alert", "runout_date")


@pytest.mark.parametrize("block", BLOCKS, ids=[block.name for block in BLOCKS])
def test_it_answers(block: Block, reader: Reader) -> None:
    answer = reader.frame(block.text)
    assert answer.width >= 1
    assert len(set(answer.columns)) == answer.width
    may_be_empty = "may be empty" in block.remark or any(name in block.text for name in MAY_BE_EMPTY)
    assert answer.height or may_be_empty, block.text


def test_there_are_forty_and_each_has_one_query() -> None:
    asked = [words for level, words in markdown.headings(QUESTIONS) if level == 3]
    assert [int(words.split(".")[0]) for words in asked] == list(range(1, 41))
    assert len(markdown.blocks(QUESTIONS, "sql")) == 40


def answer_to(number: int, reader: Reader) -> list[tuple[object, ...]]:
    return reader.frame(markdown.blocks(QUESTIONS, "sql")[number - 1].text).rows()


def test_months_add_up_to_what_was_sold(reader: Reader) -> None:
    for _, gross, discounts, cancelled, returned, net, _ in answer_to(1, reader):
        assert Decimal(str(gross)) - Decimal(str(discounts)) - Decimal(str(cancelled)) - Decimal(str(returned)) == net


def test_channels_add_up_to_all_orders(reader: Reader) -> None:
    ((orders,),) = reader.rows("select count(*) from fct_order where not is_fully_cancelled")
    assert sum(int(str(row[1])) for row in answer_to(2, reader)) == orders


def test_classes_make_the_whole(reader: Reader) -> None:
    rows = answer_to(4, reader)
    assert [row[0] for row in rows] == ["A", "B", "C"]
    assert abs(sum(float(str(row[3])) for row in rows) - 100) <= 0.2


def test_stock_adds_up_on_every_day(reader: Reader) -> None:
    ((days, off),) = answer_to(30, reader)
    assert days
    assert off == 0


def test_visits_narrow_from_step_to_step(reader: Reader) -> None:
    visitors = {row[0]: int(str(row[2])) for row in answer_to(16, reader)}
    assert max(visitors.values()) > min(visitors.values()) > 0
