"""Answers a GraphQL selection from documents: dicts that hold every field a type has.

A selection is compiled once into closures, then applied to any number of documents, which is what makes an export
of thousands of orders a matter of seconds. In a document a value may be a callable: it is called with the field's
arguments. A connection's value is the list of its nodes, or something that has `page`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)
from graphql.execution.values import VariableValues, get_argument_values
from graphql.type import get_nullable_type

Value = Any  # whatever GraphQL and JSON hold
Document = dict[str, Any]
Reader = Callable[[Document], Any]
Arguments = dict[str, Any]
LARGEST_PAGE = 250


class BadRequestError(Exception):
    """What the query asks for can't be had; becomes an entry of the answer's `errors`."""

    def __init__(self, message: str, code: str, **more: object) -> None:
        super().__init__(message)
        self.error: Document = {"message": message, "extensions": {"code": code, **more}}


@dataclass(frozen=True)
class Page:
    """One page of a connection.

    Attributes:
        rows: Cursors and documents.
        has_next: Whether more follow.
        has_previous: Whether some came before.
    """

    rows: Sequence[tuple[str, Document]]
    has_next: bool
    has_previous: bool


class Pages(Protocol):
    """A connection that finds its own pages."""

    def page(self, arguments: Arguments) -> Page:
        """The page that the arguments ask for."""


@dataclass(frozen=True)
class Selected:
    """A field of a selection, resolved: what it is called in the answer, where it is declared, its arguments."""

    node: FieldNode
    definition: GraphQLField
    arguments: Arguments

    @property
    def name(self) -> str:
        """Its name in the schema."""
        return self.node.name.value

    @property
    def key(self) -> str:
        """Its name in the answer."""
        return self.node.alias.value if self.node.alias else self.name

    @cached_property
    def type(self) -> GraphQLNamedType:
        """What it returns, without lists and exclamation marks."""
        return get_named_type(self.definition.type)

    @property
    def is_connection(self) -> bool:
        """Whether it is paged."""
        return self.type.name.endswith("Connection")

    @property
    def is_list(self) -> bool:
        """Whether it is a plain list."""
        return is_list_type(get_nullable_type(self.definition.type))

    @property
    def selections(self) -> SelectionSetNode:
        """What is asked of it."""
        return cast("SelectionSetNode", self.node.selection_set)

    @property
    def object_type(self) -> GraphQLObjectType:
        """What it returns, where that is known to be an object type."""
        return cast("GraphQLObjectType", self.type)


@dataclass(frozen=True)
class Projection:
    """Compiles selections of one request.

    Attributes:
        schema: What the server serves.
        fragments: The request's named fragments.
        variables: Its variables, coerced.
        skips_connections: Whether connections are left out, as in the lines of a bulk export.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode] = field(default_factory=dict)
    variables: VariableValues | None = None
    skips_connections: bool = False

    def fields(self, selections: SelectionSetNode, parent: GraphQLObjectType) -> list[Selected]:
        """The fields that are asked of an object of that very type, fragments unfolded."""
        found: list[Selected] = []
        for one in selections.selections:
            if isinstance(one, FieldNode):
                if one.name.value != "__typename":
                    definition = parent.fields[one.name.value]
                    found.append(Selected(one, definition, get_argument_values(definition, one, self.variables)))
                continue
            fragment = (
                self.fragments[one.name.value]
                if isinstance(one, FragmentSpreadNode)
                else cast("InlineFragmentNode", one)
            )
            condition = fragment.type_condition
            if condition is None or self._applies(condition.name.value, parent):
                found.extend(self.fields(fragment.selection_set, parent))
        return found

    def reader(self, selections: SelectionSetNode, parent: GraphQLNamedType) -> Reader:
        """What makes an answer of a document of that type (or of one of its types, where it is abstract)."""
        if not is_abstract_type(parent):
            return self._object(selections, cast("GraphQLObjectType", parent))
        readers: dict[str, Reader] = {}

        def read(document: Document) -> Value:
            name = document["__typename"]
            if name not in readers:
                readers[name] = self._object(selections, cast("GraphQLObjectType", self.schema.type_map[name]))
            return readers[name](document)

        return read

    def _applies(self, condition: str, parent: GraphQLObjectType) -> bool:
        target = self.schema.type_map[condition]
        return target is parent or (is_abstract_type(target) and self.schema.is_sub_type(target, parent))

    def _object(self, selections: SelectionSetNode, parent: GraphQLObjectType) -> Reader:
        fields = [one for one in self.fields(selections, parent) if not (self.skips_connections and one.is_connection)]
        readers: dict[str, Reader] = {}
        for one in fields:
            # Two selections of one field are merged where both ask for an object, as GraphQL has it.
            reader = self._field(one)
            readers[one.key] = _both(readers[one.key], reader) if one.key in readers else reader
        names = _typename_keys(selections)
        pairs = list(readers.items())

        def read(document: Document) -> Value:
            answer = {key: reader(document) for key, reader in pairs}
            for key in names:
                answer[key] = parent.name
            return answer

        return read

    def _field(self, one: Selected) -> Reader:
        if is_leaf_type(one.type):
            return _leaf(one)
        if one.is_connection:
            return self._connection(one)
        inner = self.reader(one.selections, one.type)
        first = one.arguments.get("first")

        def read(document: Document) -> Value:
            value = _value(document, one)
            if value is None:
                return None
            if isinstance(value, list):
                return [None if item is None else inner(item) for item in value[:first]]
            return inner(value)

        return read

    def _connection(self, one: Selected) -> Reader:
        _check_page(one)
        asked = {part.name: part for part in self.fields(one.selections, one.object_type)}
        node_of = self._nodes_reader(asked)
        keys = [(part.key, name, _page_info_keys(part)) for name, part in asked.items()]

        def read(document: Document) -> Value:
            page = _page_of(_value(document, one), one.arguments)
            answer: Document = {}
            for key, name, inner in keys:
                if name == "pageInfo":
                    facts = _page_info(page)
                    answer[key] = {alias: facts[fact] for alias, fact in inner}
                else:
                    answer[key] = [node_of[name](row) for row in page.rows]
            return answer

        return read

    def _nodes_reader(self, asked: Mapping[str, Selected]) -> dict[str, Callable[[tuple[str, Document]], Any]]:
        readers: dict[str, Callable[[tuple[str, Document]], Any]] = {}
        if "nodes" in asked:
            nodes = self.reader(asked["nodes"].selections, asked["nodes"].type)
            readers["nodes"] = lambda row: nodes(row[1])
        if "edges" in asked:
            edges = asked["edges"]
            parts: list[tuple[str, Callable[[tuple[str, Document]], Any]]] = []
            for part in self.fields(edges.selections, edges.object_type):
                if part.name == "cursor":
                    parts.append((part.key, lambda row: row[0]))
                else:
                    node = self.reader(part.selections, part.type)
                    parts.append((part.key, lambda row, node=node: node(row[1])))  # type: ignore[misc]
            readers["edges"] = lambda row: {key: read(row) for key, read in parts}
        return readers


