"""Paths into nested records, and lists that make several rows of one record.

    properties.sku                            a key inside a key
    contexts[0].name                          an element of a list, counted from 0
    items[only].item_id                       the element of a list that has just one
    event_params[key=page_location].value     the first element of a list whose `key` is that text

A path that leads nowhere gives nothing. A record that has the whole path as one key (a flattened export does)
gives the value of that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Record = dict[str, Any]
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]|\[(only)\]|\[([^=\[\]]+)=([^\[\]]*)\]")


@dataclass(frozen=True)
class _Step:
    key: str | None = None  # of an object
    index: int | None = None  # of a list; None with `key` None: see `where`
    where: tuple[str, str] | None = None  # key and text of an element; None too: the only element

    def take(self, value: Any) -> Any:  # noqa: ANN401 -- whatever JSON holds
        if self.key is not None:
            return value.get(self.key) if isinstance(value, dict) else None
        if not isinstance(value, list):
            return None
        if self.index is not None:
            return value[self.index] if self.index < len(value) else None
        if self.where is None:
            return value[0] if len(value) == 1 else None
        key, wanted = self.where
        return next((one for one in value if isinstance(one, dict) and one.get(key) == wanted), None)


def check_path(path: str, *, plain: bool = False) -> None:
    """Refuses what is no path.

    Args:
        path: The path.
        plain: Whether it may hold keys only.

    Raises:
        ValueError: Naming it.
    """
    steps = _steps(path)
    if not steps or (plain and any(step.key is None for step in steps)):
        words = "keys parted by points" if plain else "keys parted by points, and elements as [0], [only] or [key=text]"
        raise ValueError(f"{path!r} is no path: it is made of {words}")


@lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[_Step, ...]:
    """The steps of a path; none where it is none."""
    steps, position = [], 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None or (match[1] is not None and match[0].startswith(".") != (position > 0)):
            return ()
        key, index, only, where, text = match.groups()
        steps.append(_Step(key, int(index) if index else None, None if only or where is None else (where, text)))
        position = match.end()
    return tuple(steps)


def text_at(record: Record, path: str) -> str | None:
    """The text at a path of a record; what is a list or an object there, as JSON."""
    value = record.get(path)
    if value is None:
        value = record
        for step in _steps(path):
            value = step.take(value)
            if value is None:
                return None
    return as_text(value)


def as_text(value: Any) -> str | None:  # noqa: ANN401 -- whatever JSON holds
    """A JSON value as text, texts and numbers in the vendor's own writing."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def exploded(record: Record, path: str) -> Iterator[Record]:
    """One record for each element of the list at a path, with the element in the list's place.

    A record without such a list, or with an empty one, stays as it is: it is a record all the same.
    """
    keys = path.split(".")
    value: Any = record
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, list) or not value:
        yield record
        return
    for element in value:
        yield _with(record, keys, element)


def _with(record: Record, keys: list[str], element: Any) -> Record:  # noqa: ANN401 -- whatever JSON holds
    first, *rest = keys
    return {**record, first: _with(record[first], rest, element) if rest else element}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 -- whatever JSON holds
    """Every text in a value, with its path; places in lists are left out of it."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one, path)
    elif isinstance(value, str):
        yield path, value
