"""What people decided, applied to the offers of today."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl
from rapidfuzz import fuzz, process

from models_ml.matching.normalise import gtin14, plain
from models_ml.matching.subjects import OFFER_KEY, Offers

SAME, DIFFERENT = "same", "different"
DECISIONS: Final[dict[str, pl.DataType | type[pl.DataType]]] = {
    "source": pl.String,
    "page_url": pl.String,
    "offer_ref": pl.String,
    "product_id": pl.String,
    "decision": pl.String,
    "decided_at": pl.Datetime("us"),
    "then_title": pl.String,
    "then_gtin": pl.String,
}
_KEEPS_TITLE: Final = 75.0  # of 100: a title that changed less than that is the same page's


@dataclass(frozen=True)
class Decided:
    """Decisions that count, by offer.

    Attributes:
        same: `offer, product_id`, at most one for each offer: the newest.
        different: `offer, product_id, is_newest`.
        outdated: `offer, product_id` said to be the same when the page told another title and GTIN.
    """

    same: pl.DataFrame
    different: pl.DataFrame
    outdated: pl.DataFrame


def decided(decisions: pl.DataFrame, offers: Offers) -> Decided:
    """The newest decision on each pair, for the offers that it was made on and those that took their place.

    A decision on an offer counts for later crawls of the same page and offer, as long as the page keeps its GTIN or its
    title. It counts too for an offer of the same shop with the same title on the same page (its number changed), or
    with the same title and GTIN on another (the page moved).

    Args:
        decisions: Columns of `DECISIONS`; `then_` is what the page told when it was decided.
        offers: The offers.
    """
    pair = [*OFFER_KEY, "product_id"]
    newest = decisions.sort([*pair, "decided_at", "decision"]).unique(pair, keep="last", maintain_order=True)
    told = newest.with_columns(then_text=plain(pl.col("then_title")), then_gtin14=gtin14(pl.col("then_gtin")))
    now = offers.table.select("offer", *OFFER_KEY, "gtin14", text=plain(pl.col("offer_title")))
    direct = told.join(now, on=list(OFFER_KEY))
    others = told.join(now, left_on=["source", "then_text"], right_on=["source", "text"], suffix="_now").filter(
        (pl.col("then_text") != "")
        & ((pl.col("page_url") == pl.col("page_url_now")) | (pl.col("then_gtin14") == pl.col("gtin14")))
    )
    others = others.join(direct.select("offer").unique(), on="offer", how="anti")
    columns = ["offer", "product_id", "decision", "decided_at"]
    kept = _keeps(direct)
    counting = pl.concat([direct.filter(kept).select(columns), others.select(columns)])
    counting = counting.sort("offer", "decided_at", "product_id").unique(
        ["offer", "product_id"], keep="last", maintain_order=True
    )
    same = counting.filter(pl.col("decision") == SAME).unique("offer", keep="last", maintain_order=True)
    different = counting.filter(pl.col("decision") == DIFFERENT).with_columns(
        is_newest=pl.int_range(pl.len()).over("offer") == pl.len().over("offer") - 1
    )
    outdated = direct.filter(~kept & (pl.col("decision") == SAME)).select("offer", "product_id").unique("offer")
    return Decided(
        same.select("offer", "product_id").sort("offer"),
        different.select("offer", "product_id", "is_newest").sort("offer", "product_id"),
        outdated.sort("offer"),
    )


def _keeps(direct: pl.DataFrame) -> pl.Series:
    """Whether the page still tells the GTIN or the title that it told when it was decided on."""
    likeness = process.cpdist(direct["then_text"].to_list(), direct["text"].to_list(), scorer=fuzz.token_set_ratio)
    return direct.select(
        (pl.col("then_title").is_null())
        | (pl.col("then_gtin14") == pl.col("gtin14")).fill_null(value=False)
        | (pl.Series("likeness", likeness, pl.Float64) >= _KEEPS_TITLE)
    ).to_series()
