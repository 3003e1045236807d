"""Advertising, helpdesk, carrier and further marketplaces: files in the shape that their readers have published."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from functools import lru_cache

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from extractors.files import declarations
from lakehouse.errors import ContractError
from lakehouse.landing import Parsed
from lakehouse.windows import Window
from tests.support import exports

find = lru_cache(maxsize=None)(declarations.find)  # each call reads all mappings

_DAY = date(2026, 9, 1)


def _parse(source: str, name: str, text: str, encoding: str = "utf-8", day: date = _DAY) -> Parsed:
    mapping = find(source)
    window = Window.local_day(day, mapping.time_zone)
    return exports.parse(mapping, text.encode(encoding), name=name, window=window)


def test_a_report_of_google_ads() -> None:
    text = (
        'Ad group report\n"September 1, 2026 - September 1, 2026"\n'
        "Day,Campaign,Campaign ID,Ad group,Ad group status,Currency code,Impr.,Clicks,Cost,Conversions,Conv. value\n"
        '2026-09-01,Brand,111,exact,Enabled,EUR,"12,345",678,"1,234.56",12.50,"2,000.00"\n'
        "2026-09-01,Generic,222, --,Paused,EUR,0,0,0.00, --,0\n"
        'Total: Account,,,,,,"12,345",678,"1,234.56",12.50,"2,000.00"\n'
    )
    parsed = _parse("google_ads_spend", "google_ads_2026-09-01.csv", text)
    assert (parsed.received, parsed.ignored, parsed.quarantined.height) == (2, 1, 0)
    brand, generic = parsed.rows.to_dicts()
    assert (brand["platform"], brand["campaign_ref"], brand["ad_group_ref"]) == ("google", "111", "exact")
    assert (brand["impression_count"], brand["cost_amount"]) == (12_345, Decimal("1234.5600"))
    assert (brand["conversion_count"], brand["currency_code"]) == (Decimal("12.50000000"), "EUR")
    assert brand["spend_date"] == _DAY
    assert brand["occurred_at"] == exports.utc(2026, 8, 31, 23)  # midnight in London
    assert (generic["ad_group_ref"], generic["conversion_count"]) == (None, None)


def test_an_export_of_meta_tells_its_currency_in_a_header() -> None:
    text = (
        "Campaign name,Day,Campaign ID,Ad set name,Impressions,Amount spent (GBP),Link clicks,Purchases,"
        "Purchases conversion value,Purchase ROAS,Reporting starts,Reporting ends\n"
        "K-BOF,2026-09-01,120201234567890123,Set 1,1000,100.25,50,5,400,4,2026-09-01,2026-09-01\n"
    )
    row = _parse("meta_ads_spend", "meta_ads_2026-09-01.csv", text).rows.row(0, named=True)
    assert (row["currency_code"], row["cost_amount"]) == ("GBP", Decimal("100.2500"))
    assert (row["campaign_ref"], row["click_count"]) == ("120201234567890123", 50)
    dollars = _parse("meta_ads_spend", "meta_ads_2026-09-01.csv", text.replace("(GBP)", "(USD)"))
    assert dollars.rows["currency_code"].to_list() == ["USD"]
    with pytest.raises(ContractError, match="lacks the column 'Amount spent'"):
        _parse("meta_ads_spend", "meta_ads_2026-09-01.csv", text.replace("Amount spent (GBP)", "Spend"))


def test_a_report_of_amazon_ads() -> None:
    header = [
        "Date", "Portfolio name", "Currency", "Campaign Name", "Ad Group Name", "Advertised SKU", "Advertised ASIN",
        "Impressions", "Clicks", "Click-Thru Rate (CTR)", "Cost Per Click (CPC)", "Spend", "7 Day Total Sales ",
        "Total Advertising Cost of Sales (ACOS) ", "7 Day Total Orders (#)",
    ]  # fmt: skip
    line = [
        "Sep 01, 2026", "Not grouped", "USD", "W_Auto", "Auto", "SKU-1", "B0ABCDEF12", "1,204", "31", "2.57%", "$0.52",
        "$16.12", "$1,234.50", "1.31%", "41",
    ]  # fmt: skip
    text = exports.csv_text([line], header=header)
    row = _parse("amazon_ads_spend", "amazon_ads_2026-09-01.csv", text).rows.row(0, named=True)
    assert (row["product_ref"], row["impression_count"], row["cost_amount"]) == ("SKU-1", 1204, Decimal("16.1200"))
    assert (row["conversion_amount"], row["conversion_count"]) == (Decimal("1234.5000"), Decimal("41.00000000"))
    pounds = text.replace("7 Day Total Sales ", "7 Day Total Sales (£)").replace("$", "£").replace("USD", "GBP")
    again = _parse("amazon_ads_spend", "amazon_ads_2026-09-01.csv", pounds).rows.row(0, named=True)
    assert (again["conversion_amount"], again["currency_code"]) == (Decimal("1234.5000"), "GBP")


_ETSY = (
    "Sale Date,Item Name,Buyer,Quantity,Price,Coupon Code,Coupon Details,Discount Amount,Shipping Discount,"
    "Order Shipping,Order Sales Tax,Item Total,Currency,Transaction ID,Listing ID,Date Paid,Date Shipped,Ship Name,"
    "Ship Address1,Ship City,Ship State,Ship Zipcode,Ship Country,Order ID,Variations,Order Type,Listings Type,"
    "Payment Type,InPerson Discount,InPerson Location,VAT Paid by Buyer,SKU\n"
    "08/14/25,Sunset Fox | Greeting Card,coolbuyer42,2,$5.00,,,,,$4.50,$0.62,$10.00,USD,4001,9001,08/14/25,08/15/25,"
    "Jane Doe,1 Main St,Austin,TX,78701,United States,#3001,Style: Matte,online,listing,online_cc,,,,FOX-01\n"
    "08/14/25,Moon Bear,otherbuyer,1,$5.00,WELCOME10,10% off,$0.50,,$4.50,$0.00,$5.00,USD,4003,9003,08/14/25,08/15/25,"
    "Bob Roe,2 Oak Ave,Denver,CO,80202,United States,#3002,Style: Matte,online,listing,paypal,,,,\n"
)


def test_sold_items_of_etsy() -> None:
    parsed = _parse("etsy_sold_items", "EtsySoldOrderItems2025-8.csv", _ETSY, day=date(2025, 8, 14))
    fox, bear = parsed.rows.to_dicts()
    assert (fox["order_ref"], fox["order_line_ref"], fox["product_ref"]) == ("3001", "4001", "FOX-01")
    assert (fox["quantity"], fox["unit_price"], fox["discount_amount"]) == (2, Decimal("5.0000"), None)
    assert (bear["product_ref"], bear["discount_amount"]) == ("9003", Decimal("0.5000"))  # no SKU: the listing
    assert fox["occurred_at"] == exports.utc(2025, 8, 14, 4)  # midnight in New York


def test_sold_items_of_etsy_before_there_was_a_sku() -> None:
    older = "\n".join(line.rpartition(",")[0].rsplit(",", 3)[0] for line in _ETSY.splitlines())
    parsed = _parse("etsy_sold_items", "EtsySoldOrderItems2025-8.csv", older, day=date(2025, 8, 14))
    assert parsed.rows["product_ref"].to_list() == ["9001", "9003"]


_JD = (
    "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,应付金额,订单状态,下单帐号,"
    "客户姓名,客户地址,联系电话,货号\n"
    "293047512345,100012043978,不锈钢保温杯，500毫升,2,在线支付,"
    "2026-09-01 10:00:00,89.00,178.00,178.00,178.00,完成,jd_abc,"
    "冯颖,广东深圳市福田区农园路66号,1******6198,CUP-500\n"
    "293047512346,100012043979,茶具套装,1,在线支付,"
    "2026-09-01 11:30:00,250.00,250.00,250.00,250.00,(删除)等待出库,jd_x,"
    "冯颖,广东,1******6198,\n"
    "293047512347,100012043979,茶具套装,1,在线支付,"
    "2026-09-01 11:31:00,250.00,250.00,250.00,250.00,等待出库,jd_x,"
    "冯颖,广东,1******6198,\n"
)


def test_orders_of_jd() -> None:
    parsed = _parse("jd_orders", "jd_orders_2026-09-01.csv", _JD, "gb18030")
    assert (parsed.received, parsed.ignored) == (2, 1)  # a deleted order is not used
    cup, tea = parsed.rows.to_dicts()
    assert (cup["product_ref"], cup["quantity"], cup["unit_price"]) == ("CUP-500", 2, Decimal("89.0000"))
    assert cup["occurred_at"] == exports.utc(2026, 9, 1, 2)
    assert (tea["product_ref"], tea["line_kind"]) == ("100012043979", "product")


def test_orders_of_pinduoduo() -> None:
    header = [
        "订单成交时间", "商品", "订单号", "订单状态", "商品总价(元)", "邮费(元)",
        "店铺优惠折扣(元)", "平台优惠折扣(元)", "用户实付金额(元)", "商家实收金额(元)",
        "商品数量(件)", "商品id", "商家编码-规格维度", "商家编码-商品维度", "快递单号",
    ]  # fmt: skip
    rows = [
        ["2026-09-01 00:03:00", "横幅", "260901-607198974342268", "已收货", "35.6", "0", "2", "0", "33.6", "33.6", "2",
         "754299529443", "", "BANNER", "773301234567890"],
        ["2026-09-01 09:00:00", "横幅", "260901-607198974342269", "已取消", "17.8", "0", "0", "0", "0", "0", "1",
         "754299529443", "", "BANNER", ""],
    ]  # fmt: skip
    for name, encoding in (("pdd_orders_1.csv", "utf-8"), ("pdd_gb_orders_1.csv", "gb18030")):
        parsed = _parse("pinduoduo_orders", name, exports.csv_text(rows, header=header), encoding)
        assert (parsed.received, parsed.ignored) == (1, 1)
        row = parsed.rows.row(0, named=True)
        assert (row["product_ref"], row["quantity"], row["unit_price"]) == ("BANNER", 2, Decimal("17.8000"))
        assert row["discount_amount"] == Decimal("2.0000")


def test_tickets_of_zendesk() -> None:
    ticket = {
        "id": 35436, "created_at": "2026-09-01T22:55:29Z", "updated_at": "2026-09-02T10:38:52Z", "type": "incident",
        "via": {"channel": "web"}, "priority": "high", "status": "closed", "external_id": "ahg35h3jh",
        "requester_id": 20978392, "assignee_id": 235323, "group_id": 98738, "group": {"name": "Service"},
        "satisfaction_rating": {"score": "good"}, "metric_set": {"solved_at": "2026-09-02T10:30:00Z"},
        "subject": "Help, my printer is on fire!",
    }  # fmt: skip
    others = [
        {**ticket, "id": 2, "status": "deleted"},
        {**ticket, "id": 3, "satisfaction_rating": {"score": "offered"}},
    ]
    text = "\n".join(json.dumps(one) for one in [ticket, *others])
    parsed = _parse("zendesk_tickets", "tickets_2026-09-02.json", text)
    assert (parsed.received, parsed.ignored) == (2, 1)
    row, other = parsed.rows.to_dicts()
    assert (row["ticket_ref"], row["status"], row["satisfaction"], row["team"]) == ("35436", "solved", 5, "Service")
    assert row["solved_at"] == exports.utc(2026, 9, 2, 10, 30)
    assert row["version_at"] == exports.utc(2026, 9, 2, 10, 38, 52)
    assert other["satisfaction"] is None


def test_an_invoice_of_dhl_express() -> None:
    header = [
        "Line Type", "Billing Source", "Invoice Number", "Shipment Number", "Shipment Date", "Shipment Reference 1",
        "Product Name", "Weight (kg)", "Currency", "Total amount (excl. VAT)", "Total Tax", "Total amount (incl. VAT)",
    ]  # fmt: skip
    rows = [
        ["I", "EXP", "LHR001", "", "", "", "", "", "GBP", "40.00", "8.00", "48.00"],
        ["S", "EXP", "LHR001", "4818240420", "20260828", "1001", "EXPRESS WORLDWIDE", "1.5", "GBP", "40.00", "8", "48"],
    ]
    text = exports.csv_text(rows, header=header, delimiter=";")
    parsed = _parse("dhl_express_invoice", "dhl_express_2026-09-01.csv", text)
    assert (parsed.received, parsed.ignored) == (1, 1)
    row = parsed.rows.row(0, named=True)
    assert (row["shipment_ref"], row["order_ref"], row["carrier"]) == ("4818240420", "1001", "DHL Express")
    assert (row["weight_kg"], row["amount"]) == (Decimal("1.50000000"), Decimal("40.0000"))
    assert row["occurred_at"] == exports.utc(2026, 8, 27, 23)  # sent before the day of the invoice


_TEMPLATES = [one for one in declarations.declared() if one.name.endswith("_csv")]


def _example(source: str) -> tuple[str, str]:
    """The file that a template's comment shows: its name and text."""
    from extractors.files.declarations import SHIPPED

    lines = [line[1:].strip() for line in (SHIPPED / f"{source}.yml").read_text().splitlines() if line.startswith("#")]
    place = next(number for number, line in enumerate(lines) if ".csv" in line)
    body = [line for line in lines[place + 1 :] if "," in line]
    return lines[place].split()[0], "\n".join(body) + "\n"


