"""Marketplace exports dropped as files, each source described by one YAML mapping."""

from extractors.files.declarations import declared, find, load_mapping
from extractors.files.drop import Drop, day_windows, period_of
from extractors.files.land import LandResult, ensure_parsed, land, land_many, reparse
from extractors.files.mapping import SourceMapping

__all__ = [
    "Drop",
    "LandResult",
    "SourceMapping",
    "day_windows",
    "declared",
    "ensure_parsed",
    "find",
    "land",
    "land_many",
    "load_mapping",
    "period_of",
    "reparse",
]
