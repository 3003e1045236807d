"""From the warehouse's offers, products and decisions to the table of matches."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

import polars as pl

from lakehouse.settings import Settings
from models_ml.matching.config import MatchingAssumptions, default_assumptions
from models_ml.matching.decided import Decided, decided
from models_ml.matching.exact import PERSON
from models_ml.matching.ladder import MATCHED, NONE, REJECTED, REVIEW, climb
from models_ml.matching.subjects import LISTINGS, OFFER_KEY, OFFERS, Offers, prepare_offers, prepare_products
from models_ml.tables import FrameReader, conform, local_date

logger = logging.getLogger(__name__)

OFFER_MATCH: Final = {
    "source": pl.String,
    "page_url": pl.String,
    "offer_ref": pl.String,
    "product_id": pl.String,
    "rule": pl.String,
    "score": pl.Float64,
    "status": pl.String,
    "reason": pl.String,
}
OFFER_MATCH_CANDIDATE: Final = {
    "source": pl.String,
    "page_url": pl.String,
    "offer_ref": pl.String,
    "candidate_rank": pl.Int64,
    "product_id": pl.String,
    "rule": pl.String,
    "score": pl.Float64,
    "reason": pl.String,
}
RATES_SQL: Final = """
select currency_code, cast(arg_max(rate_to_shop, rate_date) as double) as rate
from dim_currency_rate where rate_date <= ? group by currency_code
"""
# Of each offer the newest content, be it on the page still or not: its history is matched too.
OFFERS_SQL: Final = """
select
    source, page_url, offer_ref, is_main, offer_title, variant_title, brand, gtin, mpn, condition,
    cast(coalesce(price_amount, low_price_amount) as double) as price, currency_code
from staging.stg_competitor_offers
qualify row_number() over (
    partition by source, page_url, offer_ref
    order by occurred_at desc, known_at desc, load_id desc, source_file desc, source_row desc
) = 1
"""
LISTINGS_SQL: Final = """
select
    source, product_id, product_group_ref, product_title, variant_title, brand, gtin, mpn,
    cast(price_amount as double) as price, currency_code
from staging.stg_products
where product_id is not null and not is_deleted
    and not coalesce(is_gift_card, false) and not coalesce(is_bundle, false)
union all
select
    '' as source, product_id, null as product_group_ref, product_title, null as variant_title, brand, null as gtin,
    null as mpn, cast(current_price_shop as double) as price, ? as currency_code
from dim_product
where product_id not in (select product_id from staging.stg_products where product_id is not null)
"""
DECISIONS_SQL: Final = """
select
    said.site as source, said.page_url, said.offer_ref, said.product_id, said.decision, said.occurred_at as decided_at,
    offers.offer_title as then_title, offers.gtin as then_gtin
from staging.stg_match_decisions as said
asof left join staging.stg_competitor_offers as offers
    on said.site = offers.source and said.page_url = offers.page_url and said.offer_ref = offers.offer_ref
    and said.occurred_at >= offers.occurred_at
