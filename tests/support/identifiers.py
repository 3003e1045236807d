"""What names a customer of the sandbox's merchant, and where it is found: in tables, or in any bytes."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lakehouse.warehouse import Reader
from sandbox.world import World

_SHORTEST = 8  # a shorter text is found by chance
_PIECE = 1 << 20
_POSSIBLE = r"@|\pL.* |^\+?[0-9 ()./-]{8,20}$"  # an address of any kind, a name, a number to call


def identifiers(world: World) -> list[str]:
    """Every e-mail address, telephone number, full name and street address of a customer, in one writing each."""
    people = world.frame("customers")
    told = pl.concat(
        [
            people["email"],
            people["phone"],
            people.select(pl.concat_str("first_name", "last_name", separator=" ")).to_series(),
            people.select(pl.concat_str("last_name", "first_name", separator=" ")).to_series(),
            people["address1"],
            world.frame("orders")["email"],
            world.frame("carts")["email"],
        ]
    )
    return sorted({text.strip() for text in told.drop_nulls().to_list() if len(text.strip()) >= _SHORTEST})


def found_in_strings(reader: Reader, planted: Sequence[str]) -> list[str]:
    """The columns of stored tables, of any schema, in which one of the texts stands, alone or within another."""
    columns = reader.rows(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where not internal and (data_type = 'VARCHAR' or data_type = 'JSON' or data_type like '%VARCHAR%') "
        "and table_oid in (select table_oid from duckdb_tables()) order by all"
    )
    texts = pl.concat(
        [
            reader.frame(f'select distinct cast("{column}" as varchar) as text from {schema}."{table}"').select(
                pl.lit(f"{schema}.{table}.{column}").alias("place"), pl.col("text").cast(pl.String)
            )
            for schema, table, column in columns
        ]
    )
    # once over all of them, and only over what can hold one: the search prepares itself for thousands of texts
    possible = texts.filter(pl.col("text").str.contains(_POSSIBLE)).unique("text")
    hit = possible.filter(pl.col("text").str.contains_any(list(planted), ascii_case_insensitive=True))
    return [f"{place}: {text[:200]}" for place, text in hit.unique("place").sort("place").iter_rows()]


def found_in_bytes(data: bytes, planted: Sequence[str]) -> list[str]:
    """The texts that stand in the bytes, as UTF-8, whatever the case of ASCII letters."""
    as_bytes = [text.encode().decode("latin-1") for text in planted]
    overlap = max(map(len, as_bytes))
    pieces = [data[at : at + _PIECE + overlap].decode("latin-1") for at in range(0, len(data), _PIECE)]
    return _found(pl.Series(pieces, dtype=pl.String), as_bytes)


def _found(texts: pl.Series, planted: Sequence[str]) -> list[str]:
    """A few of the texts in which one of those planted stands."""
    hit = texts.drop_nulls()
    hit = hit.filter(hit.str.contains_any(list(planted), ascii_case_insensitive=True))
    shown = hit.head(3).str.extract_many(list(planted), ascii_case_insensitive=True).explode()
    return sorted({text for text in shown.to_list() if text})
