"""Extractions in processes of their own, to be killed; and what the store holds in the end.

A fork server that has imported everything starts each of them in milliseconds.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import polars as pl
from jinja2 import Environment
from pydantic import SecretStr

from extractors import amazon, shopify, woocommerce
from extractors.amazon.auth import LoginWithAmazon
from extractors.amazon.client import Client
from extractors.amazon.connector import AmazonConnector
from extractors.api.client import Http, Patience
from extractors.api.connector import Connector
from extractors.api.extract import Job, extract
from extractors.api.registry import connector_kind
from extractors.shopify.client import Token
from extractors.shopify.connector import ShopifyConnector
from lakehouse.errors import EcomopsError
from lakehouse.landing import Manifest, find_parse, loads, read_manifest, read_parts
from lakehouse.objectstore import ObjectInfo
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import PROJECT_ROOT
from lakehouse.sources import Source
from lakehouse.warehouse.loading import load_raw
from lakehouse.windows import Window

FAILED = 3
"""Exit code of an extraction that failed as one may: to be run again."""
SOURCE = "shop"
_EVER = datetime(9999, 1, 1, tzinfo=UTC)
_MODELS = PROJECT_ROOT / "dbt_project"
_LONGEST_S = 120.0
_PATIENCE = Patience(tries=12, first_s=0.01, longest_s=1.0, budget_s=1e6)


@dataclass(frozen=True)
class Task:
    """A window of one shop, to be extracted.

    Attributes:
        kind: The connector.
        options: Its options.
        credentials: Its credentials.
        folder: Where the store and temporary files are.
        resources: What to extract, in order.
        window: Which time.
        now: The merchant's time.
        known_at: From when on the loads count as known.
    """

    kind: str
    options: Mapping[str, object]
    credentials: Mapping[str, str]
    folder: Path
    resources: tuple[str, ...]
    window: Window
    now: datetime
    known_at: datetime

    @property
    def said(self) -> Path:
        """What it said when it failed."""
        return self.folder / "said.txt"


class Extraction:
    """An extraction in a process of its own, which tells each change that it is about to make in the store.

    Args:
        task: What to extract.
    """

    def __init__(self, task: Task) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["__main__", __name__])
        self._told, telling = context.Pipe(duplex=False)
        self._process = context.Process(target=_work, args=(task, telling))
        self._process.start()
        telling.close()  # so that its end is heard

    def steps(self, wanted: float = float("inf")) -> int:
        """Waits until it is about to make so many further changes, or is over; how many they were."""
        seen = 0
        while seen < wanted and self._told.poll(_LONGEST_S):
            try:
                self._told.recv_bytes()
            except EOFError:
                break
            seen += 1
        return seen

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()

    def exit_code(self) -> int | None:
        """0: done; `FAILED`: to be run again; less than 0: killed. None: it does not end."""
        self._process.join(_LONGEST_S)
        return self._process.exitcode


class _TellingStore(DirectoryStore):
    """Tells each change before it makes it."""

    def __init__(self, root: Path, telling: Connection) -> None:
        super().__init__(root)
        self._telling = telling

    def put(self, key: str, data: bytes, *, if_absent: bool = False) -> ObjectInfo:
        self._telling.send_bytes(b".")
        return super().put(key, data, if_absent=if_absent)

    def put_file(self, key: str, path: Path, *, if_absent: bool = False) -> ObjectInfo:
        self._telling.send_bytes(b".")
        return super().put_file(key, path, if_absent=if_absent)

    def delete(self, key: str) -> None:
        self._telling.send_bytes(b".")
        super().delete(key)


def _work(task: Task, telling: Connection) -> None:
    store, connector = _TellingStore(task.folder / "store", telling), _connector(task)
    kind, siblings = connector_kind(task.kind), sources(task.kind)
    for resource in task.resources:
        job = Job(
            source=siblings[resource],
            resource=kind.resources[resource],
            window=task.window,
            known_at=task.known_at,
            landed_at=task.now,
            run_id="killed",
            api_version=kind.api_version,
            siblings=siblings,
        )
        try:
            extract(connector, job, store=store, scratch=task.folder / "scratch")
        except EcomopsError as error:
            task.said.write_text(f"{resource}: {type(error).__name__}: {error}")
            sys.exit(FAILED)


class _Hurry:
    """Time in which waiting is short, and goes by as if it had been long."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._skipped

    def sleep(self, seconds: float) -> None:
        self._skipped += seconds
        time.sleep(min(seconds, 0.002))


def _connector(task: Task) -> Connector:
    hurry = _Hurry()
    making: Mapping[str, Callable[[Task, _Hurry], Connector]] = {
        "shopify": _shopify,
        "amazon": _amazon,
        "woocommerce": _woocommerce,
    }
    return making[task.kind](task, hurry)


def _shopify(task: Task, hurry: _Hurry) -> Connector:
    options = shopify.OPTIONS.model_validate(dict(task.options))
    token = Token(task.credentials["access_token"])
    return ShopifyConnector(
        options, Http(options.address, auth=token, patience=_PATIENCE, sleep=hurry.sleep, monotonic=hurry.monotonic)
    )


