"""A simulated merchant: one consistent history as Parquet tables, and the truth behind it."""

from sandbox.world.generate import generate
from sandbox.world.spec import WorldSpec
from sandbox.world.store import World

__all__ = ["World", "WorldSpec", "generate"]
