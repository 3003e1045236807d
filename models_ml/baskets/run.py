"""From the warehouse's order lines to the basket tables."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import polars as pl

from lakehouse.settings import Settings
from models_ml.baskets.config import BasketAssumptions, default_assumptions, least_count
from models_ml.baskets.counting import count_itemsets
from models_ml.baskets.rules import RULE_SCHEMA, Baskets, prepare, rules_from_itemsets
from models_ml.baskets.selling import BUNDLE, CROSS_SELL, PRICES, bundles, cross_sell, proven
from models_ml.baskets.trivial import families, without_trivial
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
    "proven_rule_count": pl.Int64,
    "longest_basket_items": pl.Int64,
}
LINES_SQL = """
select order_id, product_id as item, min(order_date) as order_date
from fct_order_line
where demand_quantity > 0 and order_date < ? and order_date >= ?
group by order_id, product_id
"""
# A unit's margin is what the last year's sales left after returns and the goods' cost, where that is known.
PRODUCTS_SQL = """
with sold as (
    select
        product_id,
        cast(sum(gross_margin_shop) as double) / sum(ordered_units) as unit_margin_shop
    from fct_contribution
    where sales_date < ? and sales_date >= ? and uncosted_units = 0 and ordered_units > 0
    group by product_id
)
select
    products.product_id,
    products.product_group_id,
    cast(products.current_price_shop as double) as unit_price_shop,
    sold.unit_margin_shop
from dim_product as products
left join sold on products.product_id = sold.product_id
where not coalesce(products.is_gift_card, false)
order by products.product_id
"""
COMPONENTS_SQL = """
select distinct bundle_product_id, component_product_id
from dim_product_component
order by bundle_product_id, component_product_id
"""


def run(reader: FrameReader, *, as_of: datetime, settings: Settings) -> dict[str, pl.DataFrame]:
    """Finds the products that are bought together in the published marts.

    Only product lines with something left after cancellation count, so a fully cancelled order is not a basket.

    Args:
        reader: The warehouse; orders before the shop's local date of `as_of` are read.
        as_of: The moment of knowledge.
        settings: For the shop's time zone.

    Returns:
        `basket_rule`, `basket_run` (what was counted, capped and left out), `cross_sell_pair` and `bundle_suggestion`.
    """
    rules = default_assumptions()
    until = local_date(as_of, settings.shop_time_zone)
    return analyse(
        reader.frame(LINES_SQL, [until, until - timedelta(days=rules.history_days)]),
        rules=rules,
        products=reader.frame(PRODUCTS_SQL, [until, until - timedelta(days=365)]),
        components=reader.frame(COMPONENTS_SQL),
    )


def analyse(
    baskets: pl.DataFrame,
    *,
    scope: str = ALL_ORDERS,
    rules: BasketAssumptions | None = None,
    products: pl.DataFrame | None = None,
    components: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """The same from frames.

    Args:
        baskets: `order_id, item` (product ids), and `order_date` if it is known.
        scope: Name of what the baskets are, for the tables.
        rules: The assumptions; those of the repository's file by default.
        products: `product_id, product_group_id, unit_price_shop, unit_margin_shop`.
        components: `bundle_product_id, component_product_id`.

    Returns:
        `basket_rule`, at most `max_rules` rules, those with the highest leverage: the most baskets beyond chance;
        `basket_run`, one row; `cross_sell_pair` and `bundle_suggestion`, what to do with them.
    """
    rules = rules or default_assumptions()
    ready = prepare(baskets, max_basket_items=rules.max_basket_items)
    threshold = _threshold(ready, rules)
    itemsets = count_itemsets(
        ready.lines,
        basket_count=ready.basket_count,
        early_basket_count=ready.early_basket_count,
        threshold=threshold,
        max_items=rules.max_itemset_items,
    )
    every = rules_from_itemsets(itemsets, min_lift=rules.min_lift)
    family = families(ready.lines["item"], products, components)
    useful = without_trivial(every, family)
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
        "proven_rule_count": [proven(useful, rules).height],
        "longest_basket_items": [ready.longest_items],
    }
    prices = pl.DataFrame(schema=PRICES) if products is None else products.select(list(PRICES))
    offers = cross_sell(useful, prices, _days(baskets), rules)
    together = bundles(every, family, prices, rules)
    key = ["scope", "antecedent_product_ids", "consequent_product_ids"]
    pair = ["product_id", "offered_product_id"]
    return {
        "basket_rule": conform(ranked.with_columns(scope=pl.lit(scope)), BASKET_RULE, table="basket_rule", keys=key),
        "basket_run": conform(pl.DataFrame(summary, schema=BASKET_RUN), BASKET_RUN, table="basket_run", keys=["scope"]),
        "cross_sell_pair": conform(offers, CROSS_SELL, table="cross_sell_pair", keys=pair),
        "bundle_suggestion": conform(together, BUNDLE, table="bundle_suggestion", keys=["bundle_product_ids"]),
    }


def _threshold(ready: Baskets, rules: BasketAssumptions) -> int:
    """The least number of baskets: as low as it may be without more than `max_pairs` pairs."""
    least = least_count(rules.min_support, ready.basket_count, at_least=rules.min_together_count)
    sets = count_itemsets(
        ready.lines,
        basket_count=ready.basket_count,
        early_basket_count=ready.early_basket_count,
        threshold=least,
        max_items=2,
    )
    counts = sets.filter(pl.col("items").list.len() == 2)["together_count"].sort(descending=True)
    return least if len(counts) <= rules.max_pairs else max(least, int(counts[rules.max_pairs]) + 1)


def _days(baskets: pl.DataFrame) -> int:
    """How long the baskets took to come together; a year if they have no dates."""
    if "order_date" not in baskets.columns or baskets.is_empty():
        return 365
    dates = baskets.select(first=pl.col("order_date").min(), last=pl.col("order_date").max()).row(0, named=True)
    return int((dates["last"] - dates["first"]).days) + 1
