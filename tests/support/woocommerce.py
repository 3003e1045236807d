"""A simulated merchant whose WooCommerce shop has some of everything: edits, deletions, goodwill, trial orders."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from sandbox.world import World, WorldSpec, generate

SPEC = WorldSpec(2, date(2025, 10, 16), date(2025, 12, 14), 40.0, 60, 400, 30)
END = datetime(2026, 2, 10, tzinfo=UTC)
"""When all is over: the last refunds come weeks after the last orders."""


def made_up_shop(folder: Path) -> World:
    """The merchant; about 1,000 orders of the shop. Takes two seconds."""
    return generate(folder, SPEC)
