"""Online Retail as the order line mart reads it."""

from __future__ import annotations

from pathlib import Path

import polars as pl


def sold_lines(folder: Path) -> pl.DataFrame:
    """Product lines that were sold and not undone within a day: what the order line mart calls demand."""
    data = pl.read_parquet(folder / "uci_online_retail" / "online_retail.parquet").with_columns(
        product_id=pl.col("StockCode").str.to_uppercase(), sold_at="InvoiceDate"
    )
    products = data.filter(pl.col("product_id").str.contains(r"^\d{5}[A-Z]*$") & (pl.col("UnitPrice") > 0))
    sold = products.filter(pl.col("Quantity") > 0)
    undone = products.filter(pl.col("Quantity") < 0).select(
        "product_id", "CustomerID", Quantity=-pl.col("Quantity"), undone_at="InvoiceDate"
    )
    pairs = sold.join(undone, on=["product_id", "CustomerID", "Quantity"]).filter(
        (pl.col("undone_at") - pl.col("sold_at")).is_between(pl.duration(), pl.duration(hours=24))
    )
    return sold.join(pairs, on="src_row", how="anti")


def daily_demand(lines: pl.DataFrame) -> pl.DataFrame:
    """`product_id, sales_date, demand_units, gross_sales` of those lines."""
    return lines.group_by("product_id", sales_date=pl.col("sold_at").dt.date()).agg(
        demand_units=pl.col("Quantity").sum().cast(pl.Float64),
        gross_sales=(pl.col("Quantity") * pl.col("UnitPrice")).sum().cast(pl.Float64),
    )
