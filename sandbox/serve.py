"""`python -m sandbox serve`: the merchant's three shops and its rivals' as servers, until they are told to stop."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from starlette.applications import Starlette

from sandbox import amazon, shopify, storefronts, woocommerce
from sandbox.serving import Faults, SandboxClock, serve
from sandbox.storefronts.assortment import SIZE
from sandbox.world import World, WorldSpec, generate

FOLDER = Path("var/sandbox/northlight")
PORTS = (8801, 8802, 8803)
TRAPS = {"none": storefronts.Traps(), "mild": storefronts.Traps.mild(), "every": storefronts.Traps.every()}
# What the sources' file names, and what the servers accept. Nobody's secrets: they open nothing but these servers.
VARIABLES = {
    "SANDBOX_SHOPIFY_TOKEN": shopify.ACCESS_TOKEN,
    "SANDBOX_WOOCOMMERCE_KEY": woocommerce.CONSUMER_KEY,
    "SANDBOX_WOOCOMMERCE_SECRET": woocommerce.CONSUMER_SECRET,
    "SANDBOX_AMAZON_CLIENT_ID": amazon.CLIENT_ID,
    "SANDBOX_AMAZON_CLIENT_SECRET": amazon.CLIENT_SECRET,
    "SANDBOX_AMAZON_REFRESH_TOKEN": amazon.REFRESH_TOKEN,
}


@dataclass(frozen=True)
class Serving:
    """What to serve.

    Attributes:
        folder: The world's folder.
        now: The merchant's time, aware; None: six hours after the world's last day.
        ports: Of Shopify, WooCommerce and Amazon; 0 takes a free one.
        pace: How many times the vendors' own rates are granted.
        rivals: Where the first rival listens, the others on the ports behind it; 0 takes free ones.
        rival_size: Product pages of each rival.
        traps: What lies in wait at the rivals.
    """

    folder: Path
    now: datetime | None
    ports: tuple[int, ...]
    pace: float
    rivals: int
    rival_size: int
    traps: storefronts.Traps


def run_serve(options: Mapping[str, object]) -> int:
    """Serves until the standard input ends or Ctrl-C comes; says where, as text or as one line of JSON."""
    told = Serving(
        folder=Path(str(options["folder"])),
        now=_instant(str(options["now"])) if options["now"] else None,
        ports=(
            int(str(options["shopify_port"])),
            int(str(options["woocommerce_port"])),
            int(str(options["amazon_port"])),
        ),
        pace=float(str(options["pace"])),
        rivals=int(str(options["storefronts_port"])),
        rival_size=int(str(options["storefront_size"])),
        traps=TRAPS[str(options["traps"])],
    )
    world = _world(told.folder)
    now = told.now or datetime.combine(world.spec.last_day + timedelta(days=1), time(6), UTC)
    clock = SandboxClock(now)
    plans = {
        name: amazon.Rate(plan.per_second * told.pace, round(plan.burst * max(told.pace, 1)))
        for name, plan in amazon.USAGE_PLANS.items()
    }
    apps = {
        "shopify": shopify.app(world, clock, Faults(), maximum=2000 * told.pace, restore_rate=100 * told.pace),
        "woocommerce": woocommerce.app(world, clock, Faults(), https=False),
        "amazon": amazon.app(world, clock, Faults(), rates=plans),
    }
    rivals = _rivals(world, now, told)
    ports = [*told.ports, *(told.rivals and told.rivals + place for place in range(len(rivals)))]
    apps |= rivals
    with ExitStack() as stack:
        running = [stack.enter_context(serve(app, port)) for app, port in zip(apps.values(), ports, strict=True)]
        addresses = {name: server.url for name, server in zip(apps, running, strict=True)}
        sys.stdout.write(_words(addresses, now, as_json=bool(options["json"])))
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            sys.stdin.read()
    return 0


def add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command line's words."""
    command = commands.add_parser("serve", help="the merchant's Shopify, WooCommerce and Amazon, and seven rivals")
    command.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    command.add_argument("--now", default="", help="the merchant's time, ISO 8601 with offset")
    for name, port in zip(("shopify", "woocommerce", "amazon"), PORTS, strict=True):
        command.add_argument(f"--{name}-port", type=int, default=port)
    first = storefronts.SHOPS[0].port
    command.add_argument("--storefronts-port", type=int, default=first, help="of the first rival; 0: free ones")
    command.add_argument("--storefront-size", type=int, default=SIZE, help="product pages of each rival")
    command.add_argument("--traps", choices=TRAPS, default="mild", help="what lies in wait for crawlers at the rivals")
    command.add_argument("--pace", type=float, default=1.0, help="how many times the vendors' rates are granted")
    command.add_argument("--json", action="store_true", help="say the addresses and variables as one line of JSON")


def _rivals(world: World, now: datetime, told: Serving) -> dict[str, Starlette]:
    """The rivals' shops, with a clock of their own: they can be asked for another day than the merchant."""
    clock = SandboxClock(now)
    return {
        shop.name: storefronts.app(world, clock, shop, traps=told.traps, size=told.rival_size)
        for shop in storefronts.SHOPS
    }


def _world(folder: Path) -> World:
    try:
        return World.open(folder)
    except FileNotFoundError:
        sys.stderr.write(f"making a merchant in {folder} …\n")
        return generate(folder, WorldSpec.demo())


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text} names no time zone: add Z or an offset.")
    return instant


def _words(addresses: Mapping[str, str], now: datetime, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"addresses": addresses, "variables": VARIABLES}) + "\n"
    lines = [f"{name:18} {address}" for name, address in addresses.items()]
    lines += ["", f"The merchant's time is {now.isoformat()}. To ask them, put these lines into .env:", ""]
    lines += [f"{name}={value}" for name, value in VARIABLES.items()]
    return "\n".join([*lines, "", "Ctrl-C, or the end of the input, stops them.", ""])
