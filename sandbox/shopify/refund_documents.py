"""Refunds as documents of Shopify's schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.shopify.ledger import Ledger, Row
from sandbox.shopify.values import Purse, gid, instant

Document = dict[str, Any]


class RefundDocuments:
    """Writes the refunds of one order.

    Args:
        ledger: The merchant's tables.
        order: The order's document.
        lines: The documents of its lines by number.
        purse: Writes its money.
        lookup: Gives the document of another thing.
        includes_tax: Whether the order's prices hold the tax; then a refunded line's subtotal does too.
    """

    def __init__(
        self,
        ledger: Ledger,
        order: Document,
        lines: Mapping[int, Document],
        purse: Purse,
        lookup: Callable[[str, object], Document | None],
        *,
        includes_tax: bool,
    ) -> None:
        self._ledger = ledger
        self._order = order
        self._lines = lines
        self._purse = purse
        self._lookup = lookup
        self._includes_tax = includes_tax

    def refund(self, row: Row) -> Document:
        """One refund."""
        rows = self._ledger.refund_lines.get(row["refund_id"], [])
        number, at = row["platform_refund_id"], instant(row["created_at"])
        return {
            "__typename": "Refund",
            "id": gid("Refund", number),
            "legacyResourceId": number,
            "createdAt": at,
            "processedAt": at,
            "updatedAt": at,
            "note": row["reason"],
            "order": self._order,
            "totalRefundedSet": self._purse.bag(row["amount_minor"]),
            "refundLineItems": [self._line(row, line) for line in rows],
            "refundShippingLines": self._shipping(row, rows),
            "orderAdjustments": self._adjustments(row, rows),
            "transactions": [one for one in self._order["transactions"] if self._pays(one, row)],
            "return": None,
        }

    def _pays(self, transaction: Document, row: Row) -> bool:
        ids = {
            gid("OrderTransaction", one["transaction_id"])
            for one in self._ledger.transactions.get(row["order_id"], ())
            if one["refund_id"] == row["refund_id"]
        }
        return transaction["id"] in ids

    def _line(self, refund: Row, row: Row) -> Document:
        quantity = row["quantity"]
        subtotal = row["amount_minor"] + (row["tax_minor"] if self._includes_tax else 0)
        # A line whose refund gives back units that can't be sold is not restocked.
        kind = "RETURN" if row["restocked"] else "NO_RESTOCK"
        return {
            "__typename": "RefundLineItem",
            "id": gid("RefundLineItem", f"{refund['platform_refund_id']}{row['line_no']:03d}"),
            "lineItem": self._lines[row["line_no"]],
            "quantity": quantity,
            "priceSet": self._purse.bag(subtotal // quantity),
            "subtotalSet": self._purse.bag(subtotal),
            "totalTaxSet": self._purse.bag(row["tax_minor"]),
            "restockType": kind,
            "restocked": row["restocked"],
            "location": None,
        }

    def _shipping(self, refund: Row, rows: list[Row]) -> list[Document]:
        if not refund["shipping_minor"]:
            return []
        tax = refund["tax_minor"] - sum(row["tax_minor"] for row in rows)
        subtotal = refund["shipping_minor"] + (tax if self._includes_tax else 0)
        return [
            {
                "__typename": "RefundShippingLine",
                "id": gid("RefundShippingLine", refund["platform_refund_id"]),
                "shippingLine": self._order["shippingLine"],
                "subtotalAmountSet": self._purse.bag(subtotal),
                "taxAmountSet": self._purse.bag(tax),
            }
        ]

    def _adjustments(self, refund: Row, rows: list[Row]) -> list[Document]:
        """Goodwill: money that no line explains. The sign is that of sales: what goes back is negative."""
        if rows or refund["shipping_minor"]:
            return []
        tax = refund["tax_minor"]
        return [
            {
                "__typename": "OrderAdjustment",
                "id": gid("OrderAdjustment", refund["platform_refund_id"]),
                "reason": "REFUND_DISCREPANCY",
                "amountSet": self._purse.bag(tax - refund["amount_minor"]),
                "taxAmountSet": self._purse.bag(-tax),
            }
        ]
