"""Asks for a list of URLs with Scrapy and the crawl's safety, and tells how each visit ended.

Run in a process of its own (`python -m tests.support.visiting job.json`), because a reactor starts only once.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, SOCK_STREAM
from typing import Any, cast

from scrapy import Request, Spider
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.utils.reactor import install_reactor
from twisted.python.failure import Failure

from extractors.crawl.middlewares import safe_settings
from extractors.crawl.outcomes import outcome_of


@dataclass(frozen=True)
class Visits:
    """How the visits ended.

    Attributes:
        ends: By the URL asked for: outcome (`fetched` for any answer), reason or status, and the body's length.
        lookups: Names that were looked up, in order.
        connections: Addresses and ports that were connected to, in order, before `ports` was applied.
        peak_mib: Most memory that the process had.
    """

    ends: dict[str, tuple[str, str, int]]
    lookups: list[str]
    connections: list[tuple[str, int]]
    peak_mib: float


def visit(
    folder: Path,
    urls: Sequence[str],
    *,
    allow: Sequence[str] = (),
    names: Mapping[str, Sequence[Sequence[str]]] | None = None,
    ports: Mapping[int, int] | None = None,
    settings: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    meta: Mapping[str, Any] | None = None,
) -> Visits:
    """Visits URLs in a process of its own.

    Args:
        folder: Where the job and its answer are written.
        urls: What to ask for.
        allow: The crawl's `allow_addresses`.
        names: By name, the addresses of each of its lookups in turn, the last one staying; a name that begins
            with `slow.` takes 3 s. None: the system's.
        ports: By port, the port of 127.0.0.1 that a connection to it, wherever, is made to instead.
        settings: Scrapy settings over the safe ones.
        environment: Variables over this process's.
        meta: Meta of each request.
    """
    job, answer = folder / "job.json", folder / "answer.json"
    told = {
        "urls": list(urls),
        "allow": list(allow),
        "names": names,
        "settings": settings or {},
        "meta": meta or {},
        "ports": ports or {},
    }
    job.write_text(json.dumps(told | {"answer": str(answer)}), "utf-8")
    subprocess.run(
        [sys.executable, "-m", "tests.support.visiting", str(job)],
        check=True,
        timeout=300,
        env={**os.environ, **(environment or {})},
    )
    found = json.loads(answer.read_text("utf-8"))
    ends = {url: tuple(end) for url, end in found["ends"].items()}
    return Visits(ends, found["lookups"], [(host, port) for host, port in found["connections"]], found["peak_mib"])


class _Visitor(Spider):
    name = "visitor"

    def __init__(self, job: dict[str, Any], ends: dict[str, tuple[str, str, int]]) -> None:
        super().__init__()
        self._job, self._ends = job, ends

    async def start(self) -> AsyncIterator[Any]:
        for url in self._job["urls"]:
            meta = {**self._job["meta"], "asked": url, "handle_httpstatus_all": True}
            try:
                yield Request(url, callback=self.came, errback=self.failed, meta=meta, dont_filter=True)
            except ValueError as error:  # what Scrapy itself takes for no URL
                self._ends[url] = ("refused", str(error), 0)

    def came(self, response: Response) -> None:
        self._ends[response.meta["asked"]] = ("fetched", str(response.status), len(response.body))

    def failed(self, failure: Failure) -> None:
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it
        self._ends[request.meta["asked"]] = (*outcome_of(failure.value or RuntimeError()), 0)


def _looking_up(names: Mapping[str, Sequence[Sequence[str]]], lookups: list[str]) -> None:
    """Answers lookups from a table instead of from the system."""
    from twisted.internet._resolver import GAIResolver

    def look_up(host: str, port: int, *_rest: object) -> list[Any]:
        lookups.append(host)
        if host.startswith("slow."):
            time.sleep(3)
        answers = names.get(host, [[host] if host.replace(".", "").isdigit() else []])
        nth = min(sum(1 for name in lookups if name == host), len(answers)) - 1
        return [(AF_INET, SOCK_STREAM, 6, "", (address, port)) for address in answers[nth]]

    reactor = _reactor()
    reactor.installNameResolver(GAIResolver(reactor, getaddrinfo=cast("Any", look_up)))


def _connecting(ports: Mapping[str, int], connections: list[tuple[str, int]]) -> None:
    """Notes every connection, and makes some to this machine instead."""
    reactor = _reactor()
    connect = reactor.connectTCP

    def noted(host: str, port: int, *rest: object, **more: object) -> object:
        connections.append((host, port))
        there = ports.get(str(port))
        return connect("127.0.0.1", there, *rest, **more) if there else connect(host, port, *rest, **more)

    reactor.connectTCP = noted


def _reactor() -> Any:  # noqa: ANN401  # its type depends on the platform
    from twisted.internet import reactor

    return reactor


def main(path: str) -> None:
    """Does the job."""
    job = json.loads(Path(path).read_text("utf-8"))
    ends: dict[str, tuple[str, str, int]] = {}
    lookups: list[str] = []
    settings = {"LOG_LEVEL": "ERROR", "RETRY_ENABLED": False, "CONCURRENT_REQUESTS": 16, "STATS_DUMP": False}
    settings |= {"CONCURRENT_REQUESTS_PER_DOMAIN": 16, "DOWNLOAD_TIMEOUT": 3}
    process = CrawlerProcess({**safe_settings(job["allow"]), **settings, **job["settings"]})
    connections: list[tuple[str, int]] = []
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    _connecting(job["ports"], connections)
    if job["names"] is not None:
        _looking_up(job["names"], lookups)
    process.crawl(_Visitor, job=job, ends=ends)
    process.start()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # macOS counts bytes
    status = Path("/proc/self/status")
    if status.exists():  # Linux' ru_maxrss begins with the memory of whoever started this process
        peak = int(status.read_text("utf-8").split("VmHWM:")[1].split()[0]) / 1024
    told = {"ends": ends, "lookups": lookups, "connections": connections, "peak_mib": peak}
    Path(job["answer"]).write_text(json.dumps(told), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
