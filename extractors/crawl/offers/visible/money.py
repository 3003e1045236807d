"""Amounts of money in a page's text: every number that stands beside a currency, or alone in a place for a price.

Numbers are found first, and then what stands before and behind them is looked at, which is faster than one pattern
over a page's text and says more about each.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import islice

from price_parser.parser import parse_number

from extractors.crawl.offers.visible import marks
from extractors.crawl.offers.visible.signs import BEFORE, BEHIND, SIGNS
from extractors.crawl.offers.visible.tree import CENTS, Page

_MOST = 1_500
_MOST_NUMBERS = 40_000
_LONGEST_ALONE = 60  # characters of an element that holds a price and nothing else
_LARGEST = Decimal(10) ** 9

# A number as shops write it: groups of thousands, cents behind a point, a comma, a currency or in an element of their
# own, and `,-` or `:-` for none.
_NUMBER = re.compile(
    r"(?<![\d.,#])(?<!\d[/:-])(?P<whole>\d{1,3}(?:[.,'’]\d{3})+(?!\d)|\d{1,3}(?:,\d{2})+,\d{3}(?!\d)|"
    r"\d{1,3}(?: \d{3})+(?!\d)"
    r"|\d{1,9})"
    rf"(?:(?P<cents>\s?[.,]?\s?[€$£]?\s?{CENTS}\s?[.,]?\s?(?:\d{{2}}|[-–—]{{1,2}})|[.,]\d{{1,2}}(?!\d)"
    r"|[.,] \d\d(?![\d ])"
    r"|(?:\s?€\s?|£|\$)\d{2}(?![\d.,]|\s?[€$£]))"
    r"|(?P<none>\s?[.,:]\s?[-–—]{1,2}))?"
)
_WORD_BEFORE = re.compile(r"([^\W\d_]+)[\s:]*$")
_NEGATIVE = re.compile(r"(?:^|[^\d\s€$£¥円元₽.,:]\s?|\n\s?)[-–−]$")
_NO_PRICE_BEHIND = re.compile(
    r"[a-zа-я]|\s?(?:%|°|\"|″|”|x\s?\d|×|mm\b|cm\b|ml\b|kg\b|inch|w\b|v\b|hz\b|gb\b|tb\b|mah\b|stars?\b|"
    r"reviews?\b|years?\b|hours?\b"
    r"|days?\b|out of|von 5|sur 5|/\s?5\b|[a-z]?[:/]\d)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:price|prix|preis|prezzo|precio|preço|preco|prijs|\bpris|cena|hinta|fiyatı?|цена|価格|价格|售价|價格|"
    r"cost|now|"
    r"only|ár)"
    r"(?:\s?\([^)]{0,20}\))?\s?[:：=]?\s{0,2}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the text.

    Attributes:
        amount: How much; never 0 or less.
        sign: ISO 4217 code, or the sign where it stands for several currencies (`$`, `¥`, `kr`), or nothing.
        start: Where it begins in the page's text, its currency included.
        stop: Where it ends.
        node: The smallest element that holds it.
    """

    amount: Decimal
    sign: str
    start: int
    stop: int
    node: int


def find_money(page: Page) -> list[Money]:
    """Every amount of a page, in the order of its text."""
    found: list[Money] = []
    text = page.text
    for match in islice(_NUMBER.finditer(text), _MOST_NUMBERS):
        money = _money(page, text, match)
        if money is not None:
            found.append(money)
            if len(found) >= _MOST:
                break
    return found


