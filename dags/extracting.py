"""Extracts one declared shop or service for one window: pages as received, parsed rows, quarantine, manifest.

There is one such DAG for every source in `config/sources.yml` (`ECOMOPS_SOURCES_FILE`) that is not a crawled site,
with a task for each resource: orders, products, settlements and so on.

**Inputs.** The vendor's interface, with credentials from the environment or from an Airflow connection.
**Outputs.** A load with its manifest under `raw/<source>/<resource>/window=…` in object storage, and an asset event
for each resource.
**A rerun** asks again and lands what the vendor says now; a task that was killed goes on from its last page.
**Backfill** in any order. A backfill declares history: its loads count as known from their window's end. What can
only be asked as it is now, such as stock, is skipped for past windows.
**One task at a time** for each source: a vendor's rate limit is for the account, not for the process.
**Owner.** operations
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from _common import (
    DEFAULT_ARGS,
    KNOWLEDGE_PARAM,
    START,
    WINDOW_PARAMS,
    clock,
    connection_field,
    declared_knowledge,
    window_of,
)
from airflow.sdk import Asset, CronDataIntervalTimetable, dag, get_current_context, get_parsing_context, task
from airflow.sdk.exceptions import AirflowSkipException

from extractors.catalog import DeclaredAccount, api_sources

if TYPE_CHECKING:
    from airflow.sdk import DAG

_CRON = {"daily": "0 0 * * *", "hourly": "0 * * * *"}


def extracting_dag(source: DeclaredAccount) -> DAG:
    """The DAG that extracts a source."""

    @dag(
        dag_id=f"land_{source.name}",
        dag_display_name=f"Land {source.title}",
        schedule=CronDataIntervalTimetable(_CRON[source.schedule], timezone=source.time_zone),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        max_active_tasks=1,
        params={**WINDOW_PARAMS, "known_at": KNOWLEDGE_PARAM},
        default_args=DEFAULT_ARGS,
        tags=["landing", "extraction"],
        doc_md=__doc__,
    )
    def extracting() -> None:
        @task
        def extract(resource: str) -> list[dict[str, Any]]:
            from ecomops.landing import extract_window

            context = get_current_context()
            window, now = window_of(context), clock()
            landed = extract_window(
                source.name,
                resource,
                window,
                history=declared_knowledge(context, history=window.end),
                now=now,
                run_id=context["run_id"],
                connections=connection_field,
            )
            if landed is None:
                raise AirflowSkipException(f"{resource} can only be asked as it is now")
            return landed

        for resource in source.resources:
            outlet = Asset(f"ecomops://raw/{source.name}/{resource}")
            extract.override(task_id=resource, outlets=[outlet])(resource)

    return extracting()


# In a task only its own DAG is made.
_only = get_parsing_context().dag_id
for _source in api_sources():
    if not _source.is_crawled and _only in (None, f"land_{_source.name}"):
        extracting_dag(_source)
