"""Makes every report of a snapshot and stores it: in a folder for people, in object storage to keep."""

from __future__ import annotations

import mimetypes
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lakehouse.files import sha256_file
from lakehouse.objectstore import ObjectStore, open_store
from lakehouse.settings import Settings
from reports import dashboard, exports, weekly
from reports.tables import Frames, read_run, reported_week


@dataclass(frozen=True)
class Artefact:
    """One file that was made.

    Attributes:
        kind: weekly, dashboard or exports.
        language: The language it is in; empty where it has none or all of them.
        path: Where people find it.
        key: Its name in object storage.
        media_type: MIME type.
        size: Length in bytes.
        sha256: Hash of its bytes; the same snapshot gives the same.
    """

    kind: str
    language: str
    path: Path
    key: str
    media_type: str
    size: int
    sha256: str


def publish_all(reader: Frames, settings: Settings, *, week: date | None = None) -> list[Artefact]:
    """Makes the weekly PDF in every language, the dashboard and the exports, and stores them all.

    Files go to ``var/reports/<week>/`` (the newest run's replace an older one's), objects to
    ``reports/<kind>/week=…/run=…/…`` (every run's are kept).

    Args:
        reader: The published warehouse.
        settings: Where to write, the languages, the shop's name.
        week: Any day of the week to report; None for the last full week.

    Raises:
        NothingPublishedError: If the report tables were never filled.
        StoreUnavailableError: If object storage cannot be reached.
    """
    run = read_run(reader)
    start = reported_week(run, week)
    folder = settings.var / "reports" / start.isoformat()
    made: list[tuple[str, str, Path]] = []
    for language in settings.report_languages:
        path = weekly.build(reader, week=start, language=language, out_dir=folder, shop=settings.shop_name)
        made.append(("weekly", language, path))
    languages = settings.report_languages
    page = dashboard.build(reader, out_dir=folder, week=start, languages=languages, shop=settings.shop_name)
    made.append(("dashboard", "", page))
    made += [("exports", "", path) for path in exports.write_all(reader, out_dir=folder / "exports")]
    store = open_store(settings)
    place = f"week={start.isoformat()}/run={_segment(run.run_id)}"
    return [
        _stored(store, kind, language, path, f"reports/{kind}/{place}/{_name(path, folder, kind)}")
        for kind, language, path in made
    ]


def _name(path: Path, folder: Path, kind: str) -> str:
    return path.relative_to(folder / kind if kind == "exports" else folder).as_posix()


def _segment(run_id: str) -> str:
    """The run id as object keys may hold it."""
    return re.sub(r"[^A-Za-z0-9_=+@-]", "-", run_id).strip("-") or "run"


def _stored(store: ObjectStore, kind: str, language: str, path: Path, key: str) -> Artefact:
    store.put_file(key, path)
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Artefact(kind, language, path, key, media_type, path.stat().st_size, sha256_file(path))
