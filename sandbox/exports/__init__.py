"""The merchant's other systems: what its back office, its event tool and its advertising accounts let one download.

Each folder is a drop of its own, in the shape in which the real tool gives it:

    segment_events/<shop>/<day, ms>/<shop>-<hour>.gz    calls of Segment, gzipped JSON lines, by the hour of receipt
    suppliers_csv/, purchase_orders_csv/, receipts_csv/, product_costs_csv/, stock_on_hand_csv/,
    stock_movements_csv/, tickets_csv/, reviews_csv/, targets_csv/, shipping_costs_csv/,
    bundle_components_csv/                              the back office, a CSV file or a workbook each
    google_ads_spend/, meta_ads_spend/, amazon_ads_spend/   a report a day
    ecb_fx/eurofxref-hist.zip                           the central bank's file of all rates, newest first
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sandbox.exports import advertising, back_office, rates, segment
from sandbox.world.store import World


def export(world: World, folder: Path, first_day: date, last_day: date) -> dict[str, int]:
    """Writes what happened in a world from one day to another, both included, as files.

    What was known before the first day (suppliers, costs, open orders) stands in the first day's files. The same
    arguments give the same bytes.

    Args:
        world: The world.
        folder: Where the drops go, a folder each; made if it is missing.
        first_day: First day, of London for the back office and of UTC for the events.
        last_day: Last day.

    Returns:
        How many files there are in each drop.

    Raises:
        ValueError: If the last day comes before the first.
    """
    if last_day < first_day:
        raise ValueError(f"{last_day} comes before {first_day}.")
    written: dict[str, int] = {}
    for writer in (segment.write, back_office.write, advertising.write, rates.write):
        written |= writer(world, folder, first_day, last_day)
    return written
