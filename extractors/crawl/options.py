"""What is told about a site in the sources' file: where to begin, how far to go, how gently, and on whose word."""

from __future__ import annotations

import ipaddress
import re
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from extractors.crawl.addresses import authority, canonical
from extractors.crawl.robots import TOKEN

_MIB = 1 << 20
_CONTACT = re.compile(r"https?://\S+\.\S+|[^@\s]+@[^@\s]+\.[^@\s]+")
_HOST_PORT = re.compile(r"(?P<host>[a-z0-9.-]+|\[[0-9a-f:]+\]):(?P<port>[0-9]{1,5})", re.IGNORECASE)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Politeness(_Model):
    """How gently a host is asked.

    Attributes:
        min_delay_s: Shortest time between two requests to a host; robots.txt may ask for a longer one.
        max_delay_s: Longest time that a slow host can stretch it to; what robots.txt asks for is kept in any case.
        max_concurrency: Most requests under way at a host at once.
        target_concurrency: How many are to be under way on average: the delay follows the host's own pace.
        max_tries: How often a page is asked for that fails in passing (429, 5xx, a broken connection).
        backoff_s: How long a host is left alone after such a failure where it does not say; doubled each time.
        max_wait_s: Longest wait that a host may ask for by `Retry-After`; one that asks for more is left alone.
        give_up_after: So many failures in a row end the crawl.
    """

    min_delay_s: float = Field(1.0, ge=0, le=300)
    max_delay_s: float = Field(60.0, gt=0, le=600)
    max_concurrency: int = Field(4, ge=1, le=32)
    target_concurrency: float = Field(1.0, gt=0, le=32)
    max_tries: int = Field(3, ge=1, le=5)
    backoff_s: float = Field(5.0, ge=0, le=300)
    max_wait_s: float = Field(300.0, ge=0, le=3600)
    give_up_after: int = Field(20, ge=1)


class Budgets(_Model):
    """Where a crawl ends, whatever is left.

    Attributes:
        pages: Visits in all; robots.txt and sitemaps count, too.
        pages_per_host: Visits to one host.
        megabytes: Bytes received, as sent, in MiB.
        minutes: Time, an interrupted run's included.
    """

    pages: int = Field(5_000, ge=1, le=1_000_000)
    pages_per_host: int = Field(5_000, ge=1, le=1_000_000)
    megabytes: int = Field(2_048, ge=1)
    minutes: float = Field(360, gt=0, le=48 * 60)


class Limits(_Model):
    """What one page may cost.

    Attributes:
        max_body_bytes: Most bytes of a body, as sent and after decompression.
        timeout_s: Longest time for one answer.
        max_redirects: Most redirects in a row.
        max_similar: Most addresses, found as links, that differ in parameters or numbers alone: calendars and
            combined filters have no end. Those of a sitemap, of `product_patterns` and of known products are not
            limited.
    """

    max_body_bytes: int = Field(10 * _MIB, ge=1_024, le=64 * _MIB)
    timeout_s: float = Field(30.0, gt=0, le=300)
    max_redirects: int = Field(5, ge=0, le=20)
    max_similar: int = Field(500, ge=1)


