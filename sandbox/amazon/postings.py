"""Money as Amazon books it: what a shipment, a refund or a fee adds to the merchant's balance, part by part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import polars as pl

from sandbox.amazon.answers import naive
from sandbox.amazon.marketplaces import BY_CURRENCY, Marketplace, allocate, title
from sandbox.amazon.merchant import Merchant, Row
from sandbox.amazon.orders import charges

FEE_SHARE_OF_COMMISSION: Final = 60
_FOREVER: Final = naive(datetime(9999, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Part:
    """One amount of an item: its group and name in the Finances API, and its minor units."""

    group: str
    name: str
    minor: int


@dataclass(frozen=True)
class Item:
    """A product's share of a posting."""

    sku: str
    asin: str
    description: str
    quantity: int
    order_item_id: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Posting:
    """One transaction.

    Attributes:
        id: Amazon's number of it, opaque.
        kind: Shipment, Refund, ServiceFee, Adjustment or Reserve.
        order_id: Amazon's order number, where it is about one.
        refund_id: Amazon's number of the refund, where it is one.
        posted_at: When it was booked.
        minor: What it adds to the balance.
        items: Its products; none for a fee, and for a refund of goodwill.
        fee_minor: Of a posting without items: the part of `minor` that is Amazon's.
    """

    id: str
    kind: str
    marketplace: Marketplace
    order_id: str | None
    refund_id: str | None
    posted_at: datetime
    minor: int
    items: tuple[Item, ...] = ()
    fee_minor: int = 0


def opaque(*key: object) -> str:
    """An identifier that looks like Amazon's, the same for the same key."""
    return hashlib.sha256("/".join(map(str, key)).encode()).hexdigest()[:43]


