"""What Amazon refuses, and what to do about it: each error's class says whether to retry, to skip, or to fix something.

https://developer-docs.amazon.com/sp-api/docs/sp-api-errors
"""

from __future__ import annotations

import json
from typing import Final, Literal

import httpx

from extractors.api.errors import ApiError, AuthError, GoneError, RequestError, TransientError

Action = Literal["retry", "skip", "fix"]
_LONGEST = 300
_OK: Final = 400


class InvalidInputError(RequestError):
    """Amazon finds the request itself wrong (400, 413, 415)."""

    action: Action = "fix"


class IncompleteRequestError(InvalidInputError):
    """A request that we refuse to send: what it asks for is not said."""


class AccessDeniedError(AuthError):
    """The application lacks a role, or the seller has not authorised it (401, 403)."""

    action: Action = "fix"


class LoginError(AuthError):
    """Login with Amazon does not exchange the refresh token."""

    action: Action = "fix"


class NotFoundError(GoneError):
    """Amazon knows no such record (404)."""

    action: Action = "skip"


class ThrottledError(TransientError):
    """More was asked than the usage plan allows (429)."""

    action: Action = "retry"


class UnavailableError(TransientError):
    """Amazon is out of order for a while (500, 502, 503, 504)."""

    action: Action = "retry"


class ReportFailedError(ApiError):
    """Amazon gave up making a report (FATAL)."""

    action: Action = "retry"


Refusal = InvalidInputError | AccessDeniedError | NotFoundError | ThrottledError | UnavailableError
_KINDS: Final[dict[int, type[Refusal]]] = {
    400: InvalidInputError,
    401: AccessDeniedError,
    403: AccessDeniedError,
    404: NotFoundError,
    413: InvalidInputError,
    415: InvalidInputError,
    429: ThrottledError,
}
_REMEDIES: Final[dict[type[Refusal], str]] = {
    InvalidInputError: "Repeating it cannot help: correct the source's options, or report a fault of the connector.",
    AccessDeniedError: "Give the application the role that the operation needs and let the seller authorise it again.",
    NotFoundError: "Skip it: Amazon has no such record.",
    ThrottledError: "Wait: the next run goes on where this one stopped.",
    UnavailableError: "Wait: the next run goes on where this one stopped.",
}


def refusal(operation: str, response: httpx.Response) -> Refusal | None:
    """The error that an answer stands for; None for one that is none.

    Args:
        operation: Amazon's name of what was asked.
        response: The answer, its body read.
    """
    status = response.status_code
    if status < _OK:
        return None
    kind = _KINDS.get(status, UnavailableError if status >= 500 else InvalidInputError)
    said = "; ".join(_said(response.content)) or response.reason_phrase
    number = response.headers.get("x-amzn-RequestId", "")
    about = f" (request {number})" if number else ""
    return kind(f"{operation}: {status}: {said[:_LONGEST]}{about}.", remedy=_REMEDIES[kind])


def _said(body: bytes) -> list[str]:
    """Amazon's words: code, message and details of each error; nothing of a body that is no error list."""
    try:
        errors = json.loads(body).get("errors") or []
    except (ValueError, AttributeError):
        return []
    words = ("code", "message", "details")
    return [", ".join(dict.fromkeys(str(one[word]) for word in words if one.get(word))) for one in errors]
