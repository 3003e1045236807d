"""A vendor that refuses, breaks off or lies, at the first, a middle and the last page: the cursor passes no gap."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from extractors.api.client import Http, Patience
from extractors.api.errors import ApiError, RequestError, TransientError
from tests.support.faulty import Fault, faulty_proxy, serving
from tests.support.vendor import MemoryStore, Vendor, manifests, newest, order, run

PASSING = (408, 425, 429, 500, 502, 503, 504)
FINAL = (400, 401, 403, 404, 422)
PLACES = (0, 2, 4)


@pytest.fixture
def memory(tmp_path: Path) -> MemoryStore:
    folder = tmp_path / "objects"
    folder.mkdir()
    return MemoryStore(folder)


def vendor() -> Vendor:
    return Vendor.of([order(number, number) for number in range(1, 6)])


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("status", [*PASSING, *FINAL])
def test_a_status_at_a_page_is_waited_for_or_said_and_no_page_is_skipped(
    memory: MemoryStore, tmp_path: Path, status: int, place: int
) -> None:
    slept: list[float] = []
    struck: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path == f"/{place}" and not struck:
            struck.append(request.url.path)
            return httpx.Response(status, headers={"Retry-After": "7"} if status in PASSING else {})
        return httpx.Response(200, json=[])

    http = Http("https://shop.example", transport=httpx.MockTransport(handle), sleep=slept.append, monotonic=lambda: 0)
    one = vendor()

    def ask_first(at: int) -> None:
        http.request("GET", f"/{at}")

    one.before_page = ask_first
    if status in PASSING:
        run(one, memory, tmp_path / "scratch")
        assert slept == [7]
    else:
        with pytest.raises(ApiError, match=str(status)):
            run(one, memory, tmp_path / "scratch")
        assert manifests(memory) == []
        assert run(one, memory, tmp_path / "scratch").resumed_after == place // 2
        assert slept == []
    assert newest(memory)["record_ref"].to_list() == ["1", "2", "3", "4", "5"]
    assert manifests(memory)[0].counts.received == 5


class Shop(BaseHTTPRequestHandler):
    """Answers everything with the same JSON."""

    body = json.dumps([{"id": number, "note": "x" * 50} for number in range(100)]).encode()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Quiet."""

    def do_GET(self) -> None:
        status = 302 if self.path == "/moved" else 200
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Location", "/orders")
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)


@pytest.mark.parametrize("fault", [Fault("truncate", 100), Fault("truncate", 0), Fault("lose"), Fault("status", 503)])
def test_a_real_connection_that_breaks_is_tried_again(tmp_path: Path, fault: Fault) -> None:
    with serving(Shop) as upstream, faulty_proxy(upstream) as proxy:
        http = Http(proxy.url, sleep=lambda _: None)
        proxy.faults.append(fault)
        assert len(http.get_json("/orders")) == 100
        assert len(proxy.requests) == 2
        proxy.faults.append(fault)
        done = http.download(f"{proxy.url}/export", tmp_path)
        assert done.path.read_bytes() == Shop.body
        assert list(tmp_path.iterdir()) == [done.path]
        http.close()


def test_a_server_that_is_not_there_or_redirects_is_said_to() -> None:
    with serving(Shop) as url:
        http = Http(url, patience=Patience(tries=2), sleep=lambda _: None)
        with pytest.raises(RequestError, match="302"):
            http.get_json("/moved")
    with pytest.raises(TransientError, match="GET /orders: ConnectError"):
        http.get_json("/orders")
    http.close()


def test_a_token_with_a_lines_end_is_not_sent_and_not_shown() -> None:
    with serving(Shop) as url:
        http = Http(url, headers={"X-Token": "shpat_secret\n"}, sleep=lambda _: None)
        with pytest.raises(RequestError) as refused:
            http.get_json("/orders")
        assert "shpat_secret" not in f"{refused.value} {refused.value!r}"
        http.close()
