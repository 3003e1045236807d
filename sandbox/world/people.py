"""Customers with habits, and the merchant's staff."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sandbox.world.catalogue import MARKETS, NEVER
from sandbox.world.seasons import Floats, Integers
from sandbox.world.spec import WorldSpec
from sandbox.world.words import CITIES, DEPARTMENTS, FIRST_NAMES, LAST_NAMES, STREETS

FIRST_CUSTOMER = 700_001
COUNTRIES = ("GB", "DE", "JP", "US", "FR", "IE")
MARKET_COUNTRIES = np.array(
    [
        [0.80, 0.03, 0.02, 0.07, 0.04, 0.04],
        [0.02, 0.88, 0.00, 0.00, 0.08, 0.02],
        [0.97, 0.00, 0.00, 0.00, 0.00, 0.03],
        [0.00, 0.00, 1.00, 0.00, 0.00, 0.00],
    ]
)
MARKET_SHARES = np.array([0.45, 0.20, 0.25, 0.10])
SEGMENTS = ("loyal", "regular", "occasional", "one_off", "business")
_SEGMENT_SHARES = np.array([0.06, 0.20, 0.41, 0.32, 0.01])
_SEGMENT_RATES = np.array([5.0, 2.6, 1.3, 0.7, 4.0])
_LIFE_DAYS = np.array([900, 600, 420, 90, 1_100])


@dataclass(frozen=True)
class People:
    """One entry a customer in every array, in the order of `customer_id`.

    Attributes:
        table: The table of customers.
        market: Row number of the market.
        country: Row number of the home country.
        segment: Row number of the segment.
        rate: Weight among the customers that order.
        starts: Day number of the registration; `ends`: day number after which nothing is bought any more.
        department: Row number of the department that they like.
    """

    table: pl.DataFrame
    market: Integers
    country: Integers
    segment: Integers
    rate: Floats
    starts: Integers
    ends: Integers
    department: Integers

    def pick(self, rng: np.random.Generator, market: int, day: int, count: int) -> Integers:
        """Row numbers of customers who order on a day; the same one may come twice, as in life."""
        open_ = (self.market == market) & (self.starts < day) & (self.ends >= day)
        rows = np.flatnonzero(open_)
        if not len(rows):
            return np.full(count, -1, np.int64)
        steps = np.cumsum(self.rate[rows])
        found: Integers = rows[np.searchsorted(steps, rng.random(count) * steps[-1])].astype(np.int64)
        return found

    def orders_a_year(self, orders_a_day: Floats) -> Floats:
        """What a customer orders in a year while active, given the mean orders a day of each market."""
        days = np.minimum(self.ends, self.starts.max()) - np.maximum(self.starts, 0)
        weight = self.rate * np.maximum(days, 0)
        span = max(int(self.starts.max()), 1)
        mean = np.maximum(np.bincount(self.market, weight, minlength=4) / span, 1e-9)
        result: Floats = self.rate * (orders_a_day / mean)[self.market] * 365
        return result


def make_people(spec: WorldSpec) -> People:
    """All customers of all shops, those who register on the way included."""
    rng, count = spec.rng("customers"), spec.customers
    market = rng.choice(4, count, p=MARKET_SHARES)
    segment = rng.choice(len(SEGMENTS), count, p=_SEGMENT_SHARES)
    starts = np.sort(np.where(rng.random(count) < 0.4, -rng.integers(1, 700, count), rng.integers(0, spec.days, count)))
    life = rng.exponential(_LIFE_DAYS[segment])
    ends = np.minimum(np.maximum(starts, 0) + np.ceil(life).astype(np.int64), NEVER)
    ends = np.where(ends >= spec.days, NEVER, ends)
    steps = MARKET_COUNTRIES.cumsum(axis=1)[market]
    country = np.minimum((rng.random(count)[:, None] > steps).sum(axis=1), len(COUNTRIES) - 1)
    rate = _SEGMENT_RATES[segment] * rng.gamma(3.0, 1 / 3, count)
    department = rng.integers(0, len(DEPARTMENTS), count)
    table = _table(spec, rng, market, segment, country, starts)
    return People(table, market, country, segment, rate, starts, ends, department)


def addresses(rng: np.random.Generator, country: Integers) -> pl.DataFrame:
    """`country`, `city`, `postcode` and `address1` for row numbers of countries."""
    count = len(country)
    draw, house, code = rng.integers(0, 60, count), rng.integers(1, 240, count), rng.integers(10, 99, count)
    city = pick_words({c: tuple(name for name, _ in CITIES[c]) for c in COUNTRIES}, country, draw)
    prefix = pick_words({c: tuple(start for _, start in CITIES[c]) for c in COUNTRIES}, country, draw)
    street = pick_words(STREETS, country, rng.integers(0, 60, count))
    frame = pl.DataFrame(
        {"country": np.array(COUNTRIES)[country], "city": city, "prefix": prefix, "street": street,
         "house": house, "code": code, "flat": rng.random(count) < 0.04}
    )  # fmt: skip
    number, digits = pl.col("house").cast(pl.String), pl.col("code").cast(pl.String)
    uk = pl.format("{} {}AB", "prefix", pl.col("code") % 9 + 1)
    suffix = pl.when(pl.col("country") == "IE").then(pl.format("X{}", digits)).otherwise(digits)
    street_first = pl.col("country").is_in(["DE", "JP"])
    line = (
        pl.when(street_first).then(pl.format("{} {}", "street", number)).otherwise(pl.format("{} {}", number, "street"))
    )
    return frame.select(
        "country",
        "city",
        postcode=pl.when(pl.col("country") == "GB").then(uk).otherwise(pl.col("prefix") + suffix),
        # A line break inside a field, as people type it into a checkout.
        address1=pl.when("flat").then(pl.format("Flat 3,\n{}", line)).otherwise(line),
    )


def pick_words(words: dict[str, tuple[str, ...]], country: Integers, draw: Integers) -> pl.Series:
    """A word of the country for each row."""
    result = np.empty(len(country), object)
    for number, code in enumerate(COUNTRIES):
        own = country == number
        result[own] = np.array(words[code], object)[draw[own] % len(words[code])]
    return pl.Series(result.tolist(), dtype=pl.String)


def _table(
    spec: WorldSpec, rng: np.random.Generator, market: Integers, segment: Integers, country: Integers, starts: Integers
) -> pl.DataFrame:
    count = len(market)
    seconds = (starts * 86_400 + np.sort(rng.integers(0, 86_400, count))).astype("timedelta64[s]")
    created = pl.Series(np.datetime64(spec.first_day, "us") + seconds, dtype=pl.Datetime("us")).sort()
    number = pl.Series(np.arange(count) + FIRST_CUSTOMER)
    mail = pl.Series(
        np.array(("gmail.example", "example.org", "mail.example.net", "Example.COM"))[rng.integers(0, 4, count)]
    )
    amazon = pl.Series(np.array(("", "", "marketplace.amazon.co.uk", "marketplace.amazon.co.jp"))[market])
    token = pl.Series(rng.integers(10**11, 10**12, count)).cast(pl.String)
    tag = pl.Series(np.where(rng.random(count) < 0.05, "+shop", ""))
    phone = pl.Series(rng.integers(100, 1_000, count)).cast(pl.String)
    frame = pl.DataFrame({"customer_id": number, "shop": np.array(MARKETS)[market]}).with_columns(
        pl.col("shop").str.replace("_.*", ""),
        first_name=pick_words(FIRST_NAMES, country, rng.integers(0, 60, count)),
        last_name=pick_words(LAST_NAMES, country, rng.integers(0, 60, count)),
        amazon=amazon,
        mail=mail,
        token=token,
        tag=tag,
    )
    home = addresses(rng, country)
    is_amazon = pl.col("amazon") != ""
    own = pl.format("c{}{}@{}", pl.col("customer_id").cast(pl.String), "tag", "mail")
    code = pl.col("country")
    numbers = (
        pl.when(code == "GB")
        .then(pl.lit("+44 7700 900") + phone)
        .when(code == "DE")
        .then(pl.lit("+49 30 23125") + phone)
    )
    return pl.concat([frame, home], how="horizontal").with_columns(
        email=pl.when(is_amazon).then(pl.format("{}@{}", "token", "amazon")).otherwise(own),
        phone=pl.when(~is_amazon & pl.Series(rng.random(count) < 0.7)).then(numbers),
        created_at=created,
        accepts_marketing=pl.Series(rng.random(count) < 0.42) & ~is_amazon,
        segment=pl.Series(np.array(SEGMENTS)[segment]),
    )


def employees(spec: WorldSpec) -> pl.DataFrame:
    """Who sells, buys and answers tickets."""
    rng, count = spec.rng("employees"), 18
    country = rng.choice(len(COUNTRIES), count, p=[0.6, 0.2, 0.05, 0.05, 0.05, 0.05])
    teams = np.array(["support", "support", "support", "buying", "marketing", "marketplaces"])
    first = pick_words(FIRST_NAMES, country, rng.integers(0, 60, count))
    names: npt.NDArray[np.str_] = teams[np.arange(count) % len(teams)]
    last = pick_words(LAST_NAMES, country, rng.integers(0, 60, count))
    return pl.DataFrame({"employee_id": np.arange(count) + 1, "name": first + " " + last, "team": names})
