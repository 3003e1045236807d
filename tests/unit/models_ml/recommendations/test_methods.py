"""Customers' methods on planted tastes, and nearest sessions by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import log, sqrt

import polars as pl
import pytest

from models_ml.recommendations import rankers
from models_ml.recommendations.interactions import interactions
from models_ml.recommendations.sessions import next_products, steps
from tests.unit.models_ml.recommendations.cases import RULES, UNTIL, purchases, rules


@pytest.fixture(scope="module")
def fitted() -> rankers.Fitted:
    return rankers.fit(interactions(purchases(), until=UNTIL, rules=RULES), RULES)


@pytest.mark.parametrize("method", rankers.METHODS)
def test_lists_are_ranked_new_and_repeatable(fitted: rankers.Fitted, method: str) -> None:
    customers = fitted.data.customers
    lists = rankers.best(fitted, method, customers, 5)
    assert lists.join(purchases(), on=["customer_id", "product_id"], how="semi").is_empty()
    ranks = lists.group_by("customer_id").agg(pl.col("rank"), ordered=pl.col("score").is_sorted(descending=True))
    assert ranks["ordered"].all()
    assert all(list(row) == list(range(1, len(row) + 1)) for row in ranks["rank"])
    again = rankers.fit(
        interactions(purchases().sample(fraction=1, shuffle=True, seed=1), until=UNTIL, rules=RULES), RULES
    )
    assert rankers.best(again, method, customers, 5).equals(lists)


@pytest.mark.parametrize("method", ["item_item", "als"])
def test_each_crowd_gets_its_own_products(fitted: rankers.Fitted, method: str) -> None:
    lists = rankers.best(fitted, method, fitted.data.customers, 1)
    own = lists.with_columns(
        crowd=pl.when(pl.col("customer_id").str.slice(1).cast(pl.Int64) % 2 == 0)
        .then(pl.lit("A"))
        .otherwise(pl.lit("B"))
    )
    assert own.height == 120
    assert own.filter(pl.col("crowd") == pl.col("product_id").str.slice(0, 1)).height > 0.97 * own.height


def test_only_known_customers_and_allowed_products(fitted: rankers.Fitted) -> None:
    lists = rankers.best(
        fitted, "als", pl.Series(["c000", "nobody"]), 5, among=pl.Series(["A00", "A01", "A02", "A03", "A04", "A05"])
    )
    assert set(lists["customer_id"]) <= {"c000"}
    assert set(lists["product_id"]) <= {"A00", "A01", "A02", "A03", "A04", "A05"}
    assert rankers.best(fitted, "als", pl.Series(["c000"]), 5, among=pl.Series([], dtype=pl.String)).is_empty()


def test_customers_are_scored_in_parts_of_bounded_size(fitted: rankers.Fitted, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rankers.best(fitted, "als_now", fitted.data.customers, 5)
    monkeypatch.setattr(rankers, "_CHUNK_BYTES", 4 * 25 * 7)  # seven customers
    assert rankers.best(fitted, "als_now", fitted.data.customers, 5).equals(whole)


def test_a_purchase_fades_and_now_is_now() -> None:
    history = pl.DataFrame(
        {
            "customer_id": ["x", "x", "y"],
            "product_id": ["old", "new", "new"],
            "order_date": [UNTIL - timedelta(days=90), UNTIL - timedelta(days=1), UNTIL - timedelta(days=1)],
        }
    )
    data = interactions(history, until=UNTIL, rules=rules(half_life_days=90.0))
    assert data.products.to_list() == ["new", "old"]
    assert data.recent.toarray()[0] == pytest.approx([0.5 ** (1 / 90), 0.5])
    assert data.now.tolist() == [2.0, 0.0]  # relative to the mean of the best ten, here of both
    assert interactions(history, until=UNTIL - timedelta(days=30), rules=RULES).products.to_list() == ["old"]


def _at(hour: int, minute: int) -> datetime:
    return datetime(2024, 6, 1, hour, minute, tzinfo=UTC).replace(tzinfo=None)  # as the marts have it


def _views(**sessions: str) -> pl.DataFrame:
    rows = [
        (name, item, _at(number, minute))
        for number, (name, items) in enumerate(sessions.items())
        for minute, item in enumerate(items)
    ]
    return pl.DataFrame(rows, schema=["session_id", "product_id", "seen_at"], orient="row")


def test_nearest_sessions_by_hand() -> None:
    past = steps(_views(one="abc", two="bd", three="zc", four="b"))
    asked = steps(_views(now="ab"))
    found = next_products(asked, past, RULES, count=9)
    # a weighs 1/2, b 1; `one` has both and three products, `two` has b and two; `four` has nothing to show
    one, two = 1.5 / sqrt(3), 1 / sqrt(2)
    assert found.select("product_id", "score", "rank").rows() == [
        ("d", pytest.approx(two * log(1 + 4), abs=1e-4), 1),
        ("c", pytest.approx(one * log(1 + 4 / 2), abs=1e-4), 2),
    ]


def test_a_product_looked_at_again_counts_where_it_was_last() -> None:
    assert steps(_views(one="aba")).rows() == [
        ("one", "b", _at(0, 1), 1, 2),
        ("one", "a", _at(0, 2), 2, 2),
    ]


def test_only_the_newest_and_nearest_sessions_count() -> None:
    past = steps(_views(older="ab", newer="ac"))
    asked = steps(_views(now="a"))
    assert next_products(asked, past, rules(session_sample=1), count=9)["product_id"].to_list() == ["c"]
    assert next_products(asked, past, rules(session_neighbours=1), count=9)["product_id"].to_list() == ["c"]
    assert next_products(asked.clear(), past, RULES, count=9).is_empty()
