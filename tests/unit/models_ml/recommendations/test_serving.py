"""The rules of the house, and counting what goes together."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_ml.recommendations import serving
from tests.unit.models_ml.recommendations.cases import RULES, products, rules


def _scored(**scores: float) -> pl.DataFrame:
    return pl.DataFrame({"key": "x", "product_id": list(scores), "score": list(scores.values())})


def _listed(scored: pl.DataFrame, offer: pl.DataFrame, **changes: object) -> list[str]:
    return serving.lists(scored, "key", offer, rules(**changes))["product_id"].to_list()


def test_what_is_not_for_sale_or_sold_at_a_loss_is_out() -> None:
    offer = serving.for_sale(
        products(
            A00={"is_for_sale": False},
            A01={"unit_margin_shop": -1.0},
            A02={"unit_margin_shop": None},
            A03={"unit_price_shop": None},
        )
    )
    assert _listed(_scored(A00=9, A01=8, A02=7, A03=6, A04=5), offer) == ["A02", "A03", "A04"]


def test_margin_moves_a_product_up_no_more_than_its_weight() -> None:
    offer = serving.for_sale(products(A00={"unit_margin_shop": 0.1}, A01={"unit_margin_shop": 10.0}))
    assert _listed(_scored(A00=1.0, A01=0.8), offer, margin_weight=0.25) == ["A01", "A00"]
    assert _listed(_scored(A00=1.0, A01=0.5), offer, margin_weight=0.25) == ["A00", "A01"]
    assert _listed(_scored(A00=1.0, A01=0.8), offer, margin_weight=0.0) == ["A00", "A01"]


def test_one_variant_of_a_product_and_few_of_a_category() -> None:
    offer = serving.for_sale(
        products(
            A00={"product_group_id": "g"},
            A01={"product_group_id": "g"},
            B00={"category": "other"},
            B01={"category": None},
            B02={"category": None},
            B03={"category": None},
        )
    )
    scored = _scored(A00=9, A01=8, A02=7, A03=6, B00=5, B01=4, B02=3, B03=2)
    assert _listed(scored, offer, max_per_category=2, list_length=5) == ["A00", "A02", "B00", "B01", "B02"]
    own = pl.DataFrame({"key": ["x"], "family": ["g"]})
    rest = serving.lists(scored, "key", offer, rules(max_per_category=2, list_length=2), families_out=own)
    assert rest.select("product_id", "rank").rows() == [("A02", 1), ("A03", 2)]


@given(
    baskets=st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=1, max_size=12),
    least=st.integers(1, 3),
    block=st.integers(1, 4),
)
@settings(max_examples=60, deadline=None)
def test_together_is_counting_by_hand(baskets: list[set[str]], least: int, block: int) -> None:
    frame = pl.DataFrame(
        [(str(number), item) for number, basket in enumerate(baskets) for item in sorted(basket)],
        schema=["basket_id", "product_id"],
        orient="row",
    )
    largest, shrink = 5, RULES.together_shrink
    kept = [basket for basket in baskets if len(basket) <= largest]
    expected = {}
    for one, other in permutations("abcdef", 2):
        count = sum({one, other} <= basket for basket in kept)
        if count >= least:
            sizes = [sum(item in basket for basket in kept) for item in (one, other)]
            expected[one, other] = (count, round(count / np.sqrt(sizes[0] * sizes[1]) * count / (count + shrink), 5))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving, "_ROWS", block)
        found = serving.together(frame, rules(least_together=least), largest=largest)
    got = {(one, other): (count, score) for one, other, count, score in found.iter_rows()}
    assert {pair: value[0] for pair, value in got.items()} == {pair: value[0] for pair, value in expected.items()}
    assert all(abs(got[pair][1] - expected[pair][1]) < 2e-5 for pair in got)
