"""The simulated merchant's books, and whether what was landed of a shop says the same, to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl
from polars.testing import assert_frame_equal

from sandbox.world import World

MONEY = pl.Decimal(38, 4)
STAGED = ("raw.orders", "raw.deletions", "stg_orders", "stg_order_lines", "stg_refunds", "stg_customer_returns")
"""What `assert_true` looks at, as `tests.support.extracting.staged` gives it."""
_GOODS = ("product", "gift_voucher", "fee", "manual")
_YEN = pl.col("currency") == "JPY"
_UNIT = pl.when(_YEN).then(pl.lit(Decimal(1))).otherwise(pl.lit(Decimal("0.01"))).cast(MONEY)


def amount(column: str) -> pl.Expr:
    """An amount in the currency's own units."""
    return (pl.col(column).cast(MONEY) * _UNIT).cast(MONEY)


def money(column: str) -> pl.Expr:
    """A landed amount."""
    return pl.col(column).cast(MONEY)


class Books:
    """A shop's books when all is over.

    Args:
        world: The merchant.
        shop: Which of its shops.
    """

    def __init__(self, world: World, shop: str) -> None:
        self._world = world
        self.says_what_came_back = shop != "amazon"  # Amazon tells of a refund's goods, and not of which line
        mine = world.frame("orders").filter(shop=shop)
        self.deleted = mine.filter(pl.col("deleted_at").is_not_null())["platform_order_id"]
        # Amazon tells no amounts before an order is paid, nor after it was cancelled.
        has_amounts = (pl.col("paid_at").is_not_null() & pl.col("cancelled_at").is_null()) | (shop != "amazon")
        self._all = mine.filter(pl.col("deleted_at").is_null()).with_columns(has_amounts=has_amounts)

    @property
    def orders(self) -> pl.DataFrame:
        """Each order with its sums."""
        sums = ("total", "tax", "shipping")
        told = [pl.when("has_amounts").then(amount(f"{name}_minor")).alias(f"{name}_amount") for name in sums]
        columns = {"platform_order_id": "order_ref", "currency": "currency_code", "created_at": "occurred_at"}
        facts = [pl.col(name).alias(landed) for name, landed in columns.items()]
        return self._all.select(*facts, "is_test", *told).sort("order_ref")

    @property
    def lines(self) -> pl.DataFrame:
        """Each sold line of goods: its units, what was paid without tax, and the tax."""
        rows = self._world.frame("order_lines").join(self._all.filter("has_amounts"), on="order_id")
        sold = rows.filter(pl.col("kind") != "shipping", pl.col("current_quantity") > 0)
        tax = pl.when("taxes_included").then("tax_minor").otherwise(0)
        net = pl.col("current_quantity") * pl.col("unit_price_minor") - pl.col("discount_minor") - tax
        return (
            sold.with_columns(net_minor=net)
            .select(
                order_ref="platform_order_id",
                order_line_ref="platform_line_id",
                quantity="current_quantity",
                net=amount("net_minor"),
                tax=amount("tax_minor"),
            )
            .sort("order_ref", "order_line_ref")
        )

    @property
    def refunds(self) -> pl.DataFrame:
        """Each refund."""
        rows = self._world.frame("refunds").join(self._orders("currency"), on="order_id")
        return rows.select(
            refund_ref="platform_refund_id",
            order_ref="platform_order_id",
            occurred_at="created_at",
            amount=amount("amount_minor"),
            tax=amount("tax_minor"),
        ).sort("refund_ref")

    @property
    def units_back(self) -> pl.DataFrame:
        """Units of sold lines that came back."""
        lines = self._world.frame("order_lines").select("order_id", "line_no", order_line_ref="platform_line_id")
        rows = self._world.frame("refund_lines").join(self._orders(), on="order_id")
        named = rows.join(lines, on=["order_id", "line_no"])
        return named.select("order_line_ref", "quantity", order_ref="platform_order_id")

    @property
    def returns(self) -> pl.DataFrame:
        """What came back to Amazon's own warehouses, of which Amazon has a report."""
        came = self._world.frame("returns").filter(pl.col("received_at").is_not_null() & (not self.says_what_came_back))
        rows = came.join(self._orders(), on="order_id")
        return rows.select(order_ref="platform_order_id", occurred_at="received_at", quantity="quantity")

    def _orders(self, *more: str) -> pl.DataFrame:
        return self._all.select("order_id", "platform_order_id", *more)


