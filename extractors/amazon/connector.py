"""The connector: which resource is asked how, and read how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from extractors.amazon import (
    fetch,
    parse_finances,
    parse_orders,
    parse_report_orders,
    parse_reports,
    parse_settlement,
    parse_stock,
    parse_traffic,
)
from extractors.amazon.checking import findings
from extractors.amazon.client import Client
from extractors.amazon.fetch_reports import REPORT_TYPES, requested, settlements
from extractors.amazon.resources import RESOURCES, Options
from extractors.api.connector import Finding, Page, Parsing, Request
from lakehouse.landing import RawFile
from lakehouse.sources import LoadMode

_ASKED: Final[Mapping[str, Callable[[Client, Request, Options], Iterator[Page]]]] = {
    "orders": fetch.orders,
    "finances": fetch.finances,
    "inventory": fetch.inventory,
    "catalog": fetch.catalog,
    "settlements": settlements,
}


_Reading = Callable[[Iterable[RawFile]], Iterator[Parsing]]


def _singly(
    parse: Callable[[RawFile], Iterator[Parsing]], resource: str
) -> Callable[[Iterable[RawFile]], Iterator[Parsing]]:
    """Reads reports one by one; for one that Amazon found empty there is nothing to read."""
    one = RESOURCES[resource]

    def parsing(parts: Iterable[RawFile]) -> Iterator[Parsing]:
        for part in parts:
            if parse_reports.is_empty(part):
                yield parse_reports.nothing(*one.tables, versioned=one.mode is LoadMode.VERSIONS)
            else:
                yield from parse(part)

    return parsing


_READ: Final[Mapping[str, _Reading]] = {
    "orders": parse_orders.parse,
    "finances": parse_finances.parse,
    "inventory": parse_stock.stock,
    "catalog": parse_stock.products,
    "settlements": _singly(parse_settlement.parse, "settlements"),
    "orders_report": _singly(parse_report_orders.parse, "orders_report"),
    "inventory_ledger": _singly(parse_reports.ledger, "inventory_ledger"),
    "customer_returns": _singly(parse_reports.returns, "customer_returns"),
    "sales_traffic": _singly(parse_traffic.parse, "sales_traffic"),
}


class AmazonConnector:
    """Amazon's Selling Partner API, for one seller in one region; see `extractors.api.connector.Connector`.

    Args:
        client: The region, signed and throttled.
        options: What the source was told.
    """

    def __init__(self, client: Client, options: Options) -> None:
        self._client = client
        self._options = options

    def check(self) -> list[Finding]:
        """Whether the credentials are good, which roles the application has, and a sample."""
        return findings(self._client, self._options)

    def fetch(self, resource: str, request: Request) -> Iterator[Page]:
        """Pages as Amazon answered them, reports as they were downloaded."""
        if resource in REPORT_TYPES:
            return requested(resource, self._client, request, self._options)
        return _ASKED[resource](self._client, request, self._options)

    def parse(self, resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
        """Reads stored pages."""
        return _READ[resource](parts)
