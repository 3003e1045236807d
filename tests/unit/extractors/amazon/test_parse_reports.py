"""Reports: settlements that add up, movements of the window, what Amazon writes where it has nothing to say."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from extractors.amazon import parse_reports, parse_settlement, parse_traffic
from lakehouse.landing import RawFile

_D = Decimal
_HEAD = (
    "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\tcurrency\ttransaction-type\t"
    "order-id\tmarketplace-name\tamount-type\tamount-description\tamount\tposted-date\tposted-date-time\tsku\tquantity-purchased"
)
_SUMMARY = "77\t01.03.2025 00:00:00 UTC\t15.03.2025 00:00:00 UTC\t17.03.2025 00:00:00 UTC\t{total}\tEUR" + "\t" * 10
_LINE = (
    "77\t\t\t\t\t\t{kind}\t302-1\tAmazon.de\t{type}\t{words}\t{amount}\t02.03.2025\t02.03.2025 14:23:00 UTC\tSKU-1\t1"
)


def _part(folder: Path, name: str, text: str, **meta: str) -> RawFile:
    path = folder / name
    path.write_bytes(text.encode())
    told = {"created_at": "2025-03-17T01:00:00Z", "marketplace": "A1PA6795UKMFR9", "content_type": "text/plain"}
    return RawFile(name, path, told | meta)


def _settlement(folder: Path, total: str, *rows: tuple[str, str, str, str]) -> RawFile:
    lines = [_LINE.format(kind=kind, type=kind_of, words=words, amount=amount) for kind, kind_of, words, amount in rows]
    return _part(folder, "settlement.tsv", "\n".join([_HEAD, _SUMMARY.format(total=total), *lines]) + "\n")


_ROWS = (
    ("Order", "ItemPrice", "Principal", "1.095,00"),
    ("Order", "ItemPrice", "Tax", "10,50"),
    ("Order", "ItemPrice", "Shipping", "3,99"),
    ("Order", "ItemFees", "Commission", "-15,00"),
    ("Order", "Promotion", "Principal", "-2,00"),
    ("Refund", "ItemPrice", "Principal", "-95,00"),
    ("Refund", "ItemFees", "RefundCommission", "-1,20"),
    ("other-transaction", "other-transaction", "Current Reserve Amount", "-100,00"),
    ("other-transaction", "other-transaction", "FBA storage fee", "-5,00"),
    ("other-transaction", "FBA Inventory Reimbursement", "REVERSAL_REIMBURSEMENT", "7,00"),
)


def test_a_settlement_with_decimal_commas_and_german_days(tmp_path: Path) -> None:
    (read,) = parse_settlement.parse(_settlement(tmp_path, "898,29", *_ROWS))
    assert read.quarantined.is_empty(), read.quarantined
    payout = read.tables["payouts"].row(0, named=True)
    assert (payout["payout_ref"], payout["amount"], payout["currency_code"]) == ("77", _D("898.2900"), "EUR")
    assert (str(payout["period_start_at"]), str(payout["occurred_at"])) == (
        "2025-03-01 00:00:00",
        "2025-03-17 00:00:00",
    )
    lines = read.tables["settlement_lines"]
    assert lines["amount"].sum() == payout["amount"]
    assert lines["line_kind"].to_list() == [
        "sale", "tax", "shipping", "fee", "promotion", "refund", "fee", "reserve", "fee", "adjustment",
    ]  # fmt: skip
    assert lines["source_kind"][0] == "Order > ItemPrice > Principal"
    assert str(lines["occurred_at"][0]) == "2025-03-02 14:23:00"
    assert (read.received, lines["settlement_line_ref"].n_unique()) == (1, lines.height)


def test_a_settlement_that_does_not_add_up_is_not_believed(tmp_path: Path) -> None:
    (read,) = parse_settlement.parse(_settlement(tmp_path, "898,29", *_ROWS[1:]))
    assert read.quarantined["reason"].to_list() == ["is not what the lines add up to"]
    assert (read.received, read.tables["payouts"].height, read.tables["settlement_lines"].height) == (1, 0, 0)


def test_a_settlement_with_a_bad_amount_is_quarantined_whole(tmp_path: Path) -> None:
    (read,) = parse_settlement.parse(_settlement(tmp_path, "1", ("Order", "ItemPrice", "Principal", "one")))
    assert read.quarantined.height == 1
    assert read.tables["settlement_lines"].is_empty()


_LEDGER = (
    "Date\tFNSKU\tASIN\tMSKU\tTitle\tEvent Type\tReference ID\tQuantity\tFulfillment Center\tDisposition\tReason\t"
    "Country"
)
_SPAN = {"start": "2025-03-01T00:00:00Z", "end": "2025-03-02T00:00:00Z"}


def _ledger(folder: Path, *rows: tuple[str, str, str, str]) -> RawFile:
    lines = [
        f"{day}\tX1\tB1\tSKU-1\tLamp\t{event}\tR-1\t{units}\tLTN4\tSELLABLE\t{reason}\tGB"
        for day, event, units, reason in rows
    ]
    return _part(folder, "ledger.tsv", "\n".join([_LEDGER, *lines]) + "\n", **_SPAN)


def test_movements_by_their_kind(tmp_path: Path) -> None:
    day = "03/01/2025"
    part = _ledger(
        tmp_path,
        (day, "Shipments", "-1", ""),
        (day, "CustomerReturns", "1", ""),
        (day, "Receipts", "40", ""),
        (day, "WhseTransfers", "-5", ""),
        (day, "Adjustments", "2", "F"),
        (day, "Adjustments", "-2", "E"),
        (day, "VendorReturns", "-3", ""),
        (day, "SomethingNew", "-3", ""),
    )
    (read,) = parse_reports.ledger(part)
    assert read.quarantined.is_empty()
    rows = read.tables["inventory_movements"]
    assert rows["movement_kind"].to_list() == [
        "sale", "return", "receipt", "transfer", "adjustment", "damage", "other", "other",
    ]  # fmt: skip
    assert rows["quantity"].sum() == 29
    assert set(rows["location_ref"]) == {"FBA/A1F83G8C2ARO7P/LTN4"}  # the centre, in the marketplace that counts it
    assert str(rows["occurred_at"][0]) == "2025-03-01 00:00:00"


def test_movements_of_other_windows_are_not_counted(tmp_path: Path) -> None:
    part = _ledger(
        tmp_path,
        ("02/28/2025", "Receipts", "1", ""),
        ("03/01/2025", "Receipts", "2", ""),
        ("03/02/2025", "Receipts", "4", ""),
    )
    (read,) = parse_reports.ledger(part)
    assert read.received == 1
    assert read.tables["inventory_movements"]["quantity"].to_list() == [2]


@pytest.mark.parametrize(
    ("day", "units", "column"), [("yesterday", "1", "occurred_at"), ("03/01/2025", "many", "quantity")]
)
def test_a_movement_that_cannot_be_read_is_set_aside(tmp_path: Path, day: str, units: str, column: str) -> None:
    part = _ledger(tmp_path, (day, "Receipts", units, ""), ("03/01/2025", "Receipts", "2", ""))
    (read,) = parse_reports.ledger(part)
    assert read.quarantined.select("source_row", "column_name").rows() == [(1, column)]
    assert read.received == 2


def test_what_customers_wrote_stays_in_the_raw_bytes(tmp_path: Path) -> None:
    text = (
        "return-date\torder-id\tsku\tquantity\tfulfillment-center-id\tdetailed-disposition\treason\tcustomer-comments\n"
        "2025-03-01T15:31:40+00:00\t114-1\tSKU-1\t1\tLEX1\tCUSTOMER_DAMAGED\tNOT_COMPATIBLE\tring me at 0123\n"
    )
    (read,) = parse_reports.returns(_part(tmp_path, "returns.tsv", text, **_SPAN))
    row = read.tables["customer_returns"].row(0, named=True)
    assert (row["disposition"], row["reason"], row["quantity"]) == ("damaged", "not_compatible", 1)
    assert "0123" not in str(row)


def _traffic(first: str, last: str) -> str:
    sales = {"unitsOrdered": 3, "totalOrderItems": 2, "orderedProductSales": {"amount": 26.25, "currencyCode": "EUR"}}
    seen = {"sessions": 13, "pageViews": 33, "buyBoxPercentage": 95.24}
    return json.dumps(
        {
            "reportSpecification": {"dataStartTime": first, "dataEndTime": last},
            "salesAndTrafficByDate": [{"date": first, "salesByDate": sales, "trafficByDate": seen}],
            "salesAndTrafficByAsin": [
                {"parentAsin": "P", "childAsin": "C", "sku": "S", "salesByAsin": sales, "trafficByAsin": seen}
            ],
        }
    )


def test_visits_of_a_day_and_of_its_products(tmp_path: Path) -> None:
    (read,) = parse_traffic.parse(_part(tmp_path, "traffic.json", _traffic("2025-07-01", "2025-07-01")))
    rows = read.tables["sales_traffic"]
    assert rows.select("asin", "product_ref", "session_count", "ordered_units").rows() == [
        (None, None, 13, 3),
        ("C", "S", 13, 3),
    ]
    assert rows["ordered_amount"].to_list() == [_D("26.2500")] * 2
    assert str(rows["occurred_at"][0]) == "2025-06-30 22:00:00"  # midnight in Berlin


def test_products_of_several_days_belong_to_none_of_them(tmp_path: Path) -> None:
    (read,) = parse_traffic.parse(_part(tmp_path, "traffic.json", _traffic("2025-07-01", "2025-07-02")))
    assert (read.received, read.quarantined.height) == (2, 1)
    assert read.tables["sales_traffic"].height == 1


def test_nothing_to_report_is_a_part_without_records(tmp_path: Path) -> None:
    part = _part(tmp_path, "report-0001.none.json", "{}", status="CANCELLED")
    assert parse_reports.is_empty(part)
    assert (
        parse_reports.nothing("customer_returns", versioned=False).tables["customer_returns"].schema["quantity"]
        == pl.Int64
    )
