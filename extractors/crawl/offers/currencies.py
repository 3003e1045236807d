"""Which currency a sign stands for on a page: `$`, `¥` and `kr` are those of several countries."""

from __future__ import annotations

from urllib.parse import urlsplit

from babel.core import get_global

_SIGNS = {
    "€": "EUR", "£": "GBP", "￡": "GBP", "₽": "RUB", "₹": "INR", "₩": "KRW", "₺": "TRY", "₫": "VND",
    "฿": "THB", "₴": "UAH", "₱": "PHP", "₪": "ILS", "元": "CNY", "円": "JPY", "人民币": "CNY",
    "rmb": "CNY", "zł": "PLN", "zl": "PLN", "kč": "CZK", "ft": "HUF", "lei": "RON", "лв": "BGN",
    "руб": "RUB", "руб.": "RUB", "р.": "RUB", "грн": "UAH", "r$": "BRL", "us$": "USD",
    "us $": "USD", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "au$": "AUD", "nz$": "NZD", "hk$": "HKD",
    "nt$": "TWD", "s$": "SGD", "rm": "MYR", "rp": "IDR", "rs": "INR", "rs.": "INR", "fr.": "CHF",
    "sfr.": "CHF", "cn¥": "CNY", "jp¥": "JPY", "kr": "kr", "kr.": "kr", "¥": "¥", "￥": "¥",
    "$": "$", "euro": "EUR", "tl": "TRY",
}  # fmt: skip
_SHARED = {
    "$": {"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "CLP", "COP", "ARS"},
    "¥": {"JPY", "CNY"},
    "kr": {"SEK", "NOK", "DKK", "ISK"},
}
_USUAL = {"$": "USD"}
_LANGUAGES = {
    "sv": "SEK", "nb": "NOK", "nn": "NOK", "no": "NOK", "da": "DKK", "is": "ISK", "ja": "JPY",
    "zh": "CNY", "pl": "PLN", "cs": "CZK", "hu": "HUF", "de": "EUR", "fr": "EUR", "it": "EUR",
    "nl": "EUR", "fi": "EUR", "ko": "KRW",
}  # fmt: skip


def codes_of(sign: str, expected: list[str]) -> str:
    """The code that a sign or code stands for; empty for one that is not known or stays open.

    Args:
        sign: As the page has it.
        expected: Codes that the site's place and language suggest, the most likely first.
    """
    plain = sign.strip()
    found = _SIGNS.get(plain.lower(), plain.upper())
    shared = _SHARED.get(found)
    if shared is not None:
        return next((code for code in expected if code in shared), _USUAL.get(found, ""))
    return found if found in get_global("all_currencies") else ""


def expected(url: str, languages: list[str], declared: str) -> list[str]:
    """Currencies that a page's place and language suggest, the most likely first.

    Args:
        url: Its address.
        languages: Languages that it or its site names, such as `en-GB`.
        declared: The currency that the site's declaration names.
    """
    found = [declared.upper()] if declared else []
    try:
        host = (urlsplit(url).hostname or "").rsplit(".", 1)[-1]
    except ValueError:
        host = ""
    found.append(_of_territory({"uk": "GB", "eu": "DE"}.get(host, host.upper())))
    for language in languages:
        parts = language.replace("_", "-").split("-")
        if len(parts) > 1:
            found.append(_of_territory(parts[-1].upper()))
        found.append(_LANGUAGES.get(parts[0].lower(), ""))
    return [code for code in dict.fromkeys(found) if code]


def _of_territory(territory: str) -> str:
    """The currency in use in a country (CLDR); empty for what is no country, such as `COM`."""
    if len(territory) != 2:
        return ""
    current = [row[0] for row in get_global("territory_currencies").get(territory, ()) if row[2] is None and row[3]]
    return str(current[0]) if current else ""
