"""JSON Lines without trusting a line, a block of lines at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from extractors.files.layout import Layout
from extractors.files.nested import open_frame
from extractors.files.paths import Record, as_text
from extractors.files.texttable import ROW, TextTable, check_names

_BLOCK = 8 << 20  # characters decoded at once: objects of Python need some ten times the memory of their text


class NotJsonError(ValueError):
    """What is wrong with a record, in words."""


def read_json_lines(name: str, text: str, layout: Layout, wanted: Sequence[str]) -> TextTable:
    """The records of a text with one JSON object a line; blank lines are none.

    A key that a record lacks is null there. Numbers keep the vendor's own writing.

    Args:
        name: The file's name.
        text: Its content.
        layout: Whether its records are open, and what list makes rows of them.
        wanted: The paths that are read of open records.
    """
    frames, broken = [], list[tuple[int, str, str]]()
    for lines in _blocks(text):
        records: list[tuple[int, Record]] = []
        _decode_block(lines, records, broken)
        if layout.open:
            texts = dict(lines)
            told = ((number, record, texts[number]) for number, record in records)
            frames.append(open_frame(told, wanted, layout.explode))
        else:
            frames.append(_flat(records))
    if not frames:
        return TextTable(open_frame((), wanted, None) if layout.open else _flat([]))
    frame = pl.concat(frames, how="diagonal")
    names = [one for one in frame.columns if one != ROW] if layout.open else sorted(set(frame.columns) - {ROW})
    check_names(name, names)
    return TextTable(frame.select(ROW, *names), broken)


def loads(text: str) -> Any:  # noqa: ANN401 -- whatever JSON holds
    """JSON whose numbers stay text: a 23-digit id is not a float, and NaN is not a number.

    Raises:
        ValueError: If it is no JSON; a `NotJsonError` where its words say more than that.
    """
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse, object_pairs_hook=_unique)


def _flat(records: Sequence[tuple[int, Record]]) -> pl.DataFrame:
    names = sorted({key for _, record in records for key in record})
    columns = [pl.Series(key, [as_text(record.get(key)) for _, record in records], pl.String) for key in names]
    return pl.DataFrame([pl.Series(ROW, [number for number, _ in records], pl.Int64), *columns])


def _blocks(text: str) -> Iterator[list[tuple[int, str]]]:
    """Numbered lines that are not blank, some megabytes at a time."""
    start, number = 0, 0
    while start < len(text):
        end = text.find("\n", start + _BLOCK)  # not splitlines(): U+2028 may stand in a string
        end = len(text) if end < 0 else end
        lines = [line for line in text[start:end].split("\n") if line.strip()]
        if lines:
            yield list(enumerate(lines, start=number + 1))
        start, number = end + 1, number + len(lines)


def _refuse(constant: str) -> None:
    raise NotJsonError(f"holds {constant}, which is no JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> Record:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise NotJsonError("names a key twice")
    return record


def _decode_block(
    lines: Sequence[tuple[int, str]], records: list[tuple[int, Record]], broken: list[tuple[int, str, str]]
) -> None:
    """Decodes many lines at once, and halves the block where that fails: one bad line costs little."""
    if not lines:
        return
    try:
        # The zeros between them keep two damaged lines from making a sound pair.
        joined = ",0,".join(line for _, line in lines)
        found = loads(f"[{joined}]")
        if "\\ud" in joined.lower():  # an escape may be half a character, which is no text
            json.dumps(found, ensure_ascii=False).encode()
        if len(found) == 2 * len(lines) - 1 and all(isinstance(one, dict) for one in found[::2]):
            records.extend((number, one) for (number, _), one in zip(lines, found[::2], strict=True))
            return
        reason = "is not one JSON object"
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, NotJsonError) else "is not JSON"
    if len(lines) == 1:
        broken.append((lines[0][0], reason, lines[0][1]))
        return
    middle = len(lines) // 2
    _decode_block(lines[:middle], records, broken)
    _decode_block(lines[middle:], records, broken)
