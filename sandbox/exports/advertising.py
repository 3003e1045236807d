"""Reports of the three advertising accounts, one a day, as their owners download them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from sandbox.exports.writing import amount, days, write_csv, write_workbook
from sandbox.world.store import World

GOOGLE, META, AMAZON = "google_ads_spend", "meta_ads_spend", "amazon_ads_spend"
_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}


def write(world: World, folder: Path, first_day: date, last_day: date) -> dict[str, int]:
    """One report for each account and day; an account with two currencies is two accounts to Meta."""
    skus = world.scan("variants").select("variant_id", "sku")
    spend = world.scan("ad_spend").join(skus, on="variant_id", how="left").with_columns(_texts()).collect()
    writers: dict[str, tuple[str, Callable[[Path, date, pl.DataFrame], int]]] = {
        "google": (GOOGLE, _google),
        "meta": (META, _meta),
        "amazon": (AMAZON, _amazon),
    }
    written = {}
    for platform, (drop, writer) in writers.items():
        own = spend.filter(pl.col("platform") == platform)
        by_day = (own.filter(pl.col("date") == day) for day in days(first_day, last_day))
        made = zip(days(first_day, last_day), by_day, strict=True)
        written[drop] = sum(writer(folder / drop, day, rows) for day, rows in made)
    return written


def _texts() -> list[pl.Expr]:
    return [
        amount(pl.col("cost_minor"), pl.col("currency")).alias("cost"),
        amount(pl.col("conversion_value_minor"), pl.col("currency")).alias("value"),
        pl.col("currency").replace_strict(_SIGNS, default="").alias("sign"),
    ]


def _grouped(name: str) -> pl.Expr:
    """A number with commas between thousands, as on screen."""
    text = pl.col(name).cast(pl.String)
    head, tail = text.str.extract(r"^(-?[0-9]+)"), text.str.extract(r"(\..*)$").fill_null("")
    # Two rounds: no amount here has ten digits.
    for _round in range(2):
        head = head.str.replace(r"^(-?[0-9]+)([0-9]{3})(,|$)", "${1},${2}${3}")
    return head + tail


def _google(folder: Path, day: date, rows: pl.DataFrame) -> int:
    """Title, period, names, a line for each ad group, and a line of totals at the end."""
    table = rows.select(
        pl.col("date").cast(pl.String).alias("Day"),
        pl.col("campaign_name").alias("Campaign"),
        pl.col("campaign_id").alias("Campaign ID"),
        pl.col("ad_group").alias("Ad group"),
        pl.lit("Enabled").alias("Ad group status"),
        pl.col("currency").alias("Currency code"),
        _grouped("impressions").alias("Impr."),
        _grouped("clicks").alias("Clicks"),
        _grouped("cost").alias("Cost"),
        (pl.col("conversions").cast(pl.String) + ".00").alias("Conversions"),
        _grouped("value").alias("Conv. value"),
    )
    totals = pl.DataFrame({name: [""] for name in table.columns}).with_columns(
        pl.lit("Total: Account").alias("Day"),
        pl.lit(f"{rows['impressions'].sum():,}").alias("Impr."),
        pl.lit(f"{rows['clicks'].sum():,}").alias("Clicks"),
    )
    before = ["Ad group report", f'"{day:%B} {day.day}, {day.year} - {day:%B} {day.day}, {day.year}"']
    write_csv(folder / f"google_ads_{day}.csv", pl.concat([table, totals]), before=before)
    return 1


def _meta(folder: Path, day: date, rows: pl.DataFrame) -> int:
    """The currency stands in a column's name, so every currency is an export of its own."""
    exports = rows.partition_by("currency", as_dict=True, maintain_order=True)
    for (currency,), own in exports.items():
        table = own.select(
            pl.col("campaign_name").alias("Campaign name"),
            pl.col("date").cast(pl.String).alias("Day"),
            pl.col("campaign_id").alias("Campaign ID"),
            pl.col("ad_group").alias("Ad set name"),
            pl.lit("active").alias("Delivery status"),
            pl.col("impressions").cast(pl.String).alias("Impressions"),
            pl.col("clicks").cast(pl.String).alias("Link clicks"),
            pl.col("cost").alias(f"Amount spent ({currency})"),
            pl.col("conversions").cast(pl.String).alias("Purchases"),
            pl.col("value").alias("Purchases conversion value"),
            pl.col("date").cast(pl.String).alias("Reporting starts"),
            pl.col("date").cast(pl.String).alias("Reporting ends"),
        )
        write_csv(folder / f"meta_ads_{str(currency).lower()}_{day}.csv", table)
    return len(exports)


def _amazon(folder: Path, day: date, rows: pl.DataFrame) -> int:
    """The advertised product report as a workbook; its headers have blanks at their ends, its amounts signs."""
    table = rows.select(
        pl.col("date").alias("Date"),
        pl.lit("No Portfolio").alias("Portfolio name"),
        pl.col("currency").alias("Currency"),
        pl.col("campaign_name").alias("Campaign Name"),
        pl.col("ad_group").alias("Ad Group Name"),
        pl.col("sku").alias("Advertised SKU"),
        pl.col("impressions").alias("Impressions"),
        pl.col("clicks").alias("Clicks"),
        (pl.col("sign") + _grouped("cost")).alias("Spend"),
        (pl.col("sign") + _grouped("value")).alias("7 Day Total Sales "),
        pl.col("conversions").alias("7 Day Total Orders (#)"),
    )
    write_workbook(folder / f"amazon_ads_{day}.xlsx", table)
    return 1
