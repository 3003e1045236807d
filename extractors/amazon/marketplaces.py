"""Amazon's marketplaces: where they are reached, what they count in, and how they write.

https://developer-docs.amazon.com/sp-api/docs/marketplace-ids, …/docs/sp-api-endpoints
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from lakehouse.errors import ConfigError

Region = Literal["na", "eu", "fe"]
ENDPOINTS: Final[dict[Region, str]] = {
    "na": "https://sellingpartnerapi-na.amazon.com",
    "eu": "https://sellingpartnerapi-eu.amazon.com",
    "fe": "https://sellingpartnerapi-fe.amazon.com",
}


@dataclass(frozen=True)
class Marketplace:
    """One marketplace.

    Attributes:
        id: Amazon's number of it.
        code: Its country, as Amazon abbreviates it (UK, not GB).
        name: As reports and orders write it.
        region: The region whose endpoint answers for it.
        currency: What its prices are in (ISO 4217).
        time_zone: Zone of the days of its reports.
        charset: What flat files are encoded in where no header says it.
        shows_tax: Whether the prices that customers see hold the tax.
    """

    id: str
    code: str
    name: str
    region: Region
    currency: str
    time_zone: str
    charset: str = "cp1252"
    shows_tax: bool = True


_ALL: Final = (
    Marketplace("ATVPDKIKX0DER", "US", "Amazon.com", "na", "USD", "America/Los_Angeles", "utf-8", shows_tax=False),
    Marketplace("A2EUQ1WTGCTBG2", "CA", "Amazon.ca", "na", "CAD", "America/Los_Angeles", "utf-8", shows_tax=False),
    Marketplace("A1AM78C64UM0Y8", "MX", "Amazon.com.mx", "na", "MXN", "America/Los_Angeles", "utf-8"),
    Marketplace("A2Q3Y263D00KWC", "BR", "Amazon.com.br", "na", "BRL", "America/Sao_Paulo", "utf-8"),
    Marketplace("A1F83G8C2ARO7P", "UK", "Amazon.co.uk", "eu", "GBP", "Europe/London"),
    Marketplace("A28R8C7NBKEWEA", "IE", "Amazon.ie", "eu", "EUR", "Europe/Dublin"),
    Marketplace("A1PA6795UKMFR9", "DE", "Amazon.de", "eu", "EUR", "Europe/Berlin"),
    Marketplace("A13V1IB3VIYZZH", "FR", "Amazon.fr", "eu", "EUR", "Europe/Paris"),
    Marketplace("APJ6JRA9NG5V4", "IT", "Amazon.it", "eu", "EUR", "Europe/Rome"),
    Marketplace("A1RKKUPIHCS9HS", "ES", "Amazon.es", "eu", "EUR", "Europe/Madrid"),
    Marketplace("A1805IZSGTT6HS", "NL", "Amazon.nl", "eu", "EUR", "Europe/Amsterdam"),
    Marketplace("AMEN7PMS3EDWL", "BE", "Amazon.com.be", "eu", "EUR", "Europe/Brussels"),
    Marketplace("A2NODRKZP88ZB9", "SE", "Amazon.se", "eu", "SEK", "Europe/Stockholm"),
    Marketplace("A1C3SOZRARQ6R3", "PL", "Amazon.pl", "eu", "PLN", "Europe/Warsaw"),
    Marketplace("A33AVAJ2PDY3EV", "TR", "Amazon.com.tr", "eu", "TRY", "Europe/Istanbul"),
    Marketplace("A2VIGQ35RCS4UG", "AE", "Amazon.ae", "eu", "AED", "Asia/Dubai"),
    Marketplace("A17E79C6D8DWNP", "SA", "Amazon.sa", "eu", "SAR", "Asia/Riyadh"),
    Marketplace("ARBP9OOSHTCHU", "EG", "Amazon.eg", "eu", "EGP", "Africa/Cairo"),
    Marketplace("A21TJRUUN4KGV", "IN", "Amazon.in", "eu", "INR", "Asia/Kolkata"),
    Marketplace("AE08WJ6YKNBMC", "ZA", "Amazon.co.za", "eu", "ZAR", "Africa/Johannesburg"),
    Marketplace("A1VC38T7YXB528", "JP", "Amazon.co.jp", "fe", "JPY", "Asia/Tokyo", "cp932"),
    Marketplace("A39IBJ37TRP1C6", "AU", "Amazon.com.au", "fe", "AUD", "Australia/Sydney"),
    Marketplace("A19VAU5U5O7RUS", "SG", "Amazon.sg", "fe", "SGD", "Asia/Singapore"),
)
BY_ID: Final = {one.id: one for one in _ALL}
BY_NAME: Final = {one.name.lower(): one for one in _ALL}
_BY_CODE: Final = {one.code: one for one in _ALL} | {"GB": BY_ID["A1F83G8C2ARO7P"]}


def marketplace(told: str) -> Marketplace:
    """The marketplace of that number or country code.

    Raises:
        ConfigError: If there is none.
    """
    found = BY_ID.get(told) or _BY_CODE.get(told.upper())
    if found is None:
        raise ConfigError(
            f"There is no Amazon marketplace {told!r}.",
            remedy=f"Name it by its country ({', '.join(one.code for one in _ALL)}) or by Amazon's number.",
        )
    return found
