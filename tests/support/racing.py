"""Writers that start at the same moment; separate processes need an importable function."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.synchronize import Barrier

from lakehouse.errors import ObjectExistsError
from lakehouse.objectstore import ObjectStore, open_store
from lakehouse.settings import Settings


def try_put(store: ObjectStore, key: str, data: bytes) -> bytes | None:
    """The bytes, if this writer won; None if another was first."""
    try:
        store.put(key, data, if_absent=True)
    except ObjectExistsError:
        return None
    return data


def race_threads(store: ObjectStore, key: str, writers: int) -> list[bytes]:
    """What the winners among so many threads wrote."""
    start = threading.Barrier(writers)

    def write(number: int) -> bytes | None:
        start.wait()
        return try_put(store, key, b"writer %d" % number)

    with ThreadPoolExecutor(writers) as pool:
        return [data for data in pool.map(write, range(writers)) if data is not None]


def race_processes(settings: Settings, keys: list[str], writers: int) -> dict[str, list[bytes]]:
    """What the winners among so many processes wrote, for each of the keys."""
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(writers)
    results: multiprocessing.Queue[dict[str, bytes]] = context.Queue()
    processes = [
        context.Process(target=_write_all, args=(settings, keys, number, start, results), daemon=True)
        for number in range(writers)
    ]
    for process in processes:
        process.start()
    won = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(timeout=30)
    return {key: [mine[key] for mine in won if key in mine] for key in keys}


def _write_all(
    settings: Settings,
    keys: list[str],
    number: int,
    start: Barrier,
    results: multiprocessing.Queue[dict[str, bytes]],
) -> None:
    store = open_store(settings)
    won = {}
    for key in keys:
        start.wait(timeout=120)
        data = try_put(store, key, b"process %d" % number)
        if data is not None:
            won[key] = data
    results.put(won)
