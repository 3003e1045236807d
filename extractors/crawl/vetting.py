"""Which addresses a crawl may reach: public ones over HTTP, and what a site's options name for tests.

A page decides where its links and redirects lead, and a name server decides what a name means. So three things are
vetted: the URL's own words (`vet_url`), every network address that a name stands for (`VettingResolver`), and the
address that answered. The resolver is the reactor's, so a connection goes to an address that it vetted; nothing looks a
name up a second time between vetting and connecting.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

import idna

from extractors.crawl.outcomes import Refused
from lakehouse.errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_URL_LENGTH = 2083
DEFAULT_PORTS = {"http": 80, "https": 443}

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Addresses that carry an IPv4 address for a relay to unpack, and addresses that clouds answer metadata on.
_NEVER: tuple[Network, ...] = (
    ipaddress.IPv6Network("2002::/16"),  # 6to4
    ipaddress.IPv6Network("2001::/32"),  # Teredo
    ipaddress.IPv6Network("3fff::/20"),  # documentation (RFC 9637), public to older Pythons
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays
    ipaddress.IPv4Network("168.63.129.16/32"),  # Azure's host, though a public address
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocol assignments, Oracle's metadata among them
)
_ISATAP = (0x00005EFE, 0x02005EFE)  # the middle of an interface identifier that embeds an IPv4 address
_LOCAL_SUFFIXES = (
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "in-addr.arpa",
    "ip6.arpa",
    "onion",
    "test",
    "invalid",
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_UNSAFE_CHARACTERS = re.compile(r"[\x00-\x20\x7f\\]")


def is_global(address: Address | str) -> bool:
    """Whether an address is a public one: not private, shared, local, reserved, multicast, nor a wrapper of such.

    Args:
        address: An IP address; text has to be in its strict form, and text that is not an address is not global.
    """
    if isinstance(address, str):
        try:
            address = ipaddress.ip_address(address)
        except ValueError:
            return False
    if any(address.version == net.version and address in net for net in _NEVER):
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not (address.is_multicast or address.is_reserved)
    if address in _NAT64:
        return is_global(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address.scope_id is not None or address not in _GLOBAL_UNICAST or not address.is_global:
        return False
    return (int(address) >> 32) & 0xFFFFFFFF not in _ISATAP or is_global(
        ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    )


@dataclass(frozen=True)
class AddressPolicy:
    """What a crawl may reach beside public addresses on the usual ports.

    Args:
        networks: Networks allowed on any port.
        endpoints: Hosts (a name or an address) allowed on one port.
    """

    networks: tuple[Network, ...] = ()
    endpoints: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def parse(cls, entries: Iterable[str]) -> Self:
        """Reads `host:port`, `[address]:port` and CIDR entries, as a site's `allow_addresses` gives them.

        Raises:
            ConfigError: If an entry is neither.
        """
        networks: list[Network] = []
        endpoints: set[tuple[str, int]] = set()
        for entry in entries:
            try:
                if "/" in entry:
                    networks.append(ipaddress.ip_network(entry))
                    continue
                host, _, port = entry.rpartition(":")
                endpoints.add((_host(host), _port(port)))
            except ValueError as error:
                raise ConfigError(
                    f"allow_addresses has {entry!r}, which is neither host:port nor a network.",
                    remedy="Write it as 127.0.0.1:8811 or as 10.0.0.0/24.",
                ) from error
        return cls(tuple(networks), frozenset(endpoints))

    def names(self, host: str, port: int) -> bool:
        """Whether the host is allowed on that port by its own words, whatever it resolves to."""
        return (host.lower(), port) in self.endpoints

    def permits(self, address: str, port: int) -> bool:
        """Whether a connection to this address and port may be made."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        if self.names(address, port) or any(found.version == n.version and found in n for n in self.networks):
            return True
        return is_global(found)


@dataclass(frozen=True)
class Target:
    """Where a vetted URL leads.

    Args:
        scheme: http or https.
        host: The host in lower case and ASCII; an IPv6 address without brackets.
        port: The port, given or by default.
    """

    scheme: str
    host: str
    port: int

    @property
    def root(self) -> str:
        """The URL of its root without the closing slash, the port left out where it is the scheme's own."""
        return self.authority.removesuffix(f":{DEFAULT_PORTS[self.scheme]}")

    @property
    def authority(self) -> str:
        """Scheme, host and port as one text: what a robots.txt holds for (RFC 9309, 2.3)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def vet_url(url: str, policy: AddressPolicy) -> Target:
    """Judges a URL by its words alone; names are resolved and vetted when it is fetched.

    Raises:
        Refused: If its scheme, host, port or spelling is not one that a crawl follows.
    """
    if len(url) > MAX_URL_LENGTH:
        raise Refused(f"The URL is longer than {MAX_URL_LENGTH} characters.")
    if _UNSAFE_CHARACTERS.search(url):
        raise Refused("The URL has a space, a control character or a backslash.")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Refused("The URL cannot be read.") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise Refused(f"The scheme {parts.scheme[:20]!r} is neither http nor https.")
    if "@" in parts.netloc:
        raise Refused("The URL has a user name or password.")
    port = _url_port(parts)
    host = _vet_host(parts, port, policy)
    if port != DEFAULT_PORTS[parts.scheme] and not _is_open(host, port, policy):
        raise Refused(f"Port {port} is neither 80 nor 443 as the scheme has it.")
    return Target(parts.scheme, host, port)


def _vet_host(parts: SplitResult, port: int, policy: AddressPolicy) -> str:
    """The URL's host in its one plain form; refuses every other spelling of it."""
    host = parts.hostname or ""
    if parts.netloc.startswith("["):
        return _vet_literal(host, port, policy)
    if not host.isascii():
        host = _to_ascii(host)
    labels = host.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or len(host) > 253:
        raise Refused("The host is not a plain name (empty, odd characters, percent-escapes or a closing dot).")
    if _NUMERIC.fullmatch(labels[-1]):
        return _vet_literal(host, port, policy)
    if policy.names(host, port):
        return host
    if len(labels) == 1 or any(host == suffix or host.endswith(f".{suffix}") for suffix in _LOCAL_SUFFIXES):
        raise Refused("The host is a name of a local network.")
    return host


def _vet_literal(host: str, port: int, policy: AddressPolicy) -> str:
    """An address in its strict form; octal, hexadecimal, short and zoned spellings are refused."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise Refused("The host is an odd spelling of an address.") from error
    if "%" in host:
        raise Refused("The address names a network zone.")
    if not policy.permits(str(address), port):
        raise Refused("The address is not a public one.")
    return str(address)


def _to_ascii(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except idna.IDNAError as error:
        raise Refused("The host is not a valid international name.") from error


def _url_port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise Refused("The port is not a number up to 65535.") from error
    return DEFAULT_PORTS[parts.scheme] if port is None else port


def _is_open(host: str, port: int, policy: AddressPolicy) -> bool:
    if policy.names(host, port):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address.version == net.version and address in net for net in policy.networks)


def _host(text: str) -> str:
    host = text.strip("[]").lower()
    if not host:
        raise ValueError(text)
    return host


def _port(text: str) -> int:
    port = int(text)
    if not 0 < port < 65536:
        raise ValueError(text)
    return port
