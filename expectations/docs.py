"""Data Docs: the stored results of all suites as one static site on this machine."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.context import by_age, open_context
from expectations.docs_offline import Page, make_local
from lakehouse.settings import get_settings

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext


def data_docs(root: Path | None = None) -> Path:
    """Renders the stored validation results, newest first.

    The site is built beside the old one and put in its place. Nothing in it is loaded from elsewhere.

    Args:
        root: Folder of results and site; default: ``gx`` below the settings' var folder.

    Returns:
        Its start page.
    """
    root = root if root is not None else get_settings().var / "gx"
    root.mkdir(parents=True, exist_ok=True)
    site, staging = root / "data_docs", Path(tempfile.mkdtemp(prefix=".data_docs-", dir=root))
    staging.chmod(0o755)
    context = open_context(site=staging)
    results = {path: _add(context, path) for path in by_age((root / "results").glob("*/*.json"))}
    context.build_data_docs(site_names=["local"])
    make_local(staging, list(_pages(staging, results)))
    shutil.rmtree(site, ignore_errors=True)
    staging.rename(site)
    return site / "index.html"


def _add(context: EphemeralDataContext, path: Path) -> ExpectationSuiteValidationResult:
    """Gives a stored result back to a context."""
    from great_expectations.core import ExpectationSuite
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    result: ExpectationSuiteValidationResult = expectationSuiteValidationResultSchema.load(json.loads(path.read_text()))
    suite = ExpectationSuiteIdentifier(path.parent.name)
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    run_id = RunIdentifier(run_name=path.stem, run_time=written)
    key = ValidationResultIdentifier(expectation_suite_identifier=suite, run_id=run_id, batch_identifier=path.stem)
    context.validation_results_store.store_validation_results(result, key, suite)
    if suite.name not in {one.name for one in context.suites.all()}:
        configurations = [one.expectation_config for one in result.results if one.expectation_config is not None]
        expectations = [one.to_domain_obj() for one in configurations]
        context.suites.add(ExpectationSuite(name=suite.name, expectations=expectations))
    return result


def _pages(site: Path, results: dict[Path, ExpectationSuiteValidationResult]) -> Iterator[Page]:
    for path, result in results.items():
        failed = [one for one in result.results if not one.success]
        grave = [one for one in failed if one.expectation_config and one.expectation_config.severity != "warning"]
        verdict = "failed" if grave else ("warned" if failed else "passed")
        for page in (site / "validations" / path.parent.name / path.stem).rglob("*.html"):
            address = page.relative_to(site).as_posix()
            yield Page(path.parent.name, path.stem, verdict, len(result.results), len(failed), address)
