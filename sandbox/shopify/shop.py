"""The Shopify shop: answers GraphQL requests over the merchant's world, and runs bulk operations."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values

from sandbox.serving import Documents, Faults, SandboxClock
from sandbox.shopify import access, cost
from sandbox.shopify.bulk import LIFETIME, MOST_AT_ONCE, Export, Operation
from sandbox.shopify.ledger import Ledger
from sandbox.shopify.projection import LARGEST_PAGE, Arguments, BadRequestError, Document, Projection, Value
from sandbox.shopify.snapshot import Disturbance, Snapshot, Table
from sandbox.shopify.values import gid

_TABLES = {
    "orders": "Order",
    "customers": "Customer",
    "products": "Product",
    "productVariants": "ProductVariant",
    "inventoryItems": "InventoryItem",
    "locations": "Location",
    "discountNodes": "DiscountNode",
    "codeDiscountNodes": "DiscountCodeNode",
    "abandonedCheckouts": "AbandonedCheckout",
    "tenderTransactions": "TenderTransaction",
}
_SINGLES = {
    "order": "Order",
    "customer": "Customer",
    "product": "Product",
    "productVariant": "ProductVariant",
    "inventoryItem": "InventoryItem",
    "location": "Location",
    "discountNode": "DiscountNode",
    "refund": "Refund",
}


@lru_cache
def served_schema() -> GraphQLSchema:
    """The part of Shopify's schema that the sandbox serves."""
    return build_schema(files("sandbox.shopify").joinpath("schema.graphql").read_text("utf-8"))


