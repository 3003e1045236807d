"""A vendor's JSON records as one table of text: nothing is guessed, and what has another shape is named.

A shape says which keys of a record are used, and what they hold:

    ORDER = {"id": TEXT, "test": FLAG, "note?": TEXT, "lines": [{"sku": TEXT, "price": {"amount": TEXT}}]}

A key with `?` may be missing. Keys that no shape names are left alone: vendors add some every week, and the raw
bytes have them. A record that lacks a key, or holds something else than its shape says, goes to quarantine.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import polars as pl

from extractors.api.client import decode_json
from extractors.api.errors import ApiError
from lakehouse.streams import ORIGIN, QUARANTINE_SCHEMA

TEXT = "text"  # a string; numbers keep the vendor's writing
FLAG = "flag"  # true or false
JSON = "json"  # whatever it is, as JSON text, its numbers as text
Shape: TypeAlias = "str | list[Any] | dict[str, Any]"
Record: TypeAlias = tuple[str, int, Any]  # name of the part, number of the record in it from 1, what it holds


class MisfitError(ValueError):
    """A record, or a part of it, that is not what its shape says."""


@dataclass(frozen=True)
class Decoded:
    """Records as a table.

    Attributes:
        frame: The origin columns and a column for each key of the shape, all of them text or nested text.
        misfits: Records of another shape, in `QUARANTINE_SCHEMA`.
        originals: The records as decoded, by origin: for those that turn out bad later.
    """

    frame: pl.DataFrame
    misfits: pl.DataFrame
    originals: Mapping[tuple[str, int], Any] = field(repr=False)

    @property
    def received(self) -> int:
        """Records in all."""
        return len(self.originals)


def decode(records: Iterable[Record], shape: Mapping[str, Shape]) -> Decoded:
    """Puts records into a table by their shape.

    Args:
        records: Name of the part, number in it, and the record as `decode_json` gave it; an exception instead
            of a record stands for one that could not be decoded.
        shape: What they hold.

    Raises:
        ValueError: If two records have the same origin: one of them would be lost without a word.
    """
    rows, misfits, originals = [], [], {}
    for name, number, record in records:
        if (name, number) in originals:
            raise ValueError(f"{name} has a second record {number}")
        originals[name, number] = record
        try:
            fitted = fit(record, shape)
        except MisfitError as error:
            path, _, reason = str(error).partition(": ")
            misfits.append((name, number, path, reason, as_json(record)))
        else:
            rows.append({**fitted, "source_file": name, "source_row": number})
    schema = {**ORIGIN, **{key.removesuffix("?"): dtype_of(told) for key, told in shape.items()}}
    return Decoded(
        pl.DataFrame(rows, schema=schema), pl.DataFrame(misfits, schema=QUARANTINE_SCHEMA, orient="row"), originals
    )


def json_lines(name: str, lines: Iterable[bytes]) -> Iterable[Record]:
    """The records of a text with one JSON object a line; one that is none stands as the exception it raised."""
    number = 0
    for line in lines:
        if line.strip():
            number += 1
            try:
                yield name, number, decode_json(line)
            except ApiError as error:
                yield name, number, error


def as_json(record: Any) -> str | None:  # noqa: ANN401 -- whatever JSON holds
    """A record as JSON text, its numbers as text, for the quarantine; None for one that could not be decoded."""
    if isinstance(record, Exception):
        return None
    text = json.dumps(record, ensure_ascii=False)
    return text if _is_unicode(text) else json.dumps(record)


def dtype_of(shape: Shape) -> pl.DataType:
    """The polars type of what a shape describes."""
    if isinstance(shape, dict):
        return pl.Struct({key.removesuffix("?"): dtype_of(inner) for key, inner in shape.items()})
    if isinstance(shape, list):
        return pl.List(dtype_of(shape[0]))
    return pl.Boolean() if shape == FLAG else pl.String()


def fit(value: Any, shape: Shape | Mapping[str, Shape], path: str = "") -> Any:  # noqa: ANN401 -- JSON in, JSON out
    """What a shape takes of a value.

    Raises:
        MisfitError: Naming where, and what is wrong there; never the value.
        TypeError: If a number was made a float on the way here: that is the connector's fault.
    """
    if isinstance(value, Exception):
        raise MisfitError(f"{path}: is no JSON")
    if value is None and path:
        return None
    if isinstance(shape, Mapping):
        if not isinstance(value, dict):
            raise MisfitError(f"{path}: is no object")
        return {key.removesuffix("?"): _member(value, key, inner, path) for key, inner in shape.items()}
    if isinstance(shape, list):
        if not isinstance(value, list):
            raise MisfitError(f"{path}: is no list")
        return [fit(item, shape[0], f"{path}[]") for item in value]
    if shape == JSON:
        return as_json(value)
    if isinstance(value, dict | list):
        raise MisfitError(f"{path}: is an object or a list where a value was agreed on")
    if shape == FLAG:
        return _flag(value, path)
    if isinstance(value, float):
        raise TypeError(f"{path} was decoded as a float: use decode_json, which keeps the vendor's writing")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not _is_unicode(text):
        raise MisfitError(f"{path}: is no Unicode text")
    return text


def _is_unicode(text: str) -> bool:
    """Whether it can be stored: JSON may hold one half of a pair of UTF-16 (\\ud83d) without the other."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _member(value: dict[str, Any], key: str, shape: Shape, path: str) -> Any:  # noqa: ANN401 -- whatever JSON holds
    name = key.removesuffix("?")
    place = f"{path}.{name}" if path else name
    if name in value:
        return fit(value[name], shape, place)
    if key.endswith("?"):
        return None
    raise MisfitError(f"{place}: is missing")


def _flag(value: Any, path: str) -> bool:  # noqa: ANN401 -- whatever JSON holds
    if isinstance(value, bool):
        return value
    if value in ("true", "false", "0", "1"):
        return value in ("true", "1")
    raise MisfitError(f"{path}: is neither true nor false")
