"""From the warehouse's orders and sessions to the recommendation tables."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import polars as pl

from lakehouse.settings import Settings
from models_ml.recommendations import evaluation, rankers
from models_ml.recommendations.config import RecommendationAssumptions, default_assumptions
from models_ml.recommendations.interactions import interactions, last_days
from models_ml.recommendations.serving import PRODUCT, for_sale, lists, same_category, together
from models_ml.recommendations.sessions import next_products, steps
from models_ml.tables import FrameReader, conform, local_date

logger = logging.getLogger(__name__)

CUSTOMER = {
    "customer_id": pl.String,
    "rank": pl.Int64,
    "product_id": pl.String,
    "score": pl.Float64,
    "method": pl.String,
    "because_product_id": pl.String,
}
OF_PRODUCT = {
    "product_id": pl.String,
    "kind": pl.String,
    "rank": pl.Int64,
    "recommended_product_id": pl.String,
    "score": pl.Float64,
    "together_count": pl.Int64,
}
SESSION = {
    "session_id": pl.String,
    "rank": pl.Int64,
    "product_id": pl.String,
    "score": pl.Float64,
    "method": pl.String,
}
POPULAR = {
    "scope": pl.String,
    "scope_id": pl.String,
    "rank": pl.Int64,
    "product_id": pl.String,
    "buyer_count": pl.Int64,
}
RUN = {
    "customer_count": pl.Int64,
    "opted_out_customer_count": pl.Int64,
    "listed_customer_count": pl.Int64,
    "product_count": pl.Int64,
    "for_sale_product_count": pl.Int64,
    "open_session_count": pl.Int64,
    "customer_method": pl.String,
    "session_method": pl.String,
}
_SPARE = 5  # so many times more products are scored than a list holds: the rules leave some out

PURCHASES_SQL = """
select customer_id, order_id, product_id, country_id, channel_id, min(order_date) as order_date
from fct_order_line
where demand_quantity > 0 and order_date < ? and order_date >= ?
group by all
"""
PRODUCTS_SQL = """
with sold as (
    select
        product_id,
        cast(sum(gross_margin_shop) as double) / sum(ordered_units) as unit_margin_shop
    from fct_contribution
    where sales_date < $1 and sales_date >= $2 and uncosted_units = 0 and ordered_units > 0
    group by product_id
)
select
    products.product_id,
    products.category,
    products.product_group_id,
    cast(products.current_price_shop as double) as unit_price_shop,
    sold.unit_margin_shop,
    case
        when coalesce(products.is_gift_card, false) then false
        when stock.on_hand_units <= 0 then false
        when products.is_listed then coalesce(products.status, 'active') = 'active'
        else coalesce(products.last_sold_date >= $3, false)
    end as is_for_sale
from dim_product as products
left join sold on products.product_id = sold.product_id
left join fct_stock_on_hand as stock on products.product_id = stock.product_id
order by products.product_id
"""
# An account that said no stands for the whole person.
OPTED_OUT_SQL = "select customer_id from dim_customer where accepts_marketing = false order by customer_id"
VIEWS_SQL = """
select events.session_id, events.product_id, events.occurred_at as seen_at
from fct_event as events
where
    events.event_kind in ('product_view', 'favourite', 'add_to_cart')
    and events.product_id is not null
    and events.visit_date < ? and events.visit_date >= ?
