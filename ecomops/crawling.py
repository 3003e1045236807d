"""Crawling a competitor's site as a scheduler does it: when it is due; a past day is read again, never asked again."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from ecomops import extraction
from lakehouse.landing import loads
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings, get_settings
from lakehouse.windows import Window, zone

if TYPE_CHECKING:
    from extractors.crawl.options import SiteOptions
    from lakehouse.credentials import Connections

_LOG = logging.getLogger(__name__)
RESOURCE = "pages"


def crawl_day(moment: datetime, time_zone: str) -> Window:
    """The day that a crawl at that moment stands for: the site's own."""
    return Window.local_day(moment.astimezone(zone(time_zone)).date(), time_zone)


def crawl_site(
    source: str,
    moment: datetime,
    *,
    only_if_due: bool,
    now: datetime,
    run_id: str,
    connections: Connections | None = None,
    settings: Settings | None = None,
) -> dict[str, Any] | None:
    """Crawls a declared site for the day of a moment.

    Args:
        source: Name of the site.
        moment: What places the run in time; a run that is tried again gives the same, and so takes up its crawl.
        only_if_due: Whether a site that is crawled every so many days is left alone in between.
        now: The wall clock, read by whoever started this.
        run_id: The run.
        connections: How Airflow connections are read.
        settings: Where from and to; default: this process's settings.

    Returns:
        What was landed, in numbers; None where the site is not due yet.

    Raises:
        ConfigError: If the site is not declared, or its declaration is wrong.
        ApiError: If the site cannot be crawled at all.
    """
    settings = settings or get_settings()
    account = extraction.connect(settings, source, connections)
    day = crawl_day(moment, account.api.time_zone)
    options = cast("SiteOptions", account.api.kind.options(account.api.options))
    if only_if_due and not _is_due(settings, source, day, options.every_days, account.api.time_zone):
        _LOG.info("%s is crawled every %d days, and not due on %s", source, options.every_days, day)
        return None
    return asdict(extraction.run(settings, account, RESOURCE, day, known_at=now, now=now, run_id=run_id))


def read_again(source: str, window: Window, *, settings: Settings | None = None) -> dict[str, Any]:
    """Reads a site's stored pages of a window again, where the reader has changed since; nobody is asked.

    Args:
        source: Name of the site.
        window: Of crawls whose day reaches into it.
        settings: Where they are; default: this process's settings.

    Returns:
        How many crawls were read again.
    """
    count = extraction.reparse(settings or get_settings(), [source], within=window)
    return {"source": source, "window": window.key, "read_again": count}


def _is_due(settings: Settings, source: str, day: Window, every_days: int, time_zone: str) -> bool:
    crawled = [ref.window.start for ref in loads(open_store(settings), source, RESOURCE) if ref.window.start < day.end]
    if not crawled:
        return True
    tz = zone(time_zone)
    since = day.start.astimezone(tz).date() - max(crawled).astimezone(tz).date()
    return since.days >= every_days
