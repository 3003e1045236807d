"""Weeks of crawls of two competitors with everything that happens to one, and what follows from them by plain loops."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tests.support.market import Crawl, Offer, Visit

START = datetime(2011, 3, 26, tzinfo=UTC)
DAYS = 12
FLOOR = Decimal("0.5")
State = tuple[Decimal | None, Decimal | None, str | None, str | None]
_CURRENCIES = {"rival_a": ("GBP", "JPY"), "rival_b": ("EUR", "CNY")}
_SILENT = ("failed", "timed_out", "disallowed", "refused", "redirected", "too_large")


@dataclass
class Interval:
    """An interval of an offer's history, and what is known of its end."""

    source: str
    url: str
    ref: str
    state: State
    valid_from: datetime
    last_seen_at: datetime
    observations: int = 1
    valid_to: datetime | None = None
    end_reason: str | None = None

    def row(self, factor: int = 1) -> tuple[object, ...]:
        """As the warehouse has it, its prices read as so many times what they were."""
        price, list_price, currency, availability = self.state
        price = price and factor * price
        ends = (_plain(self.valid_from), _plain(self.valid_to), _plain(self.last_seen_at))
        return (
            *(self.source, self.url, self.ref, price, list_price, currency, availability),
            *(*ends, self.observations, self.end_reason),
        )


def _plain(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=None)


def story(seed: int = 5) -> list[Crawl]:
    """All crawls, in the order of their time; some are known late, or days after crawls that came behind them."""
    return [
        crawl
        for source, currencies in _CURRENCIES.items()
        for crawl in _of_site(random.Random(f"{seed}/{source}"), source, currencies)  # noqa: S311 - data
    ]


def _of_site(rng: random.Random, source: str, currencies: Sequence[str]) -> Iterator[Crawl]:
    urls = [f"https://{source}.test/p/{number}" for number in range(14)]
    now: dict[str, tuple[Offer, ...]] = {url: (Offer(price=_price(rng), currency=currencies[0]),) for url in urls}
    fetched: dict[str, tuple[Offer, ...]] = {}
    gone: set[str] = set()
    for day in range(DAYS):
        for hour in rng.choice([(6,), (6, 18), (3, 11, 19)]):
            _live(rng, now, gone, currencies)
            began = START + timedelta(days=day, hours=hour)
            reason = rng.choice(["finished"] * 3 + ["page_budget", "failures"])
            seen = urls if reason == "finished" else rng.sample(urls, 9)
            visits = [
                _visit(rng, url, began + timedelta(seconds=20 * n), now, gone, fetched) for n, url in enumerate(seen)
            ]
            late = timedelta(days=rng.choice([2, 4])) if rng.random() < 0.2 else timedelta(hours=1)
            failed = int(rng.random() < 0.15)
            yield Crawl(source, began, tuple(visits), reason, began + late, failed)


def _live(rng: random.Random, now: dict[str, tuple[Offer, ...]], gone: set[str], currencies: Sequence[str]) -> None:
    """What happens to a shop's pages between two crawls."""
    for url, offers in now.items():
        what = rng.random()
        first = offers[0] if offers else Offer(currency=currencies[0])
        if what < 0.06:
            now[url] = (
                replace(first, price=Decimal("9.9900" if first.price == Decimal("12") else "12.0000")),
                *offers[1:],
            )
        elif what < 0.12:
            now[url] = (replace(first, price=_price(rng), list_price=rng.choice([None, Decimal(15)])), *offers[1:])
        elif what < 0.20:
            now[url] = (replace(first, availability=rng.choice(["in_stock", "out_of_stock", None])), *offers[1:])
        elif what < 0.26:
            now[url] = (replace(first, confidence=rng.choice([None, Decimal("0.3"), FLOOR, Decimal(1)])), *offers[1:])
        elif what < 0.31:
            now[url] = () if what < 0.28 else (first, Offer("XL", currency=rng.choice(currencies)))
        elif what < 0.36:
            now[url] = (replace(first, currency=rng.choice([*currencies, None]), title=f"Mug {what:.3f}"), *offers[1:])
        elif what < 0.40:
            gone ^= {url}


def _price(rng: random.Random) -> Decimal | None:
    return rng.choice([Decimal("9.9900"), Decimal("10.5000"), Decimal("12.0000"), Decimal(0), None])


def _visit(
    rng: random.Random,
    url: str,
    at: datetime,
    now: dict[str, tuple[Offer, ...]],
    gone: set[str],
    fetched: dict[str, tuple[Offer, ...]],
) -> Visit:
    if rng.random() < 0.1:
        return Visit(url, at, (), rng.choice(_SILENT))
    if url in gone:
        return Visit(url, at, (), "missing")
    if fetched.get(url) == now[url] and rng.random() < 0.8:
        return Visit(url, at, now[url], "unchanged")
    fetched[url] = now[url]
    lost = int(len(now[url]) > 1 and rng.random() < 0.3)
    return Visit(url, at, now[url], lost=lost)


def known(crawls: Iterable[Crawl], as_of: datetime) -> list[Crawl]:
    """Those that are known at a moment."""
    return [crawl for crawl in crawls if crawl.known <= as_of]


def intervals(crawls: Sequence[Crawl]) -> list[Interval]:
    """The history of every offer, visit by visit."""
    visits = [(crawl, visit) for crawl in crawls for visit in crawl.visits]
    done: list[Interval] = []
    running: dict[tuple[str, str, str], Interval] = {}
    held: dict[tuple[str, str, str | None], Visit] = {}
    for crawl, visit in sorted(visits, key=lambda pair: pair[1].at):
        content = (crawl.source, visit.url, visit.content)
        if visit.outcome == "fetched":
            held[content] = visit
        if visit.outcome == "missing":
            done += _end(running, (crawl.source, visit.url), set(), visit.at, "page_gone")
        if visit.outcome not in {"fetched", "unchanged"} or content not in held:
            continue
        read = held[content]
        offers = read.offers[: len(read.offers) - read.lost]
        done += _see(running, (crawl.source, visit.url), offers, visit.at)
        if crawl.is_complete and not read.lost:
            done += _end(running, (crawl.source, visit.url), {one.ref for one in offers}, visit.at, "offer_gone")
    return [*done, *running.values()]


def _see(
    running: dict[tuple[str, str, str], Interval], page: tuple[str, str], offers: Iterable[Offer], at: datetime
) -> Iterator[Interval]:
    for offer in offers:
        key, state = (*page, offer.ref), _state(offer)
        before = running.get(key)
        if before is not None and before.state == state:
            before.last_seen_at, before.observations = at, before.observations + 1
            continue
        if before is not None:
            before.valid_to, before.end_reason = at, "changed"
            yield before
        running[key] = Interval(*key, state, at, at)


def _end(
    running: dict[tuple[str, str, str], Interval], page: tuple[str, str], kept: set[str], at: datetime, reason: str
) -> Iterator[Interval]:
    for key in [key for key in running if key[:2] == page and key[2] not in kept]:
        ended = running.pop(key)
        ended.valid_to, ended.end_reason = at, reason
        yield ended


def _state(offer: Offer) -> State:
    sure = offer.price and offer.currency and (offer.confidence or 0) >= FLOOR
    return (
        (offer.price, offer.list_price, offer.currency, offer.availability)
        if sure
        else (None, None, None, offer.availability)
    )
