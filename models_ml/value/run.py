"""From the warehouse's orders of known persons to what each of them will be worth."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

import numpy as np
import polars as pl

from lakehouse.settings import Settings
from models_ml.tables import MONEY, FrameReader, conform, local_date
from models_ml.value.check import CALIBRATION, KEYS, check
from models_ml.value.config import ValueAssumptions, default_assumptions
from models_ml.value.history import COLUMNS, Columns, columns_of, purchases, summarise
from models_ml.value.models import Fitted, fit

logger = logging.getLogger(__name__)

CUSTOMER_VALUE = {
    "customer_id": pl.String,
    "repeat_count": pl.Int64,
    "recency_days": pl.Int64,
    "age_days": pl.Int64,
    "sales_shop": MONEY,
    "p_alive": pl.Float64,
    "expected_order_count": pl.Float64,
    "expected_order_value_shop": MONEY,
    "value_shop": MONEY,
    "value_margin_shop": MONEY,
    "value_rank": pl.Int64,
    "status": pl.String,
}
VALUE_PARAMETER = {"model": pl.String, "parameter": pl.String, "value": pl.Float64, "status": pl.String}
ORDERS_SQL = """
select customer_id, order_date, sum(cast(sales_shop as double)) as sales_shop
from fct_customer_order
where order_date < ? and order_date >= ?
group by customer_id, order_date
order by customer_id, order_date
"""
# What is left of a unit of money that customers pay for goods, after returns and the goods' cost, where it is known.
MARGIN_SQL = """
select
    cast(sum(gross_sales_shop - discounts_shop) as double) as sales,
    cast(sum(gross_margin_shop) as double) as margin
