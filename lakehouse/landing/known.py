"""Which records of a source were landed before: what a sweep for deleted ones starts from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from lakehouse.landing.stored import find_parse, loads, read_manifest
from lakehouse.objectstore import ObjectStore, fetch_many
from lakehouse.sources import Source
from lakehouse.streams import INSTANT
from lakehouse.streams import stream as find_stream

KNOWN_SCHEMA = pl.Schema([("record_ref", pl.String), ("occurred_at", INSTANT), ("version_at", INSTANT)])


def known_records(store: ObjectStore, source: Source, deleted_by: Iterable[Source] = ()) -> pl.DataFrame:
    """The records that were landed and not deleted since, the newest version of each.

    Args:
        store: Where the loads are.
        source: The resource.
        deleted_by: Resources of the same vendor whose loads tell of deletions.

    Returns:
        `record_ref`, `occurred_at` and `version_at`, by reference.

    Raises:
        ObjectCorruptError: If parsed rows are not what their record vouches for.
    """
    newest = _newest(_rows(store, source, source.tables[0], []))
    entity = source.tables[0]
    gone = [_rows(store, one, "deletions", ["entity"]).filter(pl.col("entity") == entity) for one in deleted_by]
    if not gone:
        return newest
    latest = _newest(pl.concat(gone).select(KNOWN_SCHEMA.names()))
    joined = newest.join(latest, on="record_ref", how="left", suffix="_gone")
    is_there = pl.col("version_at_gone").is_null() | (pl.col("version_at") > pl.col("version_at_gone"))
    return joined.filter(is_there).select(KNOWN_SCHEMA.names()).sort("record_ref")


def landed_rows(store: ObjectStore, source: Source, table: str, columns: Sequence[str], *, last: int) -> pl.DataFrame:
    """Rows of a resource's newest loads, as they were parsed last.

    Args:
        store: Where the loads are.
        source: The resource.
        table: The canonical stream.
        columns: Which of its columns.
        last: How many loads to go back.

    Returns:
        These columns, older loads first.

    Raises:
        ObjectCorruptError: If parsed rows are not what their record vouches for.
    """
    newest = sorted(loads(store, source.name, source.stream), key=lambda ref: ref.rank)[-last:]
    found = []
    for ref in newest:
        manifest = read_manifest(store, ref)
        record = find_parse(store, manifest, source.parse_digest) or manifest.parse
        stored = record.tables(ref.stream).get(table)
        if stored is not None:
            found.append((stored.key, stored.sha256))
    schema = {name: find_stream(table).versioned_schema[name] for name in columns}
    rows = (pl.read_parquet(path, columns=list(columns)).select(columns) for path in fetch_many(store, found))
    return pl.concat([pl.DataFrame(schema=schema), *rows])


def _rows(store: ObjectStore, source: Source, table: str, more: list[str]) -> pl.DataFrame:
    found = []
    for ref in loads(store, source.name, source.stream):
        manifest = read_manifest(store, ref)
        # references do not change with the parser: a load that was not read again yet is known all the same
        record = find_parse(store, manifest, source.parse_digest) or manifest.parse
        stored = record.tables(ref.stream).get(table)
        if stored is not None:
            found.append(stored)
    columns = [*KNOWN_SCHEMA.names(), *more]
    empty = pl.DataFrame(schema={**KNOWN_SCHEMA, **dict.fromkeys(more, pl.String)})
    paths = fetch_many(store, [(one.key, one.sha256) for one in found])
    rows = pl.concat([empty, *(_newest(pl.read_parquet(path, columns=columns).select(columns)) for path in paths)])
    return rows.filter(pl.col("record_ref").is_not_null())


def _newest(rows: pl.DataFrame) -> pl.DataFrame:
    keys = ["record_ref", "entity"] if "entity" in rows.columns else ["record_ref"]
    return rows.sort("version_at").unique(keys, keep="last", maintain_order=True).sort("record_ref")
