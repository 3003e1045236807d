"""The connector: a site that is crawled, behind the contract that all sources share."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from extractors.api.connector import Finding, Page, Parsing, Request
from extractors.crawl.addresses import authority
from extractors.crawl.child import crawl
from extractors.crawl.job import Job
from extractors.crawl.known import write_known
from extractors.crawl.options import SiteOptions
from extractors.crawl.spool import Spool
from lakehouse.landing import RawFile

_MOST_LOADS = 60  # how far back validators are looked for


@dataclass(frozen=True)
class Site:
    """One site.

    Attributes:
        options: What the sources' file says of it.
        segment_records: A segment ends after so many visits.
    """

    options: SiteOptions
    segment_records: int = 500

    def fetch(self, _resource: str, request: Request) -> Iterator[Page]:
        """Segments of the crawl as they are closed; see the contract."""
        spool = Spool(request.spool or request.scratch / "crawl")
        spool.take_in(request.stored())
        for one in spool.salvage():
            cursor = None if one.is_last else str(one.number + 1)
            yield Page(one.path.name, one.path, cursor, one.records)
            if one.is_last:
                return
        for told in crawl(self._job(request, spool)):
            if told.segment:
                number = int(told.segment.partition("-")[2].partition(".")[0])
                cursor = None if told.is_last else str(number + 1)
                yield Page(told.segment, spool.folder / told.segment, cursor, told.records)
            request.progress(told.visits)

    def parse(self, _resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
        """Reads stored segments; see the contract."""
        from extractors.crawl.parse import parse  # with the reading of offers: heavy, and not needed for crawling

        return parse(parts)

    def check(self) -> list[Finding]:
        """Whether robots.txt lets us in, and a few pages of the site with the offers on them."""
        from extractors.crawl.checking import check

        return check(self.options)

    def _job(self, request: Request, spool: Spool) -> Job:
        """The crawl that is begun, or gone on with where an interrupted run left it."""
        options, begun = self.options, spool.begun()
        began_at = begun.began_at if begun else request.now
        known = spool.folder / "known.parquet"
        loads = min(_MOST_LOADS, math.ceil(options.refetch_after_days / options.every_days) + 2)
        write_known(request.landed, known, loads=loads, since=request.now - timedelta(days=options.refetch_after_days))
        host = authority(options.start_urls[0])[-30:]  # numbers of records have at most 64 characters
        crawl_ref = f"{host}/{request.window.start:%Y-%m-%d}/{request.now:%Y%m%dT%H%M%S%fZ}"
        return Job(
            crawl_ref=begun.crawl_ref if begun else crawl_ref,
            options=options,
            began_at=began_at,
            now=request.now,
            spent_s=begun.spent_s if begun else 0.0,
            folder=spool.folder,
            replay=spool.before,
            known=known,
            first_segment=spool.next_number,
            segment_records=self.segment_records,
            parent=os.getpid(),
        )
