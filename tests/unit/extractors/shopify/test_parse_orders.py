"""Orders as rows: each way of coming gives the same, totals reconcile, and each quirk is met."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.extractors.shopify.orders import (
    Json,
    as_export,
    as_page,
    bag,
    connection,
    line,
    order,
    parsed,
    refund,
    refund_line,
    shipping,
)

ORIGIN = ["source_file", "source_row"]


@st.composite
def orders(draw: st.DrawFn) -> list[Json]:
    """Orders of any prices, discounts, taxes, edits and refunds."""
    found = []
    for number in range(1, draw(st.integers(4, 9)) + 1):
        lines, backs = [], []
        included = draw(st.booleans())
        for place in range(1, draw(st.integers(1, 4)) + 1):
            identity = number * 100 + place
            ordered, price = draw(st.integers(1, 6)), draw(st.integers(0, 20_000))
            discount = draw(st.integers(0, ordered * price))
            tax = draw(st.integers(0, (ordered * price - discount) // 6))
            back = draw(st.integers(0, ordered))
            removed = draw(st.sampled_from([0, 0, ordered - back]))
            lines.append(line(identity, price, ordered, discount=discount, tax=tax, current=ordered - back - removed))
            if back:
                paid = (ordered * price - discount) * back // ordered
                backs.append(refund_line(identity, identity, back, paid, min(tax * back // ordered, paid)))
        ships = [shipping(number, draw(st.integers(0, 900)))]
        given = []
        if backs:
            amount = sum(_minor(one, included=included) for one in backs)
            given = [refund(number, amount, backs)]
        found.append(order(number, lines, shipping=ships, refunds=given, taxes_included=included))
    return found


def _minor(one: Json, *, included: bool) -> int:
    subtotal, tax = (Decimal(one[name]["shopMoney"]["amount"]) for name in ("subtotalSet", "totalTaxSet"))
    return int((subtotal if included else subtotal + tax) * 100)


@settings(max_examples=4)  # of several orders each: a reading has a cost of its own
@given(made=orders(), seed=st.integers(0, 99))
def test_exports_and_pages_become_the_same_rows_and_reconcile(made: list[Json], seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paged = parsed(as_page(Path(folder), made))
        exported = parsed(as_export(Path(folder), made, seed))
    assert paged.received == exported.received == len(made)
    assert paged.quarantined.is_empty()
    for name, rows in paged.tables.items():
        one, other = (table.drop(ORIGIN) for table in (rows, exported.tables[name]))
        assert one.sort(one.columns).equals(other.sort(other.columns)), name
    lines = paged.tables["order_lines"]
    assert lines.filter(pl.col("discount_amount") < 0).is_empty()
    assert lines.filter(pl.col("line_kind").is_in(["rounding", "manual", "goodwill"])).is_empty()
    assert _totals(lines.filter(pl.col("quantity") > 0)) == dict(
        paged.tables["orders"].select("order_ref", "total_amount").iter_rows()
    )
    assert _totals(lines.filter(pl.col("quantity") < 0)) == {
        number: -amount for number, amount in paged.tables["refunds"].select("order_ref", "amount").iter_rows()
    }


def _totals(lines: pl.DataFrame) -> dict[str, Decimal]:
    quantity = pl.col("quantity").cast(pl.Decimal(18, 0))
    gross = quantity * pl.col("unit_price") - pl.col("discount_amount") + pl.col("tax_amount")
    sums = lines.group_by("order_ref").agg(gross.sum().cast(pl.Decimal(18, 4)).alias("gross"))
    return dict(sums.iter_rows())


def rows(folder: Path, made: Json, table: str = "order_lines") -> list[dict[str, object]]:
    """Rows of one order."""
    found: list[dict[str, object]] = parsed(as_page(folder, [made])).tables[table].to_dicts()
    return found


def test_quirk_05_a_refund_without_lines_is_goodwill(tmp_path: Path) -> None:
    adjustment = {
        "id": "gid://shopify/OrderAdjustment/9",
        "reason": "REFUND_DISCREPANCY",
        "amountSet": bag(-500),
        "taxAmountSet": bag(0),
    }
    made = order(1, [line(11, 3000)], refunds=[refund(7, 500, adjustments=[adjustment])])
    back = [row for row in rows(tmp_path, made) if row["line_kind"] == "goodwill"]
    assert [(row["quantity"], row["unit_price"], row["order_line_ref"]) for row in back] == [(-1, Decimal(5), "9")]


def test_quirk_05_money_that_nothing_explains_is_goodwill_too(tmp_path: Path) -> None:
    made = order(1, [line(11, 3000)], refunds=[refund(7, 500)])
    (back,) = (row for row in rows(tmp_path, made) if row["line_kind"] == "goodwill")
    assert (back["quantity"], back["unit_price"], back["order_line_ref"]) == (-1, Decimal(5), "7-rest")
    (given,) = rows(tmp_path, made, "refunds")
    assert given["amount"] == Decimal(5)


def test_quirk_05_a_refund_is_negative_on_its_own_day_and_names_its_line(tmp_path: Path) -> None:
    back = refund(7, 1200, [refund_line(71, 11, 1, 1200, 200)])
    made = order(1, [line(11, 1200, 2, tax=400, current=1)], refunds=[back])
    sold, taken = rows(tmp_path, made)
    assert (sold["quantity"], sold["unit_price"], sold["tax_amount"]) == (2, Decimal(10), Decimal(4))
    assert (taken["quantity"], taken["unit_price"], taken["tax_amount"]) == (-1, Decimal(10), Decimal(-2))
    assert taken["credits_line_ref"] == sold["order_line_ref"] == "11"
    assert str(taken["occurred_at"]) == "2025-11-20 12:00:00"


def test_quirk_06_money_is_never_a_float(tmp_path: Path) -> None:
    made = order(1, [line(11, 880), line(12, 700)])
    made["lineItems"]["nodes"][0]["originalUnitPriceSet"]["shopMoney"]["amount"] = "8.8"
    made["lineItems"]["nodes"][1]["originalUnitPriceSet"]["shopMoney"]["amount"] = "7.0"
    assert [row["unit_price"] for row in rows(tmp_path, made)] == [Decimal("8.8"), Decimal(7)]


def test_quirk_07_shop_money_counts_and_presentment_money_gives_the_rate(tmp_path: Path) -> None:
    made = order(1, [line(11, 1000)])
    made["presentmentCurrencyCode"] = "JPY"
    made["totalPriceSet"]["presentmentMoney"] = {"amount": "1925.0", "currencyCode": "JPY"}
    (row,) = rows(tmp_path, made, "orders")
    assert (row["currency_code"], row["total_amount"]) == ("GBP", Decimal(10))
    assert (row["presentment_currency_code"], row["presentment_rate"]) == ("JPY", Decimal("192.5"))


@pytest.mark.parametrize(("included", "unit"), [(True, "10"), (False, "12")])
def test_quirk_08_prices_hold_their_tax_or_not(tmp_path: Path, included: bool, unit: str) -> None:
    made = order(1, [line(11, 1200, tax=200)], taxes_included=included)
    (row,) = rows(tmp_path, made)
    assert (row["unit_price"], row["tax_amount"]) == (Decimal(unit), Decimal(2))


def test_quirk_09_what_was_allocated_falls_short_and_a_rounding_line_says_so(tmp_path: Path) -> None:
    lines = [line(11, 5000, discount=719), line(12, 5000, discount=719)]
    made = order(1, lines, discounts=1500, total=8500)
    (rest,) = (row for row in rows(tmp_path, made) if row["line_kind"] == "rounding")
    assert (rest["quantity"], rest["unit_price"], rest["product_ref"]) == (-1, Decimal("0.62"), "ROUNDING")
    (told,) = rows(tmp_path, made, "orders")
    assert told["total_amount"] == Decimal(85)


def test_a_rest_that_nothing_explains_is_not_hidden_among_roundings(tmp_path: Path) -> None:
    made = order(1, [line(11, 5000)], total=6000)
    (rest,) = (row for row in rows(tmp_path, made) if row["line_kind"] == "manual")
    assert (rest["product_ref"], rest["unit_price"]) == ("UNEXPLAINED", Decimal(10))


def test_quirk_10_edited_orders_count_what_was_kept(tmp_path: Path) -> None:
    made = order(1, [line(11, 1000, 3, discount=300, current=2), line(12, 500, current=0)], edited=True)
    (sold,) = rows(tmp_path, made)
    assert (sold["quantity"], sold["discount_amount"]) == (2, Decimal(2))
    (told,) = rows(tmp_path, made, "orders")
    assert (told["total_amount"], told["discount_amount"]) == (Decimal(18), Decimal(2))


def test_quirk_10_totals_of_what_was_kept_are_understood_too(tmp_path: Path) -> None:
    made = order(1, [line(11, 1000, 3, current=2)], edited=True, total=2000)
    (told,) = rows(tmp_path, made, "orders")
    assert told["total_amount"] == Decimal(20)
    assert [row["line_kind"] for row in rows(tmp_path, made)] == ["product"]


def test_quirk_10_test_orders_say_so(tmp_path: Path) -> None:
    (told,) = rows(tmp_path, order(1, [line(11, 1000)], test=True), "orders")
    assert told["is_test"] is True


def test_quirk_11_guests_and_things_without_a_code(tmp_path: Path) -> None:
    lines = [line(11, 1000, sku=None), line(12, 500, sku="  ", variant=None)]
    made = order(1, lines, customer=None, email=None)
    assert [row["product_ref"] for row in rows(tmp_path, made)] == ["variant-11", "CUSTOM"]
    (told,) = rows(tmp_path, made, "orders")
    assert told["customer_ref"] is None
    assert told["email_ref"] is None


def test_quirk_12_gift_cards_are_no_goods_and_bundles_are_their_parts(tmp_path: Path) -> None:
    group = {"id": "gid://shopify/LineItemGroup/1"}
    made = order(1, [line(11, 5000, is_gift_card=True), line(12, 900, group=group), line(13, 600, group=group)])
    found = rows(tmp_path, made)
    assert [row["line_kind"] for row in found] == ["gift_voucher", "product", "product"]
    assert _totals(pl.DataFrame(found, schema_overrides={"quantity": pl.Int64})) == {"1": Decimal(65)}


def test_tips_are_a_fee(tmp_path: Path) -> None:
    made = order(1, [line(11, 1000)], tip=150, total=1150)
    tip = rows(tmp_path, made)[-1]
    assert (tip["line_kind"], tip["product_ref"], tip["unit_price"]) == ("fee", "TIP", Decimal("1.5"))


def test_a_fully_discounted_line_keeps_its_price_without_tax(tmp_path: Path) -> None:
    made = order(1, [line(11, 1200, discount=1200)])
    made["lineItems"]["nodes"][0]["taxLines"] = [{"rate": 0.2, "priceSet": bag(0)}]
    (row,) = rows(tmp_path, made)
    assert (row["unit_price"], row["discount_amount"]) == (Decimal(10), Decimal(10))


@pytest.mark.parametrize(
    ("path", "value", "column"),
    [
        (("totalPriceSet", "shopMoney", "amount"), "12,50", "totalPriceSet.shopMoney.amount"),
        (("totalPriceSet", "shopMoney", "amount"), "1.23456", "totalPriceSet.shopMoney.amount"),
        (("lineItems", "nodes", 0, "quantity"), "two", "lineItems.nodes[].quantity"),
        (("updatedAt",), "yesterday", "version_at"),
        (("lineItems", "nodes", 0, "discountAllocations"), "none", "lineItems.nodes[].discountAllocations"),
    ],
)
def test_a_bad_order_is_set_aside_whole_and_the_rest_lands(
    tmp_path: Path, path: tuple[str | int, ...], value: str, column: str
) -> None:
    bad, good = order(1, [line(11, 1000)]), order(2, [line(21, 1000)])
    place = bad
    for step in path[:-1]:
        place = place[step]  # type: ignore[index]  # a path of keys and places
    place[path[-1]] = value  # type: ignore[index]
    parsing = parsed(as_page(tmp_path, [bad, good]))
    assert (parsing.received, parsing.quarantined.height) == (2, 1)
    assert parsing.quarantined["column_name"].to_list() == [column]
    assert value not in parsing.quarantined["reason"][0]
    assert all(set(table["record_ref"]) <= {"2"} for table in parsing.tables.values())


def test_fields_that_shopify_adds_are_left_alone(tmp_path: Path) -> None:
    made = order(1, [line(11, 1000)]) | {"surprise": {"deep": [1]}}
    assert len(rows(tmp_path, made)) == 1


def test_quirk_03_an_order_that_comes_twice_counts_once(tmp_path: Path) -> None:
    made = order(1, [line(11, 1000)])
    parsing = parsed(as_page(tmp_path, [made, made]))
    assert (parsing.received, parsing.deduplicated, parsing.tables["orders"].height) == (2, 1, 1)


def test_an_order_that_is_not_whole_waits_for_its_own_page(tmp_path: Path) -> None:
    cut = order(1, [line(11, 1000)])
    cut["lineItems"] = connection(cut["lineItems"]["nodes"], more=True)
    parsing = parsed(as_page(tmp_path, [cut, order(2, [line(21, 1000)])]))
    assert parsing.tables["orders"]["order_ref"].to_list() == ["2"]
    assert parsing.received == 1


def test_an_export_too_large_for_memory_is_spread_over_files_and_reads_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [order(number, [line(number * 10 + place, 1000) for place in range(1, 4)]) for number in range(1, 30)]
    parts = as_export(tmp_path, made)
    at_once = parsed(parts)
    monkeypatch.setattr("extractors.shopify.joined._BUCKET_BYTES", 2_000)
    spread = parsed(parts)
    assert spread.received == at_once.received == 29
    for name, rows in at_once.tables.items():
        order_by = ["source_file", "source_row", *rows.columns[2:]]
        assert spread.tables[name].sort(order_by).equals(rows.sort(order_by)), name
    assert [path.name for path in tmp_path.iterdir()] == ["orders-00001-bulk.jsonl"]
