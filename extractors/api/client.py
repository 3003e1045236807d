"""HTTP to a vendor: patient with what passes, loud about what does not, and silent about secrets."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import tenacity

from extractors.api.errors import ApiError, AuthError, BudgetError, GoneError, RequestError, TransientError

USER_AGENT = "ecomops/0.1 (Language=Python)"
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_SECRET = re.compile(
    r"(?i)((?:token|secret|key|password|signature|sig|oauth[a-z_]*)[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+"
)
_CHUNK = 1 << 20
_T = TypeVar("_T")


@dataclass(frozen=True)
class Patience:
    """How often and how long to try again.

    Attributes:
        tries: Requests in all.
        longest_s: Longest wait between two of them, whatever the vendor asks for.
        budget_s: Longest time for one call with all its waits.
        first_s: First wait; it doubles each time, with jitter.
    """

    tries: int = 8
    longest_s: float = 120.0
    budget_s: float = 900.0
    first_s: float = 0.5


@dataclass(frozen=True)
class Download:
    """A file that was downloaded.

    Attributes:
        path: Where it is; whoever asked for it removes it.
        headers: What the server said of it, names in lower case.
    """

    path: Path
    headers: Mapping[str, str]


@dataclass
class Http:
    """A vendor's server, asked with retries.

    Args:
        base_url: What paths are relative to.
        auth: How requests are signed.
        headers: Sent with every request.
        patience: When to give up.
        transport: httpx's transport, for tests.
        timeout_s: Longest time without a byte.
        max_bytes: Largest answer that is read into memory; `download` has its own.
        sleep: Waits so many seconds.
        monotonic: The clock that waits are measured with.
        wall: The clock that a Retry-After date is compared with.
    """

    base_url: str
    auth: httpx.Auth | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: Patience = field(default_factory=Patience)
    transport: httpx.BaseTransport | None = None
    timeout_s: float = 60.0
    max_bytes: int = 64 << 20
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        self._client = httpx.Client(
            base_url=self.base_url,
            auth=self.auth,
            headers={"User-Agent": USER_AGENT, **self.headers},
            timeout=self.timeout_s,
            transport=self.transport,
            follow_redirects=False,  # a vendor's API that redirects is not the one that was configured
        )
        self._bare = httpx.Client(
            headers={"User-Agent": USER_AGENT}, timeout=self.timeout_s, transport=self.transport, follow_redirects=True
        )

    def close(self) -> None:
        """Closes its connections."""
        self._client.close()
        self._bare.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json_body: Any = None,  # noqa: ANN401 -- whatever JSON holds
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        before: Callable[[], object] | None = None,
        after: Callable[[httpx.Response], object] | None = None,
    ) -> httpx.Response:
        """One answer with status below 400, its body read whole and checked against its length.

        Args:
            method: GET, POST, …
            path: Relative to the base, or a whole address.
            params: Query parameters.
            json_body: Body to send as JSON.
            data: Body to send as a form.
            headers: Further headers.
            before: Called before every try: a throttle's `acquire`.
            after: Called with every answer, refusals too: a throttle's `update`.

        Raises:
            TransientError: If all tries failed in a passing way: 408, 425, 429, 5xx, a broken connection or body.
            AuthError: On 401 and 403.
            GoneError: On 404 and 410.
            RequestError: On any other refusal.
            BudgetError: If the answer is larger than `max_bytes`.
        """

        def send() -> httpx.Response:
            if before is not None:
                before()
            request = self._client.build_request(
                method, path, params=params, json=json_body, data=data, headers=headers
            )
            response = self._client.send(request, stream=True)
            try:
                self._read(response)
            finally:
                response.close()
            if after is not None:
                after(response)
            _refuse(response)
            return response

        return self._patiently(f"{method} {_plain(path)}", send)

    def get_json(self, path: str, *, params: Mapping[str, Any] | None = None, **more: Any) -> Any:  # noqa: ANN401
        """The JSON that a GET answers, numbers as text; one that is no JSON is tried again (see `request`)."""

        return decode_json(self.request("GET", path, params=params, **more).content)

    def download(self, url: str, folder: Path, *, max_bytes: int = 20 << 30) -> Download:
        """Streams an address that the vendor handed out into a new file, in flat memory.

        None of our credentials go there: such an address carries its own.

        Args:
            url: The whole address.
            folder: Where to put the file.
            max_bytes: Largest file.

        Raises:
            GoneError: On 403, 404 and 410: the address has expired.
            TransientError, RequestError: As `request`.
            BudgetError: If it is larger than `max_bytes`.
        """

        def send() -> Download:
            response = self._bare.send(self._bare.build_request("GET", url), stream=True)
            try:
                if response.status_code >= 300:
                    self._read(response)
                    _refuse(response, expires=True)
                return Download(_to_file(response, folder, max_bytes), dict(response.headers))
            finally:
                response.close()

        return self._patiently(f"GET {_plain(url)}", send)

    def _read(self, response: httpx.Response) -> None:
        parts = []
        for size, chunk in _sized(response.iter_bytes()):
            _hold_to_budget(size, self.max_bytes)
            parts.append(chunk)
        response._content = b"".join(parts)

    def _patiently(self, what: str, send: Callable[[], _T]) -> _T:
        begin = self.monotonic()
        exponential = tenacity.wait_random_exponential(multiplier=self.patience.first_s, max=self.patience.longest_s)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = self._retry_after(error.response) if isinstance(error, _PassingError) else None
            return exponential(state) if asked is None else asked

        def give_up(state: tenacity.RetryCallState) -> bool:
            late = self.monotonic() - begin + state.upcoming_sleep > self.patience.budget_s
            return late or state.attempt_number >= self.patience.tries

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type((_PassingError, httpx.RequestError)),
            stop=give_up,
            wait=wait,
            sleep=self.sleep,
            reraise=True,
        )
        try:
            return retrying(send)
        except _PassingError as error:
            raise TransientError(
                f"{what}: {error} after {retrying.statistics.get('attempt_number', 1)} tries.",
                remedy="Nothing is lost: run it again later, and it goes on where it stopped.",
            ) from None
        except httpx.RequestError as error:
            raise TransientError(
                f"{what}: {type(error).__name__}: {_silenced(str(error))}.",
                remedy="Check the address and the network; a later run goes on where this one stopped.",
            ) from None

    def _retry_after(self, response: httpx.Response) -> float | None:
        told = response.headers.get("Retry-After", "").strip()
        if not told:
            return None
        try:
            seconds = float(told)
        except ValueError:
            try:
                seconds = (parsedate_to_datetime(told) - self.wall()).total_seconds()
            except (ValueError, TypeError):
                return None
        return min(max(seconds, 0.0), self.patience.budget_s)


class _PassingError(Exception):
    """A refusal that may pass."""

    def __init__(self, response: httpx.Response, words: str) -> None:
        super().__init__(words)
        self.response = response


class BrokenBodyError(_PassingError):
    """An answer whose body is not what its kind demands: worth another try."""


def decode_json(data: bytes) -> Any:  # noqa: ANN401 -- whatever JSON holds
    """JSON whose numbers stay text, as the vendor wrote them: 23-digit ids and amounts are no floats.

    Raises:
        ApiError: If it is no JSON: a page of HTML, a body cut short, NaN.
    """

    def refuse(constant: str) -> None:
        raise ValueError(f"holds {constant}, which is no JSON number")

    try:
        return json.loads(data, parse_int=str, parse_float=str, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise ApiError(
            f"The answer is no JSON: {_silenced(str(error))[:200]} (it begins with {_kind(data)}).",
            remedy="Run it again; if it stays so, ask the vendor's status page.",
        ) from None


def _kind(data: bytes) -> str:
    start = data[:256].lstrip()
    if not start:
        return "nothing"
    if start.startswith(b"<"):
        return "HTML"
    return "JSON, cut short" if start[:1] in b"{[" else "neither HTML nor JSON"


def _refuse(response: httpx.Response, *, expires: bool = False) -> None:
    status = response.status_code
    if status < 300:
        _check_body(response)
        return
    words = f"{status} {response.reason_phrase}"
    if status in _PASSING:
        raise _PassingError(response, words)
    place = f"{response.request.method} {_plain(str(response.request.url))}: {words}: {_silenced(response.text)[:500]}"
    if status in (404, 410) or (expires and status == 403):
        raise GoneError(place, remedy="The record or the address is no longer there.")
    if status in (401, 403):
        raise AuthError(place, remedy="Check the source's credentials and permissions: `ecomops sources check`.")
    raise RequestError(place, remedy="This is the connector's fault or the configuration's: repeating it cannot help.")


def _check_body(response: httpx.Response) -> None:
    """JSON that is none, as a proxy's page with status 200 or a body cut short, is worth another try."""
    if "json" not in response.headers.get("Content-Type", ""):
        return
    try:
        json.loads(response.content)
    except ValueError:
        raise BrokenBodyError(response, f"a body that is no JSON ({_kind(response.content)})") from None


def _to_file(response: httpx.Response, folder: Path, max_bytes: int) -> Path:
    with tempfile.NamedTemporaryFile(dir=folder, prefix="download-", delete=False) as target:
        try:
            for size, chunk in _sized(response.iter_bytes(_CHUNK)):
                _hold_to_budget(size, max_bytes)
                target.write(chunk)
        except BaseException:
            Path(target.name).unlink()
            raise
    return Path(target.name)


def _sized(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        yield size, chunk


def _hold_to_budget(size: int, most: int) -> None:
    if size > most:
        raise BudgetError(f"The answer has more than {most:,} bytes.", remedy="Ask for less at a time.")


def _plain(url: str) -> str:
    """An address without its parameters, which may be secrets."""
    return url.partition("?")[0]


def _silenced(text: str) -> str:
    return _SECRET.sub(r"\1…", text)
