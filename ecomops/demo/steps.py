"""What every demo does: says which step runs, closes the day, and ends with what was made and how to look at it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ecomops import model_runs, pipeline
from expectations.docs import data_docs
from lakehouse.settings import PROJECT_ROOT
from lakehouse.warehouse import open_reader
from reports.publish import publish_all

if TYPE_CHECKING:
    from rich.console import Console

    from lakehouse.settings import Settings

_MODEL_WORDS = {
    "forecasting": "forecast demand per product and in total, backtested",
    "baskets": "find what is bought together",
    "value": "value customers: who is still one, and what is to come of them",
    "segments": "group customers and products by what they do",
    "recommendations": "recommend products to customers, beside products and in sessions",
    "matching": "match competitors' offers to our products",
    "anomalies": "look for days unlike the days before them",
    "inventory": "work out what to buy",
}


class Progress:
    """Says which step runs, and how long each took."""

    def __init__(self, out: Console) -> None:
        self.out = out
        self.begin = time.monotonic()

    @contextmanager
    def step(self, words: str) -> Iterator[None]:
        """Shows a step while it runs and leaves a line behind."""
        begin = time.monotonic()
        with self.out.status(words):
            yield
        self.out.print(f"[green]✓[/] {words} [dim]{time.monotonic() - begin:.0f} s[/]", highlight=False)

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self.begin


def finish(settings: Settings, *, as_of: datetime, run_id: str, progress: Progress) -> None:
    """Builds, audits, publishes, forecasts, reports; ends with what was made and how to look at it."""
    snapshot = _close(settings, as_of, run_id, progress)
    with progress.step("weekly report in English and Chinese, dashboard, exports"), open_reader(settings) as reader:
        artefacts = publish_all(reader, settings)
    with progress.step("Data Docs: what was checked, and what was seen"):
        checks = data_docs(settings.var / "gx")
    paths = [*(artefact.path for artefact in artefacts), checks]
    _print_summary(settings, snapshot, paths, progress.seconds, progress.out)


def counted(rows: Mapping[str, int]) -> str:
    """Where the records of a landing went, in words."""
    return (
        f"  {rows['received']:,} records received = {rows['landed']:,} landed + {rows['deduplicated']:,} repeated + "
        f"{rows['quarantined']:,} quarantined"
    )


def _close(settings: Settings, as_of: datetime, run_id: str, progress: Progress) -> str:
    """The steps of `pipeline.close`, each with its line."""
    with progress.step("build the warehouse with dbt, in a new file beside the published one"):
        candidate = pipeline.build(settings, as_of=as_of, run_id=run_id)
    with progress.step("audit it: dbt tests and expectations; publish the marts"):
        core = pipeline.publish(settings, pipeline.audit(settings, candidate))
    for model in model_runs.MODELS:
        with progress.step(_MODEL_WORDS[model]):
            model_runs.run_model(settings, model, snapshot_id=core, run_id=run_id)
    with progress.step("report tables, audited and published with the rest"):
        candidate = pipeline.report_tables(settings, snapshot_id=core, run_id=run_id)
        return pipeline.publish(settings, pipeline.audit(settings, candidate))


def _print_summary(settings: Settings, snapshot: str, artefacts: Sequence[Path], seconds: float, out: Console) -> None:
    with open_reader(settings) as reader:
        run = reader.frame(
            "select data_through, latest_full_week_start, checks_passed, checks_warned from rpt_run"
        ).row(0, named=True)
        orders, value = reader.rows(
            "select count(*) filter (where order_units > 0), sum(order_value_shop) from rpt_purchase_list"
        )[0]
        rows, amount = reader.rows("select sum(row_count), sum(amount_shop) from rpt_reconciliation")[0]
    week: date | None = run["latest_full_week_start"]
    currency = settings.shop_currency
    out.print(f"\n[bold]Done in {seconds:.0f} s.[/] Published: {snapshot}", highlight=False)
    out.print(
        f"  {rows:,} source rows accounted for, {currency} {amount:,.3f}; {run['checks_passed']} checks passed, "
        f"{run['checks_warned']} warned; {orders:,} products to order, {currency} {value or 0:,.0f}",
        highlight=False,
    )
    if week:
        out.print(f"  Report week {week:%Y-%m-%d} to {week + timedelta(days=6):%Y-%m-%d}", highlight=False)
    looks = [
        ("Weekly report, PDF", [path for path in artefacts if path.suffix == ".pdf"]),
        ("Dashboard, for a browser or a phone", [path for path in artefacts if path.name == "dashboard.html"]),
        ("Tables as CSV, XLSX and Parquet", sorted({p.parent for p in artefacts if p.suffix == ".xlsx"})),
        ("Data Docs of the checks", [path for path in artefacts if path.name == "index.html"]),
    ]
    out.print("\n[bold]Look at[/]")
    for words, paths in looks:
        for path in paths:
            out.print(f"  {words}: {_short(path)}", highlight=False, soft_wrap=True)
    here = "" if settings.var == PROJECT_ROOT / "var" else f"ECOMOPS_VAR_DIR={_short(settings.var)} "
    out.print(f"  SQL prompt: {here}make sql", highlight=False, soft_wrap=True)
    out.print(f"  One query: {here}scripts/env ecomops sql 'from rpt_weekly_kpi'", highlight=False, soft_wrap=True)
    out.print(f"  Airflow: {here}make airflow       Documentation of every table: {here}make docs", highlight=False)


def _short(path: Path) -> str:
    return str(path.relative_to(PROJECT_ROOT)) if path.is_relative_to(PROJECT_ROOT) else str(path)
