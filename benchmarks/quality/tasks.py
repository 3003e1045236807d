"""Each model on data of a simple form, beside the rivals that it has to beat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

import polars as pl

from lakehouse.errors import ConfigError
from models_ml import baskets, value
from models_ml.forecasting.config import default_assumptions as forecast_rules
from models_ml.forecasting.panel import DemandPanel
from models_ml.forecasting.products import forecast_products
from models_ml.inventory.config import default_assumptions as inventory_rules
from models_ml.inventory.purchasing.config import default_purchasing
from models_ml.inventory.simulation.run import comparison
from models_ml.recommendations import evaluation
from models_ml.recommendations.config import default_assumptions as recommendation_rules

Data = dict[str, pl.DataFrame]
_EARLY_SHARE = 0.8  # of the transactions, to learn rules from
_STEP_DAYS = 7  # longest step between two dates of a series


@dataclass(frozen=True)
class Measure:
    """One number.

    Attributes:
        task: What was done.
        method: By whom; `is_reference` tells the rivals.
        name: Of the measure.
        value: The number; None where it could not be formed.
    """

    task: str
    method: str
    name: str
    value: float | None
    is_reference: bool = False


def forecasting(data: Data) -> list[Measure]:
    """Daily (or weekly) series: the champions of each class against the seasonal naive and the mean of four weeks.

    Days of the test span without a row count as zero. Only the first 28 days of the test span are compared.
    """
    train, test = _daily(data["series_train"]), _daily(data["series_test"])
    _require_short_steps(train)
    rules = forecast_rules()
    start = cast("date", test["date"].min())
    last = min(cast("date", test["date"].max()), start + timedelta(days=rules.horizon_days - 1))
    dates = pl.DataFrame({"date": pl.date_range(start, last, eager=True)})
    known = train.filter(pl.col("date") < start)
    truth = (
        known.select("series_id").unique().join(dates, how="cross")
        .join(test, on=["series_id", "date"], how="left").with_columns(pl.col("value").fill_null(0.0))
    )  # fmt: skip
    demand = known.filter(pl.col("value") > 0).select(product_id="series_id", sales_date="date", demand_units="value")
    panel = DemandPanel.build(demand, until=start, rules=rules)
    if panel is None:
        raise ConfigError("series_train has no sale before the first day of series_test.")
    categories = data["series_train"]
    by_category = (
        dict(categories.select("series_id", "category").drop_nulls().unique("series_id").iter_rows())
        if "category" in categories.columns
        else None
    )
    made = forecast_products(panel, start, rules, categories=by_category)
    ours = made["product_forecast"].select(
        series_id="product_id",
        date="forecast_date",
        value="demand_units",
        low="demand_units_p10",
        high="demand_units_p90",
    )
    paths = {
        "ecomops": ours,
        "seasonal_naive": _seasonal_naive(known, dates, start),
        "mean_28": _mean(known, dates, start),
    }
    scale = _naive_error(known, start)
    measures = []
    for method, path in paths.items():
        both = truth.join(path, on=["series_id", "date"], how="left", suffix="_told").with_columns(
            pl.col("value_told").fill_null(0.0)
        )
        numbers = _errors(both, scale)
        if "low" in both.columns:
            inside = (pl.col("value") >= pl.col("low") - 1e-9) & (pl.col("value") <= pl.col("high") + 1e-9)
            numbers["coverage_80"] = cast(
                "float", both.filter(pl.col("low").is_not_null()).select(inside.mean()).item()
            )
        measures += [
            Measure("forecasting", method, name, number, method != "ecomops") for name, number in numbers.items()
        ]
    return measures


def basket_rules(data: Data) -> list[Measure]:
    """Pairs to act on, learned from the earlier transactions, in the later ones; beside the most frequent and the
    highest lifts."""
    lines = data["transactions"]
    order = ["date", "transaction_id"] if "date" in lines.columns else ["transaction_id"]
    baskets_ = lines.group_by("transaction_id").agg(pl.col(order[0]).min().alias("at")).sort("at", "transaction_id")
    early = baskets_.head(int(_EARLY_SHARE * baskets_.height))["transaction_id"].implode()
    past = lines.filter(pl.col("transaction_id").is_in(early))
    later = lines.filter(~pl.col("transaction_id").is_in(early)).select("transaction_id", "item_id").unique()
    tables = baskets.analyse(past.select(order_id="transaction_id", item="item_id"))
    sides = ("antecedent_product_ids", "consequent_product_ids")
    pairs = tables["basket_rule"].filter(
        ~pl.any_horizontal(pl.col(side).str.contains("+", literal=True) for side in sides)
    )
    offers = tables["cross_sell_pair"].select(one="product_id", other="offered_product_id").head(100)
    rivals = {
        name: pairs.sort([measure, *sides], descending=[True, False, False])
        .select(one=sides[0], other=sides[1])
        .head(offers.height)
        for name, measure in (("most_frequent", "together_count"), ("highest_lift", "lift"))
    }
    measures = []
    for method, chosen in {"ecomops": offers, **rivals}.items():
        numbers = _held(chosen, later) | {"pairs": float(chosen.height)}
        measures += [Measure("baskets", method, name, number, method != "ecomops") for name, number in numbers.items()]
    return measures


def customer_value(data: Data) -> list[Measure]:
    """BG/NBD and Gamma-Gamma on the last part of the history, as the model's own check holds it out."""
    orders = data["orders"].select(customer_id="customer_id", order_date="date", sales_shop="amount")
    until = cast("date", orders["order_date"].max()) + timedelta(days=1)
    parameters = value.value(orders, until=until)["value_parameter"]
    return [
        Measure("value", row["model"], row["name"], row["value"], "naive" in row["name"])
        for row in parameters.select("model", "value", name="parameter").iter_rows(named=True)
    ]


