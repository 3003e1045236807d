"""A server of the sandbox, seen by a real HTTP client over a real connection: every kind of fault, and the steering."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.serving import Documents, Fault, Faults, SandboxClock, application, serve

ROWS = [{"id": number, "name": "row"} for number in range(200)]


@dataclass
class Shop:
    """A small server under test."""

    http: httpx.Client
    clock: SandboxClock
    faults: Faults
    documents: Documents

    def break_with(self, *faults: Fault) -> None:
        self.faults.replace(faults)

    def log(self) -> list[dict[str, object]]:
        answer: list[dict[str, object]] = self.http.get("/sandbox/requests").json()
        return answer


async def _rows(_request: Request) -> Response:
    return JSONResponse(ROWS)


async def _stream(_request: Request) -> Response:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(4):
            yield b"x" * 1000

    return StreamingResponse(chunks())


JUNE = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[Shop]:
    clock = SandboxClock(JUNE)
    faults, documents = Faults(), Documents(clock)
    routes = [Route("/rows", _rows), Route("/stream", _stream), documents.route]
    with (
        serve(application(routes, clock=clock, faults=faults)) as server,
        httpx.Client(base_url=server.url) as http,
    ):
        yield Shop(http, clock, faults, documents)


@pytest.fixture
def shop(running: Shop) -> Shop:
    running.clock.set(JUNE)
    running.faults.replace([])
    running.http.delete("/sandbox/requests")
    return running


def test_answers_without_faults(shop: Shop) -> None:
    assert shop.http.get("/rows").json() == ROWS
    assert len(shop.http.get("/stream").content) == 4000


def test_throttle_says_nothing_of_when_to_come_back(shop: Shop) -> None:
    shop.break_with(Fault("throttle", path="rows", at=(1,)))
    answer = shop.http.get("/rows")
    assert (answer.status_code, answer.headers.get("retry-after")) == (429, None)
    assert shop.http.get("/rows").status_code == 200


def test_throttle_after_says_when_in_whole_seconds(shop: Shop) -> None:
    shop.break_with(Fault("throttle_after", at=(1,), seconds=1.2))
    answer = shop.http.get("/rows")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")


@pytest.mark.parametrize("status", [500, 502, 503])
def test_error_html(shop: Shop, status: int) -> None:
    shop.break_with(Fault("error_html", at=(1,), status=status))
    answer = shop.http.get("/rows")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_truncate_announces_the_whole_and_sends_half(shop: Shop) -> None:
    whole = len(shop.http.get("/rows").content)
    shop.break_with(Fault("truncate", path="rows", at=(1,)))
    with shop.http.stream("GET", "/rows") as answer:
        assert int(answer.headers["content-length"]) == whole
        with pytest.raises(httpx.RemoteProtocolError):
            answer.read()
        assert answer.num_bytes_downloaded == whole // 2


def test_truncate_of_a_stream_without_length(shop: Shop) -> None:
    shop.break_with(Fault("truncate", path="stream", at=(1,)))
    with pytest.raises(httpx.RemoteProtocolError):
        shop.http.get("/stream")
    assert len(shop.http.get("/stream").content) == 4000


def test_truncate_quietly_looks_whole_to_http(shop: Shop) -> None:
    whole = len(shop.http.get("/rows").content)
    shop.break_with(Fault("truncate_quietly", path="rows", at=(1,)))
    answer = shop.http.get("/rows")
    assert (answer.status_code, len(answer.content)) == (200, whole // 2)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_drop_closes_without_an_answer(shop: Shop) -> None:
    shop.break_with(Fault("drop", at=(1,)))
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        shop.http.get("/rows")
    assert shop.http.get("/rows").json() == ROWS
    assert [entry["status"] for entry in shop.log()] == [0, 200]


def test_slow_answers_rightly_and_late(shop: Shop) -> None:
    shop.break_with(Fault("slow", at=(1,), seconds=0.15))
    with pytest.raises(httpx.ReadTimeout):
        shop.http.get("/rows", timeout=0.05)
    shop.break_with(Fault("slow", at=(1,), seconds=0.1))
    started = time.monotonic()
    assert shop.http.get("/rows").json() == ROWS
    assert time.monotonic() - started >= 0.1


def test_slow_happens_besides_another(shop: Shop) -> None:
    shop.break_with(Fault("slow", at=(1,), seconds=0.05), Fault("throttle", at=(1,)), Fault("drop", at=(1,)))
    started = time.monotonic()
    assert shop.http.get("/rows").status_code == 429
    assert time.monotonic() - started >= 0.05


def test_faults_can_be_set_and_read_over_http(shop: Shop) -> None:
    ordered = [{"kind": "throttle", "path": "rows", "at": [1]}]
    assert shop.http.post("/sandbox/faults", json=ordered).status_code == 200
    assert shop.http.get("/rows").status_code == 429
    assert shop.http.get("/sandbox/faults").json() == [{"kind": "throttle", "path": "rows", "seen": 1, "struck": 1}]


@pytest.mark.parametrize("body", [[{"kind": "typo", "at": [1]}], [{"at": [1]}], [3], {"kind": "drop"}])
def test_faults_that_are_none_are_refused(shop: Shop, body: Sequence[object]) -> None:
    assert shop.http.post("/sandbox/faults", json=body).status_code == 400
    assert shop.http.get("/rows").status_code == 200


def test_clock_can_be_set_and_read_over_http(shop: Shop) -> None:
    assert shop.http.post("/sandbox/clock", json={"now": "2025-07-01T00:00:00+02:00"}).json() == {
        "now": "2025-06-30T22:00:00+00:00"
    }
    assert shop.clock.now() == datetime(2025, 6, 30, 22, tzinfo=UTC)
    for body in ({"now": "soon"}, {}, {"now": "2025-07-01T00:00:00"}):
        assert shop.http.post("/sandbox/clock", json=body).status_code == 400


def test_answers_carry_the_merchants_time(shop: Shop) -> None:
    shop.clock.set(datetime(2025, 11, 11, 11, 11, 11, 500_000, tzinfo=UTC))
    shop.break_with(Fault("throttle", at=(2,)))
    for _ in range(2):
        assert shop.http.get("/rows").headers.get_list("date") == ["Tue, 11 Nov 2025 11:11:11 GMT"]


def test_requests_are_logged_and_steering_is_not(shop: Shop) -> None:
    shop.http.get("/rows?page=2")
    shop.http.get("/nowhere")
    seen = [(entry["method"], entry["path"], entry["query"], entry["status"]) for entry in shop.log()]
    assert seen == [("GET", "/rows", "page=2", 200), ("GET", "/nowhere", "", 404)]
    assert shop.log()[0]["at"] == "2025-06-01T00:00:00+00:00"
    assert shop.http.delete("/sandbox/requests").json() == []


def test_documents_expire_by_the_merchants_clock(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "report.tsv"
    file.write_bytes(b"a\tb\n" * 1000)
    text = shop.documents.put(b"caf\xe9", lifetime=timedelta(minutes=5), content_type="text/plain")
    report = shop.documents.put(file, lifetime=timedelta(minutes=5), content_type="text/plain;charset=Cp1252")
    answer = shop.http.get(report)
    assert (answer.content, answer.headers["content-type"]) == (file.read_bytes(), "text/plain;charset=Cp1252")
    assert shop.http.get(text).headers["content-type"] == "text/plain"
    assert shop.http.get(text).content == b"caf\xe9"
    shop.clock.advance(timedelta(minutes=5))
    assert shop.http.get(report).status_code == 403
    assert shop.http.get("/documents/guessed").status_code == 404


def test_truncated_document_of_a_file(shop: Shop, tmp_path: Path) -> None:
    file = tmp_path / "bulk.jsonl"
    file.write_bytes(b"0123456789" * 30_000)
    path = shop.documents.put(file, lifetime=timedelta(days=7))
    shop.break_with(Fault("truncate", path="/documents/", at=(1,)))
    with pytest.raises(httpx.RemoteProtocolError):
        shop.http.get(path)
    assert shop.http.get(path).content == file.read_bytes()


def test_a_taken_port_is_an_error(shop: Shop) -> None:
    app = application([], clock=shop.clock, faults=shop.faults)
    with pytest.raises(OSError, match="in use"), serve(app, port=shop.http.base_url.port or 0):
        pass
