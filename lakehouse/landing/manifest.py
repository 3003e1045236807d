"""What is said of a load: its parts, where each record went, and where all of it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Self

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, model_validator

from lakehouse.windows import Window

MANIFEST_VERSION = 1
STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class RawPart:
    """Bytes exactly as the vendor sent them.

    Attributes:
        name: The vendor's name for them: a file's name, or one made from the request.
        data: All of them.
        meta: What the vendor said beside the bytes.
    """

    name: str
    data: bytes
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RawFile:
    """A part's bytes in a local file, for what may be too large for memory.

    Attributes:
        name: As of a `RawPart`.
        path: The file, not compressed by us.
        meta: What the vendor said beside the bytes.
    """

    name: str
    path: Path
    meta: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Parsed:
    """What was understood of a load's parts; received = landed + deduplicated + quarantined.

    Attributes:
        rows: Good rows of the load's main stream, in its `landed_schema` or `versioned_schema`.
        quarantined: Failed rows, in `QUARANTINE_SCHEMA`, one row per record.
        received: Records in the parts.
        deduplicated: Records left out because the same record came twice.
        rows_by_part: Records received in each part, in order.
        ignored: Records in the parts that are of another kind than this stream's, and that the mapping says not
            to use. They are not among the received ones.
        landed: Records that the good rows make up; None: each row is a record.
        others: Good rows of further streams that the same records hold, such as an order's lines.
    """

    rows: pl.DataFrame
    quarantined: pl.DataFrame
    received: int
    deduplicated: int
    rows_by_part: tuple[int, ...]
    ignored: int = 0
    landed: int | None = None
    others: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if sum(self.rows_by_part) != self.received:
            message = f"received {self.received} records, but the parts hold {sum(self.rows_by_part)}"
            raise ValueError(message)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StoredObject(_Model):
    """One object that a manifest vouches for."""

    key: str
    bytes: int
    sha256: str


class StoredPart(StoredObject):
    """A stored part: the object, and the vendor's bytes inside it."""

    name: str
    encoding: Literal["identity", "zstd"]
    content_bytes: int
    content_sha256: str
    rows: int | None = None
    meta: dict[str, str] = Field(default_factory=dict)  # what the vendor said beside them: a charset, a report's number


class RowCounts(_Model):
    """Where every received record went.

    Attributes:
        ignored: Further records in the parts, of kinds that the source's mapping says not to use: an event feed
            holds many. They belong to no row of the stream and so are not among the received.
    """

    received: int
    landed: int
    deduplicated: int
    quarantined: int
    ignored: int = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.received != self.landed + self.deduplicated + self.quarantined:
            message = (
                f"received {self.received} records, but landed {self.landed} + deduplicated "
                f"{self.deduplicated} + quarantined {self.quarantined}"
            )
            raise ValueError(message)
        return self


class ParseRecord(_Model):
    """One reading of a load's bytes.

    Attributes:
        rows: Rows of the main stream.
        main: That stream; empty: the one that the load's folder is named after.
        others: Rows of further streams by name; only those that have any.
    """

    digest: str
    rows: StoredObject
    quarantine: StoredObject
    counts: RowCounts
    main: str = ""
    others: dict[str, StoredObject] = Field(default_factory=dict)
    row_counts: dict[str, int] = Field(default_factory=dict)

    def tables(self, folder_stream: str) -> dict[str, StoredObject]:
        """Every stream's rows, by the stream's name."""
        return {self.main or folder_stream: self.rows, **self.others}


class Manifest(_Model):
    """The proof that a load is complete; written last, once, and never changed.

    Attributes:
        known_at: The moment from which this load counts as known. Builds *as of* an earlier moment do not
            see it.
        landed_at: The wall clock at landing; for people, never for marts.
    """

    version: int = MANIFEST_VERSION
    source: str
    stream: str
    window_start: datetime
    window_end: datetime
    load_id: str
    known_at: datetime
    landed_at: datetime
    run_id: str
    api_version: str = ""
    cursor_before: str | None = None
    cursor_after: str | None = None
    parts: tuple[StoredPart, ...]
    counts: RowCounts
    parse: ParseRecord

    @property
    def window(self) -> Window:
        """The window that was landed."""
        return Window(self.window_start, self.window_end)

    @property
    def ref(self) -> LoadRef:
        """Where it stands."""
        return LoadRef(self.source, self.stream, self.window, self.load_id)


@dataclass(frozen=True)
class LoadRef:
    """A complete load, as its manifest's key names it."""

    source: str
    stream: str
    window: Window
    load_id: str

    @property
    def folder(self) -> str:
        """Key prefix of its raw objects."""
        return f"raw/{self.source}/{self.stream}/window={self.window.key}/load={self.load_id}"

    @property
    def manifest_key(self) -> str:
        """Key of its manifest."""
        return f"{self.folder}/_manifest.json"

    @property
    def known_at(self) -> datetime:
        """From when on it counts as known: the load id begins with it."""
        return datetime.strptime(self.load_id.split("-")[0], STAMP).replace(tzinfo=UTC)

    @property
    def rank(self) -> tuple[datetime, str]:
        """Of two loads that cover an instant, the one with the greater rank counts."""
        return self.known_at, self.load_id

    def parse_folder(self, digest: str) -> str:
        """Key prefix of one reading of its bytes."""
        return f"parsed/{self.source}/{self.stream}/window={self.window.key}/load={self.load_id}/parse={digest}"

    @classmethod
    def from_key(cls, key: str) -> Self:
        """The load whose manifest has that key."""
        _, source, stream, window, load, _ = key.split("/")
        return cls(source, stream, Window.from_key(window.removeprefix("window=")), load.removeprefix("load="))


@dataclass(frozen=True)
class PendingLoad:
    """A load whose bytes are stored and which nobody sees yet.

    Attributes:
        unchanged: The newest load of this window, where it already holds exactly these bytes; there is
            nothing left to do then.
    """

    ref: LoadRef
    parts: tuple[StoredPart, ...]
    unchanged: Manifest | None = None
