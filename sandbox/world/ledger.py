"""What happens to stock, written down as arrays and handed over as tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from sandbox.world.catalogue import FIRST_VARIANT
from sandbox.world.seasons import Integers
from sandbox.world.spec import WorldSpec

FIRST_LOCATION = 1  # a market sells from the location of the same number: 1 London, 2 Berlin, 3 and 4 Amazon's
KINDS = ("receipt", "damage", "adjustment", "transfer")
REFERENCES = ("", "PO-", "FBA", "LAUNCH-")

_INSTANTS = {"at": "occurred_at", "ordered": "ordered_at", "expected": "expected_at", "received": "received_at"}


class Ledger:
    """Collects rows until they are taken.

    Args:
        spec: For the first day.
        size: Number of variants: places are market times size + variant.
    """

    def __init__(self, spec: WorldSpec, size: int) -> None:
        self._begin = np.datetime64(spec.first_day, "us")
        self._size = size
        self._rows: dict[str, list[dict[str, npt.NDArray[np.int64]]]] = {}

    def note(self, table: str, count: int, **columns: Integers | int) -> None:
        """Adds `count` rows; a single number stands for all of them."""
        if count:
            full = {name: np.broadcast_to(np.asarray(values, np.int64), (count,)) for name, values in columns.items()}
            self._rows.setdefault(table, []).append(full)

    def move(
        self, place: Integers, quantity: Integers, kind: str, at: int, prefix: str = "", number: Integers | int = 0
    ) -> None:
        """Adds movements of stock.

        Args:
            place: Where.
            quantity: Signed units.
            kind: One of `KINDS`.
            at: Seconds since the beginning.
            prefix: One of `REFERENCES`, empty for no reference.
            number: What follows the prefix.
        """
        self.note(
            "stock_movements",
            len(place),
            location_id=place // self._size + FIRST_LOCATION,
            variant_id=place % self._size + FIRST_VARIANT,
            quantity=quantity,
            at=at,
            kind=KINDS.index(kind),
            prefix=REFERENCES.index(prefix),
            number=number,
        )

    def take(self) -> dict[str, pl.DataFrame]:
        """The rows since the last call: `stock_movements`, `purchase_orders`, `po_lines`, `receipts`."""
        taken = {}
        for table, parts in self._rows.items():
            frame = pl.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
            begin = pl.lit(self._begin.item()).cast(pl.Datetime("us"))
            instants = {column: name for column, name in _INSTANTS.items() if column in frame.columns}
            taken[table] = frame.with_columns(
                (begin + pl.duration(seconds=column)).alias(name) for column, name in instants.items()
            )
        self._rows = {}
        if "stock_movements" in taken:
            taken["stock_movements"] = _worded(taken["stock_movements"])
        return taken


def _worded(moves: pl.DataFrame) -> pl.DataFrame:
    prefix = pl.col("prefix").replace_strict(dict(enumerate(REFERENCES)))
    number = pl.col("number").cast(pl.String).str.zfill(6)
    return moves.select(
        "location_id",
        "variant_id",
        "quantity",
        "occurred_at",
        kind=pl.col("kind").replace_strict(dict(enumerate(KINDS))),
        reference=pl.when(prefix != "").then(prefix + number),
    )
