"""The tables of purchase planning: columns, types and keys."""

from __future__ import annotations

import polars as pl

from models_ml.tables import MONEY

PURCHASE_PROPOSAL = {
    "supplier_id": pl.String(),
    "supplier_name": pl.String(),
    "product_id": pl.String(),
    "order_date": pl.Date(),
    "expected_date": pl.Date(),
    "order_units": pl.Int64(),
    "needed_units": pl.Int64(),
    "pack_units": pl.Int64(),
    "unit_cost_shop": MONEY,
    "order_value_shop": MONEY,
    "worth_shop": MONEY,
    "plan_status": pl.String(),
    "reason": pl.String(),
}
SUPPLIER_CHOICE = {
    "product_id": pl.String(),
    "supplier_id": pl.String(),
    "supplier_name": pl.String(),
    "choice_rank": pl.Int32(),
    "unit_cost_shop": MONEY,
    "total_cost_shop": MONEY,
    "lead_time_mean_days": pl.Float64(),
    "lead_time_sd_days": pl.Float64(),
    "otif_pct": pl.Float64(),
}
STOCK_TRANSFER = {
    "product_id": pl.String(),
    "from_location_id": pl.String(),
    "to_location_id": pl.String(),
    "transfer_units": pl.Int64(),
    "from_on_hand_units": pl.Int64(),
    "to_on_hand_units": pl.Int64(),
    "from_daily_units": pl.Float64(),
    "to_daily_units": pl.Float64(),
    "reason": pl.String(),
}
MARKDOWN_PROPOSAL = {
    "product_id": pl.String(),
    "on_hand_units": pl.Int64(),
    "cover_days": pl.Float64(),
    "surplus_units": pl.Int64(),
    "current_price_shop": MONEY,
    "markdown_pct": pl.Float64(),
    "proposed_price_shop": MONEY,
    "expected_units": pl.Float64(),
    "expected_gain_shop": MONEY,
    "reason": pl.String(),
}
TABLES = {
    "purchase_proposal": (PURCHASE_PROPOSAL, ("supplier_id", "product_id")),
    "supplier_choice": (SUPPLIER_CHOICE, ("product_id", "supplier_id")),
    "stock_transfer": (STOCK_TRANSFER, ("product_id", "from_location_id", "to_location_id")),
    "markdown_proposal": (MARKDOWN_PROPOSAL, ("product_id",)),
}
