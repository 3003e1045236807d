"""Crawls of made-up competitors, put down through the landing protocol as the crawler does it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl

from lakehouse.landing import Manifest, PagedLanding, Parsed, RawPart, write_parse
from lakehouse.objectstore import ObjectStore
from lakehouse.settings import Settings
from lakehouse.sources import LoadMode, Source
from lakehouse.streams import QUARANTINE_SCHEMA, stream
from lakehouse.streams.model import MONEY
from lakehouse.warehouse import BuildRequest, Candidate, build_core
from lakehouse.windows import Window
from tests.support import shop, web_shop

_LANDED_AT = datetime(2030, 1, 1, tzinfo=UTC)


def site(name: str) -> Source:
    """A crawled site as the platform knows it."""
    return Source(
        name=name,
        stream="pages",
        tables=("crawl_pages", "crawls", "competitor_offers"),
        mode=LoadMode.VERSIONS,
        title=name,
        time_zone="Europe/London",
        parse_digest="0000000c4a31",
    )


SITES = (site("rival_a"), site("rival_b"))


@dataclass(frozen=True)
class Offer:
    """One offer on a page; what is not told is as a plain shop has it."""

    ref: str = "1"
    price: Decimal | None = Decimal("10.0000")
    list_price: Decimal | None = None
    currency: str | None = "GBP"
    availability: str | None = "in_stock"
    confidence: Decimal | None = Decimal("0.9")
    title: str = "A mug"
    condition: str | None = "new"
    tax_note: str | None = "included"


@dataclass(frozen=True)
class Visit:
    """One visit to a page.

    Attributes:
        url: The page.
        at: When it answered.
        offers: What its content holds; of an unchanged one, what it held when it was fetched.
        outcome: As in the stream `crawl_pages`.
        lost: How many of its offers are in quarantine, from the last one on.
    """

    url: str
    at: datetime
    offers: tuple[Offer, ...] = (Offer(),)
    outcome: str = "fetched"
    lost: int = 0

    @property
    def content(self) -> str | None:
        """Stands for the hash of the page's bytes."""
        if self.outcome not in {"fetched", "unchanged"}:
            return None
        return hashlib.sha256(repr((self.url, self.offers)).encode()).hexdigest()

    @property
    def ref(self) -> str:
        """The record's number."""
        return f"{self.url}@{self.at:%Y%m%dT%H%M%S}"


@dataclass(frozen=True)
class Crawl:
    """One crawl of a site, which is one load."""

    source: str
    began: datetime
    visits: tuple[Visit, ...]
    stop_reason: str = "finished"
    known_at: datetime | None = None
    failed: int = field(default=0)

    @property
    def ref(self) -> str:
        """The crawl's number."""
        return f"{self.source}-{self.began:%Y%m%dT%H%M%S}"

    @property
    def is_complete(self) -> bool:
        """Whether it ended by itself and saw everything."""
        return self.stop_reason == "finished" and not self.failed

    @property
    def known(self) -> datetime:
        """From when on it counts as known: an hour behind its beginning, unless it came late."""
        return self.known_at or self.began + timedelta(hours=1)

    @property
    def window(self) -> Window:
        """The day that it stands for."""
        start = self.began.replace(hour=0, minute=0, second=0)
        return Window(start, start + timedelta(days=1))


AGAIN = SITES[1].model_copy(update={"parse_digest": "0000000c4a32"})
"""The second site, under a parser that reads every price as twice what it was."""


def land(store: ObjectStore, crawl: Crawl) -> Manifest:
    """Lands one crawl as one load of its site."""
    source = next(one for one in SITES if one.name == crawl.source)
    parsed = _parsed(crawl)
    landing = PagedLanding(store, source, crawl.window, fingerprint="test", now=crawl.known)
    body = parsed.rows.write_csv() + "".join(frame.write_csv() for frame in parsed.others.values())
    landing.add(RawPart("segment-00000.csv", body.encode()), cursor=None, reported=parsed.received)
    landing.finish()
    manifest, _ = landing.commit(
        lambda _: [parsed], known_at=crawl.known, landed_at=_LANDED_AT, run_id="crawl", api_version="1"
    )
    return manifest


