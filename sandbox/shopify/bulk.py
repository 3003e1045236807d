"""Bulk operations: exports that run beside everything else and end in a file of JSON Lines.

Rules and messages as Shopify's: at most five connections, two levels of nesting, `edges { node {` only, an `id` on
every parent, no connection within a list. Children are told apart by `__parentId` and stand anywhere in the file.
https://shopify.dev/docs/api/usage/bulk-operations/queries
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    is_abstract_type,
    parse,
    validate,
)

from sandbox.shopify.projection import Document, Projection, Reader, Selected, Value
from sandbox.shopify.values import gid, instant

MOST_AT_ONCE = 5
LIFETIME = timedelta(days=7)
_MOST_CONNECTIONS = 5
_DEEPEST = 2
_OVER = frozenset({"COMPLETED", "FAILED", "CANCELED", "EXPIRED"})


@dataclass
class Operation:
    """One bulk operation.

    Attributes:
        number: Its number.
        query: What it exports.
        created_at: When it was asked for, naive UTC.
        outcome: How it ends.
        status: How it stands.
        polls: How often it was asked for since.
    """

    number: int
    query: str
    created_at: datetime
    outcome: str = "COMPLETED"
    status: str = "CREATED"
    polls: int = 0
    objects: int = 0
    roots: int = 0
    size: int | None = None
    url: str | None = None
    partial_url: str | None = None
    completed_at: datetime | None = None
    error_code: str | None = None
    work: Callable[[Operation], None] = field(default=lambda _: None, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether it will not change any more."""
        return self.status in _OVER

    def poll(self, polls_to_finish: int) -> None:
        """Goes on by one step."""
        self.polls += 1
        if self.status == "CANCELING":
            self.status = "CANCELED"
        elif not self.is_over:
            self.status = "RUNNING"
            if self.polls >= polls_to_finish:
                self.work(self)

    def document(self) -> Document:
        """As Shopify writes it."""
        return {
            "__typename": "BulkOperation",
            "id": gid("BulkOperation", self.number),
            "status": self.status,
            "type": "QUERY",
            "errorCode": self.error_code,
            "createdAt": instant(self.created_at),
            "completedAt": instant(self.completed_at),
            "objectCount": str(self.objects),
            "rootObjectCount": str(self.roots),
            "fileSize": None if self.size is None else str(self.size),
            "url": self.url,
            "partialDataUrl": self.partial_url,
            "query": self.query,
        }


