"""The sources that are asked over a network, as `config/sources.yml` declares them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from extractors.api.extract import Limit
from extractors.api.registry import ConnectorKind, connector_kind
from lakehouse.credentials import SecretRef
from lakehouse.errors import ConfigError, EcomopsError
from lakehouse.sources import Source
from lakehouse.windows import zone


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DeclaredResource(_Model):
    """How a source's resource is extracted, where it differs from what the connector does by itself.

    Attributes:
        overlap_minutes: How far before a window's start it is asked again.
        expects_every_window: Whether a day may not be closed without it.
    """

    overlap_minutes: int | None = Field(None, ge=0, le=60 * 24 * 31)
    expects_every_window: bool = True


class DeclaredQuarantine(_Model):
    """When failed records stop a load instead of being set aside."""

    max_share: float = Field(0.01, ge=0, le=1)
    allow_records: int = Field(0, ge=0)

    def limit(self) -> Limit:
        """The same, for an extraction."""
        return Limit(self.max_share, self.allow_records)


class DeclaredApi(_Model):
    """One merchant's account at one vendor.

    Attributes:
        name: Identifier; the first segment of its objects' keys.
        title: Name for people.
        connector: Which connector asks it; a shipped one, or a module of your own.
        time_zone: Zone in which its business day is a day.
        residency: Region that its data may not leave, such as `eu` or `cn`; empty: any.
        schedule: When it is extracted: `daily` (after its midnight) or `hourly`.
        credentials: Where each secret is.
        options: What the connector wants to know besides.
        resources: What is extracted.
        quarantine: How many records may fail.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    title: str
    connector: str
    time_zone: str
    residency: str = Field("", pattern=r"^([a-z]{2,10})?$")
    schedule: str = Field("daily", pattern=r"^(daily|hourly)$")
    credentials: dict[str, SecretRef] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)
    resources: dict[str, DeclaredResource]
    quarantine: DeclaredQuarantine = DeclaredQuarantine()

    @model_validator(mode="before")
    @classmethod
    def _lists_are_names(cls, told: Any) -> Any:  # noqa: ANN401 -- whatever YAML holds; pydantic checks it afterwards
        if not isinstance(told, dict):
            return told
        named = told.get("resources")
        if isinstance(named, list):
            named = {str(name): {} for name in named}
        if isinstance(named, dict):
            named = {name: told or {} for name, told in named.items()}
        return {**told, "resources": named}

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        zone(name)
        return name

    @property
    def kind(self) -> ConnectorKind:
        """Its connector's kind."""
        return connector_kind(self.connector)

    def sources(self) -> dict[str, Source]:
        """What the rest of the platform knows of it, by resource.

        Raises:
            ConfigError: If it names a resource that the connector does not have.
        """
        kind, found = self.kind, {}
        for name, told in self.resources.items():
            if name not in kind.resources:
                raise ConfigError(
                    f"{self.name}: {self.connector} has no resource {name!r}.",
                    remedy=f"It has: {', '.join(kind.resources)}.",
                )
            found[name] = kind.source(
                kind.resources[name],
                name=self.name,
                title=self.title,
                time_zone=self.time_zone,
                expected=told.expects_every_window,
            )
        return found


def declared_apis(path: Path | None) -> list[DeclaredApi]:
    """The sources of a file, by name; none where there is no file.

    Raises:
        ConfigError: If the file is not valid; the message names the source, the key and the remedy.
    """
    if path is None or not path.exists():
        return []
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        # the parser's own words repeat the line, and somebody may have written a secret there
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = "" if line is None else f" (line {line + 1})"
        raise ConfigError(f"{path} is not readable YAML{place}.", remedy="Correct the file.") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", remedy="Check its permissions.") from error
    if not isinstance(told, dict) or set(told) - {"sources"} or not isinstance(told.get("sources", []), list):
        raise ConfigError(f"{path} is no list of sources.", remedy="It begins with `sources:`, a list follows.")
    found: dict[str, DeclaredApi] = {}
    for number, one in enumerate(told.get("sources") or [], 1):
        api = _checked(path, number, one)
        if api.name in found:
            raise ConfigError(f"{path} declares {api.name} twice.", remedy="Give one of them another name.")
        found[api.name] = api
    return [found[name] for name in sorted(found)]


def find_api(path: Path | None, name: str) -> DeclaredApi:
    """The declared source of that name.

    Raises:
        ConfigError: If there is none; the message lists those there are.
    """
    found = {api.name: api for api in declared_apis(path)}
    if name not in found:
        known = ", ".join(found) or "none"
        raise ConfigError(f"No source {name!r} is declared in {path}.", remedy=f"Declared are: {known}.")
    return found[name]


def _checked(path: Path, number: int, told: object) -> DeclaredApi:
    name = told.get("name", f"number {number}") if isinstance(told, dict) else f"number {number}"
    try:
        return DeclaredApi.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]  # the input might be a secret that somebody wrote in the file
        place = ".".join(str(part) for part in first["loc"]) or "the source"
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"{path}: source {name}: {place}: {message}.", remedy="docs/data-engineers.md describes every key."
        ) from None
    except EcomopsError as error:
        raise ConfigError(f"{path}: source {name}: {error.message}", remedy=error.remedy) from error
