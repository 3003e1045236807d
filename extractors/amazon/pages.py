"""Stored pages of JSON, many at a time: a table of five thousand records costs hardly more than one of a hundred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from extractors.api.client import decode_json
from extractors.api.errors import ApiError
from extractors.api.records import Record
from lakehouse.landing import RawFile

AT_ONCE: Final = 5_000
ASKED_AT: Final = "askedAt"
"""The key under which each record is told when its page was asked for."""


def records(part: RawFile, *path: str) -> Iterator[Record]:
    """The records of a page, which stand in a list at the end of a path; a page that has none is one bad record."""
    try:
        found = decode_json(part.path.read_bytes())
        for name in path:
            found = (found or {})[name]
        told = {ASKED_AT: part.meta.get("asked_at"), "marketplace": part.meta.get("marketplace")}
        listed = [{**told, **one} if isinstance(one, dict) else one for one in found or []]
    except (ApiError, KeyError, TypeError) as error:
        yield part.name, 1, error
        return
    for number, one in enumerate(listed, start=1):
        yield part.name, number, one


def gathered(parts: Iterable[RawFile], *path: str, most: int = AT_ONCE) -> Iterator[list[Record]]:
    """The records of pages, some thousands at a time; at least one batch, were it empty."""
    batch: list[Record] = []
    is_first = True
    for part in parts:
        batch += records(part, *path)
        if len(batch) >= most:
            yield batch
            batch, is_first = [], False
    if batch or is_first:
        yield batch
