"""An HTTP server in front of another that breaks answers as told, and a plain one to serve bytes from."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

import httpx

_HOP = {"transfer-encoding", "connection", "content-encoding", "date", "server"}


@dataclass(frozen=True)
class Fault:
    """What happens to one answer.

    Attributes:
        kind: `status` answers with `value` as status without asking the real server; `slow` waits `value`
            seconds; `truncate` breaks the connection after `value` bytes of the body; `flip` turns over one
            bit of the body's byte `value`; `lose` lets the real server act, and breaks the connection
            before the answer.
        value: See there.
        method: Only requests with this method use the fault up.
    """

    kind: Literal["status", "slow", "truncate", "flip", "lose"]
    value: float = 0
    method: str = "GET"


@dataclass
class FaultyProxy:
    """The state of a running proxy.

    Attributes:
        url: Where it answers.
        upstream: The real server.
        faults: Used up one a matching request, in order.
        requests: Method and path of every request so far.
    """

    url: str
    upstream: str
    faults: deque[Fault] = field(default_factory=deque)
    requests: list[tuple[str, str]] = field(default_factory=list)

    def take(self, method: str) -> Fault | None:
        """The fault that this request meets."""
        if self.faults and self.faults[0].method == method:
            return self.faults.popleft()
        return None


@contextmanager
def faulty_proxy(upstream: str) -> Iterator[FaultyProxy]:
    """A proxy in front of a server, on a free port."""
    proxy = FaultyProxy("", upstream)

    class Handler(_ProxyHandler):
        state = proxy

    with serving(Handler) as url:
        proxy.url = url
        yield proxy


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Runs a handler on a free port; gives its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _ProxyHandler(BaseHTTPRequestHandler):
    state: FaultyProxy

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Quiet."""

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.state.requests.append((self.command, self.path))
        fault = self.state.take(self.command)
        if fault and fault.kind == "status":
            self._answer(int(fault.value), {"Content-Length": "0"}, b"")
            return
        if fault and fault.kind == "slow":
            time.sleep(fault.value)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        real = httpx.request(self.command, self.state.upstream + self.path, content=body, headers=headers)
        if fault and fault.kind == "lose":
            self.connection.close()
            return
        kept = {name: value for name, value in real.headers.items() if name.lower() not in _HOP}
        kept["Content-Length"] = kept.get("content-length", str(len(real.content)))
        kept.pop("content-length", None)
        self._answer(real.status_code, kept, _broken(real.content, fault))

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    # The base class looks its methods up by these names.
    do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = _handle  # noqa: N815


def _broken(body: bytes, fault: Fault | None) -> bytes:
    if fault and fault.kind == "truncate":
        return body[: int(fault.value)]  # HTTP/1.0: the connection closes, short of the promised length
    if fault and fault.kind == "flip":
        at = int(fault.value)
        return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
    return body
