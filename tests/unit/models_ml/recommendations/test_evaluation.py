"""The measures by hand, and a comparison that knows nothing of what comes after."""

from __future__ import annotations

from datetime import timedelta
from math import log2

import polars as pl
import pytest

from models_ml.recommendations import evaluation
from tests.unit.models_ml.recommendations.cases import RULES, UNTIL, products, purchases, rules, views


def test_measures_by_hand() -> None:
    truth = pl.DataFrame({"case_id": ["x", "x", "y", "z"], "product_id": ["a", "b", "c", "d"]})
    lists = pl.DataFrame(
        {
            "case_id": ["x", "x", "x", "y", "y", "y", "y", "w"],
            "product_id": ["a", "q", "b", "q", "r", "s", "c", "a"],
            "rank": [1, 2, 3, 1, 2, 3, 4, 1],
        }
    )
    found = evaluation.measures(lists, truth, length=3, offered=8)
    x = (1 + 1 / log2(4)) / (1 + 1 / log2(3))  # y's hit is below the list's end, z has no list
    assert found == {
        "ndcg": pytest.approx(x / 3, abs=1e-6),
        "recall": pytest.approx(1 / 3, abs=1e-6),
        "hit_rate": pytest.approx(1 / 3, abs=1e-6),
        "mrr": pytest.approx(1 / 3, abs=1e-6),
        "coverage": 5 / 8,  # a, b, q, r, s: w is no case
    }


def _compared(**changes: object) -> pl.DataFrame:
    categories = products().select("product_id", "category")
    parts = [
        evaluation.compare_customers(purchases(), categories, until=UNTIL, rules=rules(**changes)),
        evaluation.compare_sessions(views(), categories, until=UNTIL, rules=rules(**changes)),
    ]
    return evaluation.with_champions(pl.concat(parts), rules(**changes))


def test_taste_beats_popularity_where_there_is_taste() -> None:
    accuracy = _compared()
    assert accuracy["cut_date"].unique().sort().to_list() == [UNTIL - timedelta(days=days) for days in (56, 28, 6, 3)]
    ndcg = {
        (row["task"], row["method"]): row["ndcg"]
        for row in accuracy.group_by("task", "method").agg(pl.col("ndcg").mean()).iter_rows(named=True)
    }
    for method in ("item_item", "als"):
        assert ndcg["customer", method] > 1.2 * ndcg["customer", "popularity"]
    # who looks at 3 and 4 looks at 5 next; one product alone does not tell the direction
    assert ndcg["session", "session_knn"] > ndcg["session", "last_product"] > 1.5 * ndcg["session", "popularity"]
    assert evaluation.champion(accuracy, "session", "popularity") == "session_knn"
    assert evaluation.champion(accuracy, "customer", "popularity") != "popularity"
    assert accuracy.filter("is_champion").group_by("task").agg(pl.col("method").n_unique())["method"].to_list() == [
        1,
        1,
    ]


def test_a_champion_must_be_clearly_better() -> None:
    accuracy = _compared(champion_margin=1000.0)
    assert set(accuracy.filter("is_champion")["method"]) == {"popularity"}


def test_too_few_cases_compare_nothing() -> None:
    accuracy = _compared(least_cases=10_000)
    assert accuracy.is_empty()
    assert evaluation.champion(accuracy, "customer", "popularity") == "popularity"


def test_a_split_learns_from_nothing_that_came_later() -> None:
    """Other purchases after the first cut's end change nothing in the second split's lists, only the first's."""
    categories = products().select("product_id", "category")
    history = purchases()
    cut = UNTIL - timedelta(days=RULES.test_days)
    otherwise = history.with_columns(
        product_id=pl.when(pl.col("order_date") >= cut).then(pl.lit("P")).otherwise("product_id")
    )
    before, after = (
        evaluation.compare_customers(frame, categories, until=UNTIL, rules=RULES).filter(pl.col("cut_date") < cut)
        for frame in (history, otherwise)
    )
    assert before.height == 5
    assert before.equals(after)