def _money(page: Page, text: str, match: re.Match[str]) -> Money | None:
    start, stop = match.span()
    before = (
        BEFORE.search(text[max(0, start - 8) : start]) if _may_end_with_sign(text[max(0, start - 8) : start]) else None
    )
    behind = BEHIND.match(text, stop, stop + 10) if _may_be_sign(text[stop : stop + 4]) else None
    if before is not None and _belongs_to_last(text, before, start):
        before = None
    if before is None and start and text[start - 1].isalpha() and not _begins_piece(page, start):
        return None
    if before is None and behind is None:
        # "5 of 12" and the like: a lone number counts only where its place is that of a price
        if not _stands_alone(page, text, match):
            return None
        sign = _inner_sign(match.group())
    elif before is not None and not (behind is not None and _belongs_to_next(text, before, start)):
        sign = before["sign"]
        if sign.isalpha() and text[stop : stop + 1] == "-" and text[stop + 1 : stop + 2].isdigit():
            return None
        start = max(0, start - 8) + before.start("sign")
    elif behind is not None:
        sign = behind["sign"]
        stop = behind.end()
    else:
        return None
    amount = read_amount(match["whole"], match["cents"] or "")
    if amount is None or not 0 < amount <= _LARGEST or _NEGATIVE.search(text, max(0, start - 4), start):
        return None
    return Money(amount, SIGNS.get(sign.lower(), ""), start, stop, page.owner(start, stop))


def _may_be_sign(beside: str) -> bool:
    """Whether the nearest visible character beside a number can be of a currency: most numbers need no closer look."""
    nearest = beside.lstrip(" :\n")[:1]
    return bool(nearest) and not nearest.isdigit() and nearest not in ",;!?()[]{}%+*=\"'"


def _may_end_with_sign(before: str) -> bool:
    """The same for the text before a number, where a word that is no currency is the commonest thing."""
    word = _WORD_BEFORE.search(before)
    return word[1].lower() in SIGNS if word else _may_be_sign(before[:-4:-1])


def _belongs_to_next(text: str, before: re.Match[str], start: int) -> bool:
    """Whether the sign before this amount is the one behind the amount before: `12 € 15 €`."""
    at = max(0, start - 8) + before.start("sign")
    return bool(re.search(r"\d\s?$", text[max(0, at - 3) : at])) and not re.search(r"\n\s*$", text[:at][-2:])


def _belongs_to_last(text: str, before: re.Match[str], start: int) -> bool:
    """Whether the sign before a number closes the amount on the line before: `8,99 zł`, and below it `12 sold`."""
    at = max(0, start - 8) + before.start("sign")
    return "\n" in text[at:start] and text[max(0, at - 2) : at].strip()[-1:].isdigit()


def _begins_piece(page: Page, start: int) -> bool:
    """Whether a piece of text begins here: letters before it stand in another element."""
    at = bisect_right(page.piece_starts, start) - 1
    return at >= 0 and page.piece_starts[at] == start


def _inner_sign(number: str) -> str:
    return next((sign for sign in "€£$" if sign in number), "")


def _stands_alone(page: Page, text: str, match: re.Match[str]) -> bool:
    if match["none"] or _inner_sign(match.group()):  # 12,- and 12€99
        return True
    start, stop = match.span()
    if _NO_PRICE_BEHIND.match(text, stop, stop + 12) and not _begins_piece(page, stop):
        return False
    if match["cents"] and _LABEL.search(text, max(0, start - 30), start):
        return True
    node = page.owner(start, stop)
    if page.tags[node] == "sup":  # a footnote
        return False
    if page.stops[node] - page.starts[node] > _LONGEST_ALONE:
        return False
    rest = text[page.starts[node] : start] + text[stop : page.stops[node]]
    if len(rest) > 14 or sum(map(str.isalpha, rest)) > 3:
        return False
    return bool(page.near_marks(node, 2) & marks.PRICE)


@lru_cache(maxsize=4096)
def read_amount(whole: str, cents: str = "") -> Decimal | None:
    """A number as written, exactly.

    Args:
        whole: The part before the cents, with marks between the thousands.
        cents: What follows, with its point, comma, currency or `␞`.
    """
    digits = "".join(filter(str.isdigit, cents))
    plain = whole.replace("'", "").replace("’", "").replace(" ", "")
    if digits:
        plain = plain.replace(",", "").replace(".", "")
        return parse_number(f"{plain}.{digits}", decimal_separator=".")
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+|\d{1,3}(?:,\d{2})+,\d{3}", plain):
        plain = plain.replace(",", "").replace(".", "")
    return parse_number(plain)
