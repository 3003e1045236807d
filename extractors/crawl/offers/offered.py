"""What a product's structured data asks for it: offers of every shape come to a few facts each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import parse_qsl, urljoin, urlsplit

from extractors.crawl.offers import values
from extractors.crawl.offers.amounts import machine_price
from extractors.crawl.offers.items import Item, bare

_MOST = 300
_LIST_TYPES = frozenset(("listprice", "srp", "msrp", "strikethroughprice", "regularprice", "suggestedretailprice"))
_OTHER_TYPES = frozenset(("invoiceprice", "minimumadvertisedprice", "wholesaleprice", "downpayment", "installment"))
_WHOLE_UNITS = frozenset(("", "c62", "h87", "ea", "pce", "nmp"))
BARCODES = ("gtin14", "gtin13", "gtin12", "gtin8", "gtin", "ean", "ean13", "upc", "isbn", "isbn13", "barcode")


@dataclass(frozen=True)
class Asked:
    """One offer's facts; empty where it does not say.

    Attributes:
        price: What it costs.
        was: The price it is set against.
        low: Lowest price, where it speaks of several offers.
        high: Highest price of those.
        currency: ISO 4217 code.
        availability: In the spelling of `Offer`.
        condition: In the spelling of `Offer`.
        seller: Who sells.
        sku: The offer's own number.
        mpn: The maker's number.
        gtin: The barcode as 14 digits.
        name: What tells it from its neighbours.
        url: Its address.
        tax_note: included or excluded.
    """

    price: Decimal | None = None
    was: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    currency: str = ""
    availability: str = ""
    condition: str = ""
    seller: str = ""
    sku: str = ""
    mpn: str = ""
    gtin: str = ""
    name: str = ""
    url: str = ""
    tax_note: str = ""


def asked_of(product: Item, base: str) -> list[Asked]:
    """The offers of a product, those of its variants among them, in the page's order."""
    found = [_read(offer, base) for offer in _offers(product)]
    for variant in product.items("hasvariant", "model")[:_MOST]:
        own = [_read(offer, base) for offer in _offers(variant)]
        found += [_of_variant(one, variant, base) for one in own or [Asked()]]
    if not found and any(name in product.props for name in ("price", "lowprice")):
        found = [_read(product, base)]  # a price on the product itself is no schema, but common
    return [one for one in found if one != Asked()][:_MOST]


def _offers(product: Item) -> Iterator[Item]:
    for offer in product.items("offers", "offer", "hasoffer"):
        inner = offer.items("offers") if not {"price", "lowprice"} & set(offer.props) else []
        several = offer.items("offers")
        if "aggregateoffer" in offer.types and several and (inner or len(several) > 1):
            yield from several
            if "lowprice" in offer.props:
                yield offer
        elif inner:
            yield from inner
        else:
            yield offer


def _read(offer: Item, base: str) -> Asked:
    currency = _currency(offer.text("pricecurrency", "currency", "hascurrency", "pricecurreny"))
    prices = _specified(offer, currency)
    own = machine_price(offer.text("price", "saleprice"), currency) if offer.text("price", "saleprice") else None
    price = own.amount if own is not None else prices.get("price")
    was = prices.get("list")
    if was is None:
        struck = offer.text("struckprice", "listprice", "highprice" if "aggregateoffer" not in offer.types else "")
        was = machine_price(struck, currency).amount if struck else None
    low, high = (_amount(offer.text(name), currency) for name in ("lowprice", "highprice"))
    seller = offer.text("seller", "offeredby", "merchant")
    specified = offer.items("pricespecification")
    return Asked(
        price=price,
        was=was if was is not None and (price is None or was > price) else None,
        low=low if low is not None else prices.get("low"),
        high=high if high is not None else prices.get("high"),
        currency=currency or next((_currency(one.text("pricecurrency")) for one in specified), ""),
        availability=values.availability(offer.text("availability")) if offer.text("availability") else "",
        condition=values.condition(offer.text("itemcondition")),
        seller=values.line(seller, 200),
        sku=values.line(offer.text("sku", "productid", "offerid"), 100),
        mpn=values.line(offer.text("mpn"), 100),
        gtin=barcode(offer),
        name=values.line(offer.text("name"), 300),
        url=_joined(base, offer.text("url")),
        tax_note=_tax(specified) or (own.tax_note if own else ""),
    )


