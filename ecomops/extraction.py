"""Extracting what shops and other services give over a network: what the DAGs, the command line and the demo call."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from expectations.raw import validate
from extractors.api.extract import Extracted, Job, extract, read_again
from extractors.declared import DeclaredApi, declared_apis, find_api
from lakehouse.credentials import Connections, resolve
from lakehouse.errors import ConfigError
from lakehouse.landing import LoadRef, read_manifest, unread, write_parse
from lakehouse.objectstore import open_store
from lakehouse.sources import Source
from lakehouse.windows import Window, zone

if TYPE_CHECKING:
    from extractors.api.connector import Connector, Finding
    from lakehouse.settings import Settings


@dataclass(frozen=True)
class ExtractSummary:
    """What extracting a resource's window came to.

    Attributes:
        source: The source.
        resource: The resource.
        window: The window, as a key.
        unchanged: Whether exactly these pages were there before.
        resumed_after: Pages that an interrupted run had stored.
        rows: Records received, landed, deduplicated and quarantined.
        tables: Rows by canonical stream.
    """

    source: str
    resource: str
    window: str
    unchanged: bool
    resumed_after: int
    rows: Mapping[str, int]
    tables: Mapping[str, int]


@dataclass(frozen=True)
class Account:
    """A declared source with its connector, for several extractions in a row."""

    api: DeclaredApi
    connector: Connector


def connect(
    settings: Settings,
    name: str,
    connections: Connections | None = None,
    *,
    further: Mapping[str, str] | None = None,
) -> Account:
    """Connects to a declared source; nothing is asked yet.

    Args:
        settings: Where the declaration is.
        name: Name of the source.
        connections: How Airflow connections are read; None outside of Airflow.
        further: Variables that count where the environment has none.

    Raises:
        ConfigError: If the source, a credential or an option is missing or wrong, or its data may not be kept here.
    """
    api = find_api(settings.sources, name)
    if api.residency and settings.store_residency and api.residency != settings.store_residency:
        raise ConfigError(
            f"{name} may not leave {api.residency}, and the object store is in {settings.store_residency}.",
            remedy="Run it where ECOMOPS_STORE_RESIDENCY is the source's residency.",
        )
    if api.residency and not settings.store_residency:
        raise ConfigError(
            f"{name} may not leave {api.residency}, and nobody said where the object store is.",
            remedy="Set ECOMOPS_STORE_RESIDENCY.",
        )
    kind = api.kind
    return Account(api, kind.connect(kind.options(api.options), resolve(api.credentials, connections, further=further)))


def check(settings: Settings, name: str, connections: Connections | None = None) -> list[Finding]:
    """What a source's credentials, permissions, quotas and a sample look like."""
    return connect(settings, name, connections).connector.check()


def run(
    settings: Settings,
    account: Account,
    resource: str,
    window: Window,
    *,
    known_at: datetime,
    now: datetime,
    run_id: str,
    progress: Callable[[int], None] = lambda _: None,
) -> ExtractSummary:
    """Extracts a window of a resource.

    Args:
        settings: Where to.
        account: The source.
        resource: Name of the resource.
        window: Which time.
        known_at: From when on the load counts as known.
        now: The wall clock, read by whoever started this.
        run_id: The run.
        progress: Told how many records came so far.

    Raises:
        ConfigError: If the source does not extract that resource.
        ApiError: If the vendor refuses or cannot be reached.
        QuarantineLimitError: If more records fail than may.
    """
    job = _job(settings, account.api, resource, window, known_at=known_at, now=now, run_id=run_id)
    job = replace(job, progress=progress)
    done = extract(account.connector, job, store=open_store(settings), scratch=settings.var / "tmp")
    return _summary(job, done)


