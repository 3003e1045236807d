"""The contract between a connector and the extraction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

import polars as pl

from lakehouse.landing import KNOWN_SCHEMA, RawFile
from lakehouse.sources import LoadMode
from lakehouse.streams import QUARANTINE_SCHEMA
from lakehouse.windows import Window


@dataclass(frozen=True)
class Resource:
    """One thing that a vendor has to give.

    Attributes:
        name: Identifier; the second segment of its objects' keys.
        title: What it is, for people.
        tables: Canonical streams that its records become; the first one is where they are counted.
        mode: `VERSIONS` for what is asked for by its modified time, for snapshots and sweeps: every load counts, and
            downstream the newest version of a record wins. `WINDOW` for what is whole in a window and stated again
            later, such as a daily report: the later load takes the place of the earlier one.
        overlap: How far before the window's start it is asked again, for changes that came to light late.
        lookback: How many windows back the vendor states again; a schedule lands those anew as well.
        scopes: The permissions that it needs, in the vendor's words.
        is_snapshot: Whether it can only be asked as it is now, so that a past window cannot be filled later.
    """

    name: str
    title: str
    tables: tuple[str, ...]
    mode: LoadMode = LoadMode.VERSIONS
    overlap: timedelta = timedelta(0)
    lookback: int = 0
    scopes: tuple[str, ...] = ()
    is_snapshot: bool = False


@dataclass(frozen=True)
class Page:
    """What a vendor answered, as it was received.

    Attributes:
        name: Name like a file's, unique within the load; its suffix tells the format.
        body: The bytes after transport decoding; a path for what was streamed to a temporary file, which the
            extraction may remove once it is stored.
        cursor: Where to go on after this page, in the connector's own words; None: it was the last one.
        reported: How many records the vendor says this page or export holds; None: it does not say.
        meta: What it said beside the bytes: a charset, a report's number. Kept in the manifest.
    """

    name: str
    body: bytes | Path
    cursor: str | None = None
    reported: int | None = None
    meta: Mapping[str, str] = field(default_factory=dict)


def _nothing_landed(_table: str, columns: Sequence[str], _loads: int) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.Null))


def _nothing_stored() -> Iterator[RawFile]:
    return iter(())


def _nothing_known(_resource: str) -> pl.DataFrame:
    return pl.DataFrame(schema=KNOWN_SCHEMA)


def _ignore(_told: object) -> None:
    return None


@dataclass(frozen=True)
class Request:
    """What an extraction asks of a connector.

    Attributes:
        window: What to fetch, half-open, UTC.
        since: The window's start less the overlap: from here on the vendor is asked.
        now: The run's clock: never ask for what lies after it.
        cursor: Go on after the page that gave this cursor; None: begin.
        known: The records of one of this source's resources that were landed before and not deleted since, by the
            resource's name: `record_ref`, `occurred_at`, `version_at`, newest version each. For sweeps.
        landed: Rows of one of the resource's tables from its newest loads, as far back as the number says, in the
            columns named: what to ask conditionally about.
        stored: The pages that an interrupted run of this window had stored, one file after the other.
        scratch: Folder for temporary files.
        spool: Folder on this machine that outlives a killed run of the same window, for what is not a page yet; it is
            gone once the window has landed.
        note: Keeps a small text that survives a kill: the number of an export or report under way.
        noted: The text that was kept last.
        progress: Told the number of records received, for people who watch.
    """

    window: Window
    since: datetime
    now: datetime
    scratch: Path
    cursor: str | None = None
    known: Callable[[str], pl.DataFrame] = _nothing_known
    landed: Callable[[str, Sequence[str], int], pl.DataFrame] = _nothing_landed
    stored: Callable[[], Iterator[RawFile]] = _nothing_stored
    spool: Path | None = None
    note: Callable[[str | None], None] = _ignore
    noted: str | None = None
    progress: Callable[[int], None] = _ignore


@dataclass(frozen=True)
class Parsing:
    """What was understood of some parts; several of them may make up a load, each of its own parts or records.

    Attributes:
        tables: Rows by canonical stream, in the stream's `versioned_schema`, or its `landed_schema` where the
            resource's records are facts.
        received: Records of the resource in the parts: an order with its lines is one.
        deduplicated: Records left out because the same version of them came twice.
        quarantined: Records set aside, one row each, in `QUARANTINE_SCHEMA`.
    """

    tables: Mapping[str, pl.DataFrame]
    received: int
    deduplicated: int = 0
    quarantined: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=QUARANTINE_SCHEMA))


@dataclass(frozen=True)
class Finding:
    """One thing that a check of a source found.

    Attributes:
        level: `ok`, `note` (works, and is worth knowing) or `bad`.
        what: What was checked: credentials, a scope, a quota, a sample.
        found: What was found, without secrets and without personal data.
        remedy: What to do about it.
    """

    level: Literal["ok", "note", "bad"]
    what: str
    found: str
    remedy: str = ""


class Connector(Protocol):
    """One vendor, reached with one merchant's credentials."""

    def check(self) -> list[Finding]:
        """Whether credentials, permissions and quotas are as they should be, and a small sample.

        Raises nothing that is the vendor's or the credentials' fault: that is a finding.
        """

    def fetch(self, resource: str, request: Request) -> Iterator[Page]:
        """Pages in order. Each is stored, with its cursor, before the next one is asked for.

        Raises:
            ExpiredCursorError: If the cursor is no longer good; the extraction then begins again.
            IncompleteError: If not everything came that the vendor said there is.
            ApiError: If the vendor cannot be reached or refuses.
        """

    def parse(self, resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
        """Reads stored pages: no network, no clock; the same parts give the same rows.

        Each part's file is there until the next one is asked for.
        """
