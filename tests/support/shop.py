"""A small shop that lands in no time: order lines made in memory, put down through the landing protocol itself."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl

from lakehouse.landing import Landing, Manifest, Parsed, RawPart
from lakehouse.objectstore import ObjectStore
from lakehouse.settings import Settings
from lakehouse.sources import LineKind, LineRule, Source
from lakehouse.streams import ORDER_LINES, QUARANTINE_SCHEMA
from lakehouse.warehouse import CORE, BuildRequest, Candidate, Warehouse, build_core
from lakehouse.warehouse.transform import DBT_PROJECT
from lakehouse.windows import Window
from tests.support import web_shop

DIGEST = "0123456789ab"
SHOP = Source(
    name="shop",
    stream="order_lines",
    title="The shop",
    time_zone="Europe/London",
    parse_digest=DIGEST,
    line_rules=(
        LineRule(kind=LineKind.SHIPPING, product_ref="POST", reason="what the post costs"),
        LineRule(kind=LineKind.DISCOUNT, product_ref="D", reason="discounts have lines of their own"),
        LineRule(kind=LineKind.BAD_DEBT, order_ref="A.*", reason="invoices that adjust bad debt"),
    ),
    cancellation_order_ref="C.*",
)
LANDED_AT = datetime(2030, 1, 1, tzinfo=UTC)
# Summer time begins on the 27th: that civil day has 23 hours, and from then on 23:00 UTC is tomorrow.
FIRST_DAY = date(2011, 3, 24)


@dataclass(frozen=True)
class Line:
    """One record of the stream `order_lines`, by its columns."""

    order_ref: str
    occurred_at: datetime
    product_ref: str = "P1"
    quantity: int = 1
    unit_price: Decimal = Decimal("2.5000")
    customer_ref: str | None = "C-1"
    country: str | None = "United Kingdom"
    product_title: str | None = None
    order_line_ref: str | None = None
    discount_amount: Decimal | None = None
    tax_amount: Decimal | None = None
    currency_code: str = "GBP"
    channel: str | None = None
    credits_line_ref: str | None = None
    line_kind: str | None = None


def frame(lines: Sequence[Line], *, file: str = "lines.csv") -> pl.DataFrame:
    """Parsed rows in the stream's landed schema, numbered in the order given."""
    names = [field.name for field in fields(Line)]
    values = {name: [getattr(line, name) for line in lines] for name in names}
    values["occurred_at"] = [line.occurred_at.astimezone(UTC).replace(tzinfo=None) for line in lines]
    made = pl.DataFrame(values, schema={name: ORDER_LINES.schema[name] for name in names})
    origin = made.with_columns(source_file=pl.lit(file), source_row=pl.int_range(1, pl.len() + 1, dtype=pl.Int64))
    return origin.select(ORDER_LINES.landed_schema.names())


def quarantined(count: int, *, reason: str = "no number", record: str = "{}") -> pl.DataFrame:
    """So many records set aside."""
    rows = [("lines.csv", 900 + number, "Quantity", reason, record) for number in range(count)]
    return pl.DataFrame(rows, schema=QUARANTINE_SCHEMA, orient="row")


def land(
    store: ObjectStore,
    window: Window,
    lines: Sequence[Line],
    *,
    known_at: datetime | None = None,
    bad: pl.DataFrame | None = None,
    source: Source = SHOP,
) -> Manifest:
    """Lands lines as one window of a source, known from its end unless told otherwise."""
    rows, bad = frame(lines), quarantined(0) if bad is None else bad
    text = rows.write_csv() + bad.write_csv()
    received = rows.height + bad.height
    landing = Landing(store, source.name, source.stream)
    pending = landing.receive(window, [RawPart("lines.csv", text.encode())], known_at=known_at or window.end)
    parsed = Parsed(rows=rows, quarantined=bad, received=received, deduplicated=0, rows_by_part=(received,))
    return landing.commit(pending, parsed, digest=source.parse_digest, landed_at=LANDED_AT, run_id="land")


def build(settings: Settings, as_of: datetime, run_id: str = "build", *, full_refresh: bool = False) -> Candidate:
    """Builds the sales marts of the shop and of the web shop with dbt."""
    sources = [SHOP, *web_shop.SOURCES]
    return build_core(settings, BuildRequest(as_of=as_of, run_id=run_id, sources=sources, full_refresh=full_refresh))


