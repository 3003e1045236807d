"""The years around a window, a page for each country's year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractors.api.connector import Finding, Page, Parsing, Request
from extractors.calendar.make import year_of
from extractors.calendar.parse import parse_year
from extractors.calendar.resources import API_VERSION, Options
from lakehouse.landing import RawFile


class Calendar:
    """Holidays as the `holidays` package knows them, and days of trade.

    Args:
        options: Which countries and years.
    """

    def __init__(self, options: Options) -> None:
        self._options = options

    def check(self) -> list[Finding]:
        """Which countries there will be."""
        return [Finding("ok", "countries", f"{', '.join(self._options.countries)}, from {API_VERSION}.")]

    def fetch(self, resource: str, request: Request) -> Iterator[Page]:
        """A page for each country's year, of all years that the window touches and those around it."""
        del resource  # there is one
        first, last = request.window.start.year, max(request.window.days()).year
        years = range(first - self._options.years_before, last + self._options.years_ahead + 1)
        wanted = [(place, year) for place in self._options.countries for year in years]
        done = 0 if request.cursor is None else int(request.cursor)
        for number, (place, year) in enumerate(wanted[done:], start=done + 1):
            yield Page(
                name=f"{place}-{year}.json",
                body=year_of(place, year, retail=self._options.retail),
                cursor=str(number) if number < len(wanted) else None,
                reported=1,
                meta={"version_at": request.window.end.isoformat()},
            )

    def parse(self, resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
        """The days of each page's year."""
        del resource
        for part in parts:
            yield parse_year(part.name, part.path.read_bytes(), part.meta["version_at"])
