"""What if, from the published warehouse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lakehouse.errors import ConfigError
from models_ml.inventory.config import default_assumptions
from models_ml.inventory.elasticity import PRICES_SQL, estimate_elasticity
from models_ml.inventory.plan import outlooks_of
from models_ml.inventory.purchasing.config import default_purchasing
from models_ml.inventory.purchasing.offers import items_of
from models_ml.inventory.purchasing.supply import read_supply
from models_ml.inventory.run import PRODUCTS_SQL
from models_ml.inventory.whatif import Answer, Change, what_if
from models_ml.tables import FrameReader

POLICY_SQL = "select * exclude (run_id) from models.inventory_policy order by product_id"
FORECAST_SQL = "select * exclude (run_id) from models.{} order by all"


def answer(reader: FrameReader, change: Change, *, products: Sequence[str] = (), category: str = "") -> Answer:
    """Answers from the forecast and policy of the published snapshot.

    Args:
        reader: The warehouse with the models' tables.
        change: What is otherwise.
        products: Only these.
        category: Only products of this category or below it.

    Raises:
        ConfigError: If there is no forecast, or nothing fits.
    """
    rules, buying = default_assumptions(), default_purchasing()
    names = ("product_forecast", "product_horizon_demand")
    forecasts = {name: reader.frame(FORECAST_SQL.format(name)) for name in names}
    first = forecasts["product_forecast"]["forecast_date"].min()
    if not isinstance(first, date):
        raise ConfigError("There is no forecast yet.", remedy="Close a day: `ecomops close`.")
    supply = read_supply(reader, on=first, least_lines=rules.least_lead_time_lines.value)
    about = reader.frame(PRODUCTS_SQL, [first])
    items = items_of(reader.frame(POLICY_SQL), about, outlooks_of(forecasts, first), supply.lead_times(), rules)
    wanted = [
        item
        for item in items
        if (not products or item.row["product_id"] in products)
        and (not category or item.category == category or item.category.startswith(f"{category} > "))
    ]
    if not wanted:
        raise ConfigError("No product fits.", remedy="Ask without --product and --category, or name existing ones.")
    assumed = buying.elasticity.value
    elasticity = estimate_elasticity(reader.frame(PRICES_SQL, [first]), assumed=assumed)
    return what_if(wanted, change, supply=supply, rules=buying, elasticity=elasticity, on=first)
