"""Fingerprints of tables: what must be equal after a kill, a rerun, or another order of landing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from lakehouse.warehouse.reader import Reader

# They name the run, or tell of the machine, not of the data.
UNSTABLE = frozenset(
    {
        "run_id",
        "load_id",
        "landed_at",
        "snapshot_id",
        "base_snapshot_id",
        "seconds",
        "slowest_node",
        "slowest_node_seconds",
    }
)


class Fingerprint(NamedTuple):
    """Row count and the sum of the rows' hashes; a sum, as xor would cancel a doubled pair."""

    row_count: int
    hash_sum: int


def fingerprints(
    reader: Reader, *, schemas: tuple[str, ...] = ("marts",), ignore: frozenset[str] = UNSTABLE
) -> dict[str, Fingerprint]:
    """Fingerprints of all tables of some schemas, by ``schema.table``, independent of row order."""
    columns = reader.rows("select table_schema, table_name, column_name from information_schema.columns order by all")
    tables: dict[str, list[str]] = {}
    for schema, table, column in columns:
        if schema in schemas and column not in ignore:
            tables.setdefault(f"{schema}.{table}", []).append(f'"{column}"')
    found = {}
    for table, names in tables.items():
        query = f"select count(*), coalesce(sum(hash({', '.join(names)})::hugeint), 0)::varchar from {table}"
        count, total = reader.rows(query)[0]
        found[table] = Fingerprint(int(count), int(total))
    return found