def _of_variant(asked: Asked, variant: Item, base: str) -> Asked:
    told = [f"{name}" for key in ("color", "size", "material", "pattern") if (name := variant.text(key))]
    return Asked(
        **{
            **asked.__dict__,
            "sku": values.line(variant.text("sku", "productid"), 100) or asked.sku,
            "mpn": values.line(variant.text("mpn"), 100) or asked.mpn,
            "gtin": barcode(variant) or asked.gtin,
            "name": values.line(" / ".join(told) or variant.text("name"), 300) or asked.name,
            "url": _joined(base, variant.text("url")) or asked.url or _joined(base, variant.ident),
        }
    )


def _specified(offer: Item, currency: str) -> dict[str, Decimal]:
    """Prices of an offer's price specifications, by what they are; those of a kilogram or a month are left out."""
    found: dict[str, Decimal] = {}
    for one in offer.items("pricespecification"):
        kind = bare(one.text("pricetype", "@type"))
        amount = _amount(one.text("price"), currency or _currency(one.text("pricecurrency")))
        unit = one.text("unitcode", "unittext").lower()
        if one.items("referencequantity") or one.text("referencequantity") or unit not in _WHOLE_UNITS:
            continue
        if kind in _OTHER_TYPES or one.items("billingduration") or "deliverychargespecification" in one.types:
            continue
        if amount is not None:
            found.setdefault("list" if kind in _LIST_TYPES else "price", amount)
        for name, key in (("low", "minprice"), ("high", "maxprice")):
            bound = _amount(one.text(key), currency)
            if bound is not None:
                found.setdefault(name, bound)
    return found


def _tax(specified: list[Item]) -> str:
    said = next(
        (one.text("valueaddedtaxincluded").lower() for one in specified if one.text("valueaddedtaxincluded")), ""
    )
    return {"true": "included", "false": "excluded"}.get(bare(said), "")


def barcode(item: Item) -> str:
    """A thing's barcode, from whichever property holds a right one."""
    for name in BARCODES:
        for text in item.texts(name):
            found = values.gtin14(text)
            if found:
                return found
    named = re.match(
        r"\s*(?:gtin\d*|ean\d*|upc|isbn)\s*[:=]\s*(.+)", item.text("productid", "identifier"), re.IGNORECASE
    )
    return values.gtin14(named[1]) if named else ""


def _amount(text: str, currency: str) -> Decimal | None:
    return machine_price(text, currency).amount if text else None


def _currency(text: str) -> str:
    plain = text.strip().upper()
    return (
        plain
        if re.fullmatch(r"[A-Z]{3}", plain)
        else {"€": "EUR", "£": "GBP", "RMB": "CNY"}.get(plain, text.strip()[:4])
    )


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address) if address else ""
    except ValueError:
        return ""


def pick(asked: list[Asked], url: str, sku: str) -> tuple[int, bool]:
    """Which offer a shopper sees first, and whether the page says so: by address, number, or as the only one."""
    if len(asked) == 1:
        return 0, True
    here = set(parse_qsl(urlsplit(url).query))
    for number, one in enumerate(asked):
        if one.url and here and here == set(parse_qsl(urlsplit(one.url).query)):
            return number, True
    same = [number for number, one in enumerate(asked) if sku and one.sku == sku]
    if len(same) == 1:
        return same[0], True
    priced = [number for number, one in enumerate(asked) if one.price]
    if not priced:
        return next((number for number, one in enumerate(asked) if one.low), 0), False
    ready = [number for number in priced if asked[number].availability in ("", "in_stock", "limited")]
    return next(iter(ready or priced), 0), len({asked[number].price for number in priced}) <= 1
