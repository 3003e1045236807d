"""A sandbox that behaves like Amazon's Selling Partner API, over the simulated merchant.

One server answers for all regions: Login with Amazon under `/auth/o2/token`, and the operations that the connector
uses, with their usage plans. What it answers is checked against Amazon's own models in the tests.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.amazon.answers import Refused, refused
from sandbox.amazon.catalog import Catalog
from sandbox.amazon.finances import SELLER_ID, Finances
from sandbox.amazon.inventory import Inventory
from sandbox.amazon.marketplaces import JP, MARKETPLACES, UK, Marketplace
from sandbox.amazon.merchant import Merchant
from sandbox.amazon.orders import Orders
from sandbox.amazon.postings import Book
from sandbox.amazon.rates import USAGE_PLANS, Limits, Rate
from sandbox.amazon.reports import Reports
from sandbox.amazon.tokens import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, Tokens
from sandbox.serving import Documents, Faults, SandboxClock, application
from sandbox.world import World

__all__ = [
    "CLIENT_ID",
    "CLIENT_SECRET",
    "JP",
    "MARKETPLACES",
    "REFRESH_TOKEN",
    "SELLER_ID",
    "UK",
    "USAGE_PLANS",
    "Marketplace",
    "Rate",
    "app",
]

_Answering = Callable[[Request], Awaitable[Response]]


def app(
    world: World,
    clock: SandboxClock,
    faults: Faults,
    *,
    rates: Mapping[str, Rate] | None = None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Starlette:
    """The server.

    Args:
        world: The simulated merchant.
        clock: The merchant's clock: what is later than it has not happened; tokens and addresses expire by it.
        faults: What goes wrong.
        rates: Usage plans by operation, instead of the documented ones; an operation not named keeps its own.
        monotonic: A source of seconds, by which requests are granted.
    """
    merchant, tokens, documents = Merchant(world), Tokens(clock), Documents(clock)
    book = Book(merchant)
    limits = Limits({**USAGE_PLANS, **(rates or {})}, monotonic)
    orders = Orders(merchant, clock, faults)
    finances = Finances(merchant, book, clock, faults)
    inventory = Inventory(merchant, clock, faults)
    catalog = Catalog(merchant, clock, faults)
    reports = Reports(merchant, book, clock, faults, documents)

    def route(path: str, operation: str, answer: _Answering, method: str = "GET") -> Route:
        return Route(path, _guarded(operation, answer, tokens, limits), methods=[method])

    served = application(
        [
            tokens.route,
            documents.route,
            route("/orders/2026-01-01/orders", "searchOrders", orders.search),
            route("/orders/2026-01-01/orders/{orderId}", "getOrder", orders.get),
            route("/finances/2024-06-19/transactions", "listTransactions", finances.transactions),
            route("/fba/inventory/v1/summaries", "getInventorySummaries", inventory.summaries),
            route("/catalog/2022-04-01/items", "searchCatalogItems", catalog.search),
            route("/catalog/2022-04-01/items/{asin}", "getCatalogItem", catalog.get),
            route("/reports/2021-06-30/reports", "createReport", reports.create, "POST"),
            route("/reports/2021-06-30/reports", "getReports", reports.search),
            route("/reports/2021-06-30/reports/{reportId}", "getReport", reports.get),
            route("/reports/2021-06-30/reports/{reportId}", "cancelReport", reports.cancel, "DELETE"),
            route("/reports/2021-06-30/documents/{reportDocumentId}", "getReportDocument", reports.document),
        ],
        clock=clock,
        faults=faults,
        exception_handlers={Refused: refused},
        monotonic=monotonic,
    )
    served.state.tokens, served.state.reports = tokens, reports
    return served


def _guarded(operation: str, answer: _Answering, tokens: Tokens, limits: Limits) -> _Answering:
    """The operation behind its usage plan and a valid access token."""

    async def guarded(request: Request) -> Response:
        barred = tokens.refusal(request) or limits.refusal(operation)
        if barred is not None:
            return barred
        response = await answer(request)
        response.headers.update(limits.header(operation))
        return response

    return guarded
