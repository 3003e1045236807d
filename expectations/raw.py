"""The raw boundary: which rows of a batch may land, and why the others may not."""

from __future__ import annotations

import threading
from pathlib import Path

import polars as pl

from expectations.context import RuleResult, run
from expectations.raw_rules import rules_for
from lakehouse.settings import get_settings
from lakehouse.streams import Stream
from lakehouse.validation import FAILURES_SCHEMA, CheckResult, ValidationOutcome
from lakehouse.windows import Window

# Great Expectations keeps its contexts and result formats in globals; sources may be landed side by side in threads.
_ONE_AT_A_TIME = threading.Lock()


def validate(
    frame: pl.DataFrame, stream: Stream, *, source: str, window: Window | None, keep_in: Path | None = None
) -> ValidationOutcome:
    """Holds typed rows to their stream's raw contract, with Great Expectations.

    Args:
        frame: Rows in the stream's landed schema.
        stream: Their stream.
        source: Their source, for the results' name.
        window: The window that they all must lie in; None for versions of records.
        keep_in: Folder for results, see `docs.data_docs`; default: that of the settings.

    Returns:
        The rows that must not land, once for each rule they break, and every rule's result. A batch without
        rows passes without Great Expectations being loaded.

    Raises:
        EcomopsError: If a check could not be evaluated.
    """
    rules = rules_for(stream, window)
    if frame.is_empty():
        return ValidationOutcome(checks=tuple(CheckResult(rule.check_id, rule.title, "pass") for rule in rules))
    folder = keep_in if keep_in is not None else get_settings().var / "gx" / "results"
    results = run(
        frame,
        rules,
        suite=f"raw_{stream.name}",
        keep_in=folder,
        name=f"{source}-{window.key if window else 'versions'}",
    )
    failures = [
        (row, one.rule.column or "", f"breaks the rule: {one.rule.title}")
        for one in results
        if one.rule.severity == "critical"
        for row in one.rows
    ]
    return ValidationOutcome(
        pl.DataFrame(failures, schema=FAILURES_SCHEMA, orient="row"), tuple(_check(one) for one in results)
    )


def _check(result: RuleResult) -> CheckResult:
    status = "pass" if result.success else ("fail" if result.rule.severity == "critical" else "warn")
    count = len(result.rows)
    return CheckResult(result.rule.check_id, result.rule.title, status, count, f"{count} rows" if count else "")