def recommendation(data: Data) -> list[Measure]:
    """Every method for customers on what came last; ratings below the middle of their scale are no liking."""
    rated = data["ratings"]
    if "rating" in rated.columns:
        span = rated.select(low=pl.col("rating").min(), high=pl.col("rating").max()).row(0, named=True)
        rated = rated.filter(pl.col("rating") >= (span["low"] + span["high"]) / 2)
    purchases = rated.select(customer_id="user_id", product_id="item_id", order_date="date")
    days = _test_days(purchases["order_date"])
    rules = recommendation_rules().model_copy(update={"test_days": days, "history_days": 36500})
    until = cast("date", purchases["order_date"].max()) + timedelta(days=1)
    found = evaluation.compare_customers(purchases, _NO_CATEGORIES, until=until, rules=rules)
    return _compared("recommendation", evaluation.with_champions(found, rules))


def sessions(data: Data) -> list[Measure]:
    """Every method for visits on their last item."""
    views = data["sessions"].select("session_id", product_id="item_id", seen_at="moment")
    days = _test_days(views["seen_at"].dt.date())
    rules = recommendation_rules().model_copy(update={"session_test_days": days, "views_days": 36500})
    until = cast("date", views["seen_at"].dt.date().max()) + timedelta(days=1)
    found = evaluation.compare_sessions(views, _NO_CATEGORIES, until=until, rules=rules)
    return _compared("sessions", evaluation.with_champions(found, rules))


def inventory(data: Data) -> list[Measure]:
    """The policy replayed on the last thirteen weeks against the rules that shops use."""
    terms, rules = data["stock_terms"], inventory_rules()
    series = pl.concat([_daily(data[name]) for name in ("series_train", "series_test") if name in data])
    demand = series.group_by(product_id="series_id", sales_date="date").agg(demand_units=pl.col("value").sum())
    items = terms.select(
        pl.col("series_id").alias("product_id"),
        "price",
        "unit_cost",
        *[
            (pl.col(name) if name in terms.columns else pl.lit(1.0)).fill_null(1.0).cast(pl.Int64).alias(name)
            for name in ("pack_units", "minimum_units")
        ],
    )
    chances = [(int(days), float(share)) for days, share in data["lead_times"].iter_rows()]
    table = comparison(
        demand,
        items,
        on=cast("date", demand["sales_date"].max()) + timedelta(days=1),
        lead_times=chances,
        review_days=rules.review_period_days.value,
        holding_rate=float(default_purchasing().holding_cost_rate.value),
        order_line_cost=0.0,
    )
    names = ("fill_rate_pct", "stock_value_shop", "lost_margin_shop", "stock_vs_rival_pct", "lost_vs_rival_pct")
    return [
        Measure("inventory", f"{row['policy']} {row['setting']:g} / {row['rival']}", name, row[name], row["is_rival"])
        for row in table.iter_rows(named=True)
        for name in names
        if row[name] is not None
    ]


TASKS: dict[str, tuple[tuple[str, ...], Callable[[Data], list[Measure]]]] = {
    "forecasting": (("series_train", "series_test"), forecasting),
    "baskets": (("transactions",), basket_rules),
    "value": (("orders",), customer_value),
    "recommendation": (("ratings",), recommendation),
    "sessions": (("sessions",), sessions),
    "inventory": (("series_train", "stock_terms", "lead_times"), inventory),
}
_NO_CATEGORIES = pl.DataFrame(schema={"product_id": pl.String, "category": pl.String})


