"""A throwaway Airflow with this repository's airflow.cfg and DAGs, in processes of its own.

Airflow is never imported by the tests themselves: it takes over logging and reads its home on import.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lakehouse.settings import PROJECT_ROOT

_BIN = Path(sys.executable).parent
NEVER = datetime.max  # noqa: DTZ901 -- Airflow's database holds UTC without a zone


@dataclass(frozen=True)
class TaskRow:
    """A task instance, as Airflow's database tells it."""

    dag_id: str
    run_id: str
    task_id: str
    state: str | None
    started: datetime
    ended: datetime

    @property
    def seconds(self) -> float:
        """How long it ran."""
        return (self.ended - self.started).total_seconds() if self.ended != NEVER else 0.0


@dataclass(frozen=True)
class RunRow:
    """A DAG run, as Airflow's database tells it."""

    dag_id: str
    run_id: str
    run_type: str
    state: str
    interval: tuple[datetime, datetime]
    started: datetime
    ended: datetime


class AirflowHome:
    """An AIRFLOW_HOME in a folder of the test; ecomops writes into it too.

    Args:
        path: An empty folder.
        extra: Further environment variables for every command.
    """

    def __init__(self, path: Path, extra: dict[str, str] | None = None) -> None:
        self.path = path
        shutil.copy(PROJECT_ROOT / "airflow.cfg", path)
        for name in ("dags", "config"):
            (path / name).symlink_to(PROJECT_ROOT / name)
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "ECOMOPS_"))}
        self.env = {
            **inherited,
            "PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}",
            "AIRFLOW_HOME": str(path),
            "ECOMOPS_VAR_DIR": str(path / "var"),
            "ECOMOPS_DROPS_DIR": str(path / "drops"),
            "OMP_NUM_THREADS": "1",
            **(extra or {}),
        }

    def setup(self) -> None:
        """Secrets, database, pools: by the very script that `make airflow` runs."""
        self.run(sys.executable, str(PROJECT_ROOT / "scripts" / "airflow-setup"))

    def run(self, *command: str, limit_s: float = 300) -> str:
        """Runs a command in this home; returns what it wrote.

        Raises:
            AssertionError: If it fails; with its output.
        """
        done = subprocess.run(
            command, env=self.env, cwd=self.path, capture_output=True, text=True, timeout=limit_s, check=False
        )
        assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def airflow(self, *arguments: str, limit_s: float = 300) -> str:
        """Runs an `airflow` command."""
        return self.run("airflow", *arguments, limit_s=limit_s)

    @contextmanager
    def up(self) -> Iterator[None]:
        """Runs scheduler, DAG processor and API server on a free port, until all DAG files were read."""
        log = self.path / "airflow-up.log"
        command = [sys.executable, str(PROJECT_ROOT / "scripts" / "airflow-up"), "--port", str(free_port())]
        with log.open("wb") as out:
            process = subprocess.Popen(command, env=self.env, cwd=self.path, stdout=out, stderr=out)
            try:
                self._until(lambda: "Airflow is ready" in log.read_text(), 300, "Airflow to be ready", process)
                self._until(lambda: len(self.dag_ids()) >= 4, 120, "the DAG files to be read", process)
                yield
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(60)

    def backfill(
        self, dag_id: str, begin: datetime, end: datetime, *options: str, runs: int, limit_s: float = 600
    ) -> list[RunRow]:
        """Backfills from one interval's start to another's, both included, and waits for the runs to end.

        Args:
            dag_id: The DAG; paused again afterwards.
            begin: Start of the first interval.
            end: Start of the last.
            options: Further options of `airflow backfill create`.
            runs: How many runs that must make.
            limit_s: How long to wait for them.

        Returns:
            The runs that began since.
        """
        before = {(run.run_id, run.ended) for run in self.runs(dag_id)}
        self.airflow("dags", "unpause", dag_id)
        interval = ("--from-date", begin.isoformat(), "--to-date", end.isoformat())
        self.airflow("backfill", "create", "--dag-id", dag_id, *interval, *options)

        def fresh() -> list[RunRow]:
            return [run for run in self.runs(dag_id) if (run.run_id, run.ended) not in before]

        ended = {"success", "failed"}
        self.wait_for(lambda: sum(run.state in ended for run in fresh()) == runs, f"{runs} runs of {dag_id}", limit_s)
        self.airflow("dags", "pause", dag_id)
        return fresh()

    def wait_for(self, done: Callable[[], bool], what: str, limit_s: float = 600) -> None:
        """Waits until something holds.

        Raises:
            AssertionError: If it does not come to hold in time; with the state of all tasks.
        """
        self._until(done, limit_s, what, None)

    def dag_ids(self) -> list[str]:
        """The DAGs that Airflow knows; none while its database is being made."""
        if not self._rows("select name from sqlite_master where name = 'dag'"):
            return []
        return [str(row[0]) for row in self._rows("select dag_id from dag order by 1")]

    def runs(self, dag_id: str) -> list[RunRow]:
        """The runs of a DAG."""
        rows = self._rows(
            "select dag_id, run_id, run_type, state, data_interval_start, data_interval_end, start_date, end_date "
            "from dag_run where dag_id = ? order by start_date",
            dag_id,
        )
        return [RunRow(r[0], r[1], r[2], r[3], (_at(r[4]), _at(r[5])), _at(r[6]), _at(r[7])) for r in rows]

    def tasks(self, dag_id: str) -> list[TaskRow]:
        """The task instances of a DAG."""
        rows = self._rows(
            "select dag_id, run_id, task_id, state, start_date, end_date from task_instance "
            "where dag_id = ? order by start_date",
            dag_id,
        )
        return [TaskRow(r[0], r[1], r[2], r[3], _at(r[4]), _at(r[5])) for r in rows]

    def events(self, uri: str) -> int:
        """How many events an asset has had."""
        rows = self._rows("select count(*) from asset_event e join asset a on a.id = e.asset_id where a.uri = ?", uri)
        return int(rows[0][0])

    def task_log(self, dag_id: str, task_id: str) -> str:
        """The logs of a task, all runs and attempts."""
        folder = self.path / "var" / "airflow" / "logs" / f"dag_id={dag_id}"
        return "\n".join(file.read_text() for file in sorted(folder.glob(f"run_id=*/task_id={task_id}/*.log")))

    def _rows(self, sql: str, *params: str) -> list[tuple[str, ...]]:
        database = self.path / "var" / "airflow" / "airflow.db"
        if not database.exists():
            return []
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30) as con:
            return con.execute(sql, params).fetchall()

    def _until(
        self, done: Callable[[], bool], limit_s: float, what: str, process: subprocess.Popen[bytes] | None
    ) -> None:
        deadline = time.monotonic() + limit_s
        while not done():
            assert process is None or process.poll() is None, f"Airflow ended before {what}:\n{self._said()}"
            assert time.monotonic() < deadline, f"waited {limit_s} s for {what}:\n{self._said()}\n{self._states()}"
            time.sleep(0.5)

    def _said(self) -> str:
        log = self.path / "airflow-up.log"
        return log.read_text()[-3000:] if log.exists() else ""

    def _states(self) -> str:
        tasks = [task for dag_id in self.dag_ids() for task in self.tasks(dag_id)]
        return "\n".join(f"{task.dag_id}.{task.task_id} {task.run_id}: {task.state}" for task in tasks)


def free_port() -> int:
    """A port that nobody listened to a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _at(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else NEVER


def last_json(output: str) -> object:
    """The JSON document in the last line that a command wrote."""
    return json.loads(output.strip().splitlines()[-1])
