"""HTTP to a vendor: what passes is waited for as told, what does not is said at once, and no secret is repeated."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.api.answers import silenced
from extractors.api.client import Http, Patience, decode_json
from extractors.api.errors import ApiError, AuthError, BudgetError, GoneError, RequestError, TransientError

BASE = "https://shop.example/api"
TOKEN = "shpat_0123456789abcdef"
JSON = {"Content-Type": "application/json"}
START = datetime(2026, 3, 2, 6, 0, 0, tzinfo=UTC)


@dataclass
class Server:
    """Answers of a server in order, the last one for ever; its clock moves when somebody sleeps."""

    answers: list[httpx.Response | Exception]
    requests: list[httpx.Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def http(self, **more: Any) -> Http:  # noqa: ANN401 -- any of Http's arguments
        return Http(
            **{"base_url": BASE, "headers": {"X-Shop-Access-Token": TOKEN}, **more},
            transport=httpx.MockTransport(self.handle),
            sleep=self.slept.append,
            monotonic=lambda: sum(self.slept),
            wall=lambda: START + timedelta(seconds=sum(self.slept)),
        )


def answer(status: int = 200, body: bytes = b"[]", **headers: str) -> httpx.Response:
    return httpx.Response(
        status, headers={**JSON, **{k.replace("_", "-"): v for k, v in headers.items()}}, content=body
    )


def test_numbers_stay_as_they_are_written() -> None:
    assert decode_json(b'{"a": 0.10, "id": 12345678901234567890123, "b": 1.569521782042E9, "c": true, "d": null}') == {
        "a": "0.10",
        "id": "12345678901234567890123",
        "b": "1.569521782042E9",
        "c": True,
        "d": None,
    }


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>502</html>", "begins with HTML"),
        (b'[{"id": 1}, {"id"', "cut short"),
        (b"", "begins with nothing"),
        (b"NaN", "NaN, which is no JSON number"),
        (b'{"total": Infinity}', "Infinity"),
        (b'{"name": "\xff"}', "no JSON"),
        (b"Bad gateway", "neither HTML nor JSON"),
        (b"[" * 100_000, "no JSON"),
    ],
)
def test_what_is_no_json_is_said_to_be_none(body: bytes, said: str) -> None:
    with pytest.raises(ApiError, match=said):
        decode_json(body)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(status: int) -> None:
    server = Server([answer(status, b"<html>busy</html>", Content_Type="text/html"), answer(body=b'["1"]')])
    assert server.http().get_json("/orders") == ["1"]
    assert len(server.requests) == 2
    assert 0 <= server.slept[0] <= Patience().first_s


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ReadTimeout("late")])
def test_a_broken_connection_is_tried_again(failure: Exception) -> None:
    server = Server([failure, failure, answer()])
    assert server.http().get_json("/orders") == []
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "broken",
    [
        answer(body=b'[{"id": 1}, {"i'),
        answer(body=b""),
        answer(body=b"<html>Please log in</html>", Content_Type="text/html; charset=utf-8"),
        answer(body=b"[" * 100_000),
    ],
    ids=["cut", "empty", "html", "deep"],
)
def test_a_body_that_is_none_is_tried_again_though_the_status_is_200(broken: httpx.Response) -> None:
    server = Server([broken, answer(body=b"[]")])
    assert server.http().get_json("/orders") == []
    with pytest.raises(TransientError, match="after 8 tries"):
        Server([broken]).http().get_json("/orders")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestError),
        (401, AuthError),
        (403, AuthError),
        (404, GoneError),
        (409, RequestError),
        (410, GoneError),
        (422, RequestError),
        (301, RequestError),
        (302, RequestError),
        (307, RequestError),
    ],
)
def test_what_does_not_pass_is_said_at_once(status: int, kind: type[ApiError]) -> None:
    server = Server([answer(status, b'{"errors": "no"}', Location="https://elsewhere.example/")])
    with pytest.raises(kind) as refused:
        server.http().request("GET", "/orders", params={"page": 2})
    assert str(status) in refused.value.message
    assert refused.value.remedy
    assert len(server.requests) == 1
    assert server.slept == []


@pytest.mark.parametrize(("told", "seconds"), [("7", 7), ("0", 0), ("2.5", 2.5), ("300", 300)])
def test_retry_after_seconds_is_honoured_exactly(told: str, seconds: float) -> None:
    server = Server([answer(429, Retry_After=told), answer(503, Retry_After=told), answer()])
    server.http().get_json("/orders")
    assert server.slept == [seconds, seconds]


def test_retry_after_as_a_date_is_honoured_exactly() -> None:
    server = Server([answer(503, Retry_After="Mon, 02 Mar 2026 06:01:30 GMT"), answer()])
    server.http().get_json("/orders")
    assert server.slept == [90]
    past = Server([answer(503, Retry_After="Mon, 02 Mar 2026 05:00:00 GMT"), answer()])
    past.http().get_json("/orders")
    assert past.slept == [0]


@pytest.mark.parametrize("told", ["soon", "nan", "inf", "-3", "", "Mon, 02 Mar 2026 06:01:30"])
def test_retry_after_that_says_nothing_is_a_wait_of_our_own(told: str) -> None:
    server = Server([answer(429, Retry_After=told), answer()])
    server.http().get_json("/orders")
    assert 0 <= server.slept[0] <= Patience().first_s


def test_a_wait_beyond_the_budget_is_not_begun() -> None:
    server = Server([answer(429, Retry_After="3600"), answer()])
    with pytest.raises(TransientError, match=r"429 Too Many Requests after 1 tries; it asks to wait 3,600 s"):
        server.http().get_json("/orders")
    assert server.slept == []


def test_waits_grow_and_end() -> None:
    server = Server([answer(500)])
    with pytest.raises(TransientError, match="500 Internal Server Error after 8 tries"):
        server.http(patience=Patience(longest_s=4)).get_json("/orders")
    bounds = [0.5, 1, 2, 4, 4, 4, 4]
    assert len(server.slept) == len(bounds)
    assert all(0 <= wait <= bound for wait, bound in zip(server.slept, bounds, strict=True))


def test_the_budget_holds_for_all_tries_together() -> None:
    server = Server([answer(503, Retry_After="40")])
    with pytest.raises(TransientError):
        server.http(patience=Patience(budget_s=100)).get_json("/orders")
    assert server.slept == [40, 40]


def test_each_try_asks_the_throttle_and_each_answer_tells_it() -> None:
    server = Server([answer(429), answer(500), answer()])
    asked, told = [], []
    server.http().request("GET", "/o", before=lambda: asked.append(1), after=lambda one: told.append(one.status_code))
    assert len(asked) == 3
    assert told == [429, 500, 200]


def test_an_answer_too_large_is_refused() -> None:
    server = Server([answer(body=b'"' + b"x" * 5_000 + b'"')])
    with pytest.raises(BudgetError, match="more than 1,000 bytes"):
        server.http(max_bytes=1_000).get_json("/orders")
    packed = httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=_gzip(b"0" * 1_000_000))
    with pytest.raises(BudgetError):
        Server([packed]).http(max_bytes=100_000).request("GET", "/bomb")


def test_an_answer_that_drips_for_ever_is_given_up() -> None:
    server = Server([])

    class Dripping(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            while True:
                server.slept.append(59)
                yield b" "

    server.answers.append(httpx.Response(200, headers=JSON, stream=Dripping()))
    with pytest.raises(BudgetError, match="longer than one call may"):
        server.http().get_json("/orders")


def test_bytes_are_unpacked_and_headers_kept() -> None:
    packed = httpx.Response(200, headers={**JSON, "Content-Encoding": "gzip", "Link": "next"}, content=_gzip(b'["1"]'))
    got = Server([packed]).http().request("GET", "/orders")
    assert (got.content, got.headers["Link"]) == (b'["1"]', "next")


def _gzip(data: bytes) -> bytes:
    import gzip

    return gzip.compress(data)


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/api/orders", "http://shop.example/api", "https://shop.example:8443/api"],
)
def test_our_credentials_go_to_no_other_server(address: str) -> None:
    server = Server([answer()])
    with pytest.raises(RequestError, match="would be sent its credentials"):
        server.http().get_json(address)
    assert server.requests == []


def test_a_whole_address_of_the_same_server_is_asked() -> None:
    server = Server([answer()])
    server.http().get_json("https://shop.example:443/api/orders?page=2")
    assert server.requests[0].headers["X-Shop-Access-Token"] == TOKEN


def refusals(secret: str) -> list[httpx.Response | Exception]:
    """What servers and libraries say when they repeat what they were sent."""
    return [
        answer(401, f'{{"errors": "Invalid access token {secret} (unrecognised)"}}'.encode()),
        answer(400, f"<Error><SignatureProvided>{secret}</SignatureProvided></Error>".encode()),
        answer(404, f"nothing at /x?access_token={secret}&a=1".encode()),
        answer(403, f'{{"client_secret": "{secret}"}}'.encode()),
        httpx.ConnectError(f"could not connect with {secret}"),
        httpx.LocalProtocolError(f"Illegal header value b'{secret}\\n'"),
    ]


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize(
    "told",
    [
        {"headers": {"X-Shop-Access-Token": TOKEN}},
        {"headers": {"Authorization": f"Bearer {TOKEN}"}},
        {"auth": httpx.BasicAuth("user", TOKEN)},
        {"params": {"consumer_key": TOKEN}},
        {"data": {"refresh_token": TOKEN}},
    ],
    ids=["header", "bearer", "basic", "parameter", "form"],
)
def test_no_error_repeats_a_secret(number: int, told: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="extractors")
    server = Server([refusals(TOKEN)[number]])
    more = {name: told[name] for name in ("headers", "auth") if name in told}
    http = server.http(**{"headers": {}, **more})
    call = {name: told[name] for name in ("params", "data") if name in told}
    with pytest.raises(ApiError) as refused:
        http.request("POST", "/orders", **call)
    seen = f"{refused.value} {refused.value!r} {refused.value.__cause__!r} {http!r} {caplog.text}"
    assert TOKEN not in seen
    assert base64.b64encode(f"user:{TOKEN}".encode()).decode() not in seen


def test_a_header_that_cannot_be_sent_is_the_configurations_fault() -> None:
    server = Server([httpx.LocalProtocolError("Illegal header value")])
    with pytest.raises(RequestError, match="header or the address cannot be sent"):
        server.http().get_json("/orders")
    assert len(server.requests) == 1


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=6))
def test_what_looks_like_a_secret_is_never_shown(secret: str) -> None:
    for text in (f"access_token={secret}&x=1", f'"api_key": "{secret}"', f"password: {secret}"):
        shown = silenced(text)
        assert "…" in shown
        assert shown == text.replace(secret, "…", 1) or secret not in shown


def test_a_download_is_streamed_and_gets_none_of_our_headers(tmp_path: Path) -> None:
    seen: list[int] = []

    class Body(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            for _ in range(5):
                held = sum(path.stat().st_size for path in tmp_path.iterdir())
                seen.append(held)
                yield b"x" * (2 << 20)

    server = Server([httpx.Response(200, headers={"Content-Type": "text/plain"}, stream=Body())])
    done = server.http(auth=httpx.BasicAuth("user", TOKEN)).download("https://files.example/a?sig=1", tmp_path)
    assert done.path.stat().st_size == 10 << 20
    assert done.headers["content-type"] == "text/plain"
    assert seen[-1] >= 6 << 20  # what came is in the file before the rest is asked for
    sent = server.requests[0].headers
    assert TOKEN not in str(sent)
    assert "Authorization" not in sent


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (lambda: answer(403, b"expired"), GoneError),
        (lambda: answer(404), GoneError),
        (lambda: answer(401), AuthError),
        (lambda: answer(416), RequestError),
        (lambda: answer(503), TransientError),
        (lambda: answer(body=b"x" * 2_000), BudgetError),
    ],
)
def test_a_download_that_fails_leaves_no_file(
    tmp_path: Path, made: Callable[[], httpx.Response], kind: type[ApiError]
) -> None:
    server = Server([made()])
    with pytest.raises(kind) as refused:
        server.http().download(f"https://user:pass@files.example/a?X-Amz-Signature={TOKEN}", tmp_path, max_bytes=1_000)
    assert list(tmp_path.iterdir()) == []
    assert TOKEN not in str(refused.value)
    assert "pass@" not in str(refused.value)


def test_a_download_is_tried_again_from_its_beginning(tmp_path: Path) -> None:
    class Broken(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            yield b"half"
            raise httpx.RemoteProtocolError("peer closed connection")

    server = Server([httpx.Response(200, stream=Broken()), answer(body=b"whole")])
    done = server.http().download("https://files.example/a", tmp_path)
    assert done.path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [done.path]
