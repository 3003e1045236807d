"""Login with Amazon: the refresh token becomes an access token, which is kept until shortly before it expires.

https://developer-docs.amazon.com/sp-api/docs/connect-to-the-selling-partner-api
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from typing import Final

import httpx
from pydantic import SecretStr

from extractors.amazon.errors import LoginError

TOKEN_URL: Final = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address
HEADER: Final = "x-amz-access-token"
EARLY_S: Final = 120.0
"""A token is renewed so long before it expires: a request under way must not meet the end."""


class LoginWithAmazon(httpx.Auth):
    """Signs requests with an access token.

    Args:
        client_id: The application's identifier.
        client_secret: Its secret.
        refresh_token: What the seller's authorisation gave.
        monotonic: The clock by which a token's life is measured, in seconds.
        token_url: Where tokens are exchanged.
    """

    def __init__(
        self,
        client_id: str,
        client_secret: SecretStr,
        refresh_token: SecretStr,
        *,
        monotonic: Callable[[], float],
        token_url: str = TOKEN_URL,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._refresh_token = refresh_token
        self._monotonic = monotonic
        self._token_url = token_url
        self._token: SecretStr | None = None
        self._good_until = 0.0

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Adds the token, fetching one where there is none; once more where Amazon says that it has expired.

        Raises:
            LoginError: If Amazon refuses to give one.
            httpx.RequestError: If the token endpoint is out of order, so that the request is tried again.
        """
        if self._token is None or self._monotonic() >= self._good_until:
            self._take((yield self._exchange()))
        self._sign(request)
        response = yield request
        if response.status_code == httpx.codes.FORBIDDEN and "expired" in _details(response):
            self._take((yield self._exchange()))
            self._sign(request)
            yield request

    def _sign(self, request: httpx.Request) -> None:
        if self._token is not None:
            request.headers[HEADER] = self._token.get_secret_value()

    def _exchange(self) -> httpx.Request:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token.get_secret_value(),
            "client_id": self._client_id,
            "client_secret": self._client_secret.get_secret_value(),
        }
        return httpx.Request("POST", self._token_url, data=form)

    def _take(self, response: httpx.Response) -> None:
        response.read()
        if response.status_code >= 500 or response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            # httpx's own kind of error, which the client takes for a passing one.
            raise httpx.RemoteProtocolError(f"the token endpoint answered {response.status_code}")
        try:
            told = json.loads(response.content)
            granted, seconds = str(told["access_token"]), float(told.get("expires_in", 3600))
        except (ValueError, KeyError, TypeError):
            raise LoginError(
                f"Login with Amazon gave no access token: {response.status_code} {_error(response)}.",
                remedy="Check client id, client secret and refresh token; the seller may have to authorise anew.",
            ) from None
        self._token = SecretStr(granted)
        self._good_until = self._monotonic() + max(0.0, seconds - EARLY_S)


def _details(response: httpx.Response) -> str:
    response.read()
    try:
        errors = json.loads(response.content)["errors"]
        return " ".join(f"{one.get('message')} {one.get('details')}" for one in errors)
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


def _error(response: httpx.Response) -> str:
    """Amazon's word for the refusal, such as `invalid_grant`: the description may repeat what was sent."""
    try:
        told = str(json.loads(response.content).get("error", ""))
    except (ValueError, AttributeError):
        return response.reason_phrase
    return told[:60] or response.reason_phrase
