"""Addresses in one canonical form, and the rules that say which of them are visited."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from w3lib.url import canonicalize_url

if TYPE_CHECKING:
    from extractors.crawl.options import SiteOptions

_LONGEST = 2_000
# What shops and mail programs append to tell where a visitor came from; the page behind is the same.
_TRACKING = re.compile(
    r"utm_\w+|gclid|dclid|gbraid|wbraid|gclsrc|fbclid|msclkid|yclid|twclid|ttclid|igshid|mc_[ce]id|_ga|_gl|"
    r"srsltid|spm|scm|_pos|_sid|_ss|_psq|_fid|pr_prod_strat|pr_rec_id|pr_rec_pid|pr_ref_pid|pr_seq|"
    r"phpsessid|jsessionid|sessionid|session_id",
    re.IGNORECASE,
)
_SESSION = re.compile(r";jsessionid=[^/?#]*", re.IGNORECASE)
_NUMBERS = re.compile(r"\d+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical(url: str, base: str = "") -> str | None:
    """An address in the form in which pages are told apart; None for what cannot be asked for.

    Parameters are sorted, those that only track a visitor or name a session are dropped, and so is the fragment.

    Args:
        url: The address, or one relative to the base.
        base: Address of the page that it stands on.
    """
    try:
        joined = urljoin(base, url.strip()) if base else url.strip()
        parts = urlsplit(joined)
        port = parts.port
        if parts.scheme.lower() not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
            return None
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        kept = "&".join(one for one in parts.query.split("&") if not _TRACKING.fullmatch(one.partition("=")[0]))
        netloc = host if port in (None, _DEFAULT_PORTS[parts.scheme.lower()]) else f"{host}:{port}"
        path = _SESSION.sub("", parts.path) or "/"
        plain = parts._replace(scheme=parts.scheme.lower(), netloc=netloc, path=path, query=kept, fragment="")
        found = canonicalize_url(plain.geturl())
    except (ValueError, UnicodeError):
        return None
    return found if len(found) <= _LONGEST else None


def authority(url: str) -> str:
    """An address's host, with its port where that is not its scheme's own."""
    parts = urlsplit(url)
    host, port = (parts.hostname or "").rstrip("."), parts.port
    host = f"[{host}]" if ":" in host else host
    return host if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{host}:{port}"


def pattern_of(url: str) -> str:
    """What addresses have in common that differ in numbers or in parameters alone."""
    parts = urlsplit(url)
    return f"{parts.netloc}{_NUMBERS.sub('0', parts.path)}" + ("?" if parts.query else "")


@dataclass
class Rules:
    """Which addresses of a site are visited.

    Attributes:
        authorities: Hosts that belong to the site.
        allow: An address is visited only if one of these is found in it; none: every one.
        deny: It is not visited if one of these is found in it.
        product_patterns: Addresses that may be as many as there are.
        max_similar: Most addresses of one pattern.
        similar: How many addresses of each pattern were let through.
    """

    authorities: frozenset[str]
    allow: Sequence[re.Pattern[str]] = ()
    deny: Sequence[re.Pattern[str]] = ()
    product_patterns: Sequence[re.Pattern[str]] = ()
    max_similar: int = 500
    similar: Counter[str] = field(default_factory=Counter)

    def belongs(self, url: str) -> bool:
        """Whether an address is one of the site's."""
        return authority(url) in self.authorities

    def wants(self, url: str) -> bool:
        """Whether an address is one of the site's that the declaration lets be visited."""
        if not self.belongs(url) or any(one.search(url) for one in self.deny):
            return False
        return not self.allow or any(one.search(url) for one in self.allow)

    def is_product(self, url: str) -> bool:
        """Whether an address is declared to be a product's."""
        return any(one.search(url) for one in self.product_patterns)

    def has_room(self, url: str) -> bool:
        """Whether one more address of its pattern may be visited; counts it."""
        if self.is_product(url):
            return True
        pattern = pattern_of(url)
        if self.similar[pattern] >= self.max_similar:
            return False
        self.similar[pattern] += 1
        return True


def compiled(options: SiteOptions) -> Rules:
    """The rules of a declared site."""
    allow, deny, product = (
        tuple(map(re.compile, patterns)) for patterns in (options.allow, options.deny, options.product_patterns)
    )
    return Rules(options.authorities, allow, deny, product, options.limits.max_similar)
