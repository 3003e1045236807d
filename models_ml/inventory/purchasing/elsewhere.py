"""What need not be bought: stock that lies at the wrong place, and stock that hardly sells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from math import floor

import polars as pl

from models_ml.inventory.purchasing.config import PurchasingAssumptions
from models_ml.inventory.purchasing.offers import DAYS_A_YEAR, Item
from models_ml.inventory.purchasing.schemas import MARKDOWN_PROPOSAL, STOCK_TRANSFER
from models_ml.tables import FrameReader, conform

# What sold from each place in the last eight weeks is its share of the demand.
LOCATIONS_SQL = """
with sold as (
    select product_id, location_id, cast(-sum(sale_units) as double) / 56.0 as daily_units
    from fct_stock_level
    where valid_from_date >= ? and valid_from_date < ?
    group by product_id, location_id
),
lying as (
    select product_id, location_id, cast(greatest(on_hand_units, 0) as bigint) as on_hand_units
    from fct_stock_level
    where valid_to_date is null
)
select
    lying.product_id, lying.location_id, lying.on_hand_units, coalesce(greatest(sold.daily_units, 0), 0) as daily_units
from lying
left join sold using (product_id, location_id)
order by lying.product_id, lying.location_id
"""
_CENTS = Decimal("0.0001")


def transfers(places: pl.DataFrame, items: Sequence[Item], rules: PurchasingAssumptions) -> pl.DataFrame:
    """What to move from places with too much to places that run out before a purchase could arrive.

    A place gives what lies above `transfer_cover_days` of its own sales, and gets what it lacks of its sales over the
    lead time and the review. Givers with the most and takers with the least cover come first: their amounts are laid
    side by side, and where they overlap goods move. Marketplace warehouses only take: what lies there can't be had back
    without a removal order.

    Args:
        places: `product_id, location_id, on_hand_units, daily_units`.
        items: Products with their lead times.
        rules: The assumptions.

    Returns:
        `stock_transfer`.
    """
    waits = pl.DataFrame(
        [(item.row["product_id"], float(item.row["lead_time_days"] + item.review_days)) for item in items],
        schema={"product_id": pl.String, "wait_days": pl.Float64},
        orient="row",
    )
    known = places.join(waits, on="product_id").with_columns(
        spare=(pl.col("on_hand_units") - pl.col("daily_units") * rules.transfer_cover_days.value).floor(),
        lacks=(pl.col("daily_units") * pl.col("wait_days") - pl.col("on_hand_units")).ceil(),
    )
    givers = known.filter((pl.col("spare") > 0) & ~pl.col("location_id").str.starts_with("FBA/"))
    takers = known.filter(pl.col("lacks") > 0)
    overlaps = (
        _laid(givers, "spare", descending=True)
        .join(_laid(takers, "lacks", descending=True), on="product_id", suffix="_to")
        .filter(pl.col("location_id") != pl.col("location_id_to"))
        .with_columns(
            transfer_units=(pl.min_horizontal("until", "until_to") - pl.max_horizontal("since", "since_to")).cast(
                pl.Int64
            )
        )
        .filter(pl.col("transfer_units") >= rules.least_transfer_units.value)
    )
    reason = pl.struct(
        rule=pl.lit("giver keeps its cover; taker is filled for its lead time and review"),
        giver_cover_days=pl.lit(rules.transfer_cover_days.value),
        taker_wait_days="wait_days_to",
    ).struct.json_encode()
    moved = overlaps.select(
        "product_id",
        "transfer_units",
        from_location_id="location_id",
        to_location_id="location_id_to",
        from_on_hand_units="on_hand_units",
        to_on_hand_units="on_hand_units_to",
        from_daily_units="daily_units",
        to_daily_units="daily_units_to",
        reason=reason,
    ).select(list(STOCK_TRANSFER))
    keys = ["product_id", "from_location_id", "to_location_id"]
    return conform(moved, STOCK_TRANSFER, table="stock_transfer", keys=keys)


def _laid(places: pl.DataFrame, amount: str, *, descending: bool) -> pl.DataFrame:
    """Each product's amounts one after another: from where to where each reaches."""
    ordered = places.sort("product_id", amount, "location_id", descending=[False, descending, False])
    until = pl.col(amount).cum_sum().over("product_id")
    return ordered.with_columns(until=until, since=until - pl.col(amount))


def markdowns(items: Sequence[Item], rules: PurchasingAssumptions) -> pl.DataFrame:
    """At what price slow stock earns most.

    For each step off the price, demand rises by (1 − step)^elasticity; until `markdown_days` have passed no more than
    what lies there is sold, at the lower price; the rest is worth its salvage value, less its holding. The step that
    earns most is proposed if it earns more than none. A constant elasticity, and one that is assumed: see
    `docs/models/inventory.md`.

    Args:
        items: Products with stock, price and cost.
        rules: The assumptions.

    Returns:
        `markdown_proposal`.
    """
    rows = [row for item in items if (row := _markdown(item, rules)) is not None]
    frame = pl.DataFrame(rows, schema=MARKDOWN_PROPOSAL, orient="row")
    return conform(frame, MARKDOWN_PROPOSAL, table="markdown_proposal", keys=["product_id"])


def _markdown(item: Item, rules: PurchasingAssumptions) -> dict[str, object] | None:
    on_hand, cover = int(item.row["on_hand_units"]), item.row["cover_days"]
    if item.price is None or item.unit_cost <= 0 or on_hand <= 0 or item.row["on_hand_source"] != "supplied":
        return None
    if cover is not None and cover <= rules.surplus_cover_days.value:
        return None
    days, rate = rules.markdown_days.value, item.outlook.daily_demand
    salvage = item.unit_cost * rules.salvage_share.value
    held = item.unit_cost * rules.holding_cost_rate.value * days / DAYS_A_YEAR
    price = item.price

    def earned(step: float) -> tuple[float, float]:
        units = min(on_hand, rate * days * (1 - step) ** rules.elasticity.value)
        return units * price * (1 - step) + (on_hand - units) * salvage - (on_hand - units / 2) * held, units

    usual, _ = earned(0.0)
    step = max(rules.markdown_steps.value, key=lambda one: (earned(one)[0], -one))
    best, units = earned(step)
    if best <= usual:
        return None
    reason = {
        "rule": "the step off the price that earns most in markdown_days, the rest at its salvage value",
        "elasticity": rules.elasticity.value,
        "elasticity_source": "assumed",
        "markdown_days": days,
        "daily_demand_units": round(rate, 4),
        "salvage_shop": round(salvage, 4),
        "earned_without_shop": round(usual, 2),
        "earned_with_shop": round(best, 2),
    }
    wanted = floor(rate * rules.surplus_cover_days.value)
    return {
        "product_id": item.row["product_id"],
        "on_hand_units": on_hand,
        "cover_days": cover,
        "surplus_units": max(0, on_hand - wanted),
        "current_price_shop": _money(price),
        "markdown_pct": 100 * step,
        "proposed_price_shop": _money(price * (1 - step)),
        "expected_units": units,
        "expected_gain_shop": _money(best - usual),
        "reason": json.dumps(reason),
    }


def read_places(reader: FrameReader, *, on: object, since: object) -> pl.DataFrame:
    """Stock and daily sales of each product at each place."""
    return reader.frame(LOCATIONS_SQL, [since, on])


def _money(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_CENTS, rounding=ROUND_HALF_UP)
