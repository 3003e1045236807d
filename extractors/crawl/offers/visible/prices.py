"""Which of a page's amounts is the product's price: a sum of weighted signs for each amount.

The weights stand in `weights`, each with its reason.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from extractors.crawl.offers.visible import marks, words
from extractors.crawl.offers.visible.landmarks import Landmarks
from extractors.crawl.offers.visible.marks import names
from extractors.crawl.offers.visible.money import Money
from extractors.crawl.offers.visible.tree import Page
from extractors.crawl.offers.visible.weights import THRESHOLD, WEIGHTS

_HEADINGS = frozenset(names("b strong h1 h2 h3 h4 h5 big ins em"))
_MARKED = frozenset(
    names(
        "struck says_old named_old says_unit named_unit listed says_saving named_saving says_finance says_net "
        "says_conditional says_shipping below_related"
    )
)
_HOPELESS = -2.5  # words and neighbours add less than what is missing from here to the threshold
_MENTION = 20  # characters of other words in an element that does more than tell a price
_SET_OFF = 40  # characters between a price and the crossed-out one, with a label
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
    stops = [0, *(_end_of(page, money, after) for money, after in pairwise([*found, None]) if money is not None)]
    starts = [*(money.start for money in found[1:]), len(page.text)]
    stretches = zip(stops[:-1], starts, strict=True) if found else []
    scored = [_score(page, money, places, listed, around) for money, around in zip(found, stretches, strict=True)]
    for one in scored:
        if places.is_other(one.money.start):
            _add(one, "below_related", 1.0)
    _compare(page, scored, places)
    return scored


def _end_of(page: Page, money: Money, after: Money | None) -> int:
    """Where what belongs to an amount ends: with its element, unless the next amount stands in that, too."""
    end = page.stops[money.node]
    return end if after is not None and money.stop <= end <= after.start else money.stop


def _score(page: Page, money: Money, places: Landmarks, listed: dict[int, str], stretch: tuple[int, int]) -> Scored:
    signs: dict[str, float] = {}
    _by_names(page, money, signs)
    _by_place(page, money, places, signs)
    kind = listed.get(money.start)
    if kind:
        signs["listed" if kind == "listed_often" else kind] = 1.0
        signs[kind] = 1.0
    if _sum(signs) > _HOPELESS:
        _by_words(page, money, signs, _around(page, money, stretch))
    return Scored(money, _sum(signs), signs)


def _sum(signs: dict[str, float]) -> float:
    return sum(WEIGHTS[sign] * strength for sign, strength in signs.items())


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


def _by_words(page: Page, money: Money, signs: dict[str, float], around: tuple[str, str, str]) -> None:
    before, own_line, behind = around
    tests = (
        ("says_old", words.OLD.search(before)),
        ("says_now", words.NOW.search(before[-30:])),
        ("says_reduced", words.REDUCED.search(before[-30:])),
        ("says_saving", words.SAVING.search(before) or words.SAVING_BEHIND.search(behind)),
        ("says_unit", words.UNIT_BEHIND.search(behind) or words.UNIT_BEFORE.search(before[-24:])),
        ("says_shipping", words.SHIPPING.search(before) or words.SHIPPING_BEHIND.search(own_line)),
        ("says_finance", words.FINANCE.search(before) or words.FINANCE_BEHIND.search(behind)),
        ("says_from", words.FROM.search(before)),
        ("says_about", words.ABOUT.search(before) or _in_brackets(page, money)),
        ("says_total", words.TOTAL.search(before)),
        ("says_conditional", words.CONDITIONAL.search(before) or words.CONDITIONAL_BEHIND.search(behind)),
        ("says_net", words.WITHOUT_TAX.search(behind) or words.WITHOUT_TAX.search(before)),
    )
    signs.update((name, 1.0) for name, holds in tests if holds)
    if words.OLD_ALONE.search(_label_inside(page, money, around[1])):
        signs["says_old"] = 1.0
    elif "says_old" in signs and _now_follows(before):
        del signs["says_old"]  # "was $20, now"
    line = page.text_of(money.node) if page.stops[money.node] - page.starts[money.node] < 400 else ""
    rest = len(line) - (money.stop - money.start)
    if line and rest <= 6:
        signs["whole_text"] = 1.0
    elif not line or rest > 60:
        signs["in_sentence"] = 1.0
    if rest > _MENTION and _begun_line(page, money) and not {"named_price", "says_now", "whole_text"} & signs.keys():
        signs["mentioned"] = 1.0


def _label_inside(page: Page, money: Money, own_line: str) -> str:
    """What follows an amount in its own element: `<span>$32.00<span>Regular price</span></span>`."""
    return own_line[: max(0, page.stops[money.node] - money.stop)].strip()


def _now_follows(before: str) -> bool:
    """Whether a word for the price of now stands behind the last word for the old one, and apart from it."""
    ends = [match.end() for match in words.OLD.finditer(before)]
    now = words.NOW.search(before, ends[-1]) if ends else None
    return now is not None and any(mark in before[ends[-1] : now.start()] for mark in ",;|·/-")


def _begun_line(page: Page, money: Money) -> bool:
    """Whether something stands before the amount on its own line."""
    return bool(page.text[max(0, money.start - 20) : money.start].rsplit("\n", 1)[-1].strip())


def _in_brackets(page: Page, money: Money) -> bool:
    line = page.text[max(0, money.start - 60) : money.start].rsplit("\n", 1)[-1]
    return line.rfind("(") > line.rfind(")")


def _around(page: Page, money: Money, stretch: tuple[int, int]) -> tuple[str, str, str]:
    """What stands before an amount, behind it on its line, and behind it, up to the neighbouring amounts.

    An empty line reaches out to the line before, or to the beginning of the line behind, where that holds no amount.

    Args:
        page: The page.
        money: The amount.
        stretch: Where the amount before ends, and where the one behind begins.
    """
    text = page.text
    begin, end = max(stretch[0], money.start - 60), min(stretch[1], money.stop + 40)
    before = text[begin : money.start]
    lines = before.rsplit("\n", 2)
    before = lines[-1]
    if len(before.strip(" :.*(")) <= 2 and len(lines) > 1:
        whole_line = len(lines) > 2 or begin > stretch[0]
        is_label = len(lines[-2]) <= 28 or lines[-2].rstrip().endswith((":", "："))
        before = f"{lines[-2][-40:]} {before}" if whole_line and is_label else before
    own_line, _, following = text[money.stop : end].partition("\n")
    behind = own_line
    following, _, rest = following.partition("\n")
    is_next = not rest.strip() and end == stretch[1] < len(text)  # of the next amount
    if len(behind.strip(" *.")) <= 1 and len(following) <= 16 and not is_next:
        behind = following
    return before, own_line, behind


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
    alike = {key: _is_list(page, links, boxes) for key, boxes in groups.items() if len(boxes) > 1}
    kinds: dict[int, str] = {}
    for money, path in zip(found, paths, strict=True):
        for key, node in path:
            if alike.get(key) and _holds(page, links, node):
                kinds[money.start] = "listed_often" if len(groups[key]) > 3 else "listed"
                break
            if len(groups[key]) >= 3 and _is_row(page.tags[node], key[2]):
                kinds[money.start] = "repeated"
    return kinds


def _is_row(tag: str, named: str) -> bool:
    """Whether elements of this kind side by side are rows of one thing: paragraphs without a name tell many things."""
    return tag not in ("span", "b", "i", "em", "br") and (bool(named) or tag not in ("p", "div", "dd"))


def _is_list(page: Page, links: list[int], boxes: Mapping[int, set[Decimal]]) -> bool:
    """Whether repeated boxes with amounts are a list of products: linked, of one kind, and not all at one price."""
    differ = len({amount for amounts in boxes.values() for amount in amounts}) > 1
    return differ and _sizes(page, list(boxes)) and sum(_holds(page, links, box) for box in boxes) >= 2


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
    if any(one.money.amount + other in amounts and one.money.amount < other for other in amounts):
        _add(one, "is_difference", 1.0)
    if any(_sets_off(other, one) for other in near) and not _MARKED & one.signs.keys():
        _add(one, "beside_old", 1.0)
    for other in near:
        if "named_maybe_old" in one.signs and other.money.amount < one.money.amount and _is_price(other):
            _add(one, "higher_of_pair", 1.0)
        pair = one.money.amount < other.money.amount < 6 * one.money.amount
        if pair and not _MARKED & (other.signs.keys() | one.signs.keys()) and _alike(one, other):
            _add(one, "lower_of_pair", 1.0)
            break


def _sets_off(other: Scored, one: Scored) -> bool:
    """Whether another amount is plainly what this one was reduced from."""
    is_old = bool({"struck", "says_old", "named_old"} & other.signs.keys())
    return is_old and one.money.amount < other.money.amount < 6 * one.money.amount and _gap(one, other) <= _SET_OFF


def _is_price(one: Scored) -> bool:
    return one.score >= THRESHOLD and not {"named_maybe_old", "is_difference", *_MARKED} & one.signs.keys()


def _gap(one: Scored, other: Scored) -> int:
    return max(one.money.start - other.money.stop, other.money.start - one.money.stop)


def _alike(one: Scored, other: Scored) -> bool:
    return _gap(one, other) <= 24 and one.score > 1 and other.score > 1 and "repeated" not in one.signs


def _add(one: Scored, sign: str, strength: float) -> None:
    if sign not in one.signs:
        one.signs[sign] = strength
        one.score += WEIGHTS[sign] * strength
