"""Every query that can be sent fits Shopify's own schema, and uses nothing that is deprecated."""

from __future__ import annotations

import pytest
from graphql import GraphQLObjectType, parse, validate

from extractors.shopify import queries
from extractors.shopify.options import API_VERSION
from extractors.shopify.resources import KINDS
from sandbox.shopify.bulk import Export
from sandbox.shopify.shop import served_schema
from tests.support import shopify_schema

SHIPPED = dict(queries.shipped())
EXPORTED = [(name, query) for name, query in SHIPPED.items() if query.startswith("{")]


def test_the_schema_is_of_the_version_that_is_asked() -> None:
    assert shopify_schema.API_VERSION == API_VERSION


@pytest.mark.parametrize("name", SHIPPED)
def test_query_fits_the_official_schema(name: str) -> None:
    assert shopify_schema.faults_of(SHIPPED[name]) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_query_fits_the_sandbox(name: str) -> None:
    assert validate(served_schema(), parse(SHIPPED[name])) == []


@pytest.mark.parametrize(("name", "query"), EXPORTED)
def test_bulk_query_keeps_the_rules_of_bulk_operations(name: str, query: str) -> None:
    assert Export(served_schema(), query).faults() == [], name


def test_there_is_an_export_of_each_wide_resource() -> None:
    assert len(EXPORTED) > len(queries.BULKABLE)


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.window_field])
def test_shopify_knows_the_field_that_a_window_is_searched_by(name: str) -> None:
    """A field that it does not know would be left out, and everything given."""
    kind = KINDS[name]
    schema = shopify_schema.official_schema()
    assert schema.query_type is not None
    parent = schema.type_map["ShopifyPaymentsAccount"] if kind.node.within else schema.query_type
    root = "tenderTransactions" if name == "refunds" else kind.node.root
    assert isinstance(parent, GraphQLObjectType)
    documented = parent.fields[root].args["query"].description or ""
    assert f"| {kind.window_field} |" in documented


def test_emails_are_asked_for_only_where_they_may_be() -> None:
    asked = [query for name, query in SHIPPED.items() if "without emails" in name or "emails False" in name]
    assert asked
    assert not any("mail" in query for query in asked)
    assert "email" in queries.ORDERS.pages()
