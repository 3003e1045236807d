"""Whether the product can be bought: by the control that buys and by what stands near it, not by other products."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from extractors.crawl.offers.model import Candidate
from extractors.crawl.offers.visible import marks, words
from extractors.crawl.offers.visible.landmarks import Landmarks
from extractors.crawl.offers.visible.tree import Page

_BEFORE, _BEHIND = 300, 1200  # characters before the title, and behind the last fixed point
_LONGEST = 110  # a line about stock is short; longer ones are prose about shipping and terms
_ELSEWHERE = marks.RELATED | marks.CART | marks.CHROME | marks.REVIEW | marks.HIDDEN | marks.OPTION | marks.CRUMBS
_STORE = re.compile(
    r"\b(?:in|at|your|local|nearby|select(?:ed)?) stores?\b|store pickup|pick ?up|filiale|markt|magasin|"
    r"tienda|negozio|winkel\b|店舗",
    re.IGNORECASE,
)
# One size of several: `39 sold out`, `XL agotado`.
_SIZE = re.compile(
    r"(?:(?:eu|uk|us|size|gr\.?)\s?)?(?:\d{2,3}(?:[.,/]\d{1,2})?|x{0,4}[sml]|\d?xl)\s?[-–(:]?\s(?!left|in stock|items)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[^\W\d][^:：.,;]{2,24}\s?[:：]\s?[^:：.,;]{2,30}$")  # `Availability: 3 in stock`
_CONDITION = re.compile(r"\b(?:if|when|wenn|falls|si|se|unless|should|sobald|orders|policy)\b|\?", re.IGNORECASE)
_KINDS = (
    ("discontinued", words.DISCONTINUED, 0.7),
    ("out_of_stock", words.OUT_OF_STOCK, 0.75),
    ("preorder", words.PREORDER, 0.6),
    ("backorder", words.BACKORDER, 0.55),
    ("limited", words.LIMITED, 0.7),
    ("in_stock", words.IN_STOCK, 0.7),
)


@dataclass(frozen=True, slots=True)
class _Said:
    kind: str
    weight: float


def stock_claims(page: Page, places: Landmarks, price_at: int) -> Iterator[Candidate]:
    """What the page says about availability; nothing where it says nothing.

    Args:
        page: The page.
        places: Its fixed points.
        price_at: Where the price begins in the text; -1 without one.
    """
    said = list(_said(page, places, price_at))
    weights: dict[str, float] = {}
    for one in said:
        weights[one.kind] = max(weights.get(one.kind, 0.0), one.weight)
    buy = places.buy
    # A control that cannot be pressed says nothing: it often just waits for a size.
    if buy is not None and buy.enabled and not page.marks[buy.node] & (marks.RELATED | marks.HIDDEN):
        weights["in_stock"] = max(weights.get("in_stock", 0.0), 0.55) + (0.15 if "in_stock" in weights else 0.0)
    if not weights:
        return
    if "limited" in weights and weights.get("in_stock", 0.0) >= weights["limited"] > weights.get("out_of_stock", 0.0):
        weights["limited"] = weights["in_stock"] + 0.01
    kind = max(weights, key=lambda name: weights[name])
    others = max((weight for name, weight in weights.items() if not _same(name, kind)), default=0.0)
    yield Candidate("availability", kind, "visible", round(max(0.25, min(0.8, weights[kind] - others / 3)), 3))


def _same(one: str, other: str) -> bool:
    return one == other or {one, other} <= {"in_stock", "limited"}


def _said(page: Page, places: Landmarks, price_at: int) -> Iterator[_Said]:
    start, stop = _window(page, places, price_at)
    for line_start, line in _lines(page.text, start, stop):
        if len(line) > _LONGEST or len(line) < 2:
            continue
        node = page.owner(line_start, line_start + len(line.rstrip()) or 1)
        bits = page.marks[node]
        if bits & _ELSEWHERE or places.is_other(line_start):
            continue
        if bits & marks.PROSE and not _LABEL.match(line):  # themes keep number, brand and stock in `description`
            continue
        if words.NOTIFY.search(line):  # before conditions: "email me when available" is none
            yield _Said("out_of_stock", 0.5)
            continue
        if _CONDITION.search(line):
            continue
        named = 0.1 if page.near_marks(node, 3) & marks.STOCK else 0.0
        brief = 0.05 if len(line) <= 40 else -0.1 if len(line) > 70 else 0.0
        store = -0.35 if _STORE.search(line) else 0.0
        for kind, pattern, weight in _KINDS:
            if pattern.search(line) and not (kind == "out_of_stock" and _SIZE.match(line)):
                yield _Said(kind, weight + named + brief + store)
                break


def _window(page: Page, places: Landmarks, price_at: int) -> tuple[int, int]:
    points = [price_at] if price_at >= 0 else []
    if places.title >= 0:
        points.append(page.starts[places.title])
    if places.buy is not None:
        points.append(page.starts[places.buy.node])
    if not points:
        return 0, 0
    near = [point for point in points if point - min(points) < 6000]
    return max(0, min(near) - _BEFORE), max(near) + _BEHIND


def _lines(text: str, start: int, stop: int) -> Iterator[tuple[int, str]]:
    at = start
    for line in text[start:stop].split("\n"):
        lead = len(line) - len(line.lstrip())
        if line.strip():
            yield at + lead, line.strip()
        at += len(line) + 1
