"""A merchant's whole history, landed again day by day: late, twice, restated, taken back.

The rows are those that were once parsed from what the shops, the tools and the back office really sent, so every
stream that the warehouse knows takes part. Nothing here makes up a record; it only chooses when which of them arrives.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import polars as pl

from lakehouse.landing import PagedLanding, Parsed, RawPart, find_parse, loads, read_manifest
from lakehouse.objectstore import ObjectStore
from lakehouse.sources import LoadMode, Source
from lakehouse.streams import QUARANTINE_SCHEMA
from lakehouse.windows import Window

_LANDED_AT = datetime(2030, 1, 1, tzinfo=UTC)
_Tables = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Piece:
    """What one source has to say of one of its days."""

    source: Source
    day: date
    tables: _Tables

    @property
    def window(self) -> Window:
        return Window.local_day(self.day, self.source.time_zone)

    def restated(self, seed: int) -> Piece:
        """The day as it turns out later: of records that change, newer versions with fewer lines; else fewer rows."""
        rng = random.Random(f"{seed}/{self.source.name}/{self.source.stream}/{self.day}")  # noqa: S311 -- data, not secrets
        if self.source.mode is LoadMode.WINDOW:
            return self._with({name: _some(rows, rng, 0.7) for name, rows in self.tables.items()})
        newer = pl.col("version_at") + pl.duration(minutes=rng.randint(1, 600))
        main = self.source.tables[0]
        held = {name: rows.with_columns(version_at=newer) for name, rows in self.tables.items()}
        return self._with({name: rows if name == main else _some(rows, rng, 0.8) for name, rows in held.items()})

    def taken_back(self) -> Piece:
        """The day without anything on it."""
        return self._with({name: rows.clear() for name, rows in self.tables.items()})

    def _with(self, tables: _Tables) -> Piece:
        return Piece(self.source, self.day, tables)


def pieces(store: ObjectStore, sources: Iterable[Source]) -> list[Piece]:
    """Everything that was landed, by source and by the day on which it happened or was changed."""
    return [piece for source in sources for piece in _by_day(source, _rows(store, source))]


def land(store: ObjectStore, piece: Piece, known_at: datetime) -> None:
    """Lands a piece as a load of its day."""
    main, *others = piece.source.tables
    tables = {name: piece.tables[name] for name in (main, *others) if name in piece.tables}
    records = pl.concat([rows.select("source_file", "source_row") for rows in tables.values()]).unique().height
    landing = PagedLanding(store, piece.source, piece.window, fingerprint="replay", now=known_at)
    page = f"{known_at}\n" + "".join(rows.write_csv() for rows in tables.values())
    landing.add(RawPart("page-1.csv", page.encode()), cursor=None, reported=records)
    landing.finish()
    parsed = Parsed(
        rows=tables[main],
        quarantined=pl.DataFrame(schema=QUARANTINE_SCHEMA),
        received=records,
        deduplicated=0,
        rows_by_part=(records,),
        landed=records,
        others={name: rows for name, rows in tables.items() if name != main},
    )
    landing.commit(lambda _: [parsed], known_at=known_at, landed_at=_LANDED_AT, run_id="replay", api_version="1")


def _rows(store: ObjectStore, source: Source) -> dict[str, pl.DataFrame]:
    found: dict[str, list[pl.DataFrame]] = {}
    for ref in loads(store, source.name, source.stream):
        manifest = read_manifest(store, ref)
        parse = find_parse(store, manifest, source.parse_digest)
        assert parse is not None, f"{ref.folder} was parsed by something else"
        for name, stored in parse.tables(manifest.stream).items():
            found.setdefault(name, []).append(pl.read_parquet(store.fetch(stored.key, sha256=stored.sha256)))
    return {name: pl.concat(frames) for name, frames in found.items()}


def _by_day(source: Source, tables: _Tables) -> Iterable[Piece]:
    if source.tables[0] not in tables:
        return
    moment = pl.col("occurred_at")
    if source.mode is LoadMode.VERSIONS:
        moment = pl.coalesce("version_at", "occurred_at")
    local = moment.dt.replace_time_zone("UTC").dt.convert_time_zone(source.time_zone).dt.date()
    placed = {name: rows.with_columns(__day=local) for name, rows in tables.items()}
    days = sorted({day for rows in placed.values() for day in rows["__day"].unique()})
    for day in days:
        yield Piece(
            source, day, {name: rows.filter(pl.col("__day") == day).drop("__day") for name, rows in placed.items()}
        )


def _some(rows: pl.DataFrame, rng: random.Random, share: float) -> pl.DataFrame:
    return rows.filter(pl.Series([rng.random() < share for _ in range(rows.height)], dtype=pl.Boolean))


def known(piece: Piece) -> datetime:
    """When a piece that is not late is known: at its day's end."""
    return piece.window.end
