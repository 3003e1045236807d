"""Nested records: paths, lists that make rows, kinds that are not used, and what becomes of the counts."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.files.mapping import SourceMapping
from extractors.files.paths import check_path, exploded, leaves, text_at
from lakehouse.errors import ContractError
from lakehouse.landing import Parsed
from lakehouse.windows import Window
from tests.support import exports

_RECORD: dict[str, Any] = {
    "a": {"b": "1", "flat.key": "2"},
    "list": [{"key": "x", "value": {"s": "3"}}, {"key": "y", "value": {"s": "4"}}],
    "one": [{"id": "5"}],
    "flat.path": "6",
    "nothing": None,
    "yes": True,
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.b", "1"),
        ("list[0].value.s", "3"),
        ("list[key=y].value.s", "4"),
        ("list[key=z].value.s", None),
        ("list[7].value.s", None),
        ("list[only].value.s", None),
        ("one[only].id", "5"),
        ("flat.path", "6"),
        ("nothing", None),
        ("nothing.deeper", None),
        ("a.b.c", None),
        ("list.value", None),
        ("yes", "true"),
        ("one", '[{"id": "5"}]'),
    ],
)
def test_a_path_leads_to_a_text_or_nowhere(path: str, expected: str | None) -> None:
    assert text_at(_RECORD, path) == expected


@pytest.mark.parametrize("path", ["", ".a", "a.", "a..b", "a[", "a[x]", "a]", "a[=x]", "a[0]b"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        check_path(path)


def test_an_element_stands_where_its_list_stood() -> None:
    parts = list(exploded(_RECORD, "list"))
    assert [text_at(part, "list.value.s") for part in parts] == ["3", "4"]
    assert all(text_at(part, "a.b") == "1" for part in parts)
    assert list(exploded({"list": []}, "list")) == [{"list": []}]
    assert list(exploded({}, "list.of.things")) == [{}]


_JSON = st.recursive(
    st.none() | st.booleans() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=4),
)


@settings(max_examples=30)
@given(st.dictionaries(st.text(min_size=1), _JSON))
def test_every_text_in_a_record_is_looked_at(record: dict[str, Any]) -> None:
    written = json.dumps(record)
    texts = [text for _, text in leaves(record)]
    assert sum(json.dumps(text) in written for text in texts) == len(texts)
    marked = {**record, "added": {"x": [[{"y": "4111111111111111"}]]}}
    assert ("added.x.y", "4111111111111111") in list(leaves(marked))


def _events(**layout: object) -> SourceMapping:
    columns = {
        "event_ref": "id",
        "event_kind": {"first_of": ["event", "type"], "values": {"Viewed": "product_view", "page": "page_view"}},
        "product_ref": "properties.products.sku",
        "quantity": "properties.products.quantity",
        "amount": {"from": "properties.total", "rounded": True},
        "occurred_at": {"from": "timestamp", "formats": ["%Y-%m-%dT%H:%M:%S%.fZ", "epoch_s"]},
    }
    columns["event_kind"] |= layout.pop("kind", {})  # type: ignore[operator]
    whole = {"name": "events", "files": "*", "format": "jsonl", "open": True, "explode": "properties.products"}
    return SourceMapping.model_validate(
        {
            "name": "shop_events",
            "title": "Events",
            "stream": "events",
            "time_zone": "UTC",
            "columns": columns,
            "layouts": [{**whole, **layout}],
            "quarantine": {"max_share": 1.0},
            "keys": ["event_ref"],
        }
    )


def _event(number: int, *skus: str, **changes: object) -> dict[str, Any]:
    products = [{"sku": sku, "quantity": 1} for sku in skus]
    record = {
        "id": f"e{number}",
        "event": "Viewed",
        "type": "track",
        "timestamp": "2024-03-05T09:00:00.5Z",
        "properties": {"products": products, "total": 1.5},
        "anything": {"new": [1, {"more": None}]},
    }
    return record | changes


def _parse(source: SourceMapping, *records: object) -> Parsed:
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    window = Window.local_day(date(2024, 3, 5))
    return exports.parse(source, "\n".join(lines).encode(), name="events.jsonl", window=window)


def test_a_list_makes_rows_and_the_record_counts_once() -> None:
    parsed = _parse(_events(), _event(1, "A", "B"), _event(2), _event(3, "C"))
    assert parsed.rows.select("source_row", "event_ref", "product_ref").rows() == [
        (1, "e1", "A"),
        (1, "e1", "B"),
        (2, "e2", None),
        (3, "e3", "C"),
    ]
    assert (parsed.received, parsed.landed, parsed.rows_by_part) == (3, 3, (3,))
    assert parsed.rows["occurred_at"][0] == exports.utc(2024, 3, 5, 9, 0, 0, 500_000)


def test_a_record_of_which_one_row_fails_is_quarantined_whole() -> None:
    bad = _event(1, "A", "B")
    bad["properties"]["products"][1]["quantity"] = "many"
    parsed = _parse(_events(), bad, _event(2, "C"))
    assert (parsed.rows["event_ref"].to_list(), parsed.landed, parsed.received) == (["e2"], 1, 2)
    failed = parsed.quarantined.row(0, named=True)
    assert failed["reason"] == "properties.products.quantity is not a whole number"
    assert json.loads(failed["record"]) == bad


def test_kinds_that_are_not_used_are_counted_apart() -> None:
    source = _events(kind={"skip": ["Identified", "*"]})
    parsed = _parse(
        source,
        _event(1, "A"),
        _event(2, event="Identified", timestamp="never"),
        _event(3, "A", "B", event="Never heard of"),
        _event(4, event=None, type="page"),
        _event(5, event=None, type=None),
        "{",
    )
    assert parsed.rows["event_kind"].to_list() == ["product_view", "page_view"]
    assert (parsed.received, parsed.ignored, parsed.rows_by_part) == (4, 2, (4,))
    assert parsed.quarantined["reason"].to_list() == ["event or type is empty", "the record is not JSON"]


def test_an_unlisted_kind_is_quarantined_unless_it_is_said_not_to_be_used() -> None:
    parsed = _parse(_events(), _event(1, "A"), _event(2, event="Identified"))
    assert parsed.ignored == 0
    assert parsed.quarantined["reason"].to_list() == ["event or type is not one of the values that the mapping lists"]
    other = _parse(_events(kind={"otherwise": "page_view"}), _event(2, event="Identified"))
    assert other.rows["event_kind"].to_list() == ["page_view"]


def test_repeated_and_contradicting_records_that_make_rows() -> None:
    parsed = _parse(_events(), _event(1, "A", "B"), _event(1, "A", "B"), _event(2, "C"), _event(2, "D"), _event(3, "E"))
    assert (parsed.landed, parsed.deduplicated, parsed.quarantined.height) == (3, 1, 1)
    assert parsed.received == parsed.landed + parsed.deduplicated + parsed.quarantined.height  # type: ignore[operator]
    assert "earlier record with other values" in parsed.quarantined["reason"][0]


@pytest.mark.parametrize("stamp", ["1.709632800E9", 1709632800, "1709632800.0"])
def test_times_in_the_forms_that_vendors_write(stamp: object) -> None:
    parsed = _parse(_events(), _event(1, "A", timestamp=stamp))
    assert parsed.rows["occurred_at"].to_list() == [exports.utc(2024, 3, 5, 10)]


def test_times_in_microseconds_are_exact() -> None:
    told = _events().model_dump(by_alias=True)
    told["columns"]["occurred_at"]["formats"] = ["epoch_us"]
    parsed = _parse(SourceMapping.model_validate(told), _event(1, "A", timestamp=1709632800123457))
    assert parsed.rows["occurred_at"].to_list() == [exports.utc(2024, 3, 5, 10, 0, 0, 123_457)]


def test_a_sum_that_a_script_made_is_rounded_where_the_mapping_says_so() -> None:
    line = json.dumps(_event(1, "A")).replace('"total": 1.5', '"total": 19.990000000000002')
    assert _parse(_events(), line).rows["amount"].to_list() == [Decimal("19.9900")]
    strict = _events().model_dump(by_alias=True)
    strict["columns"]["amount"]["rounded"] = False
    parsed = _parse(SourceMapping.model_validate(strict), line, _event(2))
    assert "more than 14 digits" in parsed.quarantined["reason"][0]


@pytest.mark.parametrize("where", ["properties", "context", "added"])
def test_a_card_number_anywhere_in_an_open_record_is_refused(where: str) -> None:
    record = _event(1, "A")
    record[where] = {"deep": [{"note": "my card 4111 1111 1111 1111"}], **record.get(where, {})}
    with pytest.raises(ContractError, match=rf"row 1, {where}\.deep\.note") as error:
        _parse(_events(), record)
    assert "4111" not in str(error.value)


def test_long_identifiers_in_open_records_are_no_card_numbers() -> None:
    parsed = _parse(_events(), _event(1, "4111111111111111", id="4012888888881881"))
    assert parsed.rows["product_ref"].to_list() == ["4111111111111111"]


def test_nested_parquet_reads_like_nested_json() -> None:
    records = [_event(1, "A", "B"), _event(2), _event(3, "C")]
    buffer = io.BytesIO()
    frame = pl.DataFrame(
        [{name: one[name] for name in ("id", "event", "type", "properties")} for one in records],
        infer_schema_length=None,
    )
    at = datetime(2024, 3, 5, 9, tzinfo=UTC).replace(tzinfo=None)
    frame.with_columns(pl.lit(at).alias("timestamp")).write_parquet(buffer)
    source = _events(format="parquet").model_dump(by_alias=True)
    source["columns"]["occurred_at"]["formats"] = ["%Y-%m-%d %H:%M:%S"]
    window = Window.local_day(date(2024, 3, 5))
    parsed = exports.parse(SourceMapping.model_validate(source), buffer.getvalue(), name="e.parquet", window=window)
    assert parsed.rows["product_ref"].to_list() == ["A", "B", None, "C"]
    assert parsed.rows["amount"].to_list() == [Decimal("1.5000")] * 4


def test_not_a_number_in_nested_parquet_is_quarantined() -> None:
    buffer = io.BytesIO()
    frame = pl.DataFrame({"id": ["e1", "e2"], "event": ["Viewed"] * 2, "timestamp": ["1709632800"] * 2})
    totals = pl.Series("properties", [{"total": float("nan")}, {"total": 1e-3}])
    frame.with_columns(totals).write_parquet(buffer)
    window = Window.local_day(date(2024, 3, 5))
    parsed = exports.parse(_events(format="parquet"), buffer.getvalue(), name="e.parquet", window=window)
    assert parsed.quarantined["reason"].to_list() == ["properties.total is not an amount"]


def test_blocks_of_a_long_file_give_the_rows_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [_event(number, "A") for number in range(40)]
    lines = [json.dumps(one) for one in records]
    lines[7] = "{"
    whole = _parse(_events(), *lines)
    monkeypatch.setattr("extractors.files.jsonlines._BLOCK", 300)
    parts = _parse(_events(), *lines)
    assert parts.rows.equals(whole.rows)
    assert parts.quarantined.equals(whole.quarantined)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"open": False}, "need `open: true`"),
        ({"format": "csv"}, "`open` is for"),
        ({"ignored": ["x"]}, "leave `ignored`"),
        ({"explode": "a[0]"}, "is no path"),
    ],
)
def test_an_open_layout_that_makes_no_sense_is_refused(change: dict[str, object], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        _events(**change)
