"""Many objects at once: S3 answers slowly, but answers many."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lakehouse.objectstore.base import ObjectStore


def fetch_many(store: ObjectStore, wanted: Iterable[tuple[str, str]], *, workers: int = 16) -> list[Path]:
    """Local, verified files for many objects.

    Args:
        store: Where they are.
        wanted: Key and SHA-256 of each.
        workers: How many are under way at once.

    Returns:
        One path for each, in the order given.

    Raises:
        ObjectNotFoundError: If one is missing.
        ObjectCorruptError: If one's bytes changed; the message names it.
        StoreUnavailableError: If the store cannot be reached.
    """
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="fetch") as pool:
        running = [pool.submit(store.fetch, key, sha256=sha256) for key, sha256 in wanted]
        try:
            return [one.result() for one in running]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # what has not begun need not begin
            raise
