"""A small shop behind an API: its records change, and are landed page by page as versions of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from lakehouse.landing import Manifest, PagedLanding, Parsed, RawPart
from lakehouse.objectstore import ObjectStore
from lakehouse.sources import LoadMode, Source
from lakehouse.streams import QUARANTINE_SCHEMA, stream
from lakehouse.windows import Window

_LANDED_AT = datetime(2030, 1, 1, tzinfo=UTC)


def _resource(name: str, *tables: str) -> Source:
    return Source(
        name="web",
        stream=name,
        tables=tables,
        mode=LoadMode.VERSIONS,
        title="The web shop",
        time_zone="Europe/London",
        parse_digest="00000000beef",
    )


ORDERS = _resource("orders", "orders", "order_lines", "order_discounts")
REFUNDS = _resource("refunds", "refunds", "order_lines")
DELETIONS = _resource("deletions", "deletions")
PRODUCTS = _resource("catalogue", "products", "stock_on_hand")
RATES = Source(
    name="rates",
    stream="fx_rates",
    title="Exchange rates",
    time_zone="Europe/London",
    parse_digest="0000000000fe",
)
SOURCES = (ORDERS, REFUNDS, DELETIONS, PRODUCTS, RATES)


@dataclass(frozen=True)
class WebLine:
    """A line of an order, or of a refund, in which `takes_back` names the line of the order."""

    ref: str | None
    product: str = "P1"
    quantity: int = 1
    price: Decimal = Decimal("10.0000")
    kind: str | None = "product"
    takes_back: str | None = None
    discount: Decimal | None = None


@dataclass(frozen=True)
class WebOrder:
    """One version of an order."""

    ref: str
    at: datetime
    changed: datetime
    lines: tuple[WebLine, ...]
    currency: str = "GBP"
    customer: str | None = "W-1"
    is_test: bool = False
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class WebRefund:
    """One version of a refund, which is a record of its own."""

    ref: str
    order: WebOrder
    at: datetime
    changed: datetime
    lines: tuple[WebLine, ...]


@dataclass(frozen=True)
class Extract:
    """What one load of each resource holds.

    Attributes:
        window: The window that was asked for.
        known_at: When its loads count as known.
        gone: Numbers of orders that the source has no more, and since when.
        rates: Units of a currency for one euro by day.
        products: Code, title and stock of products, and when that was so.
    """

    window: Window
    known_at: datetime
    orders: Sequence[WebOrder] = ()
    refunds: Sequence[WebRefund] = ()
    gone: Mapping[str, datetime] = field(default_factory=dict)
    rates: Mapping[tuple[date, str], Decimal] = field(default_factory=dict)
    products: Sequence[tuple[str, str, int, datetime]] = ()


def edited(order: WebOrder, changed: datetime, *lines: WebLine) -> WebOrder:
    """The order as a later version has it."""
    return replace(order, changed=changed, lines=lines)


def land(store: ObjectStore, extract: Extract) -> list[Manifest]:
    """Lands one load for each resource of which there is anything."""
    made = {
        ORDERS: {
            "orders": _orders(extract.orders),
            "order_lines": _lines(extract.orders),
            "order_discounts": _discounts(extract.orders),
        },
        REFUNDS: {"refunds": _refunds(extract.refunds), "order_lines": _refund_lines(extract.refunds)},
        DELETIONS: {"deletions": _deletions(extract.gone)},
        PRODUCTS: {"products": _products(extract.products), "stock_on_hand": _stock(extract.products)},
        RATES: {"fx_rates": _rates(extract.rates)},
    }
    return [_land(store, source, extract, tables) for source, tables in made.items() if tables[source.tables[0]].height]


def _land(store: ObjectStore, source: Source, extract: Extract, tables: dict[str, pl.DataFrame]) -> Manifest:
    main = tables.pop(source.tables[0])
    records = main.select("source_file", "source_row").unique().height
    landing = PagedLanding(store, source, extract.window, fingerprint="test", now=extract.known_at)
    page = "".join(frame.write_csv() for frame in (main, *tables.values()))
    landing.add(RawPart("page-1.csv", page.encode()), cursor=None, reported=records)
    landing.finish()
    parsed = Parsed(
        rows=main,
        quarantined=pl.DataFrame(schema=QUARANTINE_SCHEMA),
        received=records,
        deduplicated=0,
        rows_by_part=(records,),
        landed=records,
        others=tables,
    )
    manifest, _ = landing.commit(
        lambda _: [parsed], known_at=extract.known_at, landed_at=_LANDED_AT, run_id="land", api_version="1"
    )
    return manifest


def _frame(name: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows as their stream has them; what is not told is null."""
    schema = stream(name).versioned_schema
    whole = [{column: _plain(row.get(column)) for column in schema} for row in rows]
    return pl.DataFrame(whole, schema=schema).with_columns(
        source_file=pl.lit("page-1.json"), source_row=pl.col("source_row").fill_null(1)
    )