"""
OPEN_SQL = """
select session_id
from fct_session
where not has_purchased and visit_date < ? and visit_date >= ?
"""


@dataclass(frozen=True)
class Inputs:
    """What the recommendations are made of.

    Attributes:
        purchases: `customer_id` (null: a guest without a name), `order_id, product_id, country_id, channel_id,
            order_date`.
        products: As `serving.PRODUCT`.
        views: `session_id, product_id, seen_at`.
        open_sessions: `session_id` of those that get recommendations.
        opted_out: `customer_id` of those who do not want any.
    """

    purchases: pl.DataFrame
    products: pl.DataFrame
    views: pl.DataFrame
    open_sessions: pl.DataFrame
    opted_out: pl.DataFrame


def run(reader: FrameReader, *, as_of: datetime, settings: Settings) -> dict[str, pl.DataFrame]:
    """Recommends products to the customers, beside the products and in the open sessions of the published marts.

    Args:
        reader: The warehouse; what happened before the shop's local date of `as_of` is read.
        as_of: The moment of knowledge.
        settings: For the shop's time zone.

    Returns:
        `customer_recommendation`, `product_recommendation`, `session_recommendation`, `popular_product`,
        `recommendation_accuracy` and `recommendation_run`.
    """
    rules = default_assumptions()
    until = local_date(as_of, settings.shop_time_zone)
    inputs = Inputs(
        purchases=reader.frame(PURCHASES_SQL, [until, until - timedelta(days=rules.history_days)]),
        products=reader.frame(
            PRODUCTS_SQL, [until, until - timedelta(days=365), until - timedelta(days=rules.sellable_days)]
        ),
        views=reader.frame(VIEWS_SQL, [until, until - timedelta(days=rules.views_days)]),
        open_sessions=reader.frame(OPEN_SQL, [until, until - timedelta(days=rules.open_session_days)]),
        opted_out=reader.frame(OPTED_OUT_SQL),
    )
    return recommend(inputs, until=until, rules=rules)


def recommend(
    inputs: Inputs, *, until: date, rules: RecommendationAssumptions | None = None
) -> dict[str, pl.DataFrame]:
    """The same from frames.

    Args:
        inputs: What happened.
        until: The first day that is not known.
        rules: The assumptions; those of the repository's file by default.
    """
    rules = rules or default_assumptions()
    inputs = replace(inputs, views=inputs.views.with_columns(pl.col("seen_at").cast(pl.Datetime("us"))))
    products = inputs.products.select(pl.col(name).cast(kind) for name, kind in PRODUCT.items())
    offer = for_sale(products)
    named = inputs.purchases.filter(pl.col("customer_id").is_not_null())
    categories = products.select("product_id", "category")
    accuracy = evaluation.with_champions(
        pl.concat(
            [
                evaluation.compare_customers(named, categories, until=until, rules=rules),
                evaluation.compare_sessions(inputs.views, categories, until=until, rules=rules),
            ]
        ),
        rules,
    )
    personal = evaluation.champion(accuracy, evaluation.CUSTOMER, rankers.POPULARITY)
    of_session = evaluation.champion(accuracy, evaluation.SESSION, rankers.POPULARITY)
    popular = _popular(inputs.purchases, offer, categories, until, rules)
    pairs = {
        "bought_together": together(
            inputs.purchases.select("product_id", basket_id="order_id").unique(),
            rules,
            largest=rules.max_order_products,
        ),
        "similar": together(
            named.select("product_id", basket_id="customer_id").unique(), rules, largest=rules.max_customer_products
        ),
    }
    data = interactions(named, until=until, rules=rules)
    customers = pl.DataFrame(schema=CUSTOMER)
    if not data.is_empty:
        fitted = rankers.fit(data, rules, methods=(personal,))
        wanted = data.customers.filter(~data.customers.is_in(inputs.opted_out["customer_id"].implode()))
        scored = rankers.best(fitted, personal, wanted, _SPARE * rules.list_length, among=offer["product_id"])
        customers = _for_customers(scored, named, products, offer, pairs["similar"], rules).with_columns(
            method=pl.lit(personal)
        )
    sessions = _for_sessions(inputs, offer, of_session, rules)
    run_table = {
        "customer_count": len(data.customers),
        "opted_out_customer_count": int(data.customers.is_in(inputs.opted_out["customer_id"].implode()).sum()),
        "listed_customer_count": customers["customer_id"].n_unique(),
        "product_count": products.height,
        "for_sale_product_count": offer.height,
        "open_session_count": inputs.open_sessions.height,
        "customer_method": personal,
        "session_method": of_session,
    }
    logger.info(
        "Recommendations: %d of %d customers, by %s; %d of %d products are for sale.",
        run_table["listed_customer_count"],
        run_table["customer_count"],
        personal,
        offer.height,
        products.height,
    )
    tables = {
        "customer_recommendation": (customers, CUSTOMER, ["customer_id", "rank"]),
        "product_recommendation": (
            _for_products(inputs, pairs, products, offer, popular, rules),
            OF_PRODUCT,
            ["product_id", "kind", "rank"],
        ),
        "session_recommendation": (sessions, SESSION, ["session_id", "rank"]),
        "popular_product": (popular, POPULAR, ["scope", "scope_id", "rank"]),
        "recommendation_accuracy": (accuracy, evaluation.ACCURACY, ["task", "method", "cut_date"]),
        "recommendation_run": (pl.DataFrame([run_table], schema=RUN), RUN, ["customer_method"]),
    }
    return {name: conform(table, schema, table=name, keys=keys) for name, (table, schema, keys) in tables.items()}


def _for_customers(
    scored: pl.DataFrame,
    named: pl.DataFrame,
    products: pl.DataFrame,
    offer: pl.DataFrame,
    similar: pl.DataFrame,
    rules: RecommendationAssumptions,
) -> pl.DataFrame:
    """Each customer's list, with the product they bought that it goes with best."""
    bought = named.select("customer_id", "product_id").unique()
    families = bought.join(_families(products), on="product_id").select("customer_id", "family").unique()
    shown = lists(scored, "customer_id", offer, rules, families_out=families)
    because = (
        shown.select("customer_id", "product_id")
        .join(bought.rename({"product_id": "because_product_id"}), on="customer_id")
        .join(
            similar.select("product_id", because_product_id="source_product_id", likeness="score"),
            on=["product_id", "because_product_id"],
        )
        .sort(["customer_id", "product_id", "likeness", "because_product_id"], descending=[False, False, True, False])
        .unique(["customer_id", "product_id"], keep="first", maintain_order=True)
        .select("customer_id", "product_id", "because_product_id")
    )
    return shown.join(because, on=["customer_id", "product_id"], how="left")


