"""Which sources are declared: just enough of each to name it, read without loading what extracts it.

Airflow reads its DAG files again and again, in every task too. `extractors.files.declared` and
`extractors.declared` check each source and need polars for that, 0.5 s a time; this reads a few lines of YAML.
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


@dataclass(frozen=True, order=True)
class DeclaredAccount:
    """A shop, a service or a site that is asked over a network.

    Attributes:
        name: Identifier.
        title: Name for people.
        time_zone: Zone in which its business day is a day.
        schedule: `daily` or `hourly`.
        resources: What is extracted, in the order declared.
        connector: Which connector asks it.
    """

    name: str
    title: str
    time_zone: str
    schedule: str
    resources: tuple[str, ...]
    connector: str = ""

    @property
    def is_crawled(self) -> bool:
        """Whether it is a site whose pages are visited, and not an interface with an account."""
        return self.connector == "crawl"


def api_sources(path: Path | None = None) -> list[DeclaredAccount]:
    """The sources that `extractors.declared.declared_apis` declares, by name; they are not checked.

    Args:
        path: The sources' file; None: the one of the settings.

    Raises:
        ConfigError: If the file is not readable, or a source lacks one of its entries.
    """
    path = path or get_settings().sources
    if not path.exists():
        return []
    try:
        told = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER) or {}  # noqa: S506 -- a safe loader
        return sorted(
            DeclaredAccount(
                name=str(one["name"]),
                title=str(one["title"]),
                time_zone=str(one["time_zone"]),
                schedule=str(one.get("schedule", "daily")),
                resources=tuple(str(resource) for resource in one["resources"]),
                connector=str(one["connector"]),
            )
            for one in told.get("sources") or []
        )
    except (yaml.YAMLError, UnicodeDecodeError, OSError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"{path} is not a readable list of sources: {error}", remedy="docs/data-engineers.md describes every key."
        ) from error


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
