"""Products inside embedded state: every object that has a price and says what it is the price of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from extractors.crawl.offers.visible import keywords
from extractors.crawl.offers.visible.money import read_amount

_MOST_NODES = 60_000
_DEEPEST = 30
_PLAIN = re.compile(r"[^a-z0-9]")
_AMOUNT = re.compile(r"(?P<whole>\d{1,3}(?:[., '’]\d{3})+(?!\d)|\d{1,9})(?P<cents>[.,]\d{1,4}(?!\d))?")

_VARIANT = re.compile(r"size|variant|colou?r|option|child|^offers?$")
_NEAR = 4  # levels within which an object belongs to the one that has a name
_MINOR = re.compile(r"cents?$|minor|incents|centamount")
_ASIDE = re.compile(
    r"recommend|relat|similar|impression|upsell|crosssell|recent|viewed|alsobought|bundle|accessor|suggest|"
    r"cart|basket|carousel|history|search|sponsor|widget|menu|promotion|banner|filter|facet"
)
_MAIN = re.compile(r"detail|product$|pdp|^product|currentproduct|viewcontent|viewitem|selectedsku|productview|master")


@dataclass
class Record:
    """An object with a price.

    Attributes:
        values: Its fields, under the names of the offer's.
        path: The keys that lead to it, in plain lower case.
        siblings: How many like it stand in the same list.
    """

    values: dict[str, str | Decimal | int] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    siblings: int = 1

    @property
    def is_aside(self) -> bool:
        """Whether its path says that it is another product."""
        return any(_ASIDE.search(key) for key in self.path)

    @property
    def is_main(self) -> bool:
        """Whether its path says that it is the page's product."""
        return any(_MAIN.search(key) for key in self.path) and not self.is_aside


@dataclass(frozen=True)
class _Above:
    """What the objects around one say: units, currency, and the name of the nearest one that has a name."""

    minor: bool = False
    currency: str = ""
    title: str = ""
    depth: int = 0

    def with_(self, keys: dict[str, Any], path: tuple[str, ...]) -> _Above:
        is_variant = bool(self.title) and any(_VARIANT.search(key) for key in path[self.depth :])
        title = "" if is_variant else _text(keys, keywords.NAME)
        return _Above(
            self.minor or _is_minor(keys),
            _text(keys, keywords.CURRENCY)[:3] or self.currency,
            title or self.title,
            len(path) if title else self.depth,
        )


def find_records(state: Any, path: tuple[str, ...] = ()) -> Iterator[Record]:  # noqa: ANN401  # whatever the page holds
    """Every object with a price inside some state, breadth first, up to a limit.

    Args:
        state: What was read from a script.
        path: Names that lead to it.
    """
    waiting: list[tuple[Any, tuple[str, ...], int, _Above]] = [(state, path, 1, _Above())]
    seen = 0
    at = 0
    while at < len(waiting) and seen < _MOST_NODES:
        node, here, siblings, above = waiting[at]
        at += 1
        if isinstance(node, dict):
            keys = {_key(name): value for name, value in list(node.items())[:400]}
            record = _record(keys, above, here)
            if record is not None:
                record.path, record.siblings = here, siblings
                yield record
            above = above.with_(keys, here)
            children = [(value, (*here, key), 1) for key, value in keys.items()]
        elif isinstance(node, list):
            children = [(value, here, len(node)) for value in node[:300]]
        else:
            continue
        for value, trail, count in children:
            seen += 1
            if isinstance(value, dict | list) and len(trail) <= _DEEPEST:
                waiting.append((value, trail, count, above))


def _key(name: object) -> str:
    return _PLAIN.sub("", str(name).lower())[:60]


def _is_minor(keys: dict[str, Any]) -> bool:
    """Whether whole numbers below here are in minor units: the shape of the commonest shop system's product."""
    return ("vendor" in keys and "variants" in keys) or ("compareatprice" in keys and "pricevaries" in keys)


def _record(keys: dict[str, Any], above: _Above, path: tuple[str, ...]) -> Record | None:
    minor = above.minor or _is_minor(keys)
    price = _first_price(keys, keywords.PRICE, minor)
    name = _text(keys, keywords.NAME)
    number = _text(keys, keywords.SKU)
    if price is None:
        return None
    if above.title and len(path) - above.depth <= _NEAR and any(_VARIANT.search(key) for key in path[above.depth :]):
        name, number = above.title, _text(keys, ["sku"])  # a size is no product of its own
    elif not (name or number) and len(path) - above.depth <= _NEAR:
        name = above.title
    if not (name or number):
        return None
    values: dict[str, str | Decimal | int] = {"price_amount": price}
    against = _first_price(keys, keywords.LIST, minor) or _inside(keys, keywords.WITHIN_LIST, minor)
    if against is not None and against < price and "price" in keys and against == _first_price(keys, ["price"], minor):
        price, against = against, price
        values["price_amount"] = price
    if against is not None and against > price:
        values["list_price_amount"] = against
    texts = {
        "offer_title": name,
        "sku": number,
        "currency_code": _text(keys, keywords.CURRENCY) or _nested_currency(keys) or above.currency,
        "brand": _text(keys, keywords.BRAND),
        "category": _text(keys, keywords.CATEGORY),
        "availability": _stock(keys),
        "gtin": _text(keys, keywords.GTIN),
    }
    values.update({field_name: text for field_name, text in texts.items() if text})
    _reviews(keys, values)
    return Record(values)


