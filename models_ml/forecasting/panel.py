"""Daily demand as a matrix: one row a product, one column a calendar day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models_ml.forecasting.calendar import days
from models_ml.forecasting.config import ForecastAssumptions
from models_ml.tables import require_columns, require_key

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class DemandPanel:
    """Demand of every product on every day of the known past.

    Attributes:
        product_ids: Sorted product ids, one a row.
        start: The first day.
        units: Demand units, products × days; a day without a row is no demand.
    """

    product_ids: tuple[str, ...]
    start: date
    units: Floats

    @property
    def last(self) -> date:
        """The last known day."""
        return self.start + timedelta(days=self.units.shape[1] - 1)

    @property
    def dates(self) -> list[date]:
        """The days of the columns."""
        return days(self.start, self.units.shape[1])

    @property
    def first_sale(self) -> Ints:
        """Column of each product's first demand."""
        return np.asarray((self.units > 0).argmax(axis=1), dtype=np.int64)

    @property
    def last_sale(self) -> Ints:
        """Column of each product's last demand."""
        return np.asarray(self.units.shape[1] - 1 - (self.units > 0)[:, ::-1].argmax(axis=1), dtype=np.int64)

    def totals(self) -> dict[date, float]:
        """Demand of all products together, of the days that had any."""
        sums = self.units.sum(axis=0)
        return {day: float(total) for day, total in zip(self.dates, sums, strict=True) if total > 0}

    def known_at(self, origin: int) -> DemandPanel:
        """The panel as it was known after the first `origin` days: products sold by then, nothing later."""
        past = self.units[:, :origin]
        sold = np.flatnonzero((past > 0).any(axis=1))
        return DemandPanel(tuple(self.product_ids[row] for row in sold), self.start, past[sold])

    def rows(self, keep: Flags) -> DemandPanel:
        """The panel of some of the products."""
        chosen = np.flatnonzero(keep)
        return DemandPanel(tuple(self.product_ids[row] for row in chosen), self.start, self.units[chosen])

    def active(self, active_days: int) -> Flags:
        """Which products had demand within the last `active_days` days."""
        return np.asarray(self.last_sale >= self.units.shape[1] - active_days, dtype=np.bool_)

    @classmethod
    def build(cls, demand: pl.DataFrame, *, until: date, rules: ForecastAssumptions) -> DemandPanel | None:
        """Fills the matrix from `product_id, sales_date, demand_units`; only days before `until` are read.

        The panel ends on the last day with any demand, not on the day before `until`: days for which nothing has
        come in are unknown, not days without demand. Negative demand (more cancelled than ordered that day) is none.

        Returns:
            The panel, or None where there is no demand before `until`.

        Raises:
            ContractError: If a column is missing, holds nulls or a product has two rows for a day.
        """
        require_columns(demand, ["product_id", "sales_date", "demand_units"], table="daily product demand")
        require_key(demand, table="daily product demand", keys=["product_id", "sales_date"])
        oldest = until - timedelta(days=rules.history_days)
        known = demand.filter(
            (pl.col("sales_date") < until) & (pl.col("sales_date") >= oldest) & (pl.col("demand_units") > 0)
        )
        if known.is_empty():
            return None
        start, end = known["sales_date"].min(), known["sales_date"].max()
        assert isinstance(start, date)  # noqa: S101 - narrows the type of a date column's minimum
        assert isinstance(end, date)  # noqa: S101 - the same
        ids = known["product_id"].unique().sort()
        units = np.zeros((len(ids), (end - start).days + 1))
        placed = known.select(
            row=pl.col("product_id").replace_strict(ids, pl.int_range(len(ids), eager=True), return_dtype=pl.Int64),
            column=(pl.col("sales_date") - start).dt.total_days(),
            units=pl.col("demand_units").cast(pl.Float64),
        )
        units[placed["row"].to_numpy(), placed["column"].to_numpy()] = placed["units"].to_numpy()
        return cls(tuple(ids), start, units)
