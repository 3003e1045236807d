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
_OPTIONAL = ("lost_units", "out_of_stock", "gross_sales", "discounts")


@dataclass(frozen=True)
class DemandPanel:
    """Demand of every product on every day of the known past.

    Attributes:
        product_ids: Sorted product ids, one a row.
        start: The first day.
        units: Demand units, products × days; a day without a row is no demand. What was lost while out of stock is
            in it, as the warehouse estimates it.
        out: 1 on days that ended without stock at a place; they are left out of every fit, sold or not, for an empty
            shelf is not a lack of demand, nor is an estimate an observation.
        gross: Value of what was sold before discounts, in the shop's currency.
        discount: Discounts on it.
    """

    product_ids: tuple[str, ...]
    start: date
    units: Floats
    out: Floats
    gross: Floats
    discount: Floats

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
        sold = (self.units[:, :origin] > 0).any(axis=1)
        return self._part(np.flatnonzero(sold), origin)

    def rows(self, keep: Flags) -> DemandPanel:
        """The panel of some of the products."""
        return self._part(np.flatnonzero(keep), self.units.shape[1])

    def _part(self, rows: Ints, width: int) -> DemandPanel:
        cut = [matrix[rows, :width] for matrix in (self.units, self.out, self.gross, self.discount)]
        return DemandPanel(tuple(self.product_ids[row] for row in rows), self.start, *cut)

    def active(self, active_days: int) -> Flags:
        """Which products had demand within the last `active_days` days."""
        return np.asarray(self.last_sale >= self.units.shape[1] - active_days, dtype=np.bool_)

    @classmethod
    def build(cls, demand: pl.DataFrame, *, until: date, rules: ForecastAssumptions) -> DemandPanel | None:
        """Fills the matrices from `product_id, sales_date, demand_units`; only days before `until` are read.

        `lost_units`, `out_of_stock`, `gross_sales` and `discounts` are read where the frame has
        them and are 0 otherwise.

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
        optional = [pl.lit(0.0).alias(name) for name in _OPTIONAL if name not in demand.columns]
        known = demand.filter((pl.col("sales_date") < until) & (pl.col("sales_date") >= oldest)).with_columns(optional)
        known = known.with_columns(
            pl.col(*_OPTIONAL).cast(pl.Float64).fill_null(0).clip(0),
            units=pl.col("demand_units").cast(pl.Float64).clip(0),
        )
        sold = known.filter(pl.col("units") > 0)
        if sold.is_empty():
            return None
        start, end = sold["sales_date"].min(), sold["sales_date"].max()
        assert isinstance(start, date)  # noqa: S101 - narrows the type of a date column's minimum
        assert isinstance(end, date)  # noqa: S101 - the same
        ids = sold["product_id"].unique().sort()
        # A shelf that was empty before the first sale anywhere tells of no demand that could be dated.
        known = known.filter(pl.col("sales_date").is_between(start, end) & pl.col("product_id").is_in(ids.implode()))
        placed = known.select(
            row=pl.col("product_id").replace_strict(ids, pl.int_range(len(ids), eager=True), return_dtype=pl.Int64),
            column=(pl.col("sales_date") - start).dt.total_days(),
            units=pl.col("units") + pl.col("lost_units"),
            out="out_of_stock",
            gross="gross_sales",
            discount="discounts",
        )
        rows, columns = placed["row"].to_numpy(), placed["column"].to_numpy()
        matrices = []
        for name in ("units", "out", "gross", "discount"):
            matrix = np.zeros((len(ids), (end - start).days + 1))
            matrix[rows, columns] = placed[name].to_numpy()
            matrices.append(matrix)
        return cls(tuple(ids), start, *matrices)
