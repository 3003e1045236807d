"""The server: its routes, and what each of them answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import polars as pl
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.serving import Faults, SandboxClock, application
from sandbox.woocommerce import orders, people, products, refunds, settings
from sandbox.woocommerce.auth import Door
from sandbox.woocommerce.errors import RestError, handle, no_route
from sandbox.woocommerce.listing import Document, answer, select
from sandbox.woocommerce.query import CUSTOMERS, ORDERS, POSTS, PRODUCTS, Kind, read
from sandbox.woocommerce.shop import Shop, View
from sandbox.world import World

_BASE = "/wp-json/wc/v3"
_Making = Callable[[View, pl.DataFrame], list[Document]]
_Handler = Callable[[Request], Response]


def app(
    world: World,
    clock: SandboxClock,
    faults: Faults,
    *,
    https: bool = True,
    newer_lists: bool = True,
    wall: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
) -> Starlette:
    """A WooCommerce shop over the world, at the clock's time.

    Args:
        world: The merchant.
        clock: What time it is for the merchant. `insert_while_paging` and `late_update` move it on to the next order
            that comes in, or is changed.
        faults: What goes wrong.
        https: Whether the shop counts as reached over https: then it takes Basic, else only OAuth 1.0a.
        newer_lists: Whether there are `/refunds` (since 9.0) and `/variations` (since 10.3).
        wall: Unix time, by which OAuth's timestamps are checked.
        monotonic: A source of real seconds, for the request log.
    """
    desk = _Desk(Shop(world), clock, faults, Door(https=https, wall=wall))
    return application(
        desk.routes(newer_lists=newer_lists),
        clock=clock,
        faults=faults,
        exception_handlers={RestError: handle, HTTPException: handle},
        monotonic=monotonic,
    )


class _Desk:
    """Answers requests."""

    def __init__(self, shop: Shop, clock: SandboxClock, faults: Faults, door: Door) -> None:
        self._shop = shop
        self._clock = clock
        self._faults = faults
        self._door = door

    def routes(self, *, newer_lists: bool) -> list[Route]:
        """All routes of the shop."""
        refund_list = partial(refunds.documents, with_parent=False)
        variation_list = partial(products.variations, with_parent=False)
        served: dict[str, _Handler] = {
            "/orders": self._listing(ORDERS, "orders", orders.documents),
            "/orders/{id:int}": self._single("orders", orders.documents, "shop_order"),
            "/orders/{parent:int}/refunds": self._listing(POSTS, "refunds", refund_list, of="orders"),
            "/products": self._listing(PRODUCTS, "products", products.documents),
            "/products/{id:int}": self._single("products", products.documents, "product"),
            "/products/{parent:int}/variations": self._listing(POSTS, "variations", variation_list, of="products"),
            "/customers": self._listing(CUSTOMERS, "customers", people.customers),
            "/coupons": self._listing(POSTS, "coupons", people.coupons),
            "/settings/{group}": self._settings,
            "/system_status": self._system_status,
        }
        if newer_lists:
            served["/refunds"] = self._listing(POSTS, "refunds", partial(refunds.documents, with_parent=True))
            served["/variations"] = self._listing(POSTS, "variations", partial(products.variations, with_parent=True))
        self._paths = [f"/wc/v3{path}" for path in served]
        guarded = [Route(_BASE + path, self._guarded(handler), methods=["GET"]) for path, handler in served.items()]
        return [Route("/wp-json/", self._index), Route("/wp-json", self._index), *guarded]

    @property
    def _now(self) -> datetime:
        # WordPress knows whole seconds only.
        return self._clock.now().astimezone(UTC).replace(tzinfo=None, microsecond=0)

    def _guarded(self, handler: _Handler) -> _Handler:
        def guarded(request: Request) -> Response:
            self._door.check(request)
            return handler(request)

        return guarded

    def _listing(self, kind: Kind, rows: str, make: _Making, of: str = "") -> _Handler:
        def listing(request: Request) -> Response:
            query = read(request.query_params, kind, self._shop.site)
            self._move_on(request.url.path)
            view = self._shop.at(self._now)
            index: pl.DataFrame = getattr(view, rows)
            if of:
                parent = request.path_params["parent"]
                self._must_exist(getattr(view, of), parent, of)
                index = index.filter(pl.col("parent_id") == parent)
            page, total = select(index, query)
            return answer(make(view, page), total, query, request.url, self._faults)

        return listing

    def _must_exist(self, index: pl.DataFrame, number: int, of: str) -> None:
        if index.filter(pl.col("post_id") == number).is_empty():
            order = of == "orders"
            code = "woocommerce_rest_invalid_order_id" if order else "woocommerce_rest_product_invalid_id"
            raise RestError(404, code, "Invalid order ID." if order else "Invalid ID.")

    def _move_on(self, path: str) -> None:
        """Lets the next order come in, or the next change happen, where a fault says that it does meanwhile."""
        for kind in ("insert_while_paging", "late_update"):
            if self._faults.strike(kind, path):
                moment = self._shop.at(self._now).next_change(created=kind == "insert_while_paging")
                if moment is not None:
                    self._clock.set(moment.replace(tzinfo=UTC))

    def _single(self, rows: str, make: _Making, post_type: str) -> _Handler:
        def single(request: Request) -> Response:
            view = self._shop.at(self._now)
            index: pl.DataFrame = getattr(view, rows)
            found = index.filter(pl.col("post_id") == request.path_params["id"])
            if found.is_empty():
                raise RestError(404, f"woocommerce_rest_{post_type}_invalid_id", "Invalid ID.")
            return JSONResponse(make(view, found)[0])

        return single

    def _settings(self, request: Request) -> Response:
        options = settings.group(self._shop, request.path_params["group"])
        if options is None:
            raise RestError(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
        return JSONResponse(options)

    def _system_status(self, request: Request) -> Response:
        return JSONResponse(settings.system_status(self._shop, _site(request)))

    def _index(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise no_route()
        return JSONResponse(settings.index(self._shop, self._now, _site(request), self._paths))


def _site(request: Request) -> str:
    base: Any = request.base_url
    return str(base).rstrip("/")
