"""Reports the week: a PDF in each language, the dashboard, and the tables as CSV, XLSX and Parquet.

**Inputs.** The report tables of the published warehouse. The task waits until a published warehouse knows the
whole week, and looks every five minutes for a day.
**Outputs.** `var/reports/<Monday>/` for people, and `reports/<kind>/week=…/run=…/` in object storage to keep.
**A rerun** makes the same bytes again from the same snapshot; after another close it makes the newer figures.
**Backfill** makes past weeks' reports from what is known today.
**Owner.** operations
"""

from __future__ import annotations

from _common import DEFAULT_ARGS, START, WINDOW_PARAMS, window_of
from airflow.sdk import Asset, CronDataIntervalTimetable, PokeReturnValue, dag, get_current_context, task

from lakehouse.settings import get_settings


@dag(
    schedule=CronDataIntervalTimetable("0 0 * * 1", timezone=get_settings().shop_time_zone),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    params=WINDOW_PARAMS,
    default_args=DEFAULT_ARGS,
    tags=["reports"],
    doc_md=__doc__,
)
def review_weekly() -> None:
    """One task."""

    @task.sensor(poke_interval=300.0, timeout=86400.0, mode="reschedule", outlets=[Asset("ecomops://reports/weekly")])
    def review() -> PokeReturnValue:
        from ecomops import reviewing

        keys = reviewing.review(get_settings(), window_of(get_current_context()))
        return PokeReturnValue(is_done=keys is not None, xcom_value=keys)

    review()


review_weekly()
