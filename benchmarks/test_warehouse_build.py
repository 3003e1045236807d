"""The warehouse build against one hand-written DuckDB script that makes the same marts.

Run: ``make bench``. Both sides begin with the same parsed Parquet files and end with a closed, checkpointed file on
disk; they take turns, so that a machine whose speed drifts does so for both. What is compared is their ratio.

The build does what the script does not: raw tables that tomorrow's build extends, loads cut to what counts as of a
moment, rules and pseudonyms from outside the SQL, contracts on every column, and the sealing of the file with its
hash. dbt's own start is part of it: some seconds, whatever the data. That is why the target is set at twenty times
the data.
"""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from benchmarks import scaled
from extractors import files
from lakehouse.settings import PROJECT_ROOT, Settings
from lakehouse.warehouse import BuildRequest, build_core
from lakehouse.warehouse.duck import open_builder

HERE = Path(__file__).parent
PARQUET = PROJECT_ROOT.parent / "shared" / "data" / "uci_online_retail" / "online_retail.parquet"
AS_OF = datetime(2012, 1, 2, tzinfo=UTC)
ROUNDS = 3
# Tables that both sides make, with the columns that must agree. The customers' pseudonyms are keyed differently.
SAME = {
    "fct_order_line": "count(*), sum(gross_sales_shop), sum(demand_quantity), sum(returned_quantity)",
    "fct_return": "count(*), sum(amount_shop), count(order_line_id)",
    "fct_charge": "count(*), sum(amount_shop)",
    "fct_stock_adjustment": "count(*), sum(quantity)",
    "fct_order": "count(*), sum(gross_sales_shop), sum(shipping_shop), count(*) filter (where is_fully_cancelled)",
    "fct_daily_product_sales": "count(*), sum(net_sales_shop), sum(demand_units), sum(order_count)",
    "fct_daily_country_sales": "count(*), sum(net_sales_shop), sum(customer_count)",
    "dim_product": "count(*), sum(hash(product_id, product_title, abc_class, first_sold_date))",
    "dim_customer": "count(*), sum(order_count), sum(sales_shop)",
    "dim_country": "count(*)",
}


@pytest.mark.parametrize("copies", [1, 20])
def test_build_against_script(copies: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not PARQUET.exists():
        pytest.skip("needs ../shared/data/uci_online_retail")
    settings = Settings(var_dir=tmp_path / "var", duckdb_memory_limit="8GB")
    paths = scaled.land_copies(PARQUET, settings, copies=copies)
    by_hand = tmp_path / "by_hand.duckdb"
    pairs = []
    for _ in range(ROUNDS):
        script = _seconds(lambda: _run_script(by_hand, paths, settings))
        build = _seconds(lambda: _run_build(settings))
        pairs.append((build, script))
    _compare(settings, by_hand)
    ratio = statistics.median(build / script for build, script in pairs)
    result = {"copies": copies, "ratio": round(ratio, 2), "pairs_s": [[round(s, 1) for s in pair] for pair in pairs]}
    _keep(result)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{copies:>3}× Online Retail: build takes {ratio:.2f} times the script {result['pairs_s']}\n"
        )


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _run_script(target: Path, paths: list[Path], settings: Settings) -> None:
    target.unlink(missing_ok=True)
    con = open_builder(target, settings)
    seed = PROJECT_ROOT / "dbt_project" / "seeds" / "country_names.csv"
    con.execute(f"create table country_names as from read_csv('{seed}')")
    listed = ", ".join(f"'{path}'" for path in paths)
    con.execute(f"set variable files = [{listed}]")
    con.execute((HERE / "by_hand.sql").read_text())
    con.execute("checkpoint")
    con.close()


def _run_build(settings: Settings) -> None:
    shutil.rmtree(settings.var / "lake" / "warehouse", ignore_errors=True)
    sources = [mapping.source() for mapping in files.declared()]
    build_core(settings, BuildRequest(as_of=AS_OF, run_id="benchmark", sources=sources, full_refresh=True))


def _compare(settings: Settings, by_hand: Path) -> None:
    """A benchmark of two things that differ in result measures nothing."""
    built = next((settings.var / "lake" / "warehouse" / "candidates").glob("*.duckdb"))
    with duckdb.connect(str(built), read_only=True) as ours, duckdb.connect(str(by_hand), read_only=True) as theirs:
        for table, figures in SAME.items():
            mine = ours.execute(f"select {figures} from marts.{table}").fetchall()
            assert mine == theirs.execute(f"select {figures} from {table}").fetchall(), table


def _keep(result: dict[str, object]) -> None:
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    name = f"warehouse_build_{result['copies']}x.json"
    (folder / name).write_text(json.dumps(result, indent=1) + "\n")
