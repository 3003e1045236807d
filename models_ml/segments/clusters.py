"""Clusters by k-means, their number by stated criteria, their numbers kept from one month to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]
from sklearn.cluster import KMeans  # type: ignore[import-untyped]
from sklearn.metrics import adjusted_rand_score, silhouette_score  # type: ignore[import-untyped]

from models_ml.segments.config import SegmentAssumptions

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
TRIALS = {
    "cluster_count": pl.Int64,
    "silhouette": pl.Float64,
    "stability": pl.Float64,
    "smallest_share": pl.Float64,
    "is_admissible": pl.Boolean,
    "is_chosen": pl.Boolean,
}


@dataclass(frozen=True)
class Clusters:
    """Clusters of one moment.

    Attributes:
        centres: A row for each cluster, in standard deviations.
        labels: Row number of each member's cluster.
    """

    centres: Floats
    labels: Integers


def cluster(points: Floats, count: int, seed: int, *, starts: int = 5) -> Clusters:
    """K-means with a fixed seed; clusters ordered by their centres, so that their order does not hang on the seed."""
    if count == 1:
        return Clusters(points.mean(axis=0, keepdims=True), np.zeros(len(points), dtype=np.int64))
    model = KMeans(n_clusters=count, n_init=starts, random_state=seed).fit(points)
    order = np.lexsort(np.round(model.cluster_centers_, 6).T[::-1])
    return assigned(points, np.asarray(model.cluster_centers_[order], dtype=np.float64))


def assigned(points: Floats, centres: Floats) -> Clusters:
    """Each point's nearest centre."""
    distances = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
    return Clusters(centres, np.argmin(distances, axis=1).astype(np.int64))


def choose(points: Floats, assumptions: SegmentAssumptions) -> pl.DataFrame:
    """Tries every number of clusters; the admissible one with the best silhouette is chosen, the smaller of equals.

    Admissible: clusters of bootstrap resamples put everybody together as those of all do (mean adjusted Rand index of
    at least `min_stability`), and none is smaller than `min_cluster_share`. If no number is, all are one group.

    Args:
        points: A row for each member.
        assumptions: The criteria.

    Returns:
        Columns of `TRIALS`, by number; a row for one cluster if that is chosen.
    """
    distinct = len(np.unique(points, axis=0))
    rng = np.random.default_rng(assumptions.seed)
    sample = rng.permutation(len(points))[: assumptions.max_sample]
    resamples = [rng.integers(0, len(points), len(points)) for _ in range(assumptions.resamples)]
    rows: list[tuple[int, float, float, float]] = []
    if len(points) >= assumptions.min_members:
        counts = range(2, min(assumptions.max_clusters, distinct - 1) + 1)
        rows = [_trial(points, count, sample, resamples, assumptions.seed) for count in counts]
    trials = pl.DataFrame(rows, schema=dict(list(TRIALS.items())[:4]), orient="row").with_columns(
        is_admissible=(pl.col("stability") >= assumptions.min_stability)
        & (pl.col("smallest_share") >= assumptions.min_cluster_share)
    )
    best = trials.filter("is_admissible").sort(["silhouette", "cluster_count"], descending=[True, False])
    if best.is_empty():
        alone = pl.DataFrame([(1, None, None, 1.0, True)], schema=dict(list(TRIALS.items())[:5]), orient="row")
        trials, chosen = pl.concat([alone, trials]), 1
    else:
        chosen = int(best["cluster_count"][0])
    return trials.with_columns(is_chosen=pl.col("cluster_count") == chosen).select(list(TRIALS))


def _trial(
    points: Floats, count: int, sample: Integers, resamples: list[Integers], seed: int
) -> tuple[int, float, float, float]:
    found = cluster(points, count, seed)
    sizes = np.bincount(found.labels, minlength=count)
    some = found.labels[sample]
    silhouette = float(silhouette_score(points[sample], some)) if len(np.unique(some)) > 1 else -1.0
    agreement = [
        adjusted_rand_score(found.labels, assigned(points, cluster(points[rows], count, seed, starts=2).centres).labels)
        for rows in resamples
    ]
    share = float(sizes.min()) / len(points)
    return count, round(silhouette, 6), round(float(np.mean(agreement)), 6), share


def renumbered(found: Clusters, before: Floats) -> Clusters:
    """The same clusters, each in the place of the nearest of the ones before (least distances in all).

    Args:
        found: Clusters in the standard deviations that `before` is in.
        before: Centres of the moment before, as many.
    """
    distances = ((before[:, None, :] - found.centres[None, :, :]) ** 2).sum(axis=2)
    _, order = linear_sum_assignment(distances)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return Clusters(found.centres[order], place[found.labels])
