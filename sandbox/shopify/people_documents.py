"""Customers, abandoned checkouts and payouts as documents of Shopify's schema."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any

import polars as pl

from sandbox.shopify.ledger import Ledger, Row
from sandbox.shopify.values import Purse, gid, instant, money

Document = dict[str, Any]
_BALANCE_KINDS = {
    "charge": ("CHARGE", "CHARGE"),
    "refund": ("REFUND", "REFUND"),
    "fee": ("ADJUSTMENT", "ADJUSTMENT"),
    "adjustment": ("ADJUSTMENT", "ADJUSTMENT"),
    "reserve": ("RESERVE", "SYSTEM_ADJUSTMENT"),
}


class PeopleDocuments:
    """Writes what people do in the shop, as it is at one instant.

    Args:
        ledger: The merchant's tables.
        now: The instant, naive UTC.
        lookup: Gives the document of another thing: kind and number.
    """

    def __init__(self, ledger: Ledger, now: datetime, lookup: Callable[[str, object], Document | None]) -> None:
        self._ledger = ledger
        self._now = now
        self._lookup = lookup
        self._currency: str = ledger.shop["currency"]

    @cached_property
    def _bought(self) -> dict[int, tuple[int, int]]:
        seen = self._ledger.orders.filter(
            pl.col("created_at") <= self._now,
            pl.col("deleted_at").is_null() | (pl.col("deleted_at") > self._now),
            pl.col("customer_id").is_not_null(),
        )
        sums = seen.group_by("customer_id").agg(pl.len(), pl.col("total_minor").sum())
        return {number: (count, total) for number, count, total in sums.iter_rows()}

    def customer(self, number: int) -> Document:
        """A customer; some have no address, and some no email."""
        row = self._ledger.customers[number]
        count, total = self._bought.get(number, (0, 0))
        consent = "SUBSCRIBED" if row["accepts_marketing"] else "NOT_SUBSCRIBED"
        email = row["email"]
        return {
            "__typename": "Customer",
            "id": gid("Customer", number),
            "legacyResourceId": str(number),
            "createdAt": instant(row["created_at"]),
            "updatedAt": instant(row["created_at"]),
            "firstName": row["first_name"],
            "lastName": row["last_name"],
            "displayName": " ".join(part for part in (row["first_name"], row["last_name"]) if part) or email or "",
            "email": email,
            "phone": row["phone"],
            "note": None,
            "locale": "en",
            "state": "ENABLED",
            "tags": [row["segment"]] if row["segment"] else [],
            "taxExempt": False,
            "verifiedEmail": email is not None,
            "numberOfOrders": str(count),
            "amountSpent": money(total, self._currency),
            "defaultEmailAddress": None
            if email is None
            else {"emailAddress": email, "marketingState": consent, "marketingUpdatedAt": None, "validFormat": True},
            "defaultPhoneNumber": {"phoneNumber": row["phone"]} if row["phone"] else None,
            "defaultAddress": {
                "__typename": "MailingAddress",
                "id": gid("MailingAddress", f"{number}?model_name=CustomerAddress"),
                "firstName": row["first_name"],
                "lastName": row["last_name"],
                "address1": row["address1"],
                "city": row["city"],
                "zip": row["postcode"],
                "country": row["country"],
                "countryCodeV2": row["country"],
                "phone": row["phone"],
            },
        }

    def checkout(self, number: int) -> Document:
        """A checkout that was left."""
        row = self._ledger.carts[number]
        purse = Purse(self._currency, self._currency, "1")
        completed = row["completed_at"] if row["completed_at"] and row["completed_at"] <= self._now else None
        customer = self._lookup("Customer", row["customer_id"]) if row["customer_id"] else None
        address = (customer or {}).get("defaultAddress")
        total = purse.bag(row["total_minor"])
        return {
            "__typename": "AbandonedCheckout",
            "id": gid("AbandonedCheckout", number),
            "name": f"#{number}",
            "createdAt": instant(row["created_at"]),
            "updatedAt": instant(self.checkout_updated(number)),
            "completedAt": instant(completed),
            "customer": customer,
            "shippingAddress": address,
            "billingAddress": address,
            "lineItems": [self._checkout_line(number, line, purse) for line in self._ledger.cart_lines.get(number, ())],
            "subtotalPriceSet": total,
            "totalLineItemsPriceSet": total,
            "totalPriceSet": total,
            "totalTaxSet": purse.bag(0),
            "totalDiscountSet": purse.bag(0),
            "taxesIncluded": self._ledger.shop["taxes_included"],
            "discountCodes": [],
            "note": "",
            "abandonedCheckoutUrl": f"https://northlight-home.example/checkouts/{number}/recover",
        }

    def checkout_updated(self, number: int) -> datetime:
        """`updatedAt` of a checkout."""
        row = self._ledger.carts[number]
        seen = [row[name] for name in ("created_at", "updated_at", "completed_at") if row[name] is not None]
        last: datetime = max(at for at in seen if at <= self._now)
        return last

    def payout(self, number: int) -> Document:
        """A payout."""
        row = self._ledger.payouts[number]
        lines = self._ledger.payout_lines.filter(pl.col("payout_id") == number)

        def gross(*kinds: str, column: str = "amount_minor") -> Document:
            return money(int(lines.filter(pl.col("kind").is_in(kinds))[column].sum()), row["currency"])

        return {
            "__typename": "ShopifyPaymentsPayout",
            "id": gid("ShopifyPaymentsPayout", number),
            "legacyResourceId": str(number),
            "issuedAt": instant(row["issued_at"]),
            "net": money(row["amount_minor"], row["currency"]),
            "status": {"paid": "PAID", "in_transit": "IN_TRANSIT", "failed": "FAILED"}.get(row["status"], "PAID"),
            "transactionType": "DEPOSIT" if row["amount_minor"] >= 0 else "WITHDRAWAL",
            "summary": {
                "chargesGross": gross("charge"),
                "chargesFee": gross("charge", column="fee_minor"),
                "refundsFeeGross": gross("refund"),
                "refundsFee": gross("refund", column="fee_minor"),
                "adjustmentsGross": gross("adjustment", "fee"),
                "adjustmentsFee": gross("adjustment", "fee", column="fee_minor"),
                "reservedFundsGross": gross("reserve"),
                "reservedFundsFee": gross("reserve", column="fee_minor"),
            },
        }

    def balance_transaction(self, row: Row) -> Document:
        """A line of a payout, there as soon as it is posted."""
        kind, source = _BALANCE_KINDS[row["kind"]]
        order = self._ledger.order_rows.get(row["order_id"] or -1)
        payout = self._ledger.payouts[row["payout_id"]]
        issued = payout["issued_at"] <= self._now
        currency = payout["currency"]
        return {
            "__typename": "ShopifyPaymentsBalanceTransaction",
            "id": gid("ShopifyPaymentsBalanceTransaction", row["line_id"]),
            "type": kind,
            "amount": money(row["amount_minor"], currency),
            "fee": money(row["fee_minor"], currency),
            "net": money(row["amount_minor"] - row["fee_minor"], currency),
            "test": False,
            "transactionDate": instant(row["posted_at"]),
            "sourceId": str(row["line_id"]),
            "sourceType": source,
            "sourceOrderTransactionId": None if row["transaction_id"] is None else str(row["transaction_id"]),
            "associatedOrder": None
            if order is None
            else {"id": gid("Order", order["platform_order_id"]), "name": order["order_number"]},
            "associatedPayout": {
                "id": gid("ShopifyPaymentsPayout", row["payout_id"]) if issued else None,
                "status": "PAID" if issued else "PENDING",
            },
            "adjustmentReason": "adjustment" if source == "ADJUSTMENT" else None,
        }

    def _checkout_line(self, cart: int, row: Row, purse: Purse) -> Document:
        variant = self._lookup("ProductVariant", row["variant_id"])
        total = purse.bag(row["quantity"] * row["unit_price_minor"])
        unit = purse.bag(row["unit_price_minor"])
        return {
            "__typename": "AbandonedCheckoutLineItem",
            "id": gid("AbandonedCheckoutLineItem", f"{cart}{row['line_no']:03d}"),
            "title": self._ledger.all_skus[row["variant_id"]]["sku"],
            "variantTitle": None,
            "sku": self._ledger.all_skus[row["variant_id"]]["sku"],
            "quantity": row["quantity"],
            "variant": variant,
            "product": (variant or {}).get("product"),
            "originalUnitPriceSet": unit,
            "discountedUnitPriceSet": unit,
            "originalTotalPriceSet": total,
            "discountedTotalPriceSet": total,
        }