def _amazon(task: Task, hurry: _Hurry) -> Connector:
    options = amazon.OPTIONS.model_validate(dict(task.options))
    login = LoginWithAmazon(
        task.credentials["client_id"],
        SecretStr(task.credentials["client_secret"]),
        SecretStr(task.credentials["refresh_token"]),
        monotonic=hurry.monotonic,
        token_url=options.token_url,
    )
    http = Http(options.base_url, auth=login, patience=_PATIENCE, sleep=hurry.sleep, monotonic=hurry.monotonic)
    return AmazonConnector(Client(http), options)


def _woocommerce(task: Task, hurry: _Hurry) -> Connector:
    options = woocommerce.OPTIONS.model_validate(dict(task.options))
    auth = woocommerce.sign_in(options, task.credentials)
    http = Http(options.url, auth=auth, patience=_PATIENCE, sleep=hurry.sleep, monotonic=hurry.monotonic)
    return woocommerce.connect(options, task.credentials, http=http)


def sources(kind: str) -> dict[str, Source]:
    """A shop's resources as the platform knows them."""
    one = connector_kind(kind)
    return {
        name: one.source(resource, name=SOURCE, title="Shop", time_zone="UTC", expected=False)
        for name, resource in one.resources.items()
    }


def staged(kind: str, store: DirectoryStore, names: Iterable[str]) -> dict[str, pl.DataFrame]:
    """What the warehouse makes of the store: its raw tables, and staging views of them, as the models say.

    Args:
        kind: The connector.
        store: The store.
        names: Raw tables as `raw.orders`, staging views as `stg_orders`; views may name those before them.
    """
    models = Environment(autoescape=False)  # noqa: S701  SQL of our own, not HTML
    macros = (_MODELS / "macros" / "versions.sql").read_text(encoding="utf-8")
    told = {"source": lambda schema, name: f"{schema}.{name}", "ref": lambda name: name}
    with duckdb.connect() as con:
        load_raw(con, store, list(sources(kind).values()), as_of=_EVER, key=b"tests")
        con.execute("create table raw.build as select 'UTC' as shop_time_zone")
        for name in names:
            if not name.startswith("raw."):
                view = (_MODELS / "models" / "staging" / f"{name}.sql").read_text(encoding="utf-8")
                con.execute(f"create view {name} as {models.from_string(macros + view).render(told)}")
        return {name: con.sql(f"from {name}").pl() for name in names}


def rows(kind: str, store: DirectoryStore, resource: str) -> pl.DataFrame:
    """All rows of a resource's main stream, of all loads."""
    source, found = sources(kind)[resource], []
    for ref in loads(store, SOURCE, resource):
        record = find_parse(store, read_manifest(store, ref), source.parse_digest)
        assert record is not None
        found.append(pl.read_parquet(store.fetch(record.rows.key, sha256=record.rows.sha256)))
    return pl.concat(found)


def assert_accounted(kind: str, store: DirectoryStore, windows: Iterable[Window], resources: Iterable[str]) -> None:
    """Each window has its loads, none of them twice; all pages are there; each record is where the manifest says.

    Args:
        kind: The connector.
        store: The store.
        windows: The windows that were extracted.
        resources: The resources that were.
    """
    assert not list(store.list("checkpoints/"))
    expected = set(windows)
    for resource in resources:
        source = sources(kind)[resource]
        refs = list(loads(store, SOURCE, resource))
        assert {ref.window for ref in refs} == expected, resource
        manifests = [read_manifest(store, ref) for ref in refs]
        for before, after in pairwise(sorted(manifests, key=lambda one: (one.window, one.ref.rank))):
            assert _content(before) != _content(after), f"{resource}: the same pages were landed twice"
        for manifest in manifests:
            _assert_whole(store, manifest, source)


def _content(manifest: Manifest) -> tuple[Window, tuple[str, ...]]:
    return manifest.window, tuple(part.content_sha256 for part in manifest.parts)


def _assert_whole(store: DirectoryStore, manifest: Manifest, source: Source) -> None:
    pages = list(read_parts(store, manifest))  # holds what is stored to its SHA-256
    told = [(part.content_sha256, part.content_bytes) for part in manifest.parts]
    assert [(hashlib.sha256(page.data).hexdigest(), len(page.data)) for page in pages] == told
    assert len({page.name for page in pages}) == len(pages)
    record, counts = find_parse(store, manifest, source.parse_digest), manifest.counts
    assert record is not None
    assert record.counts == counts
    assert counts.received == counts.landed + counts.deduplicated + counts.quarantined
    assert counts.quarantined == 0
    origins = [
        pl.read_parquet(store.fetch(rows.key, sha256=rows.sha256), columns=["source_file", "source_row"])
        for rows in record.tables(manifest.stream).values()
    ]
    held = pl.concat(origins).unique()
    assert held.height == counts.landed, manifest.ref
    assert set(held["source_file"]) <= {page.name for page in pages}
