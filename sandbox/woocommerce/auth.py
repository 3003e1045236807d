"""Who may ask: Basic over https, OAuth 1.0a ("one-legged", RFC 5849) over http, as WooCommerce checks them.

The order of checks and their sentences are those of class-wc-rest-authentication.php.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable
from urllib.parse import quote, unquote

from starlette.requests import Request

from sandbox.woocommerce.errors import RestError, unauthorised

CONSUMER_KEY = "ck_5a4db0c5a4db0c5a4db0c5a4db0c5a4db0c5a4db"
CONSUMER_SECRET = "cs_7e57e57e57e57e57e57e57e57e57e57e57e57e57"  # noqa: S105  made up, for the sandbox only

_WINDOW_SECONDS = 15 * 60
_REQUIRED = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
_HASHES = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}
_REALM = "WooCommerce API. Use a consumer key in the username field and a consumer secret in the password field."


class Door:
    """Lets in those who have the sandbox's key.

    Args:
        https: Whether the server counts as reached over https, which decides what it accepts.
        wall: Unix time, for OAuth's timestamps.
    """

    def __init__(self, *, https: bool, wall: Callable[[], float] = time.time) -> None:
        self._https = https
        self._wall = wall
        self._nonces: dict[str, float] = {}

    def check(self, request: Request) -> None:
        """Lets a request in.

        Raises:
            RestError: 401, with the sentence that WooCommerce gives.
        """
        if self._https and _basic_credentials(request):
            key, secret = _basic_credentials(request)
            if key == CONSUMER_KEY and not hmac.compare_digest(secret, CONSUMER_SECRET):
                raise _refused("Consumer secret is invalid.", {"WWW-Authenticate": f'Basic realm="{_REALM}"'})
            if key == CONSUMER_KEY:
                return
        # A key that does not exist leaves the request anonymous; so does Basic over http, which is not looked at.
        self._check_oauth(request)

    def _check_oauth(self, request: Request) -> None:
        given = dict(request.query_params) | _header_parameters(request)
        missing = [name for name in _REQUIRED if not given.get(name)]
        if len(missing) == len(_REQUIRED):
            raise unauthorised()
        if missing:
            plural = "s" if len(missing) > 1 else ""
            sentence = f"Missing OAuth parameter{plural} {', '.join(missing)}"
            raise RestError(401, "woocommerce_rest_authentication_missing_parameter", sentence)
        if given["oauth_consumer_key"] != CONSUMER_KEY:
            raise _refused("Consumer key is invalid.")
        if given["oauth_signature_method"] not in _HASHES:
            raise _refused("Invalid signature - signature method is invalid.")
        signature = unquote(given.pop("oauth_signature").replace(" ", "+"))
        if not hmac.compare_digest(_signature(request, given).encode(), signature.encode()):
            raise _refused("Invalid signature - provided signature does not match.")
        self._check_freshness(given["oauth_timestamp"], given["oauth_nonce"])

    def _check_freshness(self, timestamp: str, nonce: str) -> None:
        now = self._wall()
        if not timestamp.isdigit() or abs(int(timestamp) - now) > _WINDOW_SECONDS:
            raise _refused("Invalid timestamp.")
        self._nonces = {used: at for used, at in self._nonces.items() if at >= now - _WINDOW_SECONDS}
        if nonce in self._nonces:
            raise _refused("Invalid nonce - nonce has already been used.")
        self._nonces[nonce] = float(timestamp)


def _refused(sentence: str, headers: dict[str, str] | None = None) -> RestError:
    return RestError(401, "woocommerce_rest_authentication_error", sentence, headers=headers)


def _basic_credentials(request: Request) -> tuple[str, str]:
    """Key and secret from the query or the Basic header; two empty strings where there are none."""
    query = request.query_params
    if query.get("consumer_key") and query.get("consumer_secret"):
        return query["consumer_key"], query["consumer_secret"]
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return key, secret


def _header_parameters(request: Request) -> dict[str, str]:
    header = request.headers.get("authorization", "")
    if not header.startswith("OAuth "):
        return {}
    pairs = (part.strip().partition("=") for part in header.removeprefix("OAuth ").split(","))
    return {name: unquote(value.strip('"')) for name, _, value in pairs if name.startswith("oauth_")}


def _signature(request: Request, parameters: dict[str, str]) -> str:
    """The signature that the request should have had; written apart from the connector's, which it checks."""
    encoded = [f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(parameters.items())]
    address = f"{request.url.scheme}://{request.url.netloc}{request.url.path}"
    base = "&".join([request.method, quote(address, safe="~"), quote("&".join(encoded), safe="~")])
    digest = hmac.new(f"{CONSUMER_SECRET}&".encode(), base.encode(), _HASHES[parameters["oauth_signature_method"]])
    return base64.b64encode(digest.digest()).decode()
