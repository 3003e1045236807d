"""Against the sandbox's rivals, whose traps are made to be fallen into; seeds on which no threshold was chosen."""

from __future__ import annotations

import polars as pl
import pytest

from models_ml.matching import match
from models_ml.matching.subjects import OFFERS
from sandbox.world.spec import WorldSpec
from tests.support.rivals import NO_DECISIONS, Catalogue, listings, measured, offers


@pytest.mark.parametrize("seed", [931, 932])
def test_precision_and_recall_on_rivals_that_nothing_was_tuned_on(seed: int) -> None:
    catalogue = Catalogue(WorldSpec(seed=seed, products=400))
    shown = offers(catalogue, size=80)
    found = match(shown.select(list(OFFERS)), listings(catalogue), NO_DECISIONS)["offer_match"]
    precision, recall, both = measured(found, shown)
    assert precision >= 0.98
    assert recall >= 0.9
    # What has the numbers of ours and is something else waits for a person; it is not matched for its numbers.
    traps = both.filter(pl.col("how").is_in(["near_miss:multipack", "near_miss:refurbished"]))
    assert traps.height > 10
    assert "matched" not in traps["status"].to_list()
    # What a person is asked is little against what is decided.
    assert both.filter(pl.col("status") == "review").height < 0.25 * both.height
