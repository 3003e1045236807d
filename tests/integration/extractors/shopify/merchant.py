"""A sandbox shop, asked through the connector, and what the merchant's own books say."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from extractors.api.client import Http, Patience
from extractors.api.connector import Page, Parsing, Request
from extractors.shopify import OPTIONS, RESOURCES
from extractors.shopify.client import Token
from extractors.shopify.connector import ShopifyConnector
from lakehouse.landing import KNOWN_SCHEMA, RawFile
from lakehouse.windows import Window
from sandbox.serving import Fault, Faults, SandboxClock, serve
from sandbox.shopify import ACCESS_TOKEN, ALL_SCOPES, app
from sandbox.shopify.shop import Shop
from sandbox.world import World

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ALL = Window(datetime(2025, 10, 1, tzinfo=UTC), NOW)
VERSION = ["record_ref", "version_at"]
KEY = ["source_file", "source_row"]


def instant_patience(*, sleep: Callable[[float], None] = lambda _: None) -> dict[str, object]:
    """Settings of an `Http` that does not wait."""
    return {"patience": Patience(tries=6, first_s=0.01), "sleep": sleep}


@dataclass
class Merchant:
    """A running shop and a connector to it.

    Attributes:
        shop: The shop, to be looked into.
        url: Its address.
        clock: Its clock.
        faults: What goes wrong there.
    """

    shop: Shop
    url: str
    clock: SandboxClock
    faults: Faults
    notes: list[str | None] = field(default_factory=list)

    def connector(self, **options: object) -> ShopifyConnector:
        """A connector that does not wait between tries."""
        http = Http(self.url, auth=Token(ACCESS_TOKEN), patience=Patience(tries=6, first_s=0.01), sleep=lambda _: None)
        return ShopifyConnector(OPTIONS.model_validate({"base_url": self.url, **options}), http)

    def request(self, resource: str, window: Window, folder: Path, **more: object) -> Request:
        """A request for a window as the shop's clock has it."""
        told: dict[str, object] = {
            "window": window,
            "since": window.start - RESOURCES[resource].overlap,
            "now": self.clock.now(),
            "scratch": folder,
            "note": self.notes.append,
            **more,
        }
        return Request(**told)  # type: ignore[arg-type]

    def extract(
        self, connector: ShopifyConnector, resource: str, window: Window, **more: object
    ) -> dict[str, pl.DataFrame]:
        """All tables of a window; holds the count to what was announced."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            pages = list(connector.fetch(resource, self.request(resource, window, folder, **more)))
            parsings = list(connector.parse(resource, parts_of(pages, folder)))
        announced = [page.reported for page in pages]
        received = sum(parsing.received for parsing in parsings)
        assert None not in announced
        assert received == sum(one for one in announced if one is not None)
        return tables_of(resource, parsings)


def parts_of(pages: Iterable[Page], folder: Path) -> list[RawFile]:
    """Pages as the store would give them back."""
    parts = []
    for number, page in enumerate(pages):
        path = folder / f"part-{number:05d}"
        path.write_bytes(page.body if isinstance(page.body, bytes) else page.body.read_bytes())
        parts.append(RawFile(page.name, path, page.meta))
    return parts


def tables_of(resource: str, parsings: Sequence[Parsing]) -> dict[str, pl.DataFrame]:
    """Tables of several parsings; none was set aside."""
    set_aside = [parsing.quarantined for parsing in parsings if parsing.quarantined.height]
    assert not set_aside, set_aside
    return {
        name: pl.concat([parsing.tables[name] for parsing in parsings]) if parsings else pl.DataFrame()
        for name in RESOURCES[resource].tables
    }


def newest(loads: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """What the warehouse makes of several loads: the newest version of a record, of one version the latest load."""
    numbered = [load.with_columns(load=pl.lit(number)) for number, load in enumerate(loads) if load.width]
    rows = pl.concat(numbered)
    place = pl.struct("version_at", "load", "source_file")
    last = rows.group_by("record_ref").agg(place.sort().last().alias("place"))
    return rows.join(last, on="record_ref").filter(place == pl.col("place")).drop("load", "place")


@contextmanager
def open_shop(
    world: World,
    *,
    now: datetime = NOW,
    faults: Iterable[Fault] = (),
    scopes: Iterable[str] = ALL_SCOPES,
    maximum: float = 1e9,
    restore_rate: float = 1e9,
    polls_to_finish: int = 2,
) -> Iterator[Merchant]:
    """A shop that is open while the block runs."""
    clock, struck = SandboxClock(now), Faults(faults)
    server = app(
        world,
        clock,
        struck,
        scopes=scopes,
        maximum=maximum,
        restore_rate=restore_rate,
        polls_to_finish=polls_to_finish,
    )
    with serve(server) as running:
        yield Merchant(server.state.shop, running.url, clock, struck)


def known(orders: pl.DataFrame) -> Callable[[str], pl.DataFrame]:
    """What was landed of orders, as a sweep asks for it."""
    nothing = pl.DataFrame(schema=KNOWN_SCHEMA)
    return lambda resource: orders.select(KNOWN_SCHEMA.names()) if resource == "orders" else nothing


class Books:
    """The merchant's own books as of an instant: what a right extraction comes to.

    Args:
        world: The merchant.
        now: The instant.
    """

    def __init__(self, world: World, now: datetime = NOW) -> None:
        self._world = world
        self._now = now.replace(tzinfo=None)
        gone = pl.col("deleted_at").is_not_null() & (pl.col("deleted_at") <= self._now)
        mine = world.frame("orders").filter(pl.col("shop") == "shopify", pl.col("created_at") <= self._now)
        self.deleted = set(mine.filter(gone)["platform_order_id"])
        self.orders = mine.filter(~gone)

    def totals(self) -> dict[str, tuple[int, int, int, int]]:
        """Total, tax, discount and shipping in pence, by order."""
        edited = pl.col("edited_at").is_null() | (pl.col("edited_at") <= self._now)
        rows = self.orders.filter(edited)
        columns = ["platform_order_id", "total_minor", "tax_minor", "discount_minor", "shipping_minor"]
        return {number: (a, b, c, d) for number, a, b, c, d in rows.select(columns).iter_rows()}

    def lines(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Units, what was paid without tax, and the tax, in pence, of lines that are not shipping."""
        facts = self.orders.select("order_id", "platform_order_id", "taxes_included")
        rows = self._world.frame("order_lines").join(facts, on="order_id").filter(pl.col("kind") != "shipping")
        rows = rows.filter(pl.col("current_quantity") > 0)
        net = (
            pl.col("current_quantity") * pl.col("unit_price_minor")
            - pl.col("discount_minor")
            - pl.when("taxes_included").then("tax_minor").otherwise(0)
        )
        told = rows.select("platform_order_id", "platform_line_id", "current_quantity", net.alias("net"), "tax_minor")
        return {(order, line): (units, paid, tax) for order, line, units, paid, tax in told.iter_rows()}

    def refunds(self) -> dict[str, tuple[str, int, int]]:
        """Order, amount and tax in pence, by refund."""
        facts = self.orders.select("order_id", "platform_order_id")
        rows = self._world.frame("refunds").join(facts, on="order_id").filter(pl.col("created_at") <= self._now)
        told = rows.select("platform_refund_id", "platform_order_id", "amount_minor", "tax_minor")
        return {number: (order, amount, tax) for number, order, amount, tax in told.iter_rows()}

    def units_back(self) -> dict[tuple[str, str], tuple[int, int, int]]:
        """Units, what went back without tax, and the tax, in pence, by order and line."""
        facts = self.orders.select("order_id", "platform_order_id")
        lines = self._world.frame("order_lines").select("order_id", "line_no", "platform_line_id")
        when = self._world.frame("refunds").filter(pl.col("created_at") <= self._now).select("refund_id")
        rows = self._world.frame("refund_lines").join(when, on="refund_id").join(facts, on="order_id")
        sums = (
            rows.join(lines, on=["order_id", "line_no"])
            .group_by("platform_order_id", "platform_line_id")
            .agg(pl.col("quantity").sum(), pl.col("amount_minor").sum(), pl.col("tax_minor").sum())
        )
        return {(order, line): (units, paid, tax) for order, line, units, paid, tax in sums.iter_rows()}


