"""Stored segments to rows: no network and no clock, a batch of pages in memory at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from extractors.api.connector import Parsing
from extractors.api.records import Decoded
from extractors.api.rows import assemble, typed
from extractors.crawl.rows import Context, Page, Row, read_page
from extractors.crawl.warc import SUMMARY, Record, read_records
from lakehouse.landing import RawFile
from lakehouse.streams import ORIGIN, QUARANTINE_SCHEMA
from lakehouse.streams import stream as find_stream

_BATCH: Final = 500
_TABLES: Final = ("crawl_pages", "crawls", "competitor_offers")
_FAILED: Final = ("failed", "timed_out", "too_large", "refused")


class Tally:
    """What the visits of a crawl come to; each address counts once, by how its last visit ended."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        self._received = 0

    def add(self, page: Page) -> None:
        """Counts a visit."""
        self._last[page.row["page_url"]] = page.row["outcome"]
        self._received += page.received

    def row(self, record: Record) -> Row:
        """The crawl's row, with what its summary says."""
        told = record.told
        outcomes = Counter(self._last.values())
        began, finished = (_moment(told[name]) for name in ("began_at", "finished_at"))
        return {
            "record_ref": told["crawl_ref"],
            "version_at": began,
            "occurred_at": began,
            "crawl_ref": told["crawl_ref"],
            "stop_reason": told["stop_reason"],
            "is_complete": bool(told["is_complete"]),
            "visit_count": outcomes.total() - outcomes["disallowed"],
            "fetched_count": outcomes["fetched"],
            "unchanged_count": outcomes["unchanged"],
            "disallowed_count": outcomes["disallowed"],
            "failed_count": sum(outcomes[name] for name in _FAILED),
            "pending_count": int(told["pending_count"]),
            "received_bytes": self._received,
            "finished_at": finished,
        }


def parse(parts: Iterable[RawFile]) -> Iterator[Parsing]:
    """Reads the segments of a crawl, in order.

    Args:
        parts: The segments.

    Raises:
        ObjectCorruptError: If one of them is no WARC file.
    """
    tally = Tally()
    for part in parts:
        context, batch = Context(), _Batch(part.name)
        for record in read_records(part.path):
            if record.kind == "warcinfo":
                context = Context.of(record.told)
            elif record.url == SUMMARY:
                batch.add(record, "crawls", [tally.row(record)])
            elif record.is_visit:
                page = read_page(record, context)
                tally.add(page)
                batch.add(record, "crawl_pages", [page.row])
                batch.add(record, "competitor_offers", page.offers)
            if batch.is_full:
                yield batch.parsed()
                batch = _Batch(part.name)
        if batch:
            yield batch.parsed()


class _Batch:
    """Rows that are typed together.

    Args:
        name: Name of the segment.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows: dict[str, list[Row]] = {table: [] for table in _TABLES}
        self._originals: dict[tuple[str, int], Any] = {}

    def __len__(self) -> int:
        return len(self._originals)

    @property
    def is_full(self) -> bool:
        return len(self) >= _BATCH

    def add(self, record: Record, table: str, rows: Iterable[Row]) -> None:
        origin = {"source_file": self._name, "source_row": record.number}
        self._originals[self._name, record.number] = {"url": record.url, "record": record.kind}
        self._rows[table].extend({**_clean(row), **origin} for row in rows)

    def parsed(self) -> Parsing:
        decoded = Decoded(pl.DataFrame(), pl.DataFrame(schema=QUARANTINE_SCHEMA), self._originals)
        return assemble(decoded, {table: _typed(table, rows) for table, rows in self._rows.items()})


def _typed(table: str, rows: list[Row]) -> Any:  # noqa: ANN401 -- as `typed`
    schema = find_stream(table).versioned_schema
    # amounts come as text, so that what does not fit is told instead of rounded
    told = {name: pl.String if isinstance(dtype, pl.Decimal) else dtype for name, dtype in schema.items()}
    frame = pl.DataFrame(rows, schema=told)
    return typed(frame, table, {name: name for name in schema if name not in ORIGIN})


def _clean(row: Row) -> Row:
    """Text that can be stored: half a pair of UTF-16 cannot."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in row.items()
    }


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