class Shop:
    """One shop and one app installed in it.

    Args:
        ledger: The merchant's tables.
        clock: The merchant's clock.
        faults: What goes wrong with the data.
        documents: Where exports are offered.
        bucket: What queries are paid from.
        scopes: What the app may see.
        polls_to_finish: How often a bulk operation is asked for until it is done.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: SandboxClock,
        faults: Faults,
        documents: Documents,
        bucket: cost.Bucket,
        *,
        scopes: frozenset[str],
        polls_to_finish: int,
    ) -> None:
        self.bucket = bucket
        self.scopes = scopes
        self.outcomes: list[str] = []
        self.operations: dict[int, Operation] = {}
        self._ledger = ledger
        self._clock = clock
        self._faults = faults
        self._documents = documents
        self._polls_to_finish = polls_to_finish
        self._touched: dict[int, datetime] = {}
        self._snapshot: Snapshot | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-shopify-")
        self._parsed: dict[str, tuple[DocumentNode, list[GraphQLError]]] = {}

    @cached_property
    def schema(self) -> GraphQLSchema:
        """What it serves."""
        return served_schema()

    def answer(self, body: Mapping[str, Any], address: str) -> Document:
        """Answers one request.

        Args:
            body: `query`, `variables` and `operationName`.
            address: The server's own, for the addresses of exports.
        """
        query = body.get("query")
        if not isinstance(query, str):
            return {"errors": [{"message": "Required parameter missing or invalid: query"}]}
        document, wrong = self._read(query)
        if document is None or wrong:
            return {"errors": [error.formatted for error in wrong]}
        operation = _operation(document, body.get("operationName"))
        variables = get_variable_values(
            self.schema, operation.variable_definitions or (), dict(body.get("variables") or {})
        )
        if isinstance(variables, list):
            return {"errors": [error.formatted for error in variables]}
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        return self._paid(Projection(self.schema, fragments, variables), operation, address)

    def _read(self, query: str) -> tuple[DocumentNode | None, list[GraphQLError]]:
        if query not in self._parsed:
            try:
                document = parse(query)
            except GraphQLError as error:
                return None, [error]
            self._parsed[query] = document, validate(self.schema, document)
        return self._parsed[query]

    def _paid(self, projection: Projection, operation: OperationDefinitionNode, address: str) -> Document:
        root = cast("GraphQLObjectType", self.schema.get_root_type(operation.operation))
        most = cost.requested(projection, operation.selection_set, root)
        if most > cost.MOST_PER_QUERY:
            message = f"Query cost is {most}, which exceeds the single query max cost limit ({cost.MOST_PER_QUERY})."
            return _refusal(BadRequestError(message, "MAX_COST_EXCEEDED", cost=most, maxCost=cost.MOST_PER_QUERY))
        if not self.bucket.holds(most):
            told = {"requestedQueryCost": most, "actualQueryCost": None, "throttleStatus": self.bucket.status()}
            return _refusal(BadRequestError("Throttled", "THROTTLED")) | {"extensions": {"cost": told}}
        denied = access.denial(projection, operation, self.scopes)
        if denied is not None:
            self.bucket.take(1)
            answer: Document = {"data": None, "errors": [denied]}
            paid = 1
        else:
            answer, paid = self._carried_out(projection, operation, address)
        spent = {"requestedQueryCost": most, "actualQueryCost": paid, "throttleStatus": self.bucket.status()}
        return answer | {"extensions": {**answer.get("extensions", {}), "cost": spent}}

    def _carried_out(
        self, projection: Projection, operation: OperationDefinitionNode, address: str
    ) -> tuple[Document, int]:
        root = cast("GraphQLObjectType", self.schema.get_root_type(operation.operation))
        names = ",".join(one.name for one in projection.fields(operation.selection_set, root))
        snapshot = self.snapshot(names)
        try:
            reading = projection.reader(operation.selection_set, root)
            data = reading(self._root(snapshot, address))
        except BadRequestError as refused:
            self.bucket.take(1)
            return _refusal(refused), 1
        except GraphQLError as error:
            self.bucket.take(1)
            return {"errors": [error.formatted]}, 1
        paid = cost.actual(projection, operation.selection_set, root, data)
        self.bucket.take(paid)
        answer: Document = {"data": self._retyped(data, names)}
        if snapshot.warnings:
            answer["extensions"] = {"search": [{"path": names.split(","), "warnings": list(snapshot.warnings)}]}
        self._disturb(snapshot, names)
        return answer, paid

    def snapshot(self, names: str = "") -> Snapshot:
        """The shop now; the one before where nothing has changed since."""
        now = self._clock.now().astimezone(UTC).replace(tzinfo=None)
        if self._snapshot is None or self._snapshot.now != now:
            self._snapshot = Snapshot(self._ledger, now, self.scopes, self._touched)
        self._snapshot.warnings.clear()
        strikes = partial(self._faults.strike, path=f"/graphql.json#{names}")
        self._snapshot.disturbance = Disturbance(
            duplicate=strikes("duplicate"), reorder=strikes("reorder"), cursor_expired=strikes("expired_cursor")
        )
        return self._snapshot

    def _disturb(self, snapshot: Snapshot, names: str) -> None:
        """An order changes between two pages: it leaves the place where it was about to be found."""
        path = f"/graphql.json#{names}"
        struck = [kind for kind in ("late_update", "insert_while_paging") if self._faults.strike(kind, path)]
        if not struck or snapshot.orders.is_empty():
            return
        row = snapshot.orders.sort("updated_at").row(-1 if struck[0] == "late_update" else 0, named=True)
        self._touched[row["order_id"]] = snapshot.now
        self._snapshot = None

    def _retyped(self, data: Value, names: str) -> Value:
        """What a change of the schema would do: more fields than were asked for, numbers written as text."""
        path = f"/graphql.json#{names}"
        if self._faults.strike("schema_extra", path):
            data = _rewritten(data, extra=True)
        if self._faults.strike("schema_retype", path):
            data = _rewritten(data, retype=True)
        return data

    def _root(self, snapshot: Snapshot, address: str) -> Document:
        root: Document = {field: partial(_table, snapshot, kind) for field, kind in _TABLES.items()}
        root |= {field: lambda arguments: snapshot.node(arguments.get("id") or "") for field in _SINGLES}
        root["node"] = lambda arguments: snapshot.node(arguments["id"])
        root["nodes"] = partial(_nodes, snapshot)
        root["ordersCount"] = lambda arguments: {
            "count": snapshot.table("Order").found(arguments).height,
            "precision": "EXACT",
        }
        root["shop"] = self._facts()
        root["currentAppInstallation"] = {
            "id": gid("AppInstallation", 1),
            "accessScopes": [{"handle": scope, "description": scope} for scope in sorted(self.scopes)],
        }
        root["shopifyPaymentsAccount"] = {
            "id": gid("ShopifyPaymentsAccount", 1),
            "activated": True,
            "country": self._ledger.shop["country"],
            "defaultCurrency": self._ledger.shop["currency"],
            "payouts": partial(_table, snapshot, "ShopifyPaymentsPayout"),
            "balanceTransactions": partial(_table, snapshot, "ShopifyPaymentsBalanceTransaction"),
        }
        return root | self._bulk_fields(snapshot, address)

    def _facts(self) -> Document:
        row = self._ledger.shop
        return {
            "id": gid("Shop", 1),
            "name": row["name"],
            "email": "owner@northlight-home.example",
            "myshopifyDomain": "northlight-home.myshopify.com",
            "currencyCode": row["currency"],
            "ianaTimezone": row["time_zone"],
            "taxesIncluded": row["taxes_included"],
            "createdAt": "2020-01-01T00:00:00Z",
            "updatedAt": "2020-01-01T00:00:00Z",
        }

    def _bulk_fields(self, snapshot: Snapshot, address: str) -> Document:
        def newest_first() -> list[Document]:
            return [one.document() for one in reversed(self.operations.values())]

        return {
            "bulkOperation": self._polled,
            "bulkOperations": lambda _: newest_first(),
            "currentBulkOperation": lambda _: next(iter(newest_first()), None),
            "bulkOperationRunQuery": lambda arguments: self._run(snapshot, arguments, address),
            "bulkOperationCancel": self._cancelled,
        }

    def _polled(self, arguments: Arguments) -> Document | None:
        number = arguments["id"].rpartition("/")[2]
        operation = self.operations.get(int(number)) if number.isdigit() else None
        if operation is None:
            return None
        operation.poll(self._polls_to_finish)
        return operation.document()

    def _cancelled(self, arguments: Arguments) -> Document:
        operation = self.operations.get(int(arguments["id"].rpartition("/")[2]))
        if operation is None:
            return {
                "bulkOperation": None,
                "userErrors": [{"field": ["id"], "message": "Bulk operation does not exist"}],
            }
        if not operation.is_over:
            operation.status = "CANCELING"
        return {"bulkOperation": operation.document(), "userErrors": []}

    def _run(self, snapshot: Snapshot, arguments: Arguments, address: str) -> Document:
        running = [one for one in self.operations.values() if not one.is_over]
        if len(running) >= MOST_AT_ONCE:
            message = (
                "A bulk query operation for this app and shop is already in progress: "
                f"{gid('BulkOperation', running[0].number)}."
            )
            return _user_error("OPERATION_IN_PROGRESS", message, None)
        export = Export(self.schema, arguments["query"])
        wrong = export.faults()
        if wrong:
            errors = [{"field": ["query"], "message": one, "code": "INVALID"} for one in wrong]
            return {"bulkOperation": None, "userErrors": errors}
        operation = Operation(
            number=1001 + len(self.operations),
            query=arguments["query"],
            created_at=snapshot.now,
            outcome=self.outcomes.pop(0) if self.outcomes else "COMPLETED",
        )
        operation.work = partial(self._export, export, snapshot, address)
        self.operations[operation.number] = operation
        return {"bulkOperation": operation.document(), "userErrors": []}

    def _export(self, export: Export, snapshot: Snapshot, address: str, operation: Operation) -> None:
        operation.completed_at = snapshot.now
        if access.denial(*export.parsed(), self.scopes) is not None:
            operation.status, operation.error_code = "FAILED", "ACCESS_DENIED"
            return
        if operation.outcome in ("CANCELED", "EXPIRED"):
            operation.status = operation.outcome
            return
        path = Path(self._folder.name) / f"bulk-{operation.number}.jsonl"
        short = self._faults.strike("missing_rows", "/graphql.json#bulk")
        failed = operation.outcome == "FAILED"
        operation.error_code = "INTERNAL_SERVER_ERROR" if failed else None
        keep: Callable[[int], bool] = lambda number: not (short or failed) or number % 7 != 3  # noqa: E731
        snapshot.warnings.clear()
        snapshot.disturbance = Disturbance()
        operation.objects, operation.roots = export.write(self._root(snapshot, address), path, keep=keep)
        operation.size = path.stat().st_size
        operation.status = operation.outcome
        if operation.objects:
            url = address + self._documents.put(path, lifetime=LIFETIME, content_type="application/jsonl")
            operation.url, operation.partial_url = (None, url) if failed else (url, None)

    def renewed(self, operation: Operation, lifetime: timedelta, address: str) -> None:
        """Offers an export under another address, which expires at another time."""
        path = Path(self._folder.name) / f"bulk-{operation.number}.jsonl"
        operation.url = address + self._documents.put(path, lifetime=lifetime, content_type="application/jsonl")


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    return next((one for one in operations if name and one.name and one.name.value == name), operations[0])


def _table(snapshot: Snapshot, kind: str, _arguments: Arguments) -> Table:
    return snapshot.table(kind)


def _nodes(snapshot: Snapshot, arguments: Arguments) -> list[Document | None]:
    ids = arguments["ids"]
    if len(ids) > LARGEST_PAGE:
        raise BadRequestError(
            f"The input array size of {len(ids)} is greater than the maximum allowed of 250.", "MAX_INPUT_SIZE_EXCEEDED"
        )
    return [snapshot.node(one) for one in ids]


def _refusal(refused: BadRequestError) -> Document:
    return {"errors": [refused.error]}


def _user_error(code: str, message: str, field: list[str] | None) -> Document:
    return {"bulkOperation": None, "userErrors": [{"field": field, "message": message, "code": code}]}


def _rewritten(data: Value, *, extra: bool = False, retype: bool = False) -> Value:
    if isinstance(data, list):
        return [_rewritten(one, extra=extra, retype=retype) for one in data]
    if isinstance(data, dict):
        inner = {key: _rewritten(value, extra=extra, retype=retype) for key, value in data.items()}
        return inner | {"surprise": "new"} if extra and "id" in inner else inner
    if retype and isinstance(data, int) and not isinstance(data, bool):
        return str(data)
    return data
