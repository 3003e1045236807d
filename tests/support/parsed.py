"""What dbt understood of the project, kept between test sessions.

Each test has a folder of its own, and in each dbt would begin by reading the whole project, which takes longer than
most of what it is then asked to do.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

from lakehouse.settings import Settings
from lakehouse.warehouse import transform

VARIABLE = "DBT_PARTIAL_PARSE_FILE_PATH"


def parsed_project(cache: Path) -> Path:
    """The file for `DBT_PARTIAL_PARSE_FILE_PATH`; made by whichever process of a session comes first."""
    folder = cache / transform.project_digest()
    state = folder / "partial_parse.msgpack"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not state.exists():
            _parse(folder)
    return state


def _parse(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(_env_file=None, var_dir=folder)
    command = [str(Path(sys.executable).parent / "dbt"), "--no-use-colors", "parse"]
    done = subprocess.run(
        [*command, *transform._folders(settings, folder)],
        env=transform._environment(folder / "build.duckdb", settings),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"dbt does not understand the project:\n{done.stdout}\n{done.stderr}"
