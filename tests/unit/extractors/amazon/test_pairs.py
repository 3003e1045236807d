"""Amazon's own request and response pairs: the client sends exactly these requests, and every answer is understood.

The pairs are those of `x-amzn-api-sandbox` in the official models; what a request looks like on the wire is read from
the models here, not from our own table of operations.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from extractors.amazon.client import Client
from extractors.amazon.connector import AmazonConnector
from extractors.amazon.errors import IncompleteRequestError, InvalidInputError, NotFoundError
from extractors.amazon.operations import OPERATIONS
from extractors.amazon.resources import Options
from extractors.api.client import Http
from lakehouse.landing import RawFile
from tests.unit.extractors.amazon.official import FOLDER, official_models

_RESOURCE = {
    "searchOrders": "orders",
    "getOrder": "orders",
    "listTransactions": "finances",
    "searchCatalogItems": "catalog",
}


@pytest.fixture(scope="module")
def models(shared_data: Path) -> dict[str, dict[str, Any]]:
    """The official models by path."""
    return official_models(shared_data)


@cache
def _all_pairs(file: Path) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in file.read_text().splitlines())


def _pairs(shared_data: Path, models: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The pairs of the operations that we call, by Amazon's name of the operation."""
    wanted = {(one.method.lower(), one.path): name for name, one in OPERATIONS.items()}
    for pair in _all_pairs(shared_data / FOLDER / "sandbox_examples.jsonl"):
        name = wanted.get((pair["method"], pair["path"]))
        if name is not None:
            operation = models[pair["model"]]["paths"][pair["path"]][pair["method"]]
            assert operation["operationId"] == name
            yield name, pair


def _told(pair: dict[str, Any]) -> dict[str, Any]:
    return {name: one["value"] for name, one in pair["request"].get("parameters", {}).items()}


def _answering(pair: dict[str, Any], seen: list[httpx.Request]) -> Client:
    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(int(pair["status"]), json=pair["response"])

    return Client(Http("https://sp.example", transport=httpx.MockTransport(answer), sleep=lambda _: None))


def _on_the_wire(operation: dict[str, Any], path: str, told: dict[str, Any]) -> tuple[str, dict[str, str], Any]:
    """Path, query and body as the model says that they are sent."""
    places = {one["name"]: one for one in operation["parameters"]}
    query, body = {}, None
    for name, value in told.items():
        place = places[name]["in"]
        if place == "path":
            path = path.replace("{" + name + "}", quote(value, safe=""))
        elif place == "body":
            body = value
        else:
            assert places[name].get("collectionFormat", "csv") == "csv"
            query[name] = ",".join(value) if isinstance(value, list) else str(value)
    return path, query, body


def test_requests_are_those_of_the_pairs(shared_data: Path, models: dict[str, dict[str, Any]]) -> None:
    checked = []
    for name, pair in _pairs(shared_data, models):
        told = _told(pair)
        if re.search(r"\{(\w+)\}", pair["path"]) and not any(
            told.get(one) for one in re.findall(r"\{(\w+)\}", pair["path"])
        ):
            continue
        seen: list[httpx.Request] = []
        try:
            _answering(pair, seen).call(name, **told)
        except (InvalidInputError, NotFoundError):
            assert pair["status"] != "200"
        operation = models[pair["model"]]["paths"][pair["path"]][pair["method"]]
        path, query, body = _on_the_wire(operation, pair["path"], told)
        assert len(seen) == 1
        assert seen[0].method == pair["method"].upper()
        assert seen[0].url.raw_path.decode().partition("?")[0] == path
        assert dict(seen[0].url.params) == query
        assert (json.loads(seen[0].content) if seen[0].content else None) == body
        checked.append(name)
    assert set(checked) == set(OPERATIONS) - {"getInventorySummaries"}  # it has no static pairs
    assert len(checked) == 26


def test_a_number_that_is_empty_is_never_asked_for(shared_data: Path, models: dict[str, dict[str, Any]]) -> None:
    """Amazon answers 400 to some of them; others would list everything, or cancel something else."""
    refused = 0
    for name, pair in _pairs(shared_data, models):
        parts = re.findall(r"\{(\w+)\}", pair["path"])
        if parts and not any(_told(pair).get(one) for one in parts):
            seen: list[httpx.Request] = []
            with pytest.raises(IncompleteRequestError) as error:
                _answering(pair, seen).call(name, **_told(pair))
            assert error.value.action == "fix"
            assert not seen
            assert pair["status"] == "400"
            refused += 1
    assert refused == 2