def _plain(value: object) -> object:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _version(order: WebOrder, number: int) -> dict[str, object]:
    return {
        "source_row": number,
        "record_ref": order.ref,
        "version_at": order.changed,
        "order_ref": order.ref,
        "currency_code": order.currency,
        "occurred_at": order.at,
    }


def _orders(orders: Sequence[WebOrder]) -> pl.DataFrame:
    rows = [
        {**_version(one, number), "customer_ref": one.customer, "is_test": one.is_test}
        for number, one in enumerate(orders, 1)
    ]
    return _frame("orders", rows)


def _lines(orders: Sequence[WebOrder]) -> pl.DataFrame:
    rows = [
        {**_version(one, number), **_line(line), "customer_ref": one.customer, "country": "DE"}
        for number, one in enumerate(orders, 1)
        for line in one.lines
    ]
    return _frame("order_lines", rows)


def _line(line: WebLine) -> dict[str, object]:
    return {
        "order_line_ref": line.ref,
        "credits_line_ref": line.takes_back,
        "line_kind": line.kind,
        "product_ref": line.product,
        "quantity": line.quantity,
        "unit_price": line.price,
        "discount_amount": line.discount,
    }


def _discounts(orders: Sequence[WebOrder]) -> pl.DataFrame:
    rows = [
        {**_version(one, number), "discount_code": code} for number, one in enumerate(orders, 1) for code in one.codes
    ]
    return _frame("order_discounts", rows)


def _of_refund(one: WebRefund, number: int) -> dict[str, object]:
    return {
        "source_row": number,
        "record_ref": one.ref,
        "version_at": one.changed,
        "order_ref": one.order.ref,
        "currency_code": one.order.currency,
        "occurred_at": one.at,
    }


def _refunds(refunds: Sequence[WebRefund]) -> pl.DataFrame:
    rows = [
        {
            **_of_refund(one, number),
            "refund_ref": one.ref,
            "amount": -sum((line.price * line.quantity for line in one.lines), Decimal(0)),
        }
        for number, one in enumerate(refunds, 1)
    ]
    return _frame("refunds", rows)


def _refund_lines(refunds: Sequence[WebRefund]) -> pl.DataFrame:
    rows = [
        {**_of_refund(one, number), **_line(line), "customer_ref": one.order.customer, "country": "DE"}
        for number, one in enumerate(refunds, 1)
        for line in one.lines
    ]
    return _frame("order_lines", rows)


def _deletions(gone: Mapping[str, datetime]) -> pl.DataFrame:
    rows = [
        {
            "source_row": number,
            "record_ref": ref,
            "version_at": at,
            "entity": "orders",
            "deletion_kind": "vanished",
            "occurred_at": at,
        }
        for number, (ref, at) in enumerate(gone.items(), 1)
    ]
    return _frame("deletions", rows)


def _rates(rates: Mapping[tuple[date, str], Decimal]) -> pl.DataFrame:
    rows = [
        {
            "source_row": number,
            "rate_date": day,
            "base_currency_code": "EUR",
            "currency_code": currency,
            "rate": rate,
            "occurred_at": datetime(day.year, day.month, day.day, tzinfo=UTC),
        }
        for number, ((day, currency), rate) in enumerate(rates.items(), 1)
    ]
    return _frame("fx_rates", rows)


def _products(products: Sequence[tuple[str, str, int, datetime]]) -> pl.DataFrame:
    rows = [
        {
            "source_row": number,
            "record_ref": code,
            "version_at": at,
            "product_ref": code,
            "product_title": title,
            "category": "Home > Mugs",
            "occurred_at": at,
        }
        for number, (code, title, _, at) in enumerate(products, 1)
    ]
    return _frame("products", rows)


def _stock(products: Sequence[tuple[str, str, int, datetime]]) -> pl.DataFrame:
    rows = [
        {
            "source_row": number,
            "record_ref": code,
            "version_at": at,
            "product_ref": code,
            "on_hand_units": units,
            "occurred_at": at,
        }
        for number, (code, _, units, at) in enumerate(products, 1)
    ]
    return _frame("stock_on_hand", rows)
