"""Run in a process of its own: parses the DAG folder as Airflow does, and prints what it found as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Prints DAGs, import errors, and which heavy packages parsing loaded."""
    from airflow.configuration import conf
    from airflow.dag_processing.dagbag import DagBag

    folder = Path(conf.get("core", "dags_folder"))
    sys.path.insert(0, str(folder))  # as Airflow does with a bundle's path
    before = set(sys.modules)
    bag = DagBag(dag_folder=folder, bundle_path=folder)
    roots = {name.partition(".")[0] for name in set(sys.modules) - before}
    found = {"import_errors": bag.import_errors, "loaded": sorted(roots), "dags": [_dag(d) for d in bag.dags.values()]}
    sys.stdout.write(f"\n{json.dumps(found)}\n")


def _dag(dag: Any) -> dict[str, Any]:  # noqa: ANN401 -- Airflow's classes are not imported by tests
    timetable = dag.timetable
    return {
        "dag_id": dag.dag_id,
        "file": Path(dag.fileloc).name,
        "doc": dag.doc_md or "",
        "tags": sorted(dag.tags),
        "owner": dag.owner,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "max_active_tasks": dag.max_active_tasks,
        "params": sorted(dag.params),
        "timetable": type(timetable).__name__,
        "expression": getattr(timetable, "expression", ""),
        "time_zone": str(getattr(timetable, "timezone", "")),
        "tasks": {task.task_id: _task(task) for task in dag.tasks},
    }


def _task(task: Any) -> dict[str, Any]:  # noqa: ANN401 -- as above
    told = task.on_failure_callback or ()
    callbacks = told if isinstance(told, list | tuple) else [told]  # a mapped task keeps it as it was given
    return {
        "pool": task.pool,
        "retries": task.retries,
        "alerts": [callback.__name__ for callback in callbacks],
        "downstream": sorted(task.downstream_task_ids),
        "outlets": [outlet.uri for outlet in task.outlets or ()],
        "mode": getattr(task, "mode", ""),
    }


if __name__ == "__main__":
    main()
