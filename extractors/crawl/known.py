"""What earlier crawls know of a site's pages: what to ask about conditionally, and which pages have offers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COLUMNS = (
    "page_url",
    "outcome",
    "page_kind",
    "content_sha256",
    "etag",
    "last_modified",
    "offer_count",
    "occurred_at",
)
_LEADING = ("listing", "other", "sitemap", "robots")


@dataclass(frozen=True)
class Earlier:
    """What is known of a page.

    Attributes:
        kind: Its kind.
        content_sha256: What its content was when it came last.
        etag: The server's mark of that content.
        last_modified: When it said that it was changed last.
        offer_count: How many offers were on it.
        at: When it came last.
    """

    kind: str
    content_sha256: str
    etag: str
    last_modified: str
    offer_count: int
    at: datetime

    @property
    def has_validator(self) -> bool:
        """Whether it can be asked for conditionally."""
        return bool(self.content_sha256 and (self.etag or self.last_modified))


def write_known(
    landed: Callable[[str, Sequence[str], int], pl.DataFrame], path: Path, *, loads: int, since: datetime
) -> None:
    """Keeps what the newest loads know of pages, for the process of a crawl.

    Args:
        landed: As of the request of an extraction.
        path: Where to.
        loads: How many loads to look at.
        since: What came before is asked for in full again; UTC.
    """
    summed_up(landed("crawl_pages", COLUMNS, loads), since).write_parquet(path)


def summed_up(visits: pl.DataFrame, since: datetime) -> pl.DataFrame:
    """What visits of earlier crawls say of each page that was there when it was visited last.

    Args:
        visits: Rows of `crawl_pages` in `COLUMNS`.
        since: Validators of pages that came in full before this moment are left out; UTC.
    """
    ordered = visits.filter(pl.col("outcome").is_in(["fetched", "unchanged", "missing", "redirected"])).sort(
        "occurred_at", maintain_order=True
    )
    last = ordered.unique("page_url", keep="last", maintain_order=True).filter(
        pl.col("outcome").is_in(["fetched", "unchanged"])
    )
    full = ordered.filter(
        (pl.col("outcome") == "fetched") & (pl.col("occurred_at") >= since.replace(tzinfo=None))
    ).unique("page_url", keep="last", maintain_order=True)
    validators = full.select(
        "page_url", "content_sha256", "etag", "last_modified", pl.col("occurred_at").alias("full_at")
    )
    return (
        last.select("page_url", "page_kind", "offer_count")
        .join(validators, on="page_url", how="left", maintain_order="left")
        .sort("page_url")
    )


class Known:
    """Pages that earlier crawls know.

    Args:
        path: What `write_known` kept; None: nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._pages: dict[str, Earlier] = {}
        if path is None:
            return
        for url, kind, offers, sha256, etag, modified, at in pl.read_parquet(path).iter_rows():
            self._pages[url] = Earlier(kind, sha256 or "", etag or "", modified or "", offers or 0, at)

    def get(self, url: str) -> Earlier | None:
        """What is known of a page."""
        return self._pages.get(url)

    def products(self) -> Iterator[str]:
        """Pages that had an offer: each crawl asks whether they still have it."""
        return (url for url, page in self._pages.items() if page.kind == "product")

    def leads_on(self, url: str) -> bool:
        """Whether a page is known to lead on to others."""
        page = self._pages.get(url)
        return page is not None and page.kind in _LEADING
