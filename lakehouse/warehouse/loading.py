"""Bringing the raw tables of a build in line with the loads that count, by the difference alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from lakehouse.errors import ContractError
from lakehouse.landing import (
    LiveLoad,
    LoadRef,
    Manifest,
    ParseRecord,
    StoredObject,
    find_parse,
    live_loads,
    loads,
    read_manifest,
)
from lakehouse.objectstore import ObjectStore
from lakehouse.pseudonyms import pseudonymise
from lakehouse.sources import LoadMode, Source
from lakehouse.streams import ORIGIN, STREAMS, VERSION, Privacy, Stream
from lakehouse.warehouse.newest import Newest
from lakehouse.windows import Window

# Streams of which an incremental model must know what a build took out: those that decide which order changed, who
# is which person, which competitor's page, which visit, and which product's stock.
REMOVALS_KEPT = (
    "order_lines",
    "orders",
    "refunds",
    "customer_returns",
    "payments",
    "order_discounts",
    "deletions",
    "customers",
    "carts",
    "crawls",
    "crawl_pages",
    "competitor_offers",
    "events",
    "inventory_movements",
    "stock_on_hand",
)
_BEGINNING, _END = datetime(1, 1, 1), datetime(9999, 12, 31)  # noqa: DTZ001 -- DuckDB's TIMESTAMP has no zone
_DUCK_TYPES = {pl.String: "VARCHAR", pl.Int64: "BIGINT", pl.Date: "DATE", pl.Boolean: "BOOLEAN"}

_LOADS_DDL = """
create schema if not exists raw;
create table if not exists raw.loads (
    source varchar, stream varchar, load_id varchar, parse_digest varchar, segments varchar,
    window_start timestamp, window_end timestamp, known_at timestamp, landed_at timestamp,
    rows_received bigint, rows_landed bigint, rows_deduplicated bigint, rows_quarantined bigint,
    rows_ignored bigint,
    file_names varchar, byte_count bigint, tables varchar, api_version varchar
);
create table if not exists raw.quarantine (
    source varchar, stream varchar, load_id varchar, source_file varchar, source_row bigint,
    column_name varchar, reason varchar
);
create table if not exists raw.sources (
    source varchar, stream varchar, tables varchar, mode varchar, title varchar, time_zone varchar,
    cancellation_order_ref varchar, expects_every_window boolean
);
create table if not exists raw.line_rules (
    source varchar, rule_number bigint, line_kind varchar, product_ref varchar, order_ref varchar, reason varchar
);
create or replace table raw.delta (source varchar, stream varchar, load_id varchar, change varchar);
"""


@dataclass(frozen=True)
class LoadedParse:
    """A load that a build takes in: what counts of it, and where its parsed rows are."""

    live: LiveLoad
    manifest: Manifest
    parse: ParseRecord
    mode: LoadMode

    @property
    def held(self) -> dict[str, StoredObject]:
        """The rows of each stream that it holds any of, and of its main one in any case."""
        return self.parse.tables(self.manifest.stream)


@dataclass(frozen=True)
class Delta:
    """What a build changes in the raw tables, in numbers of loads."""

    added: int
    removed: int
    unchanged: int


def load_raw(
    con: duckdb.DuckDBPyConnection, store: ObjectStore, sources: Sequence[Source], *, as_of: datetime, key: bytes
) -> Delta:
    """Makes the raw tables hold exactly the loads that count as of a moment.

    Reads only loads that are not in them yet. Personal columns become pseudonyms on the way in.

    Args:
        con: The build.
        store: Where the loads are.
        sources: The declared sources.
        as_of: The knowledge time.
        key: Key of the pseudonyms.

    Raises:
        ContractError: If a load was never parsed with its source's present mapping.
        ObjectCorruptError: If a parsed object is not what its manifest vouches for.
    """
    con.execute(_LOADS_DDL)
    for stream in STREAMS.values():
        con.execute(_stream_ddl(stream))
    ruled_before = _rules(con)
    _write_sources(con, sources)
    wanted = {
        (source.name, source.stream, live.ref.load_id, source.parse_digest, _segments(live)): (source, live)
        for source in sources
        for live in _counting(source, loads(store, source.name, source.stream), as_of)
    }
    present = set(con.execute("select source, stream, load_id, parse_digest, segments from raw.loads").fetchall())
    # what a line is follows from its source's rules: with other rules, all that it told is looked at again
    ruled_now = _rules(con)
    stale = {identity for identity in present if ruled_now.get(identity[0]) != ruled_before.get(identity[0])}
    kept = (present & wanted.keys()) - stale
    removed, added = present - kept, wanted.keys() - kept
    newest = Newest(con, list(STREAMS.values()))
    _remove(con, sorted(identity[:3] for identity in removed), newest)
    chosen = [wanted[identity] for identity in sorted(added)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        parses = list(pool.map(lambda pair: _find(store, *pair), chosen))
        _add(con, store, parses, key, pool)
    newest.touch("added")
    newest.mark()
    return Delta(added=len(added), removed=len(removed), unchanged=len(kept))


def _counting(source: Source, refs: Iterable[LoadRef], as_of: datetime) -> list[LiveLoad]:
    """The loads that count: of versions all of them, as each record's newest version is found downstream."""
    if source.mode is LoadMode.VERSIONS:
        return [LiveLoad(ref, (ref.window,)) for ref in refs if ref.known_at <= as_of]
    return live_loads(refs, as_of=as_of)


