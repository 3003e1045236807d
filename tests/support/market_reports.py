"""The second phase for competitors alone: our report tables on a copy of a core snapshot, with made-up matches."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from lakehouse.settings import Settings
from lakehouse.warehouse import Snapshot, Warehouse
from lakehouse.warehouse.transform import require_success, run_dbt

TABLES = (
    "rpt_market_assumption",
    "rpt_competitor_price",
    "rpt_own_price",
    "rpt_competitor_product",
    "rpt_price_position",
    "rpt_competitor_index",
    "rpt_competitor_promotion",
    "rpt_competitor_stockout",
    "rpt_price_alert",
)
# By the number of its page each offer is one of four products; those of the last pages are none.
_MATCHES = """
create schema if not exists models;
create or replace table models.offer_match as
select
    source, page_url, offer_ref, 'gtin' as rule, 1.0 as score, 'x' as reason,
    if(page_number < 12, list_value('P1', 'P2', '85123A', '22423')[page_number % 4 + 1], null) as product_id,
    if(page_number < 12, 'matched', 'none') as status
from (
    select distinct source, page_url, offer_ref, cast(split_part(page_url, '/p/', 2) as bigint) as page_number
    from marts.fct_competitor_price
)
"""


def report_on(settings: Settings, warehouse: Warehouse, snapshot: Snapshot, file: Path) -> list[str]:
    """Builds the report tables about competitors in a copy of a snapshot; returns the names of tests that failed."""
    shutil.copyfile(warehouse.path(snapshot), file)
    file.chmod(0o644)
    with duckdb.connect(str(file)) as con:
        con.execute(_MATCHES)
    require_success(run_dbt(["run", "--select", *TABLES], file, settings))
    results = run_dbt(["test", "--select", *TABLES, "--exclude-resource-type", "unit_test"], file, settings)
    return [node.name for node in results if node.went_wrong]
