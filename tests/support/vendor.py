"""A vendor in memory, with a connector to it: paged by cursor, with changes, deletions and faults on order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from extractors.api.client import decode_json
from extractors.api.connector import Finding, Page, Parsing, Request, Resource
from extractors.api.errors import ExpiredCursorError
from extractors.api.extract import Extracted, Job, Limit, extract
from extractors.api.records import TEXT, Shape, decode
from extractors.api.rows import assemble, typed
from lakehouse.errors import ObjectCorruptError, ObjectExistsError, ObjectNotFoundError
from lakehouse.landing import Manifest, RawFile, find_parse, loads, read_manifest
from lakehouse.objectstore import ObjectInfo, ObjectStore
from lakehouse.sources import LoadMode, Source
from lakehouse.windows import Window

DAY = Window.parse("2026-03-01", "2026-03-02")
NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)
DIGEST = "0123456789ab"
ORDERS = Resource("orders", "Orders by modified time", ("orders", "order_lines"))
DAILY = Resource("daily", "A report of a day's orders", ("orders", "order_lines"), mode=LoadMode.WINDOW)
SWEEP = Resource("sweep", "Orders that are no longer there", ("deletions",))
_SHAPE: dict[str, Shape] = {
    "id": TEXT,
    "created": TEXT,
    "updated": TEXT,
    "total": TEXT,
    "lines": [{"sku": TEXT, "quantity": TEXT, "price": TEXT}],
}


@dataclass(frozen=True)
class Order:
    """An order as the vendor has it now.

    Attributes:
        number: Its id.
        created: When it was placed.
        updated: When it changed last.
        total: As the vendor writes it.
        lines: SKU, quantity and price of each line.
    """

    number: int
    created: datetime
    updated: datetime
    total: str = "10.00"
    lines: tuple[tuple[str, str, str], ...] = (("A", "1", "10.00"),)

    def json(self) -> dict[str, object]:
        """As it is answered."""
        lines = [{"sku": sku, "quantity": quantity, "price": price} for sku, quantity, price in self.lines]
        moments = {"created": self.created.isoformat(), "updated": self.updated.isoformat()}
        return {"id": self.number, **moments, "total": self.total, "lines": lines}


def order(number: int, minute: int = 0, **update: object) -> Order:
    """An order of the first of March, `minute` minutes after midnight."""
    at = DAY.start + timedelta(minutes=minute)
    return replace(Order(number, at, at), **update)  # type: ignore[arg-type]  # each value has its field's type


@dataclass
class Vendor:
    """A vendor's orders, and how its interface behaves; it is its own connector.

    Attributes:
        orders: The orders by number.
        page_size: Orders a page.
        requests: The place of every page that was asked for: offsets, from the beginning at 0.
        expired: Cursors that are refused, once each.
        lost: So many orders are left out of the last page, though they are counted.
        tells_count: Whether pages say how many orders there are in all.
        before_page: Called with the offset before a page is answered: the place for faults and for changes.
        noted: What an earlier run had noted, at each fetch.
        as_file: Whether pages come as files, as downloads do.
    """

    orders: dict[int, Order] = field(default_factory=dict)
    page_size: int = 2
    requests: list[int] = field(default_factory=list)
    expired: set[str] = field(default_factory=set)
    lost: int = 0
    tells_count: bool = True
    before_page: Callable[[int], None] = lambda _: None
    noted: list[str | None] = field(default_factory=list)
    as_file: bool = False
    api_version: str = "1"

    @classmethod
    def of(cls, orders: Iterable[Order], page_size: int = 2) -> Vendor:
        """A vendor with these orders."""
        return cls({one.number: one for one in orders}, page_size)

    def check(self) -> list[Finding]:
        """Always well."""
        return [Finding("ok", "credentials", "accepted")]

    def fetch(self, resource: str, request: Request) -> Iterator[Page]:
        """The orders changed in the window, or what a sweep finds gone."""
        self.noted.append(request.noted)
        if resource == "sweep":
            yield self._gone(request)
            return
        if request.cursor in self.expired:
            self.expired.discard(request.cursor or "")
            raise ExpiredCursorError("The cursor is no longer good.")
        place = int(request.cursor or 0)
        request.note(f"began at {place}")
        while True:
            self.requests.append(place)
            self.before_page(place)
            body, following, count = self._page(request, place)
            name = f"orders-{place:05d}.json"
            held: bytes | Path = body
            if self.as_file:
                held = request.scratch / name
                held.write_bytes(body)
            yield Page(name, held, None if following is None else str(following), count, {"place": str(place)})
            if following is None:
                return
            place = following

    def parse(self, resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
        """A parsing for each page."""
        for part in parts:
            yield _gone_orders(part) if resource == "sweep" else _orders(part)

    def _page(self, request: Request, place: int) -> tuple[bytes, int | None, int | None]:
        changed = sorted(
            (one for one in self.orders.values() if request.since <= one.updated < request.window.end),
            key=lambda one: (one.updated, one.number),
        )
        shown = changed[place : place + self.page_size]
        following = place + self.page_size if place + self.page_size < len(changed) else None
        count = len(shown) if self.tells_count else None
        if following is None and self.lost:
            shown = shown[: -self.lost]
        return json.dumps([one.json() for one in shown]).encode(), following, count

    def _gone(self, request: Request) -> Page:
        known = request.known("orders")["record_ref"].to_list()
        gone = [ref for ref in known if int(ref) not in self.orders]
        told = {"asked": request.now.isoformat(), "gone": gone}
        return Page("gone.json", json.dumps(told).encode(), reported=len(gone))


def _orders(part: RawFile) -> Parsing:
    records = decode_json(part.path.read_bytes())
    decoded = decode(((part.name, number, record) for number, record in enumerate(records, 1)), _SHAPE)
    version: dict[str, pl.Expr | str] = {
        "record_ref": "id",
        "version_at": "updated",
        "occurred_at": "created",
        "order_ref": "id",
    }
    currency = pl.lit("GBP")
    heads = typed(decoded.frame, "orders", {**version, "total_amount": "total", "currency_code": currency})
    lines = decoded.frame.explode("lines").drop_nulls("lines").unnest("lines")
    told = {**version, "product_ref": "sku", "quantity": "quantity", "unit_price": "price", "currency_code": currency}
    return assemble(decoded, {"orders": heads, "order_lines": typed(lines, "order_lines", told)})


def _gone_orders(part: RawFile) -> Parsing:
    told = decode_json(part.path.read_bytes())
    records = [(part.name, number, {"id": ref, "at": told["asked"]}) for number, ref in enumerate(told["gone"], 1)]
    decoded = decode(records, {"id": TEXT, "at": TEXT})
    columns: dict[str, pl.Expr | str] = {"record_ref": "id", "version_at": "at", "occurred_at": "at"}
    columns |= {"entity": pl.lit("orders"), "deletion_kind": pl.lit("vanished")}
    return assemble(decoded, {"deletions": typed(decoded.frame, "deletions", columns)})


def source(resource: Resource = ORDERS, digest: str = DIGEST) -> Source:
    """What the platform knows of a resource."""
    return Source(
        name="shop",
        stream=resource.name,
        tables=resource.tables,
        mode=resource.mode,
        title="A shop",
        time_zone="UTC",
        parse_digest=digest,
    )


def job(resource: Resource = ORDERS, window: Window = DAY, **update: object) -> Job:
    """An extraction of a window, once it is over."""
    siblings = {one.name: source(one) for one in (ORDERS, DAILY, SWEEP)}
    made = Job(source(resource), resource, window, NOW, NOW, "run", "1", siblings=siblings, limit=Limit(0.5, 0))
    return replace(made, **update)  # type: ignore[arg-type]  # each value has its field's type


def run(vendor: Vendor, store: ObjectStore, scratch: Path, told: Job | None = None) -> Extracted:
    """One run of an extraction."""
    return extract(vendor, told or job(), store=store, scratch=scratch)


def manifests(store: ObjectStore, resource: Resource = ORDERS) -> list[Manifest]:
    """The manifests of a resource's loads, as they were landed."""
    return [read_manifest(store, ref) for ref in sorted(loads(store, "shop", resource.name), key=lambda ref: ref.rank)]


