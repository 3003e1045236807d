"""Snowplow's self-describing columns, made what its Analytics SDKs make of them.

An enriched event is a line of 131 tab-separated fields, three of which hold JSON that names its own schema
(https://docs.snowplow.io/docs/pipeline/enriched-tsv-format). The SDKs turn `contexts`, `derived_contexts` and
`unstruct_event` into keys such as `contexts_com_acme_basket_1` (a list) and `unstruct_event_com_acme_added_1`;
with the same names here, one mapping reads the TSV and the SDKs' JSON.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from extractors.files.jsonlines import NotJsonError, loads
from extractors.files.paths import Record

_SCHEMA = re.compile(r"iglu:([A-Za-z0-9_.-]+)/([A-Za-z0-9_-]+)/[A-Za-z0-9_-]+/([0-9]+)-[0-9]+-[0-9]+")


def with_self_described(record: Record, columns: Sequence[str]) -> Record:
    """The record with those columns taken apart.

    Raises:
        NotJsonError: If one of them is not self-describing JSON; the message names the column.
    """
    plain = {name: text for name, text in record.items() if name not in columns and text != ""}
    for name in columns:
        if record.get(name):
            for key, data in _described(name, record[name]):
                plain[key] = [*plain.get(key, []), data] if key.startswith("contexts_") else data
    return plain


def _described(column: str, text: str) -> list[tuple[str, Any]]:
    try:
        inner = loads(text)["data"]
        if column == "unstruct_event":
            return [(_key("unstruct_event", inner["schema"]), inner["data"])]
        return [(_key("contexts", one["schema"]), one["data"]) for one in inner]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotJsonError(f"has no self-describing JSON in {column}") from error


def _key(prefix: str, schema: str) -> str:
    match = _SCHEMA.fullmatch(schema)
    if match is None:
        raise ValueError(schema)
    vendor, name, model = match.groups()
    return f"{prefix}_{_snake(vendor)}_{_snake(name)}_{model}".lower()


def _snake(name: str) -> str:
    return re.sub(r"([^A-Z_])([A-Z])", r"\1_\2", re.sub(r"[.-]", "_", name))
