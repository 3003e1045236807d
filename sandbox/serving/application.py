"""Puts a sandbox server together: its own routes, and the ones by which a test or a person steers it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.serving.breaking import Breaking
from sandbox.serving.clock import SandboxClock
from sandbox.serving.faults import Fault, Faults
from sandbox.serving.requests import KEPT, LoggedRequest, RequestLog


def application(
    routes: Sequence[BaseRoute],
    *,
    clock: SandboxClock,
    faults: Faults,
    exception_handlers: Mapping[Any, Callable[..., Any]] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Starlette:
    """A server with these routes, with a request log, faults, and the routes under `/sandbox/`.

    `GET` and `POST /sandbox/clock` read and set the time (`{"now": "2025-06-01T00:00:00Z"}`), `GET` and
    `POST /sandbox/faults` read and replace the faults, `GET` and `DELETE /sandbox/requests` read and empty the log.

    Args:
        routes: The server's own routes.
        clock: The merchant's clock.
        faults: What goes wrong.
        exception_handlers: As Starlette takes them.
        monotonic: A source of real seconds, for the log.
    """
    entries: deque[LoggedRequest] = deque(maxlen=KEPT)
    app = Starlette(
        routes=[*routes, *_steering(clock, faults, entries)],
        middleware=[
            Middleware(RequestLog, entries=entries, clock=clock, monotonic=monotonic),
            Middleware(Breaking, faults=faults),
        ],
        exception_handlers=exception_handlers,
    )
    app.state.clock, app.state.faults, app.state.requests = clock, faults, entries
    return app


def _steering(clock: SandboxClock, faults: Faults, entries: deque[LoggedRequest]) -> list[Route]:
    async def time_of_day(request: Request) -> Response:
        if request.method == "POST":
            try:
                clock.set(datetime.fromisoformat((await request.json())["now"]))
            except (KeyError, TypeError, ValueError) as error:
                return _refused(error)
        return JSONResponse({"now": clock.now().isoformat()})

    async def breakage(request: Request) -> Response:
        if request.method == "POST":
            try:
                faults.replace([Fault.of(one) for one in await request.json()])
            except (TypeError, ValueError) as error:
                return _refused(error)
        return JSONResponse(faults.counts())

    async def log(request: Request) -> Response:
        if request.method == "DELETE":
            entries.clear()
        return JSONResponse([asdict(entry) for entry in entries])

    return [
        Route("/sandbox/clock", time_of_day, methods=["GET", "POST"]),
        Route("/sandbox/faults", breakage, methods=["GET", "POST"]),
        Route("/sandbox/requests", log, methods=["GET", "DELETE"]),
    ]


def _refused(error: Exception) -> Response:
    return JSONResponse({"error": f"{type(error).__name__}: {error}"}, status_code=400)
