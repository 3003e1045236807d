"""The whole path on real data, or on generated data where there is none."""

from __future__ import annotations

import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sandbox.online_retail
from ecomops import pipeline
from ecomops.windows import windows_to_land
from expectations.docs import data_docs
from lakehouse.errors import ConfigError
from lakehouse.settings import PROJECT_ROOT
from lakehouse.warehouse import open_reader
from lakehouse.windows import Window
from reports.publish import publish_all

if TYPE_CHECKING:
    from rich.console import Console

    from lakehouse.settings import Settings

SOURCE = "online_retail"
SHARED = PROJECT_ROOT.parent / "shared" / "data" / "uci_online_retail"
_SANDBOX_SEED = 20111209
_SANDBOX_DAYS = 374  # as many as the real data cover: a report on the closed days after Christmas shows little


@dataclass(frozen=True)
class DemoData:
    """What the demo runs on.

    Attributes:
        path: Folder of daily files, or one file.
        words: What it is, for people.
    """

    path: Path
    words: str


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


def run_demo(settings: Settings, data: Path | None, *, now: datetime, out: Console) -> None:
    """Lands, builds, audits, publishes, forecasts, reports; ends with what was made and how to look at it.

    Args:
        settings: Where to.
        data: The user's own folder or file of Online Retail; None: what is at hand.
        now: The wall clock.
        out: Where to say what happens.

    Raises:
        ConfigError: If `data` does not exist.
    """
    progress = Progress(out)
    chosen = choose_data(settings, data, out)
    out.print(f"Data: {chosen.words}", highlight=False)
    windows = windows_to_land(settings, SOURCE, chosen.path, start="", end="", history=True)
    run_id = f"demo-{now:%Y%m%dT%H%M%SZ}"
    with progress.step(f"land {len(windows)} windows in object storage, every record checked"):
        landed = pipeline.land(settings, SOURCE, chosen.path, windows, landed_at=now, run_id=run_id)
    out.print(_landed_words(landed), highlight=False)
    snapshot = _close(settings, windows, run_id, progress)
    with progress.step("weekly report in English and Chinese, dashboard, exports"), open_reader(settings) as reader:
        artefacts = publish_all(reader, settings)
    with progress.step("Data Docs: what was checked, and what was seen"):
        checks = data_docs(settings.var / "gx")
    _print_summary(settings, snapshot, [*(artefact.path for artefact in artefacts), checks], progress.seconds, out)


def _close(settings: Settings, windows: list[Window], run_id: str, progress: Progress) -> str:
    """The steps of `pipeline.close`, each with its line."""
    as_of = max(window.end for window in windows)
    with progress.step("build the warehouse with dbt, in a new file beside the published one"):
        candidate = pipeline.build(settings, as_of=as_of, run_id=run_id)
    with progress.step("audit it: dbt tests and expectations; publish the marts"):
        core = pipeline.publish(settings, pipeline.audit(settings, candidate))
    words = {
        "forecasting": "forecast demand per product and in total, backtested",
        "baskets": "find what is bought together",
        "inventory": "work out what to buy",
    }
    for model in pipeline.MODELS:
        with progress.step(words[model]):
            pipeline.run_model(settings, model, snapshot_id=core, run_id=run_id)
    with progress.step("report tables, audited and published with the rest"):
        candidate = pipeline.report_tables(settings, snapshot_id=core, run_id=run_id)
        return pipeline.publish(settings, pipeline.audit(settings, candidate))


def choose_data(settings: Settings, data: Path | None, out: Console) -> DemoData:
    """The data to run on: the user's, those beside the checkout, those fetched before, or generated ones.

    Raises:
        ConfigError: If `data` does not exist.
    """
    if data is not None:
        if not data.exists():
            raise ConfigError(f"There is nothing at {data}.", remedy="Give a folder of daily CSV files, or one file.")
        return DemoData(data.resolve(), f"{data} (Online Retail, as given)")
    drop = settings.drops / SOURCE
    archive = SHARED / "by-day.tar.xz"
    if archive.is_file():
        if not any(drop.glob("*.csv")):
            _unpack(archive, drop)
        return DemoData(drop, "Online Retail of a UK gift shop, 2010-12 to 2011-12 (UCI, CC BY 4.0), 305 daily files")
    if any(drop.glob("*.csv")) or any(drop.glob("*.xlsx")):
        return DemoData(drop, f"Online Retail from {drop}")
    out.print(
        "[yellow]–[/] No real data at hand: generating a shop of the same shape. "
        "`ecomops fetch online-retail` downloads the real one where there is internet.",
        highlight=False,
    )
    made = settings.var / "sandbox" / SOURCE
    sandbox.online_retail.generate(made, seed=_SANDBOX_SEED, days=_SANDBOX_DAYS)
    return DemoData(made, "generated shop, seeded; nobody's real orders")


def _unpack(archive: Path, drop: Path) -> None:
    """The daily files of the archive, flat in the drop folder."""
    drop.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            if member.isfile() and member.name.endswith(".csv"):
                member.name = Path(member.name).name
                tar.extract(member, drop, filter="data")


def _landed_words(landed: pipeline.LandSummary) -> str:
    rows = landed.rows
    return (
        f"  {rows['received']:,} records received = {rows['landed']:,} landed + {rows['deduplicated']:,} repeated + "
        f"{rows['quarantined']:,} quarantined"
    )


def _print_summary(settings: Settings, snapshot: str, artefacts: list[Path], seconds: float, out: Console) -> None:
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
    out.print("  SQL prompt: make sql", highlight=False)
    out.print("  One query: scripts/env ecomops sql 'from rpt_weekly_kpi'", highlight=False, soft_wrap=True)
    out.print("  Airflow: make airflow       Documentation of every table: make docs", highlight=False)


def _short(path: Path) -> str:
    return str(path.relative_to(PROJECT_ROOT)) if path.is_relative_to(PROJECT_ROOT) else str(path)
