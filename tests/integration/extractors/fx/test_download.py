"""The rates from a server, through the extraction, into a store."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from extractors.api.client import Http, Patience
from extractors.api.errors import ApiError
from extractors.api.extract import Job, extract
from extractors.api.registry import connector_kind
from extractors.fx import OPTIONS, RESOURCES, connect
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.windows import Window

_TEXT = b"Date,USD,GBP,\n2024-03-05,1.0849,0.85495,\n2024-03-04,1.0846,0.85563,\n"
_DAY = Window.parse("2024-03-05", "2024-03-06")


class _Bank(BaseHTTPRequestHandler):
    answers: list[int]

    def do_GET(self) -> None:
        status = self.answers.pop(0) if self.answers else 200
        self.send_response(status)
        self.end_headers()
        self.wfile.write(_TEXT if status == 200 else b"<html>busy</html>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class names it so
        return


@pytest.fixture
def bank() -> Iterator[tuple[str, list[int]]]:
    answers: list[int] = []
    handler = type("Handler", (_Bank,), {"answers": answers})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/stats/eurofxref-hist.csv", answers
    server.shutdown()
    thread.join()
    server.server_close()


def _job() -> Job:
    kind = connector_kind("fx")
    source = kind.source(RESOURCES["rates"], name="ecb_fx", title="ECB", time_zone="UTC", expected=False)
    landed = datetime(2024, 3, 6, tzinfo=UTC)
    return Job(source, RESOURCES["rates"], _DAY, landed, landed, "run", kind.api_version)


def _http(url: str) -> Http:
    return Http(base_url=url.rpartition("/")[0], patience=Patience(tries=3), sleep=lambda _: None)


def test_a_days_rates_are_landed_once(bank: tuple[str, list[int]], tmp_path: Path) -> None:
    url, answers = bank
    answers += [503, 500]  # it passes
    connector = connect(OPTIONS.model_validate({"url": url}), {}, http=_http(url))
    store = DirectoryStore(tmp_path / "lake")
    first = extract(connector, _job(), store=store, scratch=tmp_path / "scratch")
    counts = first.manifest.counts
    assert (counts.received, counts.landed, counts.quarantined) == (2, 2, 0)
    assert extract(connector, _job(), store=store, scratch=tmp_path / "scratch").unchanged


def test_a_bank_that_does_not_answer_says_what_to_do(bank: tuple[str, list[int]], tmp_path: Path) -> None:
    url, answers = bank
    answers += [500] * 10
    connector = connect(OPTIONS.model_validate({"url": url}), {}, http=_http(url))
    with pytest.raises(ApiError, match="could not be downloaded") as raised:
        extract(connector, _job(), store=DirectoryStore(tmp_path / "lake"), scratch=tmp_path / "scratch")
    assert "`path`" in raised.value.remedy
