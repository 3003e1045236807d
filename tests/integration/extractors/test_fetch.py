"""Downloading from a real HTTP server that breaks off, refuses, lies, and sends something else."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import polars as pl
import pytest
from tenacity import wait_none

from extractors import download as download_module
from extractors import fetch as fetch_module
from extractors.download import FetchError
from extractors.fetch import COLUMNS, PUBLISHED, SHA256, WORKBOOK, Facts, Fetched, check_workbook, fetch_online_retail
from tests.support.faulty import serving

FACTS = Facts(rows=4, invoices=3, amount=Decimal("15.289"))


@dataclass
class Site:
    """What the server holds and how it behaves.

    Attributes:
        body: The archive.
        etag: Its name; empty: none is sent.
        plan: A behaviour for each of the next requests: a status, or a number of bytes to break off after.
        requests: The Range header of each request so far.
        knows_ranges: Whether it can continue.
    """

    body: bytes
    url: str = ""
    etag: str = '"v1"'
    plan: deque[tuple[str, int]] = field(default_factory=deque)
    requests: list[str | None] = field(default_factory=list)
    knows_ranges: bool = True


class Handler(BaseHTTPRequestHandler):
    site: Site

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Quiet."""

    def do_GET(self) -> None:
        site = self.site
        wanted = self.headers.get("Range")
        site.requests.append(wanted)
        kind, value = site.plan.popleft() if site.plan else ("send", 0)
        if kind == "status":
            self.send_error(value)
            return
        begin = 0
        if wanted and site.knows_ranges and self.headers.get("If-Range") == site.etag:
            begin = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(site.body):
                self.send_error(416)
                return
        self.send_response(206 if begin else 200)
        if site.etag:
            self.send_header("ETag", site.etag)
        rest = site.body[begin:]
        if kind != "unmeasured":
            self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[:value] if kind == "break" else rest)


def workbook(rows: int = 4) -> bytes:
    frame = pl.DataFrame(
        {
            "InvoiceNo": ["536365", "536365", "C536366", "536367"],
            "StockCode": ["85123A", "71053", "85123A", "POST"],
            "Description": ["A HEART ", "A LANTERN", "A HEART ", None],
            "Quantity": [6, 1, -2, 1],
            "InvoiceDate": ["2010-12-01 08:26:00"] * 4,
            "UnitPrice": [2.55, 3.39, 2.55, 1.699],
            "CustomerID": [17850.0, 17850.0, 17850.0, None],
            "Country": ["United Kingdom"] * 4,
        }
    )
    buffer = io.BytesIO()
    frame.head(rows).write_excel(buffer)
    return buffer.getvalue()


def archive(content: bytes, name: str = WORKBOOK) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr(name, content)
    return buffer.getvalue()


BODY = archive(workbook())
DIGEST = hashlib.sha256(BODY).hexdigest()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_module, "_WAIT", wait_none())


@pytest.fixture
def site() -> Iterator[Site]:
    running = Site(BODY)

    class OwnHandler(Handler):
        site = running

    with serving(OwnHandler) as url:
        running.url = f"{url}/online+retail.zip"
        yield running


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "drop" / "online_retail.zip"


def fetch(target: Path, site: Site, sha256: str | None = DIGEST, facts: Facts = FACTS) -> Fetched:
    return fetch_online_retail(target, url=site.url, sha256=sha256, facts=facts)


def left_in(target: Path) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir())


def test_it_arrives_and_its_hash_is_kept_beside_it(target: Path, site: Site) -> None:
    seen: list[tuple[int, int | None]] = []

    fetched = fetch_online_retail(
        target, url=site.url, sha256=DIGEST, facts=FACTS, progress=lambda done, whole: seen.append((done, whole))
    )

    assert fetched == Fetched(target, DIGEST, downloaded=True)
    assert target.read_bytes() == BODY
    assert (target.parent / "online_retail.zip.sha256").read_text() == f"{DIGEST}  online_retail.zip\n"
    assert left_in(target) == ["online_retail.zip", "online_retail.zip.sha256"]
    assert seen[-1] == (len(BODY), len(BODY))


def test_a_second_run_downloads_nothing(target: Path, site: Site) -> None:
    fetch(target, site)

    assert fetch(target, site) == Fetched(target, DIGEST, downloaded=False)
    assert len(site.requests) == 1


def test_without_a_known_hash_the_content_decides(target: Path, site: Site) -> None:
    assert fetch(target, site, sha256=None).sha256 == DIGEST
    target.unlink()
    (target.parent / "online_retail.zip.sha256").unlink()

    with pytest.raises(FetchError, match=r"it holds Facts\(rows=4.*not Facts\(rows=5"):
        fetch(target, site, sha256=None, facts=Facts(5, 3, FACTS.amount))
    assert left_in(target) == []


@pytest.mark.parametrize("status", [503, 500, 429])
def test_a_passing_error_is_tried_again(target: Path, site: Site, status: int) -> None:
    site.plan.extend([("status", status), ("status", status)])

    assert fetch(target, site).downloaded
    assert len(site.requests) == 3


def test_a_broken_download_is_continued(target: Path, site: Site) -> None:
    site.plan.extend([("break", 1000), ("break", 500)])

    fetch(target, site)

    assert site.requests == [None, "bytes=1000-", "bytes=1500-"]
    assert target.read_bytes() == BODY