"""


def run(reader: FrameReader, *, as_of: datetime, settings: Settings) -> dict[str, pl.DataFrame]:
    """Matches the competitors' offers to our products.

    Args:
        reader: The warehouse.
        as_of: The moment of knowledge; exchange rates are those of its day.
        settings: For the shop's time zone and currency.

    Returns:
        `offer_match`, a row for every offer that was ever seen, and `offer_match_candidate`, the products that may be
        those of the offers that wait for a person.
    """
    offers = reader.frame(OFFERS_SQL)
    if offers.is_empty():
        return _tables(pl.DataFrame(schema=OFFER_MATCH), pl.DataFrame(schema=OFFER_MATCH_CANDIDATE))
    rates = reader.frame(RATES_SQL, [local_date(as_of, settings.shop_time_zone)])
    worth = {**dict(rates.rows()), settings.shop_currency: 1.0}
    return match(
        _in_shop_currency(offers, worth).select(pl.col(name).cast(dtype) for name, dtype in OFFERS.items()),
        _in_shop_currency(reader.frame(LISTINGS_SQL, [settings.shop_currency]), worth).select(
            pl.col(name).cast(dtype) for name, dtype in LISTINGS.items()
        ),
        reader.frame(DECISIONS_SQL),
    )


def match(
    offers: pl.DataFrame, listings: pl.DataFrame, decisions: pl.DataFrame, *, rules: MatchingAssumptions | None = None
) -> dict[str, pl.DataFrame]:
    """The same from frames.

    Args:
        offers: Columns of `subjects.OFFERS`, a row for each `source, page_url, offer_ref`.
        listings: Columns of `subjects.LISTINGS`.
        decisions: Columns of `decided.DECISIONS`.
        rules: The assumptions; those of the repository's file by default.
    """
    rules = rules or default_assumptions()
    ours = prepare_products(listings, rules)
    theirs = prepare_offers(offers, ours, rules)
    said = decided(decisions, theirs)
    refused = said.different.join(ours.table.select("product", "product_id"), on="product_id")
    pairs = climb(theirs, ours, refused.select("offer", "product"), rules)
    named = pairs.join(ours.table.select("product", "product_id"), on="product", maintain_order="left")
    result = _result(named, said, theirs)
    logger.info("Matching: %s.", dict(result.group_by("status").len().sort("status").rows()))
    return _tables(result, _candidates(named, result, rules))


def _in_shop_currency(frame: pl.DataFrame, worth: dict[str, float]) -> pl.DataFrame:
    """With `price_shop`: rounded, and for no other use than to see prices that cannot be one product's."""
    rate = pl.col("currency_code").replace_strict(worth, default=None, return_dtype=pl.Float64)
    price = (pl.col("price") * rate).round(4)
    return frame.with_columns(price_shop=pl.when(price > 0).then(price))


def _result(pairs: pl.DataFrame, said: Decided, offers: Offers) -> pl.DataFrame:
    """A row for each offer: what a person said, else the best pair, else what was refused, else nothing."""
    columns = ["offer", "product_id", "rule", "score", "status", "reason"]
    parts = [
        _by_person(said.same, MATCHED, 1.0, "a person said that it is the same"),
        _by_person(said.outdated, REVIEW, 0.5, "a person said so when the page told of something else"),
        pairs.select(columns),
        _by_person(
            said.different.filter("is_newest"), REJECTED, 0.0, "a person said that it is another"
        ),
        offers.table.select(
            "offer", pl.lit(None, pl.String).alias("product_id"), pl.lit(None, pl.String).alias("rule"),
            pl.lit(0.0).alias("score"), pl.lit(NONE).alias("status"),
            pl.lit("nothing of ours is like it").alias("reason"),
        ),
    ]  # fmt: skip
    best = pl.concat([part.select(columns) for part in parts]).unique("offer", keep="first", maintain_order=True)
    return offers.table.select("offer", *OFFER_KEY).join(best, on="offer").sort("offer").select("offer", *OFFER_MATCH)


def _by_person(pairs: pl.DataFrame, status: str, score: float, reason: str) -> pl.DataFrame:
    return pairs.with_columns(rule=pl.lit(PERSON), score=pl.lit(score), status=pl.lit(status), reason=pl.lit(reason))


def _candidates(pairs: pl.DataFrame, result: pl.DataFrame, rules: MatchingAssumptions) -> pl.DataFrame:
    """The products that a person is to choose from, the likest first."""
    waiting = result.filter(pl.col("status") == REVIEW)
    columns = ["offer", "product_id", "rule", "score", "reason"]
    every = pl.concat([waiting.select(columns), pairs.select(columns)]).unique(
        ["offer", "product_id"], keep="first", maintain_order=True
    )
    ranked = every.join(waiting.select("offer", *OFFER_KEY), on="offer", maintain_order="left").with_columns(
        candidate_rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64).over("offer")
    )
    return ranked.filter(pl.col("candidate_rank") <= rules.proposals).select(list(OFFER_MATCH_CANDIDATE))


def _tables(matches: pl.DataFrame, proposed: pl.DataFrame) -> dict[str, pl.DataFrame]:
    key = list(OFFER_KEY)
    rounded = [frame.with_columns(pl.col("score").round(4)) for frame in (matches, proposed)]
    return {
        "offer_match": conform(rounded[0].select(list(OFFER_MATCH)), OFFER_MATCH, table="offer_match", keys=key),
        "offer_match_candidate": conform(
            rounded[1], OFFER_MATCH_CANDIDATE, table="offer_match_candidate", keys=[*key, "candidate_rank"]
        ),
    }
