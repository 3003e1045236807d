"""The product's numbers and its maker: texts with a label, tables, attributes, and the address as a last resort."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

from gtin.validator import is_valid_GTIN

from extractors.crawl.offers.model import Candidate
from extractors.crawl.offers.visible import marks, words
from extractors.crawl.offers.visible.landmarks import Landmarks
from extractors.crawl.offers.visible.tree import Page

_VALUE = re.compile(r"[\s:：#.=№°\-–|\u200e\u200f)]*(?P<value>[A-Za-z0-9А-Яа-я][A-Za-z0-9А-Яа-я./_+\-]{1,39})")
_STOPS = frozenset(
    "details description select choose please information is and or the number no code of in by for see size color colour "
    "price reviews review share more price: na n/a none stock brand model availability condition www http https".split()
)
_ELSEWHERE = marks.RELATED | marks.CART | marks.REVIEW | marks.CRUMBS
_ID_PARAMETERS = (
    "sku",
    "skuid",
    "pid",
    "productid",
    "product_id",
    "products_id",
    "articleid",
    "itemid",
    "item_id",
    "id",
    "item",
    "goods_id",
    "prod",
    "p",
)
_PATH_ID = re.compile(
    r"(?:^|[-_./~])(?:p|pd|i|art|sku|item|id|prod|dp)?[-_.]?(?P<id>[A-Z]{0,4}\d{5,}[A-Z0-9]{0,4}|[AB]0[A-Z0-9]{8})(?=$|[-_./?~])",
    re.IGNORECASE,
)
_CODE = re.compile(r"[0-9]")
_MOST_LABELS = 60
_BYLINE = re.compile(r"^(?:brand|by|marke|marque|marca)\s*:?\s*", re.IGNORECASE)


def identity_claims(page: Page, places: Landmarks, url: str) -> Iterator[Candidate]:
    """SKU, MPN, GTIN and brand as the page shows them.

    Args:
        page: The page.
        places: Its fixed points.
        url: The page's address.
    """
    yield from _labelled(page, places, "sku", words.SKU_LABEL, 0.6)
    yield from _labelled(page, places, "mpn", words.MPN_LABEL, 0.5)
    yield from _gtins(page, places)
    yield from _named(page, places)
    yield from _from_address(url)
    yield from _brands(page, places)


def _labelled(page: Page, places: Landmarks, field: str, label: re.Pattern[str], trust: float) -> Iterator[Candidate]:
    """Values behind a label: `Art.-Nr.: 4711`; the nearest to the title weighs most."""
    anchor = page.starts[places.title] if places.title >= 0 else 0
    found: dict[str, float] = {}
    for number, match in enumerate(label.finditer(page.text)):
        if number >= _MOST_LABELS:
            break
        value = _value_behind(page, match.end())
        if value is None:
            continue
        node = page.owner(match.start(), match.end())
        bits = page.marks[node]
        if bits & _ELSEWHERE or (bits & marks.CHROME and match.start() < anchor):
            continue
        if field == "sku" and words.MPN_LABEL.search(page.text, max(0, match.start() - 14), match.end()):
            weight = trust - 0.2
        else:
            weight = trust + 0.1 * bool(page.near_marks(node, 3) & marks.SKU)
        weight -= 0.1 * bool(bits & marks.HIDDEN) + (0.15 if abs(match.start() - anchor) > 4000 else 0.0)
        if value.lower() in places.title_text.lower():
            weight -= 0.15
        found[value] = max(found.get(value, 0.0), weight)
    ranked = sorted(found.items(), key=lambda pair: -pair[1])
    for value, weight in ranked[:3]:
        yield Candidate(field, value, "visible", round(max(0.15, min(0.75, weight)), 3))


def _value_behind(page: Page, at: int) -> str | None:
    """The value behind a label: on the same line, or on the next one as in a table."""
    text = page.text[at : at + 90]
    match = _VALUE.match(text)
    if match is None:
        return None
    begin = at + match.start("value")
    following = bisect_right(page.piece_starts, begin)
    reach = page.piece_starts[following] - begin if following < len(page.piece_starts) else 90
    value = match["value"][:reach].strip(".-/_")
    if value.lower() in _STOPS or len(value) < 2 or not _CODE.search(value):
        return None
    return value


def _gtins(page: Page, places: Landmarks) -> Iterator[Candidate]:
    for match in words.GTIN_LABEL.finditer(page.text):
        digits = re.match(r"[^\d\n]{0,24}\n?[^\d\n]{0,8}([\d\- ]{8,18})", page.text[match.end() : match.end() + 60])
        code = re.sub(r"\D", "", digits[1]) if digits else ""
        if code and is_valid_GTIN(code) and not page.marks[page.owner(match.start(), match.end())] & _ELSEWHERE:
            yield Candidate("gtin", code.zfill(14), "visible", 0.7)
            return


def _named(page: Page, places: Landmarks) -> Iterator[Candidate]:
    """Elements whose name says that they hold the number, without a label in the text."""
    start = page.starts[places.title] - 600 if places.title >= 0 else 0
    for node, own in enumerate(page.own):
        if not own & marks.SKU or page.marks[node] & _ELSEWHERE or page.starts[node] < start:
            continue
        if not 2 <= page.stops[node] - page.starts[node] <= 40:
            continue
        text = page.text_of(node)
        if re.fullmatch(r"#?[A-Za-z0-9][A-Za-z0-9._/\-]{2,29}", text) and _CODE.search(text):
            yield Candidate("sku", text.lstrip("#"), "visible", 0.5)
            return


def _from_address(url: str) -> Iterator[Candidate]:
    """What looks like a number in the page's own address: a last resort."""
    try:
        parts = urlsplit(url)
        query = {key.lower(): value for key, value in parse_qsl(parts.query)[:30]}
    except ValueError:
        return
    for key in _ID_PARAMETERS:
        value = query.get(key, "")
        if re.fullmatch(r"[A-Za-z0-9_.-]{3,30}", value) and _CODE.search(value):
            yield Candidate("sku", value, "visible", 0.25)
            return
    numbers = [value for value in query.values() if re.fullmatch(r"\d{5,20}", value)]
    if len(numbers) == 1:
        yield Candidate("sku", numbers[0], "visible", 0.2)
        return
    segments = [segment for segment in unquote(parts.path).split("/") if segment]
    for segment in reversed(segments[-3:]):
        match = None
        for match in _PATH_ID.finditer(re.sub(r"\.(?:html?|php|aspx?|jsp|do)$", "", segment)):
            pass
        if match is not None:
            yield Candidate("sku", match["id"], "visible", 0.22)
            return


def _brands(page: Page, places: Landmarks) -> Iterator[Candidate]:
    """A labelled brand, else an element named after the brand near the title."""
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
            r"(?:visit the|besuche den|visiter la boutique|visita (?:lo store di|la tienda de)) (.{2,40}?)(?:[- ]store|[- ]shop)?",
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
