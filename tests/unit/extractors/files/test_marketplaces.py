"""The shipped mappings on files in their vendors' shape; and a marketplace that is a YAML file and no code."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from extractors.files.declarations import SHIPPED, declared, find
from lakehouse.errors import ContractError
from lakehouse.windows import Window
from tests.support import exports


def _ebay(lines: list[dict[str, str]]) -> bytes:
    mapping = find("ebay_orders_us")
    layout = mapping.layouts[0]
    used = [name for column in mapping.columns_of(layout).values() for name in column.from_]
    names = [*used, *layout.ignored]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerow({})  # eBay's empty record
    writer.writerows(lines)
    text = "," * (len(names) - 1) + "\r\n" + out.getvalue()
    return ("\ufeff" + text + f"\r\n{len(lines)},record(s) downloaded,\r\nSeller ID : my_shop\r\n").encode()


def test_ebay_orders() -> None:
    line = {
        "Order Number": "18-15123-90441",
        "Transaction ID": "1234567890123",
        "Item Number": "407197269275",
        "Item Title": 'Watch, 7" strap',
        "Quantity": "1",
        "Sold For": "$1,025.00",
        "Seller Collected Tax": "$0.00",
        "Buyer Username": "test_buyer",
        "Ship To Country": "United States",
        "Sale Date": "Sep-27-26",
        "Tracking Number": "9434608106245552015300",
    }
    window = Window.local_day(date(2026, 9, 27), "America/Los_Angeles")
    parsed = exports.parse(find("ebay_orders_us"), _ebay([line, line]), name="ebay-orders.csv", window=window)
    assert (parsed.received, parsed.deduplicated, parsed.quarantined.height) == (2, 1, 0)
    row = parsed.rows.row(0, named=True)
    assert row["unit_price"] == Decimal("1025.0000")
    assert row["product_title"] == 'Watch, 7" strap'
    assert row["occurred_at"] == exports.utc(2026, 9, 27, 7)  # midnight in Los Angeles
    assert row["source_row"] == 2  # the empty record is the first


def test_amazon_jp_order_report() -> None:
    names = [
        "order-id", "order-item-id", "purchase-date", "payments-date", "buyer-email", "buyer-name",
        "buyer-phone-number", "sku", "product-name", "quantity-purchased", "currency", "item-price", "item-tax",
        "shipping-price", "shipping-tax", "ship-service-level", "recipient-name", "ship-state", "ship-country",
    ]  # fmt: skip
    line = [
        "058-3563777-5518068", "0583563777345", "2024-03-05T18:54:21+00:00", "2024-03-05T18:54:21+00:00",
        "x@marketplace.amazon.co.jp", "山田 太郎", "", "sku123", '花柄の傘 "大"', "3", "JPY", "1500", "",
        "600", "", "Standard", "山田 太郎", "東京都", "JP",
    ]  # fmt: skip
    data = ("\t".join(names) + "\r\n" + "\t".join(line) + "\r\n").encode("cp932")
    window = Window.local_day(date(2024, 3, 6), "Asia/Tokyo")
    parsed = exports.parse(find("amazon_jp_orders"), data, name="amazon_jp_2024-03-06.txt", window=window)
    row = parsed.rows.row(0, named=True)
    assert row["unit_price"] == Decimal("500.0000")  # the report's 1,500 is for all three
    assert row["product_title"] == '花柄の傘 "大"'
    assert row["occurred_at"] == exports.utc(2024, 3, 5, 18, 54, 21)
    assert row["country"] == "JP"


def test_taobao_items_report() -> None:
    header = "订单编号,标题,价格,购买数量,外部系统编号,商品属性,套餐信息,备注,订单状态,商家编码"
    lines = [
        '"590834765289375642","春夏新款 连衣裙","129.00","2","","颜色分类:红色","","","交易成功","SKU-8182"',
        '"590834765289375643","帆布包","39.90","1","","","","","交易成功",""',
        *['"590834765289375644","帽子","19.90","1","","","","","交易成功","SKU-77"'] * 20,
    ]
    data = "\r\n".join([header, *lines]).encode("gb18030")
    window = Window.local_day(date(2019, 7, 9), "Asia/Shanghai")
    parsed = exports.parse(find("taobao_items"), data, name="宝贝报表_2019-07-09.csv", window=window)
    row = parsed.rows.row(0, named=True)
    assert row["order_ref"] == "590834765289375642"
    assert row["product_title"] == "春夏新款 连衣裙"
    assert row["unit_price"] == Decimal("129.0000")
    assert row["occurred_at"] == exports.utc(2019, 7, 8, 16)
    assert parsed.quarantined["reason"].to_list() == ["商家编码 is empty"]
    with pytest.raises(ContractError, match=r"is not written in gb18030.*utf-8"):
        exports.parse(
            find("taobao_items"), data.decode("gb18030").encode(), name="宝贝报表_2019-07-09.csv", window=window
        )


def test_back_office_templates() -> None:
    day = Window.local_day(date(2011, 12, 9), "Europe/London")
    stock = b"product_ref,location_ref,on_hand_units\n85123A ,main,240\n71053,,0\n"
    parsed = exports.parse(find("stock_on_hand_csv"), stock, name="stock_2011-12-09.csv", window=day)
    assert parsed.rows.select("product_ref", "location_ref", "on_hand_units").rows() == [
        ("85123A", "main", 240),
        ("71053", None, 0),
    ]
    moved = (
        b"movement_ref,product_ref,location_ref,kind,quantity,reference,reason,moved_at\n"
        b"M-1,85123A ,main,Sale,-2,1001,,2011-12-09 16:00:00\nM-2,85123A,main,Cycle count,1,,,2011-12-08 17:05:00\n"
    )
    parsed = exports.parse(find("stock_movements_csv"), moved, name="movements_2011-12-09.csv", window=day)
    assert parsed.rows.select("record_ref", "product_ref", "movement_kind", "quantity").rows() == [
        ("M-1", "85123A", "sale", -2),
        ("M-2", "85123A", "other", 1),
    ]
    supply = (
        b"product_ref,supplier_name,lead_time_days,unit_cost,currency_code,minimum_order_units,pack_units\n"
        b"85123A,Shenzhen Lights Co,35,1.10,GBP,240,24\n71053,,14,,GBP,,\n"
    )
    parsed = exports.parse(find("product_supply_csv"), supply, name="supply_2011-12-09.csv", window=day)
    assert parsed.rows["unit_cost"].to_list() == [Decimal("1.1000"), None]
    assert parsed.rows["lead_time_days"].to_list() == [35, 14]


def test_online_retail_takes_both_of_ucis_workbooks() -> None:
    rows = [["536365", "85123A", "WHITE HANGING HEART", "6", "2.55", "2010-12-01 08:26:00", "17850"]]
    window = Window.local_day(date(2010, 12, 1), "Europe/London")
    first = ["InvoiceNo", "StockCode", "Description", "Quantity", "UnitPrice", "InvoiceDate", "CustomerID"]
    second = ["Invoice", "StockCode", "Description", "Quantity", "Price", "InvoiceDate", "Customer ID"]
    found = []
    for names in (first, second):
        data = _workbook([*names, "Country"], [*rows[0], "United Kingdom"])
        parsed = exports.parse(find("online_retail"), data, name="Online Retail.xlsx", window=window)
        assert parsed.quarantined.is_empty()
        found.append(parsed.rows)
    assert found[0].equals(found[1])
    assert found[0]["unit_price"].to_list() == [Decimal("2.5500")]
    assert found[0]["customer_ref"].to_list() == ["17850"]


def _workbook(names: list[str], row: list[str]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    stamp = book.add_format({"num_format": "m/d/yy h:mm"})
    page.write_row(0, 0, names)
    for place, (name, text) in enumerate(zip(names, row, strict=True)):
        if name == "InvoiceDate":
            page.write_datetime(1, place, datetime.fromisoformat(text), stamp)
        elif name in {"Description", "Country", "StockCode"}:
            page.write_string(1, place, text)
        else:
            page.write_number(1, place, float(text))  # Excel holds invoice and customer numbers as numbers
    book.close()
    return out.getvalue()


def test_a_new_marketplace_is_a_yaml_file(tmp_path: Path) -> None:
    (tmp_path / "kaufland.yml").write_text(
        """
