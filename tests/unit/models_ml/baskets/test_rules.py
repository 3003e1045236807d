from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakehouse.errors import ContractError
from models_ml.baskets.config import BasketAssumptions, default_assumptions, least_count
from models_ml.baskets.rules import frequent_itemsets, rules_from_itemsets
from models_ml.baskets.run import BASKET_RULE, analyse
from models_ml.baskets.trivial import families, without_trivial


def baskets(*orders: str) -> pl.DataFrame:
    rows = [(f"o{number}", item) for number, order in enumerate(orders) for item in order.split()]
    return pl.DataFrame(rows, schema={"order_id": pl.String, "item": pl.String}, orient="row")


def loose(**changes: object) -> BasketAssumptions:
    values = (
        default_assumptions().model_dump()
        | {"min_support": "0.01", "min_together_count": 1, "max_pairs": 1000}
        | changes
    )
    return BasketAssumptions.model_validate(values)


@pytest.mark.parametrize(
    ("share", "count", "expected"),
    [("0.07", 100, 7), ("0.07", 392, 28), ("0.05", 457, 23), ("0.1", 30, 3), ("0.3", 10, 3), ("0.005", 1, 1)],
)
def test_the_threshold_is_exact_where_floats_are_not(share: str, count: int, expected: int) -> None:
    """0.07 × 100 is 7.000000000000001 and 0.1 × 30 is 3.0000000000000004 in floats, and would ask for one more."""
    assert least_count(share, count) == expected


def test_a_set_exactly_on_the_threshold_is_found() -> None:
    orders = ["a b"] * 7 + ["c"] * 93
    found = frequent_itemsets(baskets(*orders), min_support="0.07")
    assert ["a", "b"] in found["items"].to_list()
    assert ["a", "b"] not in frequent_itemsets(baskets(*orders, "c"), min_support="0.07")["items"].to_list()


def test_the_measures_of_a_worked_example() -> None:
    """Five baskets; tea in 4, milk in 3, both in 3: from the definitions."""
    rules = rules_from_itemsets(
        frequent_itemsets(baskets("tea milk", "tea milk", "tea milk", "tea", "jam"), min_support="0.4"), min_lift=0
    )
    rule = rules.row(by_predicate=pl.col("antecedent_product_ids") == "tea", named=True)
    assert {name: rule[name] for name in list(rule)[:12]} == {
        "antecedent_product_ids": "tea",
        "consequent_product_ids": "milk",
        "antecedent_count": 4,
        "consequent_count": 3,
        "together_count": 3,
        "basket_count": 5,
        "support": 0.6,
        "confidence": 0.75,
        "lift": 1.25,
        "leverage": pytest.approx(3 / 5 - 4 / 5 * 3 / 5),
        "conviction": pytest.approx((1 - 3 / 5) / (1 - 3 / 4)),
        "zhangs_metric": pytest.approx((0.6 - 0.48) / max(0.6 * (1 - 0.8), 0.8 * (0.6 - 0.6))),
    }
    other_way = rules.row(by_predicate=pl.col("antecedent_product_ids") == "milk", named=True)
    assert other_way["confidence"] == 1
    assert other_way["conviction"] is None  # infinite


orders_strategy = st.lists(
    st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=6).map(" ".join), min_size=1, max_size=25
)


@settings(max_examples=20, deadline=None)
@given(orders=orders_strategy, percent=st.integers(1, 60))
def test_counts_equal_counting_by_hand(orders: list[str], percent: int) -> None:
    share = Fraction(percent, 100)
    found = frequent_itemsets(baskets(*orders), min_support=share)
    by_hand: Counter[tuple[str, ...]] = Counter()
    for order in orders:
        items = sorted(set(order.split()))
        by_hand.update(subset for size in range(1, len(items) + 1) for subset in combinations(items, size))
    expected = {items: count for items, count in by_hand.items() if Fraction(count, len(orders)) >= share}
    assert {tuple(items): count for items, count in found.select("items", "together_count").iter_rows()} == expected
    assert found.height == len(expected)


