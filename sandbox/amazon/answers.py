"""What all operations share: errors, moments, and page tokens that expire."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.serving import Faults


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure of the server
    """A request that Amazon would answer with an error."""

    def __init__(self, message: str, *, status: int = 400, code: str = "InvalidInput", details: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.error = {"code": code, "message": message, "details": details}


async def refused(_: Request, error: Exception) -> Response:
    """The answer to a request that was refused."""
    if not isinstance(error, Refused):
        raise error
    return JSONResponse({"errors": [error.error]}, status_code=error.status)


def moment(text: str | None, name: str) -> datetime | None:
    """A moment as the API takes it, without a zone.

    Raises:
        Refused: If it is none, or names an offset: Amazon takes UTC only.
    """
    if not text:
        return None
    # https://github.com/amzn/selling-partner-api-models/issues/330: `+09:00` is an "Invalid date/time field".
    try:
        read = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        read = None
    if read is None or read.tzinfo is not None:
        raise Refused("Invalid Input", details=f"Invalid date/time field [{name}]")
    return read


def iso(instant: datetime) -> str:
    """A naive UTC instant as Amazon writes it."""
    return f"{instant.isoformat()}Z"


def listed(request: Request, name: str) -> list[str]:
    """A parameter that holds a list: comma-separated, repeated, or both."""
    return [value for text in request.query_params.getlist(name) for value in text.split(",") if value]


def needed(request: Request, name: str) -> str:
    """A parameter that must be there.

    Raises:
        Refused: If it is not.
    """
    value = request.query_params.get(name)
    if not value:
        raise Refused("Invalid Input", details=f"Missing required parameter [{name}]")
    return value


def write_token(now: datetime, **state: object) -> str:
    """A page token: opaque to callers, and dated."""
    return base64.urlsafe_b64encode(json.dumps({**state, "issued": now.isoformat()}).encode()).decode()


def read_token(token: str, now: datetime, *, lifetime: timedelta) -> dict[str, Any]:
    """What a page token holds.

    Raises:
        Refused: If it is none of ours, or too old.
    """
    try:
        state: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.encode()))
        issued = datetime.fromisoformat(state["issued"])
    except (ValueError, KeyError, TypeError):
        raise Refused("Invalid Input", details="Invalid pagination token") from None
    if now - issued >= lifetime:
        raise Refused("Invalid Input", details="The pagination token has expired")
    return state


def naive(instant: datetime) -> datetime:
    """An aware instant as the world's tables hold it."""
    return instant.astimezone(UTC).replace(tzinfo=None)


def disturbed(faults: Faults, path: str, page: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A page of records with the faults that strike it: a record twice, another order, a field nobody knows."""
    records = list(page)
    if records and faults.strike("duplicate", path):
        records.append(records[0])
    if faults.strike("reorder", path):
        records.reverse()
    if faults.strike("schema_extra", path):
        records = [{**record, "sandboxSurprise": {"level": 1}} for record in records]
    return records
