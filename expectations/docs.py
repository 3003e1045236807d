"""Data Docs: the stored results of both suites as one static site on this machine."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from expectations.context import open_context
from lakehouse.settings import get_settings

if TYPE_CHECKING:
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext


def data_docs(root: Path | None = None) -> Path:
    """Renders the stored validation results.

    The site is built beside the old one and put in its place, so that a reader of the old one never sees
    half a page. It loads fonts and scripts from nowhere that its pages don't say; open it from disk.

    Args:
        root: Folder of results and site; default: ``gx`` below the settings' var folder.

    Returns:
        Its start page.
    """
    root = root if root is not None else get_settings().var / "gx"
    site, staging = root / "data_docs", root / ".data_docs-new"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    context = open_context(site=staging)
    for path in sorted((root / "results").glob("*/*.json")):
        _add(context, path)
    context.build_data_docs(site_names=["local"])
    shutil.rmtree(site, ignore_errors=True)
    staging.rename(site)
    return site / "index.html"


def _add(context: EphemeralDataContext, path: Path) -> None:
    """Gives a stored result back to a context."""
    from great_expectations.core import ExpectationSuite
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    result = expectationSuiteValidationResultSchema.load(json.loads(path.read_text()))
    suite = path.parent.name
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    key = ValidationResultIdentifier(
        expectation_suite_identifier=ExpectationSuiteIdentifier(suite),
        run_id=RunIdentifier(run_name=path.stem, run_time=written),
        batch_identifier=path.stem,
    )
    context.validation_results_store.store_validation_results(result, key, ExpectationSuiteIdentifier(suite))
    if suite not in {one.name for one in context.suites.all()}:
        configurations = [one.expectation_config for one in result.results if one.expectation_config is not None]
        context.suites.add(ExpectationSuite(name=suite, expectations=[one.to_domain_obj() for one in configurations]))
