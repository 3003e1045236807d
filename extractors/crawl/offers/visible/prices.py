"""Which of a page's amounts is the product's price: a sum of weighted signs for each amount.

The weights stand in one table, each with its reason. They were set by hand on pages of many kinds of shops, and the
sum is turned into a confidence by how far it lies above what a chance amount reaches and above the runner-up.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from extractors.crawl.offers.visible import marks, words
from extractors.crawl.offers.visible.landmarks import Landmarks
from extractors.crawl.offers.visible.money import Money
from extractors.crawl.offers.visible.tree import Page

WEIGHTS: dict[str, float] = {
    "named_price": 2.2,  # class or id of it or its near boxes names a price: the commonest sign there is
    "named_current": 0.8,  # … and names the price of now
    "named_old": -2.6,  # … or the old one
    "named_maybe_old": -0.25,  # `regular-price` is the price of now as long as nothing is reduced
    "named_saving": -3.0,  # the saving is no price
    "named_unit": -2.2,  # per kilogram or litre
    "named_product": 0.5,  # stands in a box named after the product
    "named_option": -1.0,  # a choice, or a row of a quantity table
    "struck": -3.2,  # crossed out
    "says_old": -2.6,  # "was", "UVP", "statt" before it
    "says_now": 0.7,  # "now", "price", "only" before it
    "says_saving": -3.0,  # "you save" before it, "off" behind it
    "says_unit": -2.2,  # "/ kg" behind it, a bracket before it
    "says_shipping": -2.8,  # "free delivery over" before it
    "says_finance": -2.8,  # "per month" behind it
    "says_from": -0.3,  # "from": the lowest of several, still the best there is
    "says_total": -1.5,  # a total of the cart
    "says_net": -0.8,  # without tax: consumers pay the other one
    "shipping_box": -2.5,  # inside a box about delivery
    "finance_box": -2.5,
    "related_box": -3.2,  # inside a box of other products
    "cart_box": -3.0,
    "chrome_box": -2.6,  # navigation, footer, dialogs
    "review_box": -1.8,
    "prose_box": -1.0,  # descriptions mention amounts
    "hidden": -1.8,  # not shown
    "offscreen": -0.1,  # read aloud: repeats what is shown
    "in_link": -1.2,  # a link leads to another product
    "no_currency": -0.9,  # a bare number
    "whole_text": 0.9,  # its element holds nothing else
    "in_sentence": -0.9,  # one amount in a sentence
    "listed": -3.6,  # a box with a link that is repeated with other amounts: a list of products
    "repeated": -0.9,  # repeated boxes without links: variants, quantities, instalments
    "emphasis": 0.4,  # in bold or a heading
    "near_title": 1.6,  # right behind the title, fading with distance
    "before_title": -1.0,  # above the title: seldom the product's
    "near_buy": 1.4,  # close to the control that buys
    "in_box": 1.2,  # inside the smallest box that holds title and control
    "first": 0.5,  # the first good amount behind the title
    "again": 0.25,  # for each doubling of how often the page shows the same amount
    "is_difference": -0.9,  # the difference of two amounts beside it is what is saved
    "lower_of_pair": 0.5,  # of two amounts side by side without other signs, the lower is the reduced one
}
THRESHOLD = 2.0  # sums below this are reached by amounts that are no price of this product
_HEADINGS = frozenset("b strong h1 h2 h3 h4 h5 big ins em".split())
_SIDE = 120  # characters within which two amounts stand side by side


@dataclass
class Scored:
    """An amount and the sum of its signs.

    Attributes:
        money: The amount.
        score: The sum.
        signs: Which signs it shows, with their strength.
    """

    money: Money
    score: float = 0.0
    signs: dict[str, float] = field(default_factory=dict)


def score_all(page: Page, found: list[Money], places: Landmarks) -> list[Scored]:
    """Every amount with its sum, in the order of the page."""
    listed = _lists(page, found, places)
    scored = [_score(page, money, places, listed) for money in found]
    _compare(page, scored, places)
    return scored


def _score(page: Page, money: Money, places: Landmarks, listed: dict[int, str]) -> Scored:
    signs: dict[str, float] = {}
    _by_names(page, money, signs)
    _by_words(page, money, signs)
    _by_place(page, money, places, signs)
    kind = listed.get(money.start)
    if kind:
        signs[kind] = 1.0
    result = Scored(money, signs=signs)
    result.score = sum(WEIGHTS[sign] * strength for sign, strength in signs.items())
    return result


def _by_names(page: Page, money: Money, signs: dict[str, float]) -> None:
    near = page.near_marks(money.node, 4)
    close = page.near_marks(money.node, 2)
    whole = page.marks[money.node]
    if near & marks.PRICE:
        signs["named_price"] = 1.0 if close & marks.PRICE else 0.7
    tests = (
        ("named_current", close & marks.CURRENT and near & marks.PRICE),
        ("named_old", close & marks.OLD),
        ("named_maybe_old", close & marks.MAYBE_OLD),
        ("named_saving", close & marks.SAVING and not close & marks.CURRENT),
        ("named_unit", close & marks.UNIT),
        ("named_product", near & marks.PRODUCT),
        ("named_option", whole & marks.OPTION),
        ("struck", whole & marks.STRUCK),
        ("shipping_box", whole & marks.SHIPPING),
        ("finance_box", whole & marks.FINANCE),
        ("related_box", whole & marks.RELATED),
        ("cart_box", whole & marks.CART),
        ("chrome_box", whole & marks.CHROME),
        ("review_box", whole & marks.REVIEW),
        ("prose_box", whole & marks.PROSE),
        ("hidden", whole & marks.HIDDEN),
        ("offscreen", whole & marks.OFFSCREEN),
        ("in_link", whole & marks.LINK),
        ("no_currency", not money.sign),
        ("emphasis", page.tags[money.node] in _HEADINGS),
    )
    signs.update((name, 1.0) for name, holds in tests if holds)


def _by_words(page: Page, money: Money, signs: dict[str, float]) -> None:
    before, behind = _around(page, money)
    tests = (
        ("says_old", words.OLD.search(before)),
        ("says_now", words.NOW.search(before[-30:])),
        ("says_saving", words.SAVING.search(before) or words.SAVING_BEHIND.search(behind)),
        ("says_unit", words.UNIT_BEHIND.search(behind) or words.UNIT_BEFORE.search(before[-24:])),
        ("says_shipping", words.SHIPPING.search(before) or words.SHIPPING.search(behind[:24])),
        ("says_finance", words.FINANCE.search(before) or words.FINANCE_BEHIND.search(behind)),
        ("says_from", words.FROM.search(before)),
        ("says_total", words.TOTAL.search(before)),
        ("says_net", words.WITHOUT_TAX.search(behind) or words.WITHOUT_TAX.search(before)),
    )
    signs.update((name, 1.0) for name, holds in tests if holds)
    if "says_old" in signs and "says_now" in signs and not words.OLD.search(before[-16:]):
        del signs["says_old"]  # "was $20, now"
    line = page.text_of(money.node) if page.stops[money.node] - page.starts[money.node] < 400 else ""
    rest = len(line) - (money.stop - money.start)
    if line and rest <= 6:
        signs["whole_text"] = 1.0
    elif not line or rest > 60:
        signs["in_sentence"] = 1.0


def _around(page: Page, money: Money) -> tuple[str, str]:
    """What stands before an amount and behind it: up to the neighbouring amount, and little beyond its own line."""
    text = page.text
    before = text[max(0, money.start - 60) : money.start]
    lines = before.rsplit("\n", 2)
    before = lines[-1] if len(lines[-1].strip(" :.*(")) > 2 else " ".join(lines[-2:])[-34:]
    digits = max((at for at, char in enumerate(before) if char.isdigit() and at < len(before) - 6), default=-1)
    if digits >= 0 and any(sign in before[: digits + 3] for sign in "$€£¥₹₽₩"):
        before = before[digits + 1 :]
    line_end = text.find("\n", money.stop, money.stop + 40)
    behind = text[money.stop : line_end if line_end >= 0 else money.stop + 40]
    if len(behind.strip(" *.")) <= 1:
        behind = text[money.stop : money.stop + 30].lstrip("\n *.").split("\n", 1)[0]
        behind = behind if len(behind) <= 16 or behind.startswith(("/", "per", "pro")) else ""
    return before, behind


def _by_place(page: Page, money: Money, places: Landmarks, signs: dict[str, float]) -> None:
    if places.title >= 0:
        distance = money.start - page.stops[places.title]
        if distance >= 0:
            signs["near_title"] = 1.0 / (1.0 + distance / 500.0)
        elif money.stop <= page.starts[places.title]:
            apart = page.starts[places.title] - money.stop
            signs["before_title"] = min(1.0, apart / 600.0)
    if places.buy is not None:
        gap = max(page.starts[places.buy.node] - money.stop, money.start - page.stops[places.buy.node], 0)
        signs["near_buy"] = 1.0 / (1.0 + gap / 250.0)
    if places.box > 0 and page.starts[places.box] <= money.start < page.stops[places.box]:
        share = (page.stops[places.box] - page.starts[places.box]) / max(1, len(page.text))
        signs["in_box"] = 1.0 if share < 0.5 else 0.4


def _lists(page: Page, found: list[Money], places: Landmarks) -> dict[int, str]:
    """Amounts inside repeated boxes: `listed` where the boxes hold links, else `repeated`; by the amount's start."""
    groups: dict[tuple[int, str, str], dict[int, set[Decimal]]] = defaultdict(lambda: defaultdict(set))
    paths: list[list[tuple[tuple[int, str, str], int]]] = []
    for money in found:
        path = []
        node = money.node
        while node > 0 and not (node <= places.title < page.ends[node]):
            key = (page.parents[node], page.tags[node], _first_class(page, node))
            groups[key][node].add(money.amount)
            path.append((key, node))
            node = page.parents[node]
        paths.append(path)
    links = [node for node, tag in enumerate(page.tags) if tag in ("a", "img")]
    kinds: dict[int, str] = {}
    for money, path in zip(found, paths, strict=True):
        for key, node in path:
            if len(groups[key]) < 3 and not (len(groups[key]) == 2 and key[1] in ("li", "article")):
                continue
            linked = _holds(page, links, node) and sum(_holds(page, links, one) for one in groups[key]) >= 2
            if linked and _sizes(page, list(groups[key])):
                kinds[money.start] = "listed"
                break
            if len(groups[key]) >= 3 and page.tags[node] not in ("span", "b", "i", "em", "br"):
                kinds[money.start] = "repeated"
    return kinds


