"""What an interrupted crawl left: segments that were stored, and those that only this machine has."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from extractors.crawl.warc import SUMMARY, read_records, trim
from lakehouse.landing import RawFile

_SEGMENT = re.compile(r"segment-(\d{5,})\.(open|warc\.gz)")


@dataclass(frozen=True)
class Salvaged:
    """A segment that was not stored yet.

    Attributes:
        path: The file.
        number: Its number.
        records: How many records count in it.
        is_last: Whether the crawl was over with it.
    """

    path: Path
    number: int
    records: int
    is_last: bool


@dataclass(frozen=True)
class Begun:
    """A crawl that an interrupted run began.

    Attributes:
        crawl_ref: Its number.
        began_at: When it began.
        spent_s: How long it took until its last record.
    """

    crawl_ref: str
    began_at: datetime
    spent_s: float


class Spool:
    """The folder of a crawl on this machine.

    Args:
        folder: Where it is; made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._before = folder / "before"
        self._before.mkdir(parents=True, exist_ok=True)

    @property
    def before(self) -> tuple[Path, ...]:
        """Segments that a resumed crawl is answered from, in order."""
        return tuple(sorted(self._before.iterdir()))

    @property
    def next_number(self) -> int:
        """Number of the first segment that nobody wrote yet."""
        return max((_number(path) for path in self.before), default=-1) + 1

    def begun(self) -> Begun | None:
        """The crawl that these segments are of; None where there are none."""
        told: dict[str, Any] = {}
        last: datetime | None = None
        for path in self.before:
            for record in read_records(path):
                told = told or (record.told if record.kind == "warcinfo" else {})
                last = record.at
        if not told or last is None:
            return None
        began_at = datetime.fromisoformat(told["began_at"])
        return Begun(str(told["crawl_ref"]), began_at, max((last - began_at).total_seconds(), 0.0))

    def take_in(self, stored: Iterable[RawFile]) -> None:
        """Copies the segments that were stored before; those are all that an interrupted run's `before` may hold."""
        names = set()
        for file in stored:
            target = self._before / Path(file.name).name
            names.add(target.name)
            if not target.exists():
                copied = self.folder / "copied"  # never a half one among those that are whole
                shutil.copyfile(file.path, copied)
                copied.rename(target)
        for path in self.before:
            if path.name not in names:
                path.unlink()

    def salvage(self) -> list[Salvaged]:
        """The segments that were written and not stored, what a kill left half-written cut off."""
        found = []
        first = self.next_number
        for path in sorted(self.folder.glob("segment-*")):
            number = _number(path)
            if number < first:  # stored; the kill came before it was removed
                path.unlink()
                continue
            trim(path)
            records = is_last = 0
            for record in read_records(path):
                records += record.number > 0
                is_last = record.url == SUMMARY
            if not records:
                path.unlink()
                continue
            whole = path.rename(self.folder / f"segment-{number:05d}.warc.gz")
            os.link(whole, self._before / whole.name)  # the extraction removes the one that it stores
            found.append(Salvaged(whole, number, records, bool(is_last)))
        return found


def _number(path: Path) -> int:
    match = _SEGMENT.fullmatch(path.name)
    return int(match[1]) if match else -1
