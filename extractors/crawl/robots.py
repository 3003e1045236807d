"""What a robots.txt says to us: from its answer to rules (RFC 9309).

The lines are read and our group is chosen here, because protego reads more generously than the RFC in both (a group may
be closed by a line that nobody knows, a name matches by its beginning). Paths are matched by protego: percent-encoding,
`*`, `$`, and the longest rule winning. Which of Google's 140 published cases are decided otherwise, and why, is in
docs/decisions/0017-robots-gate.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Self
from urllib.parse import quote

from protego import Protego

TOKEN = "ecomopsbot"  # noqa: S105  # a crawler's name is no secret
"""Our product token, as a robots.txt names it."""

MAX_BYTES = 500 * 1024
"""How much of a robots.txt counts; the RFC asks for at least this much."""

MAX_LINE_BYTES = 16 * 1024
"""How much of one line counts: no address that we ask for is nearly as long."""

Standing = Literal["rules", "open", "closed"]

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"[\r\n]+")
_SPACES = b" \t\x0b\x0c\x00"
_PRODUCT_TOKEN = re.compile(rb"[A-Za-z_-]*")
_USER_AGENT = frozenset({b"user-agent", b"useragent", b"user agent"})
_ALLOW = frozenset({b"allow"})
_DISALLOW = frozenset({b"disallow", b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw"})
_DELAY = frozenset({b"crawl-delay", b"crawldelay", b"crawl delay"})
_SITEMAP = frozenset({b"sitemap", b"site-map", b"sitemaps"})
_KNOWN = _USER_AGENT | _ALLOW | _DISALLOW | _DELAY | _SITEMAP


@dataclass(frozen=True)
class RobotsRules:
    """What one authority's robots.txt allows us.

    Args:
        standing: `rules` (it was read), `open` (there is none: everything is allowed) or `closed` (it could not be
            had: nothing is allowed).
        reason: Why it stands so, in words.
        crawl_delay: Seconds that it asks us to leave between two requests; None where it does not say.
        sitemaps: URLs of its sitemaps, as written.
    """

    standing: Standing
    reason: str
    crawl_delay: float | None = None
    sitemaps: tuple[str, ...] = ()
    _paths: Protego | None = None

    @classmethod
    def parse(cls, body: bytes, token: str = TOKEN) -> Self:
        """Reads a robots.txt of any bytes; never raises, takes time in proportion to `MAX_BYTES` at most."""
        groups = _Groups(token)
        for key, value in _lines(_counted(body)):
            groups.take(key, value)
        group = groups.ours()
        return cls(
            "rules",
            "robots.txt",
            group.crawl_delay,
            tuple(groups.sitemaps),
            Protego.parse("\n".join(["User-agent: *", *group.rules])),
        )

    @classmethod
    def of_answer(cls, status: int, body: bytes, token: str = TOKEN) -> Self:
        """The rules that an answer to a request for robots.txt means, redirects having been followed.

        A server that says 429 asks us to stay away for now, which is why that one is no `open` (the RFC lets a crawler
        take any 4xx for "there is none", and does not make it).
        """
        if 200 <= status < 300:
            return cls.parse(body, token)
        if 400 <= status < 500 and status != 429:
            return cls("open", f"There is no robots.txt (status {status}).")
        return cls.closed(f"robots.txt was answered with status {status}.")

    @classmethod
    def closed(cls, reason: str) -> Self:
        """Nothing is allowed, because the rules could not be had."""
        return cls("closed", reason)

    def allows(self, url: str) -> bool:
        """Whether we may ask for this URL of the authority."""
        if self.standing == "rules":
            return self._paths is not None and self._paths.can_fetch(url, "*")
        return self.standing == "open"


class _Group:
    """The rules of all groups that name one crawler."""

    def __init__(self) -> None:
        self.is_named = False
        self.rules: list[str] = []
        self.crawl_delay: float | None = None


class _Groups:
    """Groups as RFC 9309 builds them: several `user-agent` lines, then rules; lines that nobody knows close none.

    Only what concerns us is kept, so that a file of thousands of crawlers with thousands of rules stays small.
    """

    def __init__(self, token: str) -> None:
        self.sitemaps: list[str] = []
        self._by_token = {token.lower().encode(): _Group(), b"*": _Group()}
        self._token = token.lower().encode()
        self._current: list[_Group] = []
        self._has_rules = False

    def take(self, key: bytes, value: bytes) -> None:
        """Takes the next known line."""
        if key in _USER_AGENT:
            self._open(value)
        elif key in _SITEMAP:
            self.sitemaps.append(value.decode("utf-8", "replace"))
        elif key in _DELAY:
            for group in self._current:
                group.crawl_delay = _seconds(value, group.crawl_delay)
        else:
            self._has_rules = True
            for group in self._current if value else ():
                group.rules.append(f"{'Allow' if key in _ALLOW else 'Disallow'}: {_ascii(value)}")

    def ours(self) -> _Group:
        """The group that names us, else that of `*`."""
        own = self._by_token[self._token]
        return own if own.is_named else self._by_token[b"*"]

    def _open(self, value: bytes) -> None:
        if self._has_rules:
            self._current, self._has_rules = [], False
        words = value.split()
        group = self._by_token.get(b"*" if words and words[0] == b"*" else _product_token(value))
        if group is not None and group not in self._current:
            group.is_named = True
            self._current.append(group)


def _counted(body: bytes) -> bytes:
    """The part that counts: without a byte-order mark, cut at the end of the last whole line."""
    body = body.removeprefix(_BOM)
    if len(body) <= MAX_BYTES:
        return body
    cut = max(body.rfind(b"\n", 0, MAX_BYTES), body.rfind(b"\r", 0, MAX_BYTES))
    return body[: max(cut, 0)]


def _lines(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The known lines as (key in lower case, value)."""
    for whole in _LINE_END.split(body):
        line = whole[:MAX_LINE_BYTES].partition(b"#")[0].strip(_SPACES)
        key, colon, value = line.partition(b":")
        key = key.strip(_SPACES).lower()
        if not colon or key not in _KNOWN:
            # A forgotten colon: the first word, where just one other follows.
            words = line.split(maxsplit=2)
            if len(words) != 2 or words[0].lower() not in _KNOWN:
                continue
            key, value = words[0].lower(), words[1]
        if len(whole) > MAX_LINE_BYTES and key in _ALLOW:
            continue  # what was cut off would have narrowed it
        yield key, value.strip(_SPACES)


def _product_token(value: bytes) -> bytes:
    found = _PRODUCT_TOKEN.match(value)
    return found.group().lower() if found else b""


def _ascii(pattern: bytes) -> str:
    """A path pattern with every octet outside printable ASCII percent-encoded, as the RFC compares them."""
    return quote(pattern, safe="".join(map(chr, range(0x21, 0x7F))))


def _seconds(value: bytes, earlier: float | None) -> float | None:
    """A delay in seconds; of two the longer, and what is no delay changes nothing."""
    try:
        delay = float(value)
    except ValueError:
        return earlier
    if not math.isfinite(delay) or delay < 0:
        return earlier
    return delay if earlier is None else max(delay, earlier)
