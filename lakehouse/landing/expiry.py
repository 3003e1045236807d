"""Removing what interrupted extractions left behind: pages that no load counts, and checkpoints nobody resumes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from lakehouse.errors import ConfigError
from lakehouse.landing.manifest import LoadRef
from lakehouse.landing.paged import RESUMABLE, read_checkpoint
from lakehouse.landing.stored import read_manifest
from lakehouse.objectstore import ObjectInfo, ObjectStore


def expire_pages(store: ObjectStore, keep_days: int, now: datetime) -> list[str]:
    """Removes checkpoints that are older than so many days, and pages as old that nothing names.

    A page is in use while a manifest or a checkpoint names it. One that was just stored is named a moment later:
    that is what the days are for. What is being resumed is safe as well, as no run resumes so old a checkpoint.

    Args:
        store: Where the loads are.
        keep_days: How long what nobody names is kept; more days than a checkpoint is resumed for.
        now: The wall clock, aware; it is compared with the moments at which the store wrote its objects.

    Returns:
        The keys that are gone.

    Raises:
        ConfigError: If `keep_days` is so few that an extraction could still go on from what is removed.
        ObjectCorruptError: If a manifest cannot be read: nothing at all is removed then.
    """
    if timedelta(days=keep_days) <= RESUMABLE:
        raise ConfigError(
            f"Pages cannot expire after {keep_days} days: an extraction may go on after {RESUMABLE.days} days.",
            remedy=f"Keep them for {RESUMABLE.days + 1} days or more.",
        )
    before = now - timedelta(days=keep_days)
    # The order matters: a page that is listed was stored before the checkpoints and manifests that are read now.
    folders = _folders_of_old_pages(store, before)
    checkpoints = list(store.list("checkpoints/"))
    gone = [info.key for info in checkpoints if _is_older(info, before)]
    named = {key for info in checkpoints if not _is_older(info, before) for key in _pages_of(store, info.key)}
    for folder in folders:
        named |= _counted(store, folder)
    for folder in folders:  # listed again: a run may have stored the same bytes in the meantime
        gone += [info.key for info in store.list(f"{folder}/pages/") if _is_older(info, before)]
    gone = sorted(key for key in gone if key not in named)
    for key in gone:
        store.delete(key)
    return gone


def _folders_of_old_pages(store: ObjectStore, before: datetime) -> list[str]:
    """The folders of those windows that hold an old page."""
    keys = [info.key.split("/") for info in store.list("raw/") if _is_older(info, before)]
    return sorted({"/".join(parts[:4]) for parts in keys if len(parts) == 6 and parts[4] == "pages"})


def _pages_of(store: ObjectStore, checkpoint: str) -> set[str]:
    found = read_checkpoint(store, checkpoint)
    return {part.key for part in found.parts} if found else set()


def _counted(store: ObjectStore, folder: str) -> set[str]:
    """The pages that a window's manifests name."""
    return {part.key for ref in _loads(store, folder) for part in read_manifest(store, ref).parts}


def _loads(store: ObjectStore, folder: str) -> Iterator[LoadRef]:
    for info in store.list(f"{folder}/load="):
        if info.key.endswith("/_manifest.json"):
            yield LoadRef.from_key(info.key)


def _is_older(info: ObjectInfo, before: datetime) -> bool:
    return info.modified_at is not None and info.modified_at < before
