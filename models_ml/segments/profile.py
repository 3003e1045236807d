"""A kind's clusters as tables: who is in which, what each is like, and how their number was chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from sklearn.metrics import adjusted_rand_score  # type: ignore[import-untyped]

from models_ml.segments.clusters import TRIALS, Clusters, Floats, assigned, choose, cluster, renumbered
from models_ml.segments.config import SegmentAssumptions
from models_ml.segments.features import Scale, scale_of
from models_ml.segments.naming import label_keys, wording

MEMBER = {"kind": pl.String, "member_id": pl.String, "cluster_id": pl.String, "distance": pl.Float64}
PROFILE = {
    "kind": pl.String,
    "cluster_id": pl.String,
    "feature": pl.String,
    "label_en": pl.String,
    "label_zh": pl.String,
    "label_key": pl.String,
    "member_count": pl.Int64,
    "member_share": pl.Float64,
    "median_value": pl.Float64,
    "median_of_all": pl.Float64,
    "deviation": pl.Float64,
}
CHOICE = {"kind": pl.String, **TRIALS, "stability_over_time": pl.Float64}


@dataclass(frozen=True)
class Grouping:
    """The clusters of a kind.

    Attributes:
        scale: Of the last moment's features.
        clusters: Of the last moment.
        trials: How their number was chosen.
        members: `member_id, cluster_id` at each moment, oldest first.
        agreement: Adjusted Rand index of the last two moments' clusters on the members of both; None with one moment.
    """

    scale: Scale
    clusters: Clusters
    trials: pl.DataFrame
    members: list[pl.DataFrame]
    agreement: float | None


def grouped(moments: list[pl.DataFrame], features: tuple[str, ...], assumptions: SegmentAssumptions) -> Grouping:
    """Clusters of each moment, each numbered after the one before.

    The number of clusters and the scale are those of the last moment, so that a month's clusters are comparable with
    the next one's; the clusters themselves are found anew each month.

    Args:
        moments: Features at each moment, oldest first; those with too few members are passed over. The last is not.
        features: Columns.
        assumptions: The criteria.
    """
    scale = scale_of(moments[-1], features)
    points = scale.matrix(moments[-1])
    trials = choose(points, assumptions)
    count = int(trials.filter("is_chosen")["cluster_count"][0])
    usable = [moment for moment in moments[:-1] if moment.height >= assumptions.min_members]
    centres: Floats | None = None
    members: list[pl.DataFrame] = []
    found = cluster(points, count, assumptions.seed)
    for moment in [*usable, moments[-1]]:
        found = cluster(scale.matrix(moment), count, assumptions.seed)
        if centres is not None:
            found = renumbered(found, centres)
        centres = found.centres
        members.append(moment.select("member_id", cluster_id=pl.Series(names(found.labels), dtype=pl.String)))
    agreement = None
    if len(members) > 1 and centres is not None:
        before = usable[-1]
        old = cluster(scale.matrix(before), count, assumptions.seed)
        agreement = float(adjusted_rand_score(assigned(points, old.centres).labels, found.labels))
    return Grouping(scale, found, trials, members, agreement)


def names(labels: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[str]:
    """Ids of clusters: their number from 1."""
    return [str(label + 1) for label in labels]


def member_table(kind: str, frame: pl.DataFrame, grouping: Grouping) -> pl.DataFrame:
    """Each member's cluster and how far from its centre it lies, in standard deviations."""
    points = grouping.scale.matrix(frame)
    labels = grouping.clusters.labels
    distance = np.sqrt(((points - grouping.clusters.centres[labels]) ** 2).sum(axis=1)).round(6)
    return frame.select(
        pl.lit(kind).alias("kind"),
        "member_id",
        pl.Series("cluster_id", names(labels), dtype=pl.String),
        pl.Series("distance", distance, dtype=pl.Float64),
    )


def profile_table(kind: str, frame: pl.DataFrame, grouping: Grouping, assumptions: SegmentAssumptions) -> pl.DataFrame:
    """What each cluster is like: its label, and of every feature its median beside that of all."""
    features, centres = grouping.scale.features, grouping.clusters.centres
    overall = grouping.scale.matrix(frame).mean(axis=0)
    keys = label_keys(centres - overall, features, assumptions)
    rows = [
        (kind, str(number + 1), feature, *wording(key), key, round(float(centres[number, at] - overall[at]), 6))
        for number, key in enumerate(keys)
        for at, feature in enumerate(features)
    ]
    named = pl.DataFrame(
        rows,
        schema=["kind", "cluster_id", "feature", "label_en", "label_zh", "label_key", "deviation"],
        orient="row",
    )
    long = (
        frame.with_columns(cluster_id=pl.Series(names(grouping.clusters.labels), dtype=pl.String))
        .unpivot(index="cluster_id", on=list(features), variable_name="feature", value_name="value")
        .with_columns(median_of_all=pl.col("value").median().over("feature"))
    )
    medians = long.group_by("cluster_id", "feature").agg(
        member_count=pl.len().cast(pl.Int64),
        median_value=pl.col("value").median().round(6),
        median_of_all=pl.col("median_of_all").first().round(6),
    )
    whole = named.join(medians, on=["cluster_id", "feature"], how="inner")
    return whole.with_columns(member_share=pl.col("member_count") / frame.height).select(list(PROFILE))


def choice_table(kind: str, grouping: Grouping) -> pl.DataFrame:
    """The numbers of clusters that were tried, and the stability over time of the chosen one."""
    agreement = pl.lit(grouping.agreement, dtype=pl.Float64)
    return grouping.trials.with_columns(
        kind=pl.lit(kind), stability_over_time=pl.when("is_chosen").then(agreement)
    ).select(list(CHOICE))
