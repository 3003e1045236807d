"""Amounts of money in a text that is a price: of any locale, with what says that it is a price of something else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from price_parser import Price
from price_parser.parser import parse_number

_LARGEST = Decimal(10) ** 9
_THREE_DIGITS = frozenset(("KWD", "BHD", "OMR", "TND", "JOD", "IQD", "LYD"))
_NO_MINOR_UNIT = frozenset(("JPY", "KRW", "VND", "CLP", "PYG", "ISK", "UGX", "XAF", "XOF"))
_MACHINE = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?")
# What is cut away: instalments before their amount, prices of a kilogram, shares, dashes for no cents.
_NOT_THE_PRICE = re.compile(
    r"\d+\s*[x×]\s*(?:(?:de|à|of|von)\s*)?(?=[^\d\s]{0,3}\s*\d)[^\d]{0,4}\d[\d.,' ]*(?:\s?[^\s\d/]{1,3})?"
    r"|[^\d\s]{0,3}\s?\d[\d.,]*\s?[^\s\d]{0,4}\s?(?:/|per|pro|je|por|par|al)\s?(?:\d+\s?)?"
    r"(?:kg|g|100\s?g|l|ml|lit(?:er|re)|m²|m2|m|month|monat|mois|mes|mo|unit|oz|lb|st(?:ü|ue)ck|個|斤)\b\.?"
    r"|\d+(?:[.,]\d+)?\s?%",
    re.IGNORECASE,
)
_CENTS = re.compile(r"<su[pb][^>]*>\s*[.,]?\s*(\d\d)\s*</su[pb]>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]{0,200}>")
_SIGN = (
    r"(?:[€£¥￥₹₽₩₺₴₫฿₱₪$]|[A-Z]{1,3}\$|"
    r"\b(?:USD|EUR|GBP|CHF|JPY|CNY|SEK|NOK|DKK|PLN|CZK|AUD|CAD|INR|kr|Rs|RM|zł|zl|Kč)\b\.?)"
)
_NUMBER = r"\d[\d.,'’\u00a0\u202f ]*\d|\d"
_WITH_SIGN = re.compile(
    rf"{_SIGN}\s?:?\s?(?P<behind>{_NUMBER})|(?P<before>{_NUMBER})\s?[.,]?[-–—]?\s?{_SIGN}", re.IGNORECASE
)
_NO_CENTS = re.compile(r"(?<=\d)\s?[.,:][-–—]+")
_PARTED = re.compile(r"\d\s?€\s?\d{2}(?!\d)|^\D{0,4}\.\d|\d\)")  # 12€99, .75, and a second currency in brackets
_SWISS = re.compile(r"(?<=\d)[’'](?=\d{3})")
_WITHOUT_TAX = re.compile(
    r"\b(?:ex(?:cl?)?(?:uding|\.)?|without|plus|zzgl\.?|ohne|hors|sin|exkl\.?|netto|\+)\s?(?:of\s)?(?:vat|tax(?:es)?|gst"
    r"|mwst|ust|tva|iva|btw|moms|ht)\b|\bht\b|税抜|税別|不含税",
    re.IGNORECASE,
)
_WITH_TAX = re.compile(
    r"\b(?:inc(?:l)?(?:uding|\.)?|with|inkl\.?|brutto|con|toutes?)\s?(?:of\s)?(?:vat|tax(?:es)?|gst|mwst|ust|tva|iva|btw"
    r"|moms)\b|\bttc\b|税込|含税",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reading:
    """What a text says about a price.

    Attributes:
        amount: The amount; None where the text has none, or asks to be asked.
        sign: The currency's sign or code as written.
        tax_note: `included`, `excluded`, or nothing.
        high: The upper end, where the text is a range.
    """

    amount: Decimal | None
    sign: str = ""
    tax_note: str = ""
    high: Decimal | None = None


def read_price(text: str, currency_hint: str = "") -> Reading:
    """Reads a text that stands where a price is expected.

    Args:
        text: The text; tags in it are understood.
        currency_hint: Currency that is known from elsewhere, as code or sign.
    """
    plain = _TAGS.sub(" ", _CENTS.sub(r".\1", text[:300])).replace("\u202f", " ").replace("\u00a0", " ").strip()
    if _MACHINE.fullmatch(plain):
        return Reading(tidy(Decimal(plain), currency_hint), currency_hint)
    cut = _NOT_THE_PRICE.sub(" ", plain)
    if not re.search(r"\d", cut):
        cut = plain
    cut = _SWISS.sub("", _NO_CENTS.sub(" ", cut))
    found = [parse_number(match["behind"] or match["before"]) for match in _WITH_SIGN.finditer(cut)]
    price = Price.fromstring(cut, currency_hint=currency_hint or None)
    amounts = [one for one in found if one is not None]
    amount = price.amount
    if amounts and amount not in amounts and not _PARTED.search(cut):
        amount = amounts[0]  # the first number had no currency: a quantity, or a size
    elif not amounts and amount is not None:
        amount = _grouped(cut) or amount
    high = next((one for one in amounts[1:] if amount is not None and one > amount), None)
    return Reading(
        tidy(amount, price.currency or currency_hint) if amount is not None else None,
        price.currency or "",
        tax_note(plain),
        high if re.search(r"\d\D{0,8}[-–—~〜]\s?\D{0,8}\d|\bto\b|\bbis\b", cut) else None,
    )


def _grouped(text: str) -> Decimal | None:
    match = re.fullmatch(r"\D{0,12}(\d{1,2}(?:,\d{2})+,\d{3})\D{0,12}", text)
    return parse_number(match[1].replace(",", "")) if match else None


def tax_note(text: str) -> str:
    """Whether a text says that tax is in a price; empty where it says nothing."""
    if _WITHOUT_TAX.search(text):
        return "excluded"
    return "included" if _WITH_TAX.search(text) else ""


def machine_price(text: str, currency: str) -> Reading:
    """Reads a price of structured data: a number with a point, or what a shop writes instead.

    `1.299` with a currency of two digits is what shops of many countries write for a thousand: no shop asks a
    tenth of a cent.
    """
    plain = text.strip()
    if (
        re.fullmatch(r"\d{1,3}\.\d{3}", plain)
        and currency not in _THREE_DIGITS
        and not plain.startswith("0")
        and not plain.endswith("0")
    ):
        return Reading(tidy(Decimal(plain), currency), currency)
    return read_price(plain, currency)


def tidy(amount: Decimal, currency: str = "") -> Decimal | None:
    """An amount without the digits that a float's error leaves; None where it cannot be a price."""
    if not amount.is_finite() or not 0 <= amount <= _LARGEST:
        return None
    places = Decimal("0.001") if currency.upper() in _THREE_DIGITS else Decimal("0.01")
    exact = amount.quantize(places, rounding=ROUND_HALF_UP)
    return amount if amount == exact else exact


def is_minor_unit(one: Decimal, other: Decimal, currency: str) -> bool:
    """Whether the first is the second in cents."""
    return currency not in _NO_MINOR_UNIT and one == other * 100
