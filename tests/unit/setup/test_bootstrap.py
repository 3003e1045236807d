from __future__ import annotations

import importlib.machinery
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lakehouse.settings import PROJECT_ROOT

SCRIPT = PROJECT_ROOT / "scripts" / "bootstrap"


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, over a made-up checkout."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = importlib.machinery.SourceFileLoader("bootstrap_script", str(SCRIPT))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    for name in module.DECIDING_FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    for name, value in {
        "ROOT": tmp_path,
        "VENV": tmp_path / ".venv",
        "TOOLS": tmp_path / ".tools",
        "UV_PIN": tmp_path / "scripts" / "uv-requirements.txt",
        "STAMP": tmp_path / ".venv" / ".bootstrap-stamp",
    }.items():
        monkeypatch.setattr(module, name, str(value))
    return module


@pytest.fixture
def calls(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that the script runs; instead of running, they make the files that they would make."""
    made: list[list[str]] = []

    def call(command: list[str], **_: Any) -> int:  # noqa: ANN401 -- subprocess.call's many options
        made.append([str(part) for part in command])
        if "--target" in command:
            binary = Path(command[command.index("--target") + 1]) / "bin" / "uv"
            binary.parent.mkdir(parents=True)
            binary.touch(mode=0o755)
        if "sync" in command:
            python = Path(bootstrap.VENV) / "bin" / "python"
            python.parent.mkdir(parents=True, exist_ok=True)
            python.touch(mode=0o755)
        return 0

    monkeypatch.setattr(bootstrap.subprocess, "call", call)
    monkeypatch.setattr(bootstrap.sys, "argv", ["bootstrap"])
    return made


def test_the_first_run_installs_uv_by_hash_and_syncs_the_lock_in_two_steps(
    bootstrap: ModuleType, calls: list[list[str]]
) -> None:
    bootstrap.main()
    install = next(command for command in calls if "install" in command)
    assert "--require-hashes" in install
    syncs = [command[1:] for command in calls if "sync" in command]
    assert syncs == [
        ["sync", "--locked", "--quiet", "--no-install-project", "--compile-bytecode"],
        ["sync", "--locked", "--quiet"],
    ]


def test_a_second_run_does_nothing(bootstrap: ModuleType, calls: list[list[str]]) -> None:
    bootstrap.main()
    calls.clear()
    bootstrap.main()
    assert calls == []


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml", "scripts/uv-requirements.txt", "scripts/bootstrap"])
def test_a_changed_file_syncs_again(bootstrap: ModuleType, calls: list[list[str]], name: str) -> None:
    bootstrap.main()
    calls.clear()
    (Path(bootstrap.ROOT) / name).write_text("changed")
    bootstrap.main()
    assert len([command for command in calls if "sync" in command]) == 2


def test_an_interrupted_run_is_not_taken_for_a_finished_one(
    bootstrap: ModuleType, calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.main()
    (Path(bootstrap.ROOT) / "uv.lock").write_text("changed")

    def dies(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bootstrap.subprocess, "call", dies)
        with pytest.raises(KeyboardInterrupt):
            bootstrap.main()
    calls.clear()
    (Path(bootstrap.ROOT) / "uv.lock").write_text("uv.lock")  # even if the old lock comes back
    bootstrap.main()
    assert len([command for command in calls if "sync" in command]) == 2


def test_the_environment_of_a_moved_checkout_is_made_anew(bootstrap: ModuleType, calls: list[list[str]]) -> None:
    bootstrap.main()
    stamp = Path(bootstrap.STAMP)
    stamp.write_text(stamp.read_text().replace(bootstrap.ROOT, "/elsewhere"))
    leftover = Path(bootstrap.VENV) / "bin" / "pytest"
    leftover.write_text("#!/elsewhere/.venv/bin/python")
    bootstrap.main()
    assert not leftover.exists()


@pytest.mark.parametrize("version", [(3, 9), (3, 13)])
def test_an_unfit_python_names_the_remedy(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int]
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (*version, 1))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match=rf"(?s)this is Python {version[0]}\.{version[1]}.*Install one of them"):
        bootstrap.main()


def test_an_unfit_python_steps_aside_for_a_fit_one(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 13, 1))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: "/opt/py/python3.12" if name == "python3.12" else None)
    assert bootstrap.find_python() == "/opt/py/python3.12"


def test_without_pip_and_venv_it_names_the_package(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda *_, **__: 1)
    with pytest.raises(SystemExit, match=r"apt-get install python3-pip"):
        bootstrap.find_pip("/usr/bin/python3")


def test_without_pip_a_venv_brings_one(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda command, **_: int("pip" in command))
    assert bootstrap.find_pip("/usr/bin/python3") == [f"{bootstrap.TOOLS}/pip/bin/python", "-m", "pip"]


def test_a_failing_step_names_what_to_check(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda command, **_: int("install" in command))
    with pytest.raises(SystemExit, match=r"(?s)could not install the pinned uv.*check the network"):
        bootstrap.main()


def test_a_tampered_uv_is_refused(tmp_path: Path) -> None:
    """Holds pip to the hashes of the real pin, without a network: the file's bytes differ by one."""
    pin = (PROJECT_ROOT / "scripts" / "uv-requirements.txt").read_text()
    version = re.search(r"uv==([\d.]+)", pin)
    assert version is not None
    (tmp_path / f"uv-{version[1]}-py3-none-any.whl").write_bytes(b"not what was pinned")
    python = str(Path(sys.base_prefix) / "bin" / "python3")  # the environment of the tests has no pip of its own
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode:
        pytest.skip(f"{python} has no pip")
    done = subprocess.run(
        [python, "-m", "pip", "install", "--target", str(tmp_path / "t"), "--require-hashes", "--no-deps", "--no-index",
         "--find-links", str(tmp_path), "-r", str(PROJECT_ROOT / "scripts" / "uv-requirements.txt")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
