"""Landing a source's day as a scheduler does it: wait for the file and land it, or ask the vendor."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecomops import extraction, pipeline
from extractors import files
from extractors.files.drop import Drop
from lakehouse.errors import ConfigError
from lakehouse.settings import Settings, get_settings
from lakehouse.windows import Window

if TYPE_CHECKING:
    from extractors.files import SourceMapping
    from lakehouse.credentials import Connections

_LOG = logging.getLogger(__name__)
_STILL_PRESENT = timedelta(days=2)  # stock as of now still stands for the day that has just ended


def land_window(
    source: str, window: Window, *, known_at: datetime, now: datetime, run_id: str, settings: Settings | None = None
) -> dict[str, Any] | None:
    """Lands a source's window from its drop folder, once its files are there.

    Args:
        source: Name of the mapping; its files lie in the folder of that name under `drops_dir`.
        window: What to land.
        known_at: From when on the load counts as known.
        now: The wall clock, read by whoever started this.
        run_id: The run.
        settings: Where from and to; default: this process's settings.

    Returns:
        What was landed, in numbers; None where the files are not there yet and may still come.

    Raises:
        ConfigError: If the source's drop folder is missing.
        ContractError: If a file is missing when the wait is over, damaged or laid out differently.
        QuarantineLimitError: If more rows fail than the mapping allows.
    """
    settings = settings or get_settings()
    drop = settings.drops / source
    may_still_come = now < window.end + timedelta(hours=settings.landing_wait_hours)
    if may_still_come and not _has_arrived(files.find(source, settings.mappings), drop, window):
        _LOG.info("%s has no file for %s yet", source, window)
        return None
    summary = pipeline.land(settings, source, drop, [window], landed_at=now, run_id=run_id, known_at=known_at)
    return {"source": source, "window": window.key, **asdict(summary)}


def extract_window(
    source: str,
    resource: str,
    window: Window,
    *,
    history: datetime | None,
    now: datetime,
    run_id: str,
    connections: Connections | None = None,
    settings: Settings | None = None,
) -> list[dict[str, Any]] | None:
    """Extracts a declared source's resource for a window, and those windows before it that are stated again.

    Args:
        source: Name of the source.
        resource: Name of its resource.
        window: What to land.
        history: The knowledge time that the run declares; None: it is known from now on.
        now: The wall clock, read by whoever started this.
        run_id: The run.
        connections: How Airflow connections are read.
        settings: Where from and to; default: this process's settings.

    Returns:
        What was landed, in numbers; None where a past window of something is asked that only the present knows.

    Raises:
        ConfigError: If the source or a credential is missing.
        ApiError: If the vendor refuses or cannot be reached.
        QuarantineLimitError: If more records fail than may.
    """
    settings = settings or get_settings()
    account = extraction.connect(settings, source, connections)
    described = account.api.kind.resources[resource]
    if described.is_snapshot and history is not None and window.end < now - _STILL_PRESENT:
        return None
    windows = [window] if history is not None else extraction.windows_of(account, resource, window)
    return [
        asdict(extraction.run(settings, account, resource, one, known_at=history or now, now=now, run_id=run_id))
        for one in windows
    ]


def _has_arrived(mapping: SourceMapping, drop: Path, window: Window) -> bool:
    """Whether the drop holds the window's last day: its file, a later day's, or a file of a whole period."""
    try:
        found = Drop(mapping, drop)
    except ConfigError:  # not one file of this source so far
        return False
    last_day = list(window.days(mapping.time_zone))[-1]
    return bool(found.whole) or max(found.daily) >= last_day
