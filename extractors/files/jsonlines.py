"""JSON Lines without trusting a line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from extractors.files.texttable import ROW, TextTable, check_names


def read_json_lines(name: str, text: str) -> TextTable:
    """The records of a text with one JSON object a line; blank lines are none.

    A key that a record lacks is null there. Numbers keep the vendor's own writing.
    """
    lines = [(number, line) for number, line in enumerate(_filled(text), start=1)]
    records: list[tuple[int, dict[str, Any]]] = []
    broken: list[tuple[int, str, str]] = []
    _decode_block(lines, records, broken)
    names = sorted({key for _, record in records for key in record})
    check_names(name, names)
    columns = {key: pl.Series(key, [_as_text(record.get(key)) for _, record in records], pl.String) for key in names}
    rows = pl.Series(ROW, [number for number, _ in records], pl.Int64)
    return TextTable(pl.DataFrame([rows, *columns.values()]), broken)


def _filled(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]  # not splitlines(): U+2028 may stand in a string


class _NotJsonNumberError(ValueError):
    pass


def _refuse(constant: str) -> None:
    raise _NotJsonNumberError(f"holds {constant}, which is no JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        raise _NotJsonNumberError("names a key twice")
    return record


def _loads(text: str) -> Any:  # noqa: ANN401 -- whatever JSON holds
    """JSON whose numbers stay text: a 23-digit id is not a float, and NaN is not a number."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse, object_pairs_hook=_unique)


def _decode_block(
    lines: Sequence[tuple[int, str]], records: list[tuple[int, dict[str, Any]]], broken: list[tuple[int, str, str]]
) -> None:
    """Decodes many lines at once, and halves the block where that fails: one bad line costs little."""
    if not lines:
        return
    try:
        # The zeros between them keep two damaged lines from making a sound pair.
        joined = ",0,".join(line for _, line in lines)
        found = _loads(f"[{joined}]")
        if "\\ud" in joined.lower():  # an escape may be half a character, which is no text
            json.dumps(found, ensure_ascii=False).encode()
        if len(found) == 2 * len(lines) - 1 and all(isinstance(one, dict) for one in found[::2]):
            records.extend((number, one) for (number, _), one in zip(lines, found[::2], strict=True))
            return
        reason = "is not one JSON object"
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, _NotJsonNumberError) else "is not JSON"
    if len(lines) == 1:
        broken.append((lines[0][0], reason, lines[0][1]))
        return
    middle = len(lines) // 2
    _decode_block(lines[:middle], records, broken)
    _decode_block(lines[middle:], records, broken)


def _as_text(value: Any) -> str | None:  # noqa: ANN401 -- whatever JSON holds
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