# mlxtend divides by zero in a measure that we don't take (certainty).
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@settings(max_examples=15, deadline=None)
@given(orders=orders_strategy)
def test_measures_equal_mlxtend_s(orders: list[str]) -> None:
    from mlxtend.frequent_patterns import association_rules  # type: ignore[import-untyped]

    itemsets = frequent_itemsets(baskets(*orders), min_support="0.1")
    ours = rules_from_itemsets(itemsets, min_lift=0)
    reference = itemsets.to_pandas()
    reference["itemsets"] = reference["items"].map(frozenset)
    reference["support"] = reference["together_count"] / reference["basket_count"]
    theirs = association_rules(reference[["support", "itemsets"]], metric="lift", min_threshold=0)
    assert len(theirs) == ours.height
    lookup = {(row["antecedent_product_ids"], row["consequent_product_ids"]): row for row in ours.iter_rows(named=True)}
    for row in theirs.to_dict("records"):
        mine = lookup["+".join(sorted(row["antecedents"])), "+".join(sorted(row["consequents"]))]
        for measure in ("support", "confidence", "lift", "leverage", "zhangs_metric"):
            assert mine[measure] == pytest.approx(row[measure], abs=1e-9)
        assert (mine["conviction"] or float("inf")) == pytest.approx(row["conviction"])


def test_long_baskets_are_left_out_and_counted() -> None:
    tables = analyse(baskets("a b", "a b", "a b c d"), rules=loose(max_basket_items=3))
    run = tables["basket_run"].row(0, named=True)
    assert (run["basket_count"], run["left_out_count"]) == (2, 1)
    assert set(tables["basket_rule"]["basket_count"]) == {2}


def test_variants_of_one_product_are_no_news() -> None:
    tables = analyse(baskets("85123A 85123B 22086", "85123A 85123B 22086", "85123A 85123B", "other"), rules=loose())
    pairs = set(tables["basket_rule"].select("antecedent_product_ids", "consequent_product_ids").iter_rows())
    assert ("85123A", "85123B") not in pairs
    assert ("85123A", "22086") in pairs
    assert ("85123A", "22086+85123B") not in pairs
    assert tables["basket_run"]["variant_rule_count"][0] > 0


def test_ids_of_another_shape_are_not_taken_for_variants() -> None:
    rules = pl.DataFrame({"antecedent_product_ids": ["AB1", "12A"], "consequent_product_ids": ["AB2", "12B"]})
    items = pl.Series(["AB1", "AB2", "12A", "12B"])
    assert without_trivial(rules, families(items, None, None))["antecedent_product_ids"].to_list() == ["AB1"]


def test_variants_that_a_source_names_and_parts_of_one_bundle_are_no_news_either() -> None:
    rules = pl.DataFrame(
        {
            "antecedent_product_ids": ["red", "cup", "cup", "red"],
            "consequent_product_ids": ["blue", "pot", "red", "set"],
        }
    )
    products = pl.DataFrame({"product_id": ["red", "blue"], "product_group_id": ["shirt", "shirt"]})
    parts = pl.DataFrame({"bundle_product_id": ["set", "set"], "component_product_id": ["cup", "pot"]})
    family = families(pl.Series(["red", "blue", "cup", "pot", "set"]), products, parts)
    left = without_trivial(rules, family).select("antecedent_product_ids", "consequent_product_ids").rows()
    assert left == [("cup", "red"), ("red", "set")]


def test_only_the_rules_of_the_highest_leverage_are_kept() -> None:
    orders = ["a b"] * 5 + ["c d"] * 2 + ["e"] * 3
    kept = analyse(baskets(*orders), rules=loose(max_rules=2))["basket_rule"]
    assert set(kept["antecedent_product_ids"]) == {"a", "b"}


def test_the_order_of_the_rows_that_came_in_does_not_matter() -> None:
    frame = baskets("a b", "b c", "a b c", "c d", "a d")
    tables = analyse(frame, rules=loose())
    shuffled = analyse(frame.sample(fraction=1, shuffle=True, seed=3), rules=loose())
    assert tables["basket_rule"].equals(shuffled["basket_rule"])


def test_no_baskets_give_empty_tables_of_the_right_shape() -> None:
    tables = analyse(baskets())
    assert tables["basket_rule"].is_empty()
    assert dict(tables["basket_rule"].schema) == {
        name: kind() if isinstance(kind, type) else kind for name, kind in BASKET_RULE.items()
    }
    assert tables["basket_run"]["basket_count"].to_list() == [0]


def test_a_basket_without_an_item_is_refused() -> None:
    with pytest.raises(ContractError, match="nulls"):
        analyse(pl.DataFrame({"order_id": ["1"], "item": [None]}, schema={"order_id": pl.String, "item": pl.String}))
