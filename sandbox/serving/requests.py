"""What was asked of a server, and what it answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import format_datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.serving.clock import SandboxClock

KEPT = 200_000


@dataclass(frozen=True)
class LoggedRequest:
    """One request.

    Attributes:
        method: Its HTTP method.
        path: Its path, without the query.
        query: Its query string.
        status: The answer's status; 0 where the connection was closed without one.
        at: The merchant's time.
        seconds: Real seconds from an arbitrary moment: differences between requests are what counts.
    """

    method: str
    path: str
    query: str
    status: int
    at: str
    seconds: float


class RequestLog:
    """ASGI middleware: notes every request outside `/sandbox/` when it arrives, with its answer's status.

    Answers carry the merchant's time in their Date header: what a client may take for the server's clock.

    Args:
        app: The application inside.
        entries: Where requests are noted; the oldest leave when it is full.
        clock: The merchant's clock.
        monotonic: A source of real seconds.
    """

    def __init__(
        self, app: ASGIApp, entries: deque[LoggedRequest], clock: SandboxClock, monotonic: Callable[[], float]
    ) -> None:
        self._app = app
        self._entries = entries
        self._clock = clock
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, and notes it once it is over."""
        if scope["type"] != "http" or scope["path"].startswith("/sandbox/"):
            await self._app(scope, receive, send)
            return
        status = 0
        now, seconds = self._clock.now(), self._monotonic()

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["date"] = format_datetime(now, usegmt=True)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            query = scope["query_string"].decode("latin-1")
            self._entries.append(LoggedRequest(scope["method"], scope["path"], query, status, now.isoformat(), seconds))
