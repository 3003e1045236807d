"""The warehouse: the only place that opens DuckDB.

A build works on a file that nobody reads; a published snapshot is never written to again.
"""

from lakehouse.warehouse.build import BuildRequest, build_core, build_reports, run_audit_tests
from lakehouse.warehouse.reader import Reader, open_candidate, open_reader
from lakehouse.warehouse.snapshots import CORE, CURRENT, Candidate, Snapshot, Warehouse

__all__ = [
    "CORE",
    "CURRENT",
    "BuildRequest",
    "Candidate",
    "Reader",
    "Snapshot",
    "Warehouse",
    "build_core",
    "build_reports",
    "open_candidate",
    "open_reader",
    "run_audit_tests",
]
