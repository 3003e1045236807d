"""The process of one crawl: `python -m extractors.crawl.process job.json`.

Twisted's reactor cannot be started twice, memory ends with the process, and a kill is clean: so a crawl never runs
inside of its parent. What it has to tell, it says on its standard output, a line of JSON at a time.
"""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from pathlib import Path
from typing import Any

from scrapy.crawler import CrawlerProcess
from scrapy.settings import Settings

from extractors.crawl.frontier import Frontier
from extractors.crawl.job import Job
from extractors.crawl.middlewares import safe_settings
from extractors.crawl.run import SETTING, Run
from extractors.crawl.spider import SiteSpider

STOPPED = 4
"""Exit code of a crawl that was told to stop: what it recorded is kept, and it can be resumed."""
BROKEN = 5
"""Exit code of a crawl that could not keep what it received."""
_LOOK_EVERY_S = 1.0


def settings_of(run: Run) -> dict[str, Any]:
    """Scrapy's settings for a crawl."""
    options, polite = run.options, run.options.politeness
    told = safe_settings(options.allow_addresses)
    told["DOWNLOADER_MIDDLEWARES"] |= {
        "extractors.crawl.middlewares.RedirectMiddleware": None,  # the spider follows: it knows what belongs
        "extractors.crawl.recorder.Recorder": 900,
        "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
        "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
        "scrapy.downloadermiddlewares.stats.DownloaderStats": None,
    }
    told["DOWNLOAD_HANDLERS"] |= dict.fromkeys(("http", "https"), "extractors.crawl.recorder.Sending")
    return told | {
        SETTING: run,
        "SCHEDULER": Frontier,
        "USER_AGENT": options.user_agent,
        "DEFAULT_REQUEST_HEADERS": {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.5"}
        | ({"Accept-Language": f"{options.language},*;q=0.5"} if options.language else {}),
        "CONCURRENT_REQUESTS": polite.max_concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": polite.max_concurrency,
        "DOWNLOAD_DELAY": polite.min_delay_s,
        "DOWNLOAD_DELAY_JITTER": 0,
        "DOWNLOAD_MAXSIZE": options.limits.max_body_bytes,
        "DOWNLOAD_TIMEOUT": options.limits.timeout_s,
        "AUTOTHROTTLE_ENABLED": True,
        "AUTOTHROTTLE_START_DELAY": polite.min_delay_s,
        "AUTOTHROTTLE_MAX_DELAY": polite.max_delay_s,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": polite.target_concurrency,
        "EXTENSIONS_BASE": {},
        "EXTENSIONS": {"extractors.crawl.pace.Pace": 0},
        "SPIDER_MIDDLEWARES_BASE": {},
        "ITEM_PIPELINES": {},
        "HTTPERROR_ALLOW_ALL": True,
        "LOG_LEVEL": "WARNING",
        "STATS_DUMP": False,
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    }


def crawl(job: Job) -> int:
    """Does a crawl; its exit code."""
    run = Run(job, time.monotonic)
    process = CrawlerProcess(Settings(settings_of(run)))
    crawler = process.create_crawler(SiteSpider)
    process.crawl(crawler)
    process.start()
    if run.error is not None:
        sys.stderr.write(f"What was received could not be kept: {run.error}\n")
        return BROKEN
    if run.closed_by != "finished":
        sys.stderr.write(f"The crawl was stopped: {run.closed_by or 'it did not begin'}\n")
        return STOPPED
    run.finish()
    return 0


def watch(parent: int) -> None:
    """Ends this process when its parent has ended: the parent holds the other end of our standard input."""

    def look() -> None:
        while True:
            ready, _, _ = select.select([0], [], [], _LOOK_EVERY_S)
            if (ready and not os.read(0, 1)) or os.getppid() != parent:
                os._exit(STOPPED)  # at once, as a kill would

    threading.Thread(target=look, daemon=True).start()


def main(path: str) -> int:
    """Does the crawl that a file describes."""
    job = Job.model_validate_json(Path(path).read_text("utf-8"))
    if job.parent:
        watch(job.parent)
    return crawl(job)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
