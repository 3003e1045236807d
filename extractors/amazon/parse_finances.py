"""Transactions of the Finances API 2024-06-19: what was refunded, and what each adds to the balance.

The official model leaves the names of types and breakdowns open; those below are what sellers have published. How a
transaction is read:

- An item's breakdowns are groups (ProductCharges, Tax, Shipping, AmazonFees …) of parts; the parts count, and a group
  without parts counts itself. Where the items have none, the transaction's own do (some types do it so:
  https://github.com/amzn/selling-partner-api-models/issues/4993).
- What the customer gets back are the charges, tax included; fees that Amazon keeps or returns are no part of a refund.
- A transaction that was deferred is told twice: when it is posted, and once more, as RELEASED, when the money is set
  free. The second one names the first (DEFERRED_TRANSACTION_ID) and is left out.
- Whatever the breakdowns leave of a transaction's total stands as a line of its own, so that lines add up to totals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from extractors.amazon.pages import ASKED_AT, gathered
from extractors.amazon.transaction_parts import SHARED, parts_of
from extractors.api.connector import Parsing
from extractors.api.records import TEXT, Decoded, Shape, decode
from extractors.api.rows import assemble, typed
from lakehouse.landing import RawFile
from lakehouse.sources import LineKind
from lakehouse.streams import ORIGIN

_CURRENCY: Final = {"currencyAmount?": TEXT, "currencyCode?": TEXT}


def _nested(levels: int) -> list[Shape]:
    inner: dict[str, Shape] = {"breakdownType?": TEXT, "breakdownAmount?": _CURRENCY}
    return [inner | ({"breakdowns?": _nested(levels - 1)} if levels > 1 else {})]


TRANSACTION: Final[dict[str, Shape]] = {
    f"{ASKED_AT}?": TEXT,
    "transactionId?": TEXT,
    "transactionType": TEXT,
    "transactionStatus?": TEXT,
    "description?": TEXT,
    "postedDate": TEXT,
    "totalAmount": _CURRENCY,
    "sellingPartnerMetadata?": {"marketplaceId?": TEXT},
    "marketplaceDetails?": {"marketplaceId?": TEXT, "marketplaceName?": TEXT},
    "relatedIdentifiers?": [{"relatedIdentifierName?": TEXT, "relatedIdentifierValue?": TEXT}],
    "items?": [
        {
            "breakdowns?": _nested(2),
            "contexts?": [{"contextType?": TEXT, "sku?": TEXT, "asin?": TEXT, "quantityShipped?": TEXT}],
        }
    ],
    "breakdowns?": _nested(3),
}
REFUNDS: Final = ("Refund", "GuaranteeClaim", "Chargeback")
_TYPES: Final = {
    "ServiceFee": "fee",
    "ProductAdsPayment": "fee",
    "Transfer": "transfer",
    "Reserve": "reserve",
    "DebtRecovery": "transfer",
}
_EXACT: Final = pl.Decimal(38, 6)
_CENTS: Final = 4
_KEY: Final = list(ORIGIN)


def parse(parts: Iterable[RawFile]) -> Iterator[Parsing]:
    """The transactions of stored pages."""
    for batch in gathered(parts, "payload", "transactions"):
        yield tables(decode(batch, TRANSACTION))


def tables(decoded: Decoded) -> Parsing:
    """Lines of the settlement to come, refunds, and the order lines that they take back.

    A transaction has no modified time, and the payout that it becomes part of is known later: its version is when it
    was asked for.
    """
    every = _named(decoded.frame)
    told_again = every.filter(pl.col("deferred_ref").is_not_null())
    transactions = every.filter(pl.col("deferred_ref").is_null())
    parts = parts_of(transactions)
    refunds = _refunds(parts)
    told = assemble(
        decoded,
        {
            "settlement_lines": typed(parts, "settlement_lines", _settlement_columns()),
            "refunds": typed(refunds, "refunds", _refund_columns()),
            "order_lines": typed(_taken_back(parts), "order_lines", _line_columns()),
        },
    )
    return replace(told, deduplicated=told.deduplicated + told_again.height)


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    def related(name: str) -> pl.Expr:
        pairs = pl.col("relatedIdentifiers").list.eval(
            pl.element()
            .filter(pl.element().struct.field("relatedIdentifierName") == name)
            .struct.field("relatedIdentifierValue")
        )
        return pairs.list.first()

    place = pl.col("marketplaceDetails").struct
    own = pl.concat_str(
        pl.col("transactionType"),
        pl.col("postedDate"),
        related("ORDER_ID").fill_null(""),
        pl.col("totalAmount").struct.field("currencyAmount"),
        separator="/",
    )
    return frame.with_columns(
        pl.coalesce("transactionId", own).alias("transaction_ref"),
        pl.coalesce(ASKED_AT, "postedDate").alias("version"),
        related("ORDER_ID").alias("order_ref"),
        related("REFUND_ID").alias("refund_ref"),
        related("SETTLEMENT_ID").alias("payout_ref"),
        related("DEFERRED_TRANSACTION_ID").alias("deferred_ref"),
        pl.coalesce(place.field("marketplaceName"), place.field("marketplaceId")).alias("channel"),
        pl.col("totalAmount").struct.field("currencyCode").alias("currency"),
        pl.col("totalAmount").struct.field("currencyAmount").cast(_EXACT, strict=False).alias("total"),
        pl.col("transactionType").is_in(REFUNDS).alias("is_refund"),
    )


def _settlement_columns() -> dict[str, pl.Expr | str]:
    by_type = pl.col("transactionType").replace_strict(_TYPES, default=None, return_dtype=pl.String)
    words = pl.concat_str("transactionType", "group", "name", separator=" > ", ignore_nulls=True)
    kind = (
        pl.when(pl.col("group").str.contains("Fee"))
        .then(pl.lit("fee"))
        .when((pl.col("charge") == "sale") & pl.col("is_refund"))
        .then(pl.lit("refund"))
        .otherwise(pl.coalesce("charge", by_type, pl.lit("adjustment")))
    )
    return {
        "record_ref": "transaction_ref",
        "version_at": "version",
        "settlement_line_ref": pl.concat_str("transaction_ref", pl.lit("/"), "number"),
        "payout_ref": "payout_ref",
        "order_ref": "order_ref",
        "product_ref": "sku",
        "line_kind": kind,
        "source_kind": words,
        "quantity": "units",
        "amount": "text",
        "currency_code": "currency",
        "channel": "channel",
        "occurred_at": "postedDate",
    }


def _refunds(parts: pl.DataFrame) -> pl.DataFrame:
    shared = [name for name in SHARED if name not in _KEY]
    charged = parts.filter(pl.col("is_refund") & pl.col("order_ref").is_not_null())
    return charged.group_by(_KEY, maintain_order=True).agg(
        *(pl.col(name).first() for name in shared),
        pl.col("amount").filter(pl.col("charge").is_not_null()).sum().neg().alias("given"),
        pl.col("amount").filter(pl.col("charge") == "tax").sum().neg().alias("tax"),
        pl.col("amount").filter(pl.col("charge") == "shipping").sum().neg().alias("carriage"),
    )


def _refund_columns() -> dict[str, pl.Expr | str]:
    return {
        "record_ref": "transaction_ref",
        "version_at": "version",
        "refund_ref": pl.coalesce("refund_ref", "transaction_ref"),
        "order_ref": "order_ref",
        "amount": "given",
        "tax_amount": "tax",
        "shipping_amount": "carriage",
        "currency_code": "currency",
        "reason": "description",
        "occurred_at": "postedDate",
    }


def _taken_back(parts: pl.DataFrame) -> pl.DataFrame:
    """Order lines with negative quantity: goods by item, shipping by transaction, and money for nothing in return."""
    shipping = (pl.col("charge") == "shipping") | (
        (pl.col("charge") == "tax") & pl.col("name").str.contains("Shipping")
    )
    charged = parts.filter(pl.col("is_refund") & pl.col("order_ref").is_not_null() & pl.col("charge").is_not_null())
    charged = charged.with_columns(
        shipping.fill_null(value=False).alias("is_shipping"),
        pl.col("units").cast(pl.Int64, strict=False).fill_null(0).alias("count"),
    )
    shared = [name for name in SHARED if name not in _KEY]
    net = pl.col("amount").filter(pl.col("charge") != "tax").sum().neg()
    tax = pl.col("amount").filter(pl.col("charge") == "tax").sum()
    sums = [*(pl.col(name).first() for name in shared), net.alias("net"), tax.alias("tax")]
    goods = (
        charged.filter(~pl.col("is_shipping"))
        .group_by(*_KEY, "item_no", maintain_order=True)
        .agg(*sums, pl.col("sku", "asin", "count").first())
    )
    is_goods = (pl.col("count") > 0) & pl.coalesce("sku", "asin").is_not_null()
    goods = goods.with_columns(
        pl.when(is_goods).then("count").otherwise(1).alias("count"),
        pl.when(is_goods).then(pl.lit(LineKind.PRODUCT.value)).otherwise(pl.lit(LineKind.GOODWILL.value)).alias("kind"),
        pl.coalesce("sku", "asin", pl.lit("GOODWILL")).alias("product_ref"),
    )
    carriage = (
        charged.filter("is_shipping")
        .group_by(_KEY, maintain_order=True)
        .agg(sums)
        .with_columns(
            pl.lit(1, pl.Int64).alias("count"),
            pl.lit(LineKind.SHIPPING.value).alias("kind"),
            pl.lit("SHIPPING").alias("product_ref"),
        )
    )
    lines = pl.concat([goods, carriage], how="diagonal").with_columns(
        (pl.col("net") / pl.col("count")).round(_CENTS).alias("price")
    )
    return _numbered(pl.concat([lines, _rest_of_prices(lines)], how="diagonal"))


def _rest_of_prices(lines: pl.DataFrame) -> pl.DataFrame:
    """What a price of one unit, with four decimals, leaves of the amounts."""
    rest = (pl.col("net") - pl.col("count") * pl.col("price")).sum()
    shared = [pl.col(name).first() for name in SHARED if name not in _KEY]
    return (
        lines.group_by(_KEY, maintain_order=True)
        .agg(*shared, rest.alias("price"))
        .filter(pl.col("price") != 0)
        .with_columns(
            pl.lit(1, pl.Int64).alias("count"),
            pl.lit(LineKind.ROUNDING.value).alias("kind"),
            pl.lit("ROUNDING").alias("product_ref"),
        )
    )


def _numbered(lines: pl.DataFrame) -> pl.DataFrame:
    return lines.sort(*_KEY, maintain_order=True).with_columns(
        pl.int_range(1, pl.len() + 1).over(_KEY).cast(pl.String).alias("number")
    )


def _line_columns() -> dict[str, pl.Expr | str]:
    return {
        "record_ref": "transaction_ref",
        "version_at": "version",
        "order_ref": "order_ref",
        "order_line_ref": pl.concat_str("transaction_ref", pl.lit("/"), "number"),
        "line_kind": "kind",
        "product_ref": "product_ref",
        "quantity": -pl.col("count"),
        "unit_price": "price",
        "discount_amount": pl.lit("0"),
        "tax_amount": "tax",
        "currency_code": "currency",
        "channel": "channel",
        "occurred_at": "postedDate",
    }
