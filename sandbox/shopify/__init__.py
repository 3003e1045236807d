"""A Shopify shop to practise on: Admin GraphQL 2026-10 over the simulated merchant.

with serve(app(world, SandboxClock(now), Faults())) as server:
    httpx.post(server.url + "/admin/api/2026-10/graphql.json", headers={"X-Shopify-Access-Token": ACCESS_TOKEN}, …)
"""

from sandbox.shopify.access import ALL_SCOPES
from sandbox.shopify.server import ACCESS_TOKEN, API_VERSION, app

__all__ = ["ACCESS_TOKEN", "ALL_SCOPES", "API_VERSION", "app"]
