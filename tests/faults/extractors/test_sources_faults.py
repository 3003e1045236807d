"""Fault matrix, one family of sources after the other: what comes damaged is set aside with its reason, and the rest
loads; what is no file of the source is refused by a message that names it.

Every family has one sound record that must come through whatever stands beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pytest

from extractors.files.declarations import find
from extractors.files.mapping import Quarantine, SourceMapping
from lakehouse.errors import ContractError, EcomopsError
from lakehouse.landing import Parsed
from lakehouse.windows import Window
from tests.support import exports

pytestmark = pytest.mark.faults

_DAY = date(2024, 3, 5)
_GARBAGE = [
    "{", "}", "[]", "null", "42", '"text"', "{]", "<html>502 Bad Gateway</html>", '{"a": NaN}', '{"a": Infinity}',
    '{"a": -Infinity}', '{"a": 1, "a": 2}', '{"a": 01}', "[" * 3000, '{"a":' * 3000, '{"messageId": "1"}{"x": 1}',
    '{"messageId": "\\ud83d"}', "// comment", "\x01\x02", "Internal Server Error", '{"messageId": "1"',
]  # fmt: skip


@cache
def _lenient(source: str) -> SourceMapping:
    return find(source).model_copy(update={"quarantine": Quarantine(max_share=1.0)})


def _parse(source: str, name: str, data: bytes) -> Parsed:
    mapping = _lenient(source)
    return exports.parse(mapping, data, name=name, window=Window.local_day(_DAY, mapping.time_zone))


def _check(parsed: Parsed, *, quarantined: int = 1) -> None:
    landed = parsed.rows.height if parsed.landed is None else parsed.landed
    assert landed == 1
    assert parsed.quarantined.height == quarantined
    assert parsed.received == landed + parsed.deduplicated + parsed.quarantined.height
    assert parsed.quarantined["reason"].str.len_chars().min() > 5  # type: ignore[operator]


_CALL = {
    "messageId": "sound", "type": "page", "anonymousId": "v", "timestamp": "2024-03-05T10:00:00.000Z",
    "receivedAt": "2024-03-05T10:00:01.000Z",
}  # fmt: skip
_SNOWPLOW = {
    "event_id": "sound", "event": "page_view", "event_name": "page_view", "derived_tstamp": "2024-03-05T10:00:00.000Z",
    "collector_tstamp": "2024-03-05T10:00:01.000Z",
}  # fmt: skip
_GA4 = {
    "event_name": "page_view", "event_timestamp": 1709632800123457, "user_pseudo_id": "v",
    "event_bundle_sequence_id": 1,
}  # fmt: skip
_TICKET = {"id": 1, "status": "open", "created_at": "2024-03-05T10:00:00Z", "updated_at": "2024-03-05T10:00:00Z"}
_JSON: dict[str, tuple[str, dict[str, Any]]] = {
    "segment_events": ("1709596800000/hour.json", _CALL),
    "snowplow_events": ("2024-03-05/10.jsonl", _SNOWPLOW),
    "ga4_events": ("events_20240305.json", _GA4),
    "zendesk_tickets": ("tickets_2024-03-05.json", _TICKET),
}


@pytest.mark.parametrize("garbage", _GARBAGE, ids=range(len(_GARBAGE)))
@pytest.mark.parametrize("source", _JSON)
def test_garbage_beside_a_sound_record(source: str, garbage: str) -> None:
    name, record = _JSON[source]
    for lines in ([garbage, json.dumps(record)], [json.dumps(record), garbage]):
        _check(_parse(source, name, "\n".join(lines).encode()))


_RETYPED: dict[str, list[dict[str, object]]] = {
    "segment_events": [
        {"messageId": None}, {"messageId": ""}, {"type": None}, {"timestamp": None}, {"timestamp": "yesterday"},
        {"timestamp": "2024-03-05"}, {"timestamp": True}, {"timestamp": "1e300"}, {"timestamp": [1]},
        {"receivedAt": "05.03.2024"}, {"receivedAt": None, "timestamp": "NaN"}, {"timestamp": "2024-02-30T00:00:00Z"},
        {"properties": {"quantity": "many"}}, {"properties": {"quantity": 1.5}}, {"properties": {"quantity": [1]}},
        {"properties": {"value": "free"}}, {"properties": {"value": "1,50"}}, {"properties": {"value": {}}},
        {"properties": {"value": 10**15}}, {"properties": {"result_count": "1e99"}},
    ],
    "snowplow_events": [
        {"event_id": None}, {"event": None, "event_name": None}, {"derived_tstamp": None}, {"derived_tstamp": "now"},
        {"derived_tstamp": 1709632800}, {"collector_tstamp": "now"}, {"derived_tstamp": "2024-03-05"},
        {"unstruct_event_com_snowplowanalytics_snowplow_site_search_1": {"totalResults": "all"}},
        {"contexts_com_snowplowanalytics_snowplow_ecommerce_product_1": [{"quantity": 0.5}]},
        {"contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1": [{"revenue": "much"}]},
    ],
    "ga4_events": [
        {"event_name": None}, {"event_timestamp": None}, {"event_timestamp": "now"}, {"event_timestamp": 1e30},
        {"event_timestamp": "2024-03-05"}, {"event_timestamp": -1}, {"items": [{"quantity": "two"}]},
        {"ecommerce": {"purchase_revenue": "17,98"}}, {"ecommerce": {"purchase_revenue": True}},
        {"event_params": [{"key": "value", "value": {"double_value": "x"}}]},
    ],
    "zendesk_tickets": [
        {"id": None}, {"status": "lost"}, {"created_at": None}, {"created_at": "now"}, {"updated_at": "now"},
        {"satisfaction_rating": {"score": "great"}}, {"metric_set": {"solved_at": "2024"}}, {"solved_at": 7},
        {"created_at": "2024-03-05 10:00"}, {"created_at": "2024-13-05T10:00:00Z"},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "change"), [(source, change) for source, changes in _RETYPED.items() for change in changes]
)
def test_a_value_of_another_kind_is_quarantined_with_its_column(source: str, change: dict[str, object]) -> None:
    name, record = _JSON[source]
    bad = {**record, ("id" if source == "zendesk_tickets" else "messageId"): "bad", **change}
    if source == "snowplow_events":
        bad = {**record, "event_id": "bad", **change}
    parsed = _parse(source, name, "\n".join(map(json.dumps, (record, bad))).encode())
    _check(parsed)
    assert parsed.quarantined["column_name"][0]


@pytest.mark.parametrize("digits", [16, 19, 23, 40])
@pytest.mark.parametrize("source", _JSON)
def test_long_ids_stay_text(source: str, digits: int) -> None:
    name, record = _JSON[source]
    long = ("9182736450" * 4)[:digits]
    key = {"segment_events": "messageId", "snowplow_events": "event_id", "ga4_events": "user_id"}.get(source, "id")
    line = json.dumps({**record, key: 0}).replace(f'"{key}": 0', f'"{key}": {long}')
    row = _parse(source, name, line.encode()).rows.row(0, named=True)
    assert long in (row["record_ref"], row["customer_ref"])


@pytest.mark.parametrize("data", [b"", b"\n", b"\r\n\r\n", b"   \n \n", b"\n" * 50])
@pytest.mark.parametrize("source", _JSON)
def test_an_empty_file_is_a_load_of_no_rows(source: str, data: bytes) -> None:
    parsed = _parse(source, _JSON[source][0], data)
    assert (parsed.received, parsed.rows.height, parsed.ignored) == (0, 0, 0)


_FOREIGN: list[Callable[[str], bytes]] = [
    lambda text: text.encode("utf-16"),
    lambda text: text.encode("utf-16-le"),
    lambda text: text.replace("sound", "größer").encode("cp1252"),
    lambda text: text.replace("sound", "订单").encode("gb18030"),
    lambda text: text.replace("sound", "注文").encode("cp932"),
    lambda text: b"\x1f\x8b\x08" + text.encode(),
    lambda text: b"\xff\xfe\x00" + text.encode(),
    lambda text: text.encode() + b"\x00",
]


@pytest.mark.parametrize("wrong", range(len(_FOREIGN)))
@pytest.mark.parametrize("source", ["segment_events", "snowplow_events", "zendesk_tickets", "ga4_events"])
def test_another_character_set_is_refused_by_name(source: str, wrong: int) -> None:
    name, record = _JSON[source]
    told = {**record, "note": "sound"}
    text = json.dumps(told, ensure_ascii=False)
    text = text.replace("sound", "größer") if wrong in (2, 3, 4) and source == "ga4_events" else text
    try:
        data = _FOREIGN[wrong](text)
    except UnicodeEncodeError:
        data = text.encode("cp1252")
    with pytest.raises(ContractError, match=name.rpartition("/")[2]):
        _parse(source, name, data)


_TABLES: dict[str, tuple[str, str, str]] = {
    "google_ads_spend": (
        "google_ads_2024-03-05.csv",
        "Ad group report\nMarch 5\n"
        "Day,Campaign,Campaign ID,Ad group,Currency code,Impr.,Clicks,Cost,Conversions,Conv. value\n",
        "2024-03-05,Brand,111,exact,GBP,10,1,1.50,0,0\n",
    ),
    "meta_ads_spend": (
        "meta_ads_2024-03-05.csv",
        "Campaign name,Day,Campaign ID,Ad set name,Impressions,Amount spent (GBP),Link clicks,Purchases,"
        "Purchases conversion value\n",
        "Brand,2024-03-05,111,Set,10,1.50,1,0,0\n",
    ),
    "purchase_orders_csv": (
        "purchase_orders_2024-03-05.csv",
        "purchase_order_ref,line_ref,supplier_ref,product_ref,location_ref,status,quantity,unit_cost,currency_code,"
        "ordered_at,expected_at,changed_at\n",
        "PO-1,1,S,A,main,open,240,1.10,USD,2024-03-04 15:20:00,2024-04-10 00:00:00,2024-03-04 15:20:00\n",
    ),
    "shipping_costs_csv": (
        "shipping_costs_2024-03-05.csv",
        "shipment_ref,order_ref,carrier,service,destination_country,weight_kg,amount,currency_code,sent_at,"
        "delivered_at\n",
        "J1,1001,Parcel Co,standard,GB,1.2,4.35,GBP,2024-03-04 16:00:00,2024-03-05 11:00:00\n",
    ),
}
_BAD_LINES: dict[str, list[str]] = {
    "google_ads_spend": [
        "2024-03-05,Brand,111,exact,GBP,10,1,NaN,0,0", "2024-03-05,Brand,111,exact,GBP,10,1,1.5.0,0,0",
        "2024-03-05,Brand,111,exact,GBP,1.5,1,1,0,0", "2024-03-05,Brand,,exact,GBP,10,1,1,0,0",
        "05.03.2024,Brand,111,exact,GBP,10,1,1,0,0", "2024-03-05,Brand,111,exact,,10,1,1,0,0",
        "2024-03-06,Brand,111,exact,GBP,10,1,1,0,0", "2024-03-05,Brand,111", '2024-03-05,"Brand,111',
        "#DIV/0!,,,,,,,,,",
        "2024-03-05,Brand,111,exact,GBP,10,1,inf,0,0", "2024-03-05,Brand,111,exact,GBP,ten,1,1,0,0",
        ",Brand,111,exact,GBP,10,1,1,0,0", "2024-03-05,Brand,111,exact,GBP,10,1,,0,0",
        "2024-03-05,Brand,111,exact,GBP,10,1,1,zero,0", "2024-03-05,Brand,111,exact,GBP,10,1,1,0,free",
        '2024-03-05,Brand,111,exact,GBP,10,1,"1,23",0,0', "2024-03-05,Brand,111,exact,GBP,10,1e3,1,0,0",
        "2024-03-05,Brand,111,exact,GBP,10,1,99999999999999999,0,0", "2024-03-05,Brand,111,exact,GBP,10,1,1,0,0,more",
    ],
    "meta_ads_spend": [
        "Brand,2024-03-05,111,Set,10,NaN,1,0,0", "Brand,2024-03-05,,Set,10,1,1,0,0", ",,,,10,1,1,0,0",
        "Brand,05.03.2024,111,Set,10,1,1,0,0", "Brand,2024-03-04,111,Set,10,1,1,0,0", "Brand,2024-03-05",
        "Brand,2024-03-05,111,Set,x,1,1,0,0", "Brand,2024-03-05,111,Set,10,1 000,1,0,0",
        "Brand,2024-03-05,111,Set,10,,1,0,0", "Brand,2024-03-05,111,Set,10,£1,1,0,0",
    ],
    "purchase_orders_csv": [
        "PO-1,2,S,A,main,lost,240,1.10,USD,2024-03-04 15:20:00,,2024-03-04 15:20:00",
        "PO-1,2,S,A,main,open,many,1.10,USD,2024-03-04 15:20:00,,2024-03-04 15:20:00",
        "PO-1,2,S,A,main,open,240,1.10,,2024-03-04 15:20:00,,2024-03-04 15:20:00",
        "PO-1,2,S,,main,open,240,1.10,USD,2024-03-04 15:20:00,,2024-03-04 15:20:00",
        ",2,S,A,main,open,240,1.10,USD,2024-03-04 15:20:00,,2024-03-04 15:20:00",
        "PO-1,2,S,A,main,open,240,1.10,USD,04/03/2024,,2024-03-04 15:20:00",
        "PO-1,2,S,A,main,open,240,1.10001,USD,2024-03-04 15:20:00,,2024-03-04 15:20:00",
        "PO-1,2,S,A,main,open,240,1.10,USD,2024-03-31 01:30:00,,2024-03-04 15:20:00",  # clocks skipped it
        "PO-1,2,S,A,main,open,240,1.10,USD,2024-03-04 15:20:00,soon,2024-03-04 15:20:00", "PO-1;2;S;A;main;open",
    ],
    "shipping_costs_csv": [
        ",1001,Parcel Co,standard,GB,1.2,4.35,GBP,2024-03-04 16:00:00,",
        "J2,1001,,standard,GB,1.2,4.35,GBP,2024-03-04,",
        "J2,1001,Parcel Co,standard,GB,heavy,4.35,GBP,2024-03-04 16:00:00,",
        "J2,1001,Parcel Co,standard,GB,1.2,NaN,GBP,2024-03-04 16:00:00,",
        "J2,1001,Parcel Co,standard,GB,1.2,4.35,GBP,,",
        "J2,1001,Parcel Co,standard,GB,1.2,4.35,,2024-03-04 16:00:00,", 'J2,"1001,Parcel Co', "J2", "J2,,",
        'J2,1001,Parcel Co,standard,GB,1.2,"4,35",GBP,2024-03-04 16:00:00,',
    ],
}  # fmt: skip


@pytest.mark.parametrize(("source", "line"), [(source, line) for source, lines in _BAD_LINES.items() for line in lines])
def test_a_bad_line_costs_that_line(source: str, line: str) -> None:
    name, head, sound = _TABLES[source]
    for lines in (sound + line + "\n", line + "\n" + sound):
        _check(_parse(source, name, (head + lines).encode()))


_NO_TABLES = [
    b"%PDF-1.7\n", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" * 8, b"\x00" * 64, b"<html><body>Sign in</body></html>\n",
    b"a,b,c\n1,2,3\n", b"{}\n", b"\xff\xfea\x00,\x00",
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(_NO_TABLES)))
@pytest.mark.parametrize("source", _TABLES)
def test_what_is_no_such_report_is_refused(source: str, number: int) -> None:
    name = _TABLES[source][0]
    with pytest.raises(EcomopsError, match=name):
        _parse(source, name, _NO_TABLES[number])


@pytest.mark.parametrize("source", _TABLES)
def test_renamed_and_missing_columns_stop_the_load(source: str) -> None:
    name, head, sound = _TABLES[source]
    *before, names, _ = head.split("\n")
    columns = names.split(",")
    used = {vendor for column in _lenient(source).columns.values() for vendor in column.vendor if not column.optional}
    for place, column in enumerate(columns):
        if column not in used:
            continue
        changed = [*columns[:place], f"{column} neu", *columns[place + 1 :]]
        text = "\n".join([*before, ",".join(changed), ""]) + sound
        with pytest.raises(ContractError, match="lacks the column"):
            _parse(source, name, text.encode())