def _units(rows: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    sums = rows.group_by(key).agg(pl.col("quantity").sum()).filter(pl.col("quantity") != 0)
    return sums.select(*key, "quantity").sort(key)


def assert_true(staged: Mapping[str, pl.DataFrame], books: Books) -> None:
    """Every order, line, refund and deletion is there, once, to the cent.

    Args:
        staged: The tables of `STAGED`.
        books: The merchant's books.
    """
    orders = _named(staged["stg_orders"].filter(~pl.col("is_deleted")))
    alive = pl.col("order_ref").is_in(orders["order_ref"].implode())
    _assert_orders(orders, books)
    lines = staged["stg_order_lines"].rename({"order_number": "order_ref"}).filter(~pl.col("is_deleted"))
    net = money("line_amount") - money("discount_amount")
    lines = lines.with_columns(net=net, tax=money("tax_amount"))
    _assert_lines(lines, books)
    refunds = _named(staged["stg_refunds"]).filter(alive).sort("refund_ref")
    told = refunds.select("refund_ref", "order_ref", "occurred_at", money("amount"), tax=money("tax_amount"))
    assert_frame_equal(told, books.refunds)
    _assert_reconciled(orders, lines, told)
    _assert_deletions(staged, books)
    came = _named(staged["stg_customer_returns"]).select(books.returns.columns)
    assert_frame_equal(came, books.returns, check_row_order=False)


def _named(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(order_ref=pl.col("order_id").str.split("/").list.last())


def _assert_orders(orders: pl.DataFrame, books: Books) -> None:
    sums = [money(f"{name}_amount") for name in ("total", "tax", "shipping")]
    told = orders.with_columns(pl.col("is_test").fill_null(value=False))
    told = told.select("order_ref", "currency_code", "occurred_at", "is_test", *sums)
    assert_frame_equal(told.sort("order_ref"), books.orders)


def _assert_lines(lines: pl.DataFrame, books: Books) -> None:
    is_goods = pl.col("source_line_kind").is_in(_GOODS) & (pl.col("product_id") != "ROUNDING").fill_null(value=True)
    goods = lines.filter(is_goods)
    # A price has four decimals: what several units cost is right to the cent, and no further.
    sold = goods.filter(pl.col("quantity") > 0).sort("order_ref", "order_line_ref")
    told = sold.select("order_ref", "order_line_ref", "quantity", pl.col("net").round(2).cast(MONEY), "tax")
    assert_frame_equal(told, books.lines)
    back = goods.filter(pl.col("quantity") < 0)
    came = back.select("order_ref", order_line_ref="credits_line_ref", quantity=-pl.col("quantity"))
    key = ["order_ref", "order_line_ref"] if books.says_what_came_back else ["order_ref"]
    assert_frame_equal(_units(came, key), _units(books.units_back, key))


def _assert_reconciled(orders: pl.DataFrame, lines: pl.DataFrame, refunds: pl.DataFrame) -> None:
    """Lines come to their order's total, and lines that undo others to the refunds."""
    placed = orders.select("order_ref", placed_at="occurred_at")
    split = lines.join(placed, on="order_ref").with_columns(gross=pl.col("net") + pl.col("tax"))
    is_back = pl.col("occurred_at") > pl.col("placed_at")
    gross = pl.col("gross").sum().round(2).cast(MONEY)
    paid = split.filter(~is_back).group_by("order_ref").agg(gross)
    against = orders.select("order_ref", total=money("total_amount").fill_null(0))
    both = against.join(paid, on="order_ref", how="full", coalesce=True).fill_null(0)
    assert both.filter(pl.col("total") != pl.col("gross")).is_empty()
    back = split.filter(is_back).group_by("order_ref").agg(gross)
    given = refunds.group_by("order_ref").agg(pl.col("amount").sum())
    both = given.join(back, on="order_ref", how="full", coalesce=True).fill_null(0)
    assert both.filter(pl.col("amount") != -pl.col("gross")).is_empty()


def _assert_deletions(staged: Mapping[str, pl.DataFrame], books: Books) -> None:
    seen = set(staged["raw.orders"]["record_ref"])
    told = staged["raw.deletions"]
    assert told.select("entity", "record_ref").is_unique().all()
    gone = told.filter(entity="orders")["record_ref"].to_list()
    assert sorted(gone) == sorted(seen & set(books.deleted))
