"""Crawls killed at any moment, the crawling process, its parent or both: they go on, and ask nobody twice.

A site counts what it is asked. What had been recorded before a kill is never asked for again. What was under way at
the kill, with an intent and no record, is not either: it counts as failed in this crawl, and the next one asks for it.
Where `ask_interrupted` says so it is asked for again, and nothing else is.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from extractors.api.connector import Page, Request
from extractors.api.errors import ApiError
from extractors.api.extract import extract
from extractors.crawl.connector import Site as CrawledSite
from extractors.crawl.options import SiteOptions
from lakehouse.objectstore.directory import DirectoryStore
from tests.support.crawled_site import DAY, NOW, Crawled, Site, job, options_for, served

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Processes are looked up in /proc.")

_PRODUCTS = 120
_SEGMENT = 25
_AT_ONCE = 8
_LONGEST_S = 60.0
_SEEDS = {"/", "/robots.txt", "/sitemap.xml"}
_QUICK, _ALL = 6, 60
_VICTIMS = ("crawl", "parent", "both")


class _DyingSite(CrawledSite):
    """A connector whose extraction dies before its last page is stored."""

    def fetch(self, resource: str, request: Request) -> Iterator[Page]:
        """The crawl, to its end."""
        for page in super().fetch(resource, request):
            if page.cursor is None:
                raise ApiError("killed before it was stored")
            yield page


def work(folder: Path, options: dict[str, Any], minutes: int) -> None:
    """An extraction; what a process of its own does."""
    now = NOW + timedelta(minutes=minutes)
    site = CrawledSite(SiteOptions.model_validate(options), _SEGMENT)
    extract(site, job(DAY, now), store=DirectoryStore(folder / "store"), scratch=folder / "scratch")


@dataclass
class Running:
    """An extraction that is under way, to be killed."""

    process: Any

    @property
    def crawl(self) -> int | None:
        """The process that crawls."""
        found = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and self._is_child(path)]
        return found[0] if found else None

    def kill(self, victim: str) -> int | None:
        """kill -9; the process that crawled."""
        crawl = self.crawl
        if victim in ("parent", "both"):
            self.process.kill()
        if victim in ("crawl", "both") and crawl is not None:
            os.kill(crawl, signal.SIGKILL)
        self.process.join(_LONGEST_S)
        return crawl

    def _is_child(self, path: Path) -> bool:
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            is_child = int(fields[1]) == int(self.process.pid)
            return is_child and b"extractors.crawl" in (path / "cmdline").read_bytes()
        except (OSError, ValueError):
            return False


def start(crawled: Crawled, minutes: int) -> Running:
    """Extracts in a process of its own."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", __name__])
    options = options_for(crawled.url, **crawled.options)
    process = context.Process(target=work, args=(crawled.folder, options, minutes))
    process.start()
    return Running(process)


def wait_until(true: Callable[[], bool], running: Running) -> bool:
    """Waits; False where the extraction was over before."""
    until = time.monotonic() + _LONGEST_S
    while not true() and time.monotonic() < until:
        if not running.process.is_alive():
            return False
        time.sleep(0.002)
    return bool(running.process.is_alive())


def gone(pid: int | None) -> bool:
    """Whether a process has ended, or is about to: it does nothing any more."""
    try:
        return pid is None or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def killed_crawl(crawled: Crawled, moments: list[int], victims: list[str], chance: random.Random) -> int:
    """Crawls, killed each time the site has been asked so often; how many kills struck."""
    site, struck = crawled.site, 0
    for minutes, (moment, victim) in enumerate(zip(moments, victims, strict=True)):
        running = start(crawled, minutes)
        if not wait_until(lambda moment=moment: sum(site.asked.values()) >= moment, running):  # type: ignore[misc]
            break
        time.sleep(chance.random() * 0.03)
        crawl = running.kill(victim)
        until = time.monotonic() + 10
        while not gone(crawl) and time.monotonic() < until:
            time.sleep(0.01)
        assert gone(crawl), "the crawl outlived its parent"
        struck += 1
    running = start(crawled, len(moments))
    running.process.join(_LONGEST_S * 2)
    assert running.process.exitcode == 0
    return struck


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = range(_ALL if metafunc.config.getoption("--all-cases") else _QUICK)
        metafunc.parametrize("case", cases)


