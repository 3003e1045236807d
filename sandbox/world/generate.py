"""Makes a world: the catalogue and the people first, then the history, chunk by chunk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from sandbox.world import carts, marketing, payments, service, traffic
from sandbox.world.aftermath import Aftermath, changes, follow
from sandbox.world.catalogue import FIRST_VARIANT, make_assortment
from sandbox.world.costs import fx_rates, variant_costs
from sandbox.world.demand import Demand, Wanted
from sandbox.world.fates import DAY, draw_fates
from sandbox.world.orders import place_orders
from sandbox.world.people import employees, make_people
from sandbox.world.prices import (
    SHOPS,
    Prices,
    make_prices,
    price_table,
    product_changes,
    promotions,
)
from sandbox.world.setting import Placed, Setting
from sandbox.world.simulate import lost, trade
from sandbox.world.spec import WorldSpec
from sandbox.world.stock import Stock
from sandbox.world.store import World, Writer
from sandbox.world.tables import line_table, priced, purchase_orders, seasonality
from sandbox.world.truths import affinities, customer_values

_BASKETS_PER_PART = 10_000


def generate(folder: Path, spec: WorldSpec) -> World:
    """Makes the world of a specification in a folder; the same specification gives the same bytes.

    Args:
        folder: Made where it is missing. A world in it is replaced.
        spec: Size and seed.

    Returns:
        The world, ready to be read.
    """
    made = make_assortment(spec)
    prices, people = make_prices(spec, made), make_people(spec)
    setting = Setting(spec, made, people, promotions(spec, made.frames["categories"]), fx_rates(spec))
    with Writer(folder, spec) as writer:
        _write_catalogue(writer, setting, prices)
        _History(writer, setting, prices).run()
    return World.open(folder)


def _write_catalogue(writer: Writer, setting: Setting, prices: Prices) -> None:
    spec, made = setting.spec, setting.made
    shops = [
        ("shopify", "Northlight Home", "GBP", "Europe/London", "GB", True),
        ("amazon", "Northlight Home", "GBP", "Europe/London", "GB", True),
        ("woocommerce", "Northlight Home Deutschland", "EUR", "Europe/Berlin", "DE", True),
    ]
    names = ["shop", "name", "currency", "time_zone", "country", "taxes_included"]
    writer.write("shops", pl.DataFrame(shops, names, orient="row").sort("shop"))
    places = [
        (1, "London warehouse", "GB", False),
        (2, "Lager Berlin", "DE", False),
        (3, "Amazon FBA BHX4", "GB", True),
        (4, "Amazon FBA 小田原FC", "JP", True),
    ]
    writer.write("locations", pl.DataFrame(places, ["location_id", "name", "country", "is_fba"], orient="row"))
    for table, frame in made.frames.items():
        writer.write(table, frame)
    writer.write("promotions", setting.deals)
    writer.write("fx_rates", setting.fx)
    writer.write("variant_prices", price_table(spec, made, prices))
    writer.write("variant_costs", variant_costs(spec, made))
    writer.write("product_changes", product_changes(spec, made, prices))
    writer.write("customers", setting.people.table)
    writer.write("employees", employees(spec))
    writer.write("targets", marketing.targets(setting))
    writer.write("elasticity", pl.DataFrame({"variant_id": made.ids, "value": made.elasticity}))
    writer.write("seasonality", seasonality(made.frames["categories"]))


class _History:
    """The days of a world, written as they pass."""

    def __init__(self, writer: Writer, setting: Setting, prices: Prices) -> None:
        self._writer, self._setting = writer, setting
        self._demand = Demand(setting.spec, setting.made, setting.people, prices, setting.deals)
        self._stock = Stock(setting.spec, setting.made, self._demand.expected_units())
        self._payouts = payments.Payouts(setting)
        self._agents = employees(setting.spec)
        self._costs = variant_costs(setting.spec, setting.made)
        self._registered = np.zeros(4)  # orders of registered customers, by market

    def run(self) -> None:
        """All days."""
        self._writer.write("stock_levels", self._stock.levels(-1))
        for number, (first, last) in enumerate(self._setting.spec.chunks()):
            self._chunk(number, first, last)
        self._truths()

    def _chunk(self, number: int, first: int, last: int) -> None:
        setting, made = self._setting, self._setting.made
        wanted = self._demand.wanted(number, first, last)
        fates = draw_fates(setting.spec.rng("fates", number), wanted.orders, wanted.lines, setting.people, made)
        lines, levels = trade(wanted, fates, self._stock, made, first, last)
        self._writer.write("stock_levels", levels)
        known = wanted.orders.filter(pl.col("customer") >= 0)["market"].to_numpy()
        self._registered += np.bincount(known, minlength=4)
        self._lost(lines)
        placed = payments.with_payment(setting, place_orders(setting, number, wanted.orders, fates, lines))
        after = follow(setting, placed)
        self._sales(placed, after)
        self._money(placed, after, first, last)
        self._ledger(after)
        self._around(number, first, last, wanted, placed, after)

    def _sales(self, placed: Placed, after: Aftermath) -> None:
        log = changes(self._setting, placed.orders, after)
        newest = log.filter("bumps_updated_at").group_by("order_id").agg(updated_at=pl.col("changed_at").max())
        back = after.refunds.group_by("order_id").agg(refunded=pl.col("amount_minor").sum())
        orders = placed.orders.join(newest, on="order_id", maintain_order="left").join(
            back, on="order_id", how="left", maintain_order="left"
        )
        refunded = pl.col("refunded").fill_null(0)
        unpaid = pl.when("cancelled").then(pl.lit("voided")).otherwise(pl.lit("pending"))
        status = (
            pl.when(~pl.col("is_paid"))
            .then(unpaid)
            .when(refunded == 0)
            .then(pl.lit("paid"))
            .when(refunded >= pl.col("total_minor"))
            .then(pl.lit("refunded"))
            .otherwise(pl.lit("partially_refunded"))
        )
        self._writer.write("orders", orders.with_columns(status=status))
        self._writer.write("order_lines", line_table(self._setting, placed))
        self._writer.write("order_changes", log)
        self._writer.write("fulfilments", after.fulfilments)
        self._writer.write("fulfilment_lines", after.fulfilment_lines)
        self._writer.write("refunds", after.refunds)
        self._writer.write("refund_lines", after.refund_lines)
        self._writer.write("returns", after.returns)
        self._writer.write("fraud", placed.orders.filter("fraud"))

    def _money(self, placed: Placed, after: Aftermath, first: int, last: int) -> None:
        moved = payments.transactions(self._setting, placed.orders, after)
        self._writer.write("transactions", moved)
        for table, frame in self._payouts.settle(moved, placed.orders, first, last).items():
            self._writer.write(table, frame)

    def _ledger(self, after: Aftermath) -> None:
        setting, ledger = self._setting, self._stock.ledger.take()
        moves = after.movements
        if "stock_movements" in ledger:
            moves = pl.concat([moves, ledger["stock_movements"].select(moves.columns)])
        moves = moves.sort("occurred_at", "location_id", "variant_id", "kind", "reference", "quantity")
        start = setting.take("movement", moves.height)
        numbers = pl.int_range(start, start + moves.height, dtype=pl.Int64)
        self._writer.write("stock_movements", moves.with_columns(movement_id=numbers))
        if "purchase_orders" in ledger:
            self._writer.write("purchase_orders", purchase_orders(setting, ledger["purchase_orders"]))
            self._writer.write("po_lines", priced(ledger["po_lines"], self._costs))
        if "receipts" in ledger:
            self._writer.write("receipts", ledger["receipts"].sort("receipt_id"))

    def _around(self, number: int, first: int, last: int, wanted: Wanted, placed: Placed, after: Aftermath) -> None:
        setting, write = self._setting, self._writer.write
        baskets, cart_lines = carts.carts(setting, number, wanted, placed)
        write("carts", baskets)
        write("cart_lines", cart_lines)
        tracked = baskets.filter(pl.col("begun") // DAY >= setting.spec.days - setting.spec.tracked_days)
        rng = setting.spec.rng("events", number)
        for part in tracked.iter_slices(_BASKETS_PER_PART):  # events are many: they would be the peak of the memory
            write("events", traffic.events(setting, rng, first, part, cart_lines))
        write("reviews", service.reviews(setting, number, placed))
        write("tickets", service.tickets(setting, number, placed, after, self._agents))
        write("ad_spend", marketing.ad_spend(setting, number, first, last, placed))
        write("competitor_prices", marketing.competitor_prices(setting, number, first, last, wanted.prices))

    def _lost(self, lines: pl.DataFrame) -> None:
        real, missing = lost(lines, list(SHOPS))
        for table, frame in (
            ("true_demand", real),
            ("lost_sales", missing.with_columns(units="missing", value_minor="value")),
        ):
            self._writer.write(
                table,
                frame.with_columns(
                    date=self._setting.instant(pl.col("day") * DAY).dt.date(),
                    variant_id=pl.col("variant") + FIRST_VARIANT,
                ),
            )

    def _truths(self) -> None:
        setting = self._setting
        self._writer.write("customer_value", customer_values(setting.spec, setting.people, self._registered))
        self._writer.write("affinities", affinities(setting.made, self._demand.share(0)))
