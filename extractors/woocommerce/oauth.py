"""OAuth 1.0a as WooCommerce wants it over plain http: "one-legged", HMAC-SHA256, parameters in the query.

RFC 5849 section 3.4 describes the signature; there is no token, so the key is the consumer's secret and "&".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Generator, Iterable
from urllib.parse import quote

import httpx

METHOD = "HMAC-SHA256"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def signature(method: str, url: str, parameters: Iterable[tuple[str, str]], key: str) -> str:
    """The signature of a request, base64.

    Args:
        method: The HTTP method.
        url: The address, of which scheme, host, port and path count; the query is left out.
        parameters: All parameters but the signature, decoded.
        key: The two secrets, each percent-encoded, joined by "&".
    """
    digest = hmac.new(key.encode(), base_string(method, url, parameters).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def base_string(method: str, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """What is signed (RFC 5849 section 3.4.1)."""
    pairs = sorted((_encoded(name), _encoded(value)) for name, value in parameters)
    normalised = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join([method.upper(), _encoded(_address(url)), _encoded(normalised)])


def _encoded(text: str) -> str:
    """Percent-encoding as section 3.6 has it: everything but letters, digits, "-", ".", "_" and "~"."""
    return quote(text, safe="~")


def _address(url: str) -> str:
    """Scheme and host in lower case, no default port, no query (section 3.4.1.2)."""
    parsed = httpx.URL(url)
    port = "" if parsed.port in (None, _DEFAULT_PORTS.get(parsed.scheme)) else f":{parsed.port}"
    return f"{parsed.scheme}://{parsed.host}{port}{parsed.path}"


class OAuth1(httpx.Auth):
    """Signs each request anew: a nonce counts once, so a retry needs another one.

    Args:
        consumer_key: The key, ck_…
        consumer_secret: Its secret, cs_…
        wall: Unix time; the shop accepts 15 minutes of difference.
        nonce: Makes a text that was not used before.
    """

    def __init__(
        self,
        consumer_key: str,
        consumer_secret: str,
        *,
        wall: Callable[[], float] = time.time,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._consumer_key = consumer_key
        self._key = f"{_encoded(consumer_secret)}&"
        self._wall = wall
        self._nonce = nonce

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Adds the OAuth parameters to the query, as the documentation advises: not every PHP sees the header."""
        told = {
            "oauth_consumer_key": self._consumer_key,
            "oauth_nonce": self._nonce(),
            "oauth_signature_method": METHOD,
            "oauth_timestamp": str(int(self._wall())),
        }
        parameters = [*request.url.params.multi_items(), *told.items()]
        signed = signature(request.method, str(request.url), parameters, self._key)
        request.url = request.url.copy_merge_params({**told, "oauth_signature": signed})
        yield request