@pytest.mark.parametrize("source", [one.name for one in _TEMPLATES])
def test_what_a_template_shows_can_be_landed(source: str) -> None:
    name, text = _example(source)
    mapping = find(source)
    day = mapping.layouts[0].file_name.day(name)
    assert day is not None
    window = Window.local_day(day, mapping.time_zone)
    parsed = exports.parse(mapping, text.encode(), name=name, window=window)
    assert (parsed.received, parsed.quarantined.height) == (1, 0)
    row = parsed.rows.row(0, named=True)
    told = list(mapping.columns_of(mapping.layouts[0]))
    assert [field for field in told if row[field] is None] == []
    assert _workbook_gives(source, name, text) == row | {"source_file": name.replace(".csv", ".xlsx")}


def _workbook_gives(source: str, name: str, text: str) -> dict[str, object]:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    for number, line in enumerate(text.splitlines()):
        page.write_row(number, 0, line.split(","))
    book.close()
    mapping = find(source)
    day = mapping.layouts[0].file_name.day(name)
    assert day is not None
    window = Window.local_day(day, mapping.time_zone)
    workbook = name.replace(".csv", ".xlsx")
    return exports.parse(mapping, out.getvalue(), name=workbook, window=window).rows.row(0, named=True)


def test_months_may_be_written_as_days() -> None:
    text = "month,team,metric,target_value,currency_code\n2025-03-01 00:00:00,Web,net_sales,1,GBP\n"
    parsed = _parse("targets_csv", "targets_2026-09-01.csv", text)
    assert parsed.rows["target_month"].to_list() == [date(2025, 3, 1)]


def test_every_shipped_mapping_says_what_was_not_verified_or_is_a_template() -> None:
    from extractors.files.declarations import SHIPPED

    for mapping in declarations.declared():
        comments = (SHIPPED / f"{mapping.name}.yml").read_text().lower()
        assert any(words in comments for words in ("not verified", "template", "verified against", "documented")), (
            mapping.name
        )


def test_yes_and_no() -> None:
    header = "review_ref,product_ref,customer_ref,rating,title,is_verified,written_at\n"
    words = ["yes", "No", "TRUE", "0", "perhaps"]
    lines = "".join(f"R{n},A,C,5,t,{word},2026-09-01 10:00\n" for n, word in enumerate(words))
    told = find("reviews_csv").model_copy(update={"quarantine": exports.mapping().quarantine})
    parsed = exports.parse(
        told, (header + lines).encode(), name="reviews_2026-09-01.csv", window=Window.local_day(_DAY, "Europe/London")
    )
    assert parsed.rows["is_verified"].to_list() == [True, False, True, False]
    assert parsed.quarantined["reason"].to_list() == ["is_verified is neither yes nor no"]
