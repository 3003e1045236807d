"""The process of a crawl as its parent sees it: what it says, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from extractors.api.errors import ApiError
from extractors.crawl.job import Job, Told

_PATIENCE_S = 10.0
_LAST_WORDS = 2_000


def crawl(job: Job) -> Iterator[Told]:
    """Crawls in a process of its own, which ends when this iterator does, or this process.

    Args:
        job: What to do; its segments are in its folder.

    Raises:
        ApiError: If it did not end as it should; what it recorded is kept.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    words = job.folder / "stderr.txt"
    with words.open("wb") as errors, _started(job, errors.fileno()) as process:
        assert process.stdout is not None  # noqa: S101 -- a pipe was asked for
        for line in process.stdout:
            yield Told.model_validate_json(line)
        code = process.wait()
    if code:
        raise ApiError(
            f"The crawl {job.crawl_ref} ended with {_named(code)}: {_last(words)}",
            remedy="Run it again: it goes on behind what was recorded.",
        )


@contextmanager
def _started(job: Job, errors: int) -> Iterator[subprocess.Popen[bytes]]:
    path = job.folder / "job.json"
    path.write_text(job.model_dump_json(), "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "extractors.crawl.process", str(path)],
        stdin=subprocess.PIPE,  # its end tells the child that we are gone, however we went
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,  # a keyboard's interrupt is for us: we tell the child
    )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Lets what is under way come in, for a while; then ends it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _named(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"


def _last(words: Path) -> str:
    told = words.read_text("utf-8", "replace").strip()
    return told[-_LAST_WORDS:] or "it said nothing"
