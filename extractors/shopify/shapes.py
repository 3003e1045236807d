"""What the records that we read hold: the same for pages, for exports and for things by number."""

from __future__ import annotations

from extractors.api.records import FLAG, TEXT, Shape

MONEY = {"amount": TEXT, "currencyCode": TEXT}
BAG = {"shopMoney": MONEY}
BAGS = {"shopMoney": MONEY, "presentmentMoney": MONEY}
TAXES = [{"rate?": TEXT, "priceSet": BAG}]
ALLOCATIONS = [
    {
        "allocatedAmountSet": BAG,
        "discountApplication": {
            "__typename": TEXT,
            "index": TEXT,
            "targetType": TEXT,
            "value": {"__typename": TEXT, "percentage?": TEXT},
            "code?": TEXT,
            "title?": TEXT,
        },
    }
]
REFUND_LINE = {
    "id": TEXT,
    "quantity": TEXT,
    "restocked": FLAG,
    "subtotalSet": BAG,
    "totalTaxSet": BAG,
    "lineItem": {"id": TEXT, "sku": TEXT},
}
ORDER: dict[str, Shape] = {
    "id": TEXT,
    "name": TEXT,
    "createdAt": TEXT,
    "processedAt": TEXT,
    "updatedAt": TEXT,
    "cancelledAt": TEXT,
    "cancelReason": TEXT,
    "test": FLAG,
    "edited": FLAG,
    "closed": FLAG,
    "sourceName": TEXT,
    "currencyCode": TEXT,
    "presentmentCurrencyCode": TEXT,
    "taxesIncluded": FLAG,
    "displayFinancialStatus": TEXT,
    "displayFulfillmentStatus": TEXT,
    "email?": TEXT,
    "customer": {"id": TEXT, "defaultEmailAddress?": {"emailAddress": TEXT}},
    "shippingAddress": {"countryCodeV2": TEXT},
    "billingAddress": {"countryCodeV2": TEXT},
    "subtotalPriceSet": BAG,
    "totalPriceSet": BAGS,
    "totalTaxSet": BAG,
    "totalDiscountsSet": BAG,
    "totalShippingPriceSet": BAG,
    "totalRefundedSet": BAG,
    "totalTipReceivedSet": BAG,
    "originalTotalDutiesSet": BAG,
    "originalTotalAdditionalFeesSet": BAG,
    "totalCashRoundingAdjustment": {"paymentSet": BAG},
    "transactions": [
        {
            "id": TEXT,
            "kind": TEXT,
            "status": TEXT,
            "gateway": TEXT,
            "test": FLAG,
            "createdAt": TEXT,
            "processedAt": TEXT,
            "amountSet": BAG,
            "fees": [{"amount": MONEY}],
        }
    ],
    "fulfillments": [
        {
            "id": TEXT,
            "status": TEXT,
            "displayStatus": TEXT,
            "createdAt": TEXT,
            "inTransitAt": TEXT,
            "deliveredAt": TEXT,
            "totalQuantity": TEXT,
            "location": {"id": TEXT},
            "trackingInfo": [{"company": TEXT}],
        }
    ],
    "refunds": [
        {
            "id": TEXT,
            "createdAt": TEXT,
            "note": TEXT,
            "totalRefundedSet": BAG,
            "refundLineItems": {"nodes": [REFUND_LINE]},
            "refundShippingLines": {"nodes": [{"id": TEXT, "subtotalAmountSet": BAG, "taxAmountSet": BAG}]},
            "orderAdjustments": {"nodes": [{"id": TEXT, "reason": TEXT, "amountSet": BAG, "taxAmountSet": BAG}]},
        }
    ],
    "lineItems": {
        "nodes": [
            {
                "id": TEXT,
                "title": TEXT,
                "sku": TEXT,
                "quantity": TEXT,
                "currentQuantity": TEXT,
                "isGiftCard": FLAG,
                "variant": {"id": TEXT},
                "originalUnitPriceSet": BAG,
                "taxLines": TAXES,
                "discountAllocations": ALLOCATIONS,
            }
        ]
    },
    "shippingLines": {
        "nodes": [
            {
                "id": TEXT,
                "title": TEXT,
                "isRemoved": FLAG,
                "originalPriceSet": BAG,
                "taxLines": TAXES,
                "discountAllocations": ALLOCATIONS,
            }
        ]
    },
}
CUSTOMER: dict[str, Shape] = {
    "id": TEXT,
    "createdAt": TEXT,
    "updatedAt": TEXT,
    "state": TEXT,
    "tags": [TEXT],
    "numberOfOrders": TEXT,
    "defaultEmailAddress?": {"emailAddress": TEXT, "marketingState": TEXT},
    "defaultAddress": {"countryCodeV2": TEXT, "provinceCode": TEXT},
}
_PRODUCT_FACTS: dict[str, Shape] = {
    "id": TEXT,
    "title": TEXT,
    "vendor": TEXT,
    "status": TEXT,
    "productType": TEXT,
    "createdAt": TEXT,
    "updatedAt": TEXT,
    "isGiftCard": FLAG,
    "category": {"fullName": TEXT},
}
_VARIANT_FACTS: dict[str, Shape] = {
    "id": TEXT,
    "sku": TEXT,
    "barcode": TEXT,
    "title": TEXT,
    "price": TEXT,
    "compareAtPrice": TEXT,
    "createdAt": TEXT,
    "updatedAt": TEXT,
    "requiresComponents": FLAG,
    "inventoryItem": {"id": TEXT, "unitCost": MONEY, "measurement": {"weight": {"unit": TEXT, "value": TEXT}}},
}
PRODUCT: dict[str, Shape] = {**_PRODUCT_FACTS, "variants": {"nodes": [_VARIANT_FACTS]}}
VARIANT: dict[str, Shape] = {**_VARIANT_FACTS, "product": _PRODUCT_FACTS}
INVENTORY: dict[str, Shape] = {
    "id": TEXT,
    "sku": TEXT,
    "tracked": FLAG,
    "updatedAt": TEXT,
    "inventoryLevels": {
        "nodes": [{"id": TEXT, "location": {"id": TEXT}, "quantities": [{"name": TEXT, "quantity": TEXT}]}]
    },
}
COST: dict[str, Shape] = {"id": TEXT, "sku": TEXT, "createdAt": TEXT, "updatedAt": TEXT, "unitCost": MONEY}
LOCATION: dict[str, Shape] = {
    "id": TEXT,
    "name": TEXT,
    "isActive": FLAG,
    "createdAt": TEXT,
    "updatedAt": TEXT,
    "address": {"countryCode": TEXT, "city": TEXT},
}
DISCOUNT: dict[str, Shape] = {
    "id": TEXT,
    "discount": {
        "__typename": TEXT,
        "title?": TEXT,
        "status?": TEXT,
        "createdAt?": TEXT,
        "updatedAt?": TEXT,
        "startsAt?": TEXT,
        "endsAt?": TEXT,
        "asyncUsageCount?": TEXT,
        "customerGets?": {"value": {"__typename": TEXT, "percentage?": TEXT, "amount?": MONEY}},
        "codes?": {"nodes": [{"id": TEXT, "code": TEXT}], "pageInfo": {"hasNextPage": FLAG}},
    },
}
CHECKOUT: dict[str, Shape] = {
    "id": TEXT,
    "createdAt": TEXT,
    "updatedAt": TEXT,
    "completedAt": TEXT,
    "customer": {"id": TEXT, "defaultEmailAddress?": {"emailAddress": TEXT}},
    "shippingAddress": {"countryCodeV2": TEXT},
    "totalPriceSet": BAG,
    "lineItems": {"nodes": [{"id": TEXT, "title": TEXT, "sku": TEXT, "quantity": TEXT, "originalUnitPriceSet": BAG}]},
}
PAYOUT: dict[str, Shape] = {"id": TEXT, "issuedAt": TEXT, "status": TEXT, "net": MONEY}
BALANCE: dict[str, Shape] = {
    "id": TEXT,
    "type": TEXT,
    "test": FLAG,
    "transactionDate": TEXT,
    "amount": MONEY,
    "fee": MONEY,
    "sourceType": TEXT,
    "associatedOrder": {"id": TEXT},
    "associatedPayout": {"id": TEXT, "status": TEXT},
}
