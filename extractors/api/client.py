"""HTTP to a vendor: patient with what passes, loud about what does not, and silent about secrets."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx
import tenacity

from extractors.api.answers import (
    BrokenBodyError,
    PassingError,
    decode_json,
    hold_to_budget,
    judge,
    plain,
    read_body,
    retry_after,
    silenced,
    sized,
)
from extractors.api.errors import RequestError, TransientError

__all__ = ["BrokenBodyError", "Download", "Http", "Patience", "decode_json"]

USER_AGENT = "ecomops/0.1 (Language=Python)"
_CHUNK = 1 << 20
_T = TypeVar("_T")


@dataclass(frozen=True)
class Patience:
    """How often and how long to try again.

    Attributes:
        tries: Requests in all.
        longest_s: Longest wait of our own choosing between two of them. A vendor that names a time is given exactly
            that, or given up on where the budget does not hold it.
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
    auth: httpx.Auth | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
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
        """One answer with a status from 200 to 299, its body in memory and checked against its length.

        Args:
            method: GET, POST, …
            path: Relative to the base, or a whole address of the same server.
            params: Query parameters.
            json_body: Body to send as JSON.
            data: Body to send as a form.
            headers: Further headers.
            before: Called before every try: a throttle's `acquire`.
            after: Called with every answer, refusals too: a throttle's `update`.

        Raises:
            TransientError: If all tries failed in a passing way: 408, 425, 429, 5xx, a broken connection or body, a
                page of HTML.
            AuthError: On 401 and 403.
            GoneError: On 404 and 410.
            RequestError: On any other refusal, a redirect among them, and for an address of another server, which
                must not get our credentials.
            BudgetError: If the answer is larger than `max_bytes`, or takes longer than one call may.
        """
        self._refuse_strangers(path)

        def send(deadline: float) -> httpx.Response:
            if before is not None:
                before()
            request = self._client.build_request(
                method, path, params=params, json=json_body, data=data, headers=headers
            )
            streamed = self._client.send(request, stream=True)
            try:
                response = read_body(streamed, self.max_bytes, lambda: self.monotonic() > deadline)
            finally:
                streamed.close()
            if after is not None:
                after(response)
            judge(response)
            return response

        return self._patiently(f"{method} {plain(path)}", send)

    def get_json(self, path: str, *, params: Mapping[str, Any] | None = None, **more: Any) -> Any:  # noqa: ANN401
        """The JSON that a GET answers, numbers as text; see `request` and `decode_json`."""
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

        def send(deadline: float) -> Download:
            response = self._bare.send(self._bare.build_request("GET", url), stream=True)
            try:
                if not response.is_success:
                    judge(read_body(response, self.max_bytes, lambda: self.monotonic() > deadline), expires=True)
                return Download(_to_file(response, folder, max_bytes), dict(response.headers))
            finally:
                response.close()

        return self._patiently(f"GET {plain(url)}", send)

    def _refuse_strangers(self, path: str) -> None:
        address, base = httpx.URL(path), httpx.URL(self.base_url)
        if address.is_relative_url or _origin(address) == _origin(base):
            return
        raise RequestError(
            f"{plain(path)} is not on {base.host}, and would be sent its credentials.",
            remedy="Use `download` for an address that a vendor handed out.",
        )

    def _patiently(self, what: str, send: Callable[[float], _T]) -> _T:
        deadline = self.monotonic() + self.patience.budget_s
        exponential = tenacity.wait_random_exponential(multiplier=self.patience.first_s, max=self.patience.longest_s)

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = retry_after(error.response, self.wall) if isinstance(error, PassingError) else None
            return exponential(state) if asked is None else asked

        def give_up(state: tenacity.RetryCallState) -> bool:
            is_late = self.monotonic() + state.upcoming_sleep > deadline
            return is_late or state.attempt_number >= self.patience.tries

        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_may_pass),
            stop=give_up,
            wait=wait,
            sleep=self.sleep,
            reraise=True,
        )
        try:
            return retrying(send, deadline)
        except PassingError as error:
            asked = retry_after(error.response, self.wall)
            raise TransientError(
                f"{what}: {error} after {retrying.statistics.get('attempt_number', 1)} tries"
                + (f"; it asks to wait {asked:,.0f} s." if asked else "."),
                remedy="Nothing is lost: run it again later, and it goes on where it stopped.",
            ) from None
        except (httpx.LocalProtocolError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            # httpx repeats the header that it would not send: a token with a line's end behind it
            raise RequestError(
                f"{what}: {type(error).__name__}: a header or the address cannot be sent.",
                remedy="Check the credentials for spaces and line ends, and the source's address.",
            ) from None
        except httpx.RequestError as error:
            raise TransientError(
                f"{what}: {type(error).__name__}: {silenced(str(error), _request_of(error))}.",
                remedy="Check the address and the network; a later run goes on where this one stopped.",
            ) from None


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return False
    return isinstance(error, PassingError | httpx.RequestError)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    default = {"http": 80, "https": 443}.get(url.scheme)
    return url.scheme, url.host, url.port or default


def _request_of(error: httpx.RequestError) -> httpx.Request | None:
    try:
        return error.request
    except RuntimeError:  # it was raised before there was one
        return None


def _to_file(response: httpx.Response, folder: Path, max_bytes: int) -> Path:
    with tempfile.NamedTemporaryFile(dir=folder, prefix="download-", delete=False) as target:
        try:
            for size, chunk in sized(response.iter_bytes(_CHUNK)):
                hold_to_budget(size, max_bytes)
                target.write(chunk)
        except BaseException:
            Path(target.name).unlink()
            raise
    return Path(target.name)
