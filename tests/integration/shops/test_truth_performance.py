"""Tickets and scorecards against the sandbox merchant's own books."""

from __future__ import annotations

import polars as pl
import pytest

from lakehouse.warehouse import Reader
from sandbox.world import World
from tests.integration.shops.conftest import MOMENT

pytestmark = pytest.mark.integration


def test_tickets_and_their_answers_are_those_of_the_books(reader: Reader, world: World) -> None:
    books = world.frame("tickets").filter(pl.col("created_at") < MOMENT)
    answered = books.filter(pl.col("first_reply_at") < MOMENT)
    hours = (answered["first_reply_at"] - answered["created_at"]).dt.total_seconds() / 3600
    rows = reader.rows("select count(*), count(first_response_hours), median(first_response_hours) from fct_ticket")
    count, replies, median = rows[0]
    assert count == books.height
    assert replies == answered.height
    assert float(median) == pytest.approx(hours.median(), abs=0.001)


def test_marks_are_those_of_the_books(reader: Reader, world: World) -> None:
    books = world.frame("tickets").filter(pl.col("solved_at") < MOMENT)
    assert reader.rows("select sum(satisfaction) from fct_ticket") == [(books["satisfaction"].sum(),)]


def test_every_sale_of_a_month_is_some_teams(reader: Reader) -> None:
    teams = "select coalesce(sum(net_sales_shop), 0) from fct_team_scorecard"
    channels = "select sum(net_sales_shop) from fct_contribution where channel_id <> '(unallocated)'"
    assert reader.rows(teams) == reader.rows(channels)


def test_no_person_is_shown_by_few_tickets(reader: Reader) -> None:
    assert reader.rows(
        "select count(*) from fct_employee_scorecard "
        "where ticket_count < 10 and median_first_response_hours is not null"
    ) == [(0,)]
