"""Files that a server offers under an address that expires: results of bulk operations, report documents."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from sandbox.serving.clock import SandboxClock

_EXPIRED = """<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"""


@dataclass(frozen=True)
class _Document:
    content: bytes | Path
    content_type: str
    expires_at: datetime


class Documents:
    """A shelf of documents, each under an address that nobody can guess and that stops working.

    Args:
        clock: The merchant's clock, by which addresses expire.
        prefix: The path that all addresses begin with.
    """

    def __init__(self, clock: SandboxClock, prefix: str = "/documents") -> None:
        self._clock = clock
        self._prefix = prefix
        self._shelf: dict[str, _Document] = {}

    @property
    def route(self) -> Route:
        """The route that answers for the documents."""
        return Route(f"{self._prefix}/{{document}}", self._get, methods=["GET", "HEAD"])

    def put(self, content: bytes | Path, *, lifetime: timedelta, content_type: str = "application/octet-stream") -> str:
        """Offers a document; the same content may be offered again under another address.

        Args:
            content: Its bytes, or the file that holds them (streamed, never read whole).
            lifetime: How long the address works, in the merchant's time.
            content_type: What the answer's header says; give it without a charset to say none.

        Returns:
            The path of its address, beginning with a slash.
        """
        name = secrets.token_urlsafe(24)
        self._shelf[name] = _Document(content, content_type, self._clock.now() + lifetime)
        return f"{self._prefix}/{name}"

    async def _get(self, request: Request) -> Response:
        document = self._shelf.get(request.path_params["document"])
        if document is None:
            return Response("not found", status_code=404, media_type="text/plain")
        if self._clock.now() >= document.expires_at:
            return Response(_EXPIRED, status_code=403, media_type="application/xml")
        # Not `media_type`: Starlette would add a charset to text, and some vendors name none.
        headers = {"content-type": document.content_type}
        if isinstance(document.content, Path):
            return FileResponse(document.content, headers=headers)
        return Response(document.content, headers=headers)
