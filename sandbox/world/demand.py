"""What customers want: baskets, day by day, before anybody asked the stock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from sandbox.world.catalogue import Assortment
from sandbox.world.people import MARKET_SHARES, SEGMENTS, People
from sandbox.world.prices import SHOPS, Prices
from sandbox.world.seasons import Floats, Integers, day_factors
from sandbox.world.spec import WorldSpec
from sandbox.world.truths import ONE_MORE

_GUEST_SHARES = np.array([0.22, 0.30, 0.0, 0.0])
_MORE_LINES = np.array([ONE_MORE, 0.44, 0.17, 0.19])  # chance of one more line, again and again
# Hours of the day in UTC: lunch and evening at home; Japan's evening is Europe's morning.
_HOURS = np.array([6, 3, 2, 1, 2, 5, 12, 24, 38, 50, 56, 58, 60, 58, 54, 52, 54, 58, 66, 76, 82, 70, 42, 18], float)


@dataclass(frozen=True)
class Wanted:
    """Baskets of some days.

    Attributes:
        orders: One row a basket in order of time: `order` (row number), `day`, `market`, `customer` (row number, -1 for
            guests), `second` (of the day), `promotion` (row number, -1 for none).
        lines: One row a line by order: `order`, `day`, `market`, `variant` (row number), `quantity`, `price`,
            `bundle` (row number of the variant, -1 for none), `instance` (one number for the lines of one bundle, -1).
        prices: Shape (days, markets, variants): prices of these days in minor units.
        first: Number of the first of these days.
    """

    orders: pl.DataFrame
    lines: pl.DataFrame
    prices: Integers
    first: int


class Demand:
    """The customers' wishes, as the calendar, prices, promotions and habits make them."""

    def __init__(self, spec: WorldSpec, made: Assortment, people: People, prices: Prices, deals: pl.DataFrame) -> None:
        self._spec, self._made, self._people, self._prices = spec, made, people, prices
        self._deals = _deal_arrays(spec, made, deals)
        self._factors = day_factors(spec.day_list)
        self._season = made.season()
        self._component = _components(made)
        alive = np.clip(np.minimum(made.ends, spec.days) - np.maximum(made.starts, 0), 0, None) / spec.days
        self._usual = np.maximum((made.popularity * alive * made.listed).sum(axis=1), 1e-9)
        self._alive = alive

    def expected_units(self) -> Floats:
        """Shape (markets, variants): about how many units a day of a usual month, as a buyer would guess."""
        lines = 1 / (1 - _MORE_LINES)
        share = self._made.popularity * self._made.listed / self._usual[:, None]
        result: Floats = share * (MARKET_SHARES * self._spec.orders_per_day * lines * 1.25)[:, None]
        return result

    def share(self, market: int) -> Floats:
        """Each variant's share of what is drawn freely in a market, averaged over the days."""
        result: Floats = self._made.popularity * self._made.listed[market] * self._alive / self._usual[market]
        return result

    def wanted(self, number: int, first: int, last: int) -> Wanted:
        """The baskets of the days from `first` to before `last`; `number` is that of the chunk."""
        rng = self._spec.rng("demand", number)
        prices, weights = self._weights(first, last)
        orders = self._orders(rng, weights, first)
        lines = self._lines(rng, orders, weights, prices, first)
        return Wanted(orders.drop("line_count"), lines, prices, first)

    def _weights(self, first: int, last: int) -> tuple[Integers, Floats]:
        """Prices and weights of all variants: shapes (days, markets, variants)."""
        made, days = self._made, np.arange(first, last)
        factor = self._price_factors(first, last)
        prices = np.stack([self._prices.at(today, made.product) for today in factor])
        prices = np.where(made.has_stock | made.is_bundle, prices, self._prices.list_price)
        relative = prices / self._prices.list_price
        relative = relative * (1 - self._deals.effect(first, last, made))
        alive = (made.starts < days[:, None]) & (made.ends > days[:, None])
        age = days[:, None] - made.starts
        fresh = 0.35 + 0.65 * np.clip(age / 45, 0, 1) + 0.25 * ((age > 20) & (age < 80))
        base = made.popularity * alive * fresh * self._seasons(first, last)
        weights: Floats = base[:, None, :] * made.listed * relative**made.elasticity
        return prices, weights

    def _seasons(self, first: int, last: int) -> Floats:
        """Seasons between the middles of months, without steps at their ends."""
        days = self._spec.day_list[first:last]
        position = np.array([day.month - 1 + (day.day - 15) / 30.4 for day in days]) % 12
        low = position.astype(int)
        share = (position - low)[:, None]
        result: Floats = self._season[low] * (1 - share) + self._season[(low + 1) % 12] * share
        return result

    def _price_factors(self, first: int, last: int) -> Floats:
        """Shape (days, products): the factor on the list price."""
        steps = self._prices.steps
        current = np.ones(int(self._made.product.max()) + 1)
        before = steps.filter(pl.col("day") < first)
        current[before["product"].to_numpy()] = before["factor"].to_numpy()  # in order of day: the last one stays
        result = np.repeat(current[None], last - first, axis=0)
        within = steps.filter((pl.col("day") >= first) & (pl.col("day") < last))
        for product, day, factor in within.select("product", "day", "factor").iter_rows():
            result[day - first :, product] = factor
        return result

    def _orders(self, rng: np.random.Generator, weights: Floats, first: int) -> pl.DataFrame:
        usual = MARKET_SHARES * self._spec.orders_per_day
        pull = weights.sum(axis=2) / self._usual
        counts = rng.poisson(usual * self._factors[first : first + len(weights)] * pull)
        day = np.repeat(np.arange(len(weights)), counts.sum(axis=1)) + first
        market = np.repeat(np.tile(np.arange(4), len(weights)), counts.ravel())
        total = len(day)
        hours = np.stack([_HOURS, np.roll(_HOURS, -1), _HOURS, np.roll(_HOURS, -9)])
        steps = (hours / hours.sum(axis=1, keepdims=True)).cumsum(axis=1)
        hour = np.minimum((rng.random(total)[:, None] > steps[market]).sum(axis=1), 23)
        customer = np.concatenate(
            [self._people.pick(rng, m, first + d, int(counts[d, m])) for d in range(len(counts)) for m in range(4)]
        )
        customer[rng.random(total) < _GUEST_SHARES[market]] = -1
        business = (customer >= 0) & (self._people.segment[customer] == SEGMENTS.index("business"))
        return (
            pl.DataFrame(
                {
                    "day": day,
                    "market": market,
                    "second": hour * 3_600 + rng.integers(0, 3_600, total),
                    "customer": customer,
                    "promotion": self._deals.choose(rng, day, market),
                    "line_count": rng.geometric(1 - np.where(business, 0.7, _MORE_LINES[market])),
                    "business": business,
                }
            )
            .sort("day", "second", maintain_order=True)
            .with_row_index("order")
            .with_columns(pl.col("order").cast(pl.Int64))
        )

    def _lines(
        self, rng: np.random.Generator, orders: pl.DataFrame, weights: Floats, prices: Integers, first: int
    ) -> pl.DataFrame:
        made = self._made
        lines = orders.select(pl.exclude("line_count").repeat_by("line_count").explode())
        place = lines.select(pl.int_range(pl.len()).over("order")).to_series().to_numpy()
        day, market = lines["day"].to_numpy() - first, lines["market"].to_numpy()
        customer = lines["customer"].to_numpy()
        liked = np.where(customer >= 0, self._people.department[customer], -1)
        liked = np.where(rng.random(len(liked)) < 0.45, liked, -1)
        variant = _draw(rng, weights, day, market, made.department, liked)
        anchor = variant[np.maximum(np.arange(len(variant)) - place, 0)]
        partner = made.partners[anchor, rng.integers(0, 2, len(anchor))]
        follows = (place == 1) & (rng.random(len(anchor)) < made.attach[anchor]) & (weights[day, market, partner] > 0)
        variant = np.where(follows, partner, variant)
        singly = (
            1 + (rng.random(len(variant)) < 0.13) + (rng.random(len(variant)) < 0.05) * rng.integers(1, 4, len(variant))
        )
        business = lines["business"].to_numpy()
        quantity = np.where(business, np.minimum(made.pack[variant], 6) * rng.integers(1, 3, len(variant)), singly)
        quantity = np.where(made.is_bundle[variant], 1, quantity)
        frame = lines.select("order", "day", "market").with_columns(
            variant=pl.Series(variant), quantity=pl.Series(quantity), price=pl.Series(prices[day, market, variant])
        )
        frame = frame.unique(["order", "variant"], keep="first", maintain_order=True)
        return self._opened(frame, prices, first)

    def _opened(self, lines: pl.DataFrame, prices: Integers, first: int) -> pl.DataFrame:
        """Bundles become their components, which share the bundle's price as their own prices do."""
        bundle = pl.Series(self._made.is_bundle[lines["variant"].to_numpy()])
        lines = lines.with_columns(bundle=pl.lit(-1, pl.Int64), instance=pl.lit(-1, pl.Int64)).with_row_index("row")
        whole = lines.filter(bundle).drop("bundle", "instance")
        parts = whole.join(self._component, on="variant", maintain_order="left_right")
        own = prices[parts["day"].to_numpy() - first, parts["market"].to_numpy(), parts["part"].to_numpy()]
        share = pl.col("own") * pl.col("each")
        parts = (
            parts.with_columns(own=pl.Series(own))
            .with_columns(
                at=pl.int_range(pl.len()).over("row"),
                bundled=(pl.col("price") * pl.col("own") / share.sum().over("row")).floor(),
            )
            .select(
                "row",
                "order",
                "day",
                "market",
                variant="part",
                quantity="each",
                price=pl.col("bundled").cast(pl.Int64),
                bundle="variant",
                instance=pl.col("row").cast(pl.Int64),
            )
        )
        kept = lines.filter(~bundle)
        return pl.concat([kept, parts.select(kept.columns)]).sort("row", maintain_order=True).drop("row")


