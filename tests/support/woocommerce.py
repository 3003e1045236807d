"""A simulated merchant whose WooCommerce shop has some of everything, and what the connector lands of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from extractors.api.client import Http, Patience
from extractors.api.extract import Extracted, Job, extract
from extractors.api.registry import connector_kind
from extractors.woocommerce import connect, sign_in
from extractors.woocommerce.connector import WooCommerce
from extractors.woocommerce.resources import Options
from lakehouse.landing import find_parse, loads, read_manifest
from lakehouse.objectstore import fetch_many
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.sources import Source
from lakehouse.windows import Window
from sandbox.woocommerce import CONSUMER_KEY, CONSUMER_SECRET
from sandbox.world import World, WorldSpec, generate

SPEC = WorldSpec(2, date(2025, 10, 16), date(2025, 12, 14), 40.0, 60, 400, 30)
END = datetime(2026, 2, 10, tzinfo=UTC)
"""When all is over: the last refunds come weeks after the last orders."""


def made_up_shop(folder: Path) -> World:
    """The merchant; about 1,000 orders of the shop. Takes two seconds."""
    return generate(folder, SPEC)


@dataclass
class Books:
    """What was landed of a shop, extracted through the real connector.

    Attributes:
        connector: The connector.
        store: Where it lands.
        scratch: Folder for temporary files.
    """

    connector: WooCommerce
    store: DirectoryStore
    scratch: Path

    @property
    def sources(self) -> dict[str, Source]:
        """The shop's resources as the platform knows them."""
        kind = connector_kind("woocommerce")
        return {
            name: kind.source(one, name="woo", title="Shop", time_zone="Europe/Berlin", expected=True)
            for name, one in kind.resources.items()
        }

    def take_in(self, resource: str, start: datetime, end: datetime) -> Extracted:
        """Extracts one window at its end."""
        kind, sources = connector_kind("woocommerce"), self.sources
        job = Job(
            source=sources[resource],
            resource=kind.resources[resource],
            window=Window(start, end),
            known_at=end,
            landed_at=end,
            run_id="test",
            api_version=kind.api_version,
            siblings=sources,
        )
        return extract(self.connector, job, store=self.store, scratch=self.scratch)

    def versions(self, resource: str, table: str) -> pl.DataFrame:
        """All rows that were landed of a table, the load they came with in `load_no`."""
        source, found = self.sources[resource], []
        for number, ref in enumerate(loads(self.store, source.name, source.stream)):
            record = find_parse(self.store, read_manifest(self.store, ref), source.parse_digest)
            stored = record.tables(ref.stream).get(table) if record is not None else None
            if stored is not None:
                (path,) = fetch_many(self.store, [(stored.key, stored.sha256)])
                found.append(pl.read_parquet(path).with_columns(load_no=pl.lit(number)))
        return pl.concat(found)

    def newest(self, resource: str, table: str) -> pl.DataFrame:
        """A table as it counts: of each record the rows of its newest version, without deleted records."""
        main = self.versions(resource, self.sources[resource].tables[0])
        order = ["version_at", "load_no", "source_file", "source_row"]
        heads = main.sort(order).unique("record_ref", keep="last").select("record_ref", *order)
        rows = self.versions(resource, table).join(heads, on=["record_ref", *order], how="semi")
        return rows.filter(~pl.col("record_ref").is_in(self._deleted(rows, resource).implode()))

    def _deleted(self, rows: pl.DataFrame, resource: str) -> pl.Series:
        if resource != "orders":
            return pl.Series([], dtype=pl.String)
        gone = self.versions("deletions", "deletions").group_by("record_ref").agg(gone_at=pl.col("version_at").max())
        both = rows.join(gone, on="record_ref")
        return both.filter(pl.col("gone_at") >= pl.col("version_at"))["record_ref"].unique()


def books(url: str, folder: Path, **more: object) -> Books:
    """A connector to a running shop over http, in a hurry, and an empty store.

    Args:
        url: The shop's address.
        folder: An empty folder.
        more: Options of the connector.
    """
    options = Options.model_validate({"url": url, "auth": "basic", "requests_per_second": 1000, "burst": 1000, **more})
    credentials = {"consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET}
    patience = Patience(tries=12, longest_s=0.0, first_s=0.0)
    http = Http(options.url, auth=sign_in(options, credentials), patience=patience, sleep=lambda _seconds: None)
    return Books(connect(options, credentials, http=http), DirectoryStore(folder / "store"), folder / "scratch")
