"""The merchant's reports as Amazon writes them: tab-separated, nothing quoted.

Columns: https://developer-docs.amazon.com/sp-api/docs/report-type-values and the attribute lists it links to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from sandbox.amazon.inventory import fnsku
from sandbox.amazon.marketplaces import Marketplace, allocate, decimal, title
from sandbox.amazon.merchant import Merchant, Row
from sandbox.amazon.orders import charges, status

ORDER_COLUMNS: Final = (
    "amazon-order-id", "merchant-order-id", "purchase-date", "last-updated-date", "order-status",
    "fulfillment-channel", "sales-channel", "order-channel", "url", "ship-service-level", "product-name", "sku",
    "asin", "item-status", "quantity", "currency", "item-price", "item-tax", "shipping-price", "shipping-tax",
    "gift-wrap-price", "gift-wrap-tax", "item-promotion-discount", "ship-promotion-discount", "ship-city",
    "ship-state", "ship-postal-code", "ship-country", "promotion-ids", "is-business-order",
    "purchase-order-number", "price-designation",
)  # fmt: skip
LEDGER_COLUMNS: Final = (
    "Date", "FNSKU", "ASIN", "MSKU", "Title", "Event Type", "Reference ID", "Quantity", "Fulfillment Center",
    "Disposition", "Reason", "Country", "Reconciled Quantity", "Unreconciled Quantity", "Date and Time",
)  # fmt: skip
RETURN_COLUMNS: Final = (
    "return-date", "order-id", "sku", "asin", "fnsku", "product-name", "quantity", "fulfillment-center-id",
    "detailed-disposition", "reason", "status", "license-plate-number", "customer-comments",
)  # fmt: skip
_ORDER_STATUS: Final = {
    "CANCELLED": "Cancelled", "PENDING": "Pending", "UNSHIPPED": "Unshipped", "PARTIALLY_SHIPPED": "Partially Shipped",
    "SHIPPED": "Shipped",
}  # fmt: skip
_EVENTS: Final = {
    "sale": ("Shipments", ""), "return": ("CustomerReturns", ""), "receipt": ("Receipts", ""),
    "transfer": ("WhseTransfers", ""), "adjustment": ("Adjustments", "M"), "damage": ("Adjustments", "E"),
}  # fmt: skip
_DISPOSITIONS: Final = {"sellable": "SELLABLE", "damaged": "CUSTOMER_DAMAGED", "defective": "DEFECTIVE"}


def tsv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """A flat file: a line a row, fields as they are."""
    lines = ["\t".join(columns)]
    lines += ["\t".join(row.get(name, "") for name in columns) for row in rows]
    return "\r\n".join(lines) + "\r\n"


def orders(merchant: Merchant, marketplace: Marketplace, start: datetime, end: datetime, now: datetime) -> str | None:
    """GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL; None: nothing to tell."""
    found = merchant.orders(now).filter(
        pl.col("last_updated").is_between(start, end) & (pl.col("sales_channel") == marketplace.id)
    )
    lines = merchant.of("order_lines", found["order_id"])
    rows = [
        row
        for order in found.iter_rows(named=True)
        for row in _order_rows(merchant, order, lines[order["order_id"]], marketplace)
    ]
    return tsv(ORDER_COLUMNS, rows) if rows else None


def _order_rows(merchant: Merchant, order: Row, lines: list[Row], marketplace: Marketplace) -> list[dict[str, str]]:
    goods = [line for line in lines if line["kind"] != "shipping"]
    amounts = [charges(line, order) for line in goods]
    values = [one["gross"] for one in amounts]
    carriage = [line for line in lines if line["kind"] == "shipping"]
    postage = allocate(sum(line["unit_price_minor"] for line in carriage), values)
    postage_tax = allocate(sum(line["tax_minor"] for line in carriage), values)
    shared = {
        "amazon-order-id": order["platform_order_id"],
        "purchase-date": _iso(order["created_at"]),
        "last-updated-date": _iso(order["last_updated"]),
        "order-status": _ORDER_STATUS[status(order)],
        "fulfillment-channel": "Amazon",
        "sales-channel": marketplace.name,
        "ship-service-level": "Standard",
        "ship-city": order["city"] or "",
        "ship-postal-code": order["postcode"] or "",
        "ship-country": order["country"] or "",
        "is-business-order": "false",
    }
    rows = []
    for line, one, paid, tax in zip(goods, amounts, postage, postage_tax, strict=True):
        variant = merchant.variant(line["variant_id"])
        row = shared | {
            "product-name": title(variant["title_en"], variant["product_id"], marketplace),
            "sku": line["sku"],
            "asin": variant["asin"],
            "item-status": _ORDER_STATUS[status(order)],
            "quantity": str(one["quantity"]),
        }
        if order["is_paid"] and not order["is_cancelled"]:
            row |= {
                "currency": marketplace.currency,
                "item-price": decimal(one["gross"], marketplace),
                "item-tax": decimal(one["tax"] + one["discount_tax"], marketplace),
                "shipping-price": decimal(paid, marketplace) if paid else "",
                "shipping-tax": decimal(tax, marketplace) if tax else "",
                "item-promotion-discount": decimal(one["discount"], marketplace) if one["discount"] else "",
                "promotion-ids": order["discount_code"] or "",
            }
        rows.append(row)
    return rows


def ledger(merchant: Merchant, marketplace: Marketplace, start: datetime, end: datetime, now: datetime) -> str | None:
    """GET_LEDGER_DETAIL_VIEW_DATA; None: nothing to tell."""
    places = merchant.table("locations").filter(pl.col("is_fba") & (pl.col("country") == marketplace.country))
    moved = merchant.table("stock_movements").filter(
        pl.col("location_id").is_in(places["location_id"].implode())
        & pl.col("occurred_at").is_between(start, end)
        & (pl.col("occurred_at") <= now)
    )
    rows = [_ledger_row(merchant, row, marketplace) for row in moved.iter_rows(named=True)]
    return tsv(LEDGER_COLUMNS, rows) if rows else None


def _ledger_row(merchant: Merchant, row: Row, marketplace: Marketplace) -> dict[str, str]:
    variant = merchant.variant(row["variant_id"])
    event, reason = _EVENTS[row["kind"]]
    found = row["kind"] == "adjustment" and row["quantity"] > 0
    return {
        "Date": row["occurred_at"].strftime("%m/%d/%Y"),
        "FNSKU": fnsku(variant),
        "ASIN": variant["asin"],
        "MSKU": variant["sku"],
        "Title": title(variant["title_en"], variant["product_id"], marketplace),
        "Event Type": event,
        "Reference ID": row["reference"] or "",
        "Quantity": str(row["quantity"]),
        "Fulfillment Center": centre(row["location_id"], marketplace),
        "Disposition": "SELLABLE",
        "Reason": "F" if found else reason,
        "Country": marketplace.country,
        "Reconciled Quantity": "0",
        "Unreconciled Quantity": "0",
        "Date and Time": row["occurred_at"].strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }


def returns(merchant: Merchant, marketplace: Marketplace, start: datetime, end: datetime, now: datetime) -> str | None:
    """GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA; None: nothing to tell."""
    came = merchant.table("returns").filter(
        pl.col("received_at").is_between(start, end) & (pl.col("received_at") <= now)
    )
    here = merchant.orders(now).filter(pl.col("sales_channel") == marketplace.id)
    joined = came.join(here.select("order_id", "platform_order_id"), on="order_id").join(
        merchant.part("order_lines").select("order_id", "line_no", "variant_id", "sku"), on=["order_id", "line_no"]
    )
    rows = []
    for row in joined.sort("received_at", "return_id").iter_rows(named=True):
        variant = merchant.variant(row["variant_id"])
        rows.append(
            {
                "return-date": _iso(row["received_at"]),
                "order-id": row["platform_order_id"],
                "sku": row["sku"],
                "asin": variant["asin"],
                "fnsku": fnsku(variant),
                "product-name": title(variant["title_en"], variant["product_id"], marketplace),
                "quantity": str(row["quantity"]),
                "fulfillment-center-id": centre(0, marketplace),
                "detailed-disposition": _DISPOSITIONS.get(row["disposition"], "SELLABLE"),
                "reason": row["reason"].upper().replace(" ", "_"),
                "status": "Unit returned to inventory",
                "license-plate-number": f"LPN{row['return_id']:010d}",
                "customer-comments": 'says the lid is 1" too small',
            }
        )
    return tsv(RETURN_COLUMNS, rows) if rows else None


def centre(location_id: int, marketplace: Marketplace) -> str:
    """The name of a fulfilment centre."""
    return f"{'LTN' if marketplace.country == 'GB' else 'NRT'}{location_id % 10}"


def _iso(instant: datetime) -> str:
    return instant.replace(microsecond=0).isoformat() + "+00:00"
