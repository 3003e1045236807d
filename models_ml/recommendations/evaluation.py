"""Methods compared on what came after: a split by time, never at random."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import polars as pl

from models_ml.recommendations import rankers
from models_ml.recommendations.config import RecommendationAssumptions
from models_ml.recommendations.interactions import interactions
from models_ml.recommendations.sessions import next_products, steps

CUSTOMER, SESSION = "customer", "session"
LAST_PRODUCT, SESSION_KNN = "last_product", "session_knn"
SESSION_METHODS = (rankers.POPULARITY, LAST_PRODUCT, SESSION_KNN)
ACCURACY = {
    "task": pl.String,
    "method": pl.String,
    "cut_date": pl.Date,
    "until_date": pl.Date,
    "list_length": pl.Int64,
    "case_count": pl.Int64,
    "ndcg": pl.Float64,
    "recall": pl.Float64,
    "hit_rate": pl.Float64,
    "mrr": pl.Float64,
    "coverage": pl.Float64,
    "categories_per_list": pl.Float64,
    "is_champion": pl.Boolean,
}


def measures(lists: pl.DataFrame, truth: pl.DataFrame, *, length: int, offered: int) -> dict[str, float]:
    """Measures of ranked lists against what came.

    NDCG with gain 1 and discount log2(rank + 1), its ideal the best list that the truth allows (Järvelin and Kekäläinen
    2002); recall: share of a case's truth in its list; hit rate: cases with one at least; MRR: mean of one over the
    rank of the first; coverage: share of the products on offer that are in any list.

    Args:
        lists: `case_id, product_id, rank`; a case without rows has an empty list.
        truth: `case_id, product_id`, each once.
        length: Length of a list; what is ranked lower does not count.
        offered: Products that could have been recommended.
    """
    shown = lists.filter(pl.col("rank") <= length)
    ideal = pl.DataFrame({"rank": range(1, length + 1)}, schema={"rank": pl.Int64}).select(
        found=pl.col("rank"), ideal=(1 / (pl.col("rank") + 1).log(2)).cum_sum()
    )
    cases = truth.group_by("case_id").agg(count=pl.len().cast(pl.Int64))
    hits = (
        shown.join(truth, on=["case_id", "product_id"], how="semi")
        .group_by("case_id")
        .agg(
            gain=(1 / (pl.col("rank") + 1).log(2)).sum(),
            hit_count=pl.len(),
            first=pl.col("rank").min(),
        )
    )
    scored = (
        cases.with_columns(found=pl.min_horizontal("count", pl.lit(length, dtype=pl.Int64)))
        .join(ideal, on="found", how="left")
        .join(hits, on="case_id", how="left")
        .select(
            ndcg=(pl.col("gain") / pl.col("ideal")).fill_null(0),
            recall=(pl.col("hit_count") / pl.col("count")).fill_null(0),
            hit_rate=pl.col("hit_count").is_not_null().cast(pl.Float64),
            mrr=(1 / pl.col("first")).fill_null(0),
        )
    )
    means = {name: round(float(value), 6) for name, value in scored.mean().row(0, named=True).items()}
    asked = shown.join(cases, on="case_id", how="semi")
    return means | {"coverage": round(asked["product_id"].n_unique() / max(offered, 1), 6)}


def compare_customers(
    purchases: pl.DataFrame, categories: pl.DataFrame, *, until: date, rules: RecommendationAssumptions
) -> pl.DataFrame:
    """Every method on first purchases: what did customers who had bought before buy next that was new to them?

    Args:
        purchases: `customer_id, product_id, order_date`.
        categories: `product_id, category`.
        until: The first day that is not known.
        rules: Splits and lengths.

    Returns:
        Rows of the accuracy table, `is_champion` false; a split with too few customers is left out.
    """
    rows: list[dict[str, object]] = []
    for cut, end in _splits(until, rules.test_days, rules.splits):
        data = interactions(purchases, until=cut, rules=rules)
        truth = (
            purchases.filter(
                (pl.col("order_date") >= cut)
                & (pl.col("order_date") < end)
                & pl.col("customer_id").is_in(data.customers.implode())
                & pl.col("product_id").is_in(data.products.implode())
            )
            .join(purchases.filter(pl.col("order_date") < cut), on=["customer_id", "product_id"], how="anti")
            .select(case_id="customer_id", product_id="product_id")
            .unique()
        )
        chosen = truth["case_id"].unique().sort().head(rules.most_cases)
        truth = truth.filter(pl.col("case_id").is_in(chosen.implode()))
        if truth["case_id"].n_unique() < rules.least_cases:
            continue
        fitted = rankers.fit(data, rules)
        for method in rankers.METHODS:
            lists = rankers.best(fitted, method, truth["case_id"], rules.list_length)
            rows.append(
                _row(
                    CUSTOMER,
                    method,
                    (cut, end),
                    lists.rename({"customer_id": "case_id"}),
                    truth,
                    categories,
                    offered=len(data.products),
                    rules=rules,
                )
            )
    return pl.DataFrame(rows, schema=ACCURACY)


def compare_sessions(
    views: pl.DataFrame, categories: pl.DataFrame, *, until: date, rules: RecommendationAssumptions
) -> pl.DataFrame:
    """Every session method on a session's last product, known the ones before it.

    Args:
        views: `session_id, product_id, seen_at`.
        categories: `product_id, category`.
        until: The first day that is not known.
        rules: Splits and lengths.

    Returns:
        As `compare_customers`.
    """
    every = steps(views)
    begun = every.group_by("session_id").agg(began=pl.col("seen_at").min())
    rows: list[dict[str, object]] = []
    for cut, end in _splits(until, rules.session_test_days, rules.splits):
        since, before, after = (
            datetime.combine(day, time()) for day in (cut - timedelta(days=rules.views_days), cut, end)
        )
        of_split = every.join(begun, on="session_id")
        past = of_split.filter(
            (pl.col("began") >= since) & (pl.col("began") < before) & (pl.col("seen_at") < before)
        ).drop("began")
        later = of_split.filter((pl.col("began") >= before) & (pl.col("began") < after) & (pl.col("length") > 1))
        truth = (
            later.filter(
                (pl.col("position") == pl.col("length")) & pl.col("product_id").is_in(past["product_id"].implode())
            )
            .select(case_id="session_id", product_id="product_id")
            .sort("case_id")
            .head(rules.most_cases)
        )
        if truth.height < rules.least_cases:
            continue
        asked = (
            later.filter(pl.col("position") < pl.col("length"))
            .join(truth, left_on="session_id", right_on="case_id", how="semi")
            .with_columns(length=pl.col("length") - 1)
        )
        for method, lists in _session_lists(asked, past, rules).items():
            rows.append(
                _row(
                    SESSION,
                    method,
                    (cut, end),
                    lists.rename({"session_id": "case_id"}),
                    truth,
                    categories,
                    offered=past["product_id"].n_unique(),
                    rules=rules,
                )
            )
    return pl.DataFrame(rows, schema=ACCURACY)


def with_champions(accuracy: pl.DataFrame, rules: RecommendationAssumptions) -> pl.DataFrame:
    """Marks each task's best method: the highest mean NDCG, if it beats what is popular by the margin."""
    means = accuracy.group_by("task", "method").agg(pl.col("ndcg").mean())
    plain = means.filter(pl.col("method") == rankers.POPULARITY).select("task", plain="ndcg")
    chosen = (
        means.join(plain, on="task")
        .filter(
            (pl.col("method") == rankers.POPULARITY) | (pl.col("ndcg") > pl.col("plain") * (1 + rules.champion_margin))
        )
        .sort(["task", "ndcg", "method"], descending=[False, True, False])
        .group_by("task", maintain_order=True)
        .agg(champion=pl.col("method").first())
    )
    return (
        accuracy.join(chosen, on="task", how="left")
        .with_columns(is_champion=pl.col("method") == pl.col("champion"))
        .select(list(ACCURACY))
    )


