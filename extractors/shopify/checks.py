"""Checks a source before anything is extracted from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from extractors.api.connector import Finding
from extractors.api.errors import ApiError
from extractors.shopify import queries
from extractors.shopify.client import Client
from extractors.shopify.options import API_VERSION, ShopifyOptions
from extractors.shopify.resources import RESOURCES


def check(client: Client, options: ShopifyOptions) -> list[Finding]:
    """What was found of the credentials, the scopes, the budget and a sample."""
    try:
        data = client.ask(queries.APP).data
    except ApiError as error:
        return [Finding("bad", "credentials", error.message, error.remedy)]
    shop = data["shop"]
    told = f"{shop['name']}, {shop['currencyCode']}, {shop['ianaTimezone']}, Admin GraphQL {API_VERSION}"
    scopes = granted(data)
    budget = f"{client.meter.available():.0f} points are available now"
    return [
        Finding("ok", "credentials", told),
        *_scopes(scopes, options),
        Finding("ok", "quota", budget),
        _sample(client, options),
    ]


def granted(data: Mapping[str, Any]) -> frozenset[str]:
    """The scopes in an answer to `queries.APP`; who may write may read."""
    handles = {scope["handle"] for scope in data["currentAppInstallation"]["accessScopes"]}
    return frozenset(handles | {f"read_{handle.removeprefix('write_')}" for handle in handles})


def _scopes(scopes: frozenset[str], options: ShopifyOptions) -> list[Finding]:
    found = []
    for name, resource in RESOURCES.items():
        missing = [scope for scope in resource.scopes if scope not in scopes and scope != "read_all_orders"]
        if missing:
            remedy = "Grant the app that scope and install it again, or leave the resource out of the source."
            found.append(Finding("bad", f"scopes of {name}", f"{', '.join(missing)} missing", remedy))
    if "read_all_orders" not in scopes:
        found.append(
            Finding(
                "note" if options.recent_orders_only else "bad",
                "read_all_orders",
                "missing: orders older than 60 days, and refunds of them, cannot be seen",
                "Ask Shopify for that scope; or set the option `recent_orders_only: true` to do without them.",
            )
        )
    return found or [Finding("ok", "scopes", "all that the resources need")]


def _sample(client: Client, options: ShopifyOptions) -> Finding:
    try:
        page = client.ask(queries.ORDERS.pages(emails=options.emails), {"first": 1, "query": "", "after": None})
    except ApiError as error:
        return Finding("bad", "sample", error.message, error.remedy)
    nodes = page.data["orders"]["nodes"]
    if not nodes:
        return Finding("note", "sample", "the shop has no orders that this app can see")
    return Finding("ok", "sample", f"an order changed at {nodes[0]['updatedAt']} could be read whole")