def _first_class(page: Page, node: int) -> str:
    names = page.elements[node].get("class", "").split()
    return names[0] if names else ""


def _sizes(page: Page, nodes: list[int]) -> bool:
    """Whether boxes are of one kind by how much text they hold; boxes of one class always look alike."""
    if _first_class(page, nodes[0]) or page.tags[nodes[0]] in ("li", "td", "tr", "article"):
        return True
    lengths = sorted(page.stops[node] - page.starts[node] for node in nodes)
    return lengths[-1] <= 5 * max(lengths[0], 20)


def _holds(page: Page, sorted_nodes: list[int], node: int) -> bool:
    at = bisect_left(sorted_nodes, node)
    return at < len(sorted_nodes) and sorted_nodes[at] < page.ends[node]


def _compare(page: Page, scored: list[Scored], places: Landmarks) -> None:
    """Signs that need the other amounts: the first good one, how often it occurs, pairs and differences."""
    start = page.stops[places.title] if places.title >= 0 else 0
    first = next((one for one in scored if one.money.start >= start and one.score >= THRESHOLD + 1), None)
    if first is not None:
        _add(first, "first", 1.0)
    counts: dict[Decimal, int] = defaultdict(int)
    for one in scored:
        if one.score > 0:
            counts[one.money.amount] += 1
    for at, one in enumerate(scored):
        if counts[one.money.amount] > 1:
            _add(one, "again", math.log2(min(counts[one.money.amount], 8)))
        _beside(scored, at, one)


def _beside(scored: list[Scored], at: int, one: Scored) -> None:
    near = [
        other
        for other in scored[max(0, at - 4) : at + 5]
        if other is not one and abs(other.money.start - one.money.start) <= _SIDE
    ]
    amounts = {other.money.amount for other in near}
    if any(one.money.amount + other in amounts and one.money.amount != other for other in amounts):
        _add(one, "is_difference", 1.0)
    for other in near:
        unmarked = not (
            {"struck", "says_old", "named_old", "says_unit", "named_unit"} & (other.signs.keys() | one.signs.keys())
        )
        if unmarked and one.money.amount < other.money.amount < 6 * one.money.amount and _alike(one, other):
            _add(one, "lower_of_pair", 1.0)
            break


def _alike(one: Scored, other: Scored) -> bool:
    gap = max(one.money.start - other.money.stop, other.money.start - one.money.stop)
    return gap <= 24 and one.score > 1 and other.score > 1 and "repeated" not in one.signs


def _add(one: Scored, sign: str, strength: float) -> None:
    if sign not in one.signs:
        one.signs[sign] = strength
        one.score += WEIGHTS[sign] * strength
