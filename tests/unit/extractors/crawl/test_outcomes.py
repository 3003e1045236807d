"""How a visit's end is told: an outcome of the stream's, and a reason that is the same at every run."""

from __future__ import annotations

from typing import Any

import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError, ResponseFailed

from extractors.crawl.outcomes import Disallowed, Failed, Refused, TimedOut, TooLarge, outcome_of


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Disallowed("why"), "disallowed"),
        (Refused("why"), "refused"),
        (TooLarge("why"), "too_large"),
        (TimedOut("why"), "timed_out"),
        (Failed("why"), "failed"),
    ],
    ids=lambda value: str(value),
)
def test_our_own_ends_say_why(error: IgnoreRequest, outcome: str) -> None:
    assert outcome_of(error) == (outcome, "why")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (DownloadTimeoutError("Getting x took longer"), "timed_out"),
        (DownloadCancelledError(), "too_large"),
        (CannotResolveHostError(), "failed"),
        (DownloadConnectionRefusedError(), "failed"),
        (ResponseDataLossError(), "failed"),
        (ValueError("x" * 5_000), "failed"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_others_are_put_into_words(error: Exception, outcome: str) -> None:
    told = outcome_of(error)
    assert told[0] == outcome
    assert 5 < len(told[1]) <= 200


def test_what_twisted_wraps_is_told_without_places_in_memory() -> None:
    error = DownloadFailedError("[<twisted.python.failure.Failure at 0x7f>]")
    wrapped: Any = ResponseFailed  # Twisted's web client has no types
    error.__cause__ = wrapped([Failure(ParseError("wrong number of parts", b"x"))])  # type: ignore[no-untyped-call]
    assert outcome_of(error)[1].startswith("ParseError: ")
    assert "0x" not in outcome_of(error)[1]
