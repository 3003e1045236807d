"""What an element's class, id and other names say about the text in it, as a set of bits.

Names are the strongest sign that a page without product markup gives: `price`, `was-price`, `related-products`,
`minicart`. They are read as words in every shop's own spelling (`oldPrice`, `price--old`, `price_old`), in the
languages that occur in practice, and never as the names of one shop.
"""

from __future__ import annotations

import re
from functools import lru_cache

PRICE = 1  # names a price
CURRENT = 1 << 1  # names the price of now: sale, our, final
OLD = 1 << 2  # names the price it is set against
MAYBE_OLD = 1 << 3  # regular, list, retail: the price of now where nothing is reduced
SAVING = 1 << 4  # what is saved
UNIT = 1 << 5  # a price per kilogram, litre or piece
SHIPPING = 1 << 6
FINANCE = 1 << 7  # instalments, credit
RELATED = 1 << 8  # other products
CART = 1 << 9  # the cart and its totals
CHROME = 1 << 10  # navigation, header, footer, dialogs
REVIEW = 1 << 11  # reviews, questions
HIDDEN = 1 << 12  # not shown
OFFSCREEN = 1 << 13  # for screen readers only
STRUCK = 1 << 14  # crossed out
LINK = 1 << 15  # inside a link
PRODUCT = 1 << 16  # names the product's own box
OPTION = 1 << 17  # a choice: size, colour, quantity
STOCK = 1 << 18  # names availability
TITLE = 1 << 19  # names the product's title
SKU = 1 << 20  # names an article number
BRAND = 1 << 21
CRUMBS = 1 << 22  # breadcrumbs
BUY = 1 << 23  # names the control that buys
RATING = 1 << 24
SELLER = 1 << 25
FRACTION = 1 << 26  # the cents of a split price
PROSE = 1 << 27  # description, specification

# Bits that an element hands on to everything in it. The others speak of the element and its near ancestors only.
INHERITED = (
    SHIPPING | FINANCE | RELATED | CART | CHROME | REVIEW | HIDDEN | OFFSCREEN | STRUCK | LINK | OPTION | CRUMBS | PROSE
)
# Bits that cannot be true of a box that holds the product's title: the name says something else there.
NOT_AROUND_TITLE = (
    SHIPPING | FINANCE | RELATED | CART | CHROME | REVIEW | OPTION | CRUMBS | PROSE | STRUCK | HIDDEN | LINK
)