def windows_of(account: Account, resource: str, window: Window) -> list[Window]:
    """The windows that a scheduled run of one window lands: those before it that the vendor states again, too.

    Before whole days of the source's zone come whole days: where clocks change, they are of another length.
    """
    lookback, tz = account.api.kind.resources[resource].lookback, account.api.time_zone
    first, after = (bound.astimezone(zone(tz)) for bound in (window.start, window.end))
    is_days = all(bound.time() == time() for bound in (first, after))
    earlier = [_shifted(window, back, tz if is_days else None) for back in range(lookback, 0, -1)]
    return [*earlier, window]


def _shifted(window: Window, back: int, days_of: str | None) -> Window:
    """The window so many of its own lengths earlier, counted in days of a time zone or in hours."""
    if days_of is None:
        length = window.end - window.start
        return Window(window.start - length * back, window.end - length * back)
    first, after = (bound.astimezone(zone(days_of)).date() for bound in (window.start, window.end))
    length = after - first
    return Window.local_days(first - length * back, after - length * back - timedelta(days=1), days_of)


def declared_api_sources(settings: Settings) -> list[Source]:
    """What the warehouse knows of every resource that is declared."""
    return [source for api in declared_apis(settings.sources) for source in api.sources().values()]


def reparse(settings: Settings, names: Sequence[str] | None = None, *, within: Window | None = None) -> int:
    """Reads again what was landed under an earlier version of a connector; returns how many loads that were.

    Args:
        settings: Where the loads are.
        names: Which sources; None: all.
        within: Loads of windows that reach into this one; None: all.
    """
    store, count = open_store(settings), 0
    for api in declared_apis(settings.sources):
        if names is not None and api.name not in names:
            continue
        for resource, source in api.sources().items():
            for ref in unread(store, source.name, source.stream, source.parse_digest):
                if within is not None and not (ref.window.start < within.end and within.start < ref.window.end):
                    continue
                _read_again(settings, api, resource, ref)
                count += 1
    return count


def _read_again(settings: Settings, api: DeclaredApi, resource: str, ref: LoadRef) -> None:
    kind, store = api.kind, open_store(settings)
    manifest = read_manifest(store, ref)
    placeholder = dict.fromkeys(kind.credentials, "not needed for reading")
    connector: Connector = kind.module.connect(kind.options(api.options), placeholder)
    job = _job(
        settings,
        api,
        resource,
        ref.window,
        known_at=ref.known_at,
        now=manifest.landed_at,
        run_id=manifest.run_id,
    )
    parsed = read_again(connector, job, manifest.parts, store=store, scratch=settings.var / "tmp")
    write_parse(store, ref, parsed, job.source.parse_digest, main=job.source.tables[0], mode=job.source.mode)


def _job(
    settings: Settings,
    api: DeclaredApi,
    resource: str,
    window: Window,
    *,
    known_at: datetime,
    now: datetime,
    run_id: str,
) -> Job:
    siblings = api.sources()
    if resource not in siblings:
        raise ConfigError(
            f"{api.name} does not extract {resource!r}.", remedy=f"It is declared with: {', '.join(siblings)}."
        )
    declared, told = api.kind.resources[resource], api.resources[resource]
    if told.overlap_minutes is not None:
        declared = replace(declared, overlap=timedelta(minutes=told.overlap_minutes))
    return Job(
        source=siblings[resource],
        resource=declared,
        window=window,
        known_at=known_at,
        landed_at=now,
        run_id=run_id,
        api_version=api.kind.api_version,
        options=json.dumps(api.options, sort_keys=True, default=str),
        siblings=siblings,
        limit=api.quarantine.limit(),
        validate=functools.partial(validate, keep_in=settings.var / "gx" / "results"),
    )


def _summary(job: Job, done: Extracted) -> ExtractSummary:
    counts = done.manifest.counts
    return ExtractSummary(
        source=job.source.name,
        resource=job.resource.name,
        window=job.window.key,
        unchanged=done.unchanged,
        resumed_after=done.resumed_after,
        rows={name: getattr(counts, name) for name in ("received", "landed", "deduplicated", "quarantined")},
        tables={name: rows for name, rows in done.manifest.parse.row_counts.items() if rows},
    )
