"""Great Expectations, set up to stay on this machine: no files of its own, no network, no progress bars."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from lakehouse.errors import EcomopsError
from lakehouse.files import write_bytes

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.expectations.expectation import Expectation

Severity = Literal["critical", "warning"]
_EXAMPLES = {  # parts of a result that repeat failing values or rows
    "unexpected_list",
    "unexpected_index_list",
    "unexpected_index_query",
    "unexpected_rows",
    "partial_unexpected_list",
    "partial_unexpected_index_list",
    "partial_unexpected_counts",
}
_KEEP = 20  # stored results of each suite; Data Docs render every one of them


@dataclass(frozen=True)
class Rule:
    """One expectation, with the words for people.

    Attributes:
        check_id: Stable name.
        title: What must hold, in words.
        expectation: Its class in Great Expectations.
        arguments: What the class is given.
        column: Column that it is about, if it is about one.
        severity: Whether breaking it quarantines a row (or fails an audit), or is only reported.
        because: Why the bound is what it is.
    """

    check_id: str
    title: str
    expectation: str
    arguments: dict[str, Any] = field(default_factory=dict)
    column: str | None = None
    severity: Severity = "critical"
    because: str = ""

    def build(self) -> Expectation:
        """The expectation, carrying its check id."""
        import great_expectations.expectations as gxe

        arguments = {"column": self.column, **self.arguments} if self.column else self.arguments
        notes = f"{self.title}. {self.because}".strip()
        made: Expectation = getattr(gxe, self.expectation)(
            **arguments, meta={"check_id": self.check_id}, notes=notes, severity=self.severity
        )
        return made


@dataclass(frozen=True)
class RuleResult:
    """How a rule fared, and which rows broke it (counted from 0)."""

    rule: Rule
    success: bool
    rows: tuple[int, ...]
    observed: Any = None


def open_context(site: Path | None = None) -> EphemeralDataContext:
    """A context in memory; with a site, its Data Docs go into that folder."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    sites = {"local": _site(site)} if site is not None else {}
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        data_docs_sites=sites,
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    context: EphemeralDataContext = gx.get_context(project_config=config, mode="ephemeral")
    return context


def run(frame: pl.DataFrame, rules: Sequence[Rule], *, suite: str, keep_in: Path | None, name: str) -> list[RuleResult]:
    """Holds a frame to rules.

    All rules are run for their verdict alone; only those that failed are run again for their rows, which is
    the costly part of Great Expectations.

    Args:
        frame: The batch.
        rules: What must hold.
        suite: Name of the suite.
        keep_in: Folder for the result, from which Data Docs are made; None: it is not kept.
        name: Name of this run; a rerun under the same name replaces its result.

    Raises:
        EcomopsError: If an expectation could not be evaluated, which is neither a pass nor a failure.
    """
    import great_expectations as gx

    context = open_context()
    pandas = frame.with_columns(pl.col(pl.Decimal).cast(pl.Float64)).to_pandas()  # for bounds, not for sums
    asset = context.data_sources.add_pandas("memory").add_dataframe_asset(suite)
    batch = asset.add_batch_definition_whole_dataframe("batch").get_batch(batch_parameters={"dataframe": pandas})
    built = [rule.build() for rule in rules]
    whole = batch.validate(gx.ExpectationSuite(name=suite, expectations=built), result_format="BASIC")
    verdicts = {_check_id(one): one for one in whole.results}
    results = []
    for rule, expectation in zip(rules, built, strict=True):
        verdict = verdicts[rule.check_id]
        _raise_if_broken(rule, verdict)
        rows: tuple[int, ...] = ()
        if not verdict.success:
            rows = _failing_rows(batch.validate(expectation, result_format="COMPLETE"))
        results.append(RuleResult(rule, bool(verdict.success), rows, verdict.result.get("observed_value")))
    if keep_in is not None:
        _keep(keep_in / suite, name, whole)
    return results


def _check_id(result: ExpectationValidationResult) -> str:
    assert result.expectation_config is not None  # noqa: S101 -- a result without one cannot be made
    return str(result.expectation_config.meta["check_id"])


def _raise_if_broken(rule: Rule, verdict: ExpectationValidationResult) -> None:
    info = verdict.exception_info or {}
    found = [info] if "raised_exception" in info else [one for one in info.values() if isinstance(one, dict)]
    for one in found:
        if one.get("raised_exception"):
            raise EcomopsError(
                f"The check {rule.check_id} could not be evaluated: {one.get('exception_message')}",
                remedy="The batch lacks a column or has another type than the suite expects.",
            )


def _failing_rows(result: ExpectationValidationResult) -> tuple[int, ...]:
    return tuple(sorted({int(row) for row in result.result.get("unexpected_index_list") or ()}))


def _keep(folder: Path, name: str, result: ExpectationSuiteValidationResult) -> None:
    """Stores verdicts and counts; examples of failing values are taken out, since they may be personal."""
    told = result.to_json_dict()  # type: ignore[no-untyped-call]
    for one in told["results"]:
        one["result"] = {key: value for key, value in one["result"].items() if key not in _EXAMPLES}
    safe = re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.")[:120]
    write_bytes(folder / f"{safe}.json", json.dumps(told).encode())
    for old in by_age(folder.glob("*.json"))[_KEEP:]:
        old.unlink(missing_ok=True)


def by_age(paths: Iterable[Path]) -> list[Path]:
    """The paths, newest first; one that another process has just removed is left out."""
    ages = {}
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            ages[path] = path.stat().st_mtime
    return sorted(ages, key=lambda path: (-ages[path], path.name))


def _site(folder: Path) -> dict[str, Any]:
    return {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)},
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
