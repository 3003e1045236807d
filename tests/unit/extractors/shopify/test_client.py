"""What Shopify says with status 200, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from extractors.api.client import Http
from extractors.api.errors import ApiError, AuthError, ExpiredCursorError, RequestError, TransientError
from extractors.shopify import OPTIONS, connect
from extractors.shopify.client import Client, Token, TooCostlyError
from extractors.shopify.options import API_VERSION

_STATUS = {"maximumAvailable": 2000, "restoreRate": 100, "currentlyAvailable": 1990}
_COST = {"cost": {"requestedQueryCost": 10, "actualQueryCost": 5, "throttleStatus": _STATUS}}
SECRET = "shpat_0123456789abcdef"


def _client(answers: Sequence[dict[str, Any]], *, headers: dict[str, str] | None = None) -> tuple[Client, list[float]]:
    waits: list[float] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["X-Shopify-Access-Token"] == SECRET
        assert request.url.path == f"/admin/api/{API_VERSION}/graphql.json"
        return httpx.Response(200, json=left.pop(0), headers=headers)

    http = Http("http://shop", auth=Token(SECRET), transport=httpx.MockTransport(answer), sleep=waits.append)
    return Client(http), waits


def _errors(message: str, code: str = "", **more: object) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code, **more}}], "extensions": _COST}


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (_errors("Access denied for orders field.", "ACCESS_DENIED"), AuthError, "Access denied for orders"),
        (_errors("Invalid cursor for current pagination sort."), ExpiredCursorError, "cursor"),
        (_errors("Field 'x' doesn't exist on type 'Order'", "undefinedField"), RequestError, "doesn't exist"),
        ({"errors": "Not Found"}, RequestError, "Not Found"),
        (_errors("Query cost is 2003", "MAX_COST_EXCEEDED", cost=2003, maxCost=1000), TooCostlyError, "2003 points"),
    ],
)
def test_an_error_names_what_to_do(answer: dict[str, Any], error: type[ApiError], words: str) -> None:
    client, _ = _client([answer])
    with pytest.raises(error, match=words) as raised:
        client.ask("{ shop { name } }")
    assert raised.value.remedy
    assert SECRET not in f"{raised.value} {raised.value!r}"


def test_a_passing_error_is_tried_again() -> None:
    broken = _errors("Internal error. Looks like something went wrong on our end.", "INTERNAL_SERVER_ERROR")
    client, waits = _client([broken, broken, {"data": {"shop": {}}, "extensions": _COST}])
    assert client.ask("{ shop { name } }").data == {"shop": {}}
    assert waits == [1.0, 2.0]


def test_a_passing_error_that_stays_is_given_up() -> None:
    client, _ = _client([_errors("Internal error", "INTERNAL_SERVER_ERROR")] * 5)
    with pytest.raises(TransientError, match="Internal error"):
        client.ask("{ shop { name } }")


def test_data_beside_errors_does_not_count() -> None:
    client, _ = _client([{"data": {"orders": {"nodes": []}}, **_errors("Timeout", "SOMETHING_ELSE")}])
    with pytest.raises(RequestError):
        client.ask("{ shop { name } }")


def test_a_filter_that_shopify_left_out_is_an_error() -> None:
    """Shopify warns, and answers with everything."""
    warned = {"search": [{"path": ["orders"], "warnings": [{"field": "upated_at", "message": "Invalid search field"}]}]}
    client, _ = _client([{"data": {"orders": {"nodes": []}}, "extensions": {**_COST, **warned}}])
    with pytest.raises(RequestError, match="upated_at:"):
        client.ask("{ shop { name } }")


def test_a_version_that_fell_forward_is_an_error() -> None:
    client, _ = _client([{"data": {}, "extensions": _COST}], headers={"X-Shopify-API-Version": "2027-10"})
    with pytest.raises(RequestError, match=r"2027-10"):
        client.ask("{ shop { name } }")


def test_an_answer_without_a_budget_is_an_error() -> None:
    told = {"cost": {"requestedQueryCost": 10, "throttleStatus": {"restoreRate": "fast"}}}
    client, _ = _client([{"data": {}, "extensions": told}])
    with pytest.raises(ApiError, match="budget"):
        client.ask("{ shop { name } }")


def test_the_token_shows_nowhere() -> None:
    connector = connect(OPTIONS.model_validate({"shop": "a-shop.myshopify.com"}), {"access_token": SECRET})
    assert connector.http.base_url == "https://a-shop.myshopify.com"
    assert SECRET not in repr(connector)
    assert SECRET not in repr(connector.client)


@pytest.mark.parametrize(
    "options", [{}, {"shop": "example.com"}, {"shop": "a.myshopify.com", "bulk_from_days": 0}, {"shopp": "x"}]
)
def test_options_that_are_wrong_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        OPTIONS.model_validate(options)


def test_a_query_that_is_too_dear_says_how_much_of_it_is_allowed() -> None:
    assert TooCostlyError(2000, 1000).share == 0.5
