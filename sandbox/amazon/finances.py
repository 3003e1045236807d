"""Finances API 2024-06-19: listTransactions.

https://developer-docs.amazon.com/sp-api/docs/finances-api-v2024-06-19-reference. The names of the breakdowns are those
that sellers publish; the official model leaves them open.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.amazon.answers import Refused, disturbed, iso, moment, naive, read_token, write_token
from sandbox.amazon.marketplaces import MARKETPLACES, Marketplace, number
from sandbox.amazon.merchant import Merchant
from sandbox.amazon.postings import Book, Item, Posting, opaque
from sandbox.amazon.tokens import CLIENT_ID
from sandbox.serving import Faults, SandboxClock

SELLER_ID: Final = "A3NORTHLIGHT01"
PAGE: Final = 500
DEFERRAL: Final = timedelta(days=7)
_LAG: Final = timedelta(minutes=2)
_EMPTY_RANGE: Final = timedelta(days=180)
_DEFERRED_OF: Final = 10  # every tenth transaction is held back for a while
_TOKEN_LIFETIME: Final = timedelta(hours=24)


class Finances:
    """The operation over the merchant's book."""

    def __init__(self, merchant: Merchant, book: Book, clock: SandboxClock, faults: Faults) -> None:
        self._merchant = merchant
        self._book = book
        self._clock = clock
        self._faults = faults

    async def transactions(self, request: Request) -> Response:
        """`listTransactions`."""
        now = naive(self._clock.now())
        after, before = _range(request, now - _LAG)
        marketplace = request.query_params.get("marketplaceId")
        rows = self._entries(after, before, marketplace, now)
        token = request.query_params.get("nextToken")
        if token:
            if self._faults.strike("expired_cursor", request.url.path):
                raise Refused("Invalid Input", details="The next token has expired")
            place = read_token(token, now, lifetime=_TOKEN_LIFETIME)["place"]
            rows = rows.filter(_beyond(place))
        page = rows.head(PAGE)
        payload: dict[str, Any] = {"transactions": disturbed(self._faults, request.url.path, self._written(page, now))}
        if rows.height > PAGE:
            last = page.row(-1, named=True)
            place = [last["shown_at"].isoformat(), last["transaction_id"], last["is_release"]]
            payload["nextToken"] = write_token(now, place=place, client=CLIENT_ID)
        return JSONResponse({"payload": payload})

    def _entries(self, after: datetime, before: datetime, marketplace: str | None, now: datetime) -> pl.DataFrame:
        if marketplace is not None and marketplace not in MARKETPLACES:
            raise Refused("Invalid input", details="Invalid marketplaceId")
        entries = self._book.entries
        if marketplace:
            entries = entries.filter(pl.col("currency") == MARKETPLACES[marketplace].currency)
        entries = entries.with_columns(
            pl.col("posted_at").alias("shown_at"),
            pl.lit(0).alias("is_release"),
            ((pl.col("transaction_id") > 0) & (pl.col("transaction_id") % _DEFERRED_OF == 0)).alias("is_deferred"),
        )
        releases = entries.filter("is_deferred").with_columns(
            pl.col("posted_at") + DEFERRAL, pl.lit(1).alias("is_release")
        )
        releases = releases.with_columns(pl.col("posted_at").alias("shown_at"))
        # "Financial events might not include orders from the last 48 hours": each shows up some hours late.
        late = pl.duration(hours=pl.col("transaction_id").abs() * 7 % 48)
        return (
            pl.concat([entries, releases])
            .filter(pl.col("shown_at").is_between(after, before, closed="left"))
            .filter(pl.col("shown_at") + late <= now)
            .sort("shown_at", "transaction_id", "is_release")
        )

    def _written(self, page: pl.DataFrame, now: datetime) -> list[dict[str, Any]]:
        postings = self._book.postings(page["transaction_id"])
        rows = page.iter_rows(named=True)
        return [self._transaction(posting, row, now) for posting, row in zip(postings, rows, strict=True)]

    def _transaction(self, posting: Posting, row: dict[str, Any], now: datetime) -> dict[str, Any]:
        market = posting.marketplace
        release_id = opaque("release", row["transaction_id"])
        related = {"ORDER_ID": posting.order_id, "REFUND_ID": posting.refund_id}
        payout = self._book.payout_of(row["transaction_id"])
        related["SETTLEMENT_ID"] = str(payout) if payout is not None else None
        status = "RELEASED"
        if row["is_deferred"] and row["is_release"]:
            related["DEFERRED_TRANSACTION_ID"] = posting.id
        elif row["is_deferred"]:
            released = row["posted_at"] + DEFERRAL <= now
            status = "DEFERRED_RELEASED" if released else "DEFERRED"
            related["RELEASE_TRANSACTION_ID"] = release_id if released else None
        return {
            "sellingPartnerMetadata": {
                "sellingPartnerId": SELLER_ID,
                "accountType": "Standard Orders",
                "marketplaceId": market.id,
            },
            "relatedIdentifiers": [
                {"relatedIdentifierName": name, "relatedIdentifierValue": value}
                for name, value in related.items()
                if value
            ],
            "transactionType": posting.kind,
            "transactionId": release_id if row["is_release"] else posting.id,
            "transactionStatus": status,
            "description": _DESCRIPTIONS.get(posting.kind, posting.kind),
            "postedDate": iso(row["shown_at"]),
            "totalAmount": _currency(posting.minor, market),
            "marketplaceDetails": {"marketplaceId": market.id, "marketplaceName": market.name},
            "items": [_item(item, market) for item in posting.items],
            "breakdowns": _summary(posting, market),
        }


