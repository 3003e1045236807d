"""What the process of a crawl is told, and what it tells: the whole of what passes between it and its parent."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from extractors.crawl.options import SiteOptions


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Job(_Model):
    """A crawl to be done.

    Attributes:
        crawl_ref: Number of the crawl.
        options: What is told about the site.
        began_at: When the crawl began, in the clock of the run that began it.
        now: The clock of this run: what happens is stamped with it and the time that has gone by since.
        spent_s: Seconds that interrupted runs took before.
        folder: Where segments are written, and intents.
        replay: Segments of interrupted runs, in order: what is in them is not asked for again.
        known: A Parquet file of what earlier crawls know of pages; None: nothing.
        first_segment: Number of the first segment to write.
        segment_records: A segment ends after so many visits.
        segment_bytes: A segment ends after so many bytes.
        parent: Process whose end ends the crawl; 0: nobody's.
    """

    crawl_ref: str
    options: SiteOptions
    began_at: datetime
    now: datetime
    spent_s: float = 0.0
    folder: Path
    replay: tuple[Path, ...] = ()
    known: Path | None = None
    first_segment: int = 0
    segment_records: int = 500
    segment_bytes: int = 64 << 20
    parent: int = 0

    def info(self) -> dict[str, Any]:
        """What readers of a segment need to know of the crawl."""
        options = self.options
        return {
            "crawl_ref": self.crawl_ref,
            "began_at": self.began_at.isoformat(),
            "user_agent": options.user_agent,
            "robots": "obeyed",
            "legal_note": options.legal_note,
            "currency": options.currency,
            "language": options.language,
            "product_patterns": list(options.product_patterns),
            "listing_patterns": list(options.listing_patterns),
            "sitemaps": list(options.sitemaps),
            "max_body_bytes": options.limits.max_body_bytes,
        }


class Told(_Model):
    """What the process says on a line.

    Attributes:
        segment: Name of a segment that is complete.
        records: How many records count in it.
        is_last: Whether the crawl is over.
        visits: Visits so far.
    """

    segment: str = ""
    records: int = 0
    is_last: bool = False
    visits: int = 0
