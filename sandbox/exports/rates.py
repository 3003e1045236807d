"""The European Central Bank's file of all reference rates: newest day first, N/A for none, a comma too many."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import polars as pl

from sandbox.exports.writing import put, zipped
from sandbox.world.store import World

DROP = "ecb_fx"
_FILE = "eurofxref-hist"


def write(world: World, folder: Path, first_day: date, last_day: date) -> dict[str, int]:
    """The file as it is on the evening of the last day, with all days before it."""
    rates = world.scan("fx_rates").filter(pl.col("date") <= last_day).collect()
    table = rates.pivot("currency", index="date", values="rate_per_eur").sort("date", descending=True)
    currencies = sorted(set(table.columns) - {"date"})
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["Date", *currencies, ""])
    for row in table.select("date", *currencies).iter_rows():
        writer.writerow([*("N/A" if cell is None else cell for cell in row), ""])
    put(folder / DROP / f"{_FILE}.zip", zipped(f"{_FILE}.csv", out.getvalue().encode()))
    return {DROP: 1}