@pytest.mark.parametrize("case", ["no ranges", "no name", "weak name"])
def test_a_broken_download_that_cannot_be_continued_begins_again(target: Path, site: Site, case: str) -> None:
    site.knows_ranges = case != "no ranges"
    site.etag = {"no ranges": '"v1"', "no name": "", "weak name": 'W/"v1"'}[case]
    site.plan.append(("break", 1000))

    fetch(target, site)

    assert site.requests == [None, "bytes=1000-" if case == "no ranges" else None]
    assert target.read_bytes() == BODY


def test_a_file_that_changed_in_between_begins_again(target: Path, site: Site) -> None:
    site.plan.extend([("break", 1000)] + [("status", 503)] * 5)
    with pytest.raises(FetchError, match="6 attempts"):
        fetch(target, site)
    site.etag, site.body = '"v2"', archive(workbook(3))
    site.requests.clear()

    fetch(target, site, sha256=None, facts=Facts(3, 2, Decimal("13.59")))

    assert site.requests == ["bytes=1000-"]
    assert target.read_bytes() == site.body


def test_giving_up_keeps_the_bytes_for_the_next_run(target: Path, site: Site) -> None:
    site.plan.extend([("break", 1000)] + [("status", 503)] * 5)

    with pytest.raises(FetchError, match=r"6 attempts.*503.*continues where it broke off"):
        fetch(target, site)

    assert not target.exists()
    site.requests.clear()
    assert fetch(target, site).downloaded
    assert site.requests == ["bytes=1000-"]


def test_a_part_that_is_complete_already_begins_again(target: Path, site: Site) -> None:
    """The process died after the last byte and before the check: the server refuses an empty range."""
    target.parent.mkdir()
    (target.parent / "online_retail.zip.part").write_bytes(BODY)
    (target.parent / "online_retail.zip.part.validator").write_text(site.etag)

    assert fetch(target, site).downloaded
    assert target.read_bytes() == BODY


def test_a_wrong_hash_leaves_nothing(target: Path, site: Site) -> None:
    site.body = BODY[:-9] + bytes([BODY[-9] ^ 1]) + BODY[-8:]

    with pytest.raises(FetchError, match=rf"has the SHA-256 [0-9a-f]{{64}}, not {DIGEST}.*--sha256"):
        fetch(target, site)
    assert left_in(target) == []


def test_what_is_not_there_is_not_tried_again(target: Path, site: Site) -> None:
    site.plan.append(("status", 404))

    with pytest.raises(FetchError, match=r"answered 404.*--url"):
        fetch(target, site)
    assert len(site.requests) == 1
    assert left_in(target) == []


@pytest.mark.parametrize("kind", ["send", "unmeasured"])
def test_too_much_is_refused(target: Path, site: Site, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(fetch_module, "_LIMIT", 1_000)
    site.plan.append((kind, 0))

    with pytest.raises(FetchError, match="larger than 1,000 bytes"):
        fetch(target, site)
    assert left_in(target) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>We moved</html>", "no zip archive"),
        (archive(workbook(), "Other.xlsx"), r"no zip archive with Online Retail\.xlsx"),
        (archive(b"not a workbook"), "cannot be read"),
        (archive(workbook(3)), r"it holds Facts\(rows=3"),
    ],
)
def test_other_content_is_refused(target: Path, site: Site, body: bytes, message: str) -> None:
    site.body = body

    with pytest.raises(FetchError, match=message):
        fetch(target, site, sha256=None)
    assert left_in(target) == []


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(WORKBOOK, bytes(100_000))
    monkeypatch.setattr(fetch_module, "_LIMIT", 50_000)

    with pytest.raises(FetchError, match="100,000 bytes"):
        check_workbook(path, FACTS)


def test_a_file_that_changed_after_the_download_is_found(target: Path, site: Site) -> None:
    fetch(target, site)
    target.write_bytes(BODY + b"x")

    with pytest.raises(FetchError, match=r"has changed since.*Delete"):
        fetch(target, site)
    assert target.exists()


def test_a_file_put_there_by_hand_is_checked_and_kept(target: Path, site: Site) -> None:
    target.parent.mkdir()
    target.write_bytes(BODY)

    assert fetch(target, site) == Fetched(target, DIGEST, downloaded=False)
    assert site.requests == []
    assert (target.parent / "online_retail.zip.sha256").exists()

    other = target.with_name("other.zip")
    other.write_bytes(b"mine")
    with pytest.raises(FetchError, match="not the Online Retail data"):
        fetch(other, site, sha256=None)
    assert other.read_bytes() == b"mine"


@pytest.mark.parametrize("url", ["ftp://example.com/x", "nonsense", "http://[::"])
def test_an_address_that_is_none(target: Path, url: str) -> None:
    with pytest.raises(FetchError, match="leads nowhere"):
        fetch_online_retail(target, url=url)


def test_a_folder_that_cannot_be_written(tmp_path: Path, site: Site) -> None:
    (tmp_path / "drop").write_text("a file in the way")

    with pytest.raises(FetchError, match="could not be written"):
        fetch(tmp_path / "drop" / "x.zip", site)


def test_the_published_figures_are_those_of_the_shared_copy(shared_data: Path) -> None:
    """What the download is checked against is what an independent copy of the data adds up to."""
    lines = pl.read_parquet(shared_data / "uci_online_retail" / "online_retail.parquet")
    amount = lines.select((pl.col("Quantity").cast(pl.Decimal(18, 0)) * pl.col("UnitPrice")).sum()).item()

    assert Facts(lines.height, lines["InvoiceNo"].n_unique(), amount) == PUBLISHED
    assert set(COLUMNS) < set(lines.columns)
    assert len(SHA256) == 64
