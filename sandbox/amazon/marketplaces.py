"""The two marketplaces that the merchant sells on, and what differs between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Marketplace:
    """One marketplace.

    Attributes:
        id: Amazon's number of it.
        name: As Amazon writes it in `sales-channel` and `marketplaceName`.
        currency: Its currency (ISO 4217).
        digits: Decimal digits of that currency.
        country: ISO 3166-1.
        time_zone: Zone of its days.
        charset: What its flat files are encoded in.
        content_type: What the header of its flat files says of that.
        day_format: How its settlement reports write a moment, as `strftime` reads it.
        lists_net: Whether an order's ITEM, SHIPPING and DISCOUNT are without the tax, and TAX is added to them;
            otherwise they hold it, and TAX only tells how much.
    """

    id: str
    name: str
    currency: str
    digits: int
    country: str
    time_zone: str
    charset: str
    content_type: str
    day_format: str
    lists_net: bool


UK: Final = Marketplace(
    id="A1F83G8C2ARO7P",
    name="Amazon.co.uk",
    currency="GBP",
    digits=2,
    country="GB",
    time_zone="Europe/London",
    charset="cp1252",
    content_type="text/plain; charset=Cp1252",
    day_format="%d.%m.%Y %H:%M:%S UTC",
    lists_net=True,
)
# Java's name of the charset that Python calls cp932; it has more characters than plain Shift_JIS.
JP: Final = Marketplace(
    id="A1VC38T7YXB528",
    name="Amazon.co.jp",
    currency="JPY",
    digits=0,
    country="JP",
    time_zone="Asia/Tokyo",
    charset="cp932",
    content_type="text/plain; charset=windows-31j",
    day_format="%Y/%m/%d %H:%M:%S UTC",
    lists_net=False,
)
MARKETPLACES: Final = {one.id: one for one in (UK, JP)}
BY_CURRENCY: Final = {one.currency: one for one in (UK, JP)}


def decimal(minor: int, marketplace: Marketplace) -> str:
    """An amount of minor units as decimal text: 1234 pence are `12.34`, 1234 yen are `1234`."""
    if not marketplace.digits:
        return str(minor)
    whole, part = divmod(abs(minor), 10**marketplace.digits)
    return f"{'-' if minor < 0 else ''}{whole}.{part:0{marketplace.digits}d}"


def number(minor: int, marketplace: Marketplace) -> float | int:
    """An amount of minor units as the JSON number that Amazon writes: 320, 29.99, -0.5."""
    factor: int = 10**marketplace.digits
    # The quotient nearest to the decimal prints as that decimal, so nothing is lost on the wire.
    return minor // factor if minor % factor == 0 else minor / factor


def title(english: str, product_id: int, marketplace: Marketplace) -> str:
    """A product's name in a marketplace, with the characters that spoil a flat file read carelessly.

    An inch sign looks like an opening quotation mark to a CSV reader; the Japanese letters hold 0x5C (a backslash in
    ASCII) as second byte, and characters that plain Shift_JIS does not have. One product in six has such a name.
    """
    charset = marketplace.charset
    if product_id % 6:
        return english.encode(charset, "replace").decode(charset)
    size = ' (10" box)' if product_id % 4 == 0 else ""
    awkward = (
        f"【ノースライト】ソファー表示 ①㈱ {english}{size}"
        if marketplace is JP
        else f"{english} – Northlight™ café{size}"
    )
    return awkward.encode(charset, "replace").decode(charset)


def allocate(total: int, weights: list[int]) -> list[int]:
    """Splits an amount over weights, exactly; what division leaves goes to the first ones.

    >>> allocate(100, [1, 1, 1])
    [34, 33, 33]
    """
    base = sum(weights)
    if not base:
        weights, base = [1] * len(weights), len(weights)
    shares = [total * weight // base for weight in weights]
    for place in range(total - sum(shares)):
        shares[place % len(shares)] += 1
    return shares
