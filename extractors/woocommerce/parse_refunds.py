"""From refunds to `refunds`, to lines of `order_lines` that take back what was sold, and to `payments`.

In a refund its amount is positive and holds the tax, its lines are negative and without; in the order it is negative
(quirk 5). A refund may have no lines, or lines that do not make up its amount.
"""

from __future__ import annotations

import polars as pl

from extractors.api.connector import Parsing
from extractors.api.records import decode
from extractors.api.rows import typed
from extractors.woocommerce.lines import COLUMNS, charges, goods, named
from extractors.woocommerce.payments import given_back
from extractors.woocommerce.reading import (
    HALF_A_CENT,
    Seen,
    absolute,
    empty_as_null,
    exact,
    records,
    reference,
    summed,
    utc,
)
from extractors.woocommerce.shapes import PARENT, REFUND
from lakehouse.landing import RawFile
from lakehouse.sources import LineKind
from lakehouse.streams import MONEY

_PARENTS = pl.Schema(dict.fromkeys(("order_ref", "currency", "customer", "country", "gateway"), pl.String))


class Parents:
    """What the orders of the refunds on the next page say of them: the currency, who bought, where."""

    def __init__(self) -> None:
        self.frame = pl.DataFrame(schema=_PARENTS)

    def read(self, part: RawFile) -> None:
        """Takes those of a page; the ones before are no longer needed."""
        told = decode(records(part), PARENT).frame
        self.frame = told.select(
            order_ref="id",
            currency="currency",
            customer=pl.when(pl.col("customer_id") != "0").then(pl.col("customer_id")),
            country=empty_as_null(pl.col("billing").struct.field("country")),
            gateway=empty_as_null(pl.col("payment_method")),
        ).unique("order_ref", keep="last", maintain_order=True)  # the shop may name one twice


def parse_refunds(part: RawFile, seen: Seen, parents: Parents, gift_card_sku: str | None) -> Parsing:
    """The refunds of a page.

    Args:
        part: The page.
        seen: What came before in this load.
        parents: Their orders.
        gift_card_sku: Regular expression on the SKU of gift cards.
    """
    decoded = decode(seen.fresh(records(part)), REFUND)
    # In the list of one order's refunds, they do not name it.
    order = pl.coalesce(pl.col("parent_id"), pl.lit(part.meta.get("parent"), pl.String))
    head = _with_sums(
        decoded.frame.with_columns(order_ref=order)
        .join(parents.frame, on="order_ref", how="left", maintain_order="left")
        .with_columns(
            record_ref=pl.col("id"),
            version_at=utc("date_created_gmt"),  # a refund is never changed
            currency_code=pl.col("currency"),
            customer_ref=pl.col("customer"),
            occurred_at=utc("date_created_gmt"),
        )
    )
    lines = pl.concat(
        [
            goods(head, gift_card_sku),
            charges(head, "shipping_lines", LineKind.SHIPPING),
            charges(head, "fee_lines", LineKind.FEE),
        ]
    )
    whole = named(pl.concat([lines, _goodwill(head, lines)]))
    tables = {
        "refunds": typed(head, "refunds", _COLUMNS),
        "order_lines": typed(whole, "order_lines", {name: pl.col(name) for name in COLUMNS}),
        "payments": given_back(head),
    }
    return seen.assembled(decoded, tables)


_COLUMNS: dict[str, pl.Expr | str] = {
    "record_ref": pl.col("record_ref"),
    "version_at": pl.col("version_at"),
    "refund_ref": pl.col("id"),
    "order_ref": pl.col("order_ref"),
    "amount": pl.col("amount"),
    "tax_amount": pl.col("lines_tax"),
    "shipping_amount": pl.col("lines_shipping"),
    "currency_code": pl.col("currency_code"),
    "reason": pl.col("reason"),
    "occurred_at": pl.col("occurred_at"),
}


def _with_sums(refunds: pl.DataFrame) -> pl.DataFrame:
    """The refunds with what their lines come to, as positive numbers."""
    kinds = ("line_items", "shipping_lines", "fee_lines")
    return refunds.with_columns(
        lines_net=-pl.sum_horizontal(summed(kind, "total") for kind in kinds),
        lines_tax=-pl.sum_horizontal(summed(kind, "total_tax") for kind in kinds),
        lines_shipping=-summed("shipping_lines", "total"),
    )


def _goodwill(refunds: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """What was given back beyond the lines; all of it where there are none."""
    rest = exact(pl.col("amount")) - pl.col("lines_net") - pl.col("lines_tax")
    off = refunds.with_columns(rest=rest).filter(absolute(pl.col("rest")) >= HALF_A_CENT)
    is_more = pl.col("rest") > 0
    return off.with_columns(
        order_line_ref=reference(pl.col("id"), "-rest"),
        credits_line_ref=pl.lit(None, pl.String),
        line_kind=pl.when(is_more).then(pl.lit(LineKind.GOODWILL.value)).otherwise(pl.lit(LineKind.ROUNDING.value)),
        product_ref=pl.when(is_more).then(pl.lit("GOODWILL")).otherwise(pl.lit("ROUNDING")),
        product_title=empty_as_null(pl.col("reason")),
        quantity=pl.when(is_more).then(pl.lit("-1")).otherwise(pl.lit("1")),
        unit_price=absolute(pl.col("rest")).cast(MONEY),
        discount_amount=pl.lit(None, MONEY),
        tax_amount=pl.lit(None, pl.String),
    ).select(lines.columns)
