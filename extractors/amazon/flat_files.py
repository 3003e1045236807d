"""Flat files as Amazon writes them: tabs, nothing quoted, in one of several encodings, packed or not."""

from __future__ import annotations

import codecs
import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, cast

import polars as pl

from extractors.amazon.marketplaces import BY_ID
from extractors.api.records import Decoded
from lakehouse.errors import ContractError
from lakehouse.landing import RawFile
from lakehouse.streams import ORIGIN, QUARANTINE_SCHEMA

BATCH: Final = 100_000
_MAGIC: Final = b"\x1f\x8b"
_CHUNK: Final = 1 << 20
# What the header says, and what the bytes are: browsers read these names in the wider sense too
# (https://encoding.spec.whatwg.org/#names-and-labels), and Amazon's Japanese files hold characters of the wider set.
_CHARSETS: Final = {
    "utf8": "utf-8-sig",
    "cp1252": "cp1252",
    "windows1252": "cp1252",
    "iso88591": "cp1252",
    "latin1": "cp1252",
    "cp932": "cp932",
    "shiftjis": "cp932",
    "sjis": "cp932",
    "windows31j": "cp932",
    "ms932": "cp932",
}


def open_packed(path: Path) -> IO[bytes]:
    """A document's content, unpacked where it is packed, whatever the vendor said of it."""
    with path.open("rb") as peeked:
        packed = peeked.read(2) == _MAGIC
    return cast("IO[bytes]", gzip.open(path) if packed else path.open("rb"))


def charset(part: RawFile) -> str:
    """What a part is encoded in: as the header says; else UTF-8 if it reads as that; else as its marketplace writes."""
    told = re.search(r"charset=\"?([\w.-]+)", part.meta.get("content_type", ""), re.IGNORECASE)
    if told:
        name = re.sub(r"[^a-z0-9]", "", told.group(1).lower())
        if name in _CHARSETS:
            return _CHARSETS[name]
    if _reads_as_utf8(part.path):
        return "utf-8-sig"
    place = BY_ID.get(part.meta.get("marketplace", ""))
    return place.charset if place and place.charset != "utf-8" else "cp1252"


def batches(
    part: RawFile, needed: Sequence[str], optional: Sequence[str] = (), *, size: int = BATCH
) -> Iterator[Decoded]:
    """A flat file's rows as text, some at a time; a row that cannot be decoded, or has other fields, is a misfit.

    Args:
        part: The stored document.
        needed: Columns that it must have; upper and lower case, spaces and hyphens make no difference.
        optional: Columns that it may have; null where it has none.
        size: Rows at a time.

    Yields:
        Tables with the columns as they are named here.

    Raises:
        ContractError: If a needed column is not there.
    """
    encoding = charset(part)
    with open_packed(part.path) as file:
        header = _fields(next(file, b"").decode(encoding, "replace"))
        is_quoted = bool(header) and all(re.fullmatch(r'".*"', name) for name in header)
        names = [_plain(name) for name in header]
        missing = [name for name in needed if _plain(name) not in names]
        if missing:
            raise ContractError(
                f"{part.name} has no column {missing[0]!r}: Amazon changed the report, or it is another one.",
                remedy="The bytes are stored. Compare its first line with extractors/amazon/README.md.",
            )
        lines = ((number, line) for number, line in enumerate(file, start=1) if line.strip())
        while batch := list(islice(lines, size)):
            yield _decoded(part.name, batch, encoding, names, [*needed, *optional], is_quoted=is_quoted)


def _decoded(
    name: str,
    batch: list[tuple[int, bytes]],
    encoding: str,
    names: list[str],
    wanted: Sequence[str],
    *,
    is_quoted: bool,
) -> Decoded:
    originals: dict[tuple[str, int], Any] = {}
    misfits: list[tuple[str, int, str, str, str | None]] = []
    texts, numbers = [], []
    for number, line in batch:
        try:
            text = line.rstrip(b"\r\n").decode(encoding)
        except UnicodeDecodeError:
            text = line.rstrip(b"\r\n").decode(encoding, "replace")
            misfits.append((name, number, "", f"is not {encoding.removesuffix('-sig')}", text))
        else:
            if text.count("\t") + 1 == len(names):
                texts.append(text)
                numbers.append(number)
            else:
                misfits.append((name, number, "", "has more or fewer fields than the header", text))
        originals[name, number] = {"line": text}
    split = (
        pl.Series("line", texts, pl.String)
        .to_frame()
        .select(
            pl.col("line")
            .str.split_exact("\t", len(names) - 1)
            .struct.rename_fields([str(n) for n in range(len(names))])
        )
        .unnest("line")
    )
    columns = []
    for column in wanted:
        place = names.index(_plain(column)) if _plain(column) in names else None
        cells = pl.lit(None, pl.String) if place is None else pl.col(str(place)).cast(pl.String)
        if is_quoted:
            cells = cells.str.replace(r'^"(.*)"$', "${1}")
        columns.append(cells.str.strip_chars().alias(column))
    frame = split.with_columns(source_file=pl.lit(name), source_row=pl.Series(numbers, dtype=pl.Int64)).select(
        *ORIGIN, *columns
    )
    return Decoded(frame, pl.DataFrame(misfits, schema=QUARANTINE_SCHEMA, orient="row"), originals)


def amount(text: pl.Expr) -> pl.Expr:
    """An amount as settlement reports write it, with a point as decimal sign: `-1.234,56` and `1,234.56` are both."""
    commas = text.str.contains(r"^[+-]?[0-9.]*,[0-9]{1,2}$")
    return (
        pl.when(commas)
        .then(text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .otherwise(text.str.replace_all(",", "", literal=True))
    )


def moment(text: pl.Expr) -> pl.Expr:
    """A moment as reports write it, as ISO 8601 with an offset.

    `2025-06-09 05:23:19 UTC`, `09.06.2025 05:23:19 UTC` and `2025/06/09 05:23:19 JST` have all been seen; a day alone
    is its beginning in UTC.
    """
    ordered = text.str.replace(r"^([0-9]{2})[./]([0-9]{2})[./]([0-9]{4})", "${3}-${2}-${1}").str.replace(
        r"^([0-9]{4})/([0-9]{2})/([0-9]{2})", "${1}-${2}-${3}"
    )
    zoned = ordered.str.replace(r" ?UTC$", "+00:00").str.replace(r" ?JST$", "+09:00").str.replace(r" ?GMT$", "+00:00")
    return zoned.str.replace(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})$", "${1}T00:00:00+00:00")


def unpacked(body: bytes, compression: str) -> bytes:
    """A small document's content."""
    return gzip.decompress(body) if compression == "GZIP" or body[:2] == _MAGIC else body


def _reads_as_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with open_packed(path) as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _fields(line: str) -> list[str]:
    return line.rstrip("\r\n").split("\t") if line.strip() else []


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def spoiled(decoded: Decoded, failed: Mapping[tuple[str, int], str]) -> pl.DataFrame:
    """Quarantine rows for records that break a rule across their rows: the reason by origin."""
    rows = [(*origin, "", reason, str(decoded.originals.get(origin, ""))) for origin, reason in failed.items()]
    return pl.DataFrame(rows, schema=QUARANTINE_SCHEMA, orient="row")
