"""Login with Amazon: one token for many requests, renewed in time, and no secret in any error."""

from __future__ import annotations

from urllib.parse import parse_qs

import httpx
import pytest
from pydantic import SecretStr

from extractors.amazon.auth import EARLY_S, HEADER, LoginWithAmazon
from extractors.amazon.client import Client
from extractors.amazon.errors import AccessDeniedError, LoginError
from extractors.api.client import Http, Patience
from extractors.api.errors import TransientError

_SECRETS = ("top-secret", "Atzr|refresh", "Atza|1")
_EXPIRED = "The access token you provided has expired."


class Amazon:
    """A pretended token endpoint and one operation."""

    def __init__(self, token_answers: list[httpx.Response] | None = None, denials: list[str] | None = None) -> None:
        self.now = 0.0
        self.exchanges: list[dict[str, list[str]]] = []
        self.tokens: list[str] = []
        self._token_answers = iter(token_answers or [])
        self._denials = iter(denials or [])

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "login.example":
            self.exchanges.append(parse_qs(request.content.decode()))
            given = next(self._token_answers, None)
            return given or httpx.Response(
                200, json={"access_token": f"Atza|{len(self.exchanges)}", "token_type": "bearer", "expires_in": 3600}
            )
        self.tokens.append(request.headers.get(HEADER, ""))
        details = next(self._denials, "")
        if details:
            return httpx.Response(
                403, json={"errors": [{"code": "Unauthorized", "message": "No.", "details": details}]}
            )
        return httpx.Response(200, json={"reports": []})

    def client(self) -> Client:
        login = LoginWithAmazon(
            "app-1",
            SecretStr("top-secret"),
            SecretStr("Atzr|refresh"),
            monotonic=lambda: self.now,
            token_url="https://login.example/auth/o2/token",
        )
        http = Http(
            "https://sp.example",
            auth=login,
            transport=httpx.MockTransport(self.answer),
            patience=Patience(tries=3, first_s=0.01),
            sleep=lambda _: None,
        )
        return Client(http)


def _ask(client: Client) -> None:
    client.call("getReports", reportTypes=["A"])


def test_one_exchange_serves_until_shortly_before_the_end() -> None:
    amazon = Amazon()
    client = amazon.client()
    for amazon.now in (0.0, 1800.0, 3600.0 - EARLY_S - 1):
        _ask(client)
    assert len(amazon.exchanges) == 1
    amazon.now = 3600.0 - EARLY_S
    _ask(client)
    assert amazon.tokens == ["Atza|1"] * 3 + ["Atza|2"]
    assert amazon.exchanges[0] == {
        "grant_type": ["refresh_token"],
        "refresh_token": ["Atzr|refresh"],
        "client_id": ["app-1"],
        "client_secret": ["top-secret"],
    }


def test_a_token_that_expired_early_is_renewed_once() -> None:
    amazon = Amazon(denials=[_EXPIRED])
    _ask(amazon.client())
    assert amazon.tokens == ["Atza|1", "Atza|2"]


def test_a_token_that_is_always_expired_is_not_renewed_for_ever() -> None:
    amazon = Amazon(denials=[_EXPIRED] * 5)
    with pytest.raises(AccessDeniedError) as error:
        _ask(amazon.client())
    assert len(amazon.exchanges) == 2
    assert error.value.action == "fix"


def test_a_missing_role_is_no_reason_to_renew() -> None:
    amazon = Amazon(denials=["Access to requested resource is denied."])
    with pytest.raises(AccessDeniedError, match="getReports: 403"):
        _ask(amazon.client())
    assert len(amazon.exchanges) == 1


def test_a_token_endpoint_out_of_order_is_asked_again() -> None:
    amazon = Amazon([httpx.Response(503, text="<html>down</html>"), httpx.Response(429)])
    _ask(amazon.client())
    assert len(amazon.exchanges) == 3


def test_one_that_stays_out_of_order_is_left_to_the_next_run() -> None:
    amazon = Amazon([httpx.Response(500)] * 5)
    with pytest.raises(TransientError):
        _ask(amazon.client())


@pytest.fixture(
    params=[
        httpx.Response(400, json={"error": "invalid_grant", "error_description": "bad Atzr|refresh"}),
        httpx.Response(401, json={"error": "invalid_client", "error_description": "top-secret is wrong"}),
        httpx.Response(200, text="<html>captive portal top-secret</html>"),
        httpx.Response(200, json={"token_type": "bearer"}),
    ],
    ids=["grant", "client", "html", "no token"],
)
def refusal(request: pytest.FixtureRequest) -> httpx.Response:
    told: httpx.Response = request.param
    return told


def test_a_refused_login_says_so_without_repeating_secrets(refusal: httpx.Response) -> None:
    amazon = Amazon([refusal])
    with pytest.raises(LoginError) as error:
        _ask(amazon.client())
    shown = f"{error.value} {error.value.remedy} {error.value!r}"
    assert error.value.action == "fix"
    assert not [secret for secret in _SECRETS if secret in shown]


def test_no_secret_shows_in_what_is_printed() -> None:
    amazon = Amazon()
    client = amazon.client()
    _ask(client)
    auth = client.http.auth
    assert isinstance(auth, LoginWithAmazon)
    assert not [secret for secret in _SECRETS if secret in f"{auth!r} {vars(auth)} {client.http!r}"]
