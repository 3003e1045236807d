"""One merchant and, for tests that only read, one shop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.world import World, WorldSpec, generate
from tests.integration.extractors.amazon.shop import Shop, running


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A small merchant: 430 orders on Amazon in two marketplaces."""
    return generate(tmp_path_factory.mktemp("amazon-world"), WorldSpec.tiny())


@pytest.fixture
def shop(world: World, tmp_path: Path) -> Iterator[Shop]:
    """The merchant's shop when all is over, with no limits worth mentioning."""
    with running(world, tmp_path) as one:
        yield one