def _draw(
    rng: np.random.Generator, weights: Floats, day: Integers, market: Integers, department: Integers, liked: Integers
) -> Integers:
    """A variant for each line by the weights of its day and market, within the department that is liked, if any."""
    by_department = np.argsort(department, kind="stable")
    days, markets, size = weights.shape
    table = weights[:, :, by_department].reshape(days * markets, size)
    steps = np.concatenate([np.zeros((len(table), 1)), table.cumsum(axis=1)], axis=1)
    row = day * markets + market
    edges = np.searchsorted(department[by_department], np.arange(department.max() + 2))
    low = np.where(liked >= 0, edges[liked], 0)
    high = np.where(liked >= 0, edges[liked + 1], size)
    empty = steps[row, high] - steps[row, low] <= 0
    low, high = np.where(empty, 0, low), np.where(empty, size, high)
    target = steps[row, low] + rng.random(len(row)) * (steps[row, high] - steps[row, low])
    # One search for all: the rows stand one after another, each scaled to one and shifted by its number.
    total = np.maximum(steps[:, -1:], 1e-12)
    flat = (table.cumsum(axis=1) / total + np.arange(len(table))[:, None]).ravel()
    found = np.searchsorted(flat, row + np.minimum(target / total[row, 0], 1 - 1e-9), side="right")
    result: Integers = by_department[np.clip(found - row * size, 0, size - 1)].astype(np.int64)
    return result


