"""What the central bank has to give."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, field_validator

from extractors.api.connector import Resource
from lakehouse.sources import LoadMode

API_VERSION = "eurofxref-hist"
PARSER_VERSION = 1
CREDENTIALS: tuple[str, ...] = ()
RESOURCES = {
    "rates": Resource(
        name="rates",
        title="Reference rates of the euro",
        tables=("fx_rates",),
        mode=LoadMode.WINDOW,  # the bank corrects a fixing now and then, and states it again
        lookback=3,
    )
}


class Options(BaseModel):
    """Where the file of all rates is.

    Attributes:
        url: The file on the bank's server, zip or csv.
        path: The same file on a disk, or a folder whose last file of that kind (by name) is taken; wins over `url`.
            A relative path is relative to the project.
        stale_after_days: How many days before a window's end the file may end. The longest stretch without a
            fixing so far is five days, at Easter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
    path: Path | None = None
    stale_after_days: int = Field(6, ge=1)

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")) or not url.endswith(
            (".zip", ".csv")
        ):
            message = "give the https address of a .zip or .csv file"
            raise ValueError(message)
        return url


OPTIONS = Options
