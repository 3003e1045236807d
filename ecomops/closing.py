"""When a day may be closed, and as of which moment."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from ecomops import pipeline
from ecomops.alerts import alert
from lakehouse.settings import Settings
from lakehouse.windows import Window

_LOG = logging.getLogger(__name__)


def closed_at(settings: Settings, window: Window) -> datetime:
    """The moment at which a day is closed at the latest: its end, and the wait for late files."""
    return window.end + timedelta(hours=settings.landing_wait_hours)


def knowledge_time(
    settings: Settings, window: Window, *, now: datetime, declared: datetime | None, run_id: str
) -> datetime | None:
    """As of which moment to close a day, or None while it is worth waiting for its loads.

    Args:
        settings: Where the loads are, and how long they are waited for.
        window: The day.
        now: The wall clock.
        declared: The knowledge time that the run declares; None: the present moment.
        run_id: The run, for the alert that names the sources that are late.
    """
    late = pipeline.late_windows(settings, window)
    if late and now < closed_at(settings, window):
        _LOG.info("Waiting for %s to land %s", ", ".join(late), window)
        return None
    if late:
        names = ", ".join(late)
        alert(f"Closed without {names}", origin="close_day", run_id=run_id, error=f"Nothing landed for {window}.")
    return declared or now