def _reviews(keys: dict[str, Any], values: dict[str, str | Decimal | int]) -> None:
    rating = _scalar_amount(next((keys[key] for key in keywords.RATING if key in keys), None))
    if rating is not None and 0 < rating <= 5:
        values["rating"] = rating
    count = _scalar_amount(next((keys[key] for key in keywords.REVIEWS if key in keys), None))
    if count is not None and count == count.to_integral_value() and count < 10**8:
        values["review_count"] = int(count)


def _first_price(keys: dict[str, Any], names: Sequence[str], minor: bool) -> Decimal | None:
    for name in names:
        if name in keys:
            found = amount_of(keys[name], minor, name)
            if found is not None:
                return found
    return None


def _inside(keys: dict[str, Any], names: Sequence[str], minor: bool) -> Decimal | None:
    for outer in ("price", "prices", "pricing", "priceinfo"):
        held = keys.get(outer)
        if isinstance(held, dict):
            found = _first_price({_key(key): value for key, value in list(held.items())[:60]}, names, minor)
            if found is not None:
                return found
    return None


def amount_of(value: Any, minor: bool, name: str = "", depth: int = 0) -> Decimal | None:  # noqa: ANN401
    """An amount from a number, a text or an object that holds one; None where there is none above 0.

    Args:
        value: What stands under the key.
        minor: Whether whole numbers are in minor units.
        name: The key, which may say so as well.
        depth: How deep inside an object this is.
    """
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict) and depth < 3:
        keys = {_key(key): inner for key, inner in list(value.items())[:60]}
        for key in keywords.WITHIN:
            found = amount_of(keys.get(key), minor, key, depth + 1)
            if found is not None:
                return found
        return None
    amount = _scalar_amount(value)
    if amount is None or amount <= 0:
        return None
    if (minor and isinstance(value, int)) or _MINOR.search(name):
        amount = amount / 100
    return amount.quantize(Decimal("0.0001")).normalize() + 0 if -amount.as_tuple().exponent > 4 else amount  # type: ignore[operator]


def _scalar_amount(value: Any) -> Decimal | None:  # noqa: ANN401  # whatever the page holds
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        try:
            number = Decimal(repr(value))
        except InvalidOperation:
            return None
        return number if number.is_finite() and abs(number) < 10**9 else None
    if not isinstance(value, str) or not 0 < len(value) <= 40:
        return None
    match = _AMOUNT.search(value)
    if match is None or "%" in value:
        return None
    return read_amount(match["whole"], match["cents"] or "")


def _text(keys: dict[str, Any], names: Sequence[str]) -> str:
    for name in names:
        value = keys.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = next((value[key] for key in ("name", "title", "label", "code") if value.get(key)), None)
        if isinstance(value, str) and 0 < len(value.strip()) <= 300:
            return " ".join(value.split())
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return ""


def _nested_currency(keys: dict[str, Any]) -> str:
    for name in ("price", "prices", "pricing", "priceinfo", "currentprice", "saleprice"):
        held = keys.get(name)
        if isinstance(held, dict):
            inner = {_key(key): value for key, value in list(held.items())[:60]}
            found = _text(inner, keywords.CURRENCY) or next(
                (
                    _text({_key(k): v for k, v in one.items()}, keywords.CURRENCY)
                    for one in inner.values()
                    if isinstance(one, dict)
                ),
                "",
            )
            if found:
                return found
    return ""


def _stock(keys: dict[str, Any]) -> str:
    for name in keywords.STOCK:
        if name not in keys:
            continue
        value = keys[name]
        if isinstance(value, bool):
            return "out_of_stock" if value == ("sold" in name or "outof" in name) else "in_stock"
        if isinstance(value, str):
            plain = _key(value)
            if re.search(r"outofstock|soldout|unavailable|notavailable|oos$", plain) or plain in ("false", "no", "0"):
                return "in_stock" if "sold" in name or "outof" in name else "out_of_stock"
            if re.search(r"preorder", plain):
                return "preorder"
            if re.search(r"backorder", plain):
                return "backorder"
            if re.search(r"instock|available|^(?:true|yes|1)$", plain):
                return "out_of_stock" if "sold" in name or "outof" in name else "in_stock"
    return ""
