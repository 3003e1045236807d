"""Faults on order: which request is to go wrong, and how."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

GENERIC_KINDS = frozenset({"throttle", "throttle_after", "error_html", "truncate", "truncate_quietly", "drop", "slow"})
"""Faults that any server can have; the middleware makes them."""

SEMANTIC_KINDS = frozenset(
    {
        "duplicate",
        "reorder",
        "expired_cursor",
        "late_update",
        "insert_while_paging",
        "missing_rows",
        "schema_extra",
        "schema_retype",
    }
)
"""Faults that take knowledge of the data; an application asks for them by `Faults.strike`."""


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: What happens; one of `GENERIC_KINDS` and `SEMANTIC_KINDS`. `truncate` closes the connection in the
            middle of a body whose length was announced; `truncate_quietly` announces the length of the half.
        path: Regular expression that must be found in the request's path.
        at: Numbers, from 1, of the requests that it strikes, counted among those whose path matches.
        probability: The share of matching requests that it strikes by chance, besides those in `at`.
        seed: Of that chance.
        seconds: How long `slow` waits; what `throttle_after` puts into Retry-After.
        status: What `error_html` answers with.
        times: How often it strikes at most; None for no limit.

    Raises:
        ValueError: If there is no such kind, or the fault could never strike.
    """

    kind: str
    path: str = ".*"
    at: tuple[int, ...] = ()
    probability: float = 0.0
    seed: int = 0
    seconds: float = 1.0
    status: int = 503
    times: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in GENERIC_KINDS | SEMANTIC_KINDS:
            raise ValueError(f"no fault is called {self.kind!r}")
        if not self.at and not 0 < self.probability <= 1:
            raise ValueError(f"the fault {self.kind!r} needs request numbers or a probability in (0, 1]")
        re.compile(self.path)

    @classmethod
    def of(cls, described: Mapping[str, Any]) -> Fault:
        """The fault that a JSON object describes.

        Raises:
            ValueError: If a key is unknown, or the fault is none.
        """
        unknown = set(described) - {one.name for one in fields(cls)}
        if unknown or "kind" not in described:
            raise ValueError(f"a fault has a kind and no {sorted(unknown)}")
        return cls(**{**described, "at": tuple(described.get("at", ()))})


@dataclass
class _Armed:
    """A fault and how far it has counted."""

    fault: Fault
    seen: int = 0
    struck: int = 0
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.fault.seed)  # noqa: S311  the same faults again are wanted, not secrecy

    def strikes(self, path: str) -> bool:
        """Counts this request where the path matches; says whether the fault strikes it."""
        if not re.search(self.fault.path, path):
            return False
        self.seen += 1
        by_chance = self.fault.probability > 0 and self.chance.random() < self.fault.probability
        exhausted = self.fault.times is not None and self.struck >= self.fault.times
        if exhausted or not (by_chance or self.seen in self.fault.at):
            return False
        self.struck += 1
        return True


class Faults:
    """The faults that a server has at present, each with its own count of requests.

    Args:
        faults: What shall go wrong; nothing by default.
    """

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self.replace(faults)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Takes other faults instead; all counts begin again."""
        armed = [_Armed(fault) for fault in faults]
        with self._lock:
            self._armed = armed

    def struck(self, kinds: str | Iterable[str], path: str) -> list[Fault]:
        """Counts a request against the faults of these kinds; gives those that strike it, in the order declared."""
        wanted = {kinds} if isinstance(kinds, str) else frozenset(kinds)
        with self._lock:
            return [armed.fault for armed in self._armed if armed.fault.kind in wanted and armed.strikes(path)]

    def strike(self, kind: str, path: str) -> bool:
        """Counts a request against the faults of this kind; says whether one strikes it."""
        return bool(self.struck(kind, path))

    def counts(self) -> list[dict[str, Any]]:
        """Each fault, how many requests it has seen and how many it struck."""
        with self._lock:
            return [
                {"kind": armed.fault.kind, "path": armed.fault.path, "seen": armed.seen, "struck": armed.struck}
                for armed in self._armed
            ]
