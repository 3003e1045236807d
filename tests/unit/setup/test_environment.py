from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from lakehouse.settings import PROJECT_ROOT

ENV = PROJECT_ROOT / "scripts" / "env"
# Clients whose only purpose is to report on their users. dbt's (snowplow) is switched off, which is tested elsewhere.
REPORTERS = {"posthog", "sentry-sdk", "analytics-python", "segment-analytics-python", "mixpanel", "amplitude-analytics",
             "scarf", "rudder-sdk-python", "bugsnag", "rollbar", "ddtrace", "newrelic"}  # fmt: skip


def test_every_command_runs_with_telemetry_off_and_airflow_at_home() -> None:
    done = subprocess.run([ENV, "env"], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]})
    told = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    assert told["DO_NOT_TRACK"] == "1"
    assert told["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert told["GX_ANALYTICS_ENABLED"] == "false"
    assert told["AIRFLOW_HOME"] == str(PROJECT_ROOT)
    assert told["PATH"].startswith(f"{PROJECT_ROOT}/.venv/bin:")


def test_arguments_pass_unchanged() -> None:
    words = ["a b", "$HOME", "'", "*", ""]
    done = subprocess.run([ENV, "printf", "<%s>", *words], capture_output=True, text=True, check=True)
    assert done.stdout == "".join(f"<{word}>" for word in words)


def test_without_a_command_it_prints_exports() -> None:
    script = f'eval "$({ENV})" && printf %s "$GX_ANALYTICS_ENABLED"'
    assert subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout == "false"


def test_a_failing_command_fails() -> None:
    assert subprocess.run([ENV, "sh", "-c", "exit 7"], check=False).returncode == 7


def test_no_locked_package_exists_to_report_on_its_users() -> None:
    lock = tomllib.loads((PROJECT_ROOT / "uv.lock").read_text())
    assert {package["name"] for package in lock["package"]} & REPORTERS == set()


def test_every_locked_file_carries_its_hash() -> None:
    lock = tomllib.loads((PROJECT_ROOT / "uv.lock").read_text())
    files = [file for package in lock["package"] for file in [*package.get("wheels", []), package.get("sdist")] if file]
    assert len(files) > 200
    assert all(file["hash"].startswith("sha256:") for file in files)


@pytest.mark.parametrize("script", ["env", "bootstrap", "airflow-setup", "airflow-up"])
def test_scripts_can_be_run(script: str) -> None:
    assert os.access(PROJECT_ROOT / "scripts" / script, os.X_OK)


def test_make_alone_lists_every_target_with_its_purpose() -> None:
    listed = subprocess.run(["make", "-s"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout
    makefile = (PROJECT_ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    assert {"demo", "test", "lint", "types", "airflow", "sql", "doctor", "docs", "bench", "clean"} <= targets
    assert set(re.findall(r"^  make ([a-z-]+) +\S", listed, flags=re.MULTILINE)) == targets


def test_nothing_that_is_generated_is_committed(tmp_path: Path) -> None:
    for path in ("var/airflow/secrets/jwt.key", ".venv/x", ".tools/x", "var/alerts/a.json"):
        done = subprocess.run(["git", "check-ignore", "-q", path], cwd=PROJECT_ROOT, check=False)
        assert done.returncode == 0, path
