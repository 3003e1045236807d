"""Serves the shop over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.serving import Documents, Faults, SandboxClock, application
from sandbox.shopify.access import ALL_SCOPES
from sandbox.shopify.cost import Bucket
from sandbox.shopify.ledger import Ledger
from sandbox.shopify.shop import Shop
from sandbox.world import World

ACCESS_TOKEN = "shpat_sandbox"  # noqa: S105  the sandbox's own, worth nothing elsewhere
API_VERSION = "2026-10"
SUPPORTED = ("2026-01", "2026-04", "2026-07", API_VERSION)
_UNKNOWN_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105


def app(
    world: World,
    clock: SandboxClock,
    faults: Faults,
    *,
    maximum: float = 2000,
    restore_rate: float = 100,
    scopes: Iterable[str] = ALL_SCOPES,
    polls_to_finish: int = 2,
    monotonic: Callable[[], float] = time.monotonic,
) -> Starlette:
    """A server that behaves like a shop's Admin GraphQL API 2026-10; `app.state.shop` is the shop.

    Args:
        world: The merchant.
        clock: The merchant's clock.
        faults: What goes wrong. Semantic faults see the path `/graphql.json#` and the root fields asked for; a bulk
            export that lacks rows sees `/graphql.json#bulk`.
        maximum: Size of the bucket of query costs.
        restore_rate: Points restored in a second.
        scopes: What the app may see.
        polls_to_finish: How often a bulk operation is asked for until it is done.
        monotonic: A source of real seconds.
    """
    documents = Documents(clock, "/bulk")
    bucket = Bucket(maximum, restore_rate, monotonic)
    shop = Shop(
        Ledger(world), clock, faults, documents, bucket, scopes=frozenset(scopes), polls_to_finish=polls_to_finish
    )

    async def graphql(request: Request) -> Response:
        served = _served(request.path_params["version"])
        headers = {"X-Shopify-API-Version": served}
        if request.headers.get("X-Shopify-Access-Token") != ACCESS_TOKEN:
            return JSONResponse({"errors": _UNKNOWN_TOKEN}, status_code=401, headers=headers)
        try:
            body = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"errors": "Bad Request"}, status_code=400, headers=headers)
        address = str(request.base_url).rstrip("/")
        return JSONResponse(await run_in_threadpool(shop.answer, body, address), headers=headers)

    routes = [Route("/admin/api/{version}/graphql.json", graphql, methods=["POST"]), documents.route]
    server = application(routes, clock=clock, faults=faults, monotonic=monotonic)
    server.state.shop = shop
    return server


def _served(version: str) -> str:
    """The version that answers: one that is no longer supported falls forward to the oldest that is."""
    return version if version in SUPPORTED else SUPPORTED[0] if version < SUPPORTED[0] else SUPPORTED[-1]
