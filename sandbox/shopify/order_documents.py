"""Orders as documents of Shopify's schema."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.shopify.ledger import Ledger, Row
from sandbox.shopify.order_sums import Line, Sums
from sandbox.shopify.refund_documents import RefundDocuments
from sandbox.shopify.values import Purse, gid, instant, money

Document = dict[str, Any]
_CANCEL_REASONS = {"customer": "CUSTOMER", "fraud": "FRAUD", "inventory": "INVENTORY", "declined": "DECLINED"}
_TRANSACTION_KINDS = {
    "sale": "SALE",
    "authorization": "AUTHORIZATION",
    "capture": "CAPTURE",
    "refund": "REFUND",
    "void": "VOID",
}


class OrderDocuments:
    """Writes the documents of orders as they are at one instant.

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

    def order(self, number: int, updated_at: datetime) -> Document:
        """The order of that number of the world."""
        row = self._ledger.order_rows[number]
        refunds = [one for one in self._ledger.refunds.get(number, ()) if one["created_at"] <= self._now]
        sums = Sums(row, self._now, self._ledger.lines.get(number, ()), refunds, self._ledger.refund_lines)
        purse = Purse(self._currency, row["presentment_currency"], row["presentment_rate"])
        document: Document = {"__typename": "Order", "id": gid("Order", row["platform_order_id"])}
        document |= self._facts(row, updated_at) | self._status(row, sums) | self._money(row, sums, purse)
        document |= self._people(row)
        lines = {line.row["line_no"]: self._line(line, sums, purse) for line in sums.lines}
        document["lineItems"] = list(lines.values())
        document |= self._shipping(row, sums, purse)
        document["discountApplications"] = [self._application(row)] if sums.discount else []
        document |= self._transactions(number, document, purse)
        writer = RefundDocuments(self._ledger, document, lines, purse, self._lookup, includes_tax=row["taxes_included"])
        document["refunds"] = [writer.refund(one) for one in refunds]
        document |= self._fulfilments(number, document, lines, purse)
        return document

    def _facts(self, row: Row, updated_at: datetime) -> Document:
        cancelled = row["cancelled_at"] if row["cancelled_at"] and row["cancelled_at"] <= self._now else None
        reason = _CANCEL_REASONS.get(str(row["cancel_reason"]).lower(), "OTHER") if cancelled else None
        digits = "".join(filter(str.isdigit, row["order_number"])) or row["platform_order_id"]
        return {
            "legacyResourceId": row["platform_order_id"],
            "name": row["order_number"],
            "number": int(digits),
            "createdAt": instant(row["created_at"]),
            "processedAt": instant(row["created_at"]),
            "updatedAt": instant(updated_at),
            "cancelledAt": instant(cancelled),
            "cancelReason": reason,
            "closed": False,
            "closedAt": None,
            "confirmed": True,
            "test": row["is_test"],
            "phone": None,
            "note": None,
            "tags": [tag.strip() for tag in (row["tags"] or "").split(",") if tag.strip()],
            "sourceName": row["sales_channel"],
            "currencyCode": self._currency,
            "presentmentCurrencyCode": row["presentment_currency"],
            "taxesIncluded": row["taxes_included"],
            "paymentGatewayNames": [row["payment_gateway"]] if row["payment_gateway"] else [],
            "discountCode": row["discount_code"],
            "discountCodes": [row["discount_code"]] if row["discount_code"] else [],
            "retailLocation": None,
            "requiresShipping": True,
        }

    def _status(self, row: Row, sums: Sums) -> Document:
        paid = row["paid_at"] is not None and row["paid_at"] <= self._now
        cancelled = row["cancelled_at"] is not None and row["cancelled_at"] <= self._now
        if not paid:
            status = "VOIDED" if cancelled else "PENDING"
        elif sums.refunded >= sums.kept_total and sums.refunded:
            status = "REFUNDED"
        else:
            status = "PARTIALLY_REFUNDED" if sums.refunded else "PAID"
        return {
            "displayFinancialStatus": status,
            "edited": sums.is_edited,
            "fullyPaid": paid,
            "unpaid": not paid,
            "refundable": paid and sums.refunded < sums.kept_total,
            "subtotalLineItemsQuantity": sum(line.quantity for line in sums.lines),
            "currentSubtotalLineItemsQuantity": sum(line.current for line in sums.lines),
        }

    def _money(self, row: Row, sums: Sums, purse: Purse) -> Document:
        bag = purse.bag
        paid = row["paid_at"] is not None and row["paid_at"] <= self._now
        received = sums.kept_total if paid else 0
        shipping_back = sum(one["shipping_minor"] for one in sums.refunds)
        tax_back = sum(one["tax_minor"] for one in sums.refunds)
        tax_now = sum(line.kept_tax for line in sums.lines) + sums.shipping_tax - tax_back
        goods_back = sum(
            one["amount_minor"] + (one["tax_minor"] if row["taxes_included"] else 0)
            for refund in sums.refunds
            for one in sums.refund_lines.get(refund["refund_id"], ())
        )
        kept = sum(line.kept * line.price for line in sums.lines)
        discount_now = sums.discount - sum(line.discount - line.kept_discount for line in sums.lines)
        rate = row["tax_rate_bp"]
        return {
            "subtotalPriceSet": bag(sums.subtotal),
            "currentSubtotalPriceSet": bag(kept - discount_now - goods_back),
            "totalPriceSet": bag(sums.total),
            "currentTotalPriceSet": bag(sums.current_total),
            "originalTotalPriceSet": bag(row["original_total_minor"]),
            "totalTaxSet": bag(sums.tax),
            "currentTotalTaxSet": bag(tax_now),
            "totalDiscountsSet": bag(sums.discount),
            "currentTotalDiscountsSet": bag(discount_now),
            "totalShippingPriceSet": bag(row["shipping_minor"]),
            "currentShippingPriceSet": bag(row["shipping_minor"] - shipping_back),
            "totalRefundedSet": bag(sums.refunded),
            "totalRefundedShippingSet": bag(shipping_back),
            "totalReceivedSet": bag(received),
            "totalOutstandingSet": bag(0 if paid or row["cancelled_at"] else sums.kept_total),
            "netPaymentSet": bag(received - sums.refunded),
            "totalTipReceivedSet": bag(0),
            "originalTotalDutiesSet": None,
            "originalTotalAdditionalFeesSet": None,
            "totalCashRoundingAdjustment": {"paymentSet": bag(0), "refundSet": bag(0)},
            "taxLines": _tax_lines(sums.tax, rate, purse),
            "currentTaxLines": _tax_lines(tax_now, rate, purse),
        }

    def _people(self, row: Row) -> Document:
        customer = None if row["customer_id"] is None else self._lookup("Customer", row["customer_id"])
        name = {key: (customer or {}).get(key) for key in ("firstName", "lastName")}
        address = {
            "__typename": "MailingAddress",
            "id": gid("MailingAddress", f"{row['platform_order_id']}?model_name=Address"),
            **name,
            "name": " ".join(part for part in name.values() if part) or None,
            "city": row["city"],
            "zip": row["postcode"],
            "countryCodeV2": row["country"],
            "country": row["country"],
        }
        where = address if row["country"] else None
        return {"customer": customer, "email": row["email"], "shippingAddress": where, "billingAddress": where}

    def _line(self, line: Line, sums: Sums, purse: Purse) -> Document:
        row, bag, gross = line.row, purse.bag, line.quantity * line.price
        variant = self._lookup("ProductVariant", row["variant_id"]) if row["variant_id"] else None
        option = (variant or {}).get("title")
        done = min(row["fulfilled_quantity"], line.current) if self._is_fulfilled(row) else 0
        return {
            "__typename": "LineItem",
            "id": gid("LineItem", row["platform_line_id"]),
            "name": row["title"],
            "title": row["title"],
            "variantTitle": None if option in (None, "Default Title") else option,
            "sku": row["sku"],
            "vendor": None,
            "quantity": line.quantity,
            "currentQuantity": line.current,
            "refundableQuantity": line.current,
            "unfulfilledQuantity": line.current - done,
            "nonFulfillableQuantity": line.quantity - line.current,
            "requiresShipping": row["kind"] == "product",
            "taxable": True,
            "isGiftCard": row["kind"] == "gift_card",
            "variant": variant,
            "product": (variant or {}).get("product"),
            "originalUnitPriceSet": bag(line.price),
            "originalTotalSet": bag(gross),
            "discountedUnitPriceSet": bag(line.price),
            "discountedTotalSet": bag(gross),
            "totalDiscountSet": bag(0),
            "discountAllocations": self._allocations(line.discount, sums.order, purse),
            "taxLines": _tax_lines(line.tax, sums.order["tax_rate_bp"], purse),
            "lineItemGroup": self._group(row, line.quantity),
        }

    def _is_fulfilled(self, row: Row) -> bool:
        shipped = self._ledger.fulfilments.get(row["order_id"], ())
        return any(one["created_at"] <= self._now for one in shipped)

    def _group(self, row: Row, quantity: int) -> Document | None:
        """The bundle that a component was sold in: it has no line of its own."""
        if row["bundle_variant_id"] is None:
            return None
        bundle = self._ledger.all_skus[row["bundle_variant_id"]]
        return {
            "id": gid("LineItemGroup", f"{row['order_id']}{row['bundle_variant_id']}"),
            "title": self._lookup_title(bundle),
            "quantity": quantity,
            "variantId": gid("ProductVariant", bundle["variant_id"]),
            "variantSku": bundle["sku"],
            "productId": gid("Product", bundle["product_id"]),
        }

    def _lookup_title(self, variant: Row) -> str:
        product = self._ledger.products.get(variant["product_id"])
        return str(product["title_en"]) if product else str(variant["sku"])

    def _allocations(self, amount: int, order: Row, purse: Purse) -> list[Document]:
        if not amount:
            return []
        return [{"allocatedAmountSet": purse.bag(amount), "discountApplication": self._application(order)}]

    def _application(self, order: Row) -> Document:
        code = order["discount_code"]
        known = next((p for p in self._ledger.promotions.values() if code and p["code"] == code), None)
        value: Document = {"__typename": "PricingPercentageValue", "percentage": 10.0}
        if known and known["kind"] == "percentage":
            value = {"__typename": "PricingPercentageValue", "percentage": float(known["value"])}
        elif known:
            value = money(known["value"], self._currency)
        application = {
            "index": 0,
            "allocationMethod": "ACROSS",
            "targetSelection": "ALL",
            "targetType": "LINE_ITEM",
            "value": value,
        }
        if code:
            return {"__typename": "DiscountCodeApplication", "code": code} | application
        return {"__typename": "AutomaticDiscountApplication", "title": "Automatic"} | application

    def _shipping(self, order: Row, sums: Sums, purse: Purse) -> Document:
        lines = []
        for row in sums.shipping:
            price = row["unit_price_minor"] * row["quantity"]
            after = purse.bag(price - row["discount_minor"])
            lines.append(
                {
                    "__typename": "ShippingLine",
                    "id": gid("ShippingLine", row["platform_line_id"]),
                    "title": row["title"] or "Standard",
                    "code": "standard",
                    "source": "shopify",
                    "custom": False,
                    "isRemoved": False,
                    "originalPriceSet": purse.bag(price),
                    "discountedPriceSet": after,
                    "currentDiscountedPriceSet": after,
                    "discountAllocations": self._allocations(row["discount_minor"], order, purse),
                    "taxLines": _tax_lines(row["tax_minor"], order["tax_rate_bp"], purse),
                }
            )
        return {"shippingLines": lines, "shippingLine": lines[0] if lines else None}

    def _transactions(self, number: int, order: Document, purse: Purse) -> Document:
        rows = [one for one in self._ledger.transactions.get(number, ()) if one["created_at"] <= self._now]
        documents = [self._transaction(row, order, purse) for row in rows]
        return {"transactions": documents, "transactionsCount": _count(len(documents))}

    def _transaction(self, row: Row, order: Document, purse: Purse) -> Document:
        fees = []
        if row["fee_minor"]:
            zero = money(0, self._currency)
            fees = [
                {
                    "id": gid("TransactionFee", row["transaction_id"]),
                    "amount": money(row["fee_minor"], self._currency),
                    "flatFee": zero,
                    "rate": "0.015",
                    "rateName": "domestic",
                    "taxAmount": zero,
                    "type": "processing_fee",
                }
            ]
        return {
            "__typename": "OrderTransaction",
            "id": gid("OrderTransaction", row["transaction_id"]),
            "kind": _TRANSACTION_KINDS[row["kind"]],
            "status": row["status"].upper(),
            "gateway": row["gateway"],
            "formattedGateway": (row["gateway"] or "").replace("_", " ").title() or None,
            "amountSet": purse.bag(row["amount_minor"]),
            "fees": fees,
            "createdAt": instant(row["created_at"]),
            "processedAt": instant(row["created_at"]),
            "test": order["test"],
            "parentTransaction": None,
            "errorCode": "CARD_DECLINED" if row["status"] == "failure" else None,
            "order": order,
        }

    def _fulfilments(self, number: int, order: Document, lines: dict[int, Document], purse: Purse) -> Document:
        rows = [one for one in self._ledger.fulfilments.get(number, ()) if one["created_at"] <= self._now]
        documents = [self._fulfilment(row, place, order, lines) for place, row in enumerate(rows, 1)]
        sent = sum(document["totalQuantity"] for document in documents)
        to_send = sum(line["quantity"] for line in order["lineItems"] if line["requiresShipping"])
        status = "UNFULFILLED" if not sent else "FULFILLED" if sent >= to_send else "PARTIALLY_FULFILLED"
        return {
            "fulfillments": documents,
            "fulfillmentsCount": _count(len(documents)),
            "displayFulfillmentStatus": status,
        }

    def _fulfilment(self, row: Row, place: int, order: Document, lines: dict[int, Document]) -> Document:
        parts = self._ledger.fulfilment_lines.get(row["fulfilment_id"], ())
        delivered = row["delivered_at"] if row["delivered_at"] and row["delivered_at"] <= self._now else None
        shipped = row["shipped_at"] if row["shipped_at"] and row["shipped_at"] <= self._now else None
        status = "DELIVERED" if delivered else "IN_TRANSIT" if shipped else "CONFIRMED"
        return {
            "__typename": "Fulfillment",
            "id": gid("Fulfillment", row["fulfilment_id"]),
            "legacyResourceId": str(row["fulfilment_id"]),
            "name": f"{order['name']}-F{place}",
            "status": "CANCELLED" if row["status"] == "cancelled" else "SUCCESS",
            "displayStatus": status,
            "createdAt": instant(row["created_at"]),
            "updatedAt": instant(delivered or shipped or row["created_at"]),
            "deliveredAt": instant(delivered),
            "inTransitAt": instant(shipped),
            "estimatedDeliveryAt": None,
            "totalQuantity": sum(part["quantity"] for part in parts),
            "requiresShipping": True,
            "trackingInfo": [{"company": row["carrier"], "number": row["tracking_number"], "url": None}],
            "location": self._lookup("Location", row["location_id"]),
            "order": order,
            "fulfillmentLineItems": [
                {
                    "__typename": "FulfillmentLineItem",
                    "id": gid("FulfillmentLineItem", f"{row['fulfilment_id']}{part['line_no']}"),
                    "lineItem": lines[part["line_no"]],
                    "quantity": part["quantity"],
                    "originalTotalSet": lines[part["line_no"]]["originalTotalSet"],
                    "discountedTotalSet": lines[part["line_no"]]["discountedTotalSet"],
                }
                for part in parts
                if part["line_no"] in lines
            ],
        }


def _tax_lines(amount: int, rate_bp: int, purse: Purse) -> list[Document]:
    if not amount:
        return []
    rate = rate_bp / 10_000
    return [
        {
            "title": "VAT",
            "rate": rate,
            "ratePercentage": rate_bp / 100,
            "priceSet": purse.bag(amount),
            "channelLiable": False,
            "source": "Shopify",
        }
    ]


def _count(number: int) -> Document:
    return {"count": number, "precision": "EXACT"}
