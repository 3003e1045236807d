"""Competitors' sites, crawled politely and kept as WARC. See README.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from extractors.crawl.options import OPTIONS, SiteOptions
from extractors.crawl.resources import API_VERSION, CREDENTIALS, PARSER_VERSION, RESOURCES

if TYPE_CHECKING:
    from pydantic import BaseModel

    from extractors.api.connector import Connector

__all__ = ["API_VERSION", "CREDENTIALS", "OPTIONS", "PARSER_VERSION", "RESOURCES", "connect"]


def connect(options: BaseModel, credentials: Mapping[str, str]) -> Connector:
    """A connector for one site; sites are public, so there are no credentials.

    Args:
        options: What the sources' file says of it.
        credentials: None are needed.
    """
    from extractors.crawl.connector import Site

    return Site(SiteOptions.model_validate(options.model_dump()))
