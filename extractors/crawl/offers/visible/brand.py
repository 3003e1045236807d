"""Who makes the product, as the page shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from extractors.crawl.offers.model import Candidate
from extractors.crawl.offers.visible import marks, words
from extractors.crawl.offers.visible.landmarks import Landmarks
from extractors.crawl.offers.visible.tree import Page

_ELSEWHERE = marks.RELATED | marks.CART | marks.REVIEW | marks.CRUMBS
_BYLINE = re.compile(r"^(?:brand|by|marke|marque|marca)\s*:?\s*", re.IGNORECASE)


def brand_claims(page: Page, places: Landmarks) -> Iterator[Candidate]:
    """A labelled brand, and an element named after the brand near the title, or a link that leads to its maker.

    Args:
        page: The page.
        places: Its fixed points.
    """
    title_start = page.starts[places.title] if places.title >= 0 else 0
    lines = page.text.split("\n") if len(page.text) < 400_000 else []
    at = 0
    labelled = None
    for number, line in enumerate(lines):
        head, _, tail = line.partition(":")
        if labelled is None and len(line) < 80 and at >= title_start - 800:
            if tail.strip() and len(tail) < 50 and words.BRAND_LABEL.match(head.strip()):
                labelled = tail.strip()
            elif words.BRAND_LABEL.match(line.strip()) and number + 1 < len(lines):
                following = lines[number + 1].strip() or (lines[number + 2].strip() if number + 2 < len(lines) else "")
                labelled = following if 1 < len(following) < 50 else None
        at += len(line) + 1
    if labelled:
        yield Candidate("brand", labelled, "visible", 0.55)
    for node, own in enumerate(page.own):
        if not own & marks.BRAND or page.marks[node] & (_ELSEWHERE | marks.CHROME) or places.title < 0:
            continue
        if -400 <= page.starts[node] - title_start <= 1200 and 2 <= page.stops[node] - page.starts[node] <= 48:
            text = _BYLINE.sub("", page.text_of(node))
            if _leads_home(page, node):  # the shop's own name
                continue
            if text and any(map(str.isalpha, text)):
                yield Candidate("brand", text, "visible", 0.5)
                return
    yield from _byline(page, places)


def _leads_home(page: Page, node: int) -> bool:
    return page.tags[node] == "a" and (page.elements[node].get("href") or "/").split("?")[0] in ("", "/", "#", "./")


def _byline(page: Page, places: Landmarks) -> Iterator[Candidate]:
    """A link beside the title that says who makes it: the title or the page's name begins with it, or "by" does."""
    if places.title < 0:
        return
    start, stop = page.starts[places.title] - 250, page.stops[places.title] + 250
    heads = [places.title_text.lower(), *places.heads]
    for node, tag in enumerate(page.tags):
        if tag != "a" or not start <= page.starts[node] <= stop or page.marks[node] & (marks.CRUMBS | _ELSEWHERE):
            continue
        text = page.text_of(node)
        visit = re.fullmatch(
            r"(?:visit the|besuche den|visiter la boutique|visita (?:lo store di|"
            r"la tienda de)) (.{2,40}?)(?:[- ]store|[- ]shop)?",
            text,
            re.IGNORECASE,
        )
        led = re.search(
            r"\b(?:by|von|par|de|di|brand:?|marke:?)\s*$",
            page.text[max(0, page.starts[node] - 10) : page.starts[node]],
            re.IGNORECASE,
        )
        if visit:
            yield Candidate("brand", visit[1], "visible", 0.5)
            return
        if 2 <= len(text) <= 40 and (led or any(head.startswith(text.lower() + " ") for head in heads)):
            yield Candidate("brand", text, "visible", 0.4)
            return
