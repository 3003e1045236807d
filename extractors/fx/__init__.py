"""Reference exchange rates of the European Central Bank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from extractors.api.client import Http
from extractors.fx.resources import API_VERSION, CREDENTIALS, OPTIONS, PARSER_VERSION, RESOURCES, Options

if TYPE_CHECKING:
    from pydantic import BaseModel

    from extractors.api.connector import Connector

__all__ = ["API_VERSION", "CREDENTIALS", "OPTIONS", "PARSER_VERSION", "RESOURCES", "connect"]


def connect(options: BaseModel, credentials: Mapping[str, str], *, http: Http | None = None) -> Connector:
    """A connector for the options; the file is public, so there are no credentials.

    Args:
        options: Where the file is.
        credentials: None are needed.
        http: How to reach the server; default: with the usual patience.
    """
    from extractors.fx.connector import EuropeanCentralBank

    told = Options.model_validate(options.model_dump())
    return EuropeanCentralBank(told, http or Http(base_url=told.url.rpartition("/")[0]))
