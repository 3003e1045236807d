"""The middleware that makes answers go wrong: throttled, in HTML, cut short, never."""

from __future__ import annotations

import asyncio
import math

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.serving.faults import GENERIC_KINDS, Fault, Faults

CLOSE = "sandbox.close"
"""The ASGI extension by which the runner lets an application hang up."""

_HTML = """<html>
<head><title>{status} Service Temporarily Unavailable</title></head>
<body><center><h1>{status} Service Temporarily Unavailable</h1></center><hr><center>nginx</center></body>
</html>
"""


class Breaking:
    """ASGI middleware: asks the faults about each request outside `/sandbox/`, and lets happen what they say.

    Of several faults that strike one request, `slow` happens besides the first other one.
    """

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request, rightly or wrongly."""
        if scope["type"] != "http" or scope["path"].startswith("/sandbox/"):
            await self._app(scope, receive, send)
            return
        struck = self._faults.struck(GENERIC_KINDS, scope["path"])
        await asyncio.sleep(sum(fault.seconds for fault in struck if fault.kind == "slow"))
        broken = next((fault for fault in struck if fault.kind != "slow"), None)
        if broken is None:
            await self._app(scope, receive, send)
        elif broken.kind == "drop":
            await _hang_up(scope, receive)
        elif broken.kind == "truncate":
            await self._app(scope, receive, _Half(send).send)
            await _hang_up(scope, receive)
        elif broken.kind == "truncate_quietly":
            await self._app(scope, receive, _QuietHalf(send).send)
        else:
            await _refusal(broken)(scope, receive, send)


def _refusal(fault: Fault) -> Response:
    if fault.kind == "error_html":
        return HTMLResponse(_HTML.format(status=fault.status), status_code=fault.status)
    # Whole seconds, rounded up: the header has no fractions, and to come back too early is to be refused again.
    headers = {"Retry-After": str(math.ceil(fault.seconds))} if fault.kind == "throttle_after" else {}
    return JSONResponse({"message": "Too many requests"}, status_code=429, headers=headers)


async def _hang_up(scope: Scope, receive: Receive) -> None:
    close = scope.get("extensions", {}).get(CLOSE)
    if close is None:
        raise RuntimeError("Only a server started by sandbox.serving.serve can close a connection.")
    close()
    while (await receive())["type"] != "http.disconnect":
        pass


class _Half:
    """Passes an answer's head and half of its body; what comes after is swallowed, so the answer never ends."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._left: int | None = None
        self._over = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            length = dict(message["headers"]).get(b"content-length")
            self._left = int(length) // 2 if length else None
            await self._send(message)
        elif message["type"] == "http.response.body" and not self._over:
            await self._pass_on(message.get("body", b""))

    async def _pass_on(self, body: bytes) -> None:
        # Where no length was announced the first chunk is halved.
        left = len(body) // 2 if self._left is None else self._left
        self._over = len(body) > left or self._left is None
        self._left = left - len(body[:left])
        await self._send({"type": "http.response.body", "body": body[:left], "more_body": True})


class _QuietHalf:
    """Keeps an answer until it is whole, and sends half of it with the half's length."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._head: Message = {}
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head = message
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish()

    async def _finish(self) -> None:
        half = bytes(self._body[: len(self._body) // 2])
        MutableHeaders(scope=self._head)["content-length"] = str(len(half))
        await self._send(self._head)
        await self._send({"type": "http.response.body", "body": half})
