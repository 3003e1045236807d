"""Downloads over HTTP that survive bad lines: repeated, continued, limited in size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from lakehouse.errors import EcomopsError

_ATTEMPTS = 6
_WAIT = wait_exponential_jitter(initial=1, max=30)
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})

Progress = Callable[[int, int | None], None]


class FetchError(EcomopsError):
    """A public data set could not be downloaded, or is not the one that was asked for."""


class _AgainError(Exception):
    """This attempt failed in a way that may pass."""


def download(url: str, part: Path, *, limit: int, progress: Progress | None = None) -> None:
    """Downloads to a file, continuing what an earlier call left there.

    It continues only where the server gave the bytes a strong ETag and still has the same ones.

    Args:
        url: The file's address.
        part: Where the bytes go; it holds all of them when this returns.
        limit: Most bytes to take.
        progress: Called with the bytes so far, and the whole where the server tells it.

    Raises:
        FetchError: If the server refuses, sends too much, or stays unreachable.
    """
    attempts = Retrying(
        stop=stop_after_attempt(_ATTEMPTS), wait=_WAIT, retry=retry_if_exception_type(_AgainError), reraise=True
    )
    try:
        with httpx.Client(follow_redirects=True, timeout=httpx.Timeout(60, connect=15)) as client:
            attempts(_attempt, client, url, _Sink(part, limit, progress))
    except _AgainError as error:
        raise FetchError(
            f"{url} could not be downloaded in {_ATTEMPTS} attempts: {error}.",
            remedy="Check the connection and fetch it again: it continues where it broke off.",
        ) from error


@dataclass(frozen=True)
class _Sink:
    """Where a download goes.

    Attributes:
        part: The bytes so far.
        limit: Most bytes to take.
        progress: Whom to tell.
    """

    part: Path
    limit: int
    progress: Progress | None

    @property
    def validator(self) -> Path:
        """Holds the server's name for those bytes."""
        return _validator(self.part)

    def check(self, response: httpx.Response, size: int) -> None:
        """Refuses what is too large."""
        if size > self.limit:
            discard(self.part)
            raise FetchError(
                f"{response.url} is larger than {self.limit:,} bytes.",
                remedy="This is not the data set; check the address.",
            )


def _attempt(client: httpx.Client, url: str, sink: _Sink) -> None:
    headers = {"Accept-Encoding": "identity"}
    done = sink.part.stat().st_size if sink.part.exists() else 0
    if done and sink.validator.exists():
        headers |= {"Range": f"bytes={done}-", "If-Range": sink.validator.read_text()}
    try:
        with client.stream("GET", url, headers=headers) as response:
            _check_status(response, sink)
            _receive(response, sink)
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
        raise FetchError(f"{url!r} leads nowhere: {error}.", remedy="Give a complete https address.") from error
    except httpx.TransportError as error:
        raise _AgainError(f"{type(error).__name__}: {error}") from error
    sink.validator.unlink(missing_ok=True)


def _check_status(response: httpx.Response, sink: _Sink) -> None:
    if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
        discard(sink.part)
        raise _AgainError("what was downloaded before does not fit")
    if response.status_code in _PASSING:
        raise _AgainError(f"the server answered {response.status_code}")
    if not response.is_success:
        raise FetchError(
            f"{response.url} answered {response.status_code}.",
            remedy="Look for the data set's new address, and give it with --url.",
        )


def _receive(response: httpx.Response, sink: _Sink) -> None:
    continues = response.status_code == httpx.codes.PARTIAL_CONTENT
    done = sink.part.stat().st_size if continues else 0
    length = response.headers.get("Content-Length")
    whole = done + int(length) if length else None
    sink.check(response, whole or 0)
    if not continues:
        sink.validator.unlink(missing_ok=True)
    with sink.part.open("ab" if continues else "wb") as handle:
        name = response.headers.get("ETag", "")
        if name and not name.startswith("W/"):
            sink.validator.write_text(name)
        for chunk in response.iter_raw():  # as it comes: a fixed length would hold back what precedes a break
            handle.write(chunk)
            done += len(chunk)
            sink.check(response, done)
            if sink.progress:
                sink.progress(done, whole)


def discard(part: Path) -> None:
    """Deletes what a download left."""
    part.unlink(missing_ok=True)
    _validator(part).unlink(missing_ok=True)


def _validator(part: Path) -> Path:
    return part.with_name(f"{part.name}.validator")
