"""Which sources are declared: just enough of each to name it, read without loading what extracts it.

Airflow reads its DAG files again and again, in every task too. `extractors.files.declared` checks each
mapping and needs polars for that, 0.5 s a time; this reads four lines of each YAML file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from lakehouse.errors import ConfigError
from lakehouse.settings import get_settings

_SHIPPED = Path(__file__).parent / "files" / "mappings"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, order=True)
class DeclaredSource:
    """A source's name and what it becomes.

    Attributes:
        name: Identifier.
        title: Name for people.
        stream: Canonical stream of its records.
        time_zone: Zone in which its business day is a day.
    """

    name: str
    title: str
    stream: str
    time_zone: str


def file_sources(extra: Path | None = None) -> list[DeclaredSource]:
    """The sources that `extractors.files.declared` declares, by name; their mappings are not checked.

    Args:
        extra: Folder of the user's mappings; None: the one the settings name, if any.

    Raises:
        ConfigError: If a mapping lacks one of the four entries.
    """
    extra = extra or get_settings().mappings
    found: dict[str, DeclaredSource] = {}
    for folder in (_SHIPPED, extra):
        for path in sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")]) if folder else []:
            source = _read(path)
            found[source.name] = source
    return sorted(found.values())


def _read(path: Path) -> DeclaredSource:
    try:
        told = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 -- a safe loader
        return DeclaredSource(*(str(told[key]) for key in ("name", "title", "stream", "time_zone")))
    except (yaml.YAMLError, UnicodeDecodeError, OSError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{path} is not a readable mapping: {error}", remedy="extractors/files/README.md describes every key."
        ) from error
