"""The loader's marks: which rows of a raw table count."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from lakehouse.streams import Stream
from lakehouse.warehouse.newest import Newest

ORDERS = Stream("orders", (), once=("order_ref",))
DISCOUNTS = Stream("order_discounts", (), parents=("orders",))
EVENTS = Stream("events", (), once=("event_ref",))
_COLUMNS = (
    "source varchar, load_id varchar, known_at timestamp, source_file varchar, source_row bigint, record_ref varchar, "
    "version_at timestamp, {own} varchar, is_newest boolean"
)
_OWN = {"orders": "order_ref", "order_discounts": "discount_ref", "events": "event_ref"}


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        made.execute("create schema raw")
        for name, own in _OWN.items():
            made.execute(f"create table raw.{name} ({_COLUMNS.format(own=own)})")
        made.execute("create table raw.delta (source varchar, stream varchar, load_id varchar, change varchar)")
        made.execute("create table raw.loads (source varchar, stream varchar, load_id varchar)")
        made.execute("create table raw.sources (source varchar, stream varchar, tables varchar)")
        yield made


Row = tuple[str, str, str, str, str | None, str | None, str]


def put(con: duckdb.DuckDBPyConnection, table: str, *rows: Row) -> None:
    """Rows of source, load, day of knowledge, file, record, version, and what they are named."""
    con.executemany(f"insert into raw.{table} values (?, ?, ?, ?, 1, ?, ?, ?, true)", [list(row) for row in rows])


def build(con: duckdb.DuckDBPyConnection, *, added: str = "", removed: str = "") -> None:
    """What a build does that adds the loads of these letters, whose rows are there, and removes those."""
    con.execute("delete from raw.delta")
    for change, letters in (("removed", removed), ("added", added)):
        for letter in letters:
            con.execute(
                "insert into raw.delta select unnest(['s', 't']), 'orders', ?, ?",
                [letter, change],
            )
    newest = Newest(con, [ORDERS, DISCOUNTS, EVENTS])
    newest.touch("removed")
    for name in _OWN:
        con.execute(f"delete from raw.{name} where load_id in (select load_id from raw.delta where change = 'removed')")
    newest.touch("added")
    newest.mark()


def counting(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    own = _OWN[table]
    return [name for (name,) in con.execute(f"select {own} from raw.{table} where is_newest order by all").fetchall()]


def test_the_newest_version_of_a_record_counts_with_all_of_its_rows(con: duckdb.DuckDBPyConnection) -> None:
    put(
        con,
        "order_discounts",
        ("s", "a", "2024-01-02", "p1", "1", "2024-01-01 10:00", "old"),
        ("s", "a", "2024-01-02", "p1", "1", "2024-01-01 10:00", "dropped"),
        ("s", "b", "2024-01-03", "p1", "1", "2024-01-02 10:00", "new"),
        ("s", "b", "2024-01-03", "p1", "1", "2024-01-02 10:00", "more"),
        ("s", "a", "2024-01-02", "p1", "2", "2024-01-01 10:00", "newer"),
        ("s", "b", "2024-01-03", "p1", "2", "2023-12-31 10:00", "older, learned of later"),
        ("s", "a", "2024-01-02", "p1", "3", "2024-01-01 10:00", "first"),
        ("s", "b", "2024-01-03", "p1", "3", "2024-01-01 10:00", "again"),
        ("s", "a", "2024-01-02", "p1", "4", "2024-01-01 10:00", "page 1"),
        ("s", "a", "2024-01-02", "p2", "4", "2024-01-01 10:00", "page 2"),
        ("s", "b", "2024-01-03", "p1", "7", None, "known last"),
        ("s", "a", "2024-01-02", "p1", "7", None, "known first"),
        ("t", "a", "2024-01-02", "p1", "1", "2023-01-01 10:00", "another source's"),
        ("s", "a", "2024-01-02", "p1", None, None, "fact"),
        ("s", "b", "2024-01-03", "p1", None, None, "fact"),
    )
    build(con, added="ab")
    expected = ["again", "another source's", "fact", "fact", "known last", "more", "new", "newer", "page 2"]
    assert counting(con, "order_discounts") == expected


def test_rows_are_gone_when_the_record_they_belong_to_has_them_no_more(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("insert into raw.loads values ('s', 'orders', 'b'), ('s', 'heads', 'x')")
    con.execute(
        "insert into raw.sources values ('s', 'orders', 'orders, order_lines, order_discounts'), "
        "('s', 'heads', 'orders, order_lines')"
    )
    put(
        con,
        "order_discounts",
        ("s", "a", "2024-01-02", "p", "5", "2024-01-01 10:00", "taken off"),
        ("s", "a", "2024-01-02", "p", "6", "2024-01-01 10:00", "kept: those loads hold no discounts"),
    )
    put(
        con,
        "orders",
        ("s", "b", "2024-01-03", "p", "5", "2024-01-02 10:00", "o5"),
        ("s", "x", "2024-01-03", "p", "6", "2024-01-02 10:00", "o6"),
    )
    build(con, added="abx")
    assert counting(con, "order_discounts") == ["kept: those loads hold no discounts"]
    build(con, removed="b")
    assert counting(con, "order_discounts") == ["kept: those loads hold no discounts", "taken off"]


def test_of_one_name_the_newest_row_counts(con: duckdb.DuckDBPyConnection) -> None:
    put(
        con,
        "events",
        ("s", "a", "2024-01-01", "first", None, None, "e1"),
        ("s", "b", "2024-01-02", "again", None, None, "e1"),
        ("s", "b", "2024-01-02", "other", None, None, "e2"),
        ("t", "b", "2024-01-02", "elsewhere", None, None, "e1"),
    )
    build(con, added="ab")
    files = "select source_file from raw.events where is_newest order by all"
    assert con.execute(files).fetchall() == [("again",), ("elsewhere",), ("other",)]
    build(con, removed="b")
    assert con.execute(files).fetchall() == [("first",)]


def test_a_load_that_goes_gives_way_to_the_version_before(con: duckdb.DuckDBPyConnection) -> None:
    put(con, "orders", ("s", "a", "2024-01-01", "p", "1", "2024-01-01 10:00", "as placed"))
    build(con, added="a")
    put(con, "orders", ("s", "b", "2024-01-02", "p", "1", "2024-01-02 10:00", "as edited"))
    build(con, added="b")
    assert counting(con, "orders") == ["as edited"]
    build(con, removed="b")
    assert counting(con, "orders") == ["as placed"]
