"""`ecomops doctor`: looks at everything an installation needs, and names the remedy for what is wrong."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import SecretStr

from ecomops.demo import SHARED
from lakehouse.errors import EcomopsError
from lakehouse.objectstore import open_store
from lakehouse.settings import PROJECT_ROOT
from lakehouse.warehouse import CURRENT, Warehouse, open_reader

if TYPE_CHECKING:
    from lakehouse.settings import Settings

_PACKAGES = ("apache-airflow", "dbt-core", "dbt-duckdb", "duckdb", "polars", "prophet", "mlxtend", "great-expectations")
_LEAST_FREE_GB = 5


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        level: ok, note (works without), or bad.
        what: The thing.
        found: What was found.
        remedy: What to do; empty where nothing has to be done.
    """

    level: Literal["ok", "note", "bad"]
    what: str
    found: str
    remedy: str = ""


def diagnose(settings: Settings) -> list[Finding]:
    """Everything that was looked at, in order of dependence."""
    checks: tuple[Callable[[Settings], list[Finding]], ...] = (
        _python,
        _packages,
        _disk,
        _settings,
        _store,
        _warehouse,
        _mappings,
        _airflow,
        _data,
    )
    findings = []
    for check in checks:
        try:
            findings += check(settings)
        except EcomopsError as error:
            findings.append(Finding("bad", check.__name__.strip("_"), error.message, error.remedy))
    return findings


def _python(settings: Settings) -> list[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    fits = (3, 11) <= sys.version_info[:2] < (3, 13)
    return [Finding("ok" if fits else "bad", "Python", version, "" if fits else "Use Python 3.11 or 3.12.")]


def _packages(settings: Settings) -> list[Finding]:
    missing, found = [], []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return [Finding("bad", "packages", f"missing: {', '.join(missing)}", "Run `make bootstrap`.")]
    return [Finding("ok", "packages", ", ".join(found))]


def _disk(settings: Settings) -> list[Finding]:
    folder = settings.var
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    if free < _LEAST_FREE_GB:
        remedy = "Free some space, lower ECOMOPS_KEEP_SNAPSHOTS, or set ECOMOPS_VAR_DIR to a larger disk."
        return [Finding("bad", "disk", f"{free:.1f} GB free at {folder}", remedy)]
    return [Finding("ok", "disk", f"{free:.0f} GB free at {folder}")]


def _settings(settings: Settings) -> list[Finding]:
    changed = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if value != field.default:
            shown = "(secret)" if isinstance(value, SecretStr) else str(value)
            changed.append(f"ECOMOPS_{name.upper()}={shown}")
    found = ", ".join(changed) or "all as they come"
    return [Finding("ok", "settings", found)]


def _store(settings: Settings) -> list[Finding]:
    store = open_store(settings)
    key, word = "doctor/probe.txt", b"written by ecomops doctor"
    store.put(key, word)
    same = store.get(key) == word
    store.delete(key)
    if not same:
        return [Finding("bad", "object store", f"{store.url} gives back other bytes", "Check the server.")]
    return [Finding("ok", "object store", f"{store.url}: written, read and deleted")]


def _warehouse(settings: Settings) -> list[Finding]:
    warehouse = Warehouse(settings, open_store(settings))
    snapshot = warehouse.published(CURRENT)
    if snapshot is None:
        return [Finding("note", "warehouse", "nothing published yet", "Run `make demo`, or close a day.")]
    with open_reader(settings) as reader:
        tables = len(reader.tables())
    return [Finding("ok", "warehouse", f"{snapshot.snapshot_id}, {tables} tables, {snapshot.size / 1e6:.0f} MB")]


def _mappings(settings: Settings) -> list[Finding]:
    from extractors import files

    names = [mapping.name for mapping in files.declared(settings.mappings)]
    return [Finding("ok", "file mappings", ", ".join(names))]


def _airflow(settings: Settings) -> list[Finding]:
    database = PROJECT_ROOT / "var" / "airflow" / "airflow.db"
    if not database.exists():
        return [Finding("note", "Airflow", "not set up yet", "`make airflow` sets it up and starts it.")]
    return [Finding("ok", "Airflow", f"set up at {database.relative_to(PROJECT_ROOT)}")]


def _data(settings: Settings) -> list[Finding]:
    places = (SHARED, settings.drops / "online_retail")
    there: list[Path] = [place for place in places if place.exists() and any(place.iterdir())]
    if there:
        return [Finding("ok", "Online Retail data", str(there[0]))]
    remedy = "`ecomops fetch online-retail`, or let the demo generate a shop."
    return [Finding("note", "Online Retail data", "none", remedy)]
