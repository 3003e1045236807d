"""Crawls the competitors' sites that `config/sources.yml` declares (`connector: crawl`), a task for each.

**Inputs.** The sites' public pages, as far as their robots.txt allows, at the pace that each site's declaration sets.
**Outputs.** For each site a load with its manifest under `raw/<site>/pages/window=…`: the answers as they came (WARC),
the offers read from them, and an asset event.
**Cadence.** Every evening, before the day is closed. A site that is to be crawled every so many days is skipped in
between; a manual run crawls at once.
**A rerun** takes up the crawl of its day: what was recorded is not asked for again.
**Backfill** reads past days' stored pages again, with the reader as it is now, and asks nobody: a page of last week
cannot be visited. It is how to go over old crawls before a close, after the reader became better.
**One site's failure** holds up no other; a page that could not be visited never counts as a product that is gone.
**Owner.** operations
"""

from __future__ import annotations

from typing import Any

from _common import DEFAULT_ARGS, START, clock, connection_field, window_of
from airflow.sdk import Asset, CronDataIntervalTimetable, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from extractors.catalog import api_sources
from lakehouse.settings import get_settings


@dag(
    schedule=CronDataIntervalTimetable("0 20 * * *", timezone=get_settings().shop_time_zone),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    tags=["landing", "crawl"],
    doc_md=__doc__,
)
def crawl_competitors() -> None:
    """A task for every site."""

    @task
    def crawl(site: str) -> dict[str, Any]:
        from ecomops.crawling import crawl_site, read_again

        context, now = get_current_context(), clock()
        run = context["dag_run"]
        if run.run_type == "backfill":
            return read_again(site, window_of(context))
        landed = crawl_site(
            site,
            context.get("data_interval_end") or run.run_after,
            only_if_due=run.run_type == "scheduled",
            now=now,
            run_id=context["run_id"],
            connections=connection_field,
        )
        if landed is None:
            raise AirflowSkipException(f"{site} is not due yet")
        return landed

    for source in _sites:
        crawl.override(task_id=source.name, outlets=[Asset(f"ecomops://raw/{source.name}/pages")])(source.name)


_sites = [source for source in api_sources() if source.is_crawled]
if _sites:  # who crawls nobody sees no empty DAG
    crawl_competitors()
