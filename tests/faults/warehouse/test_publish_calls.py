"""Publishing, failing or killed at each of its calls to the file system in turn."""

from __future__ import annotations

import builtins
import errno
import io
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ecomops import pipeline
from lakehouse.errors import StoreUnavailableError
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import Settings
from lakehouse.warehouse import CORE, Candidate, Warehouse, open_reader
from tests.support import tiny

_CALLS = ((os, ("open", "fsync", "replace", "link", "unlink", "mkdir", "chmod")), (shutil, ("copyfile",)))
_KILLED = 77


class Counter:
    """Lets so many calls through, then acts; the places are patched only while `armed`."""

    def __init__(self, limit: float, act: Callable[[], None], *, after_effect: bool = False) -> None:
        self.calls: list[str] = []
        self._limit, self._act, self._after_effect = limit, act, after_effect

    def wrap(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            self.calls.append(f"{name} {args[0]}")
            fatal = len(self.calls) == self._limit
            if fatal and not self._after_effect:
                self._act()
            try:
                return real(*args, **kwargs)
            finally:
                if fatal and self._after_effect:
                    self._act()

        return call

    def armed(self, patch: pytest.MonkeyPatch) -> None:
        """Patches every call by which publishing changes or reads files."""
        for module, names in _CALLS:
            for name in names:
                patch.setattr(module, name, self.wrap(name, getattr(module, name)))
        opened = self.wrap("file", io.open)
        patch.setattr(io, "open", opened)
        patch.setattr(builtins, "open", opened)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Candidate]:
    """A store with two published snapshots and an audited candidate; publishing it makes the oldest expire."""
    folder = tmp_path_factory.mktemp("stage")
    warehouse = Warehouse(Settings(var_dir=folder), DirectoryStore(folder / "lake"))
    for number in range(2):
        tiny.published(warehouse, folder, number)
    return folder / "lake", warehouse.mark_audited(tiny.sealed(warehouse, folder, 2))


def scene(settings: Settings, stage: tuple[Path, Candidate]) -> Settings:
    """The store as it was on the stage."""
    shutil.rmtree(settings.store, ignore_errors=True)
    shutil.copytree(stage[0], settings.store)
    return settings.model_copy(update={"keep_snapshots": 2})


def contents(settings: Settings) -> dict[str, bytes]:
    store = DirectoryStore(Path(settings.store))
    return {info.key: store.get(info.key) for info in store.list("")}


def read(settings: Settings) -> int:
    with open_reader(settings, channel=CORE) as reader:
        return int(reader.rows("select any_value(a) from t")[0][0])


def undisturbed(settings: Settings, stage: tuple[Path, Candidate]) -> tuple[dict[str, bytes], int]:
    """What publishing comes to, and how many calls that takes."""
    own = scene(settings, stage)
    counter = Counter(float("inf"), lambda: None)
    with pytest.MonkeyPatch.context() as patch:
        counter.armed(patch)
        pipeline.publish(own, stage[1].snapshot_id)
    assert read(own) == 2
    assert {"link", "fsync", "replace", "unlink", "file"} <= {call.split()[0] for call in counter.calls}
    return contents(own), len(counter.calls)


def test_a_failure_at_any_call_leaves_the_channel_readable(settings: Settings, stage: tuple[Path, Candidate]) -> None:
    expected, calls = undisturbed(settings, stage)

    def disk_is_broken() -> None:
        raise OSError(errno.EIO, "Input/output error")

    failed = 0
    for number in range(1, calls + 1):
        own = scene(settings, stage)
        counter = Counter(number, disk_is_broken)
        with pytest.MonkeyPatch.context() as patch:
            counter.armed(patch)
            try:
                pipeline.publish(own, stage[1].snapshot_id)
            except (StoreUnavailableError, OSError):
                failed += 1
            else:
                assert read(own) == 2  # a folder that cannot be made, and is there already
        _check_and_rerun(own, stage[1], expected, counter.calls[number - 1])
    assert failed > calls / 2


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_kill_at_any_call_leaves_the_channel_readable(
    settings: Settings, stage: tuple[Path, Candidate], *, after_effect: bool
) -> None:
    """In a forked process that ends on the spot: nothing is tidied up."""
    expected, calls = undisturbed(settings, stage)
    for number in range(1, calls + 1):
        own = scene(settings, stage)
        child = os.fork()
        if child == 0:
            counter = Counter(number, lambda: os._exit(_KILLED), after_effect=after_effect)
            counter.armed(pytest.MonkeyPatch())
            try:
                pipeline.publish(own, stage[1].snapshot_id)
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == _KILLED, f"there was no call {number}"
        _check_and_rerun(own, stage[1], expected, f"call {number}")


def _check_and_rerun(settings: Settings, candidate: Candidate, expected: dict[str, bytes], where: str) -> None:
    assert read(settings) in {1, 2}, where
    assert pipeline.publish(settings, candidate.snapshot_id) == candidate.snapshot_id
    assert read(settings) == 2
    pipeline.care(settings, now=datetime(2030, 1, 1, tzinfo=UTC))  # what the killed one was about to delete
    assert contents(settings) == expected, where