def _for_products(
    inputs: Inputs,
    pairs: dict[str, pl.DataFrame],
    products: pl.DataFrame,
    offer: pl.DataFrame,
    popular: pl.DataFrame,
    rules: RecommendationAssumptions,
) -> pl.DataFrame:
    """What to show beside each product, by kind; a product that nobody bought gets what sells in its category."""
    of_category = popular.filter(pl.col("scope") == "category").select(
        "product_id", score=pl.col("buyer_count").cast(pl.Float64)
    )
    new = products.join(inputs.purchases.select("product_id").unique(), on="product_id", how="anti")
    alone = offer.select(
        "product_id",
        session_id="product_id",
        position=pl.lit(1, dtype=pl.Int64),
        length=pl.lit(1, dtype=pl.UInt32),
    )
    viewed = next_products(alone, steps(inputs.views), rules, count=_SPARE * rules.list_length)
    kinds = pairs | {
        "same_category": same_category(offer, of_category, new.select("product_id", "category")),
        "viewed_next": viewed.rename({"session_id": "source_product_id"}),
    }
    own = _families(products).rename({"product_id": "source_product_id"})
    return pl.concat(
        lists(scored, "source_product_id", offer, rules, families_out=own).select(
            product_id="source_product_id",
            kind=pl.lit(kind),
            rank="rank",
            recommended_product_id="product_id",
            score="score",
            together_count=pl.col("together_count") if kind in pairs else pl.lit(None, pl.Int64),
        )
        for kind, scored in kinds.items()
    )


def _families(products: pl.DataFrame) -> pl.DataFrame:
    """The family of each product: variants of one product share it."""
    return products.select("product_id", family=pl.coalesce("product_group_id", "product_id"))


def _for_sessions(inputs: Inputs, offer: pl.DataFrame, method: str, rules: RecommendationAssumptions) -> pl.DataFrame:
    """Each open session's list; none where what is popular does as well, for then all the lists were the same."""
    if method == rankers.POPULARITY:
        return pl.DataFrame(schema=SESSION)
    every = steps(inputs.views)
    asked = every.join(inputs.open_sessions, on="session_id", how="semi")
    if method == evaluation.LAST_PRODUCT:
        asked = asked.filter(pl.col("position") == pl.col("length"))
    scored = next_products(asked, every, rules, count=_SPARE * rules.list_length).drop("rank")
    return lists(scored, "session_id", offer, rules).with_columns(method=pl.lit(method))


def _popular(
    purchases: pl.DataFrame,
    offer: pl.DataFrame,
    categories: pl.DataFrame,
    until: date,
    rules: RecommendationAssumptions,
) -> pl.DataFrame:
    """What sells now: in all, by country, category and channel; an order counts once, named or not."""
    recent = (
        last_days(purchases, until=until, days=rules.now_days)
        .join(offer.select("product_id"), on="product_id", how="semi")
        .join(categories, on="product_id", how="left")
        .with_columns(buyer=pl.coalesce("customer_id", "order_id"), every=pl.lit(""))
    )
    scopes = {"all": "every", "category": "category", "channel": "channel_id", "country": "country_id"}
    counted = [
        recent.filter(pl.col(column).is_not_null())
        .group_by(scope_id=pl.col(column), product_id=pl.col("product_id"))
        .agg(buyer_count=pl.col("buyer").n_unique().cast(pl.Int64))
        .sort(["scope_id", "buyer_count", "product_id"], descending=[False, True, False])
        .with_columns(rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("scope_id"), scope=pl.lit(scope))
        .filter(pl.col("rank") <= rules.popular_length)
        .select(list(POPULAR))
        for scope, column in scopes.items()
    ]
    return pl.concat(counted)
