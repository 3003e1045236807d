"""kill -9 at random moments of a build and its publication, dbt included.

After each the published warehouse is whole, and is the old one or the new one; a rerun gives the same marts.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lakehouse.objectstore import open_store
from lakehouse.settings import PROJECT_ROOT, Settings
from lakehouse.warehouse import CORE, open_reader, transform
from lakehouse.warehouse.oracle import Fingerprint, fingerprints
from tests.support import closing, parsed, shop

SEED = 20111209
_QUICK, _ALL = 8, 50
_Fingerprints = dict[str, Fingerprint]


def published(settings: Settings) -> _Fingerprints:
    """What people read: opened anew, checked against its hash."""
    with open_reader(settings, channel=CORE) as reader:
        return fingerprints(reader)


def start(settings: Settings) -> subprocess.Popen[bytes]:
    """A build and publication in a process group of its own."""
    command = [sys.executable, "-m", "tests.support.closing", str(settings.var), shop.day(2).end.isoformat()]
    return subprocess.Popen(command, cwd=PROJECT_ROOT, start_new_session=True, stderr=subprocess.PIPE)


def wait_until_gone(group: int) -> None:
    """Until nobody is left of a process group: a dbt ends with its builder."""
    deadline = time.monotonic() + 60
    while _is_at_work(group):
        assert time.monotonic() < deadline, "dbt outlived its builder"
        time.sleep(0.02)


def _is_at_work(group: int) -> bool:
    """Whether a process of the group lives; a dead one that nobody has asked after yet does not."""
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, found = file.read_text().rpartition(")")[2].split()[:3]
        except OSError:  # it has ended meanwhile
            continue
        if int(found) == group and state not in "ZX":
            return True
    return False


@dataclass(frozen=True)
class Scene:
    """A published warehouse, a further day landed, and what an undisturbed run makes of it.

    Attributes:
        settings: Where it is.
        pristine: A copy of the object store before the further day was closed.
        old: What is published.
        new: What will be.
        seconds: How long an undisturbed run takes.
    """

    settings: Settings
    pristine: Path
    old: _Fingerprints
    new: _Fingerprints
    seconds: float

    def reset(self) -> None:
        """Puts the store back; what killed builds left elsewhere stays where it is."""
        shutil.rmtree(self.settings.store)
        shutil.copytree(self.pristine, self.settings.store)


@pytest.fixture(scope="module")
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("killed")
    project = shop.project_copy(folder, "sales")  # a build of all marts takes longer than what is tested
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(closing.PROJECT, str(project))
        patch.setattr(transform, "DBT_PROJECT", project)
        assert request.config.cache is not None
        patch.setenv(parsed.VARIABLE, str(parsed.parsed_project(request.config.cache.mkdir("dbt"))))
        yield _scene(folder)


def _scene(folder: Path) -> Scene:
    settings = closing.settings_in(folder / "var")
    for number in range(2):
        shop.land(open_store(settings), shop.day(number), shop.lines_of_day(number))
    closing.build_and_publish(settings, shop.day(1).end, "old")
    shop.land(open_store(settings), shop.day(2), shop.lines_of_day(2))
    old = published(settings)
    pristine = Path(shutil.copytree(settings.store, folder / "pristine"))
    begin = time.monotonic()
    process = start(settings)
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    scene = Scene(settings, pristine, old, published(settings), time.monotonic() - begin)
    scene.reset()
    return scene


def moments(all_cases: int) -> list[float]:
    """Shares of an undisturbed run's length, spread over all of it, each somewhere within its own stretch."""
    rng = random.Random(SEED)  # noqa: S311 - moments, not secrets
    return [(number + rng.random()) / all_cases for number in range(all_cases)]


def killed_at(scene: Scene, share: float, pace: list[float], *, alone: bool) -> bool:
    """Starts a build and kills it at a share of its length; whether it was still there to be killed.

    Args:
        scene: Where.
        share: When, from 0 to 1.
        pace: How long undisturbed runs took, the last one last: other work on the machine comes and goes.
        alone: Kill the builder alone, as when memory runs out, and not its dbt.
    """
    for _ in range(3):
        process, begin = start(scene.settings), time.monotonic()
        try:
            process.wait(timeout=share * pace[-1])
        except subprocess.TimeoutExpired:
            process.kill() if alone else os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            wait_until_gone(process.pid)
            return True
        pace.append(time.monotonic() - begin)
        assert process.returncode == 0
        assert published(scene.settings) == scene.new
        scene.reset()
    return False


def test_a_kill_at_any_moment_leaves_the_old_or_the_new_warehouse(scene: Scene, pytestconfig: pytest.Config) -> None:
    shares = moments(_ALL if pytestconfig.getoption("--all-cases") else _QUICK)
    random.Random(SEED).shuffle(shares)  # noqa: S311 - an order
    assert scene.old != scene.new
    pace, killed = [scene.seconds], 0
    for number, share in enumerate(shares):
        killed += killed_at(scene, share, pace, alone=number % 5 == 4)

        seen = published(scene.settings)

        assert seen in (scene.old, scene.new), f"torn after {share:.3f} of {pace[-1]:.1f} s"
        if seen == scene.new:
            scene.reset()
    assert killed >= 0.9 * len(shares)

    rerun = start(scene.settings)
    _, errors = rerun.communicate()

    assert rerun.returncode == 0, errors.decode()
    assert published(scene.settings) == scene.new


def test_a_builders_dbt_does_not_outlive_it(scene: Scene) -> None:
    """Else two of them would be at work on two files, with one place for their results."""
    scene.reset()
    first = start(scene.settings)
    _wait_for_change(scene.settings.var / "dbt" / "logs" / "dbt.log")
    assert _is_at_work(first.pid)
    first.kill()
    first.wait()

    second = start(scene.settings)
    _, errors = second.communicate()

    assert second.returncode == 0, errors.decode()
    assert published(scene.settings) == scene.new
    wait_until_gone(first.pid)


def _wait_for_change(file: Path) -> None:
    """Until somebody writes to the file: dbt has begun."""
    before = file.stat().st_mtime_ns
    deadline = time.monotonic() + 120
    while file.stat().st_mtime_ns == before:
        assert time.monotonic() < deadline, "dbt did not begin"
        time.sleep(0.02)
