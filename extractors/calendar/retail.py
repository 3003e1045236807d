"""Days of trade: when shops sell as on no other day, and when suppliers do not deliver.

The rules: Black Friday is the day after the fourth Thursday of November (Thanksgiving in the United States), Cyber
Monday the Monday after it. Prime Day is announced by Amazon a few weeks ahead, so it is listed here, for the countries
whose marketplaces have had it throughout; a year that is missing here has not been announced when this was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_PRIME_COUNTRIES = frozenset({"US", "GB", "DE", "FR", "IT", "ES"})
_PRIME_DAYS = {
    2019: ("07-15", 2), 2020: ("10-13", 2), 2021: ("06-21", 2), 2022: ("07-12", 2), 2023: ("07-11", 2),
    2024: ("07-16", 2), 2025: ("07-08", 4),
}  # fmt: skip
_BIG_DEAL_DAYS = {2023: ("10-10", 2), 2024: ("10-08", 2), 2025: ("10-07", 2)}
_FRIDAY_COUNTRIES_NOT = frozenset({"CN"})


@dataclass(frozen=True)
class RetailDay:
    """A day of trade."""

    day: date
    name: str
    name_zh: str


def retail_days(country: str, year: int) -> Iterator[RetailDay]:
    """A country's days of trade in a year, in no order."""
    if country in {"CN", "HK", "TW"}:
        yield RetailDay(date(year, 6, 18), "618 Shopping Festival", "618购物节")
        yield RetailDay(date(year, 11, 11), "Singles' Day", "双十一")
        yield RetailDay(date(year, 12, 12), "Double 12", "双十二")
    if country not in _FRIDAY_COUNTRIES_NOT:
        friday = _fourth_thursday_of_november(year) + timedelta(days=1)
        yield RetailDay(friday, "Black Friday", "黑色星期五")
        yield RetailDay(friday + timedelta(days=3), "Cyber Monday", "网络星期一")
    if country in _PRIME_COUNTRIES:
        yield from _listed(year, _PRIME_DAYS, "Prime Day", "亚马逊会员日")
        yield from _listed(year, _BIG_DEAL_DAYS, "Prime Big Deal Days", "亚马逊秋季会员大促")


def _listed(year: int, known: dict[int, tuple[str, int]], name: str, name_zh: str) -> Iterator[RetailDay]:
    if year in known:
        first, length = known[year]
        for number in range(length):
            yield RetailDay(date.fromisoformat(f"{year}-{first}") + timedelta(days=number), name, name_zh)


def _fourth_thursday_of_november(year: int) -> date:
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 21)