def _components(made: Assortment) -> pl.DataFrame:
    columns = {"variant": "bundle_variant_id", "part": "component_variant_id"}
    first = int(made.ids[0])
    parts = made.frames["bundles"]
    return parts.select(**{name: pl.col(column) - first for name, column in columns.items()}, each="quantity")


@dataclass(frozen=True)
class Deals:
    """Promotions as arrays: market, first day, day after the last, value in percent, category (-1: all), is a code."""

    market: Integers
    starts: Integers
    ends: Integers
    percent: Floats
    category: Integers
    is_code: Integers
    row: Integers

    def effect(self, first: int, last: int, made: Assortment) -> Floats:
        """Shape (days, markets, variants): how much cheaper things feel."""
        result = np.zeros((last - first, 4, made.size))
        for number in np.flatnonzero((self.starts < last) & (self.ends > first)):
            days = slice(max(self.starts[number] - first, 0), self.ends[number] - first)
            variants = slice(None) if self.category[number] < 0 else made.category == self.category[number]
            felt = self.percent[number] * (0.35 if self.is_code[number] else 0.9)
            result[days, self.market[number], variants] = np.maximum(result[days, self.market[number], variants], felt)
        return result

    def choose(self, rng: np.random.Generator, day: Integers, market: Integers) -> Integers:
        """The row number of the promotion that each order uses, -1 for none: the last one that applies."""
        result = np.full(len(day), -1, np.int64)
        for number in range(len(self.row)):
            within = (day >= self.starts[number]) & (day < self.ends[number]) & (market == self.market[number])
            used = within & (rng.random(len(day)) < (0.16 if self.is_code[number] else 1.0))
            result[used] = self.row[number]
        return result


def _deal_arrays(spec: WorldSpec, made: Assortment, deals: pl.DataFrame) -> Deals:
    first = np.datetime64(spec.first_day, "us")
    shops = [[m for m in range(4) if SHOPS[m] == shop] for shop in deals["shop"]]
    row = np.repeat(np.arange(deals.height), [len(found) for found in shops])
    days = [
        (deals[name].to_numpy()[row] - first).astype("timedelta64[D]").astype(int) for name in ("starts_at", "ends_at")
    ]
    percent = np.where(deals["kind"].to_numpy() == "percentage", deals["value"].to_numpy(), 8)[row] / 100
    lower = made.frames["categories"].filter(pl.col("parent_id").is_not_null())["category_id"]
    category = np.array([lower.index_of(found) if found is not None else -1 for found in deals["category_id"]])[row]
    codes = deals["code"].is_not_null().to_numpy()[row]
    market = np.array([m for found in shops for m in found], np.int64)
    return Deals(market, days[0], days[1], percent, category, codes, row)
