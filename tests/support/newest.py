"""Which rows of a raw table count, worked out over all history at once: what the loader's marks must come to."""

from __future__ import annotations

from lakehouse.streams import Stream

_VERSION = "row(coalesce({0}.version_at, timestamp '1970-01-01'), {0}.known_at, {0}.load_id)"


def wrongly_marked(stream: Stream) -> str:
    """A query for how many rows are marked otherwise than the definition has it."""
    own = _VERSION.format("held")
    columns, joins = "", ""
    for parent in stream.parents:
        joins += f"""
            left join (
                select held.source, held.record_ref, max({own}) as version
                from raw.{parent} as held
                join raw.loads using (source, load_id)
                join raw.sources on sources.source = loads.source and sources.stream = loads.stream
                where (sources.tables = '{parent}' or sources.tables like '{parent}, %')
                    and ', ' || sources.tables || ',' like '%, {stream.name},%'
                group by all
            ) as {parent} on held.source = {parent}.source and held.record_ref = {parent}.record_ref"""
        columns += f" and coalesce({parent}.version <= last_version, true)"
    once = ", ".join(f"held.{name}" for name in stream.once)
    first = "true"
    if once:
        first = (
            f"row_number() over (partition by held.source, {once}, counts order by version_at desc, known_at desc, "
            "load_id desc, source_file desc, source_row desc) = 1"
        )
    return f"""
        with placed as (
            select held.*,
                max(row({own}, held.source_file)) over in_record as last_place,
                max({own}) over in_record as last_version
            from raw.{stream.name} as held
            window in_record as (partition by held.source, held.record_ref)
        ),
        judged as (
            select held.*, held.record_ref is null
                or (row({own}, held.source_file) = last_place{columns}) as counts
            from placed as held{joins}
        )
        select count(*) from (
            select is_newest, counts and {first} as should from judged as held
        ) where is_newest is distinct from should
    """
