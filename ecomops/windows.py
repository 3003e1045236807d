"""Which windows a person at the command line means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from extractors import files
from lakehouse.errors import WindowError
from lakehouse.windows import Window, window_between

if TYPE_CHECKING:
    from lakehouse.settings import Settings


def windows_to_land(
    settings: Settings, source: str, drop: Path, *, start: str, end: str, history: bool
) -> list[Window]:
    """The windows between two texts, or with `history` all that the drop holds.

    Bare dates are midnights of the source's own zone. Daily files of a history land day by day; a file that
    covers a whole period lands as one window.

    Raises:
        WindowError: If the window is missing, half given or empty.
    """
    mapping = files.find(source, settings.mappings)
    if start and end:
        window = window_between(start, end, mapping.time_zone)
    elif start or end:
        raise WindowError("Only one end of the window was given.", remedy="Give both --start and --end.")
    elif history:
        window = files.period_of(mapping, drop)
    else:
        raise WindowError("No window was given.", remedy="Give --start and --end, or --history for all there is.")
    if not files.Drop(mapping, drop).daily:
        return [window]
    return [Window.local_day(day, mapping.time_zone) for day in window.days(mapping.time_zone)]
