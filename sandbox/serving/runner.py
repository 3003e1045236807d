"""Runs an application on this machine's loopback address, in a thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sandbox.serving.breaking import CLOSE

_HOST = "127.0.0.1"
_PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Running:
    """A server that is running.

    Attributes:
        port: Where it listens.
    """

    port: int

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{_HOST}:{self.port}"


@contextmanager
def serve(app: ASGIApp, port: int = 0) -> Iterator[Running]:
    """Serves the application on 127.0.0.1 while the block runs.

    Args:
        app: Any ASGI application.
        port: Where to listen; 0 takes a free one.

    Raises:
        OSError: If the port is taken.
        RuntimeError: If the server did not start.
    """
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_HOST, port))
        config = uvicorn.Config(
            app,
            http=_Protocol,
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            date_header=False,  # the request log sets it, to the merchant's time
            timeout_keep_alive=60,
            timeout_graceful_shutdown=1,
        )
        server = _Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            if not server.ready.wait(_PATIENCE_SECONDS):
                raise RuntimeError(f"The server on port {listening.getsockname()[1]} did not start.")
            yield Running(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(_PATIENCE_SECONDS)
    finally:
        listening.close()


class _Server(uvicorn.Server):
    """Tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


class _Protocol(H11Protocol):
    """Lets the application hang up: ASGI itself has no word for a connection that ends without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        inner: Any = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[CLOSE] = transport.close
            await inner(scope, receive, send)

        self.app = app
