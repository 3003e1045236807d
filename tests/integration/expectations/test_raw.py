"""The raw contract: every rule can fail, names its rows, and lets through what real shops write."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from expectations.raw import validate
from expectations.raw_bounds import LIMITS, Bounds, Words
from expectations.raw_rules import rules_for
from lakehouse.errors import EcomopsError
from lakehouse.streams import INSTANT, MONEY, ORDER_LINES, PRODUCT_SUPPLY, RATE, STOCK_ON_HAND, STREAMS, Stream
from lakehouse.validation import ValidationOutcome, Validator
from lakehouse.windows import Window

_WINDOW = Window.local_day(date(2024, 3, 5))
_NOON = _WINDOW.start.replace(tzinfo=None) + timedelta(hours=12)
_GOOD: dict[str, dict[str, object]] = {
    "order_lines": {
        "order_ref": "1001",
        "product_ref": "A-1",
        "product_title": "Mug",
        "quantity": 2,
        "unit_price": Decimal("1.50"),
        "currency_code": "GBP",
    },
    "stock_on_hand": {"product_ref": "A-1", "location_ref": "main", "on_hand_units": 5},
    "product_supply": {"product_ref": "A-1", "supplier_name": "S", "lead_time_days": 14, "currency_code": "GBP"},
}


def _frame(stream: Stream, *rows: dict[str, object]) -> pl.DataFrame:
    whole = [
        {"source_file": "a.csv", "source_row": number, "occurred_at": _NOON, **_GOOD[stream.name], **row}
        for number, row in enumerate(rows, start=1)
    ]
    records = [{name: row.get(name) for name in stream.landed_schema} for row in whole]
    return pl.DataFrame(records, schema=stream.landed_schema)


@pytest.fixture
def check(tmp_path: Path) -> Validator:
    return partial(validate, keep_in=tmp_path / "results")


def _run(check: Validator, stream: Stream, *rows: dict[str, object]) -> ValidationOutcome:
    return check(_frame(stream, *rows), stream, source="test", window=_WINDOW)


def test_what_real_shops_write_passes(check: Validator) -> None:
    outcome = _run(
        check,
        ORDER_LINES,
        {},
        {"quantity": -80_995},
        {"unit_price": Decimal(0), "product_title": None, "customer_ref": None},
        {"unit_price": Decimal("38970.00")},
        {"occurred_at": _WINDOW.start.replace(tzinfo=None)},
    )
    assert outcome.success
    assert {one.status for one in outcome.checks} == {"pass"}
    assert len(outcome.checks) == len(rules_for(ORDER_LINES, _WINDOW))


_BROKEN: list[tuple[Stream, dict[str, object], str]] = [
    (ORDER_LINES, {"quantity": 0}, "quantity"),
    (ORDER_LINES, {"quantity": 1_000_001}, "quantity"),
    (ORDER_LINES, {"quantity": -1_000_001}, "quantity"),
    (ORDER_LINES, {"quantity": None}, "quantity"),
    (ORDER_LINES, {"unit_price": Decimal(1_000_001)}, "unit_price"),
    (ORDER_LINES, {"unit_price": None}, "unit_price"),
    (ORDER_LINES, {"discount_amount": Decimal(-1)}, "discount_amount"),
    (ORDER_LINES, {"tax_amount": Decimal(2_000_000)}, "tax_amount"),
    (ORDER_LINES, {"currency_code": "XYZ"}, "currency_code"),
    (ORDER_LINES, {"currency_code": "gbp"}, "currency_code"),
    (ORDER_LINES, {"order_ref": "x" * 65}, "order_ref"),
    (ORDER_LINES, {"order_ref": ""}, "order_ref"),
    (ORDER_LINES, {"order_ref": None}, "order_ref"),
    (ORDER_LINES, {"product_ref": "x" * 65}, "product_ref"),
    (ORDER_LINES, {"product_title": "x" * 2001}, "product_title"),
    (ORDER_LINES, {"occurred_at": _WINDOW.end.replace(tzinfo=None)}, "occurred_at"),
    (ORDER_LINES, {"occurred_at": _NOON - timedelta(days=1)}, "occurred_at"),
    (ORDER_LINES, {"source_row": 0}, "source_row"),
    (STOCK_ON_HAND, {"on_hand_units": 20_000_000}, "on_hand_units"),
    (STOCK_ON_HAND, {"on_hand_units": None}, "on_hand_units"),
    (PRODUCT_SUPPLY, {"lead_time_days": -1}, "lead_time_days"),
    (PRODUCT_SUPPLY, {"lead_time_days": 2000}, "lead_time_days"),
    (PRODUCT_SUPPLY, {"unit_cost": Decimal(-1)}, "unit_cost"),
    (PRODUCT_SUPPLY, {"minimum_order_units": 0}, "minimum_order_units"),
    (PRODUCT_SUPPLY, {"pack_units": 0}, "pack_units"),
]


@pytest.mark.parametrize(("stream", "change", "column"), _BROKEN)
def test_each_rule_names_its_row(stream: Stream, change: dict[str, object], column: str, check: Validator) -> None:
    rows: list[dict[str, object]] = [{"product_ref": "B"}, change, {"product_ref": "C"}]
    outcome = _run(check, stream, *rows)
    assert outcome.failures.select("row_index", "column_name").unique().rows() == [(1, column)]
    assert all(reason.startswith("breaks the rule: ") for reason in outcome.failures["reason"])
    assert "fail" in {one.status for one in outcome.checks}


@pytest.mark.parametrize("stream", [STOCK_ON_HAND, PRODUCT_SUPPLY], ids=lambda stream: stream.name)
def test_contradictions_fail_on_all_sides(stream: Stream, check: Validator) -> None:
    outcome = _run(check, stream, {}, {"product_ref": "B"}, {})
    assert outcome.failures["row_index"].to_list() == [0, 2]


def test_a_negative_price_is_a_warning_only(check: Validator) -> None:
    outcome = _run(check, ORDER_LINES, {}, {"unit_price": Decimal("-11062.06")})
    assert outcome.success
    warned = [one for one in outcome.checks if one.status == "warn"]
    assert [(one.check_id, one.failed_rows) for one in warned] == [("unit_price_not_negative", 1)]


def test_a_row_that_breaks_two_rules_stands_for_each(check: Validator) -> None:
    outcome = _run(check, ORDER_LINES, {"quantity": 0, "currency_code": "XYZ"})
    assert sorted(outcome.failures["column_name"]) == ["currency_code", "quantity"]


def test_an_empty_batch_passes_without_anything_being_run(tmp_path: Path) -> None:
    outcome = validate(_frame(ORDER_LINES), ORDER_LINES, source="t", window=_WINDOW, keep_in=tmp_path / "r")
    assert outcome.success
    assert not (tmp_path / "r").exists()


def test_a_batch_that_cannot_be_judged_is_an_error(check: Validator) -> None:
    frame = _frame(ORDER_LINES, {}).with_columns(quantity=pl.lit("two"))
    with pytest.raises(EcomopsError, match="could not be evaluated"):
        check(frame, ORDER_LINES, source="test", window=_WINDOW)


def test_stored_results_hold_counts_but_no_values(check: Validator, tmp_path: Path) -> None:
    _run(check, ORDER_LINES, {"currency_code": "SECRETVALUE", "customer_ref": "x" * 99})
    [path] = (tmp_path / "results" / "raw_order_lines").glob("*.json")
    text = path.read_text()
    assert "SECRETVALUE" not in text
    assert "x" * 99 not in text
    assert not json.loads(text)["success"]


_PLAIN: dict[object, object] = {
    pl.String: "x",
    pl.Int64: 3,
    pl.Date: _WINDOW.start.date(),
    pl.Boolean: False,
    INSTANT: _NOON,
    MONEY: Decimal(1),
    RATE: Decimal(1),
}


_FORMS = {"page_url": "https://rival.test/p/1", "content_sha256": "0f" * 32, "gtin": "04006381333931"}


def _sound(stream: Stream) -> dict[str, object]:
    """A record of a stream in which every column is what it should be."""
    words = {limit.column: limit.allowed[0] for limit in LIMITS.get(stream.name, ()) if isinstance(limit, Words)}
    currencies = {field.name: "EUR" for field in stream.fields if field.name.endswith("currency_code")}
    forms = {name: value for name, value in _FORMS.items() if f"{name}_form" in _rules_of(stream)}
    return {field.name: _PLAIN[field.dtype] for field in stream.fields} | currencies | words | forms


def _rules_of(stream: Stream) -> set[str]:
    return {rule.check_id for rule in rules_for(stream, None)}


def _judge(check: Validator, stream: Stream, *rows: dict[str, object]) -> ValidationOutcome:
    origin = {"source_file": "a.json", "occurred_at": _NOON}
    whole = [{**_sound(stream), **origin, "source_row": number, **row} for number, row in enumerate(rows, 1)]
    return check(pl.DataFrame(whole, schema=stream.landed_schema), stream, source="test", window=None)


_LIMITED = [(name, limit) for name, limits in LIMITS.items() for limit in limits]


@pytest.mark.parametrize("name", list(LIMITS))
def test_a_streams_limits_let_a_sound_record_pass_and_find_each_that_is_not(name: str, check: Validator) -> None:
    """One record for each end of each limit, all in one batch: each is found, by its column, and no other."""
    stream = STREAMS[name]
    broken: list[tuple[str, dict[str, object]]] = []
    for limit in LIMITS[name]:
        if isinstance(limit, Bounds):
            ends = [end + step for end, step in ((limit.low, -1), (limit.high, 1)) if end is not None]
            broken += [(column, {column: end}) for column in limit.columns for end in ends]
    odd: dict[str, object] = {limit.column: "a new word" for limit in LIMITS[name] if isinstance(limit, Words)}
    rows = [{}, *(row for _, row in broken), odd]
    codes = [{"product_ref": f"P{place}"} if "product_ref" in stream.schema else {} for place in range(len(rows))]

    outcome = _judge(check, stream, *({**code, **row} for code, row in zip(codes, rows, strict=True)))

    found = sorted(outcome.failures.select("row_index", "column_name").unique().rows())
    assert found == [(place, column) for place, (column, _) in enumerate(broken, 1)]
    warned = {one.check_id for one in outcome.checks if one.status == "warn"}
    assert warned == {f"{column}_is_known" for column in odd}


def test_a_rate_of_nothing_is_set_aside(check: Validator) -> None:
    outcome = _judge(check, STREAMS["fx_rates"], {"rate": Decimal(0)}, {"rate": Decimal("0.00000001")})
    assert outcome.failures["row_index"].to_list() == [0]


def test_a_visit_to_no_page_or_with_half_a_hash_is_set_aside(check: Validator) -> None:
    rows: list[dict[str, object]] = [
        {},
        {"page_url": "file:///etc/passwd"},
        {"page_url": "http:///x"},
        {"content_sha256": "0f"},
    ]
    outcome = _judge(check, STREAMS["crawl_pages"], *rows)
    found = sorted(outcome.failures.select("row_index", "column_name").unique().rows())
    assert found == [(1, "page_url"), (2, "page_url"), (3, "content_sha256")]


def test_what_a_strangers_page_says_is_no_reason_to_leave_it_out(check: Validator) -> None:
    """The visit would be missing as a whole, and its product would look as if nobody had looked."""
    odd: dict[str, object] = {"currency_code": "$", "gtin": "4006381333931", "rating": Decimal(9), "review_count": -1}
    long: dict[str, object] = {
        "evidence": "x" * 9_000,
        "offer_ref": "x" * 300,
        "page_url": f"https://rival.test/{'x' * 3_000}",
    }
    outcome = _judge(check, STREAMS["competitor_offers"], {}, odd, long)
    assert outcome.failures.is_empty()
    assert {one.check_id for one in outcome.checks if one.status == "warn"} == {
        "currency_code_iso",
        "gtin_form",
        "rating_in_bounds",
        "review_count_not_negative",
    }


def test_every_limit_is_of_a_column_that_its_stream_has() -> None:
    for name, limit in _LIMITED:
        columns = limit.columns if isinstance(limit, Bounds) else (limit.column,)
        assert set(columns) <= set(STREAMS[name].schema), (name, columns)


def test_every_stream_has_rules_with_their_own_names() -> None:
    for stream in STREAMS.values():
        rules = rules_for(stream, _WINDOW)
        names = [rule.check_id for rule in rules]
        assert len(names) == len(set(names))
        assert {"columns", "occurred_at_in_window"} < set(names)
        for field in stream.fields:
            assert (f"{field.name}_not_null" in names) == field.required
