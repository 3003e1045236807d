"""The audit: what must hold of a built warehouse before people may read it.

Each probe is one query that returns one row of numbers; Great Expectations judges the numbers. So an audit
costs a few aggregations, however large the warehouse is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from expectations.audit_probes import Probe, probes
from expectations.context import Rule, RuleResult, run
from lakehouse.errors import AuditError, EcomopsError
from lakehouse.settings import get_settings
from lakehouse.validation import CheckResult

Frame = Callable[[str], pl.DataFrame]
CHECKS_SCHEMA = pl.Schema({"check_id": pl.String, "title": pl.String, "status": pl.String, "detail": pl.String})
_SHOWN = 5


@dataclass(frozen=True)
class AuditReport:
    """What an audit found.

    Attributes:
        as_of: The knowledge time of the warehouse.
        checks: Every check, in order.
    """

    as_of: datetime
    checks: tuple[CheckResult, ...]

    @property
    def failed(self) -> tuple[CheckResult, ...]:
        """The checks that forbid publishing."""
        return tuple(check for check in self.checks if check.status == "fail")

    @property
    def warned(self) -> tuple[CheckResult, ...]:
        """The checks that somebody should look at."""
        return tuple(check for check in self.checks if check.status == "warn")

    def frame(self) -> pl.DataFrame:
        """The checks as a table, in `CHECKS_SCHEMA`."""
        rows = [(check.check_id, check.title, check.status, check.detail) for check in self.checks]
        return pl.DataFrame(rows, schema=CHECKS_SCHEMA, orient="row")

    def raise_if_failed(self) -> None:
        """Stops a publication.

        Raises:
            AuditError: If a check failed; the message names the first few.
        """
        if self.failed:
            told = "; ".join(f"{check.title}: {check.detail}" for check in self.failed[:_SHOWN])
            raise AuditError(
                f"{len(self.failed)} of {len(self.checks)} checks failed: {told}.",
                remedy="The published warehouse is as it was. Correct the data or the models, and build again.",
            )


def audit(
    frame: Frame,
    *,
    as_of: datetime,
    base: Frame | None = None,
    stale_after: timedelta = timedelta(days=4),
    keep_in: Path | None = None,
) -> AuditReport:
    """Audits a candidate warehouse.

    Args:
        frame: Runs a query on the candidate (`Reader.frame`); marts go by plain names.
        as_of: The candidate's knowledge time, aware.
        base: Runs a query on the published warehouse, where there is one that knows no more than the
            candidate does; None: nothing to compare with.
        stale_after: From which age of the last order on the data count as stale, which is only a warning:
            the default lets a long weekend pass.
        keep_in: Folder for results, see `docs.data_docs`; default: that of the settings.

    Returns:
        Every check. A check that could not be evaluated has failed.
    """
    facts: dict[str, float] = {}
    details: dict[str, str] = {}
    rules: list[Rule] = []
    broken: list[CheckResult] = []
    for probe in probes(as_of.astimezone(UTC).replace(tzinfo=None), stale_after, with_base=base is not None):
        try:
            seen = _measure(probe, frame, base)
        except EcomopsError as error:
            detail = f"could not be evaluated: {error.message.splitlines()[0][:200]}"
            broken += [CheckResult(rule.check_id, rule.title, "fail", detail=detail) for rule in probe.rules]
            continue
        facts |= {name: value for name, value in seen.items() if name in probe.columns}
        details |= {rule.check_id: probe.detail(rule, seen) for rule in probe.rules}
        rules += probe.rules
    folder = keep_in if keep_in is not None else get_settings().var / "gx" / "results"
    results = (
        run(_one_row(facts), rules, suite="audit", keep_in=folder, name=f"as-of-{as_of:%Y%m%dT%H%M%SZ}")
        if rules
        else []
    )
    return AuditReport(as_of, (*(_check(one, details) for one in results), *broken))


def _measure(probe: Probe, frame: Frame, base: Frame | None) -> dict[str, float]:
    seen = _row(frame(probe.sql))
    if probe.against_base and base is not None:
        before = _row(base(probe.sql))
        seen |= {f"{name}_ratio": _ratio(value, before.get(name, 0.0)) for name, value in seen.items()}
        seen |= {f"{name}_before": value for name, value in before.items()}
    return seen


def _row(frame: pl.DataFrame) -> dict[str, float]:
    """The single row of a probe; a null counts as not a number, which no bound accepts."""
    if frame.height != 1:
        raise EcomopsError(f"A probe returned {frame.height} rows instead of one.")
    row: Mapping[str, object] = frame.row(0, named=True)
    return {name: math.nan if value is None else float(str(value)) for name, value in row.items()}


def _ratio(value: float, before: float) -> float:
    return value / before if before else 1.0


def _one_row(facts: Mapping[str, float]) -> pl.DataFrame:
    """The numbers as a batch. Infinity stands for "not a number": expectations pass over null."""
    values = {name: [math.inf if math.isnan(value) else value] for name, value in facts.items()}
    return pl.DataFrame(values, schema=dict.fromkeys(facts, pl.Float64))


def _check(result: RuleResult, details: Mapping[str, str]) -> CheckResult:
    rule = result.rule
    status = "pass" if result.success else ("fail" if rule.severity == "critical" else "warn")
    return CheckResult(rule.check_id, rule.title, status, detail=details[rule.check_id])


def failed_titles(checks: Sequence[CheckResult]) -> list[str]:
    """Titles of the checks that failed, for an alert."""
    return [check.title for check in checks if check.status == "fail"]
