"""Sales and traffic: how often products were looked at and ordered, by day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import polars as pl

from extractors.amazon.flat_files import open_packed
from extractors.amazon.marketplaces import BY_ID
from extractors.api.client import decode_json
from extractors.api.connector import Parsing
from extractors.api.errors import ApiError
from extractors.api.records import TEXT, Record, Shape, decode
from extractors.api.rows import assemble, typed
from lakehouse.landing import RawFile

_AMOUNT: Final[dict[str, Shape]] = {"amount?": TEXT, "currencyCode?": TEXT}
_SALES: Final[dict[str, Shape]] = {
    "unitsOrdered?": TEXT,
    "totalOrderItems?": TEXT,
    "orderedProductSales?": _AMOUNT,
    "unitsRefunded?": TEXT,
}
_TRAFFIC: Final[dict[str, Shape]] = {"sessions?": TEXT, "pageViews?": TEXT, "buyBoxPercentage?": TEXT}
_VISITS: Final[dict[str, Shape]] = {
    "date": TEXT,
    "parentAsin?": TEXT,
    "childAsin?": TEXT,
    "sku?": TEXT,
    "sales": _SALES,
    "traffic": _TRAFFIC,
}


def parse(part: RawFile) -> Iterator[Parsing]:
    """GET_SALES_AND_TRAFFIC_REPORT of one day: the day, and each product on it."""
    decoded = decode(_visits(part), _VISITS)
    place = BY_ID[part.meta["marketplace"]]
    sales, visits = pl.col("sales").struct, pl.col("traffic").struct
    columns: dict[str, pl.Expr | str] = {
        "report_date": "date",
        "asin": pl.coalesce("childAsin", "parentAsin"),
        "product_ref": "sku",
        "channel": pl.lit(place.name),
        "session_count": visits.field("sessions"),
        "page_view_count": visits.field("pageViews"),
        "featured_offer_pct": visits.field("buyBoxPercentage"),
        "ordered_units": sales.field("unitsOrdered"),
        "order_item_count": sales.field("totalOrderItems"),
        "ordered_amount": sales.field("orderedProductSales").struct.field("amount"),
        "refunded_units": sales.field("unitsRefunded"),
        "currency_code": pl.coalesce(
            sales.field("orderedProductSales").struct.field("currencyCode"), pl.lit(place.currency)
        ),
        "occurred_at": pl.col("date")
        .str.to_date("%Y-%m-%d", strict=False)
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone(place.time_zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .dt.replace_time_zone(None),
    }
    yield assemble(decoded, {"sales_traffic": typed(decoded.frame, "sales_traffic", columns, versioned=False)})


def _visits(part: RawFile) -> Iterator[Record]:
    try:
        with open_packed(part.path) as file:
            report: dict[str, Any] = decode_json(file.read())
        specification = report["reportSpecification"]
        first, last = (str(specification[name])[:10] for name in ("dataStartTime", "dataEndTime"))
        by_date, by_asin = report["salesAndTrafficByDate"], report["salesAndTrafficByAsin"]
    except (ApiError, KeyError, TypeError) as error:
        yield part.name, 1, error
        return
    number = 0
    for number, one in enumerate(by_date, start=1):
        yield part.name, number, {**one, "sales": one.get("salesByDate"), "traffic": one.get("trafficByDate")}
    for place, one in enumerate(by_asin, start=number + 1):
        if first != last:
            # Products are told for the whole span: of several days nobody knows which one.
            yield part.name, place, ValueError("spans several days")
        else:
            named = {"date": first, "sales": one.get("salesByAsin"), "traffic": one.get("trafficByAsin")}
            yield part.name, place, {**one, **named}
