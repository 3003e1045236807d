"""Title, category, picture, rating and seller as the page shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import urljoin

from zyte_parsers import extract_breadcrumbs

from extractors.crawl.offers.model import Candidate
from extractors.crawl.offers.visible import marks, words
from extractors.crawl.offers.visible.landmarks import Landmarks
from extractors.crawl.offers.visible.tree import Page

_LEAD = re.compile(r"^(?:details about|title|product)\s*:?\s+", re.IGNORECASE)
_HOME = re.compile(
    r"^(?:home|homepage|start(?:seite)?|accueil|inicio|início|hem|forside|etusivu|hjem|domov|úvod|главная|"
    r"ana sayfa|trang chủ|トップ(?:ページ)?|ホーム|首页|首頁|홈|home page|back.*|zurück.*|all|strona główna|"
    r"αρχική|kezdőlap|"
    r"acasă|naslovnica)$",
    re.IGNORECASE,
)
_OF_FIVE = re.compile(
    r"(?P<value>[0-5](?:[.,]\d{1,2})?)\s?(?:out of|von|sur|su|de|af|av|z|/|från|van(?: de)?|из|"
    r"／)\s?5(?:[.,]0)?\b|(?:rating|rated|bewertung|note|评分|評分|評価|★)\W{0,3}(?P<rated>[0-5][.,]\d{1,2})(?!\d)",
    re.IGNORECASE,
)
_ALONE = re.compile(r"^\(?(?P<value>[0-5][.,]\d{1,2})\)?$")
_REVIEWS = re.compile(
    r"(?<![\d.,])(?P<count>\d{1,3}(?:[.,  ]\d{2,3})*[.,  ]\d{3}|\d{1,7})\s?(?:customer |global |product |"
    r"verified |total |kunden)?(?:reviews?|ratings?|bewertung(?:en)?|rezension(?:en)?|kundenbewertung|avis|"
    r"évaluations?|opini(?:ones|ón|e|i)|reseñas|valoraci|recension|valutazion|beoordeling|reviews|omdömen|"
    r"anmeldelser|vurdering|arvostelu|recenz|hodnocen|отзыв|оцен|відгук|yorum|değerlendirme|件|人评价|人評價|"
    r"条评价|則評價|개|"
    r"đánh giá|avalia)"
    r"|[0-5][.,]\d{1,2}\s?(?:/\s?5)?\s?[(（]\s?(?P<behind>\d[\d.,]{0,8})\s?[)）]|\b(?:by|von|par|da|"
    r"de)\s(?P<people>\d[\d.,]{0,8})\s(?:customers?|people|users|buyers|kunden|clients|clienti|clientes)"
    r"|(?:reviews?|bewertungen|avis|レビュー|评价|評價)\s?[(（]\s?(?P<bracket>\d[\d.,]{0,8})\s?[)）]",
    re.IGNORECASE,
)
_PICTURE_NAMES = re.compile(
    r"main|primary|zoom|hero|product|gallery|large|big|featured|detail|goods|landing", re.IGNORECASE
)
_NO_PICTURE = re.compile(
    r"logo|icon|sprite|pixel|placeholder|blank|loading|spinner|payment|flag|avatar|banner|^data:|^(?:null|"
    r"undefined|#)$",
    re.IGNORECASE,
)
_SOURCES = (
    "data-zoom-image",
    "data-large_image",
    "data-large",
    "data-zoom",
    "data-old-hires",
    "data-src",
    "src",
    "data-lazy",
    "data-original",
)


def detail_claims(page: Page, places: Landmarks, url: str) -> Iterator[Candidate]:
    """Claims on everything that is neither money, stock nor a number.

    Args:
        page: The page.
        places: Its fixed points.
        url: The page's address, to make a picture's address whole.
    """
    if places.title >= 0:
        sure = max(0.3, min(0.75, 0.25 + 0.06 * places.title_score))
        yield Candidate("offer_title", _LEAD.sub("", places.title_text), "visible", round(sure, 3))
    yield from _category(page, places)
    yield from _picture(page, places, url)
    yield from _rating(page, places)
    yield from _seller(page, places, url)


def _category(page: Page, places: Landmarks) -> Iterator[Candidate]:
    """The trail of links above the title, without the home page and without the product itself."""
    best: list[str] = []
    for node, own in enumerate(page.own):
        if not own & marks.CRUMBS or page.stops[node] - page.starts[node] > 600:
            continue
        names = _crumbs(page, node, places.title_text)
        if len(names) > len(best):
            best = names
        if len(best) >= 2:
            break
    if best:
        yield Candidate("category", " > ".join(best), "visible", 0.65)


def _crumbs(page: Page, node: int, title: str) -> list[str]:
    try:
        crumbs = extract_breadcrumbs(page.elements[node], base_url=None, max_search_depth=8) or ()
    except (ValueError, TypeError, AttributeError, RecursionError):  # the library on trees that it was not made for
        return []
    names = [crumb.name for crumb in crumbs if crumb.name and not _HOME.match(crumb.name.strip())]
    if names and title and (names[-1] in title or title in names[-1]):
        names = names[:-1]
    return names[:12]


def _picture(page: Page, places: Landmarks, url: str) -> Iterator[Candidate]:
    title = places.title if places.title >= 0 else 0
    best, best_score = "", 0.0
    words_of_title = set(re.findall(r"\w{4,}", places.title_text.lower()))
    for node, tag in enumerate(page.tags):
        if tag != "img" or page.marks[node] & (marks.RELATED | marks.CHROME | marks.REVIEW | marks.CART):
            continue
        element = page.elements[node]
        source = next((element.get(key) for key in _SOURCES if element.get(key)), "") or ""
        if not source or _NO_PICTURE.search(source):
            continue
        score = 1.0 - min(1.0, abs(node - title) / 400)
        alt = element.get("alt", "").lower()
        score += 1.5 * (len(words_of_title & set(re.findall(r"\w{4,}", alt))) / max(1, len(words_of_title)))
        score += 0.6 * bool(_PICTURE_NAMES.search(f"{element.get('class', '')} {element.get('id', '')}"))
        score += 0.4 * any(element.get(key) for key in _SOURCES[:5])
        if score > best_score:
            best, best_score = source, score
    if best and best_score > 0.8:
        try:
            yield Candidate(
                "image_url", urljoin(url, best.strip()), "visible", round(min(0.6, 0.3 + 0.1 * best_score), 3)
            )
        except ValueError:
            return


def _rating(page: Page, places: Landmarks) -> Iterator[Candidate]:
    """A mean of 5 near the title, and how many rated: each once, the first that stands there."""
    if places.title < 0:
        return
    start = max(0, page.starts[places.title] - 300)
    stop = page.stops[places.title] + 1500
    value = _first_rating(page, start, stop)
    if value is not None and 0 < value <= 5:
        yield Candidate("rating", value, "visible", 0.6)
    for match in _REVIEWS.finditer(page.text, start, stop):
        digits = re.sub(r"\D", "", next(filter(None, match.groups()), ""))
        if not digits or page.marks[page.owner(match.start(), match.end())] & (marks.RELATED | marks.CHROME):
            continue
        if len(digits) <= 8:
            yield Candidate("review_count", int(digits), "visible", 0.55)
        return


def _first_rating(page: Page, start: int, stop: int) -> Decimal | None:
    match = _OF_FIVE.search(page.text, start, stop)
    if match is not None:
        return Decimal((match["value"] or match["rated"]).replace(",", "."))
    for node, own in enumerate(page.own):
        if not own & marks.RATING or not start <= page.starts[node] < stop:
            continue
        element = page.elements[node]
        texts = [page.text_of(node)] if page.stops[node] - page.starts[node] < 12 else []
        texts += [
            element.get(key, "") for key in ("data-rating", "data-score", "aria-label", "title", "data-star-rating")
        ]
        for text in texts:
            found = _ALONE.match(text) or _OF_FIVE.search(text)
            if found is not None:
                value = found.groupdict().get("value") or found.groupdict().get("rated")
                return Decimal(value.replace(",", ".")) if value else None
    return None


def _seller(page: Page, places: Landmarks, url: str) -> Iterator[Candidate]:
    """Who sells it, where that is not the shop whose page it is."""
    start = page.starts[places.title] if places.title >= 0 else 0
    for match in words.SELLER.finditer(page.text, start, start + 6000):
        if page.marks[page.owner(match.start(), match.end())] & (marks.RELATED | marks.REVIEW | marks.CHROME):
            continue
        name = match["name"].strip(" -–.")
        plain = name.lower()
        is_shop = any(head.endswith(plain) for head in places.heads) or plain.replace(" ", "") in url.lower()
        if len(name) >= 2 and not is_shop and not places.is_other(match.start()):
            yield Candidate("seller", name, "visible", 0.5)
        return
