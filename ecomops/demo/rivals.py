"""What the demo knows of competitors: some of their sites, crawled as they were on several days."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx

from ecomops.crawling import crawl_site

if TYPE_CHECKING:
    from ecomops.demo.serving import Shops
    from lakehouse.settings import Settings

CRAWL: Final = "crawl"
CRAWLED: Final = ("rival_harbour", "rival_stubenglueck", "rival_cupboard", "rival_shanju")
# Days before the last one: two Sundays, Black Friday, and the last two days, between which most stays as it is.
_DAYS_BEFORE: Final = (28, 16, 7, 1, 0)
_HOUR: Final = time(19)  # before the demo's day ends, in London too


def crawl_rivals(settings: Settings, shops: Shops, last_day: date, run_id: str) -> str:
    """Crawls some rivals on some days, each day after the other, as a scheduler would have.

    Args:
        settings: Where to; its sources' file declares the rivals.
        shops: The servers. Their rivals' clock is moved.
        last_day: The last day that is crawled.
        run_id: The run.

    Returns:
        What came of it, in words.
    """
    visited = offers = 0
    with ThreadPoolExecutor(max_workers=len(CRAWLED)) as pool:
        for before in _DAYS_BEFORE:
            moment = datetime.combine(last_day - timedelta(days=before), _HOUR, UTC)
            _move_clock(shops.addresses[CRAWLED[0]], moment)

            def one(name: str, moment: datetime = moment) -> Mapping[str, Any]:
                done = crawl_site(name, moment, only_if_due=False, now=moment, run_id=run_id, settings=settings)
                return done or {}

            for done in pool.map(one, CRAWLED):
                visited += done["rows"]["landed"]
                offers += done["tables"].get("competitor_offers", 0)
    return f"{visited:,} visits on {len(_DAYS_BEFORE)} days, {offers:,} offers"


def _move_clock(url: str, moment: datetime) -> None:
    """All rivals share one clock."""
    httpx.post(f"{url}/sandbox/clock", json={"now": moment.isoformat()}, timeout=10).raise_for_status()
