"""`python -m extractors files SOURCE --drop PATH --start … --end … [--history]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from extractors.files.declarations import find
from extractors.files.drop import Drop, period_of
from extractors.files.land import LandResult, land, land_many
from lakehouse.errors import EcomopsError, WindowError
from lakehouse.objectstore import open_store
from lakehouse.settings import get_settings
from lakehouse.windows import Window, window_between


def main(arguments: Sequence[str]) -> int:
    """Lands one window, or with ``--history`` every day of it, and prints what came of it."""
    options = _parser().parse_args(arguments)
    try:
        results = _run(options)
    except EcomopsError as error:
        print(error, file=sys.stderr)  # noqa: T201 -- a command's own words
        return 1
    counts = [one.manifest.counts for one in results]
    print(  # noqa: T201 -- a command's own words
        f"{len(results)} loads ({sum(one.unchanged for one in results)} unchanged): "
        f"{sum(one.received for one in counts)} received, {sum(one.landed for one in counts)} landed, "
        f"{sum(one.deduplicated for one in counts)} repeated, {sum(one.quarantined for one in counts)} quarantined, "
        f"{sum(one.ignored for one in counts)} not used"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m extractors files", description=main.__doc__)
    parser.add_argument("source", help="name of a mapping")
    parser.add_argument("--drop", required=True, help="folder of exports, one export file, or s3://bucket/prefix")
    parser.add_argument("--start", help="first day or instant; default with --history: the first in the drop")
    parser.add_argument("--end", help="first day or instant after the window; default with --history: as --start")
    parser.add_argument("--history", action="store_true", help="known as of each window's end; daily files day by day")
    parser.add_argument("--run-id", default="manual", help="name of this run in the manifest")
    return parser


def _run(options: argparse.Namespace) -> list[LandResult]:
    mapping = find(options.source)
    store = open_store(get_settings())
    now = datetime.now(UTC).replace(microsecond=0)  # the one clock: a person at the command line is now
    if options.start and options.end:
        window = window_between(options.start, options.end, mapping.time_zone)
    elif options.history and not options.start and not options.end:
        window = period_of(mapping, options.drop)
    else:
        raise WindowError("The window is not complete.", remedy="Give --start and --end.")
    if not options.history:
        return [land(mapping, options.drop, window, store=store, known_at=now, landed_at=now, run_id=options.run_id)]
    windows = [window]
    if Drop(mapping, options.drop).daily:
        windows = [Window.local_day(day, mapping.time_zone) for day in window.days(mapping.time_zone)]
    return land_many(mapping, options.drop, windows, store=store, landed_at=now, run_id=options.run_id)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
