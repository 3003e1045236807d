"""The reactor's name resolver during a crawl: it hands out vetted addresses only.

Every connection of Scrapy's HTTP handler goes through it, for a literal address too (Twisted's `HostnameEndpoint`
asks the reactor's resolver for any host), and is made to the addresses that it returned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self

from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]  # zope ships no types

from extractors.crawl.outcomes import Refused
from extractors.crawl.vetting import AddressPolicy

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

POLICY_SETTING = "CRAWL_ADDRESS_POLICY"
KEPT_S = 300.0
"""Seconds that the vetted addresses of a host are used."""


def address_policy(crawler: Crawler) -> AddressPolicy:
    """The crawl's policy from its settings; the strict one where none is set."""
    policy = crawler.settings.get(POLICY_SETTING)
    return policy if isinstance(policy, AddressPolicy) else AddressPolicy.parse(policy or ())


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing to stop: the lookup runs in a thread and its result is dropped."""


@implementer(IResolutionReceiver)
class _Collector:
    """Takes all addresses of a name before any is handed on."""

    def __init__(self, done: Callable[[list[IAddress]], None]) -> None:
        self._done = done
        self._found: list[IAddress] = []

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802  # Twisted's name
        """The lookup was started."""

    def addressResolved(self, address: IAddress) -> None:  # noqa: N802  # Twisted's name
        """One of the name's addresses."""
        self._found.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802  # Twisted's name
        """There are no more."""
        self._done(self._found)


@implementer(IHostnameResolver)
class VettingResolver:
    """Resolves a name and vets all of its addresses; where one is not permitted, none is given.

    A name that stands for a public and a private address at once has no good reason to, and is how a name server
    steers a crawler to the inside: so all are refused, and not only the one.

    The addresses of a vetted (host, port) are kept for the crawl's next connections to it, so that a name server that
    changes its mind between two answers is not asked again. After `KEPT_S` it is, for a long crawl outlives an address;
    what it says then is vetted as at first.

    Args:
        inner: The resolver that asks the system.
        policy: What is permitted beside public addresses.
        clock: Seconds that only go forward.
    """

    def __init__(
        self,
        inner: Any,  # noqa: ANN401  # zope's interfaces are no types that a checker can follow
        policy: AddressPolicy,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._policy = policy
        self._clock = clock
        self._vetted: dict[tuple[str, int], tuple[float, list[IAddress]]] = {}
        self._reactor: Any = None

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> Self:  # noqa: ANN401  # as above
        """Built by Scrapy for its setting `TWISTED_DNS_RESOLVER`."""
        found = cls(reactor.nameResolver, address_policy(crawler))
        found._reactor = reactor
        return found

    def install_on_reactor(self) -> None:
        """Makes it the resolver of every connection by host name."""
        self._reactor.installNameResolver(self)

    async def vet(self, host: str, port: int) -> None:
        """Resolves a host ahead of its connection, so that a refusal has its reason.

        Raises:
            Refused: If one of its addresses is not permitted.
        """
        found: Deferred[list[IAddress]] = Deferred()
        self._lookup(host, port, found.callback)
        addresses = await maybe_deferred_to_future(found)
        if addresses and not self._are_permitted(host, port, addresses):
            raise Refused(f"The host {host} stands for an address that is not a public one.")

    def resolveHostName(  # noqa: N802  # Twisted's names, here and below
        self,
        resolutionReceiver: Any,  # noqa: N803, ANN401  # zope's interfaces are no types that a checker can follow
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: str = "TCP",  # noqa: N803
    ) -> _Resolution:
        """Hands the vetted addresses of a host to a connection; none where one of them is not permitted."""
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)

        def hand_on(addresses: list[IAddress]) -> None:
            if self._are_permitted(hostName, portNumber, addresses):
                for address in addresses:
                    resolutionReceiver.addressResolved(address)
            resolutionReceiver.resolutionComplete()

        self._lookup(hostName, portNumber, hand_on)
        return resolution

    def _lookup(self, host: str, port: int, done: Callable[[list[IAddress]], None]) -> None:
        kept = self._kept(host, port)
        if kept is not None:
            done(kept)
            return

        def keep(addresses: list[IAddress]) -> None:
            if addresses and self._are_permitted(host, port, addresses):
                # The first answer stays: two lookups under way at once must not end with two truths.
                first = self._kept(host, port)
                if first is None:
                    self._vetted[host.lower(), port] = (self._clock() + KEPT_S, addresses)
                addresses = first or addresses
            done(addresses)

        self._inner.resolveHostName(_Collector(keep), host, port, None, "TCP")

    def _kept(self, host: str, port: int) -> list[IAddress] | None:
        until, addresses = self._vetted.get((host.lower(), port), (0.0, None))
        return addresses if addresses is not None and self._clock() < until else None

    def _are_permitted(self, host: str, port: int, addresses: list[IAddress]) -> bool:
        if self._policy.names(host, port):
            return True
        return all(
            isinstance(address, (IPv4Address, IPv6Address)) and self._policy.permits(address.host, port)
            for address in addresses
        )
