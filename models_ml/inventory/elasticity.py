"""How demand answers to price, from the prices that products have been sold at, or an assumption that says so."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
# A product is compared with itself in the same channel, whose prices are of one currency. The price of a week is that
# of the middle order line, before discounts: a bulk buyer's price is not the shelf's.
PRICES_SQL = """
select
    product_id || '@' || channel_id as product_id,
    date_trunc('week', order_date)::date as week_date,
    cast(sum(demand_quantity) as double) as units,
    cast(median(gross_sales_shop / demand_quantity) as double) as price
from fct_order_line
where demand_quantity > 0 and gross_sales_shop > 0 and order_date < ?
group by all
order by product_id, week_date
"""
_ROUNDS, _STEP, _LEAST_CHANGE = 50, 1e-9, 0.03
_LEAST_PRODUCTS, _MOST_ERROR, _LEAST_WEEKS = 20, 0.5, 8


@dataclass(frozen=True)
class Elasticity:
    """Percent change of demand for one percent change of price.

    Attributes:
        value: Below 0.
        standard_error: Of the estimate, with products as clusters; None for an assumption.
        product_count: Products whose price varied.
        source: `estimated` or `assumed`.
        why: In a few words.
    """

    value: float
    standard_error: float | None
    product_count: int
    source: Literal["estimated", "assumed"]
    why: str


def estimate_elasticity(weeks: pl.DataFrame, *, assumed: float) -> Elasticity:
    """One elasticity for all products, from weekly sales and prices; the assumption where they don't tell.

    A Poisson regression of weekly units on the logarithm of price, with an effect for each product and all products'
    units of the week as exposure: season and promotions of the whole shop drop out, and each product is compared with
    itself. The products' effects are concentrated out, which leaves Newton's method in one number; standard errors are
    clustered by product (Hausman, Hall & Griliches 1984, Econometrica 52; Wooldridge 1999, Journal of Econometrics 90).
    Weeks without a sale count as zero at the price before.

    What it can't tell: price cut because demand was weak, weeks without stock, and products that replace one another.

    Args:
        weeks: `product_id, week_date, units, price`, a row a product and week with sales.
        assumed: What is taken without enough variation: fewer than 20 products whose price changed by 3 %, an error
            above 0.5, or an estimate that is not negative.
    """
    panel = _panel(weeks)
    count = panel["product_id"].n_unique()
    if count < _LEAST_PRODUCTS:
        why = f"prices of {count} products varied, {_LEAST_PRODUCTS} are needed"
        return Elasticity(assumed, None, count, "assumed", why)
    codes = panel["product_id"].rank("dense").to_numpy().astype(np.int64) - 1
    units, exposure = panel["units"].to_numpy(), panel["exposure"].to_numpy()
    logs = np.log(panel["price"].to_numpy())
    value, error = _fit(codes, units, exposure, logs)
    if not np.isfinite(value) or error > _MOST_ERROR:
        return Elasticity(assumed, None, count, "assumed", f"the estimate {value:.2f} is uncertain by {error:.2f}")
    if value >= 0:
        return Elasticity(assumed, None, count, "assumed", f"the estimate {value:.2f} is not negative")
    return Elasticity(value, error, count, "estimated", f"prices of {count} products varied")


def _panel(weeks: pl.DataFrame) -> pl.DataFrame:
    """Every week of each product whose price varied, from its first sale to its last, with the shop's units."""
    weeks = weeks.filter((pl.col("price") > 0) & (pl.col("units") > 0)).sort("product_id", "week_date")
    shop = weeks.group_by("week_date").agg(exposure=pl.col("units").sum()).sort("week_date")
    varied = (
        weeks.group_by("product_id")
        .agg(
            change=pl.col("price").max() / pl.col("price").min() - 1,
            first=pl.col("week_date").min(),
            last=pl.col("week_date").max(),
            week_count=pl.len(),
        )
        .filter((pl.col("change") >= _LEAST_CHANGE) & (pl.col("week_count") >= _LEAST_WEEKS))
        .sort("product_id")
    )
    return (
        varied.join(shop, how="cross")
        .filter(pl.col("week_date").is_between(pl.col("first"), pl.col("last")))
        .join(weeks.select("product_id", "week_date", "units", "price"), on=["product_id", "week_date"], how="left")
        .sort("product_id", "week_date")
        .with_columns(pl.col("units").fill_null(0.0), pl.col("price").forward_fill().over("product_id"))
        .select("product_id", "week_date", "units", "price", "exposure")
    )


def _fit(codes: NDArray[np.int64], units: Floats, exposure: Floats, logs: Floats) -> tuple[float, float]:
    """(value, clustered standard error) of the conditional Poisson likelihood."""
    totals = np.bincount(codes, units).astype(np.float64)
    value = 0.0
    for _ in range(_ROUNDS):
        score, information, _ = _derivatives(value, codes, units, exposure, logs, totals)
        if information <= 0:
            return float("nan"), float("inf")
        step = float(np.clip(score / information, -1, 1))
        value += step
        if abs(step) < _STEP:
            break
    _, information, by_product = _derivatives(value, codes, units, exposure, logs, totals)
    return value, sqrt(float((by_product**2).sum())) / information


def _derivatives(
    value: float, codes: NDArray[np.int64], units: Floats, exposure: Floats, logs: Floats, totals: Floats
) -> tuple[float, float, Floats]:
    weights = exposure * np.exp(value * (logs - logs.mean()))
    shares = weights / np.bincount(codes, weights)[codes]
    means = np.bincount(codes, shares * logs)
    by_product = np.bincount(codes, units * logs) - totals * means
    spread = np.bincount(codes, shares * (logs - means[codes]) ** 2)
    return float(by_product.sum()), float((totals * spread).sum()), by_product
