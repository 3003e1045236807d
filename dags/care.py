"""Housekeeping: expires old snapshots, removes what failed builds and abandoned extractions left behind.

**Inputs.** Snapshots, candidates, pages and checkpoints in object storage; `ECOMOPS_KEEP_SNAPSHOTS`.
**Outputs.** None. What people read, and the last snapshots of each channel, stay.
**A rerun** finds nothing left to do. It runs on Sundays at noon, long after the day was closed: a close that is
under way then would lose its candidate, fail, and be repeated.
**Owner.** operations
"""

from __future__ import annotations

from _common import DEFAULT_ARGS, START, clock
from airflow.sdk import CronDataIntervalTimetable, dag, task

from lakehouse.settings import get_settings


@dag(
    schedule=CronDataIntervalTimetable("30 12 * * 0", timezone=get_settings().shop_time_zone),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["warehouse", "care"],
    doc_md=__doc__,
)
def care() -> None:
    """One task."""

    @task(pool="warehouse_build")
    def expire() -> list[str]:
        from ecomops import pipeline

        return pipeline.care(get_settings(), now=clock())

    expire()


care()
