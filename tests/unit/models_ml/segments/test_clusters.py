"""Clusters: planted ones are found, none are invented, numbers and names stay."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score  # type: ignore[import-untyped]

from models_ml.segments.clusters import Clusters, Floats, choose, cluster, renumbered
from models_ml.segments.config import default_assumptions, words
from models_ml.segments.features import CUSTOMER_FEATURES, PRODUCT_FEATURES
from models_ml.segments.naming import label_keys, wording

ASSUMPTIONS = default_assumptions()


def planted(centres: list[list[float]], each: int = 120, seed: int = 1) -> tuple[Floats, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(centres)), each)
    return np.array(centres)[truth] + rng.normal(0, 0.3, (len(truth), len(centres[0]))), truth


def test_planted_clusters_are_counted_and_found() -> None:
    points, truth = planted([[-2, 0], [2, 0], [0, 2.5]])
    trials = choose(points, ASSUMPTIONS)
    chosen = trials.filter("is_chosen").row(0, named=True)
    assert chosen["cluster_count"] == 3
    assert chosen["stability"] > 0.95
    assert adjusted_rand_score(truth, cluster(points, 3, ASSUMPTIONS.seed).labels) > 0.98


def test_where_resamples_disagree_all_are_one_group() -> None:
    strict = ASSUMPTIONS.model_copy(update={"min_stability": 0.95})
    cloud = np.random.default_rng(2).normal(0, 1, (300, 5))
    assert choose(cloud, strict).filter("is_chosen")["cluster_count"].to_list() == [1]


def test_a_handful_is_no_cluster() -> None:
    points, _ = planted([[0.0, 0.0]], each=400)
    far = points.copy()
    far[:4] += 9
    trials = choose(far, ASSUMPTIONS)
    assert not trials.filter(cluster_count=2)["is_admissible"][0]


def test_too_few_or_all_alike_are_one_group() -> None:
    for points in (np.zeros((500, 2)), planted([[-2, 0], [2, 0]], each=10)[0]):
        assert choose(points, ASSUMPTIONS)["cluster_count"].to_list() == [1]


def test_numbers_stay_with_the_clusters_when_they_move() -> None:
    points, _ = planted([[-2, 0], [2, 0], [0, 2.5]])
    before = cluster(points, 3, ASSUMPTIONS.seed)
    mixed = Clusters(before.centres[[2, 0, 1]] + 0.2, np.array([1, 2, 0])[before.labels])
    after = renumbered(mixed, before.centres)
    assert (after.labels == before.labels).all()
    assert after.centres == pytest.approx(before.centres + 0.2)


def test_names_say_what_lies_furthest_out() -> None:
    centres = np.array([[1.6, 0.1, -0.9], [0.1, 0.2, -0.3], [1.5, 0.6, -0.8]])
    keys = label_keys(centres, ["recency_days", "order_count", "order_value"], ASSUMPTIONS)
    # The first and the third would both be "not seen for long, small orders": the third has one more word to say.
    assert keys == [
        "recency_days.high+order_value.low",
        "average",
        "recency_days.high+order_value.low+order_count.high",
    ]
    assert wording(keys[0]) == ("Not seen for long, small orders", "久未购买、客单价低")
    assert wording("average#2") == ("Like the average (2)", "接近平均 (2)")


def test_every_feature_has_words_for_both_sides() -> None:
    expected = {f"{name}.{side}" for name in (*CUSTOMER_FEATURES, *PRODUCT_FEATURES) for side in ("high", "low")}
    assert words().keys() == expected | {"average"}