def pence(column: str | pl.Expr) -> pl.Expr:
    """Exact pence of an amount."""
    value = pl.col(column) if isinstance(column, str) else column
    return (value * 100).cast(pl.Decimal(38, 4))


def net_of(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines with `net`, quantity × unit price − discount, in exact pence."""
    quantity = pl.col("quantity").cast(pl.Decimal(18, 0))
    return lines.with_columns(net=pence(quantity * pl.col("unit_price") - pl.col("discount_amount")))


def assert_books(tables: dict[str, pl.DataFrame], books: Books) -> None:
    """The extracted orders are the merchant's: every order, line and refund, once, to the penny."""
    orders, lines, refunds = tables["orders"], net_of(tables["order_lines"]), tables["refunds"]
    told = orders.select("order_ref", *(pence(f"{name}_amount") for name in ("total", "tax", "discount", "shipping")))
    assert orders["order_ref"].is_unique().all()
    assert {row[0]: tuple(int(one) for one in row[1:]) for row in told.iter_rows()} == books.totals()

    goods = lines.filter(pl.col("line_kind").is_in(["product", "gift_voucher"]))
    sold = goods.filter(pl.col("quantity") > 0).select(
        "order_ref", "order_line_ref", "quantity", "net", pence("tax_amount")
    )
    assert sold.select("order_ref", "order_line_ref").is_unique().all()
    assert {(a, b): (c, int(d), int(e)) for a, b, c, d, e in sold.iter_rows()} == books.lines()
    assert all(net == int(net) for net in sold["net"])

    back = (
        goods.filter(pl.col("quantity") < 0)
        .group_by("order_ref", "credits_line_ref")
        .agg(pl.col("quantity").sum(), pl.col("net").sum(), pence("tax_amount").sum().alias("tax"))
    )
    assert {(a, b): (-c, -int(d), -int(e)) for a, b, c, d, e in back.iter_rows()} == books.units_back()

    given = refunds.select("refund_ref", "order_ref", pence("amount"), pence("tax_amount"))
    assert refunds["refund_ref"].is_unique().all()
    assert {a: (b, int(c), int(d)) for a, b, c, d in given.iter_rows()} == books.refunds()
    assert_reconciled(orders, lines, refunds)


def assert_reconciled(orders: pl.DataFrame, lines: pl.DataFrame, refunds: pl.DataFrame) -> None:
    """Lines come to their order's total, and lines that go back to their refunds', to the penny."""
    goes_back = pl.col("occurred_at") > pl.col("placed_at")
    placed = orders.select("order_ref", placed_at="occurred_at")
    split = lines.join(placed, on="order_ref").with_columns(gross=pl.col("net") + pence("tax_amount"))
    kept = split.filter(~goes_back).group_by("order_ref").agg(pl.col("gross").sum())
    against = orders.select("order_ref", total=pence("total_amount")).join(kept, on="order_ref", how="left")
    assert against.filter(pl.col("total") != pl.col("gross").fill_null(0)).is_empty()
    back = split.filter(goes_back).group_by("order_ref").agg(pl.col("gross").sum())
    given = refunds.group_by("order_ref").agg(amount=pence("amount").sum())
    both = given.join(back, on="order_ref", how="full", coalesce=True)
    assert both.filter(pl.col("amount").fill_null(0) != -pl.col("gross").fill_null(0)).is_empty()


def days(window: Window, length: timedelta) -> list[Window]:
    """A window in pieces of some length."""
    pieces, start = [], window.start
    while start < window.end:
        end = min(start + length, window.end)
        pieces.append(Window(start, end))
        start = end
    return pieces
