"""The shop behaves as Shopify documents it: search, pages, costs, scopes, bulk operations, versions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sandbox.serving import Faults, SandboxClock
from sandbox.shopify import ACCESS_TOKEN, ALL_SCOPES, app
from sandbox.shopify.search import Search
from sandbox.shopify.values import decimal, major, money_text, scaled
from sandbox.world import World, WorldSpec, generate

NOW = datetime(2026, 3, 1, tzinfo=UTC)
_RUN = "mutation($q: String!) { bulkOperationRunQuery(query: $q, groupObjects: false) { %s } }"
_TOLD = "bulkOperation { id status } userErrors { field message code }"
_POLL = "query($id: ID!) { bulkOperation(id: $id) { status url objectCount rootObjectCount errorCode } }"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate(tmp_path_factory.mktemp("world"), WorldSpec.tiny())


def _server(world: World, **more: Any) -> Starlette:  # noqa: ANN401 -- options of the server
    told = {"maximum": 1e6, "restore_rate": 1e6, **more}
    return app(world, SandboxClock(NOW), Faults(), **told)


@pytest.fixture(scope="module")
def client(world: World) -> TestClient:
    return TestClient(_server(world))


def ask(client: TestClient, query: str, *, version: str = "2026-10", **variables: object) -> dict[str, Any]:
    """The answer to a query."""
    headers = {"X-Shopify-Access-Token": ACCESS_TOKEN}
    body = {"query": query, "variables": variables}
    answer = client.post(f"/admin/api/{version}/graphql.json", headers=headers, json=body)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [1, 2, 3]),
        ("updated_at:>='2025-01-02T00:00:00Z'", [2, 3]),
        ("updated_at:>='2025-01-02T00:00:00Z' updated_at:<'2025-01-03T00:00:00Z'", [2]),
        ("updated_at:>='2025-01-02T01:00:00+01:00' AND id:<=2", [2]),
        ("id:1 OR id:3", [1, 3]),
        ("(status:paid OR status:refunded) id:>1", [2]),
        ("status:paid,pending", [1, 3]),
        ("NOT status:paid", [2, 3]),
        ("test:true", [3]),
    ],
)
def test_search(text: str, found: list[int]) -> None:
    rows = pl.DataFrame(
        {
            "id": [1, 2, 3],
            "updated_at": [datetime(2025, 1, day) for day in (1, 2, 3)],  # noqa: DTZ001  naive UTC, as the world's
            "status": ["paid", "refunded", "pending"],
            "test": [False, False, True],
        }
    )
    search = Search(text, rows.schema)
    assert rows.filter(search.condition())["id"].to_list() == found
    assert search.warnings == []


def test_a_filter_that_is_not_known_is_left_out_with_a_warning(client: TestClient) -> None:
    told = ask(client, '{ orders(first: 2, query: "upated_at:>2099-01-01") { nodes { id } } }')
    assert len(told["data"]["orders"]["nodes"]) == 2
    assert told["extensions"]["search"][0]["warnings"][0]["field"] == "upated_at"


def test_pages_hold_every_order_once_in_order(client: TestClient) -> None:
    query = """query($after: String) { orders(first: 40, after: $after, sortKey: UPDATED_AT) {
      edges { cursor node { id updatedAt } } pageInfo { hasNextPage endCursor } } }"""
    seen: list[tuple[str, str]] = []
    after = None
    while True:
        page = ask(client, query, after=after)["data"]["orders"]
        seen += [(edge["node"]["updatedAt"], edge["node"]["id"]) for edge in page["edges"]]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert [at for at, _ in seen] == sorted(at for at, _ in seen)
    assert len(seen) == len({number for _, number in seen}) > 400
    backwards = ask(client, "{ orders(first: 1, sortKey: UPDATED_AT, reverse: true) { nodes { id } } }")
    assert backwards["data"]["orders"]["nodes"][0]["id"] == seen[-1][1]


def test_aliases_fragments_and_variables(client: TestClient) -> None:
    query = """query($n: Int = 1) { a: orders(first: $n) { nodes { ...F __typename } } shop { name } }
      fragment F on Order { number: name ... on Node { id } totalPriceSet { shopMoney { amount } }
      totalPriceSet { presentmentMoney { currencyCode } } }"""
    (order,) = ask(client, query)["data"]["a"]["nodes"]
    assert order["__typename"] == "Order"
    assert set(order["totalPriceSet"]) == {"shopMoney", "presentmentMoney"}
    assert order["number"].startswith("#")


def test_nodes_that_are_not_there_are_null(client: TestClient) -> None:
    told = ask(client, '{ nodes(ids: ["gid://shopify/Order/1", "gid://shopify/Nothing/x"]) { id } }')
    assert told["data"]["nodes"] == [None, None]


def test_a_field_that_does_not_exist_is_an_error(client: TestClient) -> None:
    assert "Cannot query field 'nope'" in ask(client, "{ shop { nope } }")["errors"][0]["message"]
    assert "errors" in ask(client, "{ orders(first: 251) { nodes { id } } }")


def test_an_old_version_falls_forward(client: TestClient) -> None:
    def served(version: str) -> str:
        headers = {"X-Shopify-Access-Token": ACCESS_TOKEN}
        answer = client.post(f"/admin/api/{version}/graphql.json", headers=headers, json={"query": "{shop{name}}"})
        return str(answer.headers["X-Shopify-API-Version"])

    assert [served(one) for one in ("2019-04", "2026-07", "2026-10")] == ["2026-01", "2026-07", "2026-10"]


def test_a_wrong_token_is_refused(client: TestClient) -> None:
    answer = client.post("/admin/api/2026-10/graphql.json", json={"query": "{shop{name}}"})
    assert answer.status_code == 401


def test_costs_are_told_and_a_query_that_costs_too_much_is_refused(client: TestClient) -> None:
    told = ask(client, "{ orders(first: 10) { nodes { id lineItems(first: 5) { nodes { id } } } } }")
    cost = told["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 2 + 10 * (1 + 2 + 5)
    assert cost["actualQueryCost"] <= cost["requestedQueryCost"]
    dear = ask(client, "{ orders(first: 250) { nodes { id lineItems(first: 50) { nodes { id } } } } }")
    assert dear["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


def test_a_query_that_the_bucket_does_not_hold_is_throttled_with_status_200(world: World) -> None:
    seconds = [0.0]
    server = _server(world, maximum=100, restore_rate=10, monotonic=lambda: seconds[0])
    client = TestClient(server)
    query = "{ orders(first: 60) { nodes { id } } }"
    assert "data" in ask(client, query)
    told = ask(client, query)
    assert told["errors"][0]["extensions"]["code"] == "THROTTLED"
    missing = 62 - told["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"]
    seconds[0] += missing / 10
    assert "data" in ask(client, query)


def test_a_scope_that_is_missing_denies_access(world: World) -> None:
    client = TestClient(_server(world, scopes=set(ALL_SCOPES) - {"read_customers"}))
    told = ask(client, "{ customers(first: 1) { nodes { id } } }")
    assert told["data"] is None
    assert told["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("{ products { nodes { id } } }", "must select their contents using 'edges' > 'node'"),
        ('{ node(id: "gid://shopify/Product/0") { id } }', "top level `node` field"),
        ("{ shop { name } }", "at least one connection"),
        ("{ products { edges { node { title variants { edges { node { id } } } } } } }", "without 'id': products"),
        (
            "{ orders { edges { node { id refunds { refundLineItems(first: 5) { edges { node { id } } } } } } } }",
            "connection field within a list field",
        ),
        ("mutation { bulkOperationCancel(id: 1) { userErrors { message } } }", "Only `query` operations"),
        ("", "Invalid bulk query"),
        ("{ orders { edges { node { nope } } } }", "Cannot query field"),
    ],
)
def test_bulk_queries_have_rules(client: TestClient, query: str, words: str) -> None:
    told = ask(client, _RUN % _TOLD, q=query)["data"]["bulkOperationRunQuery"]
    assert told["bulkOperation"] is None
    assert words in told["userErrors"][0]["message"]
    assert told["userErrors"][0]["code"] == "INVALID"


def _exported(client: TestClient, query: str) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    run = ask(client, _RUN % _TOLD, q=query)["data"]["bulkOperationRunQuery"]
    assert run["userErrors"] == []
    assert run["bulkOperation"]["status"] == "CREATED"
    states = [ask(client, _POLL, id=run["bulkOperation"]["id"])["data"]["bulkOperation"] for _ in range(2)]
    assert [one["status"] for one in states] == ["RUNNING", "COMPLETED"]
    if states[-1]["url"] is None:
        return states[-1], []
    text = client.get(states[-1]["url"]).text
    return states[-1], [json.loads(line) for line in text.splitlines()]


def test_an_export_holds_children_anywhere_and_says_whose_they_are(client: TestClient) -> None:
    told, lines = _exported(client, "{ orders { edges { node { id lineItems { edges { node { id sku } } } } } } }")
    roots = {line["id"] for line in lines if "__parentId" not in line}
    children = [line for line in lines if "__parentId" in line]
    assert (int(told["objectCount"]), int(told["rootObjectCount"])) == (len(lines), len(roots))
    assert {child["__parentId"] for child in children} <= roots
    assert any("__parentId" in line for line in lines[:5])
    first = {number: place for place, number in reversed(list(enumerate(line["id"] for line in lines)))}
    assert any(place < first[child["__parentId"]] for place, child in enumerate(lines) if "__parentId" in child)


def test_an_empty_export_has_no_file(client: TestClient) -> None:
    told, _ = _exported(client, "{ orders(query: \"updated_at:>'2099-01-01'\") { edges { node { id } } } }")
    assert (told["url"], told["objectCount"]) == (None, "0")


def test_five_operations_at_once(world: World) -> None:
    client = TestClient(_server(world, polls_to_finish=99))
    query = "{ customers { edges { node { id } } } }"
    told = [ask(client, _RUN % _TOLD, q=query)["data"]["bulkOperationRunQuery"] for _ in range(6)]
    assert [one["bulkOperation"] is None for one in told] == [False] * 5 + [True]
    assert told[-1]["userErrors"][0]["code"] == "OPERATION_IN_PROGRESS"
    cancel = "mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } } }"
    first = told[0]["bulkOperation"]["id"]
    assert ask(client, cancel, id=first)["data"]["bulkOperationCancel"]["bulkOperation"]["status"] == "CANCELING"
    assert ask(client, _POLL, id=first)["data"]["bulkOperation"]["status"] == "CANCELED"


def test_an_export_expires_after_seven_days(world: World) -> None:
    server = _server(world)
    client = TestClient(server)
    told, _ = _exported(client, "{ locations { edges { node { id } } } }")
    server.state.clock.advance(timedelta(days=8))
    assert client.get(told["url"]).status_code == 403


def test_time_moves_orders_on(world: World) -> None:
    server = _server(world)
    client = TestClient(server)
    seen = []
    for day in (20, 40, 60, 130):
        server.state.clock.set(datetime(2025, 10, 16, tzinfo=UTC) + timedelta(days=day))
        told = ask(client, "{ ordersCount { count } orders(first: 1) { nodes { updatedAt } } }")["data"]
        seen.append(told["ordersCount"]["count"])
    assert seen == sorted(seen)
    assert seen[0] < seen[-1]


def test_money_as_shopify_writes_it() -> None:
    assert [decimal(major(one, "GBP")) for one in (880, 700, 1, 0, -1250)] == ["8.8", "7.0", "0.01", "0.0", "-12.5"]
    assert decimal(major(1000, "JPY")) == "1000.0"
    assert money_text(880, "GBP") == "8.80"
    assert [scaled(10, 1, 3), scaled(5, 1, 2), scaled(0, 1, 2)] == [3, 3, 0]
