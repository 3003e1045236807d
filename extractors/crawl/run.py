"""The state of one run of a crawl, which the spider, the frontier and the recorder share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from extractors.crawl.addresses import compiled
from extractors.crawl.job import Told
from extractors.crawl.known import Known
from extractors.crawl.replay import Intents, Replay
from extractors.crawl.warc import Segment

if TYPE_CHECKING:
    from extractors.crawl.job import Job

SETTING = "CRAWL_RUN"
_MIB = 1 << 20
_TELL_EVERY = 20


def say(told: Told) -> None:
    """Tells the parent on a line of its own."""
    sys.stdout.write(told.model_dump_json(exclude_defaults=True) + "\n")
    sys.stdout.flush()


class Run:
    """One run of a crawl.

    Args:
        job: What is to be done.
        monotonic: A source of seconds that only go forward.
        tell: Takes what the parent is to know.
    """

    def __init__(self, job: Job, monotonic: Callable[[], float], tell: Callable[[Told], None] = say) -> None:
        self.job = job
        self.options = job.options
        self.rules = compiled(job.options)
        self.replay = Replay(job.replay)
        self.intents = Intents(job.folder, self.replay)
        self.known = Known(job.known)
        self.stop_reason = self.closed_by = ""
        self.pending = 0
        self.is_cut_short = False  # whether something that leads on to pages could not be read
        self.error: Exception | None = None
        self.visits = self.received = self.came = self.disallowed = self.trouble = 0
        self.beyond_depth = 0
        self._failures_in_row = 0
        self._monotonic, self._tell = monotonic, tell
        self._began = monotonic()
        # a practice clock may stand still between two runs: no visit is earlier than those recorded before it
        self._base = max(job.now, self.replay.last) if self.replay.last else job.now
        self._segment: Segment | None = None
        self._next_segment = job.first_segment

    def __deepcopy__(self, _memo: object) -> Run:
        """Itself: Scrapy copies its settings, and there is one run."""
        return self

    def now(self) -> datetime:
        """The moment, in the clock of whoever started the run, which goes on with the time that goes by."""
        return self._base + timedelta(seconds=self._monotonic() - self._began)

    @property
    def segment(self) -> Segment:
        """The segment that is open; the call that follows must write to it."""
        if self._segment is None:
            self._segment = Segment(self.job.folder, self._next_segment, self.job.info(), self.now())
            self._next_segment += 1
        return self._segment

    def recorded(self) -> None:
        """Closes the segment where it is large enough."""
        segment = self.segment
        if segment.records >= self.job.segment_records or segment.bytes >= self.job.segment_bytes:
            self._close(is_last=False)

    def ended(self, url: str, outcome: str, reason: str, *, is_final: bool = True) -> None:
        """Records and counts a visit that ended without an answer, unless an interrupted run recorded it."""
        if self.replay.take(url) is None:
            with self.keeping():
                self.segment.ended(url, self.now(), outcome, reason, is_final=is_final)
                self.recorded()
        self.visited(outcome)

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Ends the crawl where what it received cannot be kept: on a full disk no page may pass for visited."""
        try:
            yield
        except Exception as error:
            self.error, self.stop_reason = self.error or error, self.stop_reason or "failures"
            raise

    def visited(self, outcome: str, received: int = 0) -> None:
        """Counts a visit, recorded now or before.

        Args:
            outcome: How it ended.
            received: Bytes of the body as sent.
        """
        self.visits += 1
        self.received += received
        self.came += outcome in ("fetched", "unchanged")
        self.disallowed += outcome == "disallowed"
        if outcome in ("failed", "timed_out"):
            self._failures_in_row += 1
        elif outcome != "disallowed":
            self._failures_in_row = 0
        if self.visits % _TELL_EVERY == 0:
            self._tell(Told(visits=self.visits))

    def over(self, asked: int) -> str:
        """Why no further page may be asked for; empty: one may.

        Args:
            asked: Pages asked for so far, those under way among them.
        """
        budgets = self.options.budgets
        if not self.stop_reason:
            seconds = self._monotonic() - self._began + self.job.spent_s
            if asked >= budgets.pages:
                self.stop_reason = "page_budget"
            elif self.received >= budgets.megabytes * _MIB:
                self.stop_reason = "byte_budget"
            elif seconds >= budgets.minutes * 60:
                self.stop_reason = "time_budget"
            elif self._failures_in_row >= self.options.politeness.give_up_after:
                self.stop_reason = "failures"
        return self.stop_reason

    def finish(self) -> None:
        """Writes what the crawl came to, and closes its last segment."""
        pending = self.pending
        reason = self.stop_reason or "finished"
        if not self.came and self.disallowed:
            reason = "robots"
        elif not self.came and reason == "finished":
            reason = "failures"
        told = {
            "crawl_ref": self.job.crawl_ref,
            "stop_reason": reason,
            "is_complete": reason == "finished" and not pending and not self.is_cut_short,
            "pending_count": pending,
            "began_at": self.job.began_at.isoformat(),
            "finished_at": self.now().isoformat(),
            "beyond_depth": self.beyond_depth,
            "trouble": self.trouble,
        }
        self.segment.summary(self.now(), told)
        self._close(is_last=True)

    def _close(self, *, is_last: bool) -> None:
        segment = self.segment
        path: Path = segment.close()
        self._segment = None
        self._tell(Told(segment=path.name, records=segment.records, is_last=is_last, visits=self.visits))
