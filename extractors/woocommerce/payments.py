"""What moved: WooCommerce keeps no list of payments, but the order knows that it was paid, how, and by what number.

What the gateway kept is known to its plugin, which notes it with the order. Keys that were read in the plugins' own
code: Stripe's, WooPayments', PayPal Payments', and the older PayPal's. Other gateways note nothing, and their fee is
unknown, which is not the same as none.
"""

from __future__ import annotations

import polars as pl

from extractors.api.rows import Typed, typed
from extractors.woocommerce.reading import empty_as_null, exact, noted, reference, unquoted, utc, zero

_FEES = ("_stripe_fee", "_wcpay_transaction_fee", "PayPal Transaction Fee")
_PAYPAL = "_ppcp_paypal_fees"


def payments(orders: pl.DataFrame) -> Typed:
    """A sale for each order that was paid, with the gateway's fee.

    Args:
        orders: Orders as `shapes.ORDER` has them.
    """
    paid = orders.filter(empty_as_null(pl.col("date_paid_gmt")).is_not_null(), exact(pl.col("total")) > zero())
    return typed(
        paid,
        "payments",
        {
            "record_ref": pl.col("id"),
            "version_at": utc("date_modified_gmt"),
            "payment_ref": pl.coalesce(
                reference(empty_as_null(pl.col("transaction_id"))), reference(pl.col("id"), "-paid")
            ),
            "order_ref": pl.col("id"),
            "payment_kind": pl.lit("sale"),
            "payment_status": pl.lit("success"),
            "gateway": empty_as_null(pl.col("payment_method")),
            "amount": pl.col("total"),
            "fee_amount": _fee(),
            "currency_code": pl.col("currency"),
            "occurred_at": utc("date_paid_gmt"),
        },
    )


def given_back(refunds: pl.DataFrame) -> Typed:
    """A payment back for each refund.

    Args:
        refunds: Refunds as `shapes.REFUND` has them, with `gateway` and `currency_code` of their orders.
    """
    return typed(
        refunds.filter(exact(pl.col("amount")) > zero()),
        "payments",
        {
            "record_ref": pl.col("id"),
            "version_at": pl.col("version_at"),
            "payment_ref": reference("refund-", pl.col("id")),
            "order_ref": pl.col("order_ref"),
            "payment_kind": pl.lit("refund"),
            "payment_status": pl.lit("success"),
            "gateway": pl.col("gateway"),
            "amount": pl.col("amount"),
            "currency_code": pl.col("currency_code"),
            "occurred_at": pl.col("occurred_at"),
        },
    )


def _fee() -> pl.Expr:
    """The fee as text; null where no plugin noted one."""
    meta = pl.col("meta_data")
    paypal = noted(meta, _PAYPAL).str.json_path_match("$.paypal_fee.value")
    return pl.coalesce(*(empty_as_null(unquoted(noted(meta, key))) for key in _FEES), empty_as_null(paypal))