class Book:
    """Makes postings of the world's transactions and of its fees."""

    def __init__(self, merchant: Merchant) -> None:
        self._merchant = merchant
        moved = merchant.part("transactions").filter(
            (pl.col("status") == "success") & pl.col("kind").is_in(["sale", "capture", "refund"])
        )
        paid = merchant.table("payout_lines").join(
            merchant.table("payouts").select("payout_id", "currency"), on="payout_id"
        )
        fees = paid.filter(pl.col("transaction_id").is_null()).with_row_index("fee_no")
        self.entries = pl.concat(
            [
                moved.select("transaction_id", pl.col("created_at").alias("posted_at"), "currency"),
                fees.select((-1 - pl.col("fee_no").cast(pl.Int64)).alias("transaction_id"), "posted_at", "currency"),
            ]
        ).sort("posted_at", "transaction_id")
        self._moved = moved
        self._fees = fees.with_columns((-1 - pl.col("fee_no").cast(pl.Int64)).alias("transaction_id"))
        self._payouts = dict(
            paid.filter(pl.col("transaction_id").is_not_null()).select("transaction_id", "payout_id").iter_rows()
        )

    def payout_of(self, entry_id: int) -> int | None:
        """The payout that an entry is part of, if there is one at the end of history."""
        return self._payouts.get(entry_id)

    def in_payout(self, payout_id: int) -> list[int]:
        """The entries of a payout."""
        fees = self._fees.filter(pl.col("payout_id") == payout_id)["transaction_id"].to_list()
        return sorted([entry for entry, payout in self._payouts.items() if payout == payout_id] + fees)

    def postings(self, entry_ids: Iterable[int]) -> list[Posting]:
        """The postings of these entries, in that order."""
        wanted = list(entry_ids)
        chosen = pl.Series(wanted, dtype=pl.Int64).implode()
        moved = self._moved.filter(pl.col("transaction_id").is_in(chosen))
        fees = self._fees.filter(pl.col("transaction_id").is_in(chosen))
        made = {row["transaction_id"]: _fee(row) for row in fees.iter_rows(named=True)}
        ids = moved["order_id"].unique()
        orders = self._merchant.orders(_FOREVER)
        by_order = {
            row["order_id"]: row for row in orders.filter(pl.col("order_id").is_in(ids.implode())).iter_rows(named=True)
        }
        lines, refunds, refunded = (
            self._merchant.of(table, ids) for table in ("order_lines", "refunds", "refund_lines")
        )
        for row in moved.iter_rows(named=True):
            order_id = row["order_id"]
            if row["kind"] == "refund":
                refund = next(one for one in refunds[order_id] if one["refund_id"] == row["refund_id"])
                parts = [one for one in refunded[order_id] if one["refund_id"] == row["refund_id"]]
                made[row["transaction_id"]] = self._refund(row, by_order[order_id], refund, parts, lines[order_id])
            else:
                made[row["transaction_id"]] = self._sale(row, by_order[order_id], lines[order_id])
        return [made[entry] for entry in wanted if entry in made]

    def _sale(self, moved: Row, order: Row, lines: list[Row]) -> Posting:
        marketplace = BY_CURRENCY[moved["currency"]]
        goods = [line for line in lines if line["kind"] != "shipping"]
        carriage = [line for line in lines if line["kind"] == "shipping"]
        amounts = [charges(line, order) for line in goods]
        values = [one["gross"] for one in amounts]
        postage = allocate(sum(line["unit_price_minor"] for line in carriage), values)
        postage_tax = allocate(sum(line["tax_minor"] for line in carriage), values)
        fees = allocate(moved["fee_minor"], values)
        inside = order["taxes_included"]
        items = []
        for line, one, paid, tax, fee in zip(goods, amounts, postage, postage_tax, fees, strict=True):
            parts = [
                Part("Tax", "OurPriceTax", one["tax"] + one["discount_tax"]),
                Part("Tax", "ShippingTax", tax),
                Part("ProductCharges", "OurPricePrincipal", one["gross"] - one["tax"] - one["discount_tax"]),
                Part("Shipping", "ShippingPrincipal", paid - (tax if inside else 0)),
                Part("PromotionalRebates", "PromotionPrincipal", -one["discount"] + one["discount_tax"]),
                Part("Tax", "PromotionTax", -one["discount_tax"]),
                *_fees(fee),
            ]
            items.append(self._item(line, one["quantity"], parts, marketplace))
        net = moved["amount_minor"] - moved["fee_minor"]
        rest = net - sum(part.minor for item in items for part in item.parts)
        if rest and items:
            more = (*items[-1].parts, Part("PromotionalRebates", "PromotionRounding", rest))
            items[-1] = Item(**{**vars(items[-1]), "parts": more})
        return Posting(
            opaque("transaction", moved["transaction_id"]),
            "Shipment",
            marketplace,
            order["platform_order_id"],
            None,
            moved["created_at"],
            net,
            tuple(items),
        )

    def _refund(self, moved: Row, order: Row, refund: Row, parts: list[Row], lines: list[Row]) -> Posting:
        marketplace = BY_CURRENCY[moved["currency"]]
        by_number = {line["line_no"]: line for line in lines}
        goods = [part for part in parts if by_number[part["line_no"]]["kind"] != "shipping"]
        shipping_tax = refund["tax_minor"] - sum(part["tax_minor"] for part in parts)
        fees = allocate(moved["fee_minor"], [1] * len(goods)) if goods else []
        items = []
        for place, (part, fee) in enumerate(zip(goods, fees, strict=True)):
            amounts = [
                Part("Tax", "OurPriceTax", -part["tax_minor"]),
                Part("ProductCharges", "OurPricePrincipal", -part["amount_minor"]),
                *_fees(fee),
            ]
            if place == 0:
                amounts += [
                    Part("Shipping", "ShippingPrincipal", -refund["shipping_minor"]),
                    Part("Tax", "ShippingTax", -shipping_tax),
                ]
            items.append(self._item(by_number[part["line_no"]], part["quantity"], amounts, marketplace))
        return Posting(
            opaque("transaction", moved["transaction_id"]),
            "Refund",
            marketplace,
            order["platform_order_id"],
            refund["platform_refund_id"],
            moved["created_at"],
            -moved["amount_minor"] - moved["fee_minor"],
            tuple(items),
            -moved["fee_minor"] if not items else 0,
        )

    def _item(self, line: Row, quantity: int, parts: list[Part], marketplace: Marketplace) -> Item:
        variant = self._merchant.variant(line["variant_id"])
        named = title(variant["title_en"], variant["product_id"], marketplace)
        kept = tuple(part for part in parts if part.minor)
        return Item(line["sku"], variant["asin"], named, quantity, line["platform_line_id"], kept)


def _fees(minor: int) -> list[Part]:
    commission = minor * FEE_SHARE_OF_COMMISSION // 100
    return [
        Part("AmazonFees", "Commission", -commission),
        Part("AmazonFees", "FBAPerUnitFulfillmentFee", commission - minor),
    ]


def _fee(row: Row) -> Posting:
    kinds = {"fee": "ServiceFee", "adjustment": "Adjustment", "reserve": "Reserve"}
    return Posting(
        opaque("fee", row["payout_id"], row["fee_no"]),
        kinds.get(row["kind"], "Adjustment"),
        BY_CURRENCY[row["currency"]],
        None,
        None,
        row["posted_at"],
        row["amount_minor"] - row["fee_minor"],
    )
