"""The fixed points of a product page: its title, the control that buys, and the box that holds both.

Everything else on the page is judged by where it stands to them.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from extractors.crawl.offers.visible import marks, words
from extractors.crawl.offers.visible.tree import Page

_MOST_TITLES = 200
_MOST_OTHERS = 40
_LONGEST_HEADING = 70
_LEAST_BELOW, _REACH_BELOW = 20, 1_500  # characters
_MOST_LINES = 5_000
_NEAR_TITLE = 4_000  # characters behind the title, where texts on stock count
_LONGEST_LABEL, _LONGEST_NAMED = 70, 60
_SURE_TITLE = 4.0  # below this, a text that is the same as in the head is a better title
_OTHERS_NAME = 0.4  # agreement with the head below which a linked heading names something else
_HEADINGS = {"h1": 3.0, "h2": 1.0, "h3": 0.4}
_BREAK = re.compile(r"\s+[|–—\-:»·•<>/]+\s+|\s*[|»]\s*|\s+(?:bei|kaufen|online|buy)\s+", re.IGNORECASE)
_ASIDE = marks.RELATED | marks.CART | marks.CHROME | marks.REVIEW
_OFF = re.compile(
    r"(?:^|[\s_-])(?:disabled|is-disabled|inactive|sold-?out|unavailable|out-?of-?stock)(?:$|[\s_-])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Control:
    """A control that buys.

    Attributes:
        node: The element.
        enabled: Whether it can be pressed.
    """

    node: int
    enabled: bool


@dataclass(frozen=True)
class Landmarks:
    """Where the fixed points are; -1 where the page has none.

    Attributes:
        title: The element that holds the product's title.
        title_text: The title.
        title_score: How much speaks for it.
        buy: The control that buys this product.
        box: The smallest element that holds title and control; the page where one of them is missing.
        heads: What the page's head and its markup call the product, in lower case.
        others: Stretches of the text under headings over other products or sellers.
    """

    title: int
    title_text: str
    title_score: float
    buy: Control | None
    box: int
    heads: tuple[str, ...] = ()
    others: tuple[tuple[int, int], ...] = ()

    def is_other(self, at: int) -> bool:
        """Whether a place in the text stands under a heading over other products or sellers."""
        return any(start <= at < stop for start, stop in self.others)


def find_title(page: Page, names: list[str]) -> tuple[int, str, float]:
    """The element of the title, its text, and how much speaks for it.

    Args:
        page: The page, before marks are handed down.
        names: What the page's head, or its markup, calls the product; the surest first.
    """
    segments = _segments(names)
    aside = _aside(page)
    best, best_text, best_score, seen = -1, "", 0.0, 0
    for node, tag in enumerate(page.tags):
        score = _HEADINGS.get(tag, 0.0)
        if not score and not page.own[node] & marks.TITLE:
            continue
        length = page.stops[node] - page.starts[node]
        if not 3 <= length <= 400 or tag in (
            "a",
            "input",
            "button",
            "label",
            "option",
            "select",
            "form",
            "ul",
            "table",
        ):
            continue
        seen += 1
        if seen > _MOST_TITLES:
            break
        text = page.text_of(node)
        if not 3 <= len(text) <= 300 or not any(map(str.isalpha, text)) or _is_over_others(text, segments):
            continue
        agreement = _agreement(text, segments)
        if aside[node] & marks.LINK and tag != "h1" and segments and agreement < _OTHERS_NAME:
            continue  # the name of another product
        score += 1.5 * bool(page.own[node] & marks.TITLE) - 2.5 * bool(aside[node] & _ASIDE)
        score += 5.0 * agreement - 1.5 * bool(aside[node] & marks.LINK) - 0.005 * seen
        score -= 2.0 * bool(aside[node] & marks.HIDDEN)
        if score > best_score:
            best, best_text, best_score = node, text, score
    if best_score < _SURE_TITLE:
        return _same_as_head(page, segments, aside) or (best, best_text, best_score)
    return best, best_text, best_score


def _is_over_others(text: str, segments: list[str]) -> bool:
    """Whether a heading such as "You may also like" is no part of what the head calls the product."""
    return words.RELATED.match(text) is not None and not any(text.lower() in segment for segment in segments)


def _same_as_head(page: Page, segments: list[str], aside: list[int]) -> tuple[int, str, float] | None:
    """Any element whose whole text is what the head calls the product: pages made of tables have no headings."""
    wanted = {segment for segment in segments if len(segment) >= 5}
    longest = max(map(len, wanted), default=0)
    for node in range(len(page.tags)):
        if 5 <= page.stops[node] - page.starts[node] <= longest + 8 and not aside[node] & (_ASIDE | marks.LINK):
            text = page.text_of(node)
            if text.lower() in wanted:
                return node, text, 4.0
    return None


def _segments(names: list[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        parts = [part.strip().lower() for part in _BREAK.split(name) if part and len(part.strip()) > 2]
        found.append(name.strip().lower())
        found += parts[:6]
        found += [f"{one} {other}" for one, other in pairwise(parts[:4])]
    return [segment[:200] for segment in found if segment][:30]


def _agreement(text: str, segments: list[str]) -> float:
    """How well a text is what the head calls the product, 0 to 1; a short text says less."""
    lowered = text.lower()[:200]
    best = 0.0
    for segment in segments:
        ratio = fuzz.ratio(lowered, segment) / 100.0
        if ratio < 0.95 and len(lowered) >= 8 and (lowered in segment or segment in lowered):
            shorter, longer = sorted((len(lowered), len(segment)))
            ratio = max(ratio, 0.6 + 0.35 * shorter / longer)
        best = max(best, ratio)
    return best * min(1.0, 0.4 + len(lowered) / 20) if best > 0.5 else best * 0.5


def _aside(page: Page) -> list[int]:
    """Marks handed down plainly: only here, as the title is not known yet."""
    handed: list[int] = []
    for node, own in enumerate(page.own):
        parent = page.parents[node]
        handed.append((handed[parent] if parent >= 0 else 0) | (own & marks.INHERITED))
    return handed


def find_landmarks(page: Page, title: tuple[int, str, float], names: list[str], amounts: list[int]) -> Landmarks:
    """The fixed points.

    Args:
        page: The page, with marks handed down.
        title: What `find_title` found.
        names: What the page's head and its markup call the product.
        amounts: Where amounts begin in the text, in order.
    """
    node, text, score = title
    controls = _controls(page)
    others = _others_below(page, node, amounts)
    buy = _nearest(page, controls, node, others)
    if buy is not None:
        others = tuple(one for one in others if not one[0] <= page.starts[buy.node] < one[1])
    box = page.common(node, buy.node) if node >= 0 and buy is not None else 0
    return Landmarks(node, text, score, buy, box, tuple(name.lower() for name in names), others)


def _controls(page: Page) -> list[Control]:
    found: list[Control] = []
    for node, tag in enumerate(page.tags):
        own = page.own[node]
        if tag not in ("button", "input", "a") and not own & marks.BUY:
            continue
        if page.stops[node] - page.starts[node] > 120 or page.marks[node] & (marks.CART | marks.CRUMBS | marks.REVIEW):
            continue
        if tag not in ("button", "input") and not _pressable(page, node, tag):
            continue
        label = _label(page, node, tag)
        named = bool(own & marks.BUY) and tag in ("button", "input", "a") and len(label) <= _LONGEST_NAMED
        if len(label) > _LONGEST_LABEL or not (named or words.BUY.search(label)) or words.NOT_BUY.search(label):
            continue
        found.append(Control(node, _enabled(page, node)))
        if len(found) >= 300:
            break
    return found


def _label(page: Page, node: int, tag: str) -> str:
    element = page.elements[node]
    if tag == "input" and element.get("type", "").lower() not in ("submit", "button", "image"):
        return ""
    text = page.text_of(node)
    if text:
        return text
    return " ".join(element.get(key, "") for key in ("value", "alt", "aria-label", "title")).strip()


def _pressable(page: Page, node: int, tag: str) -> bool:
    """Whether a link or a box is a control: a link elsewhere that merely says "buy" is none."""
    element = page.elements[node]
    if tag == "a":
        names = marks.plain(f"{element.get('class', '')} {element.get('id', '')}")
        return bool(page.own[node] & marks.BUY) or any(
            part in names for part in ("btn", "button", "cart", "buy", "basket")
        )
    return element.get("role") == "button" or element.get("onclick") is not None or "button" in element.get("class", "")


def _enabled(page: Page, node: int) -> bool:
    element = page.elements[node]
    if element.get("disabled") is not None or element.get("aria-disabled", "").lower() == "true":
        return False
    return not _OFF.search(element.get("class", ""))


def _nearest(page: Page, controls: list[Control], title: int, others: tuple[tuple[int, int], ...]) -> Control | None:
    """The control nearest behind the title that belongs to no other product; else the nearest before it.

    One of many alike under a heading over other products is theirs: a product that is gone has none of its own.
    """
    repeated = Counter(
        page.parents[page.parents[control.node]] for control in controls if page.parents[control.node] > 0
    )
    anchor = page.starts[title] if title >= 0 else 0
    best, is_theirs = None, False
    best_cost = float("inf")
    for control in controls:
        bits = page.marks[control.node]
        distance = page.starts[control.node] - anchor
        cost = float(distance) if distance >= 0 else 1500.0 - 2 * distance
        cost += 6000 * bool(bits & (marks.RELATED | marks.CHROME)) + 1500 * bool(bits & marks.HIDDEN)
        cost += 1500 * (not control.enabled) * 0.2
        many = _is_one_of_many(page, control, repeated)
        cost += 1500 * many
        is_below = bool(bits & marks.RELATED) or any(
            start <= page.starts[control.node] < stop for start, stop in others
        )
        if cost < best_cost:
            best, best_cost, is_theirs = control, cost, many and is_below
    return best if best_cost < 12_000 and not is_theirs else None


def _is_one_of_many(page: Page, control: Control, repeated: Counter[int]) -> bool:
    """Whether the control is one of many alike: rows or cards of one list."""
    parent = page.parents[control.node]
    above = page.parents[parent] if parent > 0 else -1
    return repeated[above] > 3 if above > 0 else False


def _others_below(page: Page, title: int, amounts: list[int]) -> tuple[tuple[int, int], ...]:
    """Stretches of the text under headings such as "You may also like", up to the end of what the heading stands in.

    Only lines near the title, and those with an amount not far below, are looked at: nothing hangs on the others.
    """
    found: list[tuple[int, int]] = []
    for start, stop in _lines_above(page.text, page.stops[title] if title >= 0 else 0, amounts):
        match = words.RELATED.search(page.text, start, stop)
        if match is None or page.marks[page.owner(match.start(), match.end())] & marks.LINK:
            continue
        node = page.owner(match.start(), match.end())
        for _ in range(4):
            if node <= 0 or page.stops[node] - stop > _LEAST_BELOW:
                break
            node = page.parents[node]
        end = page.stops[node]
        if end > stop and not (title >= 0 and stop <= page.starts[title] < end):
            found.append((stop, end))
            if len(found) >= _MOST_OTHERS:
                break
    return tuple(found)


def _lines_above(text: str, at: int, amounts: list[int]) -> Iterator[tuple[int, int]]:
    """Short lines from a place on: those near it, and those with an amount within reach below."""
    near = at + _NEAR_TITLE
    for _ in range(_MOST_LINES):
        stop = text.find("\n", at)
        stop = len(text) if stop < 0 else stop
        if 3 <= stop - at <= _LONGEST_HEADING:
            following = bisect_left(amounts, stop)
            if at < near or (following < len(amounts) and amounts[following] - stop < _REACH_BELOW):
                yield at, stop
        if stop >= len(text):
            return
        at = stop + 1
