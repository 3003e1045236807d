"""The report tables as reports read them: declared columns, one run, one week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

import polars as pl

from lakehouse.errors import ContractError, NothingPublishedError
from reports.columns import TABLES

WEEKS_OF_HISTORY = 13
# A row for each product and day would grow without bound in a file; the warehouse has them all.
LAST_POSITIONS = "WHERE price_date = (SELECT max(price_date) FROM rpt_price_position)"


class Frames(Protocol):
    """What a report needs of the warehouse: the answer to a query."""

    def frame(self, sql: str) -> pl.DataFrame:
        """The answer as a frame."""


@dataclass(frozen=True)
class Run:
    """The run that made the tables.

    Attributes:
        run_id: Names the run.
        as_of: Knowledge time of the tables, UTC; the report's timestamp.
        data_through: Last event in the data, UTC; None where there is none.
        first_data_at: First event in the data, UTC; None where there is none.
        latest_full_week: Monday of the last week with all of its days; None where there is none yet.
        currency: ISO 4217 code of the shop's books.
        counts: Rows received, landed, quarantined and deduplicated, loads, and checks by outcome.
    """

    run_id: str
    as_of: datetime
    data_through: datetime | None
    first_data_at: datetime | None
    latest_full_week: date | None
    currency: str
    counts: dict[str, int]


@dataclass(frozen=True)
class ReportTables:
    """Everything one weekly report says, as frames; `week` is the reported week's Monday.

    `kpis`, `weekly` and `monthly` reach back a year and end with the reported week; the others are for the
    week itself (`drivers`, `top`) or for the run; `positions` are those of its last day.
    """

    run: Run
    week: date
    kpis: pl.DataFrame
    weekly: pl.DataFrame
    monthly: pl.DataFrame
    daily: pl.DataFrame
    forecast: pl.DataFrame
    accuracy: pl.DataFrame
    purchases: pl.DataFrame
    assumptions: pl.DataFrame
    drivers: pl.DataFrame
    top: pl.DataFrame
    pairs: pl.DataFrame
    alerts: pl.DataFrame
    positions: pl.DataFrame
    reconciliation: pl.DataFrame
    health: pl.DataFrame


def read(reader: Frames, name: str, where: str = "") -> pl.DataFrame:
    """The declared columns of a report table; decimals stay decimals.

    Raises:
        ContractError: If a declared column is missing; the message names it.
    """
    frame = reader.frame(f"SELECT * FROM {name} {where}".rstrip())
    missing = [column for column in TABLES[name] if column not in frame.columns]
    if missing:
        raise ContractError(
            f"{name} lacks the column{'s' if len(missing) > 1 else ''} {', '.join(missing)}.",
            remedy="Build and publish the warehouse again with this version's dbt project.",
        )
    return frame.select(list(TABLES[name]))


def read_run(reader: Frames) -> Run:
    """The run that made the report tables.

    Raises:
        NothingPublishedError: If the tables were never filled.
    """
    rows = read(reader, "rpt_run").to_dicts()
    if not rows:
        raise NothingPublishedError(
            "rpt_run has no row: no run has filled the report tables.", remedy="Run `ecomops close` first."
        )
    row = rows[0]
    counts = {name: int(row[name] or 0) for name in row if name.startswith(("rows_", "checks_", "load_"))}
    return Run(
        row["run_id"],
        row["as_of"],
        row["data_through"],
        row["first_data_at"],
        row["latest_full_week_start"],
        row["currency_code"],
        counts,
    )


def monday(day: date) -> date:
    """The Monday of the week that holds the day."""
    return day - timedelta(days=day.weekday())


def reported_week(run: Run, week: date | None) -> date:
    """The Monday of the week to report: the one asked for, else the last full one, else that of the last data."""
    if week is not None:
        return monday(week)
    return run.latest_full_week or monday((run.data_through or run.as_of).date())


def load(reader: Frames, week: date | None = None) -> ReportTables:
    """Reads all that a report of the week needs.

    Args:
        reader: The published warehouse.
        week: Any day of the week to report; None for the last full week.

    Raises:
        NothingPublishedError: If the tables were never filled.
        ContractError: If a table lacks a declared column.
    """
    run = read_run(reader)
    start = reported_week(run, week)
    this_week = f"WHERE week_start_date = DATE '{start.isoformat()}'"
    until = f"<= DATE '{start.isoformat()}'"
    weekly = read(reader, "rpt_weekly_sales", f"WHERE week_start_date {until}").sort("week_start_date")
    return ReportTables(
        run=run,
        week=start,
        kpis=read(reader, "rpt_weekly_kpi", f"WHERE week_start_date {until}").sort("week_start_date", "kpi_id"),
        weekly=weekly,
        monthly=read(reader, "rpt_monthly_sales").sort("month_start_date"),
        daily=read(reader, "rpt_daily_sales").sort("sales_date"),
        forecast=read(reader, "rpt_sales_forecast").sort("metric", "forecast_date"),
        accuracy=read(reader, "rpt_forecast_accuracy"),
        purchases=read(reader, "rpt_purchase_list").sort("urgency_rank", "product_id"),
        assumptions=read(reader, "rpt_inventory_assumption").sort("assumption_id"),
        drivers=read(reader, "rpt_sales_driver", this_week).sort("dimension", "rank_up", "dimension_key"),
        top=read(reader, "rpt_top_product", this_week).sort("rank", "product_id"),
        pairs=read(reader, "rpt_basket_pair").sort("rank"),
        alerts=read(reader, "rpt_price_alert").sort("alert_rank"),
        positions=read(reader, "rpt_price_position", LAST_POSITIONS).sort("product_id"),
        reconciliation=read(reader, "rpt_reconciliation").sort("class_order"),
        health=read(reader, "rpt_data_health").sort("check_id"),
    )
