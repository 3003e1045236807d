"""Records by their shape, and rows from them: a record with one bad cell is set aside whole, and never guessed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.api.client import decode_json
from extractors.api.records import FLAG, JSON, TEXT, Decoded, Shape, decode, json_lines
from extractors.api.rows import assemble, merged, typed
from lakehouse.streams import QUARANTINE_SCHEMA, stream

SHAPE: dict[str, Shape] = {
    "id": TEXT,
    "test": FLAG,
    "note?": TEXT,
    "extra?": JSON,
    "customer": {"email?": TEXT},
    "lines": [{"sku": TEXT, "price": {"amount": TEXT}}],
}
GOOD: dict[str, Any] = {
    "id": "1",
    "test": False,
    "customer": {"email": "a@example.invalid"},
    "lines": [{"sku": "A", "price": {"amount": "1.50"}}],
}


def decoded(*records: Any, shape: dict[str, Shape] | None = None) -> Decoded:  # noqa: ANN401 -- JSON
    return decode([("p.json", number, one) for number, one in enumerate(records, 1)], shape or SHAPE)


def test_a_record_becomes_a_row_of_text() -> None:
    record = decode_json(
        b'{"id": 12345678901234567890123, "test": true, "new_key": 1, "extra": {"a": [1.50]},'
        b' "customer": null, "lines": [{"sku": 7, "price": {"amount": 0.1}}, null]}'
    )
    row = decoded(record).frame.row(0, named=True)
    assert row["id"] == "12345678901234567890123"
    assert row["test"] is True
    assert row["note"] is None
    assert decode_json(row["extra"].encode()) == {"a": ["1.50"]}
    assert row["customer"] is None
    assert row["lines"] == [{"sku": "7", "price": {"amount": "0.1"}}, None]
    assert (row["source_file"], row["source_row"]) == ("p.json", 1)


@pytest.mark.parametrize(
    ("update", "column", "reason"),
    [
        ({"id": {}}, "id", "is an object or a list where a value was agreed on"),
        ({"id": ["1"]}, "id", "is an object or a list where a value was agreed on"),
        ({"test": "maybe"}, "test", "is neither true nor false"),
        ({"customer": "Smith"}, "customer", "is no object"),
        ({"lines": {}}, "lines", "is no list"),
        ({"lines": [{"sku": "A"}]}, "lines[].price", "is missing"),
        ({"lines": [{"sku": "A", "price": {}}]}, "lines[].price.amount", "is missing"),
        ({"note": "half \ud83d a pair"}, "note", "is no Unicode text"),
    ],
)
def test_a_record_of_another_shape_is_set_aside_with_the_place(
    update: dict[str, Any], column: str, reason: str
) -> None:
    made = decoded(GOOD, GOOD | update)
    assert made.frame.height == 1
    assert made.received == 2
    failed = made.misfits.row(0, named=True)
    assert (failed["source_row"], failed["column_name"], failed["reason"]) == (2, column, reason)
    assert "id" in decode_json(failed["record"].encode())


def test_a_missing_key_and_what_is_no_record_are_set_aside() -> None:
    made = decoded({key: value for key, value in GOOD.items() if key != "id"}, None, [], "text")
    assert made.misfits.select("column_name", "reason").rows() == [("id", "is missing"), *[("", "is no object")] * 3]


def test_lines_of_json_that_are_none_are_set_aside_and_the_others_load() -> None:
    lines = [b'{"id": 1}\n', b"\n", b'{"id": NaN}\n', b'{"id": 2', b'\xff{"id": 3}\n', b'{"id": 4}\n']
    made = decode(json_lines("a.jsonl", lines), {"id": TEXT})
    assert made.frame.select("source_row", "id").rows() == [(1, "1"), (5, "4")]
    assert made.misfits.select("source_row", "reason", "record").rows() == [(n, "is no JSON", None) for n in (2, 3, 4)]
    assert made.received == 5


def test_floats_and_two_records_of_one_origin_are_the_connectors_fault() -> None:
    with pytest.raises(TypeError, match="was decoded as a float"):
        decoded(GOOD | {"id": 0.1})
    with pytest.raises(ValueError, match=r"p\.json has a second record 1"):
        decode([("p.json", 1, GOOD), ("p.json", 1, GOOD)], SHAPE)


LEAVES = st.none() | st.booleans() | st.text(max_size=5) | st.sampled_from(["1", "0.1", "1e5"])
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner))


@settings(max_examples=6)
@given(
    st.lists(st.dictionaries(st.sampled_from(["id", "test", "note", "extra", "customer", "lines"]), TREES), max_size=3)
)
def test_whatever_comes_every_record_is_a_row_or_set_aside(records: list[Any]) -> None:
    made = decoded(*records)
    assert made.frame.height + made.misfits.height == made.received == len(records)


ORDER: dict[str, Shape] = {"id": TEXT, "at": TEXT, "total?": TEXT, "lines?": [{"sku": TEXT, "price": TEXT}]}
HEAD: dict[str, pl.Expr | str] = {
    "record_ref": "id",
    "version_at": "at",
    "occurred_at": "at",
    "order_ref": "id",
    "currency_code": pl.lit("JPY"),
}


def an_order(ref: str, at: str = "2026-03-01T12:00:00Z", **more: Any) -> dict[str, Any]:  # noqa: ANN401 -- JSON
    return {"id": ref, "at": at, "lines": [{"sku": "A", "price": "1"}], **more}


def orders(*records: dict[str, Any]) -> Any:  # noqa: ANN401 -- a Parsing
    made = decoded(*records, shape=ORDER)
    lines = made.frame.explode("lines").drop_nulls("lines").unnest("lines")
    told = {**HEAD, "product_ref": "sku", "quantity": pl.lit(1), "unit_price": "price"}
    return assemble(
        made,
        {
            "orders": typed(made.frame, "orders", HEAD | {"total_amount": "total"}),
            "order_lines": typed(lines, "order_lines", told),
        },
    )


def test_rows_have_their_streams_schema_and_what_is_not_told_is_null() -> None:
    parsing = orders(an_order("1", total="1200"))
    for name in ("orders", "order_lines"):
        assert parsing.tables[name].schema == stream(name).versioned_schema
    row = parsing.tables["orders"].row(0, named=True)
    assert row["total_amount"] == Decimal(1200)
    assert row["cancelled_at"] is None


def test_a_record_with_one_bad_line_is_in_no_table_and_once_in_the_quarantine() -> None:
    bad = an_order("2", total="?", lines=[{"sku": "A", "price": "x"}, {"sku": "", "price": "1"}])
    parsing = orders(an_order("1"), bad, an_order("3"))
    assert parsing.tables["orders"]["record_ref"].to_list() == ["1", "3"]
    assert parsing.tables["order_lines"]["record_ref"].to_list() == ["1", "3"]
    assert parsing.quarantined.schema == QUARANTINE_SCHEMA
    failed = parsing.quarantined.row(0, named=True)
    assert (parsing.quarantined.height, failed["column_name"]) == (1, "total_amount")
    assert decode_json(failed["record"].encode()) == bad
    assert parsing.received == 3


def test_what_a_stream_needs_may_not_be_empty() -> None:
    parsing = orders(an_order(""), an_order("2", lines=[{"sku": None, "price": "1"}]))
    assert parsing.quarantined.select("column_name", "reason").rows() == [
        ("record_ref", "is empty"),
        ("product_ref", "is empty"),
    ]


def test_of_the_same_version_twice_the_later_one_counts_and_versions_are_kept_apart() -> None:
    other = an_order("1", "2026-03-01T13:00:00Z")
    parsing = orders(an_order("1", total="1"), other, an_order("1", total="2"))
    assert parsing.tables["orders"].select("source_row").to_series().to_list() == [2, 3]
    assert parsing.tables["order_lines"].select("source_row").to_series().to_list() == [2, 3]
    assert (parsing.received, parsing.deduplicated) == (3, 1)


def test_expressions_of_floats_and_unknown_columns_are_refused() -> None:
    frame = decoded(an_order("1"), shape=ORDER).frame
    with pytest.raises(TypeError, match="total_amount gives floats"):
        typed(frame, "orders", HEAD | {"total_amount": pl.lit(0.1)})
    with pytest.raises(KeyError, match="orders has no columns sum"):
        typed(frame, "orders", HEAD | {"sum": "id"})


def test_a_typed_value_out_of_range_is_set_aside() -> None:
    frame = decoded(an_order("1"), shape=ORDER).frame
    huge = pl.lit("9" * 20).cast(pl.Decimal(38, 0))
    failed = typed(frame, "orders", HEAD | {"total_amount": huge}).failed
    assert failed.select("column_name", "reason").rows() == [("total_amount", "is out of range")]


def test_facts_have_no_versions() -> None:
    frame = decoded(an_order("1"), shape=ORDER).frame
    told = {name: expr for name, expr in HEAD.items() if name not in ("record_ref", "version_at")}
    made = typed(frame, "orders", told, versioned=False)
    assert made.rows.schema == stream("orders").landed_schema


def test_parsings_are_put_together() -> None:
    whole = merged([orders(an_order("1")), orders(an_order("2"), an_order("3", total="?"))])
    assert whole.tables["orders"]["record_ref"].to_list() == ["1", "2"]
    assert (whole.received, whole.quarantined.height) == (3, 1)
    assert merged([]).received == 0