def _daily(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by("series_id", "date").agg(pl.col("value").sum()).sort("series_id", "date")


def _require_short_steps(train: pl.DataFrame) -> None:
    dates = train["date"].unique().sort()
    step = cast("float | None", dates.diff().dt.total_days().median())
    if step is not None and step > _STEP_DAYS:
        raise ConfigError(
            f"series_train has a date every {step:g} days.",
            remedy="Give daily or weekly series; the models forecast days.",
        )


def _seasonal_naive(known: pl.DataFrame, dates: pl.DataFrame, start: date) -> pl.DataFrame:
    """The value of the same weekday of the last week before the test."""
    week = known.filter(pl.col("date") >= start - timedelta(days=7)).with_columns(weekday=pl.col("date").dt.weekday())
    return dates.with_columns(weekday=pl.col("date").dt.weekday()).join(
        week.select("series_id", "weekday", "value"), on="weekday"
    ).select("series_id", "date", "value")  # fmt: skip


def _mean(known: pl.DataFrame, dates: pl.DataFrame, start: date) -> pl.DataFrame:
    month = known.filter(pl.col("date") >= start - timedelta(days=28))
    means = month.group_by("series_id").agg(value=pl.col("value").sum() / 28)
    return means.join(dates, how="cross")


def _naive_error(known: pl.DataFrame, start: date) -> pl.DataFrame:
    """Mean absolute error of last week's value over the history of each series: what MASE divides by."""
    firsts = known.group_by("series_id").agg(first=pl.col("date").min())
    filled = (
        firsts.with_columns(date=pl.date_ranges("first", pl.lit(start - timedelta(days=1)))).explode("date")
        .join(known, on=["series_id", "date"], how="left").with_columns(pl.col("value").fill_null(0.0))
        .sort("series_id", "date")
    )  # fmt: skip
    step = (pl.col("value") - pl.col("value").shift(7)).abs().over("series_id")
    return filled.with_columns(step=step).group_by("series_id").agg(scale=pl.col("step").mean())


def _errors(both: pl.DataFrame, scale: pl.DataFrame) -> dict[str, float | None]:
    error = (pl.col("value") - pl.col("value_told")).abs()
    weeks = both.with_columns(week=(pl.col("date") - pl.col("date").min()).dt.total_days() // 7).group_by(
        "series_id", "week"
    ).agg(pl.col("value", "value_told").sum())  # fmt: skip
    whole = pl.col("value").sum()
    scaled = both.group_by("series_id").agg(mae=error.mean()).join(scale, on="series_id").filter(pl.col("scale") > 0)
    return {
        "wape_day": both.select(error.sum() / whole).item(),
        "wape_week": weeks.select(error.sum() / whole).item(),
        "bias_pct": both.select(100 * (pl.col("value_told").sum() - whole) / whole).item(),
        "mase": scaled.select((pl.col("mae") / pl.col("scale")).mean()).item(),
        "series": float(both["series_id"].n_unique()),
    }


def _held(pairs: pl.DataFrame, later: pl.DataFrame) -> dict[str, float | None]:
    """Confidence and lift of pairs in transactions that they were not learned from."""
    count = later["transaction_id"].n_unique()
    holds = later.group_by("item_id").agg(n=pl.len())
    both = (
        pairs.join(later.rename({"item_id": "one"}), on="one")
        .join(later.rename({"item_id": "other"}), on=["transaction_id", "other"])
        .group_by("one", "other").agg(both=pl.len())
    )  # fmt: skip
    seen = (
        pairs.join(holds.rename({"item_id": "one", "n": "ones"}), on="one")
        .join(holds.rename({"item_id": "other", "n": "others"}), on="other")
        .join(both, on=["one", "other"], how="left").with_columns(pl.col("both").fill_null(0))
        .with_columns(
            confidence=pl.col("both") / pl.col("ones"),
            lift=pl.col("both") * count / (pl.col("ones").cast(pl.Float64) * pl.col("others")),
        )
    )  # fmt: skip
    return {
        "confidence_later": seen.select(pl.col("both").sum() / pl.col("ones").sum()).item() if seen.height else None,
        "lift_above_1_later": seen.select((pl.col("lift") > 1).mean()).item(),
        "together_later": float(seen["both"].sum()),
    }


def _test_days(dates: pl.Series) -> int:
    """A tenth of the span, between a day and four weeks."""
    span = (cast("date", dates.max()) - cast("date", dates.min())).days + 1
    return max(1, min(28, span // 10))


def _compared(task: str, accuracy: pl.DataFrame) -> list[Measure]:
    if accuracy.is_empty():
        return [Measure(task, "too few to compare", "cases", 0.0)]
    names = ("ndcg", "recall", "hit_rate", "mrr", "coverage")
    means = accuracy.group_by("method", maintain_order=True).agg(
        pl.col(*names).mean(), cases=pl.col("case_count").sum()
    )
    return [
        Measure(task, row["method"], name, float(row[name]), row["method"] == "popularity")
        for row in means.iter_rows(named=True)
        for name in (*names, "cases")
    ]
