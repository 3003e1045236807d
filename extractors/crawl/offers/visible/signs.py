"""Signs of currencies beside numbers: which there are, what they stand for, and on which side they stand."""

from __future__ import annotations

import re

from extractors.crawl.offers.visible.marks import names

_LETTERS = r"A-Za-zА-Яа-я"
_CODES = (
    "USD EUR GBP JPY CNY CHF CAD AUD NZD SEK NOK DKK PLN CZK HUF RON BGN HRK RUB UAH TRY INR IDR MYR SGD HKD TWD KRW "
    "THB VND PHP BRL MXN ARS CLP COP PEN UYU ZAR NGN KES EGP MAD AED SAR QAR KWD BHD OMR ILS PKR BDT LKR NPR KZT BYN "
    "GEL AMD AZN RSD ISK RMB GHS TND DZD JOD MKD BAM DOP CRC GTQ PYG BOB IRR IQD LBP MNT UZS KGS MDL ALL"
)
SIGNS: dict[str, str] = {
    "€": "EUR",
    "£": "GBP",
    "₽": "RUB",
    "₹": "INR",
    "₩": "KRW",
    "₴": "UAH",
    "₺": "TRY",
    "₫": "VND",
    "₱": "PHP",
    "₦": "NGN",
    "₪": "ILS",
    "฿": "THB",
    "৳": "BDT",
    "₸": "KZT",
    "₾": "GEL",
    "₡": "CRC",
    "₲": "PYG",
    "₵": "GHS",
    "円": "JPY",
    "元": "CNY",
    "원": "KRW",
    "zł": "PLN",
    "kč": "CZK",
    "ft": "HUF",
    "лв": "BGN",
    "лв.": "BGN",
    "руб": "RUB",
    "руб.": "RUB",
    "р.": "RUB",
    "₽.": "RUB",
    "грн": "UAH",
    "грн.": "UAH",
    "тг": "KZT",
    "тг.": "KZT",
    "r$": "BRL",
    "us$": "USD",
    "us $": "USD",
    "u$s": "USD",
    "ca$": "CAD",
    "c$": "CAD",
    "cad$": "CAD",
    "au$": "AUD",
    "a$": "AUD",
    "au $": "AUD",
    "c $": "CAD",
    "nz$": "NZD",
    "hk$": "HKD",
    "nt$": "TWD",
    "s$": "SGD",
    "mx$": "MXN",
    "cn¥": "CNY",
    "jp¥": "JPY",
    "s/": "PEN",
    "s/.": "PEN",
    "rp": "IDR",
    "rm": "MYR",
    "rs": "INR",
    "rs.": "INR",
    "tl": "TRY",
    "fr.": "CHF",
    "sfr.": "CHF",
    "lei": "RON",
    "ron": "RON",
    "din": "RSD",
    "din.": "RSD",
    "kn": "HRK",
    "ksh": "KES",
    "euro": "EUR",
    "euros": "EUR",
    "đ": "VND",
    "₫.": "VND",
    "dh": "AED",
    "dhs": "AED",
    "дин": "RSD",
    "р": "RUB",
    "د.إ": "AED",
    "ر.س": "SAR",
    "ريال": "SAR",
    "درهم": "AED",
    "تومان": "IRR",
    "¥": "¥",
    "￥": "¥",
    "$": "$",
    "kr": "kr",
    "kr.": "kr",
    "₨": "INR",
    "l.e.": "EGP",
    "le": "EGP",
    "br": "BYN",
    "eur.": "EUR",
    "ден": "MKD",
    "km": "BAM",
}
SIGNS |= {code.lower(): "CNY" if code == "RMB" else code for code in _CODES.split()}
# `ft`, `le`, `km` and the like are words as well: only behind an amount, and never with a letter beside them.
_BEHIND_ONLY = frozenset(names("ft le km br р dh тг din kn đ 円 元 원 лв руб руб. р. грн lei дин ден"))
_BEFORE_ONLY = frozenset(names("fr. sfr. r$ us$ s$ s/ s/. rm rp rs rs. ksh ₹"))
_ANY_CASE = frozenset(names("eur usd gbp chf pln czk sek nok dkk huf ron inr aed sar"))
# Two letters before a number are a currency in this spelling only: `RP12-10` is an article number.
_EXACT = {"rp": "Rp", "rm": "RM", "rs": "Rs", "tl": "TL", "le": "LE", "kn": "kn", "km": "KM"}


def _one_of(signs: list[str], *, before: str = "", behind: str = "") -> str:
    """The signs as alternatives.

    Args:
        signs: Currencies.
        before: What must stand before a sign that begins with a letter.
        behind: What must follow a sign that ends with a letter.
    """
    longest_first = sorted(signs, key=len, reverse=True)
    return "|".join(
        (before if sign[0].isalpha() else "") + _as_written(sign) + (behind if sign[-1].isalpha() else "")
        for sign in longest_first
    )


def _as_written(sign: str) -> str:
    """A pattern for a sign; most codes only in capitals, as `pen`, `all` and `top` are words."""
    code = sign.upper()
    if code in _CODES.split() and sign not in _ANY_CASE:
        return f"(?-i:{code})"
    if sign in _EXACT:
        return f"(?-i:{re.escape(_EXACT[sign])})"
    return re.escape(sign)


BEFORE = re.compile(
    rf"(?P<sign>{_one_of([s for s in SIGNS if s not in _BEHIND_ONLY], before=f'(?<![{_LETTERS}])')})\s?[:\n]?\s?$",
    re.IGNORECASE,
)
BEHIND = re.compile(
    rf"\s?\n?\s?(?P<sign>{_one_of([s for s in SIGNS if s not in _BEFORE_ONLY], behind=f'(?![{_LETTERS}])')})",
    re.IGNORECASE,
)
