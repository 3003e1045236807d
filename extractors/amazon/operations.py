"""The operations that are called, with the usage plans that Amazon documents for them.

The numbers are those of the official models (https://github.com/amzn/selling-partner-api-models), which a test
compares with these; a seller may have been granted more, which the header `x-amzn-RateLimit-Limit` tells.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from extractors.amazon.errors import IncompleteRequestError

_PLACE: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Operation:
    """One operation.

    Attributes:
        name: Amazon's `operationId`.
        method: GET, POST or DELETE.
        path: Its path, with places for parameters.
        rate: Requests a second that are granted anew.
        burst: Requests that can be saved up.
        role: The role that an application needs for it, in Amazon's words.
    """

    name: str
    method: str
    path: str
    rate: float
    burst: int
    role: str


@dataclass(frozen=True)
class Ask:
    """A request, ready to be sent: `params` are strings, lists joined by commas."""

    method: str
    path: str
    params: Mapping[str, str]
    body: Mapping[str, Any] | None


_ORDERS = "/orders/2026-01-01/orders"
_REPORTS = "/reports/2021-06-30"
_CATALOG = "/catalog/2022-04-01/items"
_TRACKING: Final = "Inventory and Order Tracking"

OPERATIONS: Final[Mapping[str, Operation]] = {
    one.name: one
    for one in (
        Operation("searchOrders", "GET", _ORDERS, 0.0056, 20, _TRACKING),
        Operation("getOrder", "GET", _ORDERS + "/{orderId}", 0.5, 30, _TRACKING),
        Operation("createReport", "POST", _REPORTS + "/reports", 0.0167, 15, _TRACKING),
        Operation("getReports", "GET", _REPORTS + "/reports", 0.0222, 10, _TRACKING),
        Operation("getReport", "GET", _REPORTS + "/reports/{reportId}", 2, 15, _TRACKING),
        Operation("cancelReport", "DELETE", _REPORTS + "/reports/{reportId}", 0.0222, 10, _TRACKING),
        Operation("getReportDocument", "GET", _REPORTS + "/documents/{reportDocumentId}", 0.0167, 15, _TRACKING),
        Operation("getInventorySummaries", "GET", "/fba/inventory/v1/summaries", 2, 2, "Amazon Fulfillment"),
        Operation("searchCatalogItems", "GET", _CATALOG, 2, 2, "Product Listing"),
        Operation("getCatalogItem", "GET", _CATALOG + "/{asin}", 2, 2, "Product Listing"),
        Operation("listTransactions", "GET", "/finances/2024-06-19/transactions", 0.5, 10, "Finance and Accounting"),
        Operation("getOrderMetrics", "GET", "/sales/v1/orderMetrics", 0.5, 15, "Selling Partner Insights"),
    )
}


def ask(operation: Operation, parameters: Mapping[str, Any]) -> Ask:
    """The request for an operation.

    Args:
        operation: Which one.
        parameters: Its parameters by Amazon's names; `body` for the body. Those that are None are left out.

    Raises:
        IncompleteRequestError: If a parameter of the path is missing or empty: the path would name something else.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    body = given.pop("body", None)

    def fill(place: re.Match[str]) -> str:
        value = given.pop(place.group(1), "")
        if not value:
            raise IncompleteRequestError(
                f"{operation.name} needs {place.group(1)}, which is empty.",
                remedy="Nothing was sent; correct the number that was asked for.",
            )
        return quote(str(value), safe="")

    path = _PLACE.sub(fill, operation.path)
    return Ask(operation.method, path, {name: _text(value) for name, value in given.items()}, body)


def _text(value: object) -> str:
    """A query parameter: lists are comma-separated (`collectionFormat: csv`), booleans in lower case."""
    if isinstance(value, list | tuple):
        return ",".join(map(_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
