"""What interrupted runs of a crawl recorded: a resumed one is answered from it instead of the network."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from extractors.crawl.warc import Record, read_at, read_records

_INTENTS = "intents.txt"


class Replay:
    """The visits of interrupted runs, by address, in the order in which they were made.

    A page that was asked for three times is answered three times, so that a resumed run decides as the first one did.

    Args:
        segments: Their segments, in order.
    """

    def __init__(self, segments: Iterable[Path] = ()) -> None:
        self._places: defaultdict[str, deque[tuple[Path, int]]] = defaultdict(deque)
        self.last: datetime | None = None
        for path in segments:
            for record in read_records(path):
                if record.is_visit:
                    self._places[record.url].append((path, record.offset))
                    self.last = record.at if self.last is None else max(self.last, record.at)

    def __len__(self) -> int:
        """Visits that were not taken yet."""
        return sum(map(len, self._places.values()))

    def __contains__(self, url: object) -> bool:
        """Whether an address has a visit that was not taken yet."""
        return url in self._places

    def counts(self) -> dict[str, int]:
        """How many such visits each address has."""
        return {url: len(places) for url, places in self._places.items()}

    def take(self, url: str) -> Record | None:
        """The next visit of an address; None where there is none (left)."""
        places = self._places.get(url)
        if not places:
            return None
        path, offset = places.popleft()
        if not places:
            del self._places[url]
        return read_at(path, offset)


class Intents:
    """Which addresses were about to be asked for: written before each request leaves.

    An address with more intents than records was under way when the crawl was killed. Whether the server saw it,
    nobody knows.

    Args:
        folder: Where they are kept.
        recorded: The visits of interrupted runs.
    """

    def __init__(self, folder: Path, recorded: Replay) -> None:
        path = folder / _INTENTS
        self._interrupted: Counter[str] = Counter()
        for line in path.read_text("utf-8", "replace").splitlines() if path.exists() else ():
            self._interrupted[line[1:]] += 1 if line.startswith("+") else -1
        self._interrupted.subtract(recorded.counts())
        self._file = path.open("ab", buffering=0)

    def add(self, url: str) -> None:
        """Writes that an address is about to be asked for."""
        self._file.write(f"+{url}\n".encode())

    def was_interrupted(self, url: str) -> bool:
        """Whether an earlier run was killed while an address was under way."""
        return self._interrupted[url] > 0

    def forget(self, url: str) -> None:
        """Writes that the interrupted request of an address is made up for."""
        self._interrupted[url] -= 1
        self._file.write(f"-{url}\n".encode())
