"""The rivals' shops as a crawler meets them: served, crawled by the real process, with everything that lies in wait."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import polars as pl
import pytest
import yaml

from ecomops.crawling import crawl_site
from lakehouse.settings import Settings
from sandbox.serving import SandboxClock, serve
from sandbox.storefronts import BY_NAME, Traps, app, plain_url, visits
from sandbox.storefronts.views import Site
from sandbox.world import World, WorldSpec, generate

pytestmark = pytest.mark.integration

DAY = date(2025, 12, 9)
NOON = datetime(2025, 12, 9, 12, tzinfo=UTC)
SIZE = 24
SIMILAR = 10


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate(tmp_path_factory.mktemp("world"), WorldSpec.tiny())


def crawled(tmp_path: Path, name: str, url: str, now: datetime = NOON, **options: object) -> dict[str, pl.DataFrame]:
    """Declares a shop where it is served, crawls it, and gives all rows that its crawls left."""
    told = {
        "start_urls": [f"{url}/"],
        "contact": "crawler@merchant.example",
        "legal_note": "A practice shop on this machine.",
        "politeness": {"min_delay_s": 0, "backoff_s": 0.1},
        "limits": {"timeout_s": 2, "max_body_bytes": 2 << 20, "max_similar": SIMILAR},
        "allow_addresses": [url.removeprefix("http://")],
        **options,
    }
    source = {"name": name, "title": name, "connector": "crawl", "time_zone": "UTC", "options": told}
    tmp_path.mkdir(exist_ok=True)
    file = tmp_path / "sources.yml"
    file.write_text(yaml.safe_dump({"sources": [{**source, "resources": ["pages"]}]}), encoding="utf-8")
    settings = Settings(var_dir=tmp_path / "var", sources_file=file)
    crawl_site(name, now, only_if_due=False, now=now, run_id="test", settings=settings)
    return rows(settings)


def rows(settings: Settings) -> dict[str, pl.DataFrame]:
    """All rows by table."""
    files = sorted((settings.var / "lake" / "parsed").rglob("*.parquet"))
    found: dict[str, list[pl.DataFrame]] = {}
    for file in files:
        frame = pl.read_parquet(file)
        kind = next((kind for kind, column in _KINDS.items() if column in frame.columns), None)
        if kind:
            found.setdefault(kind, []).append(frame)
    return {kind: pl.concat(frames, how="diagonal_relaxed") for kind, frames in found.items()}


_KINDS = {"competitor_offers": "offer_title", "crawl_pages": "page_kind", "crawls": "stop_reason"}


def test_all_traps_are_survived_and_all_products_seen(world: World, tmp_path: Path) -> None:
    clock = SandboxClock(NOON)
    made = app(world, clock, BY_NAME["rival_harbour"], traps=Traps.every(), size=SIZE, slow_seconds=30)
    site: Site = made.state.site
    with serve(made) as server:
        seen = crawled(tmp_path, "rival_harbour", server.url)["crawl_pages"]
        fetched = set(seen.filter(pl.col("outcome") == "fetched")["page_url"])
        assert {server.url + site.address(page, DAY) for page in site.assortment.on(DAY)} <= fetched
        asked = visits(made.state.requests)
        paths = [entry.path for entry in made.state.requests]
    assert asked["honeypot"] == 0
    assert not any(path.startswith(("/checkout", "/search", "/private")) for path in paths)
    # Months and their days; the fifteen ways to choose among four parameters; and the pages that lead to them.
    assert 0 < asked["calendar"] <= 2 * SIMILAR + 1
    assert 0 < asked["facets"] <= 15 * SIMILAR + 1
    outcomes = dict(seen.select("page_url", "outcome").iter_rows())
    assert outcomes[f"{server.url}/go/partner"] != "fetched"
    assert outcomes[f"{server.url}/catalogue.html"] == "too_large"
    assert outcomes[f"{server.url}/archive.html"] == "too_large"
    assert outcomes[f"{server.url}/slow.html"] == "timed_out"
    assert outcomes[f"{server.url}/notes.html"] == "fetched"


def test_every_shop_can_be_crawled_to_its_last_product(world: World, tmp_path: Path) -> None:
    with ExitStack() as stack:
        for name in ("rival_shanju", "rival_nid", "rival_cupboard"):
            made = app(world, SandboxClock(NOON), BY_NAME[name], size=SIZE, late_seconds=0.5)
            server, site = stack.enter_context(serve(made)), made.state.site
            tables = crawled(tmp_path / name, name, server.url, product_patterns=["item-", "product", "/p/"])
            seen = tables["crawl_pages"].filter(pl.col("outcome") == "fetched")["page_url"].to_list()
            here = {server.url + site.address(page, DAY) for page in site.assortment.on(DAY)}
            assert here <= {plain_url(url) for url in seen}
            assert tables["crawls"]["is_complete"].to_list() == [True]


def test_the_served_rivals_have_a_clock_of_their_own(world: World) -> None:
    command = [sys.executable, "-m", "sandbox", "serve", str(world.folder), "--json", "--storefront-size", "12"]
    for option in ("shopify", "woocommerce", "amazon", "storefronts"):
        command += [f"--{option}-port", "0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline())["addresses"]
            assert set(told) == {"shopify", "woocommerce", "amazon", *BY_NAME}
            httpx.post(f"{told['rival_nid']}/sandbox/clock", json={"now": "2025-11-01T00:00:00Z"}).raise_for_status()
            now = {name: httpx.get(f"{url}/sandbox/clock").json()["now"] for name, url in told.items()}
        finally:
            process.stdin.close()
            process.wait(timeout=30)
    assert {now[name][:10] for name in BY_NAME} == {"2025-11-01"}
    assert now["shopify"][:10] == "2025-12-15"