_DESCRIPTIONS: Final = {"Shipment": "Order Payment", "Refund": "Refund Order", "ServiceFee": "FBAStorageBilling"}


def _item(item: Item, market: Marketplace) -> dict[str, Any]:
    groups = list(dict.fromkeys(part.group for part in item.parts))
    breakdowns = []
    for group in groups:
        parts = [part for part in item.parts if part.group == group]
        leaves = [
            {
                "breakdownType": part.name,
                "breakdownAmount": _currency(part.minor, market),
                # Fees are split once more, into base and tax.
                "breakdowns": [{"breakdownType": "Base", "breakdownAmount": _currency(part.minor, market)}]
                if group == "AmazonFees"
                else [],
            }
            for part in parts
        ]
        breakdowns.append(_node(group, sum(part.minor for part in parts), leaves, market))
    return {
        "description": item.description,
        "totalAmount": _currency(sum(part.minor for part in item.parts), market),
        # Not the number of the order's item: nothing in a transaction says which line of the order it is about.
        "relatedIdentifiers": [
            {
                "itemRelatedIdentifierName": "ORDER_ADJUSTMENT_ITEM_ID",
                "itemRelatedIdentifierValue": opaque("item", item.order_item_id)[:13],
            }
        ],
        "breakdowns": breakdowns,
        "contexts": [
            {
                "contextType": "ProductContext",
                "asin": item.asin,
                "sku": item.sku,
                "quantityShipped": item.quantity,
                "fulfillmentNetwork": "AFN",
            }
        ],
    }


def _summary(posting: Posting, market: Marketplace) -> list[dict[str, Any]]:
    """The transaction's own breakdowns: what adds to the balance under Sales, what takes away under Expenses."""
    amounts: dict[str, int] = {}
    for item in posting.items:
        for part in item.parts:
            amounts[part.group] = amounts.get(part.group, 0) + part.minor
    if not posting.items:
        own = {"Refund": "ProductCharges", "ServiceFee": "StorageBillingFee"}.get(posting.kind, posting.kind)
        amounts = {own: posting.minor - posting.fee_minor, "AmazonFees": posting.fee_minor}
    sides: dict[str, list[dict[str, Any]]] = {"Sales": [], "Expenses": []}
    totals = {"Sales": 0, "Expenses": 0}
    for group, minor in amounts.items():
        side = "Sales" if minor > 0 else "Expenses"
        if minor:
            totals[side] += minor
            sides[side].append(_node(group, minor, None, market))
    return [_node(side, totals[side], nodes, market) for side, nodes in sides.items() if nodes]


def _node(kind: str, minor: int, parts: list[dict[str, Any]] | None, market: Marketplace) -> dict[str, Any]:
    node: dict[str, Any] = {"breakdownType": kind, "breakdownAmount": _currency(minor, market)}
    return node | ({} if parts is None else {"breakdowns": parts})


def _currency(minor: int, market: Marketplace) -> dict[str, Any]:
    return {"currencyAmount": number(minor, market), "currencyCode": market.currency}


def _range(request: Request, latest: datetime) -> tuple[datetime, datetime]:
    after = moment(request.query_params.get("postedAfter"), "postedAfter")
    if after is None:
        raise Refused("Start date cannot be null", details="Start date cannot be null")
    before = moment(request.query_params.get("postedBefore"), "postedBefore")
    if before is not None and not after < before <= latest:
        raise Refused("Invalid input", details="Date range is invalid")
    before = before or latest
    # "If PostedAfter and PostedBefore are more than 180 days apart, the response is empty."
    return after, before if before - after <= _EMPTY_RANGE else after


def _beyond(place: list[Any]) -> pl.Expr:
    shown, entry, release = pl.lit(place[0]).str.to_datetime(time_unit="us"), place[1], place[2]
    same = pl.col("shown_at") == shown
    later = (pl.col("transaction_id") > entry) | (
        (pl.col("transaction_id") == entry) & (pl.col("is_release") > release)
    )
    after: pl.Expr = (pl.col("shown_at") > shown) | (same & later)
    return after
