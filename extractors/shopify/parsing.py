"""From stored pages to rows: which shape a resource's records have, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

import polars as pl

from extractors.api.client import decode_json
from extractors.api.connector import Parsing
from extractors.api.records import Decoded, Record, Shape, as_json, decode
from extractors.shopify import parse_others as others
from extractors.shopify import shapes
from extractors.shopify.exact import misfit
from extractors.shopify.joined import batches
from extractors.shopify.parse_orders import parse_orders
from extractors.shopify.resources import KINDS
from lakehouse.landing import RawFile
from lakehouse.streams import QUARANTINE_SCHEMA
from lakehouse.streams import stream as find_stream

_READERS: Mapping[str, tuple[Mapping[str, Shape], Callable[[Decoded], Parsing]]] = {
    "orders": (shapes.ORDER, parse_orders),
    "refunds": (shapes.ORDER, parse_orders),
    "customers": (shapes.CUSTOMER, others.parse_customers),
    "products": (shapes.PRODUCT, others.parse_products),
    "variants": (shapes.VARIANT, others.parse_variants),
    "costs": (shapes.COST, others.parse_costs),
    "locations": (shapes.LOCATION, others.parse_locations),
    "discounts": (shapes.DISCOUNT, others.parse_discounts),
    "checkouts": (shapes.CHECKOUT, others.parse_checkouts),
    "payouts": (shapes.PAYOUT, others.parse_payouts),
    "balance_transactions": (shapes.BALANCE, others.parse_balance),
}

_TOGETHER = 2_000  # records


def parse(resource: str, parts: Iterable[RawFile]) -> Iterator[Parsing]:
    """Reads stored pages of a resource: no network and no clock.

    Small pages are read together, as each reading has a cost of its own.
    """
    pending: list[Record] = []
    as_of = ""
    for part in parts:
        if resource == "deletions":
            yield _deletions(part)
            continue
        as_of = part.meta.get("as_of", as_of)
        for records in batches(part, KINDS[resource].node):
            pending.extend(records)
            if len(pending) >= _TOGETHER:
                yield _read(resource, pending, as_of)
                pending = []
    if pending:
        yield _read(resource, pending, as_of)


def _read(resource: str, records: list[Record], as_of: str) -> Parsing:
    """The rows of some records; one with an amount or a count that is none is set aside first."""
    stock = shapes.INVENTORY, partial(others.parse_inventory, as_of=as_of)
    shape, read = _READERS.get(resource, stock)
    wrong = {(name, number): place for name, number, one in records if (place := misfit(one))}
    good = [record for record in records if record[:2] not in wrong]
    parsing = read(decode(good, shape))
    if not wrong:
        return parsing
    originals = {record[:2]: record[2] for record in records}
    rows = [
        (
            *key,
            place,
            "is no amount" if "mount" in place or "rice" in place else "is no whole number",
            as_json(originals[key]),
        )
        for key, place in wrong.items()
    ]
    set_aside = pl.DataFrame(rows, schema=QUARANTINE_SCHEMA, orient="row")
    return Parsing(
        tables=parsing.tables,
        received=len(records),
        deduplicated=parsing.deduplicated,
        quarantined=pl.concat([parsing.quarantined, set_aside]),
    )


def _deletions(part: RawFile) -> Parsing:
    """What an answer has no more: it names everything that was asked for as `Order_123`, null where it is gone."""
    data = decode_json(part.path.read_bytes())["data"]
    gone = [name.rpartition("_")[2] for name, value in data.items() if value is None]
    at = part.meta["as_of"]
    frame = pl.DataFrame(
        {
            "source_file": [part.name] * len(gone),
            "source_row": range(1, len(gone) + 1),
            "record_ref": gone,
            "version_at": [at] * len(gone),
            "entity": [part.meta["entity"]] * len(gone),
            "deletion_kind": ["vanished"] * len(gone),
            "occurred_at": [at] * len(gone),
        },
        schema={
            "source_file": pl.String,
            "source_row": pl.Int64,
            "record_ref": pl.String,
            "version_at": pl.String,
            "entity": pl.String,
            "deletion_kind": pl.String,
            "occurred_at": pl.String,
        },
    )
    moments = [
        pl.col(name).str.to_datetime(time_unit="us", time_zone="UTC").dt.replace_time_zone(None)
        for name in ("version_at", "occurred_at")
    ]
    rows = frame.with_columns(moments).select(find_stream("deletions").versioned_schema.names())
    return Parsing(tables={"deletions": rows}, received=len(gone))
