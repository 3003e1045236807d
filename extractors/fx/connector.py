"""The bank's file from its server or from a disk, landed as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from extractors.api.client import Http
from extractors.api.connector import Finding, Page, Parsing, Request
from extractors.api.errors import ApiError, IncompleteError
from extractors.fx.parse import newest_day, parse_rates, read_text
from extractors.fx.resources import Options
from lakehouse.errors import ConfigError, EcomopsError
from lakehouse.landing import RawFile
from lakehouse.settings import PROJECT_ROOT
from lakehouse.windows import Window

_ENDINGS = (".zip", ".csv")


class EuropeanCentralBank:
    """The reference rates of the euro.

    Args:
        options: Where the file is.
        http: How to reach the server.
    """

    def __init__(self, options: Options, http: Http) -> None:
        self._options = options
        self._http = http

    def check(self) -> list[Finding]:
        """Whether the file on a disk is there and readable; the server's is not downloaded for it."""
        if self._options.path is None:
            return [Finding("ok", "address", f"Rates come from {self._options.url}.")]
        try:
            file = self._file()
            newest = newest_day(file.name, read_text(file.name, file))
        except EcomopsError as error:
            return [Finding("bad", "file", error.message, error.remedy)]
        return [Finding("ok", "file", f"{file.name} has rates up to {newest}.")]

    def fetch(self, resource: str, request: Request) -> Iterator[Page]:
        """One page: the whole file, with the window that is to be read from it.

        Raises:
            IncompleteError: If the file ends long before the window does.
            ApiError, ConfigError: If there is no file.
        """
        del resource  # there is one
        if self._options.path is not None:
            file, name = self._file(), self._file().name
        else:
            file, name = self._download(request.scratch), self._options.url.rpartition("/")[2]
        self._hold_to(name, file, request)
        body: bytes | Path = file.read_bytes() if self._options.path is not None else file
        yield Page(name, body, meta={"start": request.window.start.isoformat(), "end": request.window.end.isoformat()})

    def parse(self, resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
        """The rates of the window that each page was fetched for."""
        del resource
        for part in parts:
            window = Window.parse(part.meta["start"], part.meta["end"])
            yield parse_rates(part.name, read_text(part.name, part.path), window)

    def _download(self, scratch: Path) -> Path:
        try:
            return self._http.download(self._options.url, scratch, max_bytes=64 << 20).path
        except ApiError as error:
            raise type(error)(
                f"The rates could not be downloaded: {error.message}",
                remedy="Try later; or download the file yourself and name it in the source's option `path`.",
            ) from error

    def _file(self) -> Path:
        path = None if self._options.path is None else PROJECT_ROOT / self._options.path  # an absolute one stays
        if path is not None and path.is_file():
            return path
        found = sorted(one for ending in _ENDINGS for one in path.glob(f"*{ending}")) if path and path.is_dir() else []
        if not found:
            raise ConfigError(f"There is no file of rates at {path}.", remedy="Correct the source's option `path`.")
        return found[-1]

    def _hold_to(self, name: str, file: Path, request: Request) -> None:
        """A file that was not renewed holds no rates for the window, and would look like a holiday."""
        newest = newest_day(name, read_text(name, file))
        until = min(request.window.end, request.now).date()
        if newest is None or newest < until - timedelta(days=self._options.stale_after_days):
            raise IncompleteError(
                f"{name} has rates up to {newest} only, and those up to {until} are wanted.",
                remedy="Try later; if it stays so, look at the file, or raise the option `stale_after_days`.",
            )