from fct_contribution
where sales_date < ? and sales_date >= ? and uncosted_units = 0
"""


def run(reader: FrameReader, *, as_of: datetime, settings: Settings) -> dict[str, pl.DataFrame]:
    """Values the customers of the published marts.

    Args:
        reader: The warehouse; orders before the shop's local date of `as_of` are read.
        as_of: The moment of knowledge.
        settings: For the shop's time zone.

    Returns:
        `customer_value`, `value_calibration`, `value_parameter`.
    """
    assumptions = default_assumptions()
    until = local_date(as_of, settings.shop_time_zone)
    orders = reader.frame(ORDERS_SQL, [until, until - timedelta(days=assumptions.history_days)])
    sold = reader.frame(MARGIN_SQL, [until, until - timedelta(days=365)]).row(0, named=True)
    margin = sold["margin"] / sold["sales"] if sold["margin"] is not None and sold["sales"] else None
    return value(orders, until=until, margin_share=margin, assumptions=assumptions)


def value(
    orders: pl.DataFrame,
    *,
    until: date,
    margin_share: float | None = None,
    assumptions: ValueAssumptions | None = None,
) -> dict[str, pl.DataFrame]:
    """The same from a frame.

    Args:
        orders: `customer_id, order_date, sales_shop`.
        until: The first day that is not known.
        margin_share: What is left of sales after returns and cost of goods; None if no source tells.
        assumptions: Those of the repository's file by default.

    Returns:
        `customer_value`, a row for each customer; where the history is too thin to tell, chances and values are null
        and `status` says why. `value_calibration` (see `check`) and `value_parameter`, a row for each number.
    """
    assumptions = assumptions or default_assumptions()
    bought = purchases(orders.select(COLUMNS)).filter(pl.col("order_date") < until)
    summary = summarise(bought, until=until)
    fitted = fit(summary, assumptions)
    table = _customers(summary, fitted, margin_share, assumptions)
    calibration, measures = check(bought, until=until, assumptions=assumptions)
    logger.info("Value: %d customers, purchases %s, spending %s.", summary.height, fitted.purchase_status,
                fitted.spending_status)  # fmt: skip
    parameters = _parameters(summary, fitted, margin_share, measures)
    return {
        "customer_value": conform(table, CUSTOMER_VALUE, table="customer_value", keys=["customer_id"]),
        "value_calibration": conform(calibration, CALIBRATION, table="value_calibration", keys=KEYS),
        "value_parameter": conform(parameters, VALUE_PARAMETER, table="value_parameter", keys=["model", "parameter"]),
    }


def _customers(
    summary: pl.DataFrame, fitted: Fitted, margin_share: float | None, assumptions: ValueAssumptions
) -> pl.DataFrame:
    seen = columns_of(summary)
    own = summary.with_columns(
        repeat_count=pl.col("frequency"),
        recency_days=((pl.col("age_weeks") - pl.col("recency_weeks")) * 7).round().cast(pl.Int64),
        age_days=(pl.col("age_weeks") * 7).round().cast(pl.Int64),
        sales_shop=pl.col("sales").cast(MONEY),
        status=pl.lit(fitted.purchase_status),
        expected_order_value_shop=pl.Series(fitted.order_value(seen)).cast(MONEY),
    )
    if fitted.purchases is None:
        nothing = {name: pl.lit(None, dtype=kind) for name, kind in _TOLD.items()}
        return own.with_columns(**nothing).select(list(CUSTOMER_VALUE))
    orders, worth = _discounted(seen, fitted, assumptions)
    margin = pl.lit(None, dtype=MONEY) if margin_share is None else (pl.Series(worth) * margin_share).cast(MONEY)
    told = own.with_columns(
        p_alive=pl.Series(fitted.purchases.p_alive(seen.x, seen.t_x, seen.age)),
        expected_order_count=pl.Series(orders),
        value_shop=pl.Series(worth).cast(MONEY),
        value_margin_shop=margin,
    )
    ranked = told.sort(["value_shop", "customer_id"], descending=[True, False]).with_columns(
        value_rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    )
    return ranked.select(list(CUSTOMER_VALUE))


_TOLD = {
    "p_alive": pl.Float64(),
    "expected_order_count": pl.Float64(),
    "value_shop": MONEY,
    "value_margin_shop": MONEY,
    "value_rank": pl.Int64(),
}


def _discounted(
    seen: Columns, fitted: Fitted, assumptions: ValueAssumptions
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Expected purchases of the horizon, and what they bring, each month's discounted from its middle."""
    months = fitted.orders_by_month(seen, assumptions.horizon_months)
    factor = [(1 + assumptions.annual_discount_rate) ** (-(month + 0.5) / 12) for month in range(len(months))]
    present = sum((orders * share for orders, share in zip(months, factor, strict=True)), np.zeros_like(seen.x))
    return np.sum(months, axis=0), present * fitted.order_value(seen)


def _parameters(
    summary: pl.DataFrame, fitted: Fitted, margin_share: float | None, measures: dict[str, float]
) -> pl.DataFrame:
    buys, spends = fitted.purchases, fitted.spending
    rows: list[tuple[str, str, float | None, str]] = [
        ("bg_nbd", name, None if buys is None else float(getattr(buys, name)), fitted.purchase_status)
        for name in ("r", "alpha", "a", "b", "log_likelihood", "is_at_bound")
    ]
    for name in ("p", "q", "v", "log_likelihood", "is_at_bound"):
        number = None if spends is None else float(getattr(spends, name))
        rows.append(("gamma_gamma", name, number, fitted.spending_status))
    rows.append(("gamma_gamma", "frequency_correlation", _correlation(summary), fitted.spending_status))
    rows.append(("margin", "margin_share", margin_share, "not_told" if margin_share is None else "measured"))
    rows.append(("history", "customers", float(summary.height), "measured"))
    rows.append(("history", "repeat_customers", float((summary["frequency"] > 0).sum()), "measured"))
    rows.extend(("holdout", name, number, "measured") for name, number in measures.items())
    return pl.DataFrame(rows, schema=VALUE_PARAMETER, orient="row")


def _correlation(summary: pl.DataFrame) -> float | None:
    """Of how often with how much, by ranks; the Gamma-Gamma model takes it for zero."""
    again = summary.filter((pl.col("frequency") > 0) & (pl.col("repeat_value") > 0))
    number = again.select(pl.corr("frequency", "repeat_value", method="spearman")).item() if again.height > 2 else None
    return None if number is None or np.isnan(number) else float(number)
