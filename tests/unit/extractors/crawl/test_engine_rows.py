"""From records to rows: what a visit came to is read from its bytes alone."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from extractors.crawl import rows as rows_module
from extractors.crawl.known import summed_up
from extractors.crawl.offers.model import FieldEvidence, Offer, PageHints
from extractors.crawl.parse import parse
from extractors.crawl.rows import Context, read_page
from extractors.crawl.warc import CONTENT, KIND, OFFERS, Record, Segment
from lakehouse.landing import RawFile
from lakehouse.streams import stream

AT = datetime(2026, 3, 2, 6, tzinfo=UTC)
URL = "https://s.example/p/1"
CONTEXT = Context(crawl_ref="c", currency="GBP", language="en")


def record(status: int = 200, body: bytes = b"<p>x</p>", **headers: str) -> Record:
    told = [("content-type", "text/html")] + [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Record("response", URL, AT, status, told, body)


@pytest.fixture
def offers(monkeypatch: pytest.MonkeyPatch) -> list[Offer]:
    """What every page has to offer."""
    found: list[Offer] = []

    def extract(_body: bytes, hints: PageHints) -> list[Offer]:
        assert hints == PageHints(URL, "text/html", "en", "GBP")
        return found

    monkeypatch.setattr("extractors.crawl.offers.extract_offers", extract)
    return found


@pytest.mark.parametrize(
    ("visit", "outcome", "reason"),
    [
        (record(), "fetched", None),
        (record(206), "fetched", None),
        (record(404), "missing", None),
        (record(410), "missing", None),
        (record(500), "failed", "500"),
        (record(403), "failed", "403"),
        (record(429), "failed", "429"),
        (record(304), "failed", "304"),
        (record(302), "failed", "302"),
        (record(301, location="/p/2"), "redirected", None),
        (record(body=gzip.compress(b"x"), content_encoding="gzip"), "fetched", None),
        (record(body=b"\x1f\x8bnonsense", content_encoding="gzip"), "failed", "gzip"),
        (record(body=gzip.compress(b"x" * (11 << 20)), content_encoding="gzip"), "too_large", "decompression"),
        (record(body=b"x", content_encoding="rot13"), "refused", "encoding"),
        (record(body=b"<p>" * 400_000), "too_large", "elements"),
    ],
)
def test_how_a_visit_ended(visit: Record, outcome: str, reason: str | None, offers: list[Offer]) -> None:
    row = read_page(visit, CONTEXT).row
    assert not offers
    assert row["outcome"] == outcome
    assert (reason in row["reason"]) if reason else "reason" not in row


def test_content_is_known_by_its_bytes_after_decompression() -> None:
    plain, packed = record(body=b"same"), record(body=gzip.compress(b"same"), content_encoding="gzip")
    told = {read_page(one, CONTEXT).row["content_sha256"] for one in (plain, packed)}
    assert told == {hashlib.sha256(b"same").hexdigest()}


def test_an_unchanged_page_has_the_content_that_it_repeats() -> None:
    warc = {CONTENT.lower(): "ab" * 32, KIND.lower(): "product", OFFERS.lower(): "2"}
    row = read_page(Record("revisit", URL, AT, 304, [("etag", '"x"')], b"", warc), CONTEXT).row
    assert (row["outcome"], row["content_sha256"], row["page_kind"]) == ("unchanged", "ab" * 32, "product")
    assert row["offer_count"] == 2


def offer(ref: str = "1", **told: object) -> Offer:
    return Offer(**{"offer_ref": ref, "is_main": ref == "1", "offer_title": "Lamp", **told})  # type: ignore[arg-type]


def test_offers_become_exact_rows(offers: list[Offer]) -> None:
    evidence = {"price_amount": FieldEvidence("json_ld", 0.9, ("12.00",))}
    price = Decimal("19.99")
    offers += [
        offer(price_amount=price, price_confidence=Decimal("0.951"), evidence=evidence),
        offer("2", price_amount=Decimal("1e30"), rating=Decimal("NaN")),
        offer("2", offer_title="a second one of that name"),
        offer("3", offer_title=""),
    ]
    page = read_page(record(), CONTEXT)
    assert page.row["page_kind"] == "product"
    assert [one["offer_ref"] for one in page.offers] == ["1", "2"]
    assert page.row["offer_count"] == 2
    assert (page.offers[0]["price_amount"], page.offers[0]["price_confidence"]) == ("19.9900", "0.95100000")
    assert '"json_ld"' in page.offers[0]["evidence"]
    assert (page.offers[1]["price_amount"], page.offers[1]["rating"]) == (None, None)


def test_kinds(offers: list[Offer]) -> None:
    def kind(visit: Record, context: Context = CONTEXT) -> str:
        return str(read_page(visit, context).row["page_kind"])

    assert kind(record()) == "other"
    assert kind(record(body=b'<script>{"@type": "ItemList"}</script>')) == "listing"
    assert kind(record(body=b"<urlset><url><loc>https://s.example/</loc></url></urlset>")) == "sitemap"
    assert kind(Record("response", "https://s.example/robots.txt", AT, 200, (), b"User-agent: *")) == "robots"
    assert kind(record(), Context.of({"crawl_ref": "c", "product_patterns": ["/p/"]} | HINTS)) == "product"
    offers.append(offer())
    assert kind(record()) == "product"
    page = read_page(record(), Context.of({"crawl_ref": "c", "listing_patterns": ["/p/"]} | HINTS))
    assert (page.row["page_kind"], page.offers) == ("listing", [])
    assert read_page(record(x_robots_tag="noindex"), CONTEXT).offers == []
    assert read_page(record(404), CONTEXT).offers == []


HINTS = {"currency": "GBP", "language": "en"}


def test_segments_become_tables_in_batches(
    tmp_path: Path, offers: list[Offer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("extractors.crawl.parse._BATCH", 4)
    monkeypatch.setattr(rows_module, "PageHints", lambda _url, *rest: PageHints(URL, *rest))
    offers.append(offer(offer_title="half \ud83d of a pair", price_amount=Decimal(5)))
    info = {"crawl_ref": "c", "began_at": AT.isoformat(), **HINTS}
    parts = []
    for number in range(2):
        segment = Segment(tmp_path, number, info, AT)
        for one in range(5):
            segment.response(f"https://s.example/{number}/{one}", AT, 200, [("content-type", "text/html")], b"<p>x</p>")
        segment.ended("https://s.example/0/0", AT, "failed", "lost")  # of the last visit only the outcome counts
        segment.ended(f"https://s.example/no{number}", AT, "disallowed", "robots.txt forbids it.")
        if number:
            told = {"stop_reason": "finished", "is_complete": True, "pending_count": 0, "crawl_ref": "c"}
            segment.summary(AT, told | {"began_at": AT.isoformat(), "finished_at": AT.isoformat()})
        path = segment.close()
        parts.append(RawFile(path.name, path))
    parsings = list(parse(parts))
    assert [one.received for one in parsings] == [4, 3, 4, 4]
    tables = {name: pl.concat([one.tables[name] for one in parsings]) for name in parsings[0].tables}
    assert sum(one.deduplicated for one in parsings) == 0
    for name, table in tables.items():
        assert table.schema == stream(name).versioned_schema
    assert tables["crawl_pages"].height == 14
    assert tables["competitor_offers"]["offer_title"].unique().to_list() == ["half ? of a pair"]
    assert tables["competitor_offers"]["price_amount"].unique().to_list() == [Decimal("5.0000")]
    crawl = tables["crawls"].row(0, named=True)
    assert (crawl["visit_count"], crawl["fetched_count"], crawl["failed_count"]) == (10, 9, 1)
    assert (crawl["disallowed_count"], crawl["received_bytes"]) == (2, 80)


def test_what_earlier_crawls_know() -> None:
    def visit(url: str, day: int, outcome: str, kind: str = "product", sha: str | None = "s") -> dict[str, object]:
        at = datetime(2026, 3, day)  # noqa: DTZ001 -- as the tables have it
        return {"page_url": url, "outcome": outcome, "page_kind": kind, "content_sha256": sha, "etag": '"e"',
                "last_modified": None, "offer_count": 1, "occurred_at": at}  # fmt: skip

    visits = pl.DataFrame(
        [
            visit("same", 1, "fetched", sha="first"),
            visit("same", 2, "fetched", sha="second"),
            visit("same", 3, "unchanged", sha="second"),
            visit("gone", 1, "fetched"),
            visit("gone", 2, "missing"),
            visit("broken for now", 1, "fetched"),
            visit("broken for now", 2, "failed"),
            visit("old", 1, "fetched"),
            visit("old", 3, "unchanged"),
        ]
    )
    found = summed_up(visits, datetime(2026, 3, 1, 12, tzinfo=UTC))
    told = {row["page_url"]: row["content_sha256"] for row in found.iter_rows(named=True)}
    assert told == {"same": "second", "broken for now": None, "old": None}


def test_what_strangers_write_too_long_sets_no_visit_aside(offers: list[Offer]) -> None:
    long = "x" * 9_000
    offers.append(
        Offer(offer_ref=long, is_main=True, offer_title=long, sku=long, image_url=f"https://s.example/{long}")
    )
    offers.append(Offer(offer_ref=long + "2", is_main=False, offer_title="the same number, cut"))
    page = read_page(record(etag=long, last_modified=long), CONTEXT)
    assert (page.row["etag"], page.row["last_modified"]) == (None, None)
    [offer] = page.offers
    assert (len(offer["offer_ref"]), len(offer["offer_title"])) == (300, 1_000)
    assert (offer["sku"], offer["image_url"]) == (None, None)
    hop = read_page(record(302, location=f"https://s.example/{long}"), CONTEXT)
    assert (hop.row["outcome"], hop.row["redirect_url"]) == ("redirected", None)