def _find(store: ObjectStore, source: Source, live: LiveLoad) -> LoadedParse:
    manifest = read_manifest(store, live.ref)
    parse = find_parse(store, manifest, source.parse_digest)
    if parse is None:
        raise ContractError(
            f"{live.ref.folder} was never parsed with the present mapping of {source.name}.",
            remedy=f"Run `ecomops reparse {source.name}`; the raw bytes are all there.",
        )
    return LoadedParse(live, manifest, parse, source.mode)


def _stream_ddl(stream: Stream) -> str:
    columns = ["source varchar", "load_id varchar", "known_at timestamp"]
    columns += [f"{name} {_duck_type(dtype)}" for name, dtype in {**ORIGIN, **VERSION}.items()]
    columns += [f"{name} {dtype}" for _, name, dtype in warehouse_columns(stream)]
    columns.append("is_newest boolean")
    body = ", ".join(columns)
    removed = f"create or replace table raw.{stream.name}__removed ({body});"
    return f"create table if not exists raw.{stream.name} ({body});" + (removed if stream.name in REMOVALS_KEPT else "")


def warehouse_columns(stream: Stream) -> list[tuple[str, str, str]]:
    """A stream's columns behind the privacy border: its own name for each, the warehouse's name, the type."""
    columns = []
    for field in stream.fields:
        if field.privacy is Privacy.NONE:
            columns.append((field.name, field.name, _duck_type(field.dtype)))
        elif field.privacy is Privacy.PSEUDONYM:
            columns.append((field.name, pseudonym_column(field.name), "VARCHAR"))
    return columns


def pseudonym_column(name: str) -> str:
    """The warehouse's name for a column that holds pseudonyms instead of references."""
    return f"{name.removesuffix('_ref')}_pseudonym"


def _duck_type(dtype: pl.DataType | type[pl.DataType]) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"DECIMAL({dtype.precision},{dtype.scale})"
    if isinstance(dtype, pl.Datetime):
        return "TIMESTAMP"
    return next(name for known, name in _DUCK_TYPES.items() if dtype == known)


def _segments(live: LiveLoad) -> str:
    return json.dumps([segment.key for segment in live.segments])


