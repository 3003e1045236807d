"""Running dbt, in a process of its own, on a file that is being built."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lakehouse.errors import BuildError
from lakehouse.settings import PROJECT_ROOT, Settings

log = logging.getLogger(__name__)

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
_SCRIPT = Path(__file__).with_name("dbt_script.py")
# Tests that build one project over and over turn it off: those that run the command line look at all contracts.
LOOK_AT_CONTRACTS = True
_PARTS_OF_THE_MODEL = ("models", "macros", "seeds", "dbt_project.yml")


@dataclass(frozen=True)
class NodeResult:
    """What became of one model, seed or test.

    Attributes:
        node_id: dbt's unique id.
        status: success, pass, warn, fail, error or skipped.
        seconds: How long it took.
        failures: Failing rows, for a test.
        message: dbt's words.
    """

    node_id: str
    status: str
    seconds: float
    failures: int
    message: str

    @property
    def name(self) -> str:
        """The id without its type and project; a test's also without dbt's own hash."""
        parts = self.node_id.split(".")
        return parts[2] if len(parts) > 2 else self.node_id

    @property
    def kind(self) -> str:
        """What it is: model, seed, test or another of dbt's words."""
        return self.node_id.split(".", 1)[0]

    @property
    def went_wrong(self) -> bool:
        """Whether it stops a publication."""
        return self.status in {"error", "fail", "skipped", "runtime error"}


def project_digest() -> str:
    """Fingerprint of everything in the dbt project that decides what a build makes."""
    digest = hashlib.sha256()
    for part in _PARTS_OF_THE_MODEL:
        path = DBT_PROJECT / part
        files = [path] if path.is_file() else sorted(found for found in path.rglob("*") if found.is_file())
        for file in files:
            digest.update(file.relative_to(DBT_PROJECT).as_posix().encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def run_dbt(
    arguments: Sequence[str], database: Path, settings: Settings, *, made_before: bool = False
) -> list[NodeResult]:
    """Runs one dbt command on a DuckDB file that no connection has open.

    Args:
        arguments: The command and its flags, from our code only: dbt's ``--vars`` renders Jinja, so
            nothing a user typed may get here.
        database: The file.
        settings: Threads, memory and the folder for dbt's own files.
        made_before: Whether this very project made what is published: then its contracts need not be looked at again.

    Returns:
        One result per node, also where nodes failed.

    Raises:
        BuildError: If dbt did not get as far as running nodes, or was stopped on the way; the message ends with its
            last lines.
    """
    target = settings.var / "dbt" / "target"
    flags = [
        "--no-use-colors",
        "--no-send-anonymous-usage-stats",
        "--log-level-file=info",  # every statement of every model would be some hundred thousand lines a build
        *_folders(settings, target),
    ]
    log.info("dbt %s", " ".join(arguments))
    looks = LOOK_AT_CONTRACTS and not made_before
    environment = {**_environment(database, settings), "ECOMOPS_DBT_CONTRACTS": "look" if looks else "known"}
    # A folder of this very command: what a dbt left behind that was killed, or that outlived its builder, is not read.
    with tempfile.TemporaryDirectory(prefix="ecomops-dbt-") as folder:
        results_file = Path(folder) / "results.json"
        command = [*_leash(), str(_SCRIPT), str(results_file), *arguments, *flags]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        results = [_node(entry) for entry in json.loads(results_file.read_text())] if results_file.exists() else None
    if results is None or (done.returncode and not any(node.went_wrong for node in results)):
        tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise BuildError(
            f"dbt {arguments[0]} ended with status {done.returncode} and without results of its own:\n{tail}",
            remedy="Correct the project and build again.",
        )
    for node in results:
        log.log(
            logging.ERROR if node.went_wrong else logging.DEBUG, "%s %s %.2fs", node.status, node.name, node.seconds
        )
    return results


def write_docs(settings: Settings) -> Path:
    """Writes the project's documentation as one static HTML file; needs no warehouse.

    Raises:
        BuildError: If dbt could not make it.
    """
    target = settings.var / "docs"
    command = [
        *_leash(),
        str(Path(sys.executable).parent / "dbt"),
        "--no-use-colors",
        "docs",
        "generate",
        "--static",
        "--empty-catalog",
        *_folders(settings, target),
    ]
    scratch = settings.var / "dbt" / "docs.duckdb"
    done = subprocess.run(command, env=_environment(scratch, settings), capture_output=True, text=True, check=False)
    page = target / "static_index.html"
    if done.returncode or not page.exists():
        raise BuildError(f"dbt docs failed:\n{done.stdout[-2000:]}", remedy="Correct the project and try again.")
    return page


def require_success(results: Sequence[NodeResult]) -> Sequence[NodeResult]:
    """Lets no failed model pass.

    Returns:
        The results.

    Raises:
        BuildError: Naming the first model that failed, with the database's words.
    """
    wrong = [node for node in results if node.went_wrong]
    if wrong:
        causes = [node for node in wrong if node.status != "skipped"] or wrong
        first = causes[0]
        raise BuildError(
            f"{len(causes)} of {len(results)} models failed; first {first.name}: {first.message}",
            remedy="The published warehouse is as it was. Correct the model and build again.",
        )
    return results


def _folders(settings: Settings, target: Path) -> list[str]:
    logs = settings.var / "dbt" / "logs"
    folders = {"project-dir": DBT_PROJECT, "profiles-dir": DBT_PROJECT, "target-path": target, "log-path": logs}
    return [word for name, folder in folders.items() for word in (f"--{name}", str(folder))]


def _leash() -> list[str]:
    """The beginning of a command that runs a script until it ends, or we do."""
    return [sys.executable, "-P", "-m", "lakehouse.leashed", str(os.getpid())]


def _node(entry: dict[str, object]) -> NodeResult:
    return NodeResult(
        node_id=str(entry["unique_id"]),
        status=str(entry["status"]),
        seconds=float(str(entry["execution_time"])),
        failures=int(str(entry["failures"] or 0)),
        message=str(entry["message"] or ""),
    )


def _environment(database: Path, settings: Settings) -> dict[str, str]:
    """What dbt is told of its surroundings.

    The file's folder is dbt's home, and the file is named from there: dbt understands its project anew, which takes
    longer than most builds' work, wherever a word of its connection is another one.
    """
    return {
        **os.environ,
        "HOME": str(database.parent.resolve()),
        "ECOMOPS_DBT_DATABASE": f"~/{database.name}",
        "ECOMOPS_DBT_SPILL": f"~/{database.stem}.spill",
        "ECOMOPS_DBT_THREADS": str(settings.duckdb_threads),
        "ECOMOPS_DBT_MEMORY": settings.duckdb_memory_limit,
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }
