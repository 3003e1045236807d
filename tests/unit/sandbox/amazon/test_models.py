"""What the sandbox answers is what Amazon's own models say that Amazon answers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from starlette.testclient import TestClient

from sandbox import amazon
from sandbox.serving import Faults, SandboxClock
from sandbox.world import WorldSpec, generate
from tests.unit.extractors.amazon.official import official_models, problems

_NOW = datetime(2025, 12, 10, 12, tzinfo=UTC)
_FREE = {name: amazon.Rate(1e6, 10**6) for name in amazon.USAGE_PLANS}
_ORDERS = "models/orders-api-model/orders_2026-01-01.json"
_REPORTS = "models/reports-api-model/reports_2021-06-30.json"
_SEARCH = "/orders/2026-01-01/orders"
_SINCE = {"lastUpdatedAfter": "2025-10-01T00:00:00Z"}
_EVERYTHING = "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT"


@pytest.fixture(scope="module")
def models(shared_data: Path) -> dict[str, dict[str, Any]]:
    return official_models(shared_data)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    world = generate(tmp_path_factory.mktemp("amazon-models"), WorldSpec.tiny())
    app = amazon.app(world, SandboxClock(_NOW), Faults(), rates=_FREE)
    with TestClient(app) as one:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": amazon.REFRESH_TOKEN,
            "client_id": amazon.CLIENT_ID,
            "client_secret": amazon.CLIENT_SECRET,
        }
        one.headers["x-amz-access-token"] = one.post("/auth/o2/token", data=form).json()["access_token"]
        yield one


def _get(client: TestClient, path: str, **params: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_orders(client: TestClient, models: dict[str, dict[str, Any]]) -> None:
    page = _get(client, "/orders/2026-01-01/orders", lastUpdatedAfter="2025-10-01T00:00:00Z", includedData=_EVERYTHING)
    assert len(page["orders"]) == 100
    some = {**page, "orders": page["orders"][:25]}
    assert problems(models[_ORDERS], "SearchOrdersResponse", some) == []
    statuses = {one["fulfillment"]["fulfillmentStatus"] for one in page["orders"]}
    assert "SHIPPED" in statuses
    number = page["orders"][0]["orderId"]
    one = _get(client, f"/orders/2026-01-01/orders/{number}", includedData=_EVERYTHING)
    assert problems(models[_ORDERS], "GetOrderResponse", one) == []
    assert one["order"] == page["orders"][0]


def test_transactions(client: TestClient, models: dict[str, dict[str, Any]]) -> None:
    answer = _get(client, "/finances/2024-06-19/transactions", postedAfter="2025-10-01T00:00:00Z")
    model = models["models/finances-api-model/finances_2024-06-19.json"]
    every = answer["payload"].pop("transactions")
    kinds = {one["transactionType"]: one for one in every}
    assert kinds.keys() == {"Shipment", "Refund", "ServiceFee"}
    bare = next(one for one in every if not one["items"])
    some = [*every[:20], *kinds.values(), bare]
    assert problems(model, "ListTransactionsResponse", {"payload": {**answer["payload"], "transactions": some}}) == []


def test_stock(client: TestClient, models: dict[str, dict[str, Any]]) -> None:
    answer = _get(
        client,
        "/fba/inventory/v1/summaries",
        details="true",
        granularityType="Marketplace",
        granularityId=amazon.UK.id,
        marketplaceIds=amazon.UK.id,
    )
    assert (
        problems(models["models/fba-inventory-api-model/fbaInventory.json"], "GetInventorySummariesResponse", answer)
        == []
    )
    assert answer["payload"]["inventorySummaries"]


def test_catalogue(client: TestClient, models: dict[str, dict[str, Any]]) -> None:
    stock = _get(
        client,
        "/fba/inventory/v1/summaries",
        granularityType="Marketplace",
        granularityId=amazon.UK.id,
        marketplaceIds=amazon.UK.id,
    )
    asins = [one["asin"] for one in stock["payload"]["inventorySummaries"][:20]]
    data = "summaries,identifiers,classifications,dimensions,relationships,attributes"
    answer = _get(
        client,
        "/catalog/2022-04-01/items",
        identifiers=",".join(asins),
        identifiersType="ASIN",
        marketplaceIds=amazon.UK.id,
        includedData=data,
        pageSize="20",
    )
    model = models["models/catalog-items-api-model/catalogItems_2022-04-01.json"]
    assert [one for one in problems(model, "ItemSearchResults", answer) if "refinements" not in one] == []
    assert len(answer["items"]) == len(asins)
    one = _get(client, f"/catalog/2022-04-01/items/{asins[0]}", marketplaceIds=amazon.UK.id, includedData=data)
    assert problems(model, "Item", one) == []


def test_reports(client: TestClient, models: dict[str, dict[str, Any]]) -> None:
    model = models[_REPORTS]
    body = {
        "reportType": "GET_SALES_AND_TRAFFIC_REPORT",
        "marketplaceIds": [amazon.UK.id],
        "dataStartTime": "2025-11-28",
        "dataEndTime": "2025-11-28",
        "reportOptions": {"dateGranularity": "DAY", "asinGranularity": "SKU"},
    }
    made = client.post("/reports/2021-06-30/reports", json=body)
    assert made.status_code == 202
    assert problems(model, "CreateReportResponse", made.json()) == []
    stages: list[dict[str, Any]] = []
    while not stages or stages[-1]["processingStatus"] in ("IN_QUEUE", "IN_PROGRESS"):
        stages.append(_get(client, f"/reports/2021-06-30/reports/{made.json()['reportId']}"))
        assert problems(model, "Report", stages[-1]) == []
    assert [one["processingStatus"] for one in stages] == ["IN_QUEUE", "IN_PROGRESS", "DONE"]
    document = _get(client, f"/reports/2021-06-30/documents/{stages[-1]['reportDocumentId']}")
    assert problems(model, "ReportDocument", document) == []
    body = client.get(document["url"]).content
    report = json.loads(gzip.decompress(body) if "compressionAlgorithm" in document else body)
    jsonschema.validate(report, models["schemas/reports/sellerSalesAndTrafficReport.json"])
    assert report["salesAndTrafficByAsin"]
    listed = _get(
        client, "/reports/2021-06-30/reports", reportTypes="GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", pageSize="2"
    )
    assert problems(model, "GetReportsResponse", listed) == []
    assert "nextToken" in listed


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (_SEARCH, {}),
        (_SEARCH, {"lastUpdatedAfter": "2025-10-01T00:00:00+09:00"}),
        (_SEARCH, _SINCE | {"lastUpdatedBefore": "2025-12-10T11:59:30Z"}),
        (_SEARCH, _SINCE | {"createdBefore": "2025-11-10T11:59:30Z"}),
        (_SEARCH, _SINCE | {"maxResultsPerPage": "101"}),
        ("/finances/2024-06-19/transactions", {"postedBefore": "2025-11-10T11:59:30Z"}),
        ("/fba/inventory/v1/summaries", {"granularityType": "Marketplace"}),
        ("/catalog/2022-04-01/items", {"marketplaceIds": "nowhere"}),
        ("/reports/2021-06-30/reports", {"reportTypes": "A", "processingStatuses": "BAD_VALUE"}),
    ],
)
def test_wrong_requests_are_refused_as_amazon_refuses_them(
    client: TestClient, models: dict[str, dict[str, Any]], path: str, params: dict[str, str]
) -> None:
    answer = client.get(path, params=params)
    assert answer.status_code == 400
    assert problems(models[_ORDERS], "ErrorList", answer.json()) == []


def test_without_a_token_nothing_is_told(client: TestClient) -> None:
    answer = client.get("/orders/2026-01-01/orders", headers={"x-amz-access-token": "Atza|made-up"})
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "Unauthorized"


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"client_secret": "x"}, 401, "invalid_client"),
        ({"refresh_token": "x"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_wrong_credentials_give_no_token(client: TestClient, wrong: dict[str, str], status: int, error: str) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": amazon.REFRESH_TOKEN,
        "client_id": amazon.CLIENT_ID,
        "client_secret": amazon.CLIENT_SECRET,
    }
    answer = client.post("/auth/o2/token", data=form | wrong)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
