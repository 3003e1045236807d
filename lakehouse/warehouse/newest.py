"""Which rows of the raw tables count now: marked by the loader, for the records that a build touches alone.

A source that tells of changes sends a record again and again. All its versions stay in the raw table, as a load may be
taken back, or a past day made anew; `is_newest` says which rows count. To find them anew in each query would cost more
with every day of history.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from lakehouse.streams import Stream

# What tells two versions of a record apart, and which is the newer: when the source changed it, then when we learned
# of it. A snapshot that names no time of change is as new as it is known. Macro `version_of` says the same in dbt.
_VERSION = (
    "{{'version_at': coalesce({rows}.version_at, timestamp '1970-01-01'), "
    "'known_at': {rows}.known_at, 'load_id': {rows}.load_id}}"
)
_ORDER = ", ".join(f"held.{name} desc" for name in ("version_at", "known_at", "load_id", "source_file", "source_row"))


class Newest:
    """Keeps `is_newest` of the raw tables true while a build takes loads out and puts loads in.

    Args:
        con: The build.
        streams: All streams; each has its raw table.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, streams: Sequence[Stream]) -> None:
        self._con = con
        self._streams = streams
        self._names = {stream.name for stream in streams}
        con.execute("create or replace temp table touched_records (stream varchar, source varchar, record_ref varchar)")
        for stream in streams:
            if stream.once:
                con.execute(f"create or replace temp table touched_{stream.name} as from ({_keys(stream)}) limit 0")

    def touch(self, change: str) -> None:
        """Remembers the records of the loads that the delta names: before those removed are gone, after those added.

        Args:
            change: `removed` or `added`.
        """
        loads = f"(select source, load_id from raw.delta where change = '{change}')"
        for stream in self._streams:
            self._con.execute(
                f"insert into touched_records select distinct '{stream.name}', source, record_ref "
                f"from raw.{stream.name} where record_ref is not null and (source, load_id) in {loads}"
            )
            if stream.once:
                self._con.execute(
                    f"insert into touched_{stream.name} {_keys(stream)} where (source, load_id) in {loads}"
                )

    def mark(self) -> None:
        """Marks the rows of every touched record, and of the records whose parents were touched."""
        for stream in self._streams:
            self._con.execute(
                "create or replace temp table records as select distinct source, record_ref from touched_records "
                "where stream in (select unnest(?))",
                [[stream.name, *stream.parents]],
            )
            if stream.once:
                self._widen(stream)
            if self._con.execute("select count(*) from records").fetchall() == [(0,)] and not stream.once:
                continue
            self._find(stream)
            self._write(stream)

    def _widen(self, stream: Stream) -> None:
        """Adds the rows that share a name with touched ones, and the records that those belong to."""
        names, table = _names(stream), f"raw.{stream.name}"
        self._con.execute(
            f"insert into touched_{stream.name} {_keys(stream)} "
            "where (source, record_ref) in (select (source, record_ref) from records)"
        )
        self._con.execute(
            f"insert into records select distinct source, record_ref from {table} where record_ref is not null "
            f"and ({names}) in (select ({names}) from touched_{stream.name})"
        )

    def _find(self, stream: Stream) -> None:
        """The place of each record's newest version, unless a newer version of its parent has no more of it.

        Of one version on two pages of one load the later page counts.
        """
        parents = " union all ".join(
            f"select held.source, held.record_ref, {_VERSION.format(rows='held')} as version "
            f"from raw.{parent} as held "
            "inner join raw.loads as loads on held.source = loads.source and held.load_id = loads.load_id "
            "inner join raw.sources as sources on loads.source = sources.source and loads.stream = sources.stream "
            "where (held.source, held.record_ref) in (select (source, record_ref) from records) "
            f"and split_part(sources.tables, ', ', 1) = '{parent}' "
            f"and list_contains(string_split(sources.tables, ', '), '{stream.name}')"
            for parent in stream.parents
        )
        over = (
            f"left join (select source, record_ref, max(version) as version from ({parents}) group by all) as parent "
            "on held.source = parent.source and held.record_ref = parent.record_ref"
        )
        bound = "coalesce(max(parent.version) <= max(place).version, true)" if parents else "true"
        self._con.execute(
            "create or replace temp table newest_places as "
            f"select source, record_ref, max(place) as place, {bound.replace('parent.version', 'parent_version')} "
            "as counts from ("
            f"select held.source, held.record_ref, {'parent.version' if parents else 'null'} as parent_version, "
            f"{{'version': {_VERSION.format(rows='held')}, 'source_file': held.source_file}} as place "
            f"from raw.{stream.name} as held {over if parents else ''} "
            "where (held.source, held.record_ref) in (select (source, record_ref) from records)"
            ") group by source, record_ref"
        )

    def _write(self, stream: Stream) -> None:
        """Changes the mark of the rows whose mark is another one now, and touches no other row."""
        counts = (
            "(held.record_ref is null or coalesce(newest.counts "
            f"and newest.place.version = {_VERSION.format(rows='held')} "
            "and newest.place.source_file = held.source_file, false))"
        )
        wanted = "(held.source, held.record_ref) in (select (source, record_ref) from records)"
        if stream.once:
            wanted = f"({_names(stream, 'held.')}) in (select ({_names(stream)}) from touched_{stream.name})"
            counts += f" and row_number() over (partition by {_names(stream, 'held.')}, {counts} order by {_ORDER}) = 1"
        self._con.execute(
            "create or replace temp table marks as "
            f"select held.rowid as place, held.is_newest, {counts} as is_newest_now "
            f"from raw.{stream.name} as held left join newest_places as newest "
            f"on held.source = newest.source and held.record_ref = newest.record_ref where {wanted}"
        )
        self._con.execute(
            f"update raw.{stream.name} as held set is_newest = marks.is_newest_now from marks "
            "where held.rowid = marks.place and marks.is_newest is distinct from marks.is_newest_now"
        )


def _names(stream: Stream, rows: str = "") -> str:
    return ", ".join(rows + name for name in ("source", *stream.once))


def _keys(stream: Stream) -> str:
    return f"select distinct {_names(stream)} from raw.{stream.name}"
