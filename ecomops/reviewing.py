"""A week's report, once the week is in the published warehouse."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from lakehouse.errors import NothingPublishedError
from lakehouse.settings import Settings
from lakehouse.warehouse import open_reader
from lakehouse.windows import Window
from reports.publish import publish_all

_LOG = logging.getLogger(__name__)


def review(settings: Settings, week: Window) -> list[str] | None:
    """Makes a week's PDFs, dashboard and exports from the published warehouse.

    Args:
        settings: Which warehouse, and where to write.
        week: From the shop's Monday midnight to the next one.

    Returns:
        The keys in object storage; None while the published warehouse does not know the whole week.
    """
    try:
        with open_reader(settings) as reader:
            if reader.snapshot.as_of < week.end:
                _LOG.info("The published warehouse knows until %s, before %s", reader.snapshot.as_of, week.end)
                return None
            monday = week.start.astimezone(ZoneInfo(settings.shop_time_zone)).date()
            return [artefact.key for artefact in publish_all(reader, settings, week=monday)]
    except NothingPublishedError:
        _LOG.info("Nothing is published yet")
        return None