@dataclass(frozen=True)
class Export:
    """A query that may be exported.

    Attributes:
        schema: What the server serves.
        query: The query's text.
    """

    schema: GraphQLSchema
    query: str

    def faults(self) -> list[str]:
        """What speaks against it, in Shopify's words."""
        try:
            document = parse(self.query)
        except GraphQLError as error:
            return [f"Invalid bulk query: {error.message}"]
        operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
        if operation.operation.value != "query":
            return ["Invalid operation type. Only `query` operations are supported."]
        wrong = validate(self.schema, document)
        if wrong:
            return [f"Invalid bulk query: {error.message}" for error in wrong]
        return self._rules(operation.selection_set)

    def parsed(self) -> tuple[Projection, OperationDefinitionNode]:
        """The query, ready to be read."""
        document = parse(self.query)
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
        return Projection(self.schema, fragments, skips_connections=True), operation

    def write(self, root: Document, path: Path, *, keep: Callable[[int], bool]) -> tuple[int, int]:
        """Writes the export; gives how many objects there are, and how many of them stand at the root.

        Args:
            root: The document of the query's root.
            path: The file.
            keep: Whether the line of that number is written; a fault leaves some out.
        """
        roots: list[Document] = []
        children: list[Document] = []
        for line in self._lines(root):
            (children if "__parentId" in line else roots).append(line)
        lines = roots + children
        random.Random(len(lines)).shuffle(lines)  # noqa: S311  no order is promised, so there is none
        with path.open("w") as file:
            for number, line in enumerate(lines):
                if keep(number):
                    file.write(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n")
        return len(lines), len(roots)

    def _lines(self, root: Document) -> Iterator[Document]:
        projection, operation = self.parsed()
        selections = operation.selection_set
        for one in projection.fields(selections, cast("GraphQLObjectType", self.schema.query_type)):
            value = root[one.name]
            nodes = value(one.arguments) if callable(value) else value
            found = nodes.documents(one.arguments) if hasattr(nodes, "documents") else nodes
            yield from _Plan.of(projection, one).lines(found, None)

    def _rules(self, selections: SelectionSetNode) -> list[str]:
        projection, _ = self.parsed()
        census = _Census(projection)
        census.visit(selections, cast("GraphQLObjectType", self.schema.query_type), depth=0, in_list=False)
        return census.faults()


@dataclass
class _Census:
    """What kinds of connections a query has, and where."""

    projection: Projection
    connections: int = 0
    deepest: int = 0
    by_nodes: list[str] = field(default_factory=list)
    without_id: list[str] = field(default_factory=list)
    in_list: bool = False
    at_top: bool = False

    def visit(self, selections: SelectionSetNode, parent: GraphQLObjectType, *, depth: int, in_list: bool) -> None:
        for one in self.projection.fields(selections, parent):
            if one.node.selection_set is None:
                continue
            if depth == 0 and one.name in ("node", "nodes"):
                self.at_top = True
            if one.is_connection:
                self._connection(one, depth, in_list)
                continue
            schema = self.projection.schema
            members = schema.get_possible_types(one.type) if is_abstract_type(one.type) else [one.object_type]
            for member in members:
                self.visit(one.selections, member, depth=depth, in_list=in_list or one.is_list)

    def faults(self) -> list[str]:
        told = []
        if self.by_nodes:
            told.append(
                "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
                "'products { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: "
                + ", ".join(f"'{name}'" for name in self.by_nodes)
                + "."
            )
        if self.at_top:
            told.append("Bulk queries cannot contain a top level `node` field.")
        if self.deepest > _DEEPEST:
            told.append("Bulk queries cannot contain connections with a nesting depth greater than 2.")
        if self.connections > _MOST_CONNECTIONS:
            told.append("Bulk queries cannot contain more than 5 connections.")
        if self.without_id:
            told.append(
                "The parent 'node' field for a nested connection must select the 'id' field without an alias and must "
                f"be of 'ID' return type. Connection fields without 'id': {', '.join(self.without_id)}."
            )
        if self.in_list:
            told.append("Queries that contain a connection field within a list field are not currently supported.")
        if not self.connections:
            told.append("Bulk queries must contain at least one connection.")
        return told

    def _connection(self, one: Selected, depth: int, in_list: bool) -> None:
        self.connections += 1
        self.deepest = max(self.deepest, depth)
        self.in_list |= in_list
        node = _node_of(self.projection, one)
        if node is None:
            self.by_nodes.append(one.name)
            return
        before = self.connections
        self.visit(node.selections, node.object_type, depth=depth + 1, in_list=in_list)
        names = [part.name.value for part in node.selections.selections if isinstance(part, FieldNode)]
        if self.connections > before and "id" not in names:
            self.without_id.append(one.name)


@dataclass(frozen=True)
class _Plan:
    """How a connection's nodes are written, compiled once for all of them."""

    read: Reader
    inner: tuple[tuple[Selected, _Plan], ...]

    @classmethod
    def of(cls, projection: Projection, one: Selected) -> _Plan:
        node = cast("Selected", _node_of(projection, one))
        fields = projection.fields(node.selections, node.object_type)
        inner = tuple((part, cls.of(projection, part)) for part in fields if part.is_connection)
        return cls(projection.reader(node.selections, node.object_type), inner)

    def lines(self, nodes: Value, parent: str | None) -> Iterator[Document]:
        for document in nodes:
            line = self.read(document)
            if parent is not None:
                line["__parentId"] = parent
            yield line
            for part, plan in self.inner:
                value = document[part.name]
                yield from plan.lines(value(part.arguments) if callable(value) else value, document["id"])


def _node_of(projection: Projection, one: Selected) -> Selected | None:
    for part in projection.fields(one.selections, one.object_type):
        if part.name == "edges":
            return next((n for n in projection.fields(part.selections, part.object_type) if n.name == "node"), None)
    return None
