"""Readers in processes of their own; these need an importable function."""

from __future__ import annotations

import multiprocessing
from multiprocessing.synchronize import Event

from lakehouse.settings import Settings
from lakehouse.warehouse import open_reader


def read_all_the_time(
    settings: Settings, reads: int, started: Event, results: multiprocessing.Queue[list[tuple[int, int, int, int]]]
) -> None:
    """Opens the published warehouse again and again, and asks each time twice what it holds.

    Puts a list into the queue: for each read the least and greatest value and the row count of marts.t, and the
    value found by the second query.
    """
    found = []
    for _ in range(reads):
        with open_reader(settings) as reader:
            low, high, count = reader.rows("select min(a), max(a), count(*) from t")[0]
            started.set()
            found.append((low, high, count, reader.rows("select any_value(a) from t")[0][0]))
    results.put(found)
