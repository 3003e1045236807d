"""Competitors' shops as HTML sites: what they sell beside the merchant, at which prices, and how their pages tell it.

shop = BY_NAME["rival_harbour"]
with serve(app(world, SandboxClock(now), shop)) as server:
    httpx.get(server.url)
offers(sites(world), [day])  # what is true of their pages
"""

from sandbox.storefronts.model import Shop
from sandbox.storefronts.server import app
from sandbox.storefronts.shops import BY_NAME, PORTS, SHOPS
from sandbox.storefronts.traps import FLAKY, Traps, visits
from sandbox.storefronts.truth import matches, offers, plain_url, sites

__all__ = [
    "BY_NAME",
    "FLAKY",
    "PORTS",
    "SHOPS",
    "Shop",
    "Traps",
    "app",
    "matches",
    "offers",
    "plain_url",
    "sites",
    "visits",
]
