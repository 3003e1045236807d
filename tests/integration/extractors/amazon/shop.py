"""The merchant's Amazon shop over HTTP: a server, a connector that reads it, and what has landed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
from pydantic import SecretStr
from starlette.applications import Starlette

from extractors.amazon import API_VERSION, RESOURCES
from extractors.amazon.auth import LoginWithAmazon
from extractors.amazon.client import Client
from extractors.amazon.connector import AmazonConnector
from extractors.amazon.resources import Options
from extractors.api.client import Http, Patience
from extractors.api.extract import Extracted, Job, Limit, extract
from extractors.api.registry import connector_kind
from lakehouse.landing import find_parse, live_loads, loads, read_manifest
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.sources import LoadMode, Source
from lakehouse.windows import Window
from sandbox import amazon as sandbox
from sandbox.serving import Faults, SandboxClock, serve
from sandbox.world import World

END = datetime(2026, 2, 10, tzinfo=UTC)
"""When all is over: the last refunds and payouts come weeks after the last order."""
BEGIN = datetime(2025, 10, 15, tzinfo=UTC)
GENEROUS: Mapping[str, sandbox.Rate] = {name: sandbox.Rate(1e6, 10**6) for name in sandbox.USAGE_PLANS}


@dataclass
class SimulatedTime:
    """Seconds that pass only while somebody sleeps."""

    seconds: float = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Shop:
    """A running shop and a lakehouse of its own."""

    app: Starlette
    clock: SandboxClock
    faults: Faults
    time: SimulatedTime
    connector: AmazonConnector
    options: Options
    http: Http
    url: str
    store: DirectoryStore
    scratch: Path
    landed: int = field(default=0)

    def extract(self, resource: str, start: datetime = BEGIN, end: datetime = END, limit: float = 0.0) -> Extracted:
        """Extracts a window as the platform does."""
        self.landed += 1
        moment = self.clock.now().replace(microsecond=0)
        job = Job(
            source=source(resource),
            resource=RESOURCES[resource],
            window=Window(start, end),
            known_at=moment + timedelta(seconds=self.landed),
            landed_at=moment,
            run_id=f"run-{self.landed}",
            api_version=API_VERSION,
            limit=Limit(max_share=limit),
        )
        return extract(self.connector, job, store=self.store, scratch=self.scratch)

    def rows(self, resource: str, table: str) -> pl.DataFrame:
        """The rows that count: of records with versions the newest one's, of windows the last load's."""
        one = source(resource)
        frames = []
        refs = list(loads(self.store, one.name, one.stream))
        live = {load.ref: load.segments for load in live_loads(refs, as_of=datetime.max.replace(tzinfo=UTC))}
        for rank, ref in enumerate(sorted(refs, key=lambda ref: ref.rank)):
            record = find_parse(self.store, read_manifest(self.store, ref), one.parse_digest)
            assert record is not None
            stored = record.tables(ref.stream).get(table)
            if stored is None:  # a load without any page
                continue
            rows = pl.read_parquet(self.store.fetch(stored.key, sha256=stored.sha256))
            if one.mode is LoadMode.WINDOW:
                at = pl.col("occurred_at")
                inside = [
                    (at >= part.start.replace(tzinfo=None)) & (at < part.end.replace(tzinfo=None))
                    for part in live.get(ref, ())
                ]
                rows = rows.filter(pl.any_horizontal(inside)) if inside else rows.clear()
            frames.append(rows.with_columns(pl.lit(rank).alias("rank")))
        found = pl.concat(frames)
        if one.mode is LoadMode.WINDOW:
            return found
        key = ["record_ref", "version_at", "rank"]
        newest = found.select(key).unique().sort(key).unique("record_ref", keep="last", maintain_order=True)
        return found.join(newest, on=key, how="semi", maintain_order="left")


def source(resource: str) -> Source:
    """The resource as it is declared."""
    kind = connector_kind("amazon")
    return kind.source(
        RESOURCES[resource], name="shop_amazon", title="Amazon", time_zone="Europe/London", expected=True
    )


@contextmanager
def running(
    world: World,
    folder: Path,
    *,
    now: datetime = END,
    rates: Mapping[str, sandbox.Rate] = GENEROUS,
    faults: Faults | None = None,
    patience: Patience | None = None,
    marketplaces: tuple[str, ...] = ("UK", "JP"),
) -> Iterator[Shop]:
    """A shop whose clock stands at `now`."""
    clock, passing, broken = SandboxClock(now), SimulatedTime(), faults or Faults()
    app = sandbox.app(world, clock, broken, rates=rates, monotonic=passing.monotonic)
    with serve(app) as server:
        options = Options(
            marketplaces=marketplaces, endpoint=server.url, token_url=f"{server.url}/auth/o2/token", poll_s=15
        )
        login = LoginWithAmazon(
            sandbox.CLIENT_ID,
            SecretStr(sandbox.CLIENT_SECRET),
            SecretStr(sandbox.REFRESH_TOKEN),
            monotonic=passing.monotonic,
            token_url=options.token_url,
        )
        http = Http(
            options.base_url,
            auth=login,
            patience=patience or Patience(tries=12, longest_s=300, budget_s=1e9),
            sleep=passing.sleep,
            monotonic=passing.monotonic,
            wall=clock.now,
            timeout_s=10,
        )
        connector = AmazonConnector(Client(http), options)
        store = DirectoryStore(folder / "store")
        yield Shop(app, clock, broken, passing, connector, options, http, server.url, store, folder / "scratch")
        http.close()
