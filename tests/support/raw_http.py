"""An HTTP server that sends whatever bytes a test wants, however wrong, and keeps a log of what was asked."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

Handler = Callable[[str, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawServer:
    """A server that runs.

    Attributes:
        ports: Where it listens, on 127.0.0.1.
        log: What was asked for, in order: port and path.
        names: Server names that TLS clients asked for.
        heads: The requests' heads, as received.
    """

    ports: list[int] = field(default_factory=list)
    log: list[tuple[int, str]] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)

    @property
    def endpoints(self) -> list[str]:
        """As a crawl's `allow_addresses` takes them."""
        return [f"127.0.0.1:{port}" for port in self.ports]

    def url(self, path: str, nth: int = 0) -> str:
        """A URL on its nth port."""
        return f"http://127.0.0.1:{self.ports[nth]}{path}"

    def paths(self) -> list[str]:
        """What was asked for apart from robots.txt."""
        return [path for _, path in self.log if path != "/robots.txt"]


def answer(body: bytes, *headers: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    """A whole answer with its right length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


@contextlib.contextmanager
def serving(handler: Handler, *, ports: int = 1, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Serves in a thread until the block ends.

    Args:
        handler: Writes the answer to a path; may take its time, and may close.
        ports: How many ports to listen on.
        tls: Where given, the server speaks TLS.
    """
    found, loop, ready = RawServer(), asyncio.new_event_loop(), threading.Event()
    if tls is not None:
        tls.sni_callback = lambda _socket, name, _context: found.names.append(name)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1]
                found.heads.append(head)
                found.log.append((writer.get_extra_info("sockname")[1], path))
                await handler(path, writer)
                await writer.drain()
        writer.close()

    async def serve() -> None:
        servers = [await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls) for _ in range(ports)]
        found.ports = [server.sockets[0].getsockname()[1] for server in servers]
        ready.set()
        await stopped.wait()
        for server in servers:
            server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    stopped = asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield found
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join(10)
        loop.close()
