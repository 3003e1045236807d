"""The sandbox serves a part of Shopify's schema, and its answers are what that schema promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    parse,
)
from graphql.language import FieldNode, InlineFragmentNode, OperationDefinitionNode

from extractors.shopify import queries
from sandbox.serving import Faults, SandboxClock
from sandbox.shopify.server import app
from sandbox.shopify.shop import Shop, served_schema
from sandbox.world import WorldSpec, generate
from tests.support import shopify_schema

Json = Any  # whatever an answer holds
_TEXTS = {"DateTime", "Decimal", "Money", "UnsignedInt64", "URL", "HTML", "ID", "String", "BigInt"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    world = generate(tmp_path_factory.mktemp("world"), WorldSpec.tiny())
    server = app(world, SandboxClock(datetime(2026, 3, 1, tzinfo=UTC)), Faults(), maximum=1e9, restore_rate=1e9)
    found: Shop = server.state.shop
    return found


def test_the_sandbox_serves_a_part_of_the_official_schema() -> None:
    official, served = shopify_schema.official_schema(), served_schema()
    strange = [
        problem
        for name, mine in served.type_map.items()
        if not name.startswith("__")
        for problem in _differences(mine, official.type_map.get(name))
    ]
    assert strange == []


def _differences(mine: GraphQLNamedType, theirs: GraphQLNamedType | None) -> Iterator[str]:
    if type(mine) is not type(theirs):
        yield f"{mine.name} is no {type(mine).__name__} at Shopify"
    elif isinstance(mine, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
        yield from (f"{mine.name}.{value}" for value in mine.values.keys() - theirs.values.keys())
    elif isinstance(mine, GraphQLUnionType) and isinstance(theirs, GraphQLUnionType):
        yield from {f"{mine.name} | {one.name}" for one in mine.types} - {
            f"{theirs.name} | {one.name}" for one in theirs.types
        }
    elif isinstance(mine, GraphQLObjectType | GraphQLInterfaceType):
        assert isinstance(theirs, GraphQLObjectType | GraphQLInterfaceType)
        for name, field in mine.fields.items():
            other = theirs.fields.get(name)
            if other is None or str(other.type) != str(field.type):
                yield f"{mine.name}.{name}: {field.type}"
                continue
            told = {key: str(argument.type) for key, argument in other.args.items()}
            yield from (
                f"{mine.name}.{name}({key})" for key, arg in field.args.items() if told.get(key) != str(arg.type)
            )


@pytest.mark.parametrize("node", queries.NODES, ids=lambda node: f"{node.root} of {node.type}")
def test_answers_are_what_the_official_schema_promises(shop: Shop, node: queries.Node) -> None:
    query = node.pages()
    answer = shop.answer({"query": query, "variables": {"first": 3, "query": ""}}, "http://sandbox")
    assert "errors" not in answer
    official = shopify_schema.official_schema()
    assert official.query_type is not None
    (operation,) = (one for one in parse(query).definitions if isinstance(one, OperationDefinitionNode))
    assert list(_broken(official, operation.selection_set, official.query_type, answer["data"], "")) == []


def _broken(
    schema: GraphQLSchema, selections: SelectionSetNode, parent: GraphQLNamedType, value: Json, path: str
) -> Iterator[str]:
    for one in selections.selections:
        if isinstance(one, InlineFragmentNode):
            assert one.type_condition is not None
            target = schema.type_map[one.type_condition.name.value]
            if value.get("__typename", target.name) == target.name:
                yield from _broken(schema, one.selection_set, target, value, path)
        elif isinstance(one, FieldNode) and one.name.value != "__typename":
            assert isinstance(parent, GraphQLObjectType | GraphQLInterfaceType)
            key = one.alias.value if one.alias else one.name.value
            field = parent.fields[one.name.value]
            yield from _wrong(schema, one, field.type, value.get(key), f"{path}.{key}")


def _wrong(schema: GraphQLSchema, node: FieldNode, dtype: Json, value: Json, path: str) -> Iterator[str]:
    if value is None:
        if is_non_null_type(dtype):
            yield f"{path} is null"
        return
    inner = dtype.of_type if is_non_null_type(dtype) else dtype
    if is_list_type(inner):
        for item in value:
            yield from _wrong(schema, node, inner.of_type, item, f"{path}[]")
    elif is_leaf_type(get_named_type(inner)):
        if not _fits(get_named_type(inner), value):
            yield f"{path} is {value!r}, no {inner}"
    else:
        assert node.selection_set is not None
        yield from _broken(schema, node.selection_set, get_named_type(inner), value, path)


def _fits(dtype: GraphQLNamedType, value: Json) -> bool:
    if isinstance(dtype, GraphQLEnumType):
        return value in dtype.values
    if dtype.name == "DateTime":
        return datetime.fromisoformat(value).tzinfo is not None
    if dtype.name in _TEXTS:
        return isinstance(value, str)
    expected = {"Int": int, "Float": float, "Boolean": bool}[dtype.name]
    return isinstance(value, expected) and not (dtype.name == "Int" and isinstance(value, bool))
