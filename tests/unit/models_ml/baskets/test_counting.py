"""Counting against mlxtend, and significance against SciPy's exact test."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact  # type: ignore[import-untyped]

from models_ml.baskets.rules import frequent_itemsets, rules_from_itemsets
from tests.unit.models_ml.baskets.test_rules import baskets, orders_strategy


@settings(max_examples=15, deadline=None)
@given(orders=orders_strategy, count=st.integers(1, 6), largest=st.sampled_from([None, 2, 3]))
def test_the_sets_are_mlxtend_s(orders: list[str], count: int, largest: int | None) -> None:
    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth  # type: ignore[import-untyped]

    ours = frequent_itemsets(baskets(*orders), min_support="0.0", min_count=count, max_items=largest)
    names = sorted({item for order in orders for item in order.split()})
    matrix = pd.DataFrame([[name in order.split() for name in names] for order in orders], columns=names)
    if count > len(orders):
        assert ours.is_empty()  # mlxtend refuses to ask
        return
    theirs = fpgrowth(matrix, min_support=(count - 0.5) / len(orders), max_len=largest, use_colnames=True)
    expected = {tuple(sorted(row.itemsets)): round(row.support * len(orders)) for row in theirs.itertuples()}
    assert {tuple(items): n for items, n in ours.select("items", "together_count").iter_rows()} == expected


def test_the_first_half_of_the_baskets_is_counted_by_date() -> None:
    frame = baskets("a b", "a b", "a", "b", "a b", "c").with_columns(
        order_date=pl.col("order_id").replace_strict(
            {"o0": 6, "o1": 5, "o2": 4, "o3": 3, "o4": 2, "o5": 1}, return_dtype=pl.Int64
        )
    )
    both = frequent_itemsets(frame, min_support="0.1").row(by_predicate=pl.col("items").list.len() == 2, named=True)
    assert (both["together_count"], both["early_count"], both["early_basket_count"]) == (3, 1, 3)


@settings(max_examples=15, deadline=None)
@given(orders=orders_strategy)
def test_p_values_are_fisher_s_and_corrected_for_their_number(orders: list[str]) -> None:
    rules = rules_from_itemsets(frequent_itemsets(baskets(*orders), min_support="0.05"), min_lift=0)
    for rule in rules.head(20).iter_rows(named=True):
        both, left = rule["together_count"], rule["antecedent_count"]
        right, total = rule["consequent_count"], rule["basket_count"]
        table = [[both, left - both], [right - both, total - left - right + both]]
        assert rule["p_value"] == pytest.approx(fisher_exact(table, alternative="greater").pvalue, abs=1e-12)
    # Benjamini & Hochberg by their definition: the least p n / rank among those that are no better.
    p = rules["p_value"].sort().to_list()
    corrected = [min(p[at] * len(p) / (at + 1) for at in range(place, len(p))) for place in range(len(p))]
    assert rules["q_value"].sort().to_list() == pytest.approx(corrected)


def test_a_fashion_of_the_first_half_is_not_stable() -> None:
    fashion = ["a b"] * 20 + ["c"] * 12 + ["a", "b", "c", "d"] * 8
    always = (["a b"] * 10 + ["a", "b"] * 3 + ["c"] * 16) * 2
    stable = []
    for orders in (fashion, always):
        frame = baskets(*orders)
        dated = frame.with_columns(order_date=pl.col("order_id").str.slice(1).cast(pl.Int64))
        rules = rules_from_itemsets(frequent_itemsets(dated, min_support="0.05"))
        rule = rules.row(by_predicate=pl.col("antecedent_product_ids") == "a", named=True)
        assert rule["q_value"] < 0.05
        stable.append(rule["is_stable"])
    assert stable == [False, True]
