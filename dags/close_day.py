"""Closes a day: builds the warehouse, audits it, publishes it, forecasts, decides what to buy, publishes again.

**Inputs.** All loads in object storage known by the run's knowledge time. The run waits for the day's loads of
the sources that land every day, for `ECOMOPS_LANDING_WAIT_HOURS` after the day's end; then it goes on without
them and names them in the log and in an alert.
**Outputs.** Two snapshots: `core` (the sales marts, which the models read) and `current` (marts, model
results and report tables, which people read), each published whole, or not at all.
**A failed audit** leaves what people read as it was, and alerts.
**A rerun** builds the same warehouse again from the same loads. To catch up a year, backfill the landings,
then close once. A backfilled close works as of the moment when its day was closed, and never turns back the
clock of those who read today's. A scheduled or manual run works as of this moment, unless `known_at` says otherwise.
**One at a time**: the pool `warehouse_build` has one slot.
**Owner.** operations
"""

from __future__ import annotations

from typing import Any, TypeAlias

from _common import DEFAULT_ARGS, KNOWLEDGE_PARAM, START, WINDOW_PARAMS, clock, declared_knowledge, window_of
from airflow.sdk import Asset, CronDataIntervalTimetable, PokeReturnValue, dag, get_current_context, task

from lakehouse.settings import get_settings

BUILDER = "warehouse_build"
Handed: TypeAlias = Any  # while the DAG is put together an XComArg; in the task the text that it stands for


@dag(
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone=get_settings().shop_time_zone),
    start_date=START,
    catchup=False,
    max_active_runs=1,
    params={**WINDOW_PARAMS, "known_at": KNOWLEDGE_PARAM},
    default_args=DEFAULT_ARGS,
    tags=["warehouse", "models"],
    doc_md=__doc__,
)
def close_day() -> None:
    """The day's steps; every task hands on a name, never data."""

    @task.sensor(poke_interval=60.0, timeout=86400.0, mode="reschedule")
    def wait_for_landing() -> PokeReturnValue:
        from ecomops import closing

        context, settings = get_current_context(), get_settings()
        window = window_of(context)
        declared = declared_knowledge(context, history=closing.closed_at(settings, window))
        as_of = closing.knowledge_time(settings, window, now=clock(), declared=declared, run_id=context["run_id"])
        return PokeReturnValue(is_done=as_of is not None, xcom_value=as_of and as_of.isoformat())

    @task(pool=BUILDER)
    def build(as_of: Handed) -> str:
        from ecomops import pipeline
        from lakehouse.windows import parse_instant

        return pipeline.build(get_settings(), as_of=parse_instant(as_of), run_id=get_current_context()["run_id"])

    @task(pool=BUILDER, retries=0)  # it does not come out differently the second time
    def audit(candidate: Handed) -> str:
        from ecomops import pipeline

        return pipeline.audit(get_settings(), candidate)

    @task(pool=BUILDER)
    def publish(candidate: Handed) -> str:
        from ecomops import pipeline

        return pipeline.publish(get_settings(), candidate)

    @task
    def forecast_parts() -> list[str]:
        from ecomops import model_runs

        return model_runs.model_batches("forecasting")

    @task
    def forecast_part(part: Handed, snapshot: Handed) -> str:
        from ecomops import model_runs

        run_id = get_current_context()["run_id"]
        return model_runs.run_batch(get_settings(), "forecasting", part, snapshot_id=snapshot, run_id=run_id)

    @task
    def run_model(model: str, snapshot: Handed) -> str:
        from ecomops import model_runs

        return model_runs.run_model(get_settings(), model, snapshot_id=snapshot, run_id=get_current_context()["run_id"])

    @task(pool=BUILDER)
    def report_tables(snapshot: Handed) -> str:
        from ecomops import pipeline

        return pipeline.report_tables(get_settings(), snapshot_id=snapshot, run_id=get_current_context()["run_id"])

    core = publish.override(task_id="publish_core")(audit(build(wait_for_landing())))
    forecast = run_model.override(task_id="forecast")("forecasting", core)
    forecast_part.partial(snapshot=core).expand(part=forecast_parts()) >> forecast
    baskets = run_model.override(task_id="baskets")("baskets", core)
    value = run_model.override(task_id="value")("value", core)
    segments = run_model.override(task_id="segments")("segments", core)
    recommendations = run_model.override(task_id="recommendations")("recommendations", core)
    matching = run_model.override(task_id="matching")("matching", core)
    anomalies = run_model.override(task_id="anomalies")("anomalies", core)
    inventory = run_model.override(task_id="inventory")("inventory", core)
    reports = report_tables(core)
    forecast >> inventory >> reports
    [baskets, value, segments, recommendations, matching, anomalies] >> reports
    publish.override(outlets=[Asset("ecomops://warehouse/current")])(audit.override(task_id="audit_reports")(reports))


close_day()
