"""Two crowds that never buy the other's products, and a product that everybody buys."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from models_ml.recommendations import Inputs
from models_ml.recommendations.config import RecommendationAssumptions, default_assumptions

UNTIL = date(2024, 7, 1)
PRODUCTS = 16  # of each crowd
RULES = default_assumptions().model_copy(
    update={"als_factors": 8, "als_iterations": 10, "list_length": 5, "least_cases": 10, "max_per_category": 100}
)


def rules(**changes: object) -> RecommendationAssumptions:
    """The tests' assumptions with some changed."""
    return RULES.model_copy(update=changes)


def purchases(customers: int = 120, seed: int = 3) -> pl.DataFrame:
    """Each customer orders three products of their crowd and P every fortnight or so, over half a year."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[object, ...]] = []
    for number in range(customers):
        crowd = "AB"[number % 2]
        for turn in range(4):
            day = UNTIL - timedelta(days=int(45 * turn + rng.integers(1, 45)))
            order = f"o{number:03}-{turn}"
            items = [*(f"{crowd}{one:02}" for one in rng.choice(PRODUCTS, 3, replace=False)), "P"]
            rows.extend((f"c{number:03}", order, item, "GB", "shop", day) for item in items)
    return pl.DataFrame(
        rows,
        schema=["customer_id", "order_id", "product_id", "country_id", "channel_id", "order_date"],
        orient="row",
    )


def products(**changes: object) -> pl.DataFrame:
    """All of them for sale at 10, half of that margin; `A01={"is_for_sale": False}` changes one."""
    names = [f"{crowd}{one:02}" for crowd in "AB" for one in range(PRODUCTS)] + ["P", "new"]
    plain = {
        "category": "all",
        "product_group_id": None,
        "unit_price_shop": 10.0,
        "unit_margin_shop": 5.0,
        "is_for_sale": True,
    }
    rows = [{"product_id": name, **plain, **changes.get(name, {})} for name in names]  # type: ignore[dict-item]
    return pl.DataFrame(rows, schema_overrides={"product_group_id": pl.String})


def views(sessions: int = 200, seed: int = 5) -> pl.DataFrame:
    """Visits of the last twelve days that look at three products that stand side by side, in their order."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(sessions):
        first, crowd = int(rng.integers(0, PRODUCTS)), "AB"[number % 2]
        begin = datetime(2024, 6, 19, tzinfo=UTC).replace(tzinfo=None) + timedelta(
            minutes=int(rng.integers(0, 12 * 24 * 60 - 30))
        )
        for step in range(3):
            item = f"{crowd}{(first + step) % PRODUCTS:02}"
            rows.append((f"s{number:03}", item, begin + timedelta(minutes=step)))
    return pl.DataFrame(rows, schema=["session_id", "product_id", "seen_at"], orient="row")


def inputs(**changes: pl.DataFrame) -> Inputs:
    """All of it; nobody opted out and no visit is open unless said so."""
    given = {
        "purchases": purchases(),
        "products": products(),
        "views": views(),
        "open_sessions": pl.DataFrame(schema={"session_id": pl.String}),
        "opted_out": pl.DataFrame(schema={"customer_id": pl.String}),
    }
    return Inputs(**(given | changes))
