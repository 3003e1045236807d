from __future__ import annotations

import pytest

from sandbox.storefronts.views import Site
from sandbox.world import World, WorldSpec, generate

SIZE = 40


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return generate(tmp_path_factory.mktemp("rivals"), WorldSpec.tiny())


@pytest.fixture(scope="session")
def sites(world: World) -> dict[str, Site]:
    from sandbox.storefronts.truth import sites

    return {site.shop.look: site for site in sites(world, size=SIZE)}
