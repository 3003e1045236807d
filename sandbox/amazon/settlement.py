"""GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2: made by Amazon every fortnight, never on request.

https://developer-docs.amazon.com/sp-api/docs/report-type-values-settlement
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from sandbox.amazon.flat_files import tsv
from sandbox.amazon.marketplaces import BY_CURRENCY, Marketplace, decimal
from sandbox.amazon.merchant import Merchant, Row
from sandbox.amazon.postings import Book, Posting

COLUMNS: Final = (
    "settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency",
    "transaction-type", "order-id", "merchant-order-id", "adjustment-id", "shipment-id", "marketplace-name",
    "amount-type", "amount-description", "amount", "fulfillment-id", "posted-date", "posted-date-time",
    "order-item-code", "merchant-order-item-id", "merchant-adjustment-item-id", "sku", "quantity-purchased",
)  # fmt: skip
PERIOD: Final = timedelta(days=14)
_WORDS: Final = {
    "OurPricePrincipal": ("ItemPrice", "Principal"),
    "OurPriceTax": ("ItemPrice", "Tax"),
    "ShippingPrincipal": ("ItemPrice", "Shipping"),
    "ShippingTax": ("ItemPrice", "ShippingTax"),
    "PromotionPrincipal": ("Promotion", "Principal"),
    "PromotionTax": ("Promotion", "TaxDiscount"),
    "PromotionRounding": ("Promotion", "Principal"),
}
_OTHERS: Final = {
    "ServiceFee": ("other-transaction", "FBA storage fee"),
    "Adjustment": ("FBA Inventory Reimbursement", "REVERSAL_REIMBURSEMENT"),
    "Reserve": ("other-transaction", "Current Reserve Amount"),
}


def settlement(merchant: Merchant, book: Book, payout: Row) -> str:
    """The report on one payout."""
    marketplace = BY_CURRENCY[payout["currency"]]
    number = str(payout["payout_id"])
    postings = book.postings(book.in_payout(payout["payout_id"]))
    head = {
        "settlement-id": number,
        "settlement-start-date": _when(payout["issued_at"] - PERIOD, marketplace),
        "settlement-end-date": _when(payout["issued_at"], marketplace),
        "deposit-date": _when(payout["issued_at"], marketplace),
        "total-amount": decimal(payout["amount_minor"], marketplace),
        "currency": marketplace.currency,
    }
    rows = [row for posting in postings for row in _rows(posting, number, marketplace)]
    return tsv(COLUMNS, [head, *rows])


def _rows(posting: Posting, number: str, marketplace: Marketplace) -> Iterator[dict[str, str]]:
    kinds = {"Shipment": "Order", "Refund": "Refund"}
    shared = {
        "settlement-id": number,
        "transaction-type": kinds.get(posting.kind, posting.kind),
        "order-id": posting.order_id or "",
        "adjustment-id": posting.refund_id or "",
        "marketplace-name": marketplace.name,
        "fulfillment-id": "AFN",
        "posted-date": _when(posting.posted_at, marketplace).split(" ")[0],
        "posted-date-time": _when(posting.posted_at, marketplace),
    }
    for item in posting.items:
        for part in item.parts:
            kind, words = _WORDS.get(part.name, ("ItemFees", part.name))
            yield shared | {
                "amount-type": kind,
                "amount-description": words,
                "amount": decimal(part.minor, marketplace),
                "order-item-code": item.order_item_id,
                "sku": item.sku,
                "quantity-purchased": str(item.quantity),
            }
    if not posting.items:
        own = _OTHERS.get(posting.kind, ("ItemPrice", "Goodwill"))
        pairs = [(own, posting.minor - posting.fee_minor), (("ItemFees", "RefundCommission"), posting.fee_minor)]
        for (kind, words), minor in pairs:
            if minor:
                amount = decimal(minor, marketplace)
                yield shared | {"amount-type": kind, "amount-description": words, "amount": amount}


def _when(instant: datetime, marketplace: Marketplace) -> str:
    return instant.strftime(marketplace.day_format)
