"""The whole path on three shops of one made-up merchant, asked over HTTP as real ones would be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ecomops import extraction, pipeline
from ecomops.demo.online_retail import SOURCE as ONLINE_RETAIL
from ecomops.demo.rivals import CRAWL, CRAWLED, crawl_rivals
from ecomops.demo.serving import Shops, serving
from ecomops.demo.steps import Progress, counted, finish
from ecomops.windows import windows_to_land
from extractors.declared import declared_apis
from extractors.files import declared
from lakehouse.errors import ConfigError
from lakehouse.landing import loads
from lakehouse.objectstore import open_store
from lakehouse.windows import Window
from sandbox.exports import export
from sandbox.world import World, WorldSpec, generate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from lakehouse.settings import Settings

# To a Sunday; with Singles' Day and Black Friday.
FIRST_DAY, LAST_DAY = date(2025, 8, 17), date(2025, 12, 14)
_SPEC = WorldSpec(
    first_day=FIRST_DAY, last_day=LAST_DAY, orders_per_day=120, products=900, customers=15_000, tracked_days=14
)
# What shops had before the first day, and what changes seldom: asked from its beginning.
_STANDING = {"products", "variants", "costs", "customers", "locations", "discounts", "coupons", "catalog"}
_BEGINNING = timedelta(days=365 * 5)
_RATES_BEFORE = timedelta(days=7)  # the first day is a Sunday: Friday's exchange rates count


def run_shops(settings: Settings, *, now: datetime, out: Console) -> None:
    """Simulates a merchant, asks its three shops over HTTP, takes in its back office's files, and does a day's work.

    Args:
        settings: Where to.
        now: The wall clock.
        out: Where to say what happens.

    Raises:
        ConfigError: If the object store holds another demo's data, or the shops are not declared.
    """
    _hold_apart(settings)
    if "shop_name" not in settings.model_fields_set:
        settings = settings.model_copy(update={"shop_name": "Northlight Home"})
    progress = Progress(out)
    out.print("Data: three shops of a made-up merchant, 120 days, seeded; nobody's real orders", highlight=False)
    folder = settings.var / "sandbox" / "northlight"
    with progress.step("simulate a merchant: demand, stock, customers, suppliers, three shops"):
        world = _world(folder)
    window = Window.local_days(FIRST_DAY, LAST_DAY, settings.shop_time_zone)
    as_of = window.end
    run_id = f"demo-{now:%Y%m%dT%H%M%SZ}"
    with progress.step("land what the back office, the advertising platforms and the clickstream tool exported"):
        landed = _land_exports(settings, world, as_of, run_id)
    out.print(counted(landed), highlight=False)
    with serving(folder, as_of, settings.drops) as shops:
        settings = settings.model_copy(update={"sources_file": shops.sources_file})
        with progress.step("extract the shops over HTTP, each in its own way"):
            asked = _extract_all(settings, shops, window, as_of, run_id)
        out.print(counted(asked), highlight=False)
        with progress.step(f"crawl {len(CRAWLED)} competitors' sites, as they were on five days of the last weeks"):
            crawled = crawl_rivals(settings, shops, LAST_DAY, run_id)
        out.print(f"  {crawled}", highlight=False)
    finish(settings, as_of=as_of, run_id=run_id, progress=progress)


def _hold_apart(settings: Settings) -> None:
    store = open_store(settings)
    if next(loads(store, ONLINE_RETAIL, "order_lines"), None) is not None:
        raise ConfigError(
            f"{settings.var} holds Online Retail, and two merchants do not belong in one warehouse.",
            remedy="Move the folder away, or choose another: ECOMOPS_VAR_DIR=var/shops make demo.",
        )


def _world(folder: Path) -> World:
    """The merchant, made anew only where it is another one."""
    try:
        world = World.open(folder)
    except FileNotFoundError:
        return generate(folder, _SPEC)
    return world if world.spec == _SPEC else generate(folder, _SPEC)


def _extract_all(settings: Settings, shops: Shops, window: Window, as_of: datetime, run_id: str) -> Mapping[str, int]:
    """All resources of all sources with an interface, side by side, as they wait for different servers."""
    names = [api.name for api in declared_apis(settings.sources) if api.connector != CRAWL]

    def one(name: str) -> list[extraction.ExtractSummary]:
        account = extraction.connect(settings, name, further=shops.variables)
        return [
            extraction.run(
                settings, account, resource, _asked(resource, window), known_at=as_of, now=as_of, run_id=run_id
            )
            for resource in account.api.resources
        ]

    with ThreadPoolExecutor(max_workers=len(names)) as pool:
        return _added_up([summary.rows for found in pool.map(one, names) for summary in found])


def _asked(resource: str, window: Window) -> Window:
    earlier = _BEGINNING if resource in _STANDING else _RATES_BEFORE if resource == "rates" else timedelta(0)
    return Window(window.start - earlier, window.end)


def _land_exports(settings: Settings, world: World, as_of: datetime, run_id: str) -> Mapping[str, int]:
    """The files that the merchant's other tools gave, dropped where they belong and landed."""
    mapped = {mapping.name for mapping in declared(settings.mappings)}
    found = []
    for source in sorted(mapped & export(world, settings.drops, FIRST_DAY, LAST_DAY).keys()):
        drop = settings.drops / source
        windows = windows_to_land(settings, source, drop, start="", end="", history=True)
        summary = pipeline.land(settings, source, drop, windows, landed_at=as_of, run_id=run_id)
        found.append(summary.rows)
    return _added_up(found)


def _added_up(rows: Sequence[Mapping[str, int]]) -> Mapping[str, int]:
    return {name: sum(one[name] for one in rows) for name in ("received", "landed", "deduplicated", "quarantined")}
