"""Which loads count as of a moment, and for which stretches of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lakehouse.landing.manifest import LoadRef
from lakehouse.windows import Window


@dataclass(frozen=True)
class LiveLoad:
    """A load of which at least one stretch of time is still current.

    Attributes:
        ref: The load.
        segments: The stretches of its window that no later load covers, in order.
    """

    ref: LoadRef
    segments: tuple[Window, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing of it was superseded."""
        return self.segments == (self.ref.window,)


def live_loads(refs: Iterable[LoadRef], *, as_of: datetime) -> list[LiveLoad]:
    """Which loads count as of a moment, and for which stretches of time.

    The result depends on the set of loads, not on the order in which they were landed: of two loads
    that cover an instant, the one known later counts.
    """
    covered: list[Window] = []
    live = []
    for ref in sorted((ref for ref in refs if ref.known_at <= as_of), key=lambda ref: ref.rank, reverse=True):
        segments = _subtract(ref.window, covered)
        if segments:
            live.append(LiveLoad(ref, tuple(segments)))
            covered = _merge([*covered, *segments])
    return sorted(live, key=lambda load: (load.ref.source, load.ref.stream, load.ref.window, load.ref.load_id))


def _subtract(window: Window, covered: Sequence[Window]) -> list[Window]:
    """The parts of a window outside sorted, disjoint stretches."""
    rest, start = [], window.start
    for stretch in covered:
        if stretch.end <= start or stretch.start >= window.end:
            continue
        if stretch.start > start:
            rest.append(Window(start, stretch.start))
        start = max(start, stretch.end)
    if start < window.end:
        rest.append(Window(start, window.end))
    return rest


def _merge(stretches: list[Window]) -> list[Window]:
    """Sorted, disjoint stretches that cover the same time."""
    merged: list[Window] = []
    for stretch in sorted(stretches):
        if merged and stretch.start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(merged[-1].end, stretch.end))
        else:
            merged.append(stretch)
    return merged