def cursor_of(*parts: object) -> str:
    """An opaque cursor."""
    return base64.b64encode(json.dumps(parts).encode()).decode()


def place_of(cursor: str) -> list[Any]:
    """What `cursor_of` wrote.

    Raises:
        BadRequestError: If it did not write this.
    """
    try:
        found: list[Any] = json.loads(base64.b64decode(cursor, validate=True))
    except ValueError:
        raise BadRequestError("Invalid cursor for current pagination sort.", "INVALID_CURSOR") from None
    return found


def _leaf(one: Selected) -> Reader:
    name, arguments = one.name, one.arguments

    def read(document: Document) -> Value:
        value = document.get(name)
        return value(arguments) if callable(value) else value

    return read


def _value(document: Document, one: Selected) -> Value:
    value = document.get(one.name)
    return value(one.arguments) if callable(value) else value


def _both(left: Reader, right: Reader) -> Reader:
    def read(document: Document) -> Value:
        return _merged(left(document), right(document))

    return read


def _merged(left: Value, right: Value) -> Value:
    if isinstance(left, dict) and isinstance(right, dict):
        return left | {key: _merged(left[key], value) if key in left else value for key, value in right.items()}
    if isinstance(left, list) and isinstance(right, list):
        return [_merged(one, other) for one, other in zip(left, right, strict=True)]
    return right


def _typename_keys(selections: SelectionSetNode) -> list[str]:
    return [
        one.alias.value if one.alias else one.name.value
        for one in selections.selections
        if isinstance(one, FieldNode) and one.name.value == "__typename"
    ]


def _check_page(one: Selected) -> None:
    asked = one.arguments.get("first") or one.arguments.get("last")
    if asked is not None and not 0 <= asked <= LARGEST_PAGE:
        raise GraphQLError(f"Argument 'first' on Field '{one.name}' has an invalid value ({asked}).", one.node)


def _page_of(value: Value, arguments: Arguments) -> Page:
    if not isinstance(value, list):
        page: Page = value.page(arguments)
        return page
    rows = [(cursor_of(number), node) for number, node in enumerate(value)]
    if arguments.get("reverse"):
        rows.reverse()
    after = arguments.get("after")
    start = next((i + 1 for i, (cursor, _) in enumerate(rows) if cursor == after), None) if after else 0
    if start is None:
        raise BadRequestError("Invalid cursor for current pagination sort.", "INVALID_CURSOR")
    first = arguments.get("first")
    end = len(rows) if first is None else start + first
    return Page(rows[start:end], end < len(rows), start > 0)


def _page_info(page: Page) -> Document:
    return {
        "hasNextPage": page.has_next,
        "hasPreviousPage": page.has_previous,
        "startCursor": page.rows[0][0] if page.rows else None,
        "endCursor": page.rows[-1][0] if page.rows else None,
    }


def _page_info_keys(part: Selected) -> list[tuple[str, str]]:
    if part.name != "pageInfo":
        return []
    fields = [one for one in part.selections.selections if isinstance(one, FieldNode)]
    return [(one.alias.value if one.alias else one.name.value, one.name.value) for one in fields]
