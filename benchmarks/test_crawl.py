"""What a crawl costs: throughput, memory, bytes and money for 1,000 pages, on a site of this machine.

Everything is measured in one run, each part in a process of its own: a bare Scrapy spider that asks for the same pages
and keeps nothing, the crawl (robots gate, vetting, recording, link following), and the reading of what it stored. What
is compared are ratios; seconds depend on the machine.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lakehouse.settings import PROJECT_ROOT

HERE = Path(__file__).parent
NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
SMALL_CASE, FULL_CASE = (100, 1_000), (200, 2_000)
AT_ONCE = 16
PARAGRAPHS = 200  # of a page: about 30 KB, most of it no product
# The larger crawl may take so much more memory, and has ten times the pages.
LARGEST_MEMORY_RATIO = 1.3
# A crawl decides, records and reads links; the bare spider does none of it.
LARGEST_TIME_RATIO = 4.0
# What a rented virtual CPU and a month of object storage cost, roughly, in dollars: for an order of magnitude.
CPU_HOUR, GIB_MONTH = 0.05, 0.023


def _page(number: int) -> str:
    words = " ".join(f"word{(number * 31 + place * 7) % 997}" for place in range(22))
    filler = "".join(f'<p class="c{place % 9}">{place} {words}</p>' for place in range(PARAGRAPHS))
    offer = {"@type": "Offer", "price": f"{number % 90}.50", "priceCurrency": "GBP"}
    product = {"@context": "https://schema.org", "@type": "Product", "name": f"Thing {number}", "offers": offer}
    links = "".join(f'<a href="/p/{(number * 17 + place) % 100}?utm_source=x">more</a>' for place in range(30))
    script = f'<script type="application/ld+json">{json.dumps(product)}</script>'
    return f"<html><head><title>Thing {number}</title>{script}</head><body><h1>Thing {number}</h1>{filler}{links}"


def _serve(pages: int) -> None:
    """A site with so many pages, which tells its address and runs until its standard input ends."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, PlainTextResponse, Response
    from starlette.routing import Route

    from sandbox.serving import serve

    made = {number: _page(number) for number in range(pages)}

    async def answer(request: Request) -> Response:
        path = request.url.path
        if path == "/robots.txt":
            return PlainTextResponse("User-agent: *\nDisallow: /private\nSitemap: /sitemap.xml\n")
        if path == "/sitemap.xml":
            urls = "".join(f"<url><loc>{request.base_url}p/{number}</loc></url>" for number in made)
            return Response(f"<urlset>{urls}</urlset>", media_type="application/xml")
        number = int(path[3:]) if path.startswith("/p/") else -1
        return HTMLResponse(made[number]) if number in made else PlainTextResponse("no", 404)

    with serve(Starlette(routes=[Route("/{path:path}", answer)])) as server:
        sys.stdout.write(server.url + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def _bare(url: str, pages: int) -> dict[str, float]:
    """Scrapy alone: the same pages, nothing kept, nobody asked."""
    import scrapy
    from scrapy.crawler import CrawlerProcess

    class Bare(scrapy.Spider):
        name = "bare"

        async def start(self) -> Any:  # noqa: ANN401 -- Scrapy's own
            for number in range(pages):
                yield scrapy.Request(f"{url}/p/{number}")

        def parse(self, _response: Any) -> None:  # noqa: ANN401 -- Scrapy's own
            return None

    told = {"LOG_ENABLED": False, "CONCURRENT_REQUESTS": AT_ONCE, "CONCURRENT_REQUESTS_PER_DOMAIN": AT_ONCE}
    process = CrawlerProcess(told | {"DOWNLOAD_DELAY": 0, "TELNETCONSOLE_ENABLED": False})
    process.crawl(Bare)
    began = time.monotonic()
    process.start()
    return {"seconds": time.monotonic() - began, **_spent()}


def _crawl(url: str, pages: int, folder: str) -> dict[str, float]:
    """The process of a crawl, as a site's declaration starts it."""
    from extractors.crawl import process
    from extractors.crawl.job import Job
    from extractors.crawl.options import SiteOptions

    options = {
        "start_urls": [f"{url}/p/0"],
        "contact": "data@merchant.example",
        "legal_note": "A site of our own, looked at on 2026-03-01.",
        "allow_addresses": [url.removeprefix("http://")],
        "politeness": {"min_delay_s": 0, "max_concurrency": AT_ONCE, "target_concurrency": AT_ONCE},
        "limits": {"max_similar": pages},
    }
    job = Job(
        crawl_ref="benchmark",
        options=SiteOptions.model_validate(options),
        began_at=NOW,
        now=NOW,
        folder=Path(folder),
    )
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as said:
        kept, sys.stdout = sys.stdout, said
        try:
            code = process.crawl(job)
        finally:
            sys.stdout = kept
    if code:
        raise RuntimeError(f"the crawl ended with {code}")
    return {"seconds": time.monotonic() - began, **_spent()}


def _read(folder: str) -> dict[str, float]:
    """Stored segments to rows."""
    from extractors.crawl.parse import parse
    from lakehouse.landing import RawFile

    began = time.monotonic()
    segments = sorted(Path(folder).glob("segment-*.warc.gz"))
    rows = sum(one.received for one in parse(RawFile(path.name, path) for path in segments))
    return {"seconds": time.monotonic() - began, "records": rows, **_spent()}


def _spent() -> dict[str, float]:
    """CPU seconds of this process, and its greatest resident memory in MiB."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status")
    peak = used.ru_maxrss / 2**20  # macOS counts bytes
    if status.exists():  # on Linux getrusage counts what the process was before it became this one
        peak = int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return {"cpu_s": used.ru_utime + used.ru_stime, "peak_mib": peak}


def _measured(*arguments: object) -> dict[str, float]:
    command = [sys.executable, str(Path(__file__).resolve()), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT_ROOT)
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


@contextmanager
def _site(pages: int) -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).resolve()), "serve", str(pages)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT) as site:
        assert site.stdout is not None
        try:
            yield site.stdout.readline().strip()
        finally:
            site.terminate()


def _cost(crawl: dict[str, float], read: dict[str, float], stored: int, pages: int) -> dict[str, float]:
    """What 1,000 pages cost in dollars: computing once, and keeping them for a year."""
    cpu_s = (crawl["cpu_s"] + read["cpu_s"]) * 1_000 / pages
    kept_gib = stored * 1_000 / pages / 2**30
    return {
        "cpu_s_per_1000": round(cpu_s, 2),
        "dollars_computing_per_1000": round(cpu_s / 3_600 * CPU_HOUR, 6),
        "dollars_a_year_kept_per_1000": round(kept_gib * GIB_MONTH * 12, 6),
    }


def test_a_crawl_costs_little_and_its_memory_does_not_grow(
    pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = FULL_CASE if pytestconfig.getoption("all_cases", default=False) else SMALL_CASE
    crawls: list[dict[str, float]] = []
    for pages in sizes:
        with _site(pages) as url, tempfile.TemporaryDirectory() as folder:
            bare = _measured("bare", url, pages)
            crawls.append(_measured("crawl", url, pages, folder))
            read = _measured("read", folder)
            stored = sum(path.stat().st_size for path in Path(folder).glob("segment-*.warc.gz"))
    small, large = crawls
    pages = sizes[1]
    assert read["records"] == pages + 3  # robots.txt, the sitemap and the summary
    memory, slower = large["peak_mib"] / small["peak_mib"], large["seconds"] / bare["seconds"]
    kept: dict[str, Any] = {
        "pages": list(sizes),
        "kilobytes_a_page": round(len(_page(7)) / 1_000, 1),
        "pages_a_second": round(pages / large["seconds"], 1),
        "pages_a_second_bare": round(pages / bare["seconds"], 1),
        "times_the_bare_seconds": round(slower, 2),
        "peak_mib": [round(one["peak_mib"]) for one in crawls],
        "memory_ratio": round(memory, 2),
        "stored_kilobytes_a_page": round(stored / pages / 1_000, 2),
        "pages_read_a_second": round(pages / read["seconds"], 1),
        "peak_mib_reading": round(read["peak_mib"]),
        **_cost(large, read, stored, pages),
    }
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"crawl_{pages}.json").write_text(json.dumps(kept, indent=1) + "\n")
    with capsys.disabled():
        sys.stdout.write(f"\n{json.dumps(kept, indent=1)}\n")
    assert memory < LARGEST_MEMORY_RATIO
    assert slower < LARGEST_TIME_RATIO


_DOING = {
    "bare": lambda told: _bare(told[0], int(told[1])),
    "crawl": lambda told: _crawl(told[0], int(told[1]), told[2]),
    "read": lambda told: _read(told[0]),
}

if __name__ == "__main__":
    what, *rest = sys.argv[1:]
    if what == "serve":
        _serve(int(rest[0]))
    else:
        sys.stdout.write(json.dumps(_DOING[what](rest)) + "\n")
