"""From the marts to `policy_comparison`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from models_ml.inventory.simulation.compare import (
    MEASURED_DAYS,
    POLICY_COMPARISON,
    WARM_UP_DAYS,
    Replay,
    compare,
    comparison_table,
)
from models_ml.inventory.simulation.engine import Floats, Integers
from models_ml.inventory.simulation.measures import Prices
from models_ml.inventory.simulation.windows import history_needed

logger = logging.getLogger(__name__)


def comparison(
    demand: pl.DataFrame,
    items: pl.DataFrame,
    *,
    on: date,
    lead_times: Sequence[tuple[int, float]],
    review_days: int,
    holding_rate: float,
    order_line_cost: float,
) -> pl.DataFrame:
    """Plays the last thirteen weeks before a date again; empty where the history is too short for that.

    Args:
        demand: `product_id, sales_date, demand_units` before `on`.
        items: `product_id, price, unit_cost, pack_units, minimum_units`.
        on: The as-of date.
        lead_times: (days, probability) of every order.
        review_days: Days between reviews.
        holding_rate: Holding cost a year, as a share of cost.
        order_line_cost: Of ordering one product once.
    """
    units, known = panel_of(demand, items, on=on)
    least = history_needed(lead_times, review_days) + WARM_UP_DAYS + MEASURED_DAYS
    if not known.height or units.shape[1] < least:
        logger.info("Policies are not compared: %d days of history, %d are needed.", units.shape[1], least)
        return pl.DataFrame(schema=POLICY_COMPARISON)
    cost, price = (_floats(known[name]) for name in ("unit_cost", "price"))
    replay = Replay(
        units=units,
        prices=Prices(price, cost, holding_rate, order_line_cost),
        pack_units=known["pack_units"].to_numpy().astype(np.int64),
        minimum_units=known["minimum_units"].to_numpy().astype(np.int64),
        lead_times=lead_times,
        review_days=review_days,
    )
    return comparison_table(compare(replay), product_count=known.height)


def panel_of(demand: pl.DataFrame, items: pl.DataFrame, *, on: date) -> tuple[Integers, pl.DataFrame]:
    """Demand by product and day up to a date, and the items in the same order: those with a price, cost and sales."""
    past = demand.filter((pl.col("sales_date") < on) & (pl.col("demand_units") > 0))
    known = items.filter((pl.col("price") > 0) & (pl.col("unit_cost") > 0)).join(past, on="product_id", how="semi")
    known = known.sort("product_id").with_row_index("row")
    if not known.height:
        return np.zeros((0, 0), np.int64), known
    first: date = past["sales_date"].min()  # type: ignore[assignment]  # there are sales
    cells = past.join(known.select("product_id", "row"), on="product_id")
    units = np.zeros((known.height, (on - first).days), np.int64)
    days = (cells["sales_date"] - first).dt.total_days().to_numpy()
    np.add.at(units, (cells["row"].to_numpy(), days), cells["demand_units"].cast(pl.Int64).to_numpy())
    return units, known


def _floats(values: pl.Series) -> Floats:
    result: Floats = values.cast(pl.Float64).to_numpy().astype(np.float64)
    return result
