"""From the warehouse's order lines to the basket tables."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import polars as pl

from lakehouse.settings import Settings
from models_ml.baskets.config import BasketAssumptions, default_assumptions, least_count
from models_ml.baskets.rules import RULE_SCHEMA, frequent_itemsets, prepare, rules_from_itemsets
from models_ml.tables import FrameReader, conform, local_date

logger = logging.getLogger(__name__)

ALL_ORDERS = "all"
BASKET_RULE = {"scope": pl.String, **RULE_SCHEMA}
BASKET_RUN = {
    "scope": pl.String,
    "basket_count": pl.Int64,
    "left_out_count": pl.Int64,
    "max_basket_items": pl.Int64,
    "min_together_count": pl.Int64,
    "itemset_count": pl.Int64,
    "variant_rule_count": pl.Int64,
    "rule_count": pl.Int64,
}
LINES_SQL = """
select order_id, product_id as item
from fct_order_line
where demand_quantity > 0 and order_date < ? and order_date >= ?
group by order_id, product_id
"""


def run(reader: FrameReader, *, as_of: datetime, settings: Settings) -> dict[str, pl.DataFrame]:
    """Finds the products that are bought together in the published marts.

    Only product lines with something left after cancellation count, so a fully cancelled order is not a basket.

    Args:
        reader: The warehouse; orders before the shop's local date of `as_of` are read.
        as_of: The moment of knowledge.
        settings: For the shop's time zone.

    Returns:
        `basket_rule` and `basket_run` (what was counted, capped and left out).
    """
    rules = default_assumptions()
    until = local_date(as_of, settings.shop_time_zone)
    lines = reader.frame(LINES_SQL, [until, until - timedelta(days=rules.history_days)])
    return analyse(lines, rules=rules)


def analyse(
    baskets: pl.DataFrame, *, scope: str = ALL_ORDERS, rules: BasketAssumptions | None = None
) -> dict[str, pl.DataFrame]:
    """The same from a frame.

    Args:
        baskets: `order_id, item` (product ids).
        scope: Name of what the baskets are, for the tables.
        rules: The assumptions; those of the repository's file by default.

    Returns:
        `basket_rule`, at most `max_rules` rules, those with the highest leverage: the most baskets beyond chance; and
        `basket_run`, one row.
    """
    rules = rules or default_assumptions()
    ready = prepare(baskets, max_basket_items=rules.max_basket_items)
    threshold = least_count(rules.min_support, ready.basket_count, at_least=rules.min_together_count)
    itemsets = frequent_itemsets(
        ready.lines, min_support=rules.min_support, min_count=threshold, max_items=rules.max_itemset_items
    )
    every = rules_from_itemsets(itemsets, min_lift=rules.min_lift)
    useful = without_variants(every)
    ranked = useful.sort(
        ["leverage", "antecedent_product_ids", "consequent_product_ids"], descending=[True, False, False]
    ).head(rules.max_rules or useful.height)
    logger.info(
        "Baskets %s: %d counted, %d longer than %s items left out, %d rules.",
        scope,
        ready.basket_count,
        ready.left_out_count,
        rules.max_basket_items,
        ranked.height,
    )
    summary = {
        "scope": [scope],
        "basket_count": [ready.basket_count],
        "left_out_count": [ready.left_out_count],
        "max_basket_items": [rules.max_basket_items],
        "min_together_count": [threshold],
        "itemset_count": [itemsets.height],
        "variant_rule_count": [every.height - useful.height],
        "rule_count": [ranked.height],
    }
    key = ["scope", "antecedent_product_ids", "consequent_product_ids"]
    return {
        "basket_rule": conform(ranked.with_columns(scope=pl.lit(scope)), BASKET_RULE, table="basket_rule", keys=key),
        "basket_run": conform(pl.DataFrame(summary, schema=BASKET_RUN), BASKET_RUN, table="basket_run", keys=["scope"]),
    }


def without_variants(rules: pl.DataFrame) -> pl.DataFrame:
    """Leaves out rules between variants of one product: ids of the same digits with another letter behind.

    That who buys the red one buys the blue one too is no news, and would fill the head of the list. Ids of another
    shape are their own base.
    """
    bases = [
        pl.col(side).str.split("+").list.eval(pl.element().str.replace(r"^(\d+)[A-Z]+$", "$1"))
        for side in ("antecedent_product_ids", "consequent_product_ids")
    ]
    return rules.filter(bases[0].list.set_intersection(bases[1]).list.len() == 0)