name: kaufland_like
title: Another marketplace
stream: order_lines
time_zone: Europe/Berlin
columns:
  order_ref: Bestellnummer
  product_ref: {from: Artikelnummer, strip: true}
  quantity: Anzahl
  unit_price: {from: Einzelpreis, remove: EUR}
  currency_code: {from: Waehrung, values: {Euro: EUR, Zloty: PLN}}
  occurred_at: {from: [Datum, Uhrzeit], formats: "%d.%m.%Y %H:%M"}
layouts:
  - name: csv
    files: "bestellungen_{date:%Y%m%d}.csv"
    format: csv
    delimiter: ";"
    decimal: ","
    thousands: "."
    encoding: cp1252
    ignored: Käufer
""",
        encoding="utf-8",
    )
    source = next(one for one in declared(tmp_path) if one.name == "kaufland_like")
    text = (
        "Bestellnummer;Artikelnummer;Anzahl;Einzelpreis;Waehrung;Datum;Uhrzeit;Käufer\n"
        "B1; T-1 ;2;1.234,50 EUR;Euro;05.03.2024;13:05;Jürgen\n"
    )
    parsed = exports.parse(source, text.encode("cp1252"), name="bestellungen_20240305.csv")
    row = parsed.rows.row(0, named=True)
    assert (row["product_ref"], row["quantity"], row["unit_price"]) == ("T-1", 2, Decimal("1234.5000"))
    assert (row["currency_code"], row["occurred_at"]) == ("EUR", exports.utc(2024, 3, 5, 12, 5))


def test_every_shipped_mapping_names_where_its_columns_were_looked_up() -> None:
    for source in declared():
        if not source.name.endswith(("_csv", "_decisions", "_acknowledgements")):  # templates and decisions are our own
            assert all(link.startswith("https://") for link in source.documented_at), source.name
            told = (SHIPPED / f"{source.name}.yml").read_text("utf-8")
            assert source.documented_at or "No page of the vendor's was found" in told, source.name


def test_a_users_mapping_wins_over_a_shipped_one(tmp_path: Path) -> None:
    text = (SHIPPED / "taobao_items.yml").read_text("utf-8")
    (tmp_path / "mine.yml").write_text(text.replace("淘宝宝贝报表", "我的"), encoding="utf-8")
    assert find("taobao_items", tmp_path).title == "我的"
    assert find("online_retail", tmp_path).title == "Online Retail (UCI)"