def _remove(con: duckdb.DuckDBPyConnection, identities: Sequence[tuple[str, str, str]], newest: Newest) -> None:
    if not identities:
        return
    con.executemany("insert into raw.delta values (?, ?, ?, 'removed')", [list(identity) for identity in identities])
    newest.touch("removed")
    these = "(select source, load_id from raw.delta where change = 'removed')"
    for stream in STREAMS:
        if stream in REMOVALS_KEPT:
            con.execute(f"insert into raw.{stream}__removed from raw.{stream} where (source, load_id) in {these}")
        con.execute(f"delete from raw.{stream} where (source, load_id) in {these}")
    for table in ("loads", "quarantine"):
        con.execute(
            f"delete from raw.{table} where (source, stream, load_id) in "
            "(select source, stream, load_id from raw.delta where change = 'removed')"
        )


def _add(
    con: duckdb.DuckDBPyConnection,
    store: ObjectStore,
    parses: Sequence[LoadedParse],
    key: bytes,
    pool: ThreadPoolExecutor,
) -> None:
    if not parses:
        return
    _insert_frame(con, "raw.loads", pl.DataFrame([_load_row(parse) for parse in parses], infer_schema_length=None))
    added = pl.DataFrame([{**_identity(one), "stream": name, "change": "added"} for one in parses for name in one.held])
    _insert_frame(con, "raw.delta", added)

    def fetch(stored: StoredObject) -> Path:
        return store.fetch(stored.key, sha256=stored.sha256)

    for stream in STREAMS.values():
        filled = [(parse, parse.held[stream.name]) for parse in parses if _has_rows(parse, stream.name)]
        if filled:
            paths = list(pool.map(lambda one: fetch(one[1]), filled))
            _insert_rows(con, stream, [parse for parse, _ in filled], paths, key)
    failed = [parse for parse in parses if parse.parse.counts.quarantined]
    if failed:
        _insert_quarantine(con, failed, list(pool.map(lambda parse: fetch(parse.parse.quarantine), failed)))


def _has_rows(parse: LoadedParse, stream: str) -> bool:
    return stream in parse.held and parse.parse.row_counts.get(stream, parse.parse.counts.landed) > 0


def _insert_rows(
    con: duckdb.DuckDBPyConnection, stream: Stream, parses: Sequence[LoadedParse], paths: Sequence[Path], key: bytes
) -> None:
    """One set-wise insert of many parsed files, each cut to the stretches of it that count."""
    cuts = [
        {**_identity(parse), "path": str(path), "known_at": _naive(parse.manifest.known_at), **_bounds(parse, segment)}
        for parse, path in zip(parses, paths, strict=True)
        for segment in parse.live.segments
    ]
    con.register("cuts", pl.DataFrame(cuts).to_arrow())
    personal = [field.name for field in stream.fields if field.privacy is Privacy.PSEUDONYM]
    files = [str(path) for path in paths]
    for name in personal:
        found = con.sql(
            f"select distinct c.source, r.{name} as value from read_parquet($files, filename = true) r "
            f"join cuts c on c.path = r.filename where r.{name} is not null",
            params={"files": files},
        ).to_arrow_table()
        con.register(f"keyed_{name}", _keyed(pl.DataFrame(found), key, stream.field(name).domain).to_arrow())
    columns = [f"keyed_{f.name}.pseudonym" if f.name in personal else f"r.{f.name}" for f in stream.fields]
    joins = " ".join(
        f"left join keyed_{name} on keyed_{name}.source = c.source and keyed_{name}.value = r.{name}"
        for name in personal
    )
    con.execute(
        f"insert into raw.{stream.name} "
        f"select c.source, c.load_id, c.known_at, {', '.join(f'r.{name}' for name in (*ORIGIN, *VERSION))}, "
        f"{', '.join(columns)}, true "
        "from read_parquet($files, filename = true) r "
        "join cuts c on c.path = r.filename and r.occurred_at >= c.cut_start and r.occurred_at < c.cut_end "
        f"{joins}",
        {"files": files},
    )
    for name in personal:
        con.unregister(f"keyed_{name}")
    con.unregister("cuts")


