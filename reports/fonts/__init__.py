"""The fonts that reports are set in, kept with them so that a report looks the same on every machine."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def displayable() -> frozenset[int]:
    """The code points that at least one of the kept fonts can draw, in every weight that is used."""
    points: set[int] = set()
    for line in (FOLDER / "coverage.txt").read_text(encoding="ascii").splitlines():
        first, _, last = line.partition("-")
        points.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(points)
