"""Delimited text split into records without trusting it: each record's number, fields and health.

A CSV reader either stops at the first damaged line or fills it up with nulls, and neither may happen
here. The quotes, delimiters and line breaks of the whole text are located at once with numpy; a record is
whole when its quotes stand where RFC 4180 wants them and it has the header's number of fields. Only
where that fails are the odd lines looked at one by one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_QUOTE, _NEWLINE, _RETURN = 0x22, 0x0A, 0x0D
_MAX_JOINED = 50  # physical lines that one record with line breaks in it may have, where quotes are odd
_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Records:
    """The records of a delimited text.

    Attributes:
        body: The good records only, UTF-8, in a form every CSV reader understands.
        numbers: The number of each good record, in the order of `body`.
        broken: Number, reason and text of each damaged record.
    """

    body: bytes
    numbers: _Ints
    broken: list[tuple[int, str, str]]


@dataclass(frozen=True)
class _Spans:
    """Candidate records: byte ranges without their line breaks, and what is known of each."""

    starts: _Ints
    ends: _Ints
    fields: _Ints
    well_quoted: _Bools

    def good(self, width: int) -> _Bools:
        whole: _Bools = (self.fields == width) & self.well_quoted
        return whole


def split(data: bytes, *, width: int, delimiter: str, quoting: bool) -> Records:
    """Splits a text into records.

    Blank lines are no records and have no number.

    Args:
        data: UTF-8 text without its header.
        width: Fields of a record.
        delimiter: One ASCII character.
        quoting: Whether quotes enclose fields.
    """
    if not data:
        return Records(b"", np.empty(0, np.int64), [])
    view = np.frombuffer(data, np.uint8)
    sound = _spans(view, delimiter, quoting)
    if quoting and not sound.well_quoted.all():
        # A stray quote turns inside and outside round for all that follows. Read line by line instead.
        return _recover(data, _spans(view, delimiter, quoting, by_line=True), width, delimiter)
    good = sound.good(width)
    numbers = np.arange(1, len(good) + 1, dtype=np.int64)
    broken = [
        (int(numbers[index]), _miscounted(int(sound.fields[index]), width), _text(data, sound, index))
        for index in np.flatnonzero(~good).tolist()
    ]
    return Records(_cut(data, view, sound, good), numbers[good], broken)


def header(line: str, *, delimiter: str, quoting: bool) -> list[str]:
    """The names in a header line."""
    return next(_reader(line, delimiter, quoting), [])


def _spans(view: npt.NDArray[np.uint8], delimiter: str, quoting: bool, *, by_line: bool = False) -> _Spans:
    quotes = np.flatnonzero(view == _QUOTE) if quoting else np.empty(0, np.int64)
    breaks = np.flatnonzero(view == _NEWLINE)
    delimiters = np.flatnonzero(view == ord(delimiter))
    if not by_line:
        breaks = breaks[_before(quotes, breaks) % 2 == 0]
    ends = breaks if len(breaks) and breaks[-1] == len(view) - 1 else np.append(breaks, len(view))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    first_quote = _before(quotes, starts)  # quotes before each span: inside it, parity counts from there
    span_of = np.searchsorted(starts, delimiters, side="right") - 1
    outside = (_before(quotes, delimiters) - first_quote[span_of]) % 2 == 0
    fields = np.bincount(span_of[outside], minlength=len(starts)).astype(np.int64) + 1
    well = _well_quoted(view, quotes, starts, ends, first_quote, ord(delimiter))
    ends = np.where((ends > starts) & (view[np.maximum(ends - 1, 0)] == _RETURN), ends - 1, ends)
    filled = ends > starts
    return _Spans(starts[filled], ends[filled], fields[filled], well[filled])


def _before(sorted_positions: _Ints, positions: _Ints) -> _Ints:
    return np.searchsorted(sorted_positions, positions, side="left").astype(np.int64)


def _well_quoted(
    view: npt.NDArray[np.uint8], quotes: _Ints, starts: _Ints, ends: _Ints, first: _Ints, delimiter: int
) -> _Bools:
    """Whether each span's quotes open after a delimiter and close before one, or are doubled."""
    well = np.ones(len(starts), np.bool_)
    if not len(quotes):
        return well
    span = np.searchsorted(starts, quotes, side="right") - 1
    opens = (np.arange(len(quotes)) - first[span]) % 2 == 0
    before = np.where(quotes > 0, view[np.maximum(quotes - 1, 0)], _NEWLINE)
    after = np.where(quotes + 1 < len(view), view[np.minimum(quotes + 1, len(view) - 1)], _NEWLINE)
    at_start = np.isin(before, (delimiter, _NEWLINE)) | (quotes == starts[span])
    follows_quote = (before == _QUOTE) & (quotes > starts[span])
    ends_field = np.isin(after, (delimiter, _NEWLINE, _RETURN, _QUOTE))
    fine = np.where(opens, at_start | follows_quote, ends_field)
    counts = np.bincount(span, minlength=len(starts))
    well &= np.bincount(span[~fine], minlength=len(starts)) == 0
    paired: _Bools = well & (counts % 2 == 0)
    return paired


