"""What `ecomops sources check` says of an Amazon source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from extractors.amazon.client import Client
from extractors.amazon.errors import AccessDeniedError, LoginError
from extractors.amazon.fetch import stamp
from extractors.amazon.fetch_reports import SETTLEMENT
from extractors.amazon.operations import OPERATIONS
from extractors.amazon.resources import Options
from extractors.api.connector import Finding
from extractors.api.errors import ApiError

_ROLE: Final = "Give the application the role “{role}” in Seller Central and let the seller authorise it again."


def findings(client: Client, options: Options) -> list[Finding]:
    """One call of each API, told as findings; nothing is raised that is Amazon's or the credentials' fault."""
    now = client.http.wall().astimezone(UTC)
    found: list[Finding] = []
    for operation, parameters in _probes(options, now):
        finding, goes_on = _probe(client, operation, parameters)
        found.append(finding)
        if not goes_on:
            break
    return [*found, _quotas(client)]


def _probe(client: Client, operation: str, parameters: dict[str, Any]) -> tuple[Finding, bool]:
    role = OPERATIONS[operation].role
    try:
        answer = client.json(operation, **parameters)
    except LoginError as error:
        return Finding("bad", "credentials", error.message, error.remedy), False
    except AccessDeniedError as error:
        return Finding("bad", f"role {role}", error.message, _ROLE.format(role=role)), True
    except ApiError as error:
        return Finding("bad", operation, error.message, error.remedy), True
    return Finding("ok", f"role {role}", f"{operation} answers: {_sample(answer)}"), True


def _probes(options: Options, now: datetime) -> list[tuple[str, dict[str, Any]]]:
    places = list(options.marketplaces)
    day = stamp(now - timedelta(days=1))
    return [
        ("searchOrders", {"lastUpdatedAfter": day, "marketplaceIds": places, "maxResultsPerPage": 1}),
        ("listTransactions", {"postedAfter": day}),
        (
            "getInventorySummaries",
            {"granularityType": "Marketplace", "granularityId": places[0], "marketplaceIds": places[:1]},
        ),
        ("getReports", {"reportTypes": [SETTLEMENT], "pageSize": 1}),
    ]


def _sample(answer: dict[str, Any]) -> str:
    """How much came: counts, never contents, which may be personal."""
    payload = answer.get("payload") or answer
    lists = {name: len(value) for name, value in payload.items() if isinstance(value, list)}
    return ", ".join(f"{count} {name}" for name, count in lists.items()) or "nothing yet"


def _quotas(client: Client) -> Finding:
    told = {name: client.rate(name) for name in ("searchOrders", "createReport", "listTransactions")}
    words = ", ".join(f"{name} {rate:g}" for name, rate in told.items())
    return Finding("note", "quotas", f"Requests a second: {words}.")