# Patterns on names that were made plain: `oldPrice_x1` is read as `old-price-x1`. `\b` is a boundary of words.
_PATTERNS: dict[int, str] = {
    PRICE: r"pri[cs]e|prix|preis|prezz|precio|pre[cç]o|prij[sz]|\bpris\b|\bprc|\bcena\b|\bceny\b|hinta|fiyat|\bkaina"
    r"|\bamount\b|kakaku|jiage|\bmoney\b|\bcost\b|tsena|stoimost|\bpret\b|\bpvp\b|\bharga\b|\bgia\b|currency|"
    r"\bcennik",
    CURRENT: r"\bnow\b|\bour\b|special|final|current|\bsale(?!s)|\boffer\b|offer-?price|\bdeal\b|actual|promo|\bnew\b"
    r"|selling|today|aktuell|primary|\bmain\b|buy-?box|apex|to-?pay|discounted|reduced|\bsales\b|\bmy\b|\bbest-price"
    r"|price-new|-now\b|live-price|buying|\byeni\b|\bnovaya\b|\bnuevo\b|\bnuovo\b|\bneu(?:er)?\b|\bnea\b",
    OLD: r"\bwas\b|\bold|-old\b|oldprice|\brrp\b|msrp|\buvp\b|strik|struck|compare-?(?:at|price)|crossed|previous"
    r"|\bbefore\b|line-?through|\bformer|\bstatt\b|barr[eé]|ancien|tachado|anterior|listpric|list-price|price-list\b"
    r"|suggested-?(?:retail|price)|undiscounted|\bpvpr\b|durchgestrichen|pseudo|-was\b|wasprice"
    r"|priceold|discount-from|non-?sale|\bde-price|deleted|crossout|cross-out|\bvecchio\b|price-rrp|"
    r"originalprice|\bstroke\b|\beski\b|\bstar[ay]\b|\bstaraya\b|\bregi\b|\bvanha\b|\bgammal|\bvorher|\bordpris|\bforpris|"
    r"\bpuvodni|\bpovodna|\bantiguo|\bpalia|\bprix-ref\b",
    MAYBE_OLD: r"regular|\borigin|original|retail|\bfull-?price|\bbase\b|\bhigh\b|\binitial|\bnormal\b|\blist\b|market",
    SAVING: r"\bsav(?:e|ed|es|ing|ings)\b|yousave|ersparnis|economi|ahorr|risparmi|percent|\bpct\b|discount-(?:amount|"
    r"value|label|badge|rate|tag)|\bcashback|\bbesparing|\breward|\bpoints?\b|loyalty|\bbonus|\bvoucher|"
    r"\bcoupon|\bclub\b"
    r"|\bgift-?card",
    UNIT: r"\bunit\b|unit-?price|priceper|price-per|per-?unit|\bppu\b|grundpreis|base-?price-?(?:unit|info)|"
    r"price-unit"
    r"|einheit|\bmeasure|unitprice|\bprix-unitaire|\bper-(?:kg|litre|liter|piece|item|100)",
    SHIPPING: r"\bship|deliver|versand|livraison|\benvio|spedizion|freight|postage|dostav|fulfil|pick-?up|\bpostcode",
    FINANCE: r"instal|financ|klarna|after-?pay|affirm|clear-?pay|month|\bcredit|leasing|zip-?pay|laybuy|sezzle|parcel"
    r"|\bemi\b|pay-?pal|\brate(?:n|nkauf)\b|\bsubscri|\btrade-?in|\bpay-?later|\bmensual|\bcuotas?\b|warranty|"
    r"protection",
    RELATED: r"relat|recommend|\breco?s?\b|\brecs\b|similar|\balso\b|up-?sell|cross-?sell|carousel|\bslider|recently|"
    r"viewed"
    r"|accessor|\bbundle|together|frequently|complement|alternativ|others?-bought|you-?may|featured|"
    r"best-?sell|popular"
    r"|trending|sponsor|\bcompar(?:e|ison)\b(?!-?(?:at|price))|zubeh|buy-?with|complete-the|certona|nosto|"
    r"richrelevance"
    r"|barilliance|products?-?(?:list|grid|tile|card|teaser|miniature|item(?!-(?:detail|price|headline|title|name|info|sku)))|item-?card|\btile|grid-item|swiper|slick"
    r"|owl-|\bteaser|suggest(?:ion|ed)s?\b(?!-?(?:retail|price))|recomend|ahnlich|aehnlich|inspir|\bcombo|"
    r"crosslink|\bads?\b"
    r"|\badvert|more-?(?:products|items|from)|other-?(?:products|items|sellers?)|\bblog|\blook-?book|history",
    CART: r"mini-?cart|cart-(?:drawer|summary|total|popup|modal|side|dropdown|preview|flyout|content|item|count|box|"
    r"info)"
    r"|(?:side|header|ajax|top|nav|float|mobile)-?(?:cart|basket|bag)|basket-(?:total|summary|count)|"
    r"shopping-?(?:bag|cart)"
    r"(?!-?(?:add|button))|(?:sub|grand|cart|order|basket)-?total|\btotals\b|wish-?list|warenkorb-(?:summe|"
    r"info)|checkout-|blockcart|\bbasket\b",
    CHROME: r"\bnav\b|navbar|navi(?:gation)?\b|\bmenu|megamenu|\bfilter|facet|top-?bar|\bsearch|announce|\busp\b"
    r"|(?<!product-)(?<!pdp-)(?<!page-)(?<!title-)\bheader\b(?!-?price)|footer|copyright|newsletter|cookie|"
    r"consent|gdpr|\bmodal|pop-?up|dialog"
    r"|lightbox|tooltip|currency-?(?:switch|select|list|drop)|language|country-|\bsidebar|side-bar|\bbanner|"
    r"promo-?bar",
    REVIEW: r"review|\bcomments?\b|testimonial|feedback|bewertung|\bavis\b|opinion|recension|question|"
    r"\bq-?(?:and-)?a\b|\bfaq",
    OFFSCREEN: r"visually-?hidden|\bsr-?only|screen-?reader|off-?screen|\ba11y|\bu-vh\b|assistive"
    r"|access(?:ible|ibility)-",
    STRUCK: r"strik|struck|line-?through|crossed|durchgestrichen|tachado|barr[eé]",
    PRODUCT: r"\bproduct-?(?:page|detail|view|info|main|essential|single|shop|summary|hero|buy|purchase|form|top|right"
    r"|intro|content|wrapper|overview|primary)|\bpdp\b|\bitem-?(?:detail|info|page)|buy-?box|main-?(?:product|"
    r"content)"
    r"|\bsummary\b|artikel-?detail|\bdetails?\b|single-product|product-?price|goods|\bpb-",
    OPTION: r"swatch|\bvariant|variation|\bsizes?\b|\bcolou?rs?\b|\boptions?\b|dropdown-item|tier|quantity-?(?:price|"
    r"break)"
    r"|bulk|staffel|volume|\bqty-?(?:price|break|table)|price-?(?:break|table)|discounts?-table",
    STOCK: r"stock|availab|verf[uü]gbar|lager|dispo|inventory|\bsold\b|soldout|lieferbar|zaiko|nalichi",
    TITLE: r"(?:product|item|goods|article|artikel|produkt|prod|pdp|title|offer)[a-z]*-?(?:title|name|heading|"
    r"headline)"
    r"|\btitle\b|\bname\b|\bheadline|\bpage-?heading\b|produktname|bezeichnung|\bfn\b",
    SKU: r"\bsku|-sku\b|product-?(?:code|number|num|no|id|sku|ref)|item-?(?:code|number|num|no|id)\b|artikel-?n|"
    r"\bart-?n"
    r"|model-?(?:number|no)|style-?(?:number|no|id|code)|catalog|reference\b|\bcodice|referencia|\bref\b|artnr",
    BRAND: r"\bbrand|\bmanufactur|\bmarque|\bmarca\b|\bmarke\b|hersteller|\bvendor|designer|\bmaker",
    CRUMBS: r"breadcrumb|bread-crumb|\bcrumbs?\b|ariane|navi-?path|\bpankuzu|topicpath|topic-path|you-are-here|brotkr",
    BUY: r"add-?to-?(?:cart|bag|basket|trolley|shopping|wagon)|addtocart|add2cart|addcart|\bbuy-?(?:now|button|btn|"
    r"it|box)"
    r"|btn-?(?:cart|buy|add)|cart-?(?:btn|button|add|submit)|to-?basket|in-den-warenkorb|purchase|basket-?add|"
    r"cart-?add",
    RATING: r"rating|\bstars?\b|\bscore\b|bewertung|\bnote\b|review|\brate\b",
    SELLER: r"seller|merchant|\bsold-?by|vendor|shop-?name|store-?name|verk[aä]ufer|vendeur|vendedor|venditore",
    FRACTION: r"fraction|\bcents?\b|decimal|mantissa|\bcentimes|\bpence\b|price-?(?:suffix|sup|small)|\bminor\b",
    PROSE: r"\bdescri|specif|\btech-|\bfeatures\b|\bshort-?desc|tab-?(?:content|pane)|\barticle-body|\bdetails-text|"
    r"\bsize-?(?:guide|chart)",
}
_COMPILED = tuple((bit, re.compile(pattern)) for bit, pattern in _PATTERNS.items())
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JOINT = re.compile(r"[^0-9a-zÀ-ɏͰ-῿぀-ヿ一-鿿가-힯]+")
_CONCEALED = frozenset(
    [
        "hidden",
        "hide",
        "d-none",
        "is-hidden",
        "display-none",
        "u-hidden",
        "invisible",
        "ng-hide",
        "no-display",
        "js-hidden",
        "dn",
        "hidden-element",
        "u-hide",
        "uk-hidden",
        "hide-all",
        "is-hide",
        "isHidden",
        "displayNone",
        "display_none",
    ]
)


def names(text: str) -> tuple[str, ...]:
    """Names that are written in one text, parted by blanks."""
    return tuple(text.split())


def plain(named: str) -> str:
    """Names in lower case, with a hyphen between words: `oldPrice price_was` becomes `old-price-price-was`."""
    return _JOINT.sub("-", _HUMP.sub("-", named).lower())


@lru_cache(maxsize=20_000)
def marks_of(named: str) -> int:
    """What the names of an element say, as bits.

    Args:
        named: Class, id and the other naming attributes, parted by blanks.
    """
    if not named:
        return 0
    words = plain(named[:400])
    bits = 0
    for bit, pattern in _COMPILED:
        if pattern.search(words):
            bits |= bit
    if not _CONCEALED.isdisjoint(named.split()):
        bits |= HIDDEN
    if bits & BUY:
        bits &= ~CART
    return bits
