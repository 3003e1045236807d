"""What happens in the web shop while the other one is open: edits, late and lost versions, refunds, deletions, rates.

Made once from a seed, step by step as it is landed; and what must be true of it afterwards, by plain loops.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from lakehouse.windows import Window
from tests.support.shop import FIRST_DAY, day
from tests.support.web_shop import Extract, WebLine, WebOrder, WebRefund, edited

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_LONDON = ZoneInfo("Europe/London")
_CURRENCIES = ("GBP", "GBP", "EUR", "JPY", "USD")


def _line(rng: random.Random, place: int) -> WebLine:
    price = Decimal(rng.randrange(100, 9000)) / 100
    discount = Decimal("0.3300") if rng.random() < 0.2 else None
    return WebLine(f"L{place}", rng.choice(["P1", "P2", "85123a", "W1"]), rng.randrange(1, 6), price, discount=discount)


def _order(rng: random.Random, number: int, at: datetime) -> WebOrder:
    lines = [_line(rng, place) for place in range(rng.randrange(1, 5))]
    if rng.random() < 0.6:
        lines += [WebLine(None, "SHIPPING", 1, Decimal("4.9000"), "shipping")]
        lines += [WebLine(None, "ROUNDING", 1, Decimal("0.0100"), "rounding")]
    if rng.random() < 0.2:  # given back without a word of what: matched with what was bought last
        lines += [WebLine("X", lines[0].product, -1, lines[0].price)]
    customer = rng.choice(["W-1", "W-2", "W-3", None])
    head = WebOrder(f"{number}", at, at + _MINUTE, tuple(lines), rng.choice(_CURRENCIES), customer)
    return replace(head, is_test=rng.random() < 0.1, codes=("SPRING",) if rng.random() < 0.3 else ())


def _day(number: int) -> list[WebOrder]:
    rng = random.Random(f"web/{number}")  # noqa: S311 - data, not secrets
    window = day(number)
    return [_order(rng, 100 * number + place, window.start + rng.randrange(1, 1370) * _MINUTE) for place in range(10)]


def _rates(*numbers: int, shift: str = "0") -> dict[tuple[date, str], Decimal]:
    """What a euro costs; the rates of a day differ from those of the days around it."""
    made: dict[tuple[date, str], Decimal] = {}
    for number in numbers:
        fixed = FIRST_DAY + timedelta(days=number)
        base = {"GBP": Decimal("0.8712"), "JPY": Decimal("114.57"), "USD": Decimal("1.4106")}
        made |= {(fixed, name): rate + Decimal(number) / 1000 + Decimal(shift) for name, rate in base.items()}
    return made


def _refund(number: int, order: WebOrder, at: datetime, *, units: int = 1) -> WebRefund:
    goods = [line for line in order.lines if line.kind == "product" and line.quantity > 0][:2]
    lines = [WebLine(f"R{number}-{line.ref}", line.product, -units, line.price, takes_back=line.ref) for line in goods]
    lines += [WebLine(f"R{number}-g", "GOODWILL", -1, Decimal("1.5000"), "goodwill")]
    return WebRefund(f"r{number}", order, at, at, tuple(lines))


def _without_a_line(order: WebOrder, changed: datetime) -> WebOrder:
    return edited(order, changed, *order.lines[1:], replace(order.lines[0], ref="NEW", price=Decimal("77.7700")))


_OLD = [order for number in range(3) for order in _day(number)]
_MORE = [order for number in (3, 4, 5) for order in _day(number)]
_EVENING = day(5).end
_REFUNDS = [
    *(_refund(number, order, order.at + 20 * _HOUR) for number, order in enumerate(_OLD[:6])),
    *(_refund(10 + number, order, order.at + 30 * _HOUR, units=3) for number, order in enumerate(_OLD[4:9])),
]
_EDITED = [_without_a_line(order, day(4).start) for order in _OLD[8:14]]
_STATED_AGAIN = _rates(0, shift="0.0400")

STORY: tuple[tuple[Extract, ...], ...] = (
    (
        Extract(Window(day(0).start, day(2).end), day(2).end, orders=_OLD, rates=_rates(0, 2)),
        Extract(
            day(2), day(2).end, products=[("P1", "A mug", 7, day(0).start), ("NEW-1", "A new mug", 2, day(0).start)]
        ),
    ),
    (
        Extract(
            Window(day(3).start, day(5).end),
            day(5).end,
            orders=[*_MORE, *_EDITED, *_OLD[:3]],  # and some that have not changed
            refunds=_REFUNDS,
            rates=_rates(3, 5),
            products=[("P1", "The mug", 5, day(4).start)],
        ),
    ),
    (
        Extract(
            Window(_EVENING, _EVENING + 4 * _HOUR),
            _EVENING + 4 * _HOUR,
            # versions from between the first and the newest come last, and change nothing
            orders=[edited(order, day(3).start, WebLine("BETWEEN")) for order in _OLD[8:11]],
            refunds=[replace(one, changed=_EVENING + _HOUR, lines=()) for one in _REFUNDS[:2]],
            gone={order.ref: _EVENING + 2 * _HOUR for order in (*_OLD[12:15], _MORE[0])},
        ),
        Extract(day(0), _EVENING + 3 * _HOUR, rates=_STATED_AGAIN),
    ),
    (
        Extract(
            day(6),
            day(6).end,
            orders=[
                *_day(6),
                replace(_OLD[12], changed=_EVENING + 5 * _HOUR),  # back from the bin
                *(replace(order, changed=_EVENING + _DAY, is_test=not order.is_test) for order in _OLD[15:18]),
                *(replace(order, changed=_EVENING + _DAY, lines=(), codes=()) for order in _OLD[18:21]),
            ],
            refunds=[_refund(30, _MORE[3], _EVENING + 6 * _HOUR)],
            rates=_rates(6),
        ),
    ),
    (),
)


def known(as_of: datetime) -> list[Extract]:
    """The extracts that a build as of a moment sees, in the order in which they became known."""
    extracts = [one for step in STORY for one in step if one.known_at <= as_of]
    return sorted(extracts, key=lambda one: one.known_at)


def orders_now(as_of: datetime) -> dict[str, WebOrder]:
    """The newest version of each order that counts: neither deleted since nor a trial."""
    newest: dict[str, WebOrder] = {}
    gone: dict[str, datetime] = {}
    for extract in known(as_of):
        gone |= {ref: max(at, gone.get(ref, at)) for ref, at in extract.gone.items()}
        for order in extract.orders:
            if order.ref not in newest or order.changed >= newest[order.ref].changed:
                newest[order.ref] = order
    return {
        ref: order
        for ref, order in newest.items()
        if not order.is_test and not (ref in gone and gone[ref] >= order.changed)
    }


def refunds_now(as_of: datetime) -> Iterator[WebRefund]:
    """The newest version of each refund of an order that counts."""
    newest: dict[str, WebRefund] = {}
    for extract in known(as_of):
        for one in extract.refunds:
            if one.ref not in newest or one.changed >= newest[one.ref].changed:
                newest[one.ref] = one
    counting = orders_now(as_of)
    yield from (one for one in newest.values() if one.order.ref in counting)


def worth(price: Decimal, currency: str, at: datetime, as_of: datetime) -> Decimal:
    """A price in pounds, at the rate of its local day: that day's fixing, or the last one before."""
    if currency == "GBP":
        return price
    told: dict[tuple[date, str], Decimal] = {}
    for extract in known(as_of):
        told |= extract.rates
    local = at.astimezone(_LONDON).date()

    def quote(name: str) -> Decimal:
        return max((fixed, rate) for (fixed, other), rate in told.items() if other == name and fixed <= local)[1]

    of_euro = Decimal(1) if currency == "EUR" else quote(currency)
    rate = (quote("GBP") / of_euro).quantize(Decimal("1e-10"), ROUND_HALF_UP)
    return (price * rate).quantize(Decimal("1e-4"), ROUND_HALF_UP)


def sales(as_of: datetime) -> Iterable[tuple[str, str | None, int, Decimal, Decimal]]:
    """Order, line, units, price in the order's currency and in pounds, of everything sold."""
    for order in orders_now(as_of).values():
        for line in order.lines:
            if line.kind == "product" and line.quantity > 0:
                price = line.price.quantize(Decimal("1e-4"))
                yield order.ref, line.ref, line.quantity, price, worth(price, order.currency, order.at, as_of)


def credited(as_of: datetime) -> dict[tuple[str, str], int]:
    """Units that refunds take back of each line that they name and that is still there, at most those sold."""
    sold = {(order, line): units for order, line, units, *_ in sales(as_of) if line}
    taken: dict[tuple[str, str], int] = {}
    for refund in refunds_now(as_of):
        for line in refund.lines:
            target = (refund.order.ref, line.takes_back or "")
            if target in sold:
                taken[target] = min(sold[target], taken.get(target, 0) - line.quantity)
    return taken
