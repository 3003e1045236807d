"""What the DAG files share: the window of a run, its clock, and what happens when a task fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Param

from lakehouse.windows import Window, parse_instant, resolve

if TYPE_CHECKING:
    from airflow.sdk import Context

# Any day may be backfilled; nothing is caught up on its own (catchup is off).
START = datetime(2000, 1, 1, tzinfo=UTC)


def _instant(description: str) -> Param:
    return Param(None, type=["null", "string"], description=description)


WINDOW_PARAMS = {
    "start": _instant("First instant, ISO 8601; empty: the run's data interval"),
    "end": _instant("First instant after it, ISO 8601"),
}
KNOWLEDGE_PARAM = _instant("Knowledge time, ISO 8601; empty: this moment, or in a backfill the day's own")


def alert_on_failure(context: Context) -> None:
    """Tells somebody that a task failed for good."""
    from ecomops.alerts import alert

    task = context["task_instance"]
    origin = f"{task.dag_id}.{task.task_id}"
    alert(f"{origin} failed", origin=origin, run_id=task.run_id, error=context.get("exception"))


DEFAULT_ARGS: dict[str, Any] = {
    "owner": "operations",
    "retries": 2,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,
    "on_failure_callback": alert_on_failure,
}


def clock() -> datetime:
    """The wall clock, to the second. Read once a run, at its edge, and handed on from there."""
    return datetime.now(UTC).replace(microsecond=0)


def connection_field(connection_id: str, field: str) -> str | None:
    """A field of an Airflow connection: one of its own, or a key of its extras."""
    from airflow.sdk import Connection

    connection = Connection.get(connection_id)
    own = getattr(connection, field, None)
    value = own if own is not None else connection.extra_dejson.get(field)
    return None if value is None else str(value)


def window_of(context: Context) -> Window:
    """The window of a run: its parameters, its partition or its data interval, in this order.

    Raises:
        WindowError: If it has none of them.
    """
    params = context["params"]
    return resolve(
        explicit=(params.get("start"), params.get("end")),
        partition_key=context["dag_run"].partition_key,
        data_interval=(context.get("data_interval_start"), context.get("data_interval_end")),
    )


def declared_knowledge(context: Context, history: datetime) -> datetime | None:
    """The knowledge time that a run declares: its parameter, or `history` where it backfills; else None."""
    if told := context["params"].get("known_at"):
        return parse_instant(told)
    return history if context["dag_run"].run_type == "backfill" else None
