"""From scored amounts to claims: the price, what it is set against, a range, the currency, and how sure that is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from extractors.crawl.offers.model import Candidate
from extractors.crawl.offers.visible import words
from extractors.crawl.offers.visible.landmarks import Landmarks
from extractors.crawl.offers.visible.marks import names
from extractors.crawl.offers.visible.prices import Scored
from extractors.crawl.offers.visible.tree import Page
from extractors.crawl.offers.visible.weights import THRESHOLD

_LIST_REACH = 320  # characters between a price and the list price that belongs to it
_LIST_RATIO = 12  # a list price above this multiple of the price is another product's, or an instalment was taken
_TAX_REACH = 110
_AGAINST = frozenset(("struck", "says_old", "named_old", "named_maybe_old"))
_OTHERS = frozenset(
    names(
        "listed related_box cart_box says_saving named_saving says_unit says_finance prose_box review_box "
        "below_related chrome_box shipping_box finance_box"
    )
)


def price_claims(page: Page, scored: list[Scored], places: Landmarks) -> Iterator[Candidate]:
    """Claims about the price; none where no amount stands out as this product's.

    Args:
        page: The page.
        scored: Its amounts, in the order of the page.
        places: Its fixed points.
    """
    best = best_of(page, scored, places)
    if best is None:
        return
    confidence = _confidence(best, scored)
    span = _range_of(page, scored, best)
    if span is not None:
        low, high = span
        yield _claim("low_price_amount", low.money.amount, confidence)
        yield _claim("high_price_amount", high.money.amount, confidence)
        best, confidence = low, confidence * 0.7
    yield _claim("price_amount", best.money.amount, confidence)
    against = None if span is not None else _list_price(scored, best)
    if against is not None:
        sure = 0.8 if _AGAINST & against.signs.keys() else 0.5
        yield _claim("list_price_amount", against.money.amount, min(sure, confidence))
    yield from _currency(scored, best, confidence)
    yield from _tax(page, best)


def best_of(page: Page, scored: list[Scored], places: Landmarks) -> Scored | None:
    """The amount with the highest sum, the first one where several have it; none below the threshold."""
    best = max(scored, key=lambda one: (one.score, -one.money.start), default=None)
    if best is None:
        return None
    least = THRESHOLD
    if places.title < 0:
        least += 1.0
    if places.buy is None and places.title >= 0 and _on_request(page, places):
        least += 2.0
    return best if best.score >= least else None


def _on_request(page: Page, places: Landmarks) -> bool:
    start = page.starts[places.title]
    return words.PRICE_ON_REQUEST.search(page.text, start, start + 1500) is not None


def _confidence(best: Scored, scored: list[Scored]) -> float:
    """Grows with the sum above the threshold and with the distance to the best other amount that is no list price."""
    rivals = [
        one.score
        for one in scored
        if one.money.amount != best.money.amount
        and not (one.money.amount > best.money.amount and _AGAINST & one.signs.keys())
    ]
    margin = best.score - max(rivals, default=0.0)
    raw = 0.34 + 0.055 * min(best.score - THRESHOLD, 5.0) + 0.06 * max(min(margin, 4.0), 0.0)
    return round(min(max(raw, 0.2), 0.85), 3)


def _list_price(scored: list[Scored], best: Scored) -> Scored | None:
    amount = best.money.amount
    near = [
        one
        for one in scored
        if amount < one.money.amount < amount * _LIST_RATIO
        and abs(one.money.start - best.money.start) <= _LIST_REACH
        and (one.money.sign == best.money.sign or not one.money.sign or not best.money.sign)
        and not (_OTHERS & one.signs.keys()) - best.signs.keys()
    ]
    marked = [one for one in near if _AGAINST & one.signs.keys()]
    plain = [one for one in near if "lower_of_pair" in best.signs and abs(one.money.start - best.money.start) <= 30]
    candidates = marked or plain
    return min(candidates, key=lambda one: abs(one.money.start - best.money.start), default=None)


def _range_of(page: Page, scored: list[Scored], best: Scored) -> tuple[Scored, Scored] | None:
    """The two ends of `10 – 20`, where the best amount is one of them."""
    at = next(number for number, one in enumerate(scored) if one is best)
    for low, high in ((at, at + 1), (at - 1, at)):
        if low < 0 or high >= len(scored):
            continue
        one, other = scored[low], scored[high]
        gap = page.text[one.money.stop : other.money.start].replace("\n", " ")
        bits = one.signs.keys() | other.signs.keys()
        if one.money.amount < other.money.amount and words.RANGE_GAP.match(gap) and not bits & {"struck", "says_old"}:
            return one, other
    return None


def _currency(scored: list[Scored], best: Scored, confidence: float) -> Iterator[Candidate]:
    if best.money.sign:
        yield _claim("currency_code", best.money.sign, min(0.8, confidence + 0.1))
        return
    usual = Counter(one.money.sign for one in scored if one.money.sign).most_common(1)
    if usual:
        yield _claim("currency_code", usual[0][0], 0.45)


def _tax(page: Page, best: Scored) -> Iterator[Candidate]:
    start, stop = best.money.start, best.money.stop
    for text in (page.text[stop : stop + _TAX_REACH], page.text[max(0, start - 40) : start]):
        inside = words.WITH_TAX.search(text)
        outside = words.WITHOUT_TAX.search(text)
        if outside is not None and (inside is None or outside.start() < inside.start()):
            yield _claim("tax_note", "excluded", 0.65)
            return
        if inside is not None:
            yield _claim("tax_note", "included", 0.65)
            return


def _claim(field: str, value: object, confidence: float) -> Candidate:
    return Candidate(field, value, "visible", round(confidence, 3))  # type: ignore[arg-type]  # as `model` says by field
