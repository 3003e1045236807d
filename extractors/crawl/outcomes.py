"""How a visit ends without a page: what stops it, and what the record of it says.

Scrapy drops a request quietly when an `IgnoreRequest` is raised for it, and does not retry it. Each end below is one,
so that the recorder's `process_exception` sees it and nothing else acts on it.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

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


_LONGEST = 200
_IN_WORDS: dict[type[BaseException], tuple[Outcome, str]] = {
    DownloadTimeoutError: ("timed_out", "The server took too long."),
    DownloadCancelledError: ("too_large", "The body is larger than the limit."),
    CannotResolveHostError: ("failed", "The host's name stands for no address."),
    DownloadConnectionRefusedError: ("failed", "The server refused the connection."),
    ResponseDataLossError: ("failed", "The body broke off."),
}


def outcome_of(error: BaseException) -> tuple[Outcome, str]:
    """What the record of a visit says that ended with this error: the outcome and the reason."""
    if isinstance(error, VisitEnded):
        return error.outcome, error.reason
    for kind, told in _IN_WORDS.items():
        if isinstance(error, kind):
            return told
    # Twisted keeps what happened in a list inside of the error, and its text names objects by their place in memory.
    inner = getattr(error.__cause__, "reasons", None) if isinstance(error, DownloadFailedError) else None
    shown = inner[0].value if inner else error
    return "failed", f"{type(shown).__name__}: {shown}"[:_LONGEST]
