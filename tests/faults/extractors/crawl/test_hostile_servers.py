"""Servers that mean harm, each against the crawl's own middlewares in a process of its own."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.support.hostile_site import EXPECTED, LIMIT, NAMES, behave
from tests.support.raw_http import RawServer, answer, serving
from tests.support.visiting import Visits, visit


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> tuple[RawServer, Visits, float]:
    """All of them visited at once, and how many seconds it took."""
    started = time.perf_counter()
    with serving(behave) as server:
        found = visit(
            tmp_path_factory.mktemp("hostile"),
            [server.url(f"/{name}") for name in EXPECTED],
            allow=server.endpoints,
            names=NAMES,
            settings={"DOWNLOAD_MAXSIZE": LIMIT, "DOWNLOAD_TIMEOUT": 2, "CONCURRENT_REQUESTS_PER_DOMAIN": 8},
        )
    return server, found, time.perf_counter() - started


@pytest.mark.parametrize("name", list(EXPECTED))
def test_each_ends_as_it_should(visited: tuple[RawServer, Visits, float], name: str) -> None:
    server, found, _ = visited
    assert found.ends[server.url(f"/{name}")][0] == EXPECTED[name], found.ends[server.url(f"/{name}")]


def test_what_is_only_odd_is_read(visited: tuple[RawServer, Visits, float]) -> None:
    server, found, _ = visited
    assert found.ends[server.url("/packed-page")][2] == len(b"<p>packed")
    assert found.ends[server.url("/said-gzip-sent-plain")][2] == len(b"<p>plain")


def test_time_and_memory_are_bounded(visited: tuple[RawServer, Visits, float]) -> None:
    _, found, seconds = visited
    assert found.peak_mib < 300  # 80 before the first request
    assert seconds < 60


def test_redirects_end_after_five(visited: tuple[RawServer, Visits, float]) -> None:
    server, _, _ = visited
    assert [path for path in server.paths() if path.startswith("/chain")] == ["/chain"] + [
        f"/chain/{n}" for n in range(1, 6)
    ]
    assert server.paths().count("/loop") == 6


def test_a_url_cannot_carry_headers(tmp_path: Path) -> None:
    paths = ["/a\r\nX-Evil: 1", "/b%0d%0aX-Evil:%201", "/c\nX-Evil: 1", "/d\x00", "/e HTTP/1.1\r\nX-Evil: 1\r\n\r\n"]
    with serving(_behave_plainly) as server:
        visit(tmp_path, [server.url(path) for path in paths], allow=server.endpoints)
    assert all("X-Evil: 1" not in head.split("\r\n") for head in server.heads)
    assert all(head.split("\r\n")[0].endswith(" HTTP/1.1") for head in server.heads)


def test_a_proxy_from_the_environment_is_not_used(tmp_path: Path) -> None:
    with serving(_behave_plainly) as proxy, serving(_behave_plainly) as server:
        there = f"http://127.0.0.1:{proxy.ports[0]}"
        found = visit(
            tmp_path,
            [server.url("/x")],
            allow=server.endpoints,
            environment={"http_proxy": there, "https_proxy": there, "HTTP_PROXY": there, "all_proxy": there},
        )
    assert proxy.log == []
    assert found.ends[server.url("/x")][:2] == ("fetched", "200")


def test_a_request_that_names_a_proxy_is_refused(tmp_path: Path) -> None:
    with serving(_behave_plainly) as server:
        meta = {"proxy": server.url("")}
        found = visit(tmp_path, ["http://shop.example/"], names={"shop.example": [["93.184.215.14"]]}, meta=meta)
    assert server.log == []
    assert found.ends["http://shop.example/"][0] in ("refused", "disallowed")


async def _behave_plainly(path: str, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(b"", status="404 Not Found") if path == "/robots.txt" else answer(b"a page"))