def champion(accuracy: pl.DataFrame, task: str, otherwise: str) -> str:
    """The task's best method, or another where nothing could be compared."""
    found = accuracy.filter((pl.col("task") == task) & pl.col("is_champion"))["method"]
    return str(found[0]) if len(found) else otherwise


def _splits(until: date, days: int, count: int) -> list[tuple[date, date]]:
    """First and end day of each test, the latest first."""
    ends = [until - timedelta(days=days * number) for number in range(count)]
    return [(end - timedelta(days=days), end) for end in ends]


def _session_lists(
    asked: pl.DataFrame, past: pl.DataFrame, rules: RecommendationAssumptions
) -> dict[str, pl.DataFrame]:
    last = (
        asked.filter(pl.col("position") == pl.col("length"))
        .with_columns(position=pl.lit(1, dtype=pl.Int64), length=pl.lit(1, dtype=pl.UInt32))
        .select(asked.columns)
    )
    popular = (
        past.group_by("product_id")
        .agg(sessions=pl.col("session_id").n_unique())
        .sort(["sessions", "product_id"], descending=[True, False])
        .head(rules.list_length + int(asked.select(pl.col("length").max()).item()))
    )
    plain = (
        asked.select("session_id")
        .unique()
        .join(popular, how="cross")
        .join(asked.select("session_id", "product_id"), on=["session_id", "product_id"], how="anti")
        .sort(["session_id", "sessions", "product_id"], descending=[False, True, False])
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("session_id"))
    )
    return {
        rankers.POPULARITY: plain.filter(pl.col("rank") <= rules.list_length),
        LAST_PRODUCT: next_products(last, past, rules, count=rules.list_length),
        SESSION_KNN: next_products(asked, past, rules, count=rules.list_length),
    }


def _row(
    task: str,
    method: str,
    split: tuple[date, date],
    lists: pl.DataFrame,
    truth: pl.DataFrame,
    categories: pl.DataFrame,
    *,
    offered: int,
    rules: RecommendationAssumptions,
) -> dict[str, object]:
    shown = lists.join(truth, on="case_id", how="semi").join(categories, on="product_id", how="left")
    of_list = shown.group_by("case_id").agg(pl.col("category").drop_nulls().n_unique())["category"]
    return {
        "task": task,
        "method": method,
        "cut_date": split[0],
        "until_date": split[1],
        "list_length": rules.list_length,
        "case_count": truth["case_id"].n_unique(),
        **measures(lists, truth, length=rules.list_length, offered=offered),
        "categories_per_list": None if of_list.is_empty() else round(float(of_list.mean()), 6),  # type: ignore[arg-type]
        "is_champion": False,
    }