def _cut(data: bytes, view: npt.NDArray[np.uint8], spans: _Spans, good: _Bools) -> bytes:
    """The good records with one line break after each."""
    if good.all() and len(spans.starts) == data.count(b"\n") + (not data.endswith(b"\n")) and b"\r" not in data:
        return data
    marks = np.zeros(len(view) + 2, np.int8)
    marks[spans.starts[good]] += 1
    marks[np.minimum(spans.ends[good], len(view)) + 1] -= 1  # + 1: with its line break
    kept = np.cumsum(marks[:-2], dtype=np.int8).astype(np.bool_)
    body = view[kept].copy()
    lengths = np.cumsum(np.minimum(spans.ends[good] + 1, len(view)) - spans.starts[good])
    inside = lengths[:-1] - 1 if len(view) in spans.ends[good] else lengths - 1
    body[inside] = _NEWLINE  # where a \r stood
    return body.tobytes()


def _recover(data: bytes, lines: _Spans, width: int, delimiter: str) -> Records:
    good = lines.good(width)
    body, numbers, broken = [], np.zeros(len(good), np.int64), []
    extra: list[int] = []
    number = index = 0
    for at in np.flatnonzero(~good).tolist():
        if at < index:
            continue  # taken up by a record that began before
        numbers[index:at] = np.arange(number + 1, number + 1 + at - index)
        number += at - index + 1
        taken, line, reason = _read_odd(data, lines, good, at, width, delimiter)
        if line is None:
            broken.append((number, reason, _text(data, lines, at)))
        else:
            body.append(line)
            extra.append(number)
        index = at + taken
    numbers[index:] = np.arange(number + 1, number + 1 + len(good) - index)
    whole = _cut(data, np.frombuffer(data, np.uint8), lines, good)
    joined = whole + (b"" if whole.endswith(b"\n") or not whole else b"\n") + "".join(body).encode()
    return Records(joined, np.concatenate([numbers[good], np.array(extra, np.int64)]), broken)


def _read_odd(
    data: bytes, lines: _Spans, good: _Bools, at: int, width: int, delimiter: str
) -> tuple[int, str | None, str]:
    """Reads the record that begins at an odd line: lines taken, the record rewritten, or the reason it failed."""
    reason = "quotes do not pair up"
    for taken in range(1, _MAX_JOINED + 1):
        if at + taken > len(good) or (taken > 1 and good[at + taken - 1]):
            break
        text = data[lines.starts[at] : lines.ends[at + taken - 1]].decode()
        try:
            rows = list(_reader(text, delimiter, quoting=True))
        except csv.Error:
            continue
        if len(rows) == 1 and len(rows[0]) == width:
            return taken, _rewritten(rows[0], delimiter), ""
        if taken == 1 and len(rows) == 1:
            return 1, None, _miscounted(len(rows[0]), width)
    return 1, None, reason


def _reader(text: str, delimiter: str, quoting: bool) -> Iterator[list[str]]:
    source = io.StringIO(text, newline="")
    if quoting:
        return csv.reader(source, delimiter=delimiter, strict=True)
    return csv.reader(source, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)


def _rewritten(fields: Sequence[str], delimiter: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerow(fields)
    return out.getvalue()


def _miscounted(fields: int, width: int) -> str:
    return f"has {fields} field{'s' if fields != 1 else ''} instead of {width}"


def _text(data: bytes, spans: _Spans, index: int) -> str:
    return data[spans.starts[index] : spans.ends[index]].decode(errors="replace")