def project_copy(folder: Path, *wanted: str) -> Path:
    """The dbt project as it is now: for tests that change it, or during which somebody else may.

    Args:
        folder: Where to.
        wanted: Folders of marts, and models, to keep with what they are made of; all where none is named. To build the
            others, empty as they would be, takes longer than what is tested.
    """
    project = folder / "dbt_project"
    shutil.copytree(DBT_PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    if wanted:
        _keep(project, wanted)
    return project


def _keep(project: Path, wanted: Sequence[str]) -> None:
    """Deletes every model that what is wanted is not made of, and every test that needs one of those."""
    models = {file.stem: file for file in (project / "models").rglob("*.sql")}
    refers = {name: _refs(file) | _refs(file.with_suffix(".yml")) for name, file in models.items()}
    kept = {name for name, file in models.items() if {name, file.parent.name} & set(wanted)}
    kept |= set().union(*(_refs(file) for file in (project / "macros").glob("*.sql")))
    while more := set().union(*(refers[name] for name in kept & models.keys())) & models.keys() - kept:
        kept |= more
    for name in models.keys() - kept:
        models[name].unlink()
        models[name].with_suffix(".yml").unlink(missing_ok=True)
    gone = models.keys() - kept
    needing = [*(project / "models").rglob("_*unit_tests.yml"), project / "models" / "exposures.yml"]
    for file in [*needing, *(file for file in (project / "tests").glob("*.sql") if _refs(file) & gone)]:
        file.unlink()


def _refs(file: Path) -> set[str]:
    """What a file may refer to: every word in quotation marks, as macros are given models by name."""
    return set(re.findall(r"""['"](\w+)['"]""", file.read_text())) if file.exists() else set()


def day(number: int) -> Window:
    """A day of the shop, the first being 0."""
    return Window.local_day(FIRST_DAY + timedelta(days=number), SHOP.time_zone)


def publish_file(settings: Settings, warehouse: Warehouse, file: Path, as_of: datetime, channel: str = CORE) -> str:
    """Seals, passes and publishes a closed DuckDB file; returns the snapshot's name."""
    candidate = warehouse.seal(file, channel=channel, as_of=as_of, run_id=file.stem, digest=DIGEST, base=None)
    return warehouse.publish(warehouse.mark_audited(candidate)).snapshot_id


def lines_of_day(number: int, *, seed: int = 1, orders: int = 8) -> list[Line]:
    """A day's lines with every quirk that the models treat specially; the same arguments give the same lines.

    Orders of known customers and guests, of several countries and channels, at prices that change; codes in
    upper and lower case; charges; write-offs and finds; credits minutes, hours and days later, for less, as
    much as and more than was bought; orders with a line on both sides of midnight.
    """
    rng = random.Random(f"{seed}/{number}")  # noqa: S311 - data, not secrets
    window = day(number)
    made = [line for order in range(orders) for line in _order(rng, number, order, window)]
    made += _credits(rng, number, window, seed)
    made += _stock(rng, number, window)
    return [line for line in made if window.contains(line.occurred_at)] + _over_midnight(number, window)


def _order(rng: random.Random, number: int, order: int, window: Window) -> Iterable[Line]:
    at = window.start + timedelta(minutes=rng.randrange(0, 22 * 60))
    customer = rng.choice([None, *(f"C-{one}" for one in range(1, 7))])
    country = rng.choice(["United Kingdom", "EIRE", "Germany", "Atlantis", None])
    head = Line(f"{number:03d}{order:03d}", at, customer_ref=customer, country=country)
    head = replace(head, channel=rng.choice([None, None, "web"]))
    for place in range(rng.randrange(1, 5)):
        price = Decimal(rng.randrange(1, 8)) / 4 + number // 3
        line = replace(head, product_ref=_code(rng), quantity=rng.randrange(1, 13), unit_price=price)
        discount = Decimal("0.2500") if rng.random() < 0.1 else None
        later = timedelta(minutes=1 if place == 3 else 0)
        yield replace(line, product_title=f"THING {price} ", discount_amount=discount, occurred_at=at + later)
    if rng.random() < 0.3:
        yield replace(head, product_ref="POST", unit_price=Decimal("4.9500"))
    if rng.random() < 0.15:
        yield replace(head, product_ref="D", quantity=-1, unit_price=Decimal("1.5000"))


def _code(rng: random.Random) -> str:
    return rng.choice(["P1", "P2", "85123A", "85123a", "22423", " 22423 "])


def _credits(rng: random.Random, number: int, window: Window, seed: int) -> Iterable[Line]:
    """Credits of lines of today and of three days ago."""
    for back, delay in ((0, timedelta(minutes=9)), (3, timedelta(days=3)), (1, timedelta(days=1))):
        if number < back:
            continue
        earlier = random.Random(f"{seed}/{number - back}")  # noqa: S311 - the same day's orders again
        sold = [line for order in range(3) for line in _order(earlier, number - back, order, day(number - back))]
        for place, line in enumerate(one for one in sold if one.product_ref not in {"POST", "D"}):
            share = rng.choice([0, 0.5, 1, 1, 2])
            units = int(line.quantity * share)
            if units:
                reference, at = f"C{number:03d}{back}{place:02d}", line.occurred_at + delay
                yield replace(line, order_ref=reference, quantity=-units, occurred_at=at, discount_amount=None)


def _stock(rng: random.Random, number: int, window: Window) -> Iterable[Line]:
    at = window.start + timedelta(hours=17)
    none = {"customer_ref": None, "unit_price": Decimal(0)}
    yield Line(f"{number:03d}W", at, "P2", -rng.randrange(1, 5), product_title="damaged", **none)  # type: ignore[arg-type]
    yield Line(f"{number:03d}F", at, "P1", rng.randrange(1, 5), product_title="found", **none)  # type: ignore[arg-type]
    yield Line(f"{number:03d}G", at, "P1", 1, Decimal(0), "C-2")
    if number % 4 == 2:
        yield Line(f"A{number:03d}", at, "B", -1, Decimal("9.0000"), None)


def _over_midnight(number: int, window: Window) -> list[Line]:
    """The order that began before this day's midnight, the one that ends after the next, and credits of both.

    On either side of midnight a line has a product of its own, and a credit: where the other side is landed, or
    taken back, its name changes, and nothing else about its product does.
    """
    head = Line(f"M{number:03d}", window.end - timedelta(minutes=2), "P1", 4, customer_ref="C-5")
    begun = replace(head, order_ref=f"M{number - 1:03d}", product_ref=f"N{number - 1}")
    undone = replace(begun, order_ref=f"CM{number - 2:03d}", product_ref=f"N{number - 2}", quantity=-2)
    own = replace(head, product_ref=f"B{number}")
    minute = timedelta(minutes=1)
    return [
        replace(begun, occurred_at=window.start + timedelta(minutes=2)),
        replace(undone, occurred_at=window.start + timedelta(hours=12)),
        head,
        replace(head, product_ref="22423", quantity=5, occurred_at=window.end - minute),
        own,
        replace(own, order_ref=f"CB{number:03d}", quantity=-1, occurred_at=window.end - minute),
    ]
