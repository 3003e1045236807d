"""GraphQL over HTTP: Shopify says most of what goes wrong with status 200."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from extractors.api.client import Http, decode_json
from extractors.api.errors import ApiError, AuthError, ExpiredCursorError, RequestError, TransientError
from extractors.shopify.meter import MOST_PER_QUERY, CostMeter
from extractors.shopify.options import API_VERSION

_PASSING_CODES = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT"})
_TRIES = 5
_MOST_THROTTLES = 50


class TooCostlyError(ApiError):
    """A query may cost more than one query may: it has to ask for fewer nodes.

    Attributes:
        share: How much of it would be allowed, about.
    """

    def __init__(self, cost: float, most: float) -> None:
        super().__init__(
            f"A query may cost {cost:.0f} points where {most:.0f} are allowed, though it asks for one record.",
            remedy="This is the connector's fault: its query has to ask for less.",
        )
        self.share = most / cost if cost else 0.5


class Token(httpx.Auth):
    """Signs requests with an app's access token, which it shows to nobody."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Adds the header."""
        request.headers["X-Shopify-Access-Token"] = self._secret
        yield request


@dataclass(frozen=True)
class Answer:
    """What a query gave.

    Attributes:
        body: The bytes as received.
        data: The decoded `data`, numbers as text.
        cost: What it may have cost at most.
    """

    body: bytes
    data: Any
    cost: float


@dataclass
class Client:
    """One shop's Admin GraphQL API.

    Attributes:
        http: The shop's server.
        meter: What its queries are paid from.
    """

    http: Http
    meter: CostMeter = field(init=False)

    def __post_init__(self) -> None:
        self.meter = CostMeter(self.http.monotonic, self.http.sleep)
        self._costs: dict[tuple[str, object], float] = {}

    def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> Answer:
        """Sends a query until it is answered.

        Raises:
            TooCostlyError: If it may cost more than one query may.
            ExpiredCursorError: If its cursor is no longer good.
            AuthError: If the token is wrong or lacks a scope.
            RequestError: If Shopify finds fault with the query.
            TransientError: If it stays throttled or broken.
        """
        given = dict(variables or {})
        shape = (query, given.get("first"))
        for _ in range(_MOST_THROTTLES):
            self.meter.acquire(self._costs.get(shape, 0.0))
            answer = self._once(query, given, shape)
            if answer is not None:
                return answer
        raise TransientError(
            "Shopify kept throttling a query that its budget should allow.",
            remedy="Another app or run may use the same token: run it again later, it goes on where it stopped.",
        )

    def _once(self, query: str, given: Mapping[str, Any], shape: tuple[str, object]) -> Answer | None:
        """One answer, None where the query was throttled."""
        for attempt in range(_TRIES):
            response = self._send(query, given)
            decoded = decode_json(response.content)
            cost = (decoded.get("extensions") or {}).get("cost") or {}
            requested = float(cost.get("requestedQueryCost") or 0.0)
            if requested:
                self._costs[shape] = requested
            if cost.get("throttleStatus"):
                self.meter.update(cost["throttleStatus"])
            errors = decoded.get("errors")
            if not errors:
                _refuse_warnings(decoded)
                return Answer(response.content, decoded.get("data"), requested)
            codes = {_code(error) for error in errors} if isinstance(errors, list) else set()
            if "THROTTLED" in codes:
                return None
            if codes and codes <= _PASSING_CODES and attempt + 1 < _TRIES:
                self.http.sleep(2.0**attempt)
                continue
            raise _error(errors)
        raise AssertionError("unreachable")

    def _send(self, query: str, given: Mapping[str, Any]) -> httpx.Response:
        body = {"query": query, "variables": dict(given)}
        response = self.http.request("POST", f"/admin/api/{API_VERSION}/graphql.json", json_body=body)
        served = response.headers.get("X-Shopify-API-Version", API_VERSION)
        if served != API_VERSION:
            raise RequestError(
                f"Shopify answered with API version {served} where {API_VERSION} was asked for.",
                remedy="That version is no longer served: update ecomops, whose queries are made for one version.",
            )
        return response


def _code(error: Mapping[str, Any]) -> str:
    return str((error.get("extensions") or {}).get("code") or "")


def _error(errors: Any) -> ApiError:  # noqa: ANN401 -- whatever JSON holds
    """The first error as one of ours. Shopify's messages name fields and scopes, never values."""
    first = errors[0] if isinstance(errors, list) and errors else {"message": json.dumps(errors)}
    message, code = str(first.get("message", "")), _code(first)
    if code == "MAX_COST_EXCEEDED":
        told = first.get("extensions") or {}
        return TooCostlyError(float(told.get("cost") or 0.0), float(told.get("maxCost") or MOST_PER_QUERY))
    if code == "ACCESS_DENIED":
        return AuthError(
            f"Shopify denies access: {message}",
            remedy="Grant the app that scope and install it again; for customers' data the app needs approval, or "
            "set the option `emails: false`.",
        )
    if "cursor" in message.lower():
        return ExpiredCursorError(f"Shopify: {message}", remedy="The extraction begins again by itself.")
    if code in _PASSING_CODES:
        return TransientError(f"Shopify: {message}", remedy="Run it again later; it goes on where it stopped.")
    return RequestError(
        f"Shopify: {message}", remedy="This is the connector's fault: its query does not fit the schema."
    )


def _refuse_warnings(decoded: Mapping[str, Any]) -> None:
    """A filter that Shopify does not know is left out, and everything is given: as good as an error."""
    searches = (decoded.get("extensions") or {}).get("search") or []
    warnings = [warning for search in searches for warning in search.get("warnings") or []]
    if warnings:
        raise RequestError(
            f"Shopify left a filter out of a search: {warnings[0].get('field')}: {warnings[0].get('message')}",
            remedy="This is the connector's fault: it filters by a field that this version does not know.",
        )