def table(store: ObjectStore, manifest: Manifest, name: str) -> pl.DataFrame:
    """The rows of a stream that a load holds; `quarantine`: its records that failed."""
    record = find_parse(store, manifest, DIGEST)
    assert record is not None
    stored = record.quarantine if name == "quarantine" else record.tables(manifest.stream)[name]
    return pl.read_parquet(store.fetch(stored.key, sha256=stored.sha256))


def newest(store: ObjectStore, name: str = "orders", resource: Resource = ORDERS) -> pl.DataFrame:
    """What counts in the end: of each record the rows of its newest version, without where they came from."""
    found = [
        table(store, one, name).with_columns(known=pl.lit(one.known_at.isoformat()))
        for one in manifests(store, resource)
        if name in one.parse.tables(one.stream)
    ]
    if not found:
        return pl.DataFrame()
    rows = pl.concat(found)
    place = ["record_ref", "version_at", "known", "source_file"]
    heads = rows.select(place).sort(place).unique("record_ref", keep="last", maintain_order=True)
    return rows.join(heads, on=place, how="semi").drop("source_file", "source_row", "known").sort("record_ref")


class Killed(BaseException):
    """The process died here."""


class MortalStore:
    """Passes calls on until its life is over; then dies before or after the fatal call had its effect."""

    def __init__(self, store: ObjectStore, lives: float = float("inf"), *, after_effect: bool = False) -> None:
        self._store = store
        self._lives = lives
        self._after_effect = after_effect
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> object:
        method: Callable[..., object] = getattr(self._store, name)

        def call(*args: object, **kwargs: object) -> object:
            self.calls.append(f"{name} {args[0]}")
            fatal = len(self.calls) > self._lives
            if fatal and not self._after_effect:
                raise Killed
            result = method(*args, **kwargs)
            if fatal:
                raise Killed
            return result

        return call


