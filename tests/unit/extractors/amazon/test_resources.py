"""What a source may be told, which days and spans are asked for, and what a check says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from extractors.amazon import CREDENTIALS, OPTIONS, RESOURCES
from extractors.amazon.checking import findings
from extractors.amazon.client import Client
from extractors.amazon.connector import AmazonConnector
from extractors.amazon.errors import refusal
from extractors.amazon.fetch_reports import days_of
from extractors.amazon.marketplaces import marketplace
from extractors.amazon.resources import Options
from extractors.api.client import Http
from extractors.api.connector import Request
from extractors.api.registry import connector_kind
from lakehouse.errors import ConfigError
from lakehouse.windows import Window

_NOW = datetime(2025, 6, 10, 12, tzinfo=UTC)


def test_it_is_a_connector_like_the_others() -> None:
    kind = connector_kind("amazon")
    for resource in RESOURCES.values():
        source = kind.source(resource, name="amazon_eu", title="Amazon", time_zone="Europe/London", expected=True)
        assert source.tables == resource.tables
    secrets = dict.fromkeys(CREDENTIALS, "x")
    assert isinstance(kind.module.connect(OPTIONS(marketplaces=("UK",)), secrets), AmazonConnector)


def test_marketplaces_by_country_or_number() -> None:
    assert Options(marketplaces=("UK", "A1PA6795UKMFR9", "GB")).marketplaces == ("A1F83G8C2ARO7P", "A1PA6795UKMFR9")
    assert Options(marketplaces=("JP",)).base_url == "https://sellingpartnerapi-fe.amazon.com"
    with pytest.raises(ConfigError, match="no Amazon marketplace 'XX'"):
        marketplace("XX")


@pytest.mark.parametrize(
    "told", [{"marketplaces": ()}, {"marketplaces": ("UK", "JP")}, {"marketplaces": ("UK",), "poll": 3}]
)
def test_options_that_cannot_work_are_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(told)


@pytest.mark.parametrize("code", ["UK", "JP", "US", "DE"])
@pytest.mark.parametrize("hours", [24, 36, 7 * 24])
def test_windows_share_no_day_of_a_marketplace_and_miss_none(code: str, hours: int) -> None:
    place, days, start = marketplace(code), [], datetime(2025, 3, 1, tzinfo=UTC)
    while start < datetime(2025, 4, 12, tzinfo=UTC):  # over the change of the clocks
        end = start + timedelta(hours=hours)
        days += days_of(Window(start, end), place, _NOW)
        start = end
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert len(days) >= 41


def test_a_day_that_is_not_over_is_not_asked_for() -> None:
    window = Window(datetime(2025, 6, 9, tzinfo=UTC), datetime(2025, 6, 12, tzinfo=UTC))
    assert [str(day) for day in days_of(window, marketplace("JP"), _NOW)] == []
    assert [str(day) for day in days_of(window, marketplace("US"), _NOW)] == ["2025-06-09"]


def _client(answer: httpx.Response, seen: list[httpx.Request] | None = None) -> Client:
    def handle(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        return answer

    return Client(
        Http("https://sp.example", transport=httpx.MockTransport(handle), sleep=lambda _: None, wall=lambda: _NOW)
    )


@pytest.mark.parametrize("personal", [False, True])
def test_personal_data_is_asked_for_only_where_it_was_configured(tmp_path: Path, *, personal: bool) -> None:
    seen: list[httpx.Request] = []
    client = _client(httpx.Response(200, json={"orders": []}), seen)
    connector = AmazonConnector(client, Options(marketplaces=("UK",), personal_data=personal))
    window = Window(datetime(2025, 6, 9, tzinfo=UTC), datetime(2025, 6, 10, tzinfo=UTC))
    list(connector.fetch("orders", Request(window, window.start, _NOW, tmp_path)))
    asked = set(seen[0].url.params["includedData"].split(","))
    assert ({"BUYER", "RECIPIENT"} <= asked) is personal
    assert ("BUYER" in asked) is personal


def test_long_spans_of_transactions_are_asked_for_in_pieces(tmp_path: Path) -> None:
    """More than 180 days give an empty answer and no error."""
    seen: list[httpx.Request] = []
    client = _client(httpx.Response(200, json={"payload": {"transactions": []}}), seen)
    window = Window(datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
    pages = list(
        AmazonConnector(client, Options(marketplaces=("UK",))).fetch(
            "finances", Request(window, window.start, _NOW, tmp_path)
        )
    )
    spans = [(one.url.params["postedAfter"], one.url.params["postedBefore"]) for one in seen]
    assert [after for after, _ in spans[1:]] == [before for _, before in spans[:-1]]
    assert (spans[0][0], spans[-1][1], len(spans)) == ("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", 3)
    assert [page.cursor is None for page in pages] == [False, False, True]


def test_the_last_minutes_are_left_to_the_next_window(tmp_path: Path) -> None:
    seen: list[httpx.Request] = []
    client = _client(httpx.Response(200, json={"orders": []}), seen)
    window = Window(_NOW - timedelta(hours=1), _NOW)
    list(
        AmazonConnector(client, Options(marketplaces=("UK",))).fetch(
            "orders", Request(window, window.start, _NOW, tmp_path)
        )
    )
    assert seen[0].url.params["lastUpdatedBefore"] == "2025-06-10T11:57:00Z"


@pytest.mark.parametrize(
    ("status", "action"),
    [(400, "fix"), (401, "fix"), (403, "fix"), (404, "skip"), (413, "fix"), (429, "retry"), (500, "retry")],
)
def test_every_documented_refusal_has_an_action(status: int, action: str) -> None:
    body = {"errors": [{"code": "Code", "message": "Words", "details": "More"}]}
    error = refusal("getOrder", httpx.Response(status, json=body, headers={"x-amzn-RequestId": "r-1"}))
    assert error is not None
    assert error.action == action
    assert "Code, Words, More" in error.message
    assert "r-1" in error.message
    assert refusal("getOrder", httpx.Response(200)) is None


def test_a_refusal_in_html_is_told_by_its_status() -> None:
    error = refusal("getOrder", httpx.Response(403, text="<html>secret proxy page</html>"))
    assert error is not None
    assert "Forbidden" in error.message
    assert "proxy" not in error.message


def test_a_check_names_the_role_that_is_missing() -> None:
    body = {"errors": [{"code": "Unauthorized", "message": "Access to requested resource is denied."}]}
    found = findings(_client(httpx.Response(403, json=body)), Options(marketplaces=("UK",)))
    assert [one.level for one in found] == ["bad"] * 4 + ["note"]
    assert "“Finance and Accounting”" in found[1].remedy


def test_a_check_counts_and_does_not_show() -> None:
    body = {"orders": [{"buyer": {"buyerEmail": "a@b.example"}}], "payload": None}
    found = findings(_client(httpx.Response(200, json=body)), Options(marketplaces=("UK",)))
    assert found[0].level == "ok"
    assert "1 orders" in found[0].found
    assert "a@b" not in str(found)
