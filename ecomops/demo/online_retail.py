"""The whole path on the real data of one shop, or on generated data of the same shape where there are none."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import sandbox.online_retail
from ecomops import pipeline
from ecomops.demo.steps import Progress, counted, finish
from ecomops.windows import windows_to_land
from lakehouse.errors import ConfigError
from lakehouse.settings import PROJECT_ROOT

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


def run_online_retail(settings: Settings, data: Path | None, *, now: datetime, out: Console) -> None:
    """Lands Online Retail, builds, audits, publishes, forecasts, reports.

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
    out.print(counted(landed.rows), highlight=False)
    finish(settings, as_of=max(window.end for window in windows), run_id=run_id, progress=progress)


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
