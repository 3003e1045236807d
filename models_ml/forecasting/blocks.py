"""Demand in blocks of seven days: what the weekly models and the global model see of a panel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]
DAYS = 7


@dataclass(frozen=True)
class Blocks:
    """Seven-day blocks that end with the last known day, oldest first.

    Attributes:
        level: Mean demand of an average trading day in each block, products × blocks. A block in which the shop was
            closed, or the product out of stock throughout, takes the value of the block before it.
        first: Column of the block of each product's first demand.
        net_price: Price per unit, carried forward over blocks without a sale; nan before the first.
        discount: Share of the gross value that was given away, 0 where nothing was sold.
        out_share: Share of the trading days on which the product could not be had.
    """

    level: Floats
    first: Ints
    net_price: Floats
    discount: Floats
    out_share: Floats

    def series(self, at_least: int) -> list[Floats]:
        """Each product's levels since its first demand; a short one is led in by its own mean."""
        rows = []
        for row, first in zip(self.level, self.first, strict=True):
            known = row[first:]
            missing = at_least - known.size
            rows.append(known if missing <= 0 else np.concatenate([np.full(missing, known.mean()), known]))
        return rows


def blocks_of(
    level: Floats, usable: Flags, first_sale: Ints, units: Floats, gross: Floats, discount: Floats, is_open: Flags
) -> Blocks:
    """Gathers daily matrices (products × days) into blocks; days before the first whole block are left out.

    Args:
        level: Demand over the weekday's factor.
        usable: Days on which the product could be sold: the shop traded and it was not out of stock.
        first_sale: Column of each product's first demand.
        units: Demand units.
        gross: Value before discounts, of the units sold.
        discount: Discounts on it.
        is_open: Days on which the shop traded.
    """
    count = max(1, level.shape[1] // DAYS)
    skipped = max(0, level.shape[1] - count * DAYS)
    days = usable.sum(axis=1, keepdims=True)
    overall = (level * usable).sum(axis=1, keepdims=True) / np.maximum(days, 1)

    def gathered(matrix: Floats) -> Floats:
        cut = matrix[:, skipped:]
        short = count * DAYS - cut.shape[1]
        whole = np.pad(cut, ((0, 0), (short, 0))) if short > 0 else cut
        return np.asarray(whole.reshape(len(whole), count, DAYS).sum(axis=2), dtype=np.float64)

    open_days = gathered(usable.astype(np.float64))
    mean = np.where(open_days > 0, gathered(level * usable) / np.maximum(open_days, 1), np.nan)
    sold = gathered(units * (gross > 0))
    value = gathered(gross)
    given = gathered(discount)
    price = np.where((sold > 0) & (value > 0), (value - given) / np.maximum(sold, 1e-9), np.nan)
    traded = gathered(np.broadcast_to(is_open, level.shape).astype(np.float64))
    return Blocks(
        level=np.where(np.isnan(carried := _carried(mean)), overall, carried),
        first=np.clip((first_sale - skipped) // DAYS, 0, count - 1),
        net_price=_carried(price),
        discount=np.where(value > 0, given / np.maximum(value, 1e-9), 0.0),
        out_share=np.where(traded > 0, 1 - open_days / np.maximum(traded, 1), 0.0),
    )


def _carried(values: Floats) -> Floats:
    """Each gap filled by the last value before it."""
    places = np.where(np.isnan(values), 0, np.arange(values.shape[1])[None, :])
    return np.asarray(np.take_along_axis(values, np.maximum.accumulate(places, axis=1), axis=1), dtype=np.float64)
