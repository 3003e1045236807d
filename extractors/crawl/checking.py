"""A look at a site before it is crawled: a handful of pages, with everything that a crawl obeys."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from extractors.api.connector import Finding
from extractors.api.errors import ApiError
from extractors.crawl.child import crawl
from extractors.crawl.job import Job
from extractors.crawl.options import Budgets, SiteOptions
from extractors.crawl.parse import parse
from lakehouse.landing import RawFile

_PAGES = 12
_MINUTES = 2.0
_SHOWN = 3


def check(options: SiteOptions, *, pages: int = _PAGES) -> list[Finding]:
    """Visits a few pages of a site, and says what came of it.

    Args:
        options: What is told about the site.
        pages: How many pages at most.
    """
    findings = [
        Finding("ok", "user agent", options.user_agent),
        Finding("ok", "legal note", options.legal_note),
    ]
    if options.allow_addresses:
        told = f"{', '.join(options.allow_addresses)} may be asked though they are not public"
        findings.append(Finding("note", "allow_addresses", told, "Leave it empty for a site on the internet."))
    try:
        tables = _sample(options, pages)
    except ApiError as error:
        return [*findings, Finding("bad", "crawl", error.message, error.remedy)]
    visits = tables["crawl_pages"]
    return [*findings, _robots(visits), *_starts(options, visits), _sitemaps(visits), _offers(tables)]


def _sample(options: SiteOptions, pages: int) -> dict[str, pl.DataFrame]:
    few = options.model_copy(update={"budgets": Budgets(pages=pages, pages_per_host=pages, minutes=_MINUTES)})
    long_ago = datetime(2000, 1, 1, tzinfo=UTC)  # what is seen here is kept nowhere, so its moment does not matter
    with tempfile.TemporaryDirectory(prefix="crawl-check-") as folder:
        job = Job(
            crawl_ref="check", options=few, began_at=long_ago, now=long_ago, folder=Path(folder), parent=os.getpid()
        )
        names = [told.segment for told in crawl(job) if told.segment]
        parsings = list(parse(RawFile(name, Path(folder) / name) for name in names))
    return {
        name: pl.concat([one.tables[name] for one in parsings])
        for name in ("crawl_pages", "crawls", "competitor_offers")
    }


def _robots(visits: pl.DataFrame) -> Finding:
    robots = visits.filter(pl.col("page_kind") == "robots")
    if robots.is_empty():
        return Finding("bad", "robots.txt", "it was not asked for", "Does the site answer at all? Try it in a browser.")
    last = robots.row(-1, named=True)
    if last["outcome"] in ("fetched", "missing", "redirected"):
        return Finding("ok", "robots.txt", f"{last['page_url']}: {last['outcome']}")
    told = f"{last['page_url']}: {last['outcome']}: {last['reason']}"
    return Finding("bad", "robots.txt", told, "While it cannot be had, nothing is asked of the site.")


def _starts(options: SiteOptions, visits: pl.DataFrame) -> list[Finding]:
    pages = visits.filter(pl.col("page_kind") != "robots")
    bad = pages.filter(pl.col("outcome").is_in(["disallowed", "refused", "failed", "timed_out", "too_large"]))
    good = pages.filter(pl.col("outcome") == "fetched")
    findings = [Finding("ok" if good.height else "bad", "pages", f"{good.height} of {pages.height} came")]
    for row in bad.head(_SHOWN).iter_rows(named=True):
        is_start = row["page_url"] in options.start_urls
        level: Any = "bad" if is_start else "note"
        findings.append(Finding(level, row["page_url"], f"{row['outcome']}: {row['reason']}", _remedy(row["outcome"])))
    return findings


def _sitemaps(visits: pl.DataFrame) -> Finding:
    found = visits.filter((pl.col("page_kind") == "sitemap") & (pl.col("outcome") == "fetched"))
    if found.height:
        return Finding("ok", "sitemap", str(found["page_url"][0]))
    return Finding("note", "sitemap", "none was found", "Name it under `sitemaps` if there is one: it saves visits.")


def _offers(tables: dict[str, pl.DataFrame]) -> Finding:
    offers = tables["competitor_offers"].filter(pl.col("is_main"))
    if offers.is_empty():
        remedy = "Are product pages further away than a dozen pages? Name a sitemap, or a listing among `start_urls`."
        return Finding("note", "offers", "none of these pages has one", remedy)
    row = offers.row(0, named=True)
    price = "without a price" if row["price_amount"] is None else f"{row['price_amount']} {row['currency_code'] or ''}"
    return Finding("ok", "offers", f"{row['offer_title'][:60]}: {price.strip()} ({row['page_url']})")


def _remedy(outcome: str) -> str:
    if outcome == "disallowed":
        return "robots.txt keeps us out: begin elsewhere, or ask the site's owner."
    return "Try it in a browser; is the address right?"
