"""No part of this tells anybody that it runs: watched at the sockets, without the switches of `scripts/env`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lakehouse.settings import PROJECT_ROOT
from tests.support.airflow_home import AirflowHome

_LISTENING = PROJECT_ROOT / "tests" / "support" / "listening"
_SWITCHES = ("DO_NOT_TRACK", "DBT_SEND_ANONYMOUS_USAGE_STATS", "GX_ANALYTICS_ENABLED")


@pytest.fixture
def watched(tmp_path: Path) -> AirflowHome:
    """A home whose commands note the hosts they ask for in `hosts`, and know none of the switches."""
    home = AirflowHome(tmp_path, {"PYTHONPATH": str(_LISTENING), "NOTE_HOSTS_IN": str(tmp_path / "hosts")})
    for name in _SWITCHES:
        home.env.pop(name, None)
    return home


def hosts(home: AirflowHome) -> list[str]:
    notes = home.path / "hosts"
    return notes.read_text().splitlines() if notes.exists() else []


def test_the_watch_sees_who_calls_out(watched: AirflowHome) -> None:
    code = (
        "import socket, contextlib\nwith contextlib.suppress(OSError): socket.create_connection(('example.invalid', 9))"
    )
    watched.run(sys.executable, "-c", code)
    assert hosts(watched) == ["example.invalid"]


def test_dbt_is_silent(watched: AirflowHome) -> None:
    project, target = str(PROJECT_ROOT / "dbt_project"), str(watched.path / "target")
    watched.run("dbt", "parse", "--project-dir", project, "--profiles-dir", project,
                "--target-path", target, "--log-path", target)  # fmt: skip
    assert hosts(watched) == []


def test_great_expectations_is_silent(watched: AirflowHome) -> None:
    code = "\n".join([
        "import polars as pl",
        "from expectations.context import Rule, run",
        "rule = Rule('a', 'a is there', 'ExpectColumnValuesToNotBeNull', column='a')",
        "found = run(pl.DataFrame({'a': [1, None]}), [rule], suite='s', keep_in=None, name='n')",
        "assert [r.rows for r in found] == [(1,)], found",
    ])  # fmt: skip
    watched.run(sys.executable, "-c", code)
    assert hosts(watched) == []


def test_airflow_is_silent(watched: AirflowHome) -> None:
    watched.setup()
    watched.airflow("dags", "list-import-errors")
    assert hosts(watched) == []


def test_airflow_sends_neither_metrics_nor_traces(watched: AirflowHome) -> None:
    watched.setup()
    code = "\n".join([
        "from airflow.configuration import conf",
        "for section, key in [('metrics', 'statsd_on'), ('metrics', 'otel_on'), ('traces', 'otel_on'),",
        "                     ('usage_data_collection', 'enabled'), ('sentry', 'sentry_on')]:",
        "    assert not conf.getboolean(section, key, fallback=False), (section, key)",
    ])  # fmt: skip
    watched.run(sys.executable, "-c", code)
