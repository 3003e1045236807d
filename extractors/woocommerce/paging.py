"""Going through a listing that changes meanwhile, without skipping a record.

WooCommerce pages by offset alone. Where rows are added or leave before the offset, the next page repeats or skips
(quirk 3). So no offset is trusted:

- **By time**: sorted by time, each page asks from the last second of the one before, from its first row. What was
  there is asked for again by at least that second; what has changed meanwhile is further on.
- **By number**: sorted by number, each page begins with the last row of the one before. Where that row is not there
  any more, rows before it have left, and the next page goes back until it meets known ground.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from extractors.api.errors import ExpiredCursorError
from extractors.woocommerce.client import Answer, Shop

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class ById:
    """How far a listing by number has come.

    Attributes:
        seen: Rows up to and with the last one.
        last: The last one's number; None at the beginning.
    """

    seen: int = 0
    last: int | None = None


@dataclass(frozen=True)
class ByTime:
    """How far a listing by time has come.

    Attributes:
        after: Ask for what is later than this second; naive UTC.
        crowd: How far it has come within the second after it, where that one alone fills pages.
    """

    after: str
    crowd: ById | None = None

    @classmethod
    def since(cls, moment: datetime) -> ByTime:
        """From a moment on: bounds are exclusive and to the second, so it asks from a second earlier."""
        return cls(_written(moment.replace(microsecond=0) - _SECOND))

    @property
    def _after(self) -> datetime:
        return datetime.fromisoformat(self.after)


@dataclass(frozen=True)
class TimeOrder:
    """By which time a listing is gone through.

    Attributes:
        field: The field that holds it.
        after: The parameter for its lower bound.
        before: The parameter for its upper bound.
        ordering: The word for it in `orderby`.
    """

    field: str
    after: str
    before: str
    ordering: str


BY_CHANGE = TimeOrder("date_modified_gmt", "modified_after", "modified_before", "modified")
BY_CREATION = TimeOrder("date_created_gmt", "after", "before", "date")


def by_id(shop: Shop, path: str, params: Mapping[str, object], at: ById) -> tuple[Answer, ById | None]:
    """The next page by number, and where to go on; None after the last."""
    offset = max(at.seen - 1, 0)
    answer = shop.listing(path, {**params, "orderby": "id", "order": "asc"}, offset)
    numbers = answer.ids
    on_known_ground = at.last is None or offset == 0 or (bool(numbers) and min(numbers) <= at.last)
    if not on_known_ground:
        return answer, ById(max(offset - answer.page_size, 0) + 1, at.last)
    if answer.is_last or not numbers:
        return answer, None
    return answer, ById(offset + len(set(numbers)), max(numbers))


def by_time(
    shop: Shop, path: str, params: Mapping[str, object], order: TimeOrder, end: datetime, at: ByTime
) -> tuple[Answer, ByTime | None]:
    """The next page by time, before `end`, and where to go on; None after the last."""
    # Without an offset: WordPress turns a time with one into the site's zone even where dates_are_gmt is set.
    bounds = {order.before: _written(_up_to_the_second(end)), "dates_are_gmt": "true"}
    if at.crowd is not None:
        return _crowd(shop, path, {**params, **bounds}, order, at)
    told = {**params, **bounds, order.after: at.after, "orderby": order.ordering, "order": "asc"}
    answer = shop.listing(path, told)
    if answer.is_last or not answer.rows:
        return answer, None
    newest = max(str(row[order.field]) for row in answer.rows)
    further = ByTime.since(datetime.fromisoformat(newest))
    if further.after > at.after:
        return answer, further
    return answer, ByTime(at.after, ById())


def _crowd(
    shop: Shop, path: str, params: Mapping[str, object], order: TimeOrder, at: ByTime
) -> tuple[Answer, ByTime | None]:
    """One second in which more was changed than a page holds, as by a bulk edit; by number, as that stands still."""
    second = at._after + _SECOND
    told = {**params, order.after: at.after, order.before: _written(second + _SECOND)}
    answer, further = by_id(shop, path, told, at.crowd or ById())
    return answer, ByTime(at.after, further) if further is not None else ByTime(_written(second))


def _up_to_the_second(end: datetime) -> datetime:
    """The second after a moment, where it is not a whole one: the bound is exclusive."""
    return end if end.microsecond == 0 else end.replace(microsecond=0) + _SECOND


def _written(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat()


def as_cursor(at: ById | ByTime | None) -> dict[str, Any] | None:
    """A place as JSON can hold it."""
    return None if at is None else asdict(at)


def id_cursor(told: Any) -> ById:  # noqa: ANN401  what JSON held
    """The place by number that `as_cursor` wrote.

    Raises:
        ExpiredCursorError: If it is none.
    """
    try:
        return ById(int(told["seen"]), None if told["last"] is None else int(told["last"]))
    except (KeyError, TypeError, ValueError):
        raise _unreadable() from None


def time_cursor(told: Any) -> ByTime:  # noqa: ANN401  what JSON held
    """The place by time that `as_cursor` wrote.

    Raises:
        ExpiredCursorError: If it is none.
    """
    try:
        crowd = None if told["crowd"] is None else id_cursor(told["crowd"])
        return ByTime(datetime.fromisoformat(told["after"]).isoformat(), crowd)
    except (KeyError, TypeError, ValueError):
        raise _unreadable() from None


def _unreadable() -> ExpiredCursorError:
    return ExpiredCursorError("The place where an extraction stopped cannot be read.", remedy="It begins again.")
