"""Crawls as WARC files: one record a visit, written as it ends, read again as often as wanted.

A segment is a `.warc.gz`, each record a gzip member of its own, so that what a kill left half-written is told from
what is whole. It begins with a `warcinfo` record that holds all a reader needs to know of the crawl. Visits are

- `response`: an answer of any status, its body as it was sent (only the transfer's own framing is gone);
- `revisit`: the answer 304 to a conditional request, with the digest of what it says is unchanged;
- `metadata` with `{"outcome", "reason", "is_final"}`: a visit without an answer.

The last segment ends with a `metadata` record that sums the crawl up.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # warcio ships no types
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]  # warcio ships no types
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]  # warcio ships no types

from lakehouse.errors import ObjectCorruptError

CONTENT: Final = "Ecomops-Content-SHA256"
KIND: Final = "Ecomops-Page-Kind"
OFFERS: Final = "Ecomops-Offer-Count"
SUMMARY: Final = "urn:ecomops:crawl-summary"
_INFO: Final = "ecomops-crawl"
_STAMP: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
_BLOCK: Final = 1 << 16
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Record:
    """One record of a segment.

    Attributes:
        kind: `response`, `revisit`, `metadata`, `request` or `warcinfo`.
        url: The address; for the summary `SUMMARY`.
        at: When the visit ended, UTC.
        status: The HTTP status; 0 where there is none.
        headers: The answer's headers as received, names in lower case.
        body: The answer's body as sent; the JSON of other records.
        warc: The record's own headers, names in lower case.
        offset: Where it begins in its file.
        number: Its number among the segment's visits and summaries, from 1; 0 for what is neither.
    """

    kind: str
    url: str
    at: datetime
    status: int = 0
    headers: Headers = ()
    body: bytes = field(default=b"", repr=False)
    warc: Mapping[str, str] = field(default_factory=dict, repr=False)
    offset: int = 0
    number: int = 0

    @property
    def is_visit(self) -> bool:
        """Whether it tells of a visit, and so becomes a row."""
        return self.kind in ("response", "revisit") or (self.kind == "metadata" and self.url != SUMMARY)

    @property
    def told(self) -> dict[str, Any]:
        """What a `metadata` or `warcinfo` record says."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def header(self, name: str) -> str:
        """The first header of that name (lower case); empty where there is none."""
        return next((value for key, value in self.headers if key == name), "")


class Segment:
    """A segment that is being written; every record is on its way to the disk before the call returns.

    Args:
        folder: Where it is.
        number: Its number.
        info: What readers need to know of the crawl.
        now: When it is begun, UTC.
    """

    def __init__(self, folder: Path, number: int, info: Mapping[str, Any], now: datetime) -> None:
        self.path = folder / f"segment-{number:05d}.open"
        self.number, self.records, self.bytes = number, 0, 0
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_TRUNC, 0o644)
        payload = f"software: ecomops\r\nformat: WARC File Format 1.1\r\n{_INFO}: {json.dumps(info)}\r\n".encode()
        self._write("warcinfo", "", now, BytesIO(payload), len(payload), {})

    def response(self, url: str, at: datetime, status: int, headers: Headers, body: bytes, address: str = "") -> None:
        """Records an answer with its body as sent, and the address that it came from."""
        told = {"WARC-Payload-Digest": f"sha256:{hashlib.sha256(body).hexdigest()}", **_from(address)}
        self._count()
        self._write("response", url, at, BytesIO(body), len(body), told, _http(status, headers))

    def revisit(self, url: str, at: datetime, headers: Headers, before: Mapping[str, str], address: str = "") -> None:
        """Records a 304.

        Args:
            url: The address.
            at: When it came.
            headers: Its headers.
            before: WARC headers that tell of the earlier visit whose content it says is unchanged.
            address: Where it came from.
        """
        profile = {"WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/server-not-modified"}
        self._count()
        self._write("revisit", url, at, BytesIO(b""), 0, {**profile, **before, **_from(address)}, _http(304, headers))

    def request(self, url: str, at: datetime, headers: Headers) -> None:
        """Records the headers that were sent."""
        sent = StatusAndHeaders(f"GET {url} HTTP/1.1", list(headers), is_http_request=True)
        self._write("request", url, at, BytesIO(b""), 0, {}, sent)

    def ended(self, url: str, at: datetime, outcome: str, reason: str, *, is_final: bool = True) -> None:
        """Records a visit that had no answer; one that is not final was tried again."""
        self._count()
        self._tell(url, at, {"outcome": outcome, "reason": reason, "is_final": is_final})

    def summary(self, at: datetime, told: Mapping[str, Any]) -> None:
        """Records what the crawl came to; the last record of the last segment."""
        self._count()
        self._tell(SUMMARY, at, told)

    def close(self) -> Path:
        """Ends the segment and gives it its name."""
        os.close(self._file)
        return self.path.rename(self.path.with_suffix(".warc.gz"))

    def _tell(self, url: str, at: datetime, told: Mapping[str, Any]) -> None:
        payload = json.dumps(told, sort_keys=True).encode()
        self._write("metadata", url, at, BytesIO(payload), len(payload), {"Content-Type": "application/json"})

    def _count(self) -> None:
        self.records += 1

    def _write(
        self,
        kind: str,
        url: str,
        at: datetime,
        payload: BytesIO,
        length: int,
        more: Mapping[str, str],
        http: StatusAndHeaders | None = None,
    ) -> None:
        packed = BytesIO()
        writer = WARCWriter(packed, gzip=True, warc_version="WARC/1.1")
        told = {"WARC-Date": at.astimezone(UTC).strftime(_STAMP), **more}
        record = writer.create_warc_record(
            url, kind, payload=payload, length=length, warc_headers_dict=told, http_headers=http
        )
        writer.write_record(record)
        data = packed.getvalue()
        written = 0
        while written < len(data):
            written += os.write(self._file, data[written:])
        self.bytes += len(data)


