"""What a check at the raw boundary says: shared words of those who extract and those who check.

Extractors and expectations don't import one another: a landing is handed a `Validator`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import polars as pl

from lakehouse.streams import Stream
from lakehouse.windows import Window

FAILURES_SCHEMA = pl.Schema({"row_index": pl.Int64, "column_name": pl.String, "reason": pl.String})


@dataclass(frozen=True)
class CheckResult:
    """One expectation's result on a batch.

    Attributes:
        check_id: Stable name of the rule.
        title: The rule in words.
        status: ``pass``, ``warn`` or ``fail``.
        failed_rows: Rows that broke it; 0 for a rule about the whole batch.
        detail: What was seen, without any row's values.
    """

    check_id: str
    title: str
    status: str
    failed_rows: int = 0
    detail: str = ""


@dataclass(frozen=True)
class ValidationOutcome:
    """What a batch's validation found.

    Attributes:
        failures: Rows that failed, in `FAILURES_SCHEMA`: `row_index` counts the batch's rows from 0, and
            a row that broke several rules stands once for each.
        checks: Every rule's result.
    """

    failures: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FAILURES_SCHEMA))
    checks: tuple[CheckResult, ...] = ()

    @property
    def success(self) -> bool:
        """Whether every row passed every rule."""
        return self.failures.is_empty()


class Validator(Protocol):
    """Checks typed rows of a stream before they land; `expectations.raw.validate` is one."""

    def __call__(self, frame: pl.DataFrame, stream: Stream, *, source: str, window: Window | None) -> ValidationOutcome:
        """Says which rows of the frame fail the stream's raw contract, and why; versions have no window."""


def accept_all(frame: pl.DataFrame, stream: Stream, *, source: str, window: Window | None) -> ValidationOutcome:
    """A validator that leaves everything to the stream's types."""
    return ValidationOutcome()
