"""Login with Amazon: refresh tokens become access tokens that last an hour."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.serving import SandboxClock

CLIENT_ID: Final = "amzn1.application-oa2-client.northlight"
CLIENT_SECRET: Final = "amzn1.oa2-cs.v1.sandbox-secret"  # noqa: S105 - opens nothing but the sandbox
REFRESH_TOKEN: Final = "Atzr|sandbox-refresh-token"  # noqa: S105 - opens nothing but the sandbox
LIFETIME: Final = timedelta(hours=1)


class Tokens:
    """Gives out access tokens and knows which are good.

    Args:
        clock: The merchant's clock, by which tokens expire.
    """

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._expires_at: dict[str, datetime] = {}

    @property
    def route(self) -> Route:
        """The token endpoint, `POST /auth/o2/token`."""
        return Route("/auth/o2/token", self._exchange, methods=["POST"])

    def refusal(self, request: Request) -> Response | None:
        """The answer to a request without a good access token; None for one that has it."""
        token = request.headers.get("x-amz-access-token", "")
        expires_at = self._expires_at.get(token)
        if expires_at is None:
            return _unauthorized(403, "Access token is missing in the request header." if not token else "")
        if self._clock.now() >= expires_at:
            return _unauthorized(403, "The access token you provided has expired.")
        return None

    def revoke(self) -> None:
        """Makes all access tokens expire at once."""
        self._expires_at = {token: self._clock.now() for token in self._expires_at}

    async def _exchange(self, request: Request) -> Response:
        form = {name: values[-1] for name, values in parse_qs((await request.body()).decode()).items()}
        if form.get("grant_type") != "refresh_token":
            return _refused(400, "unsupported_grant_type", "The authorization grant type is not supported")
        if form.get("client_id") != CLIENT_ID or not _same(form.get("client_secret", ""), CLIENT_SECRET):
            return _refused(401, "invalid_client", "Client authentication failed")
        if not _same(form.get("refresh_token", ""), REFRESH_TOKEN):
            return _refused(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token")
        token = f"Atza|{secrets.token_urlsafe(32)}"
        self._expires_at[token] = self._clock.now() + LIFETIME
        return JSONResponse(
            {
                "access_token": token,
                "token_type": "bearer",
                "expires_in": int(LIFETIME.total_seconds()),
                "refresh_token": REFRESH_TOKEN,
            }
        )


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode(), right.encode())


def _refused(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=status)


def _unauthorized(status: int, details: str) -> Response:
    error = {"code": "Unauthorized", "message": "Access to requested resource is denied.", "details": details}
    return JSONResponse({"errors": [error]}, status_code=status)
