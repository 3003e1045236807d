"""The shop at one instant: what there is, in what order, and each thing's document."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, cast

import polars as pl

from sandbox.shopify.catalogue_documents import CatalogueDocuments
from sandbox.shopify.ledger import Ledger
from sandbox.shopify.order_documents import OrderDocuments
from sandbox.shopify.people_documents import PeopleDocuments
from sandbox.shopify.projection import Arguments, BadRequestError, Document, Page, Value, cursor_of, place_of
from sandbox.shopify.search import Search
from sandbox.shopify.values import gid, instant, money

_VISIBLE_DAYS = 60  # of orders, without the scope read_all_orders
_AT = pl.Datetime("us")
_DEEPEST = 25_000
_PAGE_WITHOUT_SIZE = 250


@dataclass(frozen=True)
class Disturbance:
    """What a fault asks of pages.

    Attributes:
        duplicate: A row comes twice.
        reorder: Rows come in another order.
        cursor_expired: The cursor is no longer good.
    """

    duplicate: bool = False
    reorder: bool = False
    cursor_expired: bool = False


class Table:
    """A connection at the root: searched, sorted and paged by the place of the last row.

    Args:
        rows: `id` and the columns that can be searched and sorted by.
        document: Gives the document of a row by its `id`.
        warnings: Takes what the search did not understand.
        disturbance: What a fault asks.
    """

    def __init__(
        self,
        rows: pl.DataFrame,
        document: Callable[[int], Document | None],
        warnings: list[dict[str, str]],
        disturbance: Disturbance,
    ) -> None:
        self._rows = rows
        self._document = document
        self._warnings = warnings
        self._disturbance = disturbance

    def found(self, arguments: Arguments) -> pl.DataFrame:
        """All rows that the arguments ask for, in order, `sort_key` beside them."""
        search = Search(arguments.get("query") or "", self._rows.schema)
        condition = search.condition()
        self._warnings.extend(search.warnings)
        key = str(arguments.get("sortKey") or "ID").lower()
        column = key if key in self._rows.columns else "id"
        down = bool(arguments.get("reverse"))
        found = self._rows.filter(condition).with_columns(sort_key=pl.col(column))
        return found.sort("sort_key", "id", descending=down)

    def documents(self, arguments: Arguments) -> list[Document]:
        """All documents that the arguments ask for, as a bulk export takes them."""
        return [self._row(number) for number in self.found(arguments)["id"]]

    def page(self, arguments: Arguments) -> Page:
        """One page."""
        found = self.found(arguments)
        start = self._start(found, arguments)
        if start >= _DEEPEST:
            raise BadRequestError(f"Pagination is limited to {_DEEPEST} objects.", "BAD_REQUEST")
        size = arguments.get("first") or arguments.get("last") or _PAGE_WITHOUT_SIZE
        part = found.slice(start, size)
        keys = zip(part["sort_key"], part["id"], strict=True)
        rows = [(cursor_of(_told(key), number), self._row(number)) for key, number in keys]
        if self._disturbance.duplicate and rows:
            rows.insert(0, rows[0])
        if self._disturbance.reorder and len(rows) > 1:
            last = rows.pop()  # the last row stays: its cursor is where the next page begins
            random.Random(len(rows)).shuffle(rows)  # noqa: S311  any other order does
            rows.append(last)
        return Page(rows, start + size < found.height, start > 0)

    def _row(self, number: int) -> Document:
        return cast("Document", self._document(number))  # what stands in a table is there

    def _start(self, found: pl.DataFrame, arguments: Arguments) -> int:
        if not arguments.get("after"):
            return 0
        if self._disturbance.cursor_expired:
            raise BadRequestError("Invalid cursor for current pagination sort.", "INVALID_CURSOR")
        told, number = place_of(arguments["after"])
        dtype = found.schema["sort_key"]
        key = datetime.fromisoformat(told) if isinstance(dtype, pl.Datetime) else told
        here = pl.lit(key, dtype)
        smaller = pl.col("sort_key") > here if arguments.get("reverse") else pl.col("sort_key") < here
        tied = pl.col("sort_key") == here
        at_or_before = pl.col("id") >= number if arguments.get("reverse") else pl.col("id") <= number
        return int(found.select((smaller | (tied & at_or_before)).sum()).item())


class Snapshot:
    """The shop as it is at an instant, for an app with certain scopes.

    Args:
        ledger: The merchant's tables.
        now: The instant, naive UTC.
        scopes: What the app may see.
        touched: Orders that a fault has changed, and when.
    """

    def __init__(
        self, ledger: Ledger, now: datetime, scopes: frozenset[str], touched: Mapping[int, datetime] | None = None
    ) -> None:
        self.now = now
        self.warnings: list[dict[str, str]] = []
        self.disturbance = Disturbance()
        self._ledger = ledger
        self._scopes = scopes
        self._touched = dict(touched or {})
        self._documents: dict[tuple[str, Any], Document | None] = {}
        self._tables: dict[str, pl.DataFrame] = {}
        self._orders = OrderDocuments(ledger, now, self.document)
        self._catalogue = CatalogueDocuments(ledger, now, self.document)
        self._people = PeopleDocuments(ledger, now, self.document)

    @cached_property
    def orders(self) -> pl.DataFrame:
        """Orders that the app can see, with their `updated_at`."""
        changes = self._ledger.order_changes.filter(pl.col("changed_at") <= self.now, "bumps_updated_at")
        touched = pl.DataFrame(
            {"order_id": list(self._touched), "touched_at": list(self._touched.values())},
            schema={"order_id": pl.Int64, "touched_at": pl.Datetime("us")},
        )
        horizon = self.now - timedelta(days=_VISIBLE_DAYS)
        visible = self._ledger.orders.filter(
            pl.col("created_at") <= self.now,
            pl.col("deleted_at").is_null() | (pl.col("deleted_at") > self.now),
            pl.lit("read_all_orders" in self._scopes) | (pl.col("created_at") >= horizon),
        )
        last = changes.group_by("order_id").agg(changed=pl.col("changed_at").max())
        joined = visible.join(last, on="order_id", how="left").join(touched, on="order_id", how="left")
        return joined.select(
            "order_id",
            pl.max_horizontal("created_at", "changed", "touched_at").alias("updated_at"),
            pl.col("platform_order_id").cast(pl.Int64).alias("id"),
            "created_at",
            pl.col("created_at").alias("processed_at"),
            pl.col("is_test").alias("test"),
            name=pl.col("order_number"),
        )

    def document(self, kind: str, number: Value) -> Document | None:
        """The document of a thing, None where it is not there; made once."""
        key = (kind, number)
        if key not in self._documents:
            self._documents[key] = self._made(kind, number)
        return self._documents[key]

    def node(self, address: str) -> Document | None:
        """The document of a global id, None where there is none."""
        kind, _, number = address.removeprefix("gid://shopify/").partition("/")
        if kind == "Refund":
            return self._refund(address, number)
        if kind == "Order":
            return self.document("Order", self._ledger.order_by_platform_id.get(number))
        return self.document(kind, int(number)) if number.isdigit() else None

    def table(self, kind: str) -> Table:
        """A connection at the root."""
        if kind not in self._tables:
            self._tables[kind] = self._rows(kind)
        give = self._order_of if kind == "Order" else partial(self.document, kind)
        return Table(self._tables[kind], give, self.warnings, self.disturbance)

    def _rows(self, kind: str) -> pl.DataFrame:
        make: Mapping[str, Callable[[], pl.DataFrame]] = {
            "Order": lambda: self._searchable_orders,
            "Customer": self._customers,
            "Product": self._products,
            "ProductVariant": self._variants,
            "InventoryItem": self._items,
            "Location": lambda: pl.DataFrame({"id": list(self._ledger.locations)}),
            "DiscountNode": self._discounts,
            "DiscountCodeNode": lambda: self._discounts().filter(pl.col("method") == "code"),
            "AbandonedCheckout": self._checkouts,
            "TenderTransaction": lambda: self._tender,
            "ShopifyPaymentsPayout": self._payouts,
            "ShopifyPaymentsBalanceTransaction": self._balance,
        }
        return make[kind]()

    def _order_of(self, number: int) -> Document | None:
        return self.document("Order", self._ledger.order_by_platform_id.get(str(number)))

    def _made(self, kind: str, number: Value) -> Document | None:
        if kind == "Order":
            updated = self._updated.get(number)
            return None if updated is None else self._orders.order(number, updated)
        if kind == "Customer":
            known = self._ledger.customers.get(number)
            return self._people.customer(number) if known and known["created_at"] <= self.now else None
        if kind in ("Product", "ProductVariant", "InventoryItem"):
            there = self._catalogue.has_product if kind == "Product" else self._catalogue.has_variant
            make = {
                "Product": self._catalogue.product,
                "ProductVariant": self._catalogue.variant,
                "InventoryItem": self._catalogue.inventory_item,
            }[kind]
            return make(number) if there(number) else None
        if kind == "Location":
            return self._catalogue.location(number) if number in self._ledger.locations else None
        if kind in ("DiscountNode", "DiscountCodeNode", "DiscountAutomaticNode"):
            return self._catalogue.discount(number) if number in self._ledger.promotions else None
        return self._money_document(kind, number)

    def _money_document(self, kind: str, number: Value) -> Document | None:
        if kind == "AbandonedCheckout":
            return self._people.checkout(number) if number in self._ledger.carts else None
        if kind == "ShopifyPaymentsPayout":
            return self._people.payout(number) if number in self._ledger.payouts else None
        if kind == "ShopifyPaymentsBalanceTransaction":
            return self._people.balance_transaction(self._balance_rows[number])
        if kind == "TenderTransaction":
            return self._tender_document(number)
        return None

    @cached_property
    def _updated(self) -> dict[int, datetime]:
        return dict(zip(self.orders["order_id"], self.orders["updated_at"], strict=True))

    @cached_property
    def _searchable_orders(self) -> pl.DataFrame:
        """Orders with the state of their money, which takes their documents."""
        return self.orders.with_columns(
            financial_status=pl.Series([self._financial(number) for number in self.orders["order_id"]], dtype=pl.String)
        )

    def _financial(self, number: int) -> str:
        row = self._ledger.order_rows[number]
        if row["paid_at"] is None or row["paid_at"] > self.now:
            return "voided" if row["cancelled_at"] and row["cancelled_at"] <= self.now else "pending"
        back = sum(one["amount_minor"] for one in self._ledger.refunds.get(number, ()) if one["created_at"] <= self.now)
        edited = row["edited_at"] is not None and row["edited_at"] <= self.now
        total = row["total_minor"] if edited else row["original_total_minor"]
        return "paid" if not back else "refunded" if back >= total else "partially_refunded"

    def _refund(self, address: str, number: str) -> Document | None:
        order = self.document("Order", self._ledger.refund_by_platform_id.get(number))
        refunds = (order or {}).get("refunds", ())
        return next((one for one in refunds if one["id"] == address), None)

    def _customers(self) -> pl.DataFrame:
        rows = [(n, r["created_at"], r["email"]) for n, r in self._ledger.customers.items()]
        frame = pl.DataFrame(
            rows, schema={"id": pl.Int64, "created_at": pl.Datetime("us"), "email": pl.String}, orient="row"
        )
        return frame.filter(pl.col("created_at") <= self.now).with_columns(updated_at=pl.col("created_at"))

    def _products(self) -> pl.DataFrame:
        rows = [
            (number, row["created_at"], self._catalogue.product_updated(number))
            for number, row in self._ledger.products.items()
            if self._catalogue.has_product(number)
        ]
        return _dated(rows)

    def _variants(self) -> pl.DataFrame:
        rows = [
            (number, row["created_at"], self._catalogue.variant_updated(number))
            for number, row in self._ledger.variants.items()
            if self._catalogue.has_variant(number)
        ]
        return _dated(rows)

    def _items(self) -> pl.DataFrame:
        variants = self._variants()
        return variants.with_columns(updated_at=pl.max_horizontal("created_at", pl.lit(self.now).dt.truncate("1d")))

    def _discounts(self) -> pl.DataFrame:
        rows = [
            (number, row["starts_at"], row["starts_at"], "code" if row["code"] else "automatic")
            for number, row in self._ledger.promotions.items()
        ]
        schema = _schema({"id": pl.Int64, "created_at": _AT, "updated_at": _AT, "method": pl.String})
        return pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col("created_at") <= self.now)

    def _checkouts(self) -> pl.DataFrame:
        rows = [
            (number, row["created_at"], self._people.checkout_updated(number))
            for number, row in self._ledger.carts.items()
            if row["created_at"] <= self.now
        ]
        return _dated(rows)

    def _payouts(self) -> pl.DataFrame:
        rows = [(number, row["issued_at"]) for number, row in self._ledger.payouts.items()]
        frame = pl.DataFrame(rows, schema={"id": pl.Int64, "issued_at": pl.Datetime("us")}, orient="row")
        return frame.filter(pl.col("issued_at") <= self.now)

    def _balance(self) -> pl.DataFrame:
        lines = self._ledger.payout_lines.filter(pl.col("posted_at") <= self.now)
        return lines.select(
            pl.col("line_id").alias("id"),
            pl.col("posted_at").alias("processed_at"),
            pl.col("payout_id").alias("payments_transfer_id"),
        )

    @cached_property
    def _balance_rows(self) -> dict[int, dict[str, Any]]:
        return {row["line_id"]: row for row in self._ledger.payout_lines.to_dicts()}

    @cached_property
    def _tender(self) -> pl.DataFrame:
        """Money that moved: what was paid, and what went back."""
        rows = [
            (one["transaction_id"], one["created_at"], number)
            for number in self.orders["order_id"]
            for one in self._ledger.transactions.get(number, ())
            if one["created_at"] <= self.now and one["status"] == "success" and one["kind"] in _MOVES
        ]
        schema = _schema({"id": pl.Int64, "processed_at": _AT, "order_id": pl.Int64})
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        test = {number: row["is_test"] for number, row in self._ledger.order_rows.items()}
        return frame.with_columns(test=pl.Series([test[n] for n in frame["order_id"]], dtype=pl.Boolean))

    @cached_property
    def _tender_orders(self) -> dict[int, int]:
        return dict(zip(self._tender["id"], self._tender["order_id"], strict=True))

    def _tender_document(self, number: int) -> Document | None:
        order = self._tender_orders.get(number)
        if order is None:
            return None
        row = next(one for one in self._ledger.transactions[order] if one["transaction_id"] == number)
        sign = _MOVES[row["kind"]]
        return {
            "__typename": "TenderTransaction",
            "id": gid("TenderTransaction", number),
            "amount": money(sign * row["amount_minor"], self._ledger.shop["currency"]),
            "order": self.document("Order", order),
            "paymentMethod": row["gateway"],
            "processedAt": instant(row["created_at"]),
            "remoteReference": None,
            "test": self._ledger.order_rows[order]["is_test"],
        }


_MOVES = {"sale": 1, "capture": 1, "refund": -1}


def _schema(columns: dict[str, pl.DataType | type[pl.DataType]]) -> pl.Schema:
    return pl.Schema(columns)


def _dated(rows: list[tuple[int, datetime, datetime]]) -> pl.DataFrame:
    schema = _schema({"id": pl.Int64, "created_at": _AT, "updated_at": _AT})
    return pl.DataFrame(rows, schema=schema, orient="row")


def _told(key: object) -> object:
    return key.isoformat() if isinstance(key, datetime) else key
