"""The rules of a published notebook (pbpython, "Introduction to Market Basket Analysis"), from the same data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models_ml.baskets.rules import JOINT, frequent_itemsets, rules_from_itemsets


@pytest.fixture(scope="module")
def sales(shared_data: Path) -> pl.DataFrame:
    columns = ["InvoiceNo", "Description", "Country"]
    data = pl.read_parquet(shared_data / "uci_online_retail" / "online_retail.parquet", columns=columns)
    # The notebook's cleaning: titles trimmed, cancelled invoices out.
    kept = data.filter(pl.col("Description").is_not_null() & ~pl.col("InvoiceNo").str.contains("C", literal=True))
    return kept.select("Country", order_id="InvoiceNo", item=pl.col("Description").str.strip_chars())


@pytest.mark.parametrize("country", ["France", "Germany"])
def test_the_published_rules_come_out(country: str, sales: pl.DataFrame, shared_data: Path) -> None:
    text = (shared_data / "uci_online_retail" / "market_basket_pbpython.json").read_text(encoding="utf-8")
    published: dict[str, Any] = json.loads(text)[country]
    itemsets = frequent_itemsets(sales.filter(pl.col("Country") == country), min_support=str(published["min_support"]))
    # Postage is on nearly every order: the notebook drops it as an item but keeps orders that have nothing else.
    without_postage = itemsets.filter(~pl.col("items").list.contains("POSTAGE"))
    rules = rules_from_itemsets(without_postage, min_lift=1)
    assert set(itemsets["basket_count"]) == {published["baskets"]}
    assert without_postage.height == published["itemsets"]
    assert rules.height == published["rules"]
    for expected in published["selected"]:
        rule = rules.row(
            by_predicate=(pl.col("antecedent_product_ids") == JOINT.join(sorted(expected["antecedent"])))
            & (pl.col("consequent_product_ids") == JOINT.join(sorted(expected["consequent"]))),
            named=True,
        )
        # What the notebook's old mlxtend printed as "support" is the antecedent's.
        antecedent_support = rule["antecedent_count"] / rule["basket_count"]
        assert antecedent_support == pytest.approx(expected["antecedent_support"], abs=1e-6)
        assert rule["support"] == pytest.approx(expected["rule_support"], abs=1e-6)
        assert rule["confidence"] == pytest.approx(expected["confidence"], abs=1e-6)
        assert rule["lift"] == pytest.approx(expected["lift"], abs=1e-6)
