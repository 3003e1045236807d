"""How Shopify writes ids, instants and money."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

_NO_CENTS = frozenset({"JPY", "KRW", "VND"})


def gid(kind: str, number: int | str) -> str:
    """A global id."""
    return f"gid://shopify/{kind}/{number}"


def instant(at: datetime | None) -> str | None:
    """An instant, to the second."""
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def exponent(currency: str) -> int:
    """Decimals of a currency's minor unit."""
    return 0 if currency in _NO_CENTS else 2


def major(minor: int, currency: str) -> Decimal:
    """An amount in whole units."""
    return Decimal(minor).scaleb(-exponent(currency))


def decimal(amount: Decimal) -> str:
    """The scalar `Decimal`: zeros at the end are left out, one decimal stays ("8.8", "7.0")."""
    text = format(amount, "f")
    if "." not in text:
        return f"{text}.0"
    text = text.rstrip("0")
    return f"{text}0" if text.endswith(".") else text


def money_text(minor: int | None, currency: str) -> str | None:
    """The scalar `Money`: all decimals of the currency ("8.80")."""
    return None if minor is None else format(major(minor, currency), "f")


def money(minor: int, currency: str) -> dict[str, Any]:
    """A MoneyV2."""
    return {"__typename": "MoneyV2", "amount": decimal(major(minor, currency)), "currencyCode": currency}


def scaled(amount: int, part: int, whole: int) -> int:
    """The share `part / whole` of an amount, half away from zero."""
    if part == whole:
        return amount
    share = Decimal(amount * part) / Decimal(whole)
    return int(share.quantize(Decimal(1), ROUND_HALF_UP))


class Purse:
    """Writes money bags of one order: shop money beside what the customer saw.

    Args:
        shop: The shop's currency.
        presentment: The customer's.
        rate: Units of the customer's currency for one of the shop's.
    """

    def __init__(self, shop: str, presentment: str, rate: str) -> None:
        self._told = shop, presentment, rate

    def bag(self, minor: int) -> dict[str, Any]:
        """A MoneyBag."""
        return _bag(minor, *self._told)


@lru_cache(200_000)  # the same prices come again and again; documents are never changed
def _bag(minor: int, shop: str, presentment: str, rate: str) -> dict[str, Any]:
    amount = major(minor, shop)
    seen = amount
    if presentment != shop:
        unit = Decimal(1).scaleb(-exponent(presentment))
        seen = (amount * Decimal(rate)).quantize(unit, ROUND_HALF_UP)
    return {
        "shopMoney": {"__typename": "MoneyV2", "amount": decimal(amount), "currencyCode": shop},
        "presentmentMoney": {"__typename": "MoneyV2", "amount": decimal(seen), "currencyCode": presentment},
    }