def read_records(path: Path) -> Iterator[Record]:
    """The records of a segment, in order, one in memory at a time.

    Raises:
        ObjectCorruptError: If it is no WARC file.
    """
    number = 0
    with path.open("rb") as opened:
        try:
            records = ArchiveIterator(opened)
            for one in records:
                counts = one.rec_type in ("response", "revisit", "metadata")
                number += counts
                found = _read(one, number if counts else 0)
                yield replace(found, offset=records.get_record_offset())  # known once its body was read
        except (zlib.error, ValueError, KeyError, EOFError) as error:
            raise ObjectCorruptError(
                f"{path.name} is no WARC file from its record {number + 1} on: {error}", remedy="Crawl the site again."
            ) from error


def read_at(path: Path, offset: int) -> Record:
    """The record that begins at an offset."""
    with path.open("rb") as opened:
        opened.seek(offset)
        return replace(_read(next(iter(ArchiveIterator(opened))), 0), offset=offset)


def trim(path: Path) -> int:
    """Cuts off what a kill left half-written; returns how many records are whole.

    A member without its end is one that a kill interrupted, and so is the last.
    """
    whole = count = 0
    size = path.stat().st_size
    with path.open("rb+") as opened:
        while whole < size:
            opened.seek(whole)
            length = _member(opened.read, size - whole)
            if length is None:
                break
            whole, count = whole + length, count + 1
        opened.truncate(whole)
    return count


def _member(read: Any, left: int) -> int | None:  # noqa: ANN401 -- a file's own method
    """Bytes of the gzip member that begins here; None where its end is missing."""
    unpacking, seen = zlib.decompressobj(zlib.MAX_WBITS + 16), 0
    while seen < left:
        block = read(_BLOCK)
        if not block:
            return None
        seen += len(block)
        try:
            while block and not unpacking.eof:
                unpacking.decompress(block, _BLOCK)  # bounded: what it holds is of no interest here
                block = unpacking.unconsumed_tail
        except zlib.error:
            return None
        if unpacking.eof:
            return seen - len(unpacking.unused_data)
    return None


def _from(address: str) -> dict[str, str]:
    return {"WARC-IP-Address": address} if address else {}


def _http(status: int, headers: Headers) -> StatusAndHeaders:
    return StatusAndHeaders(f"{status} ", list(headers), protocol="HTTP/1.1")


def _read(one: Any, number: int) -> Record:  # noqa: ANN401 -- warcio has no types
    warc = {name.lower(): value for name, value in one.rec_headers.headers}
    body = one.raw_stream.read()
    http = one.http_headers
    if one.rec_type == "warcinfo":
        lines = (line.partition(": ") for line in body.decode().splitlines())
        body = next((value for name, _, value in lines if name == _INFO), "{}").encode()
    is_answer = one.rec_type in ("response", "revisit")
    return Record(
        kind=one.rec_type,
        url=warc.get("warc-target-uri", ""),
        at=datetime.fromisoformat(warc["warc-date"]).astimezone(UTC),
        status=int(http.get_statuscode()) if http is not None and is_answer else 0,
        headers=[(name.lower(), value) for name, value in http.headers] if http is not None else (),
        body=body,
        warc=warc,
        number=number,
    )