@pytest.mark.parametrize("ask_interrupted", [False, True])
def test_killed_at_random_moments_it_goes_on_and_asks_for_nothing_twice(
    tmp_path: Path, case: int, *, ask_interrupted: bool
) -> None:
    chance = random.Random(100 + case)  # noqa: S311  the same moments again, not secrets
    moments = sorted(chance.sample(range(1, _PRODUCTS), 2))
    victims = [_VICTIMS[case % 3], chance.choice(_VICTIMS)]
    site = Site(products=_PRODUCTS, seconds=0.02)
    with served(site, tmp_path, ask_interrupted=ask_interrupted) as crawled:
        kills = killed_crawl(crawled, moments, victims, chance)
    assert kills
    twice = {path for path, count in site.asked.items() if count > 1} - _SEEDS
    outcomes = crawled.outcomes()
    products = {f"/p/{number}" for number in range(1, _PRODUCTS + 1)}
    assert products <= outcomes.keys()
    failed = {path for path in products if outcomes[path] != "fetched"}
    if ask_interrupted:
        assert not failed
        assert len(twice) <= kills * _AT_ONCE
    else:
        assert not twice
        assert len(failed) <= kills * _AT_ONCE
        assert {outcomes[path] for path in failed} <= {"failed"}
        reasons = crawled.rows("crawl_pages").filter(pl.col("outcome") == "failed")["reason"]
        assert all("killed" in reason for reason in reasons)
    visits = crawled.rows("crawl_pages")
    assert visits["record_ref"].is_unique().all()
    assert visits["crawl_ref"].n_unique() == 1
    assert crawled.rows("crawls").height == 1
    crawl = crawled.last_crawl()
    assert crawl["failed_count"] == len(failed)
    assert crawl["fetched_count"] == _PRODUCTS - len(failed) + 2  # robots.txt and the sitemap; the start is missing
    assert not list((tmp_path / "scratch" / "spool").glob("*"))


def test_where_this_machine_lost_its_files_what_was_stored_counts(tmp_path: Path) -> None:
    site = Site(products=_PRODUCTS, seconds=0.02)
    with served(site, tmp_path) as crawled:
        running = start(crawled, 0)
        pages = tmp_path / "store"
        assert wait_until(lambda: len(list(pages.rglob("pages/*.gz"))) >= 2, running)
        running.kill("both")
        stored = len(list(pages.rglob("pages/*.gz"))) * _SEGMENT
        shutil.rmtree(tmp_path / "scratch")
        running = start(crawled, 1)
        running.process.join(_LONGEST_S)
        assert running.process.exitcode == 0
    twice = {path for path, count in site.asked.items() if count > 1}
    assert len(twice) <= sum(site.asked.values()) - stored - (_PRODUCTS + 3 - stored)
    outcomes = crawled.outcomes()
    assert all(outcomes[f"/p/{number}"] == "fetched" for number in range(1, _PRODUCTS + 1))


def test_a_crawl_that_was_over_when_it_was_killed_asks_for_nothing(tmp_path: Path) -> None:
    site = Site(products=10)
    with served(site, tmp_path) as crawled:
        connector = CrawledSite(SiteOptions.model_validate(options_for(crawled.url)))
        with pytest.raises(ApiError, match="killed"):
            extract(_DyingSite(connector.options), job(), store=crawled.store, scratch=tmp_path / "scratch")
        asked = sum(site.asked.values())
        extract(connector, job(now=NOW + timedelta(minutes=5)), store=crawled.store, scratch=tmp_path / "scratch")
    assert sum(site.asked.values()) == asked
    assert crawled.last_crawl()["is_complete"]


def test_a_crawl_that_is_told_to_stop_lets_go_of_the_site(tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop(visits: int) -> None:
        if visits >= 20:
            raise StoppedError

    site = Site(products=_PRODUCTS, seconds=0.02)
    with served(site, tmp_path) as crawled:
        connector = CrawledSite(SiteOptions.model_validate(options_for(crawled.url)))
        with pytest.raises(StoppedError):
            extract(connector, replace(job(), progress=stop), store=crawled.store, scratch=tmp_path / "scratch")
        asked = sum(site.asked.values())
        time.sleep(0.3)
        assert sum(site.asked.values()) == asked
        assert asked < _PRODUCTS
        extract(connector, job(now=NOW + timedelta(minutes=5)), store=crawled.store, scratch=tmp_path / "scratch")
    assert set(site.asked.values()) == {1}  # what was under way was let come in
    assert crawled.last_crawl()["failed_count"] == 0
