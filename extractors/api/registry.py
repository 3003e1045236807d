"""Connectors by name: the shipped ones, and a user's own by the name of their module."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel, SecretStr, ValidationError

from lakehouse.errors import ConfigError
from lakehouse.sources import LineRule, Source
from lakehouse.streams import stream as find_stream

if TYPE_CHECKING:
    from extractors.api.connector import Connector, Resource

SHIPPED = {
    "shopify": "extractors.shopify",
    "amazon": "extractors.amazon",
    "woocommerce": "extractors.woocommerce",
    "fx": "extractors.fx",
    "calendar": "extractors.calendar",
    "crawl": "extractors.crawl",
}


_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)
_NEEDED = ("RESOURCES", "API_VERSION", "PARSER_VERSION", "OPTIONS", "CREDENTIALS", "connect")


@dataclass(frozen=True)
class ConnectorKind:
    """A kind of connector: its module, which has `RESOURCES`, `API_VERSION`, `PARSER_VERSION`, `OPTIONS`,
    `CREDENTIALS` and `connect(options, credentials)`, and may have `LINE_RULES`.

    Attributes:
        name: Its name in a declaration.
        module: Its module.
    """

    name: str
    module: ModuleType

    @property
    def resources(self) -> Mapping[str, Resource]:
        """What it can extract, by name."""
        return cast("Mapping[str, Resource]", self.module.RESOURCES)

    @property
    def api_version(self) -> str:
        """The version of the vendor's interface that it speaks."""
        return str(self.module.API_VERSION)

    @property
    def credentials(self) -> tuple[str, ...]:
        """The credentials that it needs."""
        return tuple(self.module.CREDENTIALS)

    @property
    def line_rules(self) -> tuple[LineRule, ...]:
        """How its order lines are classified where their kind is not told."""
        return tuple(getattr(self.module, "LINE_RULES", ()))

    def options(self, told: Mapping[str, object]) -> BaseModel:
        """Checked options.

        Raises:
            ConfigError: Naming the option that is wrong.
        """
        try:
            return cast("type[BaseModel]", self.module.OPTIONS).model_validate(dict(told))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]  # a secret may stand there by mistake
            place = ".".join(str(part) for part in first["loc"]) or "options"
            raise ConfigError(
                f"{self.name}: the option {place}: {first['msg'].removeprefix('Value error, ')}.",
                remedy=f"{self.module.__name__.replace('.', '/')}/README.md describes every option.",
            ) from None

    def connect(self, options: BaseModel, credentials: Mapping[str, SecretStr]) -> Connector:
        """A connector for one merchant.

        Raises:
            ConfigError: If a credential is missing.
        """
        missing = [name for name in self.credentials if name not in credentials]
        if missing:
            raise ConfigError(
                f"{self.name} needs the credential {missing[0]}.",
                remedy="Add it under `credentials` in the sources' file, by reference.",
            )
        plain = {name: secret.get_secret_value() for name, secret in credentials.items()}
        return cast("Connector", self.module.connect(options, plain))

    def digest(self, resource: Resource) -> str:
        """Fingerprint of what decides how a resource's bytes become rows: 12 hexadecimal digits."""
        schemas = {name: str(dict(find_stream(name).schema)) for name in resource.tables}
        told = [self.name, int(self.module.PARSER_VERSION), resource.name, resource.tables, schemas]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]

    def source(self, resource: Resource, *, name: str, title: str, time_zone: str, expected: bool) -> Source:
        """What the rest of the platform knows of one resource of a declared source."""
        return Source(
            name=name,
            stream=resource.name,
            tables=resource.tables,
            mode=resource.mode,
            title=title,
            time_zone=time_zone,
            parse_digest=self.digest(resource),
            line_rules=self.line_rules if "order_lines" in resource.tables else (),
            expects_every_window=expected and not resource.is_snapshot,
        )


def connector_kind(name: str) -> ConnectorKind:
    """The kind of that name, or the one in the module of that name.

    Raises:
        ConfigError: If there is none, or that module is no connector.
    """
    path = SHIPPED.get(name, name)
    nobody = ConfigError(
        f"There is no connector {name!r}.",
        remedy=f"Choose one of {', '.join(SHIPPED)}, or name a module of your own that Python can import.",
    )
    if not _MODULE.fullmatch(path):
        raise nobody
    try:
        module = import_module(path)
    except ModuleNotFoundError as error:
        if not f"{path}.".startswith(f"{error.name}."):  # the connector is there, and something that it needs is not
            raise
        raise nobody from error
    missing = [one for one in _NEEDED if not hasattr(module, one)]
    if missing:
        raise ConfigError(
            f"The module {path} is no connector: it has no {missing[0]}.",
            remedy="docs/new-source.md says how to make it one.",
        )
    return ConnectorKind(name, module)
