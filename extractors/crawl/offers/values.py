"""Values of structured data in one spelling: availability, condition, ratings, barcodes, names, addresses."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from urllib.parse import urljoin, urlsplit

from gtin.validator import is_valid_GTIN  # type: ignore[import-untyped]
from stdnum import isbn
from zyte_parsers import extract_gtin

from extractors.crawl.offers.items import bare

_SPACES = re.compile(r"\s+")
_LETTERS = re.compile(r"[^a-z]+")
_PLACEHOLDER = re.compile(
    r"^(?:n/?a|none|null|undefined|unknown|default(?: title)?|no ?brand|brand|-+|\.+|0+|false|true|nan|unbranded"
    r"|\[.*\]|\{.*\})$",
    re.IGNORECASE,
)
_AVAILABILITY = (
    (r"discontinued|nolongeravailable|endoflife", "discontinued"),
    (r"backorder|onbackorder", "backorder"),
    (r"preorder|presale|comingsoon|prerelease", "preorder"),
    (r"outofstock|soldout|notavailable|unavailable|notinstock|nostock|oos|ausverkauft|nichtverfugbar|agotado|epuise"
     r"|rupturedestock|esaurito|uitverkocht|indisponible|outstock|nichtlieferbar", "out_of_stock"),
    (r"limited|lowstock|fewleft|lastitems", "limited"),
    (r"instock|instore|onlineonly|available|enstock|aufl?ager|lieferbar|disponible|disponibile|madetoorder|reserved|yes"
     r"|true|skladem|oplager|disponivel|instockonline|stock", "in_stock"),
)  # fmt: skip
_AVAILABLE = tuple((re.compile(pattern), name) for pattern, name in _AVAILABILITY)
_CJK_AVAILABLE = (
    (re.compile("缺货|售罄|无货|缺貨|售完|在庫切れ|在庫なし|売り切れ|売切|品切|품절|нет в наличии"), "out_of_stock"),
    (re.compile("预售|预订|予約"), "preorder"),
    (re.compile("有货|现货|有貨|現貨|在庫あり|재고|в наличии"), "in_stock"),
)
_CONDITIONS = (("refurb", "refurbished"), ("recondition", "refurbished"), ("used", "used"), ("damaged", "used"),
               ("secondhand", "used"), ("preowned", "used"), ("gebraucht", "used"), ("occasion", "used"),
               ("new", "new"), ("neu", "new"))  # fmt: skip
_RATING = re.compile(r"\d+(?:[.,]\d+)?")


def line(text: str, most: int = 500) -> str:
    """Text in one line, without the names that programs write where they have none."""
    plain = _SPACES.sub(" ", text).strip()[:most]
    return "" if _PLACEHOLDER.match(plain) else plain


def availability(text: str) -> str:
    """What a spelling of availability means; empty where it means nothing."""
    if text.strip() in ("0", "false", "False"):
        return "out_of_stock"
    for pattern, name in _CJK_AVAILABLE:
        if pattern.search(text.lower()):
            return name
    letters = _LETTERS.sub("", bare(text) if "://" in text or ":" in text else text.lower())
    return next((name for pattern, name in _AVAILABLE if pattern.search(letters)), "")


def condition(text: str) -> str:
    """New, used or refurbished; empty where the text says none of them."""
    letters = _LETTERS.sub("", bare(text))
    return next((name for sign, name in _CONDITIONS if sign in letters), "")


def gtin14(text: str) -> str:
    """A barcode as 14 digits; empty where its check digit is wrong, or it is for use within one shop only.

    Args:
        text: Digits with anything around them; an ISBN of ten digits becomes its barcode.
    """
    compact = re.sub(r"[\s\-‐-―]", "", text)
    if re.fullmatch(r"\d{9}[\dXx]", compact):
        return isbn.to_isbn13(compact).zfill(14) if isbn.is_valid(compact) else ""
    found = extract_gtin(text[:60])
    digits = found.value if found else compact
    # Some sources drop leading zeros, others add them.
    if not digits.isdigit() or not digits.isascii() or not 8 <= len(digits) <= 14 or not int(digits):
        return ""
    whole = digits.zfill(14)
    if len(digits) in (9, 10, 11) or not is_valid_GTIN(whole) or len(set(digits)) == 1:
        return ""
    number = whole[1:]  # as GTIN-13: 02 and 20 to 29 are numbered by each shop for itself, 98 and 99 are coupons
    if len(digits) > 8 and (number[:2] in ("02", "04", "98", "99") or number[0] == "2"):
        return ""
    return whole


def rating(value: str, best: str, worst: str = "") -> Decimal | None:
    """A mean rating on a scale of 5; None for none, or one outside of its scale.

    Args:
        value: The rating, with a point or a comma; `4.5/5` and `90%` carry their own scale.
        best: The scale's upper end; empty for 5.
        worst: The scale's lower end; only that of a scale from 0 to 1 matters.
    """
    numbers = [_number(found) for found in _RATING.findall(value)[:2]]
    if not numbers or numbers[0] is None:
        return None
    top = _number(best) if best else None
    if top is None and "%" in value:
        top = Decimal(100)
    if top is None and len(numbers) == 2 and "/" in value:
        top = numbers[1]
    found, scale = numbers[0], top or Decimal(5)
    if top is None and found > 5:
        scale = Decimal(10) if found <= 10 else Decimal(100)
    if not 0 < found <= scale or scale > 1_000:
        return None
    return (found * 5 / scale).quantize(Decimal("0.01")).normalize()


def count(text: str) -> int | None:
    """A number of reviews; None where there is none."""
    match = re.search(r"\d{1,3}(?:[.,\s]\d{3})+|\d+", text[:40])
    if match is None:
        return None
    found = int(re.sub(r"\D", "", match.group()))
    return found if found < 100_000_000 else None


def address(base: str, text: str) -> str:
    """An address of a picture in full; empty where it is none, or a picture in itself."""
    if not text.strip():
        return ""
    try:
        found = urljoin(base, text.strip())
        parts = urlsplit(found)
    except ValueError:
        return ""
    return found if parts.scheme in ("http", "https") and parts.netloc and len(found) <= 2_000 else ""


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
