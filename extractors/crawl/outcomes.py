"""How a visit ends without a page: what stops it, and what the record of it says.

Scrapy drops a request quietly when an `IgnoreRequest` is raised for it, and does not retry it. Each end below is one,
so that the recorder's `process_exception` sees it and nothing else acts on it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, IgnoreRequest

Outcome = Literal[
    "fetched", "unchanged", "redirected", "missing", "disallowed", "refused", "too_large", "timed_out", "failed"
]


class VisitEnded(IgnoreRequest):
    """A visit ends here, by our own decision.

    Args:
        reason: Why, in words that a person reads in `crawl_pages.reason`; never the page's own text.
    """

    outcome: ClassVar[Outcome] = "failed"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Disallowed(VisitEnded):
    """robots.txt forbids the address, or could not be read: nothing was asked of the server."""

    outcome: ClassVar[Outcome] = "disallowed"


class Refused(VisitEnded):
    """The address, where it leads, or the answer's form is not safe."""

    outcome: ClassVar[Outcome] = "refused"


class TooLarge(VisitEnded):
    """The answer is larger than the limit, as sent or after decompression."""

    outcome: ClassVar[Outcome] = "too_large"


class TimedOut(VisitEnded):
    """The answer took longer than the limit."""

    outcome: ClassVar[Outcome] = "timed_out"


class Failed(VisitEnded):
    """An answer came and is of no use: its body is not what its headers say."""


def outcome_of(error: BaseException) -> tuple[Outcome, str]:
    """What the record of a visit says that ended with this error: the outcome and the reason."""
    if isinstance(error, VisitEnded):
        return error.outcome, error.reason
    if isinstance(error, DownloadTimeoutError):
        return "timed_out", str(error) or "The server took too long."
    if isinstance(error, DownloadCancelledError):
        return "too_large", "The body is larger than the limit."
    return "failed", f"{type(error).__name__}: {error}"
