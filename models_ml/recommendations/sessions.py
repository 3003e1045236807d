"""What a session's visitor may look at next: nearest sessions of the past (VS-kNN, Ludewig and Jannach 2018)."""

from __future__ import annotations

import polars as pl

from models_ml.recommendations.config import RecommendationAssumptions

VIEW = {"session_id": pl.String, "product_id": pl.String, "seen_at": pl.Datetime("us")}
_CHUNK = 2000  # sessions asked for at a time


def steps(views: pl.DataFrame) -> pl.DataFrame:
    """Each session's products in the order in which they were last looked at.

    Args:
        views: `session_id, product_id, seen_at`.

    Returns:
        `session_id, product_id, seen_at, position` from 1, `length`: products of the session.
    """
    return (
        views.group_by("session_id", "product_id")
        .agg(pl.col("seen_at").max())
        .sort("session_id", "seen_at", "product_id")
        .with_columns(position=pl.int_range(1, pl.len() + 1).over("session_id"), length=pl.len().over("session_id"))
    )


def next_products(
    asked: pl.DataFrame, past: pl.DataFrame, rules: RecommendationAssumptions, *, count: int
) -> pl.DataFrame:
    """What is looked at in the past sessions nearest to each asked one.

    A product of the asked session weighs its position over the session's length, so that the last one counts most. A
    past session's likeness is the sum of the weights of the products that both hold, over the root of its length; of
    the newest `session_sample` sessions of each product the `session_neighbours` likest count. A product's score is
    the sum of their likeness, times the logarithm of how rare it is.

    Args:
        asked: As from `steps`.
        past: As from `steps`; sessions of one product teach nothing and may be left out.
        rules: Neighbours and sample.
        count: How many products for each session.

    Returns:
        `session_id, product_id, score, rank`; products of the asked session itself are left out.
    """
    total = past["session_id"].n_unique()
    rarity = past.group_by("product_id").agg(rarity=(1 + total / pl.col("session_id").n_unique()).log())
    sample = (
        past.filter(pl.col("length") > 1)
        .sort(["seen_at", "session_id"], descending=[True, False])
        .filter(pl.int_range(pl.len()).over("product_id") < rules.session_sample)
        .select("product_id", past_id="session_id", past_length="length", past_at="seen_at")
    )
    held = past.select("product_id", past_id="session_id")
    sessions = asked["session_id"].unique().sort()
    frames = [
        _nearest(asked.filter(pl.col("session_id").is_in(part.implode())), sample, held, rarity, rules, count)
        for part in (sessions.slice(start, _CHUNK) for start in range(0, len(sessions), _CHUNK))
    ]
    return pl.concat(frames) if frames else pl.DataFrame(schema=NEXT)


NEXT = {"session_id": pl.String, "product_id": pl.String, "score": pl.Float64, "rank": pl.Int64}


def _nearest(
    asked: pl.DataFrame,
    sample: pl.DataFrame,
    held: pl.DataFrame,
    rarity: pl.DataFrame,
    rules: RecommendationAssumptions,
    count: int,
) -> pl.DataFrame:
    alike = (
        asked.join(sample, on="product_id")
        .filter(pl.col("session_id") != pl.col("past_id"))
        .group_by("session_id", "past_id")
        .agg(
            likeness=(pl.col("position") / pl.col("length")).sum() / pl.col("past_length").first().sqrt(),
            past_at=pl.col("past_at").max(),
        )
        .with_columns(pl.col("likeness").round(6))
        .sort(["session_id", "likeness", "past_at", "past_id"], descending=[False, True, True, False])
        .filter(pl.int_range(pl.len()).over("session_id") < rules.session_neighbours)
    )
    return (
        alike.join(held, on="past_id")
        .join(asked.select("session_id", "product_id"), on=["session_id", "product_id"], how="anti")
        .group_by("session_id", "product_id")
        .agg(pl.col("likeness").sum())
        .join(rarity, on="product_id")
        .with_columns(score=(pl.col("likeness") * pl.col("rarity")).round(5))
        .sort(["session_id", "score", "product_id"], descending=[False, True, False])
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("session_id"))
        .filter(pl.col("rank") <= count)
        .select(list(NEXT))
    )
