"""Every command that a document tells people to type: run from the top, or known to be a command where it can't be."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lakehouse.settings import PROJECT_ROOT
from tests.support import markdown
from tests.support.airflow_home import AirflowHome
from tests.support.markdown import Block

ENGINEERS = PROJECT_ROOT / "docs" / "data-engineers.md"
_FILE = re.compile(r"file: (\S+?)(?:, (\w+))?$")


def kept(text: str, var: Path) -> str:
    """The same with every path of `var` in a folder of the test."""
    return re.sub(r"\bvar/", f"{var}/", text)


def commands(document: Path) -> list[Block]:
    """The blocks that can be run from the top."""
    return [block for block in markdown.blocks(document, "sh") if not block.remark]


def write_files(document: Path, var: Path) -> list[Path]:
    """Puts the files that a document prints where it says they are."""
    written = []
    for language in ("csv", "yaml"):
        for block in markdown.blocks(document, language):
            match = _FILE.search(block.remark)
            if match:
                path = Path(kept(match[1], var))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block.text, encoding=match[2] or "utf-8")
                written.append(path)
    return written


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the data engineers' page says when all its commands are run, one after the other."""
    var = tmp_path_factory.mktemp("engineers") / "var"
    assert len(write_files(ENGINEERS, var)) == 4
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ECOMOPS_", "AIRFLOW_"))}
    env |= {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}", "COLUMNS": "200"}
    steps = [f"echo '=== {block.name}'\n{kept(block.text, var)}" for block in commands(ENGINEERS)]
    script = "\n".join(["set -eu", f"export ECOMOPS_VAR_DIR={var}", *steps])
    done = subprocess.run(
        ["sh", "-c", script], cwd=PROJECT_ROOT, env=env, capture_output=True, text=True, timeout=1800, check=False
    )
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def test_the_commands_for_data_engineers_run_from_the_top(said: str) -> None:
    assert said.count("===") == len(commands(ENGINEERS))
    assert "published 20110306T000000Z-current-" in said


def test_the_marketplace_of_the_page_lands_as_the_page_says(said: str) -> None:
    assert "4 records received = 3 landed + 0 repeated + 1 quarantined" in said
    assert re.search(r"harbour\s+order_lines\s+Harbour market\s+1", said)
    assert re.search(r"harbour\s+Menge\s+Menge is not a whole number\s+1", said)
    assert "1 loads read again" in said


def test_landing_again_changes_nothing(said: str) -> None:
    one_day, all_days = re.findall(r"(\d+) loads \((\d+) were there before\)", said)[:2]
    assert one_day == ("1", "0")
    assert int(all_days[0]) > 80
    assert all_days[1] == "1"


def test_the_airflow_commands_are_accepted(tmp_path: Path) -> None:
    blocks = [block for block in markdown.blocks(ENGINEERS, "sh") if block.remark == "airflow"]
    assert len(blocks) == 4
    home = AirflowHome(tmp_path)
    home.setup()
    home.airflow("dags", "reserialize")
    home.run("sh", "-c", "set -eu\n" + "\n".join(block.text for block in blocks))
    assert {run.run_type for run in home.runs("land_online_retail")} == {"manual", "backfill"}
    assert [run.run_type for run in home.runs("close_day")] == ["manual"]


def every_command() -> list[str]:
    """The lines of all blocks of shell commands."""
    lines = []
    for document in markdown.documents():
        for block in markdown.blocks(document, "sh"):
            lines += [line.split(" #")[0].strip() for line in block.text.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def targets() -> set[str]:
    """What `make` can make."""
    return set(re.findall(r"^([a-z][a-z-]*):", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE))


def test_every_make_target_that_is_named_exists() -> None:
    named = {word for line in every_command() for word in re.findall(r"\bmake ([a-z][a-z-]*)", line)}
    prose = {
        word
        for document in markdown.documents()
        for word in re.findall(r"`make ([a-z][a-z-]*)", document.read_text(encoding="utf-8"))
    }
    assert {"demo", "test"} <= named
    assert named | prose <= targets()


def test_every_ecomops_command_that_is_named_exists() -> None:
    from ecomops.cli import app

    known = {(command.name or getattr(command.callback, "__name__", "")) for command in app.registered_commands}
    known |= {str(group.name) for group in app.registered_groups}
    texts = [document.read_text(encoding="utf-8") for document in markdown.documents()]
    named = {word for text in texts for word in re.findall(r"(?<![\w/.-])ecomops ([a-z]+)\b(?=[ `\n])", text)}
    used = {word for line in every_command() for word in re.findall(r"\becomops ([a-z]+)", line)}
    assert {"sql", "close", "land"} <= used
    assert used <= known
    assert named & known


def test_the_mapping_that_is_printed_is_valid() -> None:
    from extractors.files.mapping import SourceMapping

    block = next(block for block in markdown.blocks(ENGINEERS, "yaml") if "harbour" in block.text)
    assert SourceMapping.model_validate(yaml.safe_load(block.text)).name == "harbour"
