"""Which units a credit undoes: the model's set-wise SQL against a stack that anybody can follow, row by row.

A few thousand customers with a random life each, in one build.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.warehouse import open_candidate
from lakehouse.windows import Window
from tests.support import shop
from tests.support.shop import Line, day

DOMAINS = ("core", "sales", "inventory")  # the others would be empty here

_PAIRS = 3000
_UNDO = timedelta(hours=24)
_Allocation = tuple[str, str, int, bool]  # credit's order, sale's order, units, undone within 24 hours


@dataclass
class Pushed:
    """Units of a sale that are still there to be undone."""

    order: str
    at: datetime
    units: int


def reference(lines: list[Line]) -> Iterator[_Allocation]:
    """Last sold, first undone, unit by unit of one customer's one product.

    At the same second sales come before credits, the larger sale and the smaller credit first.
    """
    stack: list[Pushed] = []
    for line in sorted(lines, key=lambda line: (line.occurred_at, -line.quantity, line.order_ref)):
        if line.quantity > 0:
            stack.append(Pushed(line.order_ref, line.occurred_at, line.quantity))
            continue
        left, undone = -line.quantity, defaultdict[tuple[str, datetime], int](int)
        while left and stack:
            units = min(left, stack[-1].units)
            undone[stack[-1].order, stack[-1].at] += units
            stack[-1].units -= units
            left -= units
            if not stack[-1].units:
                stack.pop()
        for (order, at), units in undone.items():
            yield line.order_ref, order, units, line.occurred_at <= at + _UNDO


def life(rng: random.Random, number: int) -> list[Line]:
    """One customer's sales and credits of one product, some of them at the same second."""
    made: list[Line] = []
    at = day(0).start
    for step in range(rng.randrange(1, 12)):
        at += rng.choice(
            [timedelta(0), timedelta(seconds=1), timedelta(hours=5), timedelta(hours=24), timedelta(days=2)]
        )
        units = rng.choice([1, 1, 2, 3, 5, 8, 80_995])
        is_credit = rng.random() < 0.45
        reference = f"{'C' if is_credit else 'S'}{number:05d}-{step:02d}"
        product = rng.choice(["85123A", "85123a"])
        made.append(Line(reference, at, product, -units if is_credit else units, Decimal(2), f"C-{number}"))
    return made


@pytest.fixture(scope="module")
def lives() -> list[list[Line]]:
    rng = random.Random(33)  # noqa: S311 - data, not secrets
    return [life(rng, number) for number in range(_PAIRS)]


def test_the_model_matches_as_the_stack_does(shop_settings: Settings, lives: list[list[Line]]) -> None:
    lines = [line for life in lives for line in life]
    random.Random(34).shuffle(lines)  # noqa: S311 - an order
    days = max(line.occurred_at for line in lines) - day(0).start
    window = Window(day(0).start, day(days.days + 2).end)
    shop.land(open_store(shop_settings), window, lines)

    with open_candidate(shop_settings, shop.build(shop_settings, window.end)) as reader:
        found = reader.rows(
            "select split_part(credits.order_id, '/', 2), split_part(sales.order_id, '/', 2), units, is_undone "
            "from intermediate.int_credits__allocated "
            "join intermediate.int_order_lines__classified credits on credits.order_line_id = credit_line_id "
            "join intermediate.int_order_lines__classified sales "
            "on sales.order_line_id = int_credits__allocated.order_line_id"
        )
        returns = reader.rows(
            "select split_part(return_id, '/', 2), sum(quantity), "
            "sum(quantity) filter (where return_kind = 'unmatched') from fct_return group by 1"
        )
        sold = reader.rows(
            "select split_part(order_id, '/', 2), quantity, cancelled_quantity, returned_quantity, demand_quantity "
            "from fct_order_line"
        )

    expected = sorted(allocation for life in lives for allocation in reference(life))
    assert len(expected) > _PAIRS
    assert {undone for *_, undone in expected} == {True, False}
    assert sorted(found) == expected
    _check_facts(lines, expected, returns, sold)


def _check_facts(
    lines: list[Line],
    expected: list[_Allocation],
    returns: list[tuple[str, int, int | None]],
    sold: list[tuple[str, int, int, int, int]],
) -> None:
    """The facts say the same of each credit, and of each sale, to the unit."""
    by_credit, cancelled, returned = defaultdict[str, int](int), defaultdict[str, int](int), defaultdict[str, int](int)
    for credit, sale, units, undone in expected:
        by_credit[credit] += units
        (cancelled if undone else returned)[sale] += units
    credited = {line.order_ref: -line.quantity for line in lines if line.quantity < 0}
    unmatched = {credit: units - by_credit[credit] for credit, units in credited.items()}
    assert {credit: (total, none or 0) for credit, total, none in returns} == {
        credit: (units, unmatched[credit]) for credit, units in credited.items()
    }
    sales = {line.order_ref: line.quantity for line in lines if line.quantity > 0}
    assert {sale: tuple(rest) for sale, *rest in sold} == {
        sale: (units, cancelled[sale], returned[sale], units - cancelled[sale]) for sale, units in sales.items()
    }
