"""A country's year as bytes, made by the `holidays` package: they are landed, so a later version changes nothing."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import lru_cache
from typing import Any

from extractors.calendar.resources import API_VERSION
from extractors.calendar.retail import retail_days

_ENGLISH, _CHINESE = ("en_US", "en_GB"), ("zh_CN",)
_OBSERVED = re.compile(r" ?\((?:observed|substituted from [^)]*)\)")
# What the package has no Chinese for, of the days that most countries of our shops share.
_CHINESE_NAMES = {
    "New Year's Day": "元旦",
    "Good Friday": "耶稣受难日",
    "Easter Sunday": "复活节",
    "Easter Monday": "复活节星期一",
    "May Day": "五一节",
    "Labor Day": "劳动节",
    "Ascension Day": "耶稣升天节",
    "Whit Monday": "圣灵降临节星期一",
    "Assumption Day": "圣母升天节",
    "All Saints' Day": "诸圣节",
    "Thanksgiving Day": "感恩节",
    "Christmas Eve": "平安夜",
    "Christmas Day": "圣诞节",
    "Boxing Day": "节礼日",
    "Second Day of Christmas": "圣诞节次日",
}
_NEW_YEAR = "Chinese New Year (Spring Festival)"


def year_of(place: str, year: int, *, retail: bool) -> bytes:
    """The days of a country, or a part of one, in a year: JSON, in the order of days.

    Args:
        place: `GB` or `GB-SCT`.
        year: The year.
        retail: Whether days of trade are wanted too.
    """
    country, _, region = place.partition("-")
    days = [*_public(country, region, year)]
    if retail and not region:
        days += [
            {"date": str(one.day), "name": one.name, "name_zh": one.name_zh, "kind": "retail"}
            for one in retail_days(country, year)
        ]
        if (spring := _spring_festival(year)) and country != "CN":
            days.append({"date": spring, "name": "Chinese New Year", "name_zh": "春节", "kind": "retail"})
    days.sort(key=lambda one: (one["date"], one["kind"], one["name"]))
    told = {"made_by": API_VERSION, "country": country, "region": region, "year": year, "days": days}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _public(country: str, region: str, year: int) -> list[dict[str, Any]]:
    local = _names(country, region, year, None)
    english = _names(country, region, year, _ENGLISH)
    chinese = _names(country, region, year, _CHINESE)
    unmoved = set(_names(country, region, year, None, observed=False))
    days = []
    for day, own in sorted(local.items()):
        name = english.get(day, own)  # no English of it: better its own name than none
        moved = day not in unmoved or bool(_OBSERVED.search(name))
        named = {"name": name, "name_zh": chinese.get(day) or _CHINESE_NAMES.get(_OBSERVED.sub("", name))}
        days.append({"date": str(day), **named, "name_local": own, "kind": "public", "is_observed": moved})
    return days


def _names(
    country: str, region: str, year: int, languages: tuple[str, ...] | None, *, observed: bool = True
) -> dict[date, str]:
    """Names by day in the first language that the package has for the country; None: the country's own."""
    import holidays

    entity = holidays.country_holidays(country)
    own = str(getattr(entity, "default_language", None) or "en_US")
    known = {own, *(getattr(entity, "supported_languages", ()) or ())}
    language = own if languages is None else next((one for one in languages if one in known), None)
    if language is None:
        return {}
    # Named, because the package otherwise takes the language of this machine.
    found = holidays.country_holidays(
        country, subdiv=region or None, years=year, observed=observed, language=language if known != {own} else None
    )
    return {day: "; ".join(sorted(found.get_list(day))) for day in found}


@lru_cache(maxsize=64)
def _spring_festival(year: int) -> str:
    """The first day of the Chinese year, on which factories stand still for a week or two; empty if unknown."""
    days = [day for day, name in _names("CN", "", year, ("en_US",), observed=False).items() if _NEW_YEAR in name]
    return str(min(days)) if days else ""
