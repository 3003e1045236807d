"""Which countries' days, and how far ahead."""

from __future__ import annotations

from importlib.metadata import version
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from extractors.api.connector import Resource
from lakehouse.sources import LoadMode

API_VERSION = f"holidays {version('holidays')}"
PARSER_VERSION = 1
CREDENTIALS: tuple[str, ...] = ()
RESOURCES = {
    "days": Resource(
        name="days",
        title="Public holidays and days of trade",
        tables=("holidays",),
        mode=LoadMode.VERSIONS,  # a record is a country's year: what is corrected in it takes the place of all of it
    )
}


class Options(BaseModel):
    """What to make a calendar of.

    Attributes:
        countries: Country codes (ISO 3166-1 alpha-2), with a part of the country behind a hyphen: GB, GB-SCT, DE-BE.
        years_before: How many years before the window are wanted too, for comparing with the year before.
        years_ahead: How many years after it, for forecasts.
        retail: Whether days of trade are wanted: Singles' Day, Black Friday, Prime Day and the like.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    countries: tuple[str, ...] = Field(min_length=1)
    years_before: int = Field(1, ge=0, le=30)
    years_ahead: int = Field(1, ge=0, le=5)
    retail: bool = True

    @model_validator(mode="after")
    def _are_known(self) -> Self:
        import holidays  # takes long to import, and only this needs it

        known = holidays.list_supported_countries(include_aliases=False)
        for place in self.countries:
            country, _, region = place.partition("-")
            if country not in known:
                message = f"there are no holidays of {country!r}; give codes such as GB, DE or CN"
                raise ValueError(message)
            if region and region not in known[country]:
                message = f"{country} has no part {region!r}; it has {', '.join(known[country]) or 'none'}"
                raise ValueError(message)
        return self


OPTIONS = Options