def _keyed(values: pl.DataFrame, key: bytes, domain: str) -> pl.DataFrame:
    parts = [
        part.with_columns(pseudonymise(part, "value", key=key, domain=domain or str(source)).alias("pseudonym"))
        for (source,), part in values.group_by("source")
    ]
    return pl.concat(parts) if parts else values.with_columns(pseudonym=pl.lit(None, pl.String))


def _insert_quarantine(con: duckdb.DuckDBPyConnection, parses: Sequence[LoadedParse], paths: Sequence[Path]) -> None:
    """Origin and reason only: the record itself may hold personal data and stays in object storage."""
    frames = [
        pl.read_parquet(path, columns=[*ORIGIN, "column_name", "reason"]).select(
            *(pl.lit(value).alias(name) for name, value in _identity(parse).items()), pl.all()
        )
        for parse, path in zip(parses, paths, strict=True)
    ]
    _insert_frame(con, "raw.quarantine", pl.concat(frames))


def _identity(parse: LoadedParse) -> dict[str, str]:
    ref = parse.manifest.ref
    return {"source": ref.source, "stream": ref.stream, "load_id": ref.load_id}


def _bounds(parse: LoadedParse, segment: Window) -> dict[str, datetime]:
    """Between which moments its rows count: versions of records are not cut, as their window is one of changes."""
    if parse.mode is LoadMode.VERSIONS:
        return {"cut_start": _BEGINNING, "cut_end": _END}
    return {"cut_start": _naive(segment.start), "cut_end": _naive(segment.end)}


def _naive(instant: datetime) -> datetime:
    return instant.replace(tzinfo=None)


def _load_row(parse: LoadedParse) -> dict[str, object]:
    manifest, counts = parse.manifest, parse.parse.counts
    return {
        **_identity(parse),
        "parse_digest": parse.parse.digest,
        "segments": _segments(parse.live),
        "window_start": _naive(manifest.window.start),
        "window_end": _naive(manifest.window.end),
        "known_at": _naive(manifest.known_at),
        "landed_at": _naive(manifest.landed_at),
        "rows_received": counts.received,
        "rows_landed": counts.landed,
        "rows_deduplicated": counts.deduplicated,
        "rows_quarantined": counts.quarantined,
        "rows_ignored": counts.ignored,
        "file_names": ", ".join(part.name for part in manifest.parts),
        "byte_count": sum(part.content_bytes for part in manifest.parts),
        "tables": ", ".join(sorted(parse.held)),
        "api_version": manifest.api_version,
    }


def _insert_frame(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("incoming", frame.to_arrow())
    con.execute(f"insert into {table} by name select * from incoming")
    con.unregister("incoming")


def _rules(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    """What the raw tables say of how each source's lines are classified."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for source, *rule in con.execute(
        "select source, rule_number, line_kind, product_ref, order_ref from raw.line_rules union all "
        "select distinct source, 0, cancellation_order_ref, null, null from raw.sources "
        "where cancellation_order_ref is not null order by all"
    ).fetchall():
        found.setdefault(source, []).append(tuple(rule))
    return found


def _write_sources(con: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    con.execute("delete from raw.sources; delete from raw.line_rules")
    for source in sources:
        con.execute(
            "insert into raw.sources values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                source.name,
                source.stream,
                ", ".join(source.tables),
                source.mode.value,
                source.title,
                source.time_zone,
                source.cancellation_order_ref,
                source.expects_every_window,
            ],
        )
        for number, rule in enumerate(source.line_rules, 1):
            con.execute(
                "insert into raw.line_rules values (?, ?, ?, ?, ?, ?)",
                [source.name, number, rule.kind.value, rule.product_ref, rule.order_ref, rule.reason],
            )