class SiteOptions(_Model):
    """One site that is crawled.

    Attributes:
        start_urls: Where to begin.
        contact: An address or page where the site's owner reaches us; it is part of the user agent.
        legal_note: Who looked at the site's terms, when, and what they allow.
        sitemaps: Sitemaps besides those that robots.txt names.
        hosts: Hosts besides those of `start_urls` that belong to the site, as `host` or `host:port`.
        allow: Regular expressions; only addresses in which one of them is found are visited. None: all.
        deny: Regular expressions; addresses in which one of them is found are not visited.
        product_patterns: Addresses of product pages, where the bytes alone mislead.
        listing_patterns: Addresses of listings, where the bytes alone mislead.
        max_depth: Most links between a page and the start.
        every_days: The site is crawled every so many days.
        refetch_after_days: A page that is unchanged is asked for in full again after so many days.
        currency: Currency of prices that name none (ISO 4217).
        language: Language of pages that name none (BCP 47).
        ask_interrupted: Whether pages that were under way when a crawl was killed are asked for again. False: they
            count as failed, unless they are known to lead on to others.
        record_requests: Whether the headers sent are recorded as well.
        politeness: How gently a host is asked.
        budgets: Where a crawl ends.
        limits: What one page may cost.
        allow_addresses: Addresses that may be asked though they are not public, as `host:port` or in CIDR notation:
            for tests and for the sandbox.
    """

    start_urls: tuple[str, ...] = Field(min_length=1)
    contact: str
    legal_note: str = Field(min_length=10)
    sitemaps: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    product_patterns: tuple[str, ...] = ()
    listing_patterns: tuple[str, ...] = ()
    max_depth: int = Field(12, ge=0, le=100)
    every_days: int = Field(1, ge=1, le=366)
    refetch_after_days: int = Field(30, ge=0, le=366)
    currency: str = Field("", pattern=r"^([A-Z]{3})?$")
    language: str = Field("", pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")
    ask_interrupted: bool = False
    record_requests: bool = False
    politeness: Politeness = Politeness()
    budgets: Budgets = Budgets()
    limits: Limits = Limits()
    allow_addresses: tuple[str, ...] = ()

    @property
    def user_agent(self) -> str:
        """How the crawler names itself, with where to reach us."""
        return f"{TOKEN}/{_version()} (+{self.contact})"

    @property
    def authorities(self) -> frozenset[str]:
        """The hosts that belong to the site, with their port where it is not the scheme's own."""
        return frozenset([authority(url) for url in self.start_urls] + [host.lower() for host in self.hosts])

    @field_validator("start_urls", "sitemaps")
    @classmethod
    def _are_addresses(cls, urls: tuple[str, ...]) -> tuple[str, ...]:
        for url in urls:
            parts = urlsplit(url)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                message = f"{url!r} is no address: it begins with https:// or http:// and names a host"
                raise ValueError(message)
            if parts.username or parts.password:
                message = "an address must not hold a user or a password"
                raise ValueError(message)
            if canonical(url) is None:
                message = f"{url!r} is no address that can be asked"
                raise ValueError(message)
        return urls

    @field_validator("contact")
    @classmethod
    def _reaches_somebody(cls, contact: str) -> str:
        if not _CONTACT.fullmatch(contact) or not contact.isascii():
            message = "give a mail address or the https address of a page that tells who you are"
            raise ValueError(message)
        return contact

    @field_validator("allow", "deny", "product_patterns", "listing_patterns")
    @classmethod
    def _are_patterns(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                message = f"{pattern!r} is no regular expression: {error}"
                raise ValueError(message) from None
        return patterns

    @field_validator("hosts")
    @classmethod
    def _are_hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for host in hosts:
            if "/" in host or not re.fullmatch(r"[A-Za-z0-9.\[\]:-]+", host):
                message = f"{host!r} is no host: give it as shop.example or shop.example:8443"
                raise ValueError(message)
        return hosts

    @field_validator("allow_addresses")
    @classmethod
    def _are_few_addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        for address in addresses:
            _check_allowed(address)
        return addresses

    @model_validator(mode="after")
    def _fits_together(self) -> SiteOptions:
        if self.politeness.min_delay_s > self.politeness.max_delay_s:
            message = "politeness.min_delay_s must not be larger than politeness.max_delay_s"
            raise ValueError(message)
        for sitemap in self.sitemaps:
            if authority(sitemap) not in self.authorities:
                message = f"the sitemap {sitemap} is on a host that is none of the site's; name it under hosts"
                raise ValueError(message)
        return self


OPTIONS = SiteOptions


def _version() -> str:
    try:
        return version("ecomops")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0"


def _check_allowed(address: str) -> None:
    match = _HOST_PORT.fullmatch(address)
    if match and int(match["port"]) < 1 << 16:
        return
    try:
        network = ipaddress.ip_network(address)
    except ValueError:
        message = f"{address!r} is neither host:port, such as 127.0.0.1:8811, nor a network in CIDR notation"
        raise ValueError(message) from None
    if network.prefixlen == 0:
        message = f"{address!r} would allow every address"
        raise ValueError(message)