class MemoryStore:
    """Objects in memory, for many runs; files that are fetched lie in a folder of the test.

    Attributes:
        objects: All objects by key.
        clock: What it writes down as an object's time.
    """

    url = "memory"

    def __init__(self, folder: Path) -> None:
        self.objects: dict[str, bytes] = {}
        self.clock = NOW
        self._written: dict[str, datetime] = {}
        self._folder = folder

    def put(self, key: str, data: bytes, *, if_absent: bool = False) -> ObjectInfo:
        """See `ObjectStore.put`."""

        if if_absent and key in self.objects:
            raise ObjectExistsError(key)
        self.objects[key], self._written[key] = data, self.clock
        return ObjectInfo(key, len(data))

    def put_file(self, key: str, path: Path, *, if_absent: bool = False) -> ObjectInfo:
        """See `ObjectStore.put_file`."""
        return self.put(key, path.read_bytes(), if_absent=if_absent)

    def get(self, key: str) -> bytes:
        """See `ObjectStore.get`."""

        if key not in self.objects:
            raise ObjectNotFoundError(key)
        return self.objects[key]

    def fetch(self, key: str, *, sha256: str) -> Path:
        """See `ObjectStore.fetch`."""

        data = self.get(key)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ObjectCorruptError(key)
        path = self._folder / sha256
        path.write_bytes(data)
        return path

    def head(self, key: str) -> ObjectInfo | None:
        """See `ObjectStore.head`."""
        return ObjectInfo(key, len(self.objects[key])) if key in self.objects else None

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        found = sorted(key for key in self.objects if key.startswith(prefix))
        return iter([ObjectInfo(key, len(self.objects[key]), self._written[key]) for key in found])

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        self.objects.pop(key, None)
