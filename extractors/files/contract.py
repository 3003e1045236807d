"""The columns that were agreed on, and those that a file has."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import polars as pl

from extractors.files.columns import HEADER
from extractors.files.layout import Layout
from extractors.files.mapping import SourceMapping
from extractors.files.texttable import TextTable
from lakehouse.errors import ContractError


def hold_to_contract(mapping: SourceMapping, layout: Layout, name: str, table: TextTable) -> TextTable:
    """The table with every vendor column under the name that the mapping gives it first.

    Raises:
        ContractError: If a column that the mapping expects is missing, or one is there that it does not know. Open
            records are held to what their fields require, and not to this.
    """
    seen = table.columns
    if table.is_open or (not seen and not table.broken and table.frame.is_empty()):
        return table  # an empty file has no records, and no columns to complain about
    columns = mapping.columns_of(layout).values()
    renamed = _renamed(mapping, layout, seen)
    present = {renamed.get(vendor, vendor) for vendor in seen}
    optional = {vendor for column in columns if column.optional for vendor in column.vendor}
    expected = [*(vendor for column in columns for vendor in column.vendor), *layout.ignored]
    missing = [vendor for vendor in dict.fromkeys(expected) if vendor not in present | optional]
    known = set(expected)
    unknown = [
        vendor for vendor in seen if renamed.get(vendor, vendor) not in known and not _is(vendor, layout.tolerated)
    ]
    if missing or unknown:
        parts = [f"lacks the column {', '.join(map(repr, missing))}"] if missing else []
        parts += [f"has the unknown column {', '.join(map(repr, unknown))}"] if unknown else []
        raise ContractError(
            f"{name} {' and '.join(parts)} (source {mapping.name}, layout {layout.name}).",
            remedy="If the vendor changed the export, say so in the mapping: name the column under `columns` or "
            "`ignored`, give it `aliases`, or add a layout.",
        )
    absent = [pl.lit(None, pl.String).alias(vendor) for vendor in sorted(optional - present)]
    told = [_from_header(column.from_header, seen) for column in columns if column.from_header]
    return TextTable(table.frame.rename(renamed).with_columns(*absent, *told), table.broken)


def identifiers(mapping: SourceMapping, layout: Layout) -> frozenset[str]:
    """Vendor columns whose long numbers are no card numbers."""
    refs = [column for name, column in mapping.columns_of(layout).items() if name.endswith("_ref")]
    return frozenset(layout.not_card_numbers) | {vendor for column in refs for vendor in column.vendor}


def _renamed(mapping: SourceMapping, layout: Layout, seen: list[str]) -> dict[str, str]:
    """Columns that go by another name in this file."""
    columns = mapping.columns_of(layout).values()
    known = {vendor for column in columns for vendor in column.vendor} | set(layout.ignored)
    found: dict[str, str] = {}
    for column in columns:
        if column.aliases and column.from_[0] not in seen:
            for vendor in seen:
                if vendor not in known and _is(vendor, column.aliases):
                    found[vendor] = column.from_[0]
                    break
    return found


def _is(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a column's name is one of these, in which `*` stands for any text."""
    return name in patterns or any("*" in one and fnmatchcase(name, one.replace("[", "[[]")) for one in patterns)


def _from_header(pattern: str, seen: list[str]) -> pl.Expr:
    """The text that a column's name holds, as a column of its own."""
    found = next((match[1] for one in seen if (match := re.fullmatch(pattern, one))), None)
    return pl.lit(found, pl.String).alias(HEADER + pattern)
