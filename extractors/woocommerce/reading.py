"""What all parsers share: records of a stored page, exact repeats, and amounts that are exact."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from extractors.api.client import decode_json
from extractors.api.connector import Parsing
from extractors.api.errors import ApiError
from extractors.api.records import Decoded, Record
from extractors.api.rows import Typed, assemble
from lakehouse.landing import RawFile
from lakehouse.streams import MONEY

EXACT = pl.Decimal(38, 4)
HALF_A_CENT = pl.lit("0.005").cast(EXACT)


def records(part: RawFile) -> Iterator[Record]:
    """The records of a stored page, numbered from 1; one exception where it holds no list."""
    try:
        told = decode_json(part.path.read_bytes())
    except ApiError as error:
        yield part.name, 1, error
        return
    for number, record in enumerate(told if isinstance(told, list) else [told], start=1):
        yield part.name, number, record


@dataclass
class Seen:
    """Records that came before within a load: pages overlap on purpose, and the overlap counts once.

    A record is dropped only where it is the very same. One that was changed twice within a second has the same
    modified time and another content: both are kept, and downstream the later one counts.
    """

    _digests: set[bytes] = field(default_factory=set)
    repeated: int = 0

    def fresh(self, incoming: Iterable[Record]) -> list[Record]:
        """The records that did not come before; the others are counted in `repeated`."""
        kept = []
        self.repeated = 0
        for name, number, record in incoming:
            digest = hashlib.blake2b(json.dumps(record, default=str).encode(), digest_size=16).digest()
            if digest in self._digests:
                self.repeated += 1
            else:
                self._digests.add(digest)
                kept.append((name, number, record))
        return kept

    def assembled(self, decoded: Decoded, tables: Mapping[str, Typed]) -> Parsing:
        """The tables of fresh records, with the repeated ones counted."""
        parsing = assemble(decoded, tables)
        return replace(
            parsing,
            received=parsing.received + self.repeated,
            deduplicated=parsing.deduplicated + self.repeated,
        )


def asked_at(part: RawFile) -> pl.Expr:
    """When the shop was asked, as text: the version of what has none of its own."""
    return pl.lit(part.meta.get("asked_at"), pl.String)


def utc(column: str | pl.Expr) -> pl.Expr:
    """A `…_gmt` time, which WordPress writes without an offset, with one."""
    text = pl.col(column) if isinstance(column, str) else column
    return pl.when(text != "").then(text + "Z")


def exact(text: pl.Expr) -> pl.Expr:
    """An amount to reckon with; null where it is none. The text itself is judged where it is a column by itself."""
    return text.cast(EXACT, strict=False)


def summed(lines: str, name: str) -> pl.Expr:
    """What a member of an order's lines comes to; nothing where there are none."""
    return pl.col(lines).list.eval(exact(pl.element().struct.field(name))).list.sum().fill_null(zero()).cast(EXACT)


def zero() -> pl.Expr:
    """No money."""
    return pl.lit(0).cast(EXACT)


def absolute(amount: pl.Expr) -> pl.Expr:
    """The amount without its sign."""
    return pl.when(amount < 0).then(-amount).otherwise(amount)


def price_of(total: pl.Expr, units: pl.Expr) -> pl.Expr:
    """The price of one unit, to four decimals, not negative; null where there are no units."""
    return absolute(total / pl.when(units != 0).then(units.cast(EXACT))).cast(MONEY)


def sign(amount: pl.Expr) -> pl.Expr:
    """1 or -1, as units: money that goes back has negative ones."""
    return pl.when(amount < 0).then(pl.lit(-1)).otherwise(pl.lit(1)).cast(pl.Int64)


def noted(meta: pl.Expr, key: str) -> pl.Expr:
    """The JSON that a plugin noted under a key; null where it did not."""
    entry = meta.list.filter(pl.element().struct.field("key") == key)
    return entry.list.first().struct.field("value")


def reference(*parts: pl.Expr | str) -> pl.Expr:
    """A reference of at most 64 characters, put together."""
    joined = pl.concat_str([pl.lit(part) if isinstance(part, str) else part for part in parts])
    return joined.str.slice(0, 64)


def unquoted(json_text: pl.Expr) -> pl.Expr:
    """A JSON string or number without quotation marks."""
    return json_text.str.strip_chars('"')


def product_ref(sku: pl.Expr, product: pl.Expr, variation: pl.Expr) -> pl.Expr:
    """The SKU; where there is none the number of what was sold, as `id:123`."""
    number = pl.when(variation != "0").then(variation).when(product != "0").then(product)
    return pl.coalesce(pl.when(sku != "").then(sku), reference("id:", number))


def empty_as_null(text: pl.Expr) -> pl.Expr:
    """WordPress writes the empty string for nothing."""
    return pl.when(text != "").then(text)
