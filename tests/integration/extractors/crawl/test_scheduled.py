"""Declared sites as a scheduler and the command line crawl them: when they are due, once a day, and read again."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecomops import crawling, extraction
from extractors.crawl import resources
from lakehouse.errors import ConfigError
from lakehouse.landing import loads
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings
from lakehouse.windows import Window
from tests.support.crawled_site import Crawled, Site, options_for, served

pytestmark = pytest.mark.integration
EVENING = datetime(2026, 3, 2, 20, tzinfo=UTC)


def declare(crawled: Crawled, **options: object) -> Settings:
    site = {
        "name": "rival",
        "title": "A rival",
        "connector": "crawl",
        "time_zone": "Asia/Shanghai",
        "options": options_for(crawled.url, **options),
        "resources": ["pages"],
    }
    path = crawled.folder / "sources.yml"
    path.write_text(yaml.safe_dump({"sources": [json.loads(json.dumps(site))]}), encoding="utf-8")
    return Settings(var_dir=crawled.folder / "var", sources_file=path)


def crawl(settings: Settings, moment: datetime, *, only_if_due: bool = True) -> dict[str, Any] | None:
    return crawling.crawl_site(
        "rival", moment, only_if_due=only_if_due, now=moment, run_id="evening", settings=settings
    )


def test_a_site_is_crawled_when_it_is_due_and_a_past_day_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served(Site(products=3), tmp_path) as crawled:
        settings = declare(crawled, every_days=2)
        first = crawl(settings, EVENING)
        assert first is not None
        assert first["tables"]["competitor_offers"] == 3
        assert crawl(settings, EVENING + timedelta(days=1)) is None
        assert crawl(settings, EVENING + timedelta(days=1), only_if_due=False) is not None  # somebody wants it now
        assert crawl(settings, EVENING + timedelta(days=3)) is not None
        asked = sum(crawled.site.asked.values())

        windows = sorted(ref.window for ref in loads(open_store(settings), "rival", "pages"))
        # eight in the evening in London is the next morning in Shanghai: the day is the site's
        assert windows[0] == Window.local_day(datetime(2026, 3, 3).date(), "Asia/Shanghai")  # noqa: DTZ001 -- a day

        day = Window(windows[0].start, windows[0].end)
        assert crawling.read_again("rival", day, settings=settings)["read_again"] == 0
        monkeypatch.setattr("extractors.crawl.PARSER_VERSION", resources.PARSER_VERSION + 1)
        assert crawling.read_again("rival", day, settings=settings)["read_again"] == 1
        assert extraction.reparse(settings, ["rival"]) == 2  # those of the other days
        assert sum(crawled.site.asked.values()) == asked


def test_the_command_line_crawls_a_site(tmp_path: Path) -> None:
    with served(Site(products=3), tmp_path) as crawled:
        settings = declare(crawled)
        env = {
            **os.environ,
            "ECOMOPS_VAR_DIR": str(settings.var),
            "ECOMOPS_SOURCES_FILE": str(settings.sources_file),
        }
        done = subprocess.run(["ecomops", "crawl"], env=env, capture_output=True, text=True, check=True)
        assert "3 offers, 0 records in quarantine" in done.stdout
        again = subprocess.run(["ecomops", "crawl"], env=env, capture_output=True, text=True, check=True)
        assert "rival: not due yet" in again.stdout
        wrong = subprocess.run(["ecomops", "crawl", "rivals"], env=env, capture_output=True, text=True, check=False)
        assert wrong.returncode
        assert "There is no site 'rivals'" in wrong.stderr + wrong.stdout


def test_a_site_that_is_not_declared_is_named(tmp_path: Path) -> None:
    with served(Site(), tmp_path) as crawled:
        settings = declare(crawled)
        with pytest.raises(ConfigError, match="nobody"):
            crawling.crawl_site("nobody", EVENING, only_if_due=True, now=EVENING, run_id="x", settings=settings)
