"""What all sandbox servers share: a clock that can be moved, faults on order, documents to download, and a runner.

A server is put together by `application`, which adds the request log, the faults and the `/sandbox/…` routes, and
started by `serve`:

    clock = SandboxClock(datetime(2025, 6, 1, tzinfo=UTC))
    faults = Faults([Fault("throttle", path="orders", at=(2,))])
    with serve(application(routes, clock=clock, faults=faults)) as server:
        httpx.get(server.url + "/orders")
"""

from sandbox.serving.application import application
from sandbox.serving.clock import SandboxClock
from sandbox.serving.documents import Documents
from sandbox.serving.faults import GENERIC_KINDS, SEMANTIC_KINDS, Fault, Faults
from sandbox.serving.requests import LoggedRequest, RequestLog
from sandbox.serving.runner import Running, serve

__all__ = [
    "GENERIC_KINDS",
    "SEMANTIC_KINDS",
    "Documents",
    "Fault",
    "Faults",
    "LoggedRequest",
    "RequestLog",
    "Running",
    "SandboxClock",
    "application",
    "serve",
]
