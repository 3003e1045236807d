"""What a vendor answers: whether it can be used, is worth another try, or is refused; never repeating a secret."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx

from extractors.api.errors import ApiError, AuthError, BudgetError, GoneError, RequestError

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_SECRET = re.compile(
    r"(?i)((?:token|secret|key|password|signature|sig|oauth[a-z_]*)[\"']?\s*[=:]\s*[\"']?)[^&\s\"',}]+"
)
_TELLING = re.compile(r"(?i)token|secret|key|password|signature|authorization|cookie|credential")
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_SHORTEST_SECRET = 6  # replacing shorter values would only garble the message
_SHOWN = 500


class PassingError(Exception):
    """A refusal that may pass: worth another try."""

    def __init__(self, response: httpx.Response, words: str) -> None:
        super().__init__(words)
        self.response = response


class BrokenBodyError(PassingError):
    """An answer whose body is not what its kind demands."""


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
            f"The answer is no JSON: {silenced(str(error))[:200]} (it begins with {_kind(data)}).",
            remedy="Run it again; if it stays so, ask the vendor's status page.",
        ) from None


def read_body(response: httpx.Response, max_bytes: int, is_late: Callable[[], bool]) -> httpx.Response:
    """The answer with its body in memory, unpacked.

    Raises:
        BudgetError: If the body is too large or takes too long.
        httpx.RequestError: If it breaks off.
    """
    parts = []
    for size, chunk in sized(response.iter_bytes()):
        hold_to_budget(size, max_bytes)
        if is_late():
            raise BudgetError("The answer takes longer than one call may.", remedy="Ask for less at a time.")
        parts.append(chunk)
    told = ("content-encoding", "content-length", "transfer-encoding")  # of the body as it came, not as it is now
    headers = [(name, value) for name, value in response.headers.multi_items() if name not in told]
    return httpx.Response(
        response.status_code,
        headers=headers,
        content=b"".join(parts),
        request=response.request,
        extensions={"reason_phrase": response.reason_phrase.encode("ascii", "replace")},
    )


def judge(response: httpx.Response, *, expires: bool = False) -> None:
    """Lets through what can be used.

    Args:
        response: The answer, its body in memory.
        expires: Whether a 403 means that the address is no longer good.

    Raises:
        PassingError: If another try may help.
        AuthError, GoneError, RequestError: If none can.
    """
    status = response.status_code
    words = f"{status} {response.reason_phrase}"
    if 200 <= status < 300:
        _check_body(response)
        return
    if status in PASSING:
        raise PassingError(response, words)
    request = response.request
    told = silenced(response.text, request)[:_SHOWN]
    place = f"{request.method} {plain(str(request.url))}: {words}: {told}"
    if status in (404, 410) or (expires and status == 403):
        raise GoneError(place, remedy="The record or the address is no longer there.")
    if status in (401, 403):
        raise AuthError(place, remedy="Check the source's credentials and permissions: `ecomops sources check`.")
    raise RequestError(place, remedy="This is the connector's fault or the configuration's: repeating it cannot help.")


def retry_after(response: httpx.Response, wall: Callable[[], datetime]) -> float | None:
    """How many seconds the vendor asks to wait, told as seconds or as a date; None where it does not say."""
    told = response.headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(told):
        return float(told)
    try:
        seconds: float = (parsedate_to_datetime(told) - wall()).total_seconds()
    except (ValueError, TypeError):  # no date, or one without a zone
        return None
    return max(seconds, 0.0)


def silenced(text: str, request: httpx.Request | None = None) -> str:
    """A text without what looks like a secret, and without those that a request carried."""
    for secret in sorted(_secrets(request) if request is not None else (), key=len, reverse=True):
        text = text.replace(secret, "…")
    return _SECRET.sub(r"\1…", text)


def plain(url: str) -> str:
    """An address without its parameters and its user, which may be secrets."""
    return re.sub(r"//[^/@]*@", "//", url.partition("?")[0].partition("#")[0])


def sized(chunks: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    """Chunks, each with the size of all so far."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        yield size, chunk


def hold_to_budget(size: int, most: int) -> None:
    """Raises BudgetError if there are more bytes than agreed on."""
    if size > most:
        raise BudgetError(f"The answer has more than {most:,} bytes.", remedy="Ask for less at a time.")


def _check_body(response: httpx.Response) -> None:
    """A page of HTML, as a proxy gives with status 200, and JSON cut short are worth another try."""
    kind = response.headers.get("Content-Type", "").lower()
    if "html" in kind:
        raise BrokenBodyError(response, "a page of HTML instead of an answer")
    if "json" not in kind:
        return
    try:
        json.loads(response.content)
    except (ValueError, RecursionError):
        raise BrokenBodyError(response, f"a body that is no JSON ({_kind(response.content)})") from None


def _kind(data: bytes) -> str:
    start = data[:256].lstrip()
    if not start:
        return "nothing"
    if start.startswith(b"<"):
        return "HTML"
    return "JSON, cut short" if start[:1] in b"{[" else "neither HTML nor JSON"


def _secrets(request: httpx.Request) -> set[str]:
    """What a request carried under names that tell of secrets, in its headers, its parameters and its form."""
    named = [*request.headers.multi_items(), *request.url.params.multi_items()]
    if "form-urlencoded" in request.headers.get("Content-Type", ""):
        named += parse_qsl(request.content.decode("utf-8", "replace"))
    found = {value for name, value in named if _TELLING.search(name)}
    found |= {part for value in set(found) for part in _parts(value)}
    return {value for value in found if len(value) >= _SHORTEST_SECRET}


def _parts(value: str) -> list[str]:
    """The secrets within an Authorization header: what follows its scheme, and a user's name and password."""
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "basic":
        return [rest]
    try:
        return [rest, *base64.b64decode(rest, validate=True).decode("utf-8", "replace").split(":", 1)]
    except (binascii.Error, ValueError):
        return [rest]