def test_every_refusal_names_what_amazon_said_and_what_to_do(
    shared_data: Path, models: dict[str, dict[str, Any]]
) -> None:
    refusals = 0
    for name, pair in _pairs(shared_data, models):
        if pair["status"] != "400":
            continue
        told = _told(pair) | {part: "x" for part in re.findall(r"\{(\w+)\}", pair["path"]) if not _told(pair).get(part)}
        with pytest.raises(InvalidInputError) as error:
            _answering(pair, []).call(name, **told)
        assert error.value.action == "fix"
        assert error.value.remedy
        assert pair["response"]["errors"][0]["message"] in error.value.message
        refusals += 1
    assert refusals >= 9


def test_every_answer_is_read_without_quarantine(
    shared_data: Path, models: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    read = []
    for name, pair in _pairs(shared_data, models):
        if pair["status"] not in ("200", "202") or name not in _RESOURCE:
            continue
        body = pair["response"]
        if name == "getOrder":  # one order, landed as searchOrders lands many
            body = {"orders": [body["order"]]}
        parts = [_part(tmp_path, "page-1.json", body)]
        if name == "searchCatalogItems":
            parts.insert(0, _part(tmp_path, "listing-1.json", _listing(body)))
        connector = AmazonConnector(_answering(pair, []), Options(marketplaces=("JP",)))
        for parsing in connector.parse(_RESOURCE[name], parts):
            assert parsing.quarantined.is_empty(), parsing.quarantined["reason"]
            rows = {table: rows.height for table, rows in parsing.tables.items()}
            read.append((name, parsing.received, rows))
    assert len([one for one in read if one[1]]) == 8
    orders = [one for one in read if one[0] in ("searchOrders", "getOrder")]
    assert sum(rows["order_lines"] for _, _, rows in orders) == 7
    assert sum(rows["payments"] for _, _, rows in orders) == 1
    assert sum(rows["fulfilments"] for _, _, rows in orders) == 1


def _part(folder: Path, name: str, body: dict[str, Any]) -> RawFile:
    path = folder / name
    path.write_text(json.dumps(body))
    return RawFile(name, path, {"asked_at": "2025-03-01T00:00:00+00:00", "marketplace": "ATVPDKIKX0DER"})


def _listing(found: dict[str, Any]) -> dict[str, Any]:
    known = [{"asin": one["asin"], "sellerSku": f"SKU-{one['asin']}"} for one in found["items"]]
    return {"payload": {"inventorySummaries": known}}


def test_answers_that_are_no_tables_give_what_is_asked_of_them(
    shared_data: Path, models: dict[str, dict[str, Any]]
) -> None:
    """Reports and sales metrics: numbers stay text, so that an amount never is a float."""
    found = {}
    for name, pair in _pairs(shared_data, models):
        if pair["status"] in ("200", "202") and name not in (*_RESOURCE, "cancelReport"):
            found[name] = _answering(pair, []).json(name, **_told(pair))
    assert found["createReport"] == {"reportId": "ID323"}
    assert found["getReport"]["processingStatus"] == "IN_PROGRESS"
    assert found["getReports"]["reports"][0]["reportId"] == "ReportId1"
    assert found["getReportDocument"]["url"].startswith("https://")
    assert found["getOrderMetrics"]["payload"][0]["totalSales"]["amount"] == "22.95"
    assert found["getOrderMetrics"]["payload"][0]["unitCount"] == "1"
    assert found["getCatalogItem"]["asin"] == "B07N4M94X4"


def test_usage_plans_are_those_that_the_models_document(models: dict[str, dict[str, Any]]) -> None:
    plan = re.compile(r"\|\s*([0-9.]+)\s*\|\s*([0-9]+)\s*\|")
    documented: dict[str, set[tuple[float, int]]] = {}
    for model in models.values():
        for methods in model.get("paths", {}).values():
            for operation in methods.values():
                if isinstance(operation, dict) and operation.get("operationId") in OPERATIONS:
                    found = plan.search(operation["description"])
                    if found:
                        documented.setdefault(operation["operationId"], set()).add((float(found[1]), int(found[2])))
    assert len(documented) == len(OPERATIONS)
    for name, one in OPERATIONS.items():
        assert (one.rate, one.burst) in documented[name], name