def read_again(store: ObjectStore, crawl: Crawl, manifest: Manifest) -> None:
    """Reads a crawl of the second site as `AGAIN` says."""
    parsed = _parsed(crawl)
    doubled = parsed.others["competitor_offers"].with_columns((pl.col("price_amount") * 2).cast(MONEY))
    parsed = replace(parsed, others={**parsed.others, "competitor_offers": doubled})
    write_parse(store, manifest.ref, parsed, AGAIN.parse_digest, main="crawl_pages", mode=LoadMode.VERSIONS)


def build(
    settings: Settings,
    as_of: datetime,
    run_id: str = "build",
    *,
    full_refresh: bool = False,
    sites: Sequence[Source] = SITES,
) -> Candidate:
    """Builds the core marts of the shops and the crawled sites."""
    sources = [shop.SHOP, *web_shop.SOURCES, *sites]
    return build_core(settings, BuildRequest(as_of=as_of, run_id=run_id, sources=sources, full_refresh=full_refresh))


def _parsed(crawl: Crawl) -> Parsed:
    records = len(crawl.visits)
    return Parsed(
        rows=_pages(crawl),
        quarantined=pl.DataFrame(schema=QUARANTINE_SCHEMA),
        received=records,
        deduplicated=0,
        rows_by_part=(records,),
        landed=records,
        others={"crawls": _crawls(crawl), "competitor_offers": _offers(crawl)},
    )


def _frame(name: str, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """Rows as their stream has them; what is not told is null."""
    schema = stream(name).versioned_schema
    whole = [
        {"source_file": "segment-00000.warc.gz", **{column: _plain(row.get(column)) for column in schema}}
        for row in rows
    ]
    frame = pl.DataFrame(whole, schema=schema)
    return frame.with_columns(source_file=pl.lit("segment-00000.warc.gz"))


def _plain(value: object) -> object:
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def _pages(crawl: Crawl) -> pl.DataFrame:
    rows = [
        {
            "source_row": number,
            "record_ref": one.ref,
            "version_at": one.at,
            "crawl_ref": crawl.ref,
            "page_url": one.url,
            "outcome": one.outcome,
            # nobody sees what a page holds that did not come
            "page_kind": "product" if one.outcome == "fetched" and one.offers else "other",
            "content_sha256": one.content,
            "offer_count": len(one.offers) if one.outcome == "fetched" else 0,
            "occurred_at": one.at,
        }
        for number, one in enumerate(crawl.visits, 1)
    ]
    return _frame("crawl_pages", rows)


def _crawls(crawl: Crawl) -> pl.DataFrame:
    outcomes = [one.outcome for one in crawl.visits]
    row = {
        "source_row": len(outcomes) + 1,
        "record_ref": crawl.ref,
        "version_at": crawl.began,
        "crawl_ref": crawl.ref,
        "stop_reason": crawl.stop_reason,
        "is_complete": crawl.is_complete,
        "visit_count": len(outcomes),
        "fetched_count": outcomes.count("fetched"),
        "unchanged_count": outcomes.count("unchanged"),
        "disallowed_count": outcomes.count("disallowed"),
        "failed_count": crawl.failed,
        "pending_count": 0 if crawl.stop_reason == "finished" else 7,
        "received_bytes": 1000,
        "occurred_at": crawl.began,
        "finished_at": crawl.began + timedelta(minutes=30),
    }
    return _frame("crawls", [row])


def _offers(crawl: Crawl) -> pl.DataFrame:
    rows = [
        {
            "source_row": number,
            "record_ref": visit.ref,
            "version_at": visit.at,
            "page_url": visit.url,
            "content_sha256": visit.content,
            "offer_ref": one.ref,
            "is_main": place == 0,
            "offer_title": one.title,
            "price_amount": one.price,
            "list_price_amount": one.list_price,
            "currency_code": one.currency,
            "availability": one.availability,
            "price_confidence": one.confidence,
            "price_method": "json_ld",
            "condition": one.condition,
            "tax_note": one.tax_note,
            "occurred_at": visit.at,
        }
        for number, visit in enumerate(crawl.visits, 1)
        if visit.outcome == "fetched"
        for place, one in enumerate(visit.offers[: len(visit.offers) - visit.lost])
    ]
    return _frame("competitor_offers", rows)
