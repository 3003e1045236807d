"""Lands one declared source's files for one day: raw bytes, parsed rows, quarantine, manifest.

There is one such DAG for every mapping in `extractors/files/mappings` and in `ECOMOPS_MAPPINGS_DIR`.

**Inputs.** The exports in `var/drops/<source>` (`ECOMOPS_DROPS_DIR`). A day's file may come late: the task
looks every five minutes, for `ECOMOPS_LANDING_WAIT_HOURS` after the day's end.
**Outputs.** A load with its manifest under `raw/<source>/<stream>/window=…` in object storage, and an asset
event for the stream.
**A rerun** of the same bytes changes nothing; other bytes add a load that supersedes the one before.
**Backfill** in any order and in parallel. A backfill declares history: its loads count as known from their
window's end. Days are the source's own: name its midnight (`--from-date 2011-06-01T00:00+01:00`), as a bare date
is one in UTC. A scheduled or manual run's load is known from when it lands, unless `known_at` says otherwise.
**Owner.** operations
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from _common import DEFAULT_ARGS, KNOWLEDGE_PARAM, START, WINDOW_PARAMS, clock, declared_knowledge, window_of
from airflow.sdk import (
    Asset,
    CronDataIntervalTimetable,
    PokeReturnValue,
    dag,
    get_current_context,
    get_parsing_context,
    task,
)

from extractors.catalog import DeclaredSource, file_sources

if TYPE_CHECKING:
    from airflow.sdk import DAG


def landing_dag(source: DeclaredSource) -> DAG:
    """The DAG that lands a source."""

    @dag(
        dag_id=f"land_{source.name}",
        dag_display_name=f"Land {source.title}",
        schedule=CronDataIntervalTimetable("0 0 * * *", timezone=source.time_zone),
        start_date=START,
        catchup=False,
        max_active_runs=3,
        params={**WINDOW_PARAMS, "known_at": KNOWLEDGE_PARAM},
        default_args=DEFAULT_ARGS,
        tags=["landing", source.stream],
        doc_md=__doc__,
    )
    def landing() -> None:
        @task.sensor(
            poke_interval=300.0,
            timeout=86400.0,
            mode="reschedule",
            outlets=[Asset(f"ecomops://raw/{source.name}/{source.stream}")],
        )
        def land() -> PokeReturnValue:
            from ecomops.landing import land_window

            context = get_current_context()
            window, now = window_of(context), clock()
            known_at = declared_knowledge(context, history=window.end) or now
            landed = land_window(source.name, window, known_at=known_at, now=now, run_id=context["run_id"])
            return PokeReturnValue(is_done=landed is not None, xcom_value=landed)

        land()

    return landing()


# In a task only its own DAG is made.
_only = get_parsing_context().dag_id
for _source in file_sources():
    if _only in (None, f"land_{_source.name}"):
        landing_dag(_source)
