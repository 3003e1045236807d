"""Public holidays, and the days on which shops trade as on no others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from extractors.calendar.resources import API_VERSION, CREDENTIALS, OPTIONS, PARSER_VERSION, RESOURCES, Options

if TYPE_CHECKING:
    from pydantic import BaseModel

    from extractors.api.connector import Connector

__all__ = ["API_VERSION", "CREDENTIALS", "OPTIONS", "PARSER_VERSION", "RESOURCES", "connect"]


def connect(options: BaseModel, credentials: Mapping[str, str]) -> Connector:
    """A connector for the countries of the options; nothing is asked of anybody."""
    from extractors.calendar.connector import Calendar

    return Calendar(Options.model_validate(options.model_dump()))
