"""Words for what the warehouse names by an id: measures, checks, row classes, assumptions, models, countries.

An id that is not listed here shows the warehouse's own English text, never nothing.
"""

from __future__ import annotations

import re

from babel import Locale

from lakehouse.metrics import metrics
from reports.titles import displayed
from reports.words import N_, Words

_SALES, _SERVICE = N_("Sales"), N_("Customer service")
KPI_ACTIONS = {
    "net_sales": (N_("Find out which products and countries fell, and why."), _SALES),
    "orders": (N_("Look at visits and at orders that were not finished."), _SALES),
    "average_order_value": (N_("Look at discounts and at what left the baskets."), _SALES),
    "units": (N_("Look at which products sold less, and whether they were in stock."), _SALES),
    "active_customers": (N_("Write to the regular customers who did not order."), _SALES),
    "new_customers": (N_("Look at where new customers came from before."), _SALES),
    "returns_rate": (N_("Read the reasons on the week's credit notes."), _SERVICE),
    "cancelled_sales": (N_("Find the cancelled orders and their cause."), _SERVICE),
}
# The checks that say most to a reader, in the order of display; all others are counted.
CHECKS: dict[str, str] = {
    "gx.rows_dropped": N_("Received rows are landed, repeated or quarantined"),
    "dbt.no_window_is_missing": N_("Every expected file has come"),
    "gx.rows_quarantined": N_("No row is in quarantine"),
    "gx.rows_unclassified": N_("Every received row has a class"),
    "gx.rows_astray": N_("Every received row is in the facts of its class, once"),
    "gx.amount_astray": N_("The facts hold the received amounts, to the last decimal"),
    "gx.product_net_sales_off": N_("Net sales add up for every product and day"),
    "gx.country_net_sales_off": N_("Net sales add up in every country and day"),
    "gx.returns_off": N_("Daily returns are those of the credit notes"),
    "gx.hours_since_last_order": N_("The last order is at most 96 hours old"),
    "gx.fct_order_line_shrunk": N_("No published order line has disappeared"),
    "dbt.demand_is_what_was_not_cancelled": N_("Demand is what was not cancelled"),
    "dbt.pseudonyms_are_no_customer_numbers": N_("No customer number has passed staging"),
}
_ROW_CLASSES: dict[str, str] = {
    "sale": N_("Products sold at a price"),
    "free_of_charge": N_("Products given at no price; no demand"),
    "credit": N_("Products credited, cancelled or returned"),
    "charge_discount": N_("Discounts written as lines; off net sales"),
    "charge_shipping": N_("Postage and carriage; outside product sales"),
    "charge_gift_voucher": N_("Gift vouchers sold: a debt to the buyer"),
    "charge_sample": N_("Samples"),
    "charge_manual": N_("Amounts entered by hand without a product"),
    "charge_fee": N_("Fees of marketplaces, banks and agents: costs"),
    "charge_bad_debt": N_("Bad debt written off and on"),
    "charge_goodwill": N_("Money given back without goods; outside product sales"),
    "charge_rounding": N_("What shares of a discount leave of the whole; outside product sales"),
    "write_off": N_("Stock written off: damaged, lost, counted"),
    "stock_found": N_("Stock booked in at no price"),
    "test_order": N_("Trial orders; in no mart"),
    "deleted_order": N_("Orders that the source has no more; in no mart"),
    "void_order": N_("Orders cancelled before anything was paid; in no mart"),
    "superseded_version": N_("Lines of older versions of orders; in no mart"),
    "no_exchange_rate": N_("Lines in a currency without an exchange rate; in no mart until there is one"),
    "unclassified": N_("No rule fits; in no mart until someone decides"),
}
_ASSUMPTIONS: dict[str, tuple[str, str]] = {
    "cover_limit_days": (
        N_("Longest cover shown with a date"),
        N_("Beyond a year a run-out date means nothing; the cover is still shown."),
    ),
    "lead_time_days": (
        N_("Delivery time"),
        N_("Calendar days from the order to the shelf, for products without supply terms."),
    ),
    "least_lead_time_lines": (
        N_("Deliveries that tell a supplier's lead time"),
        N_("With fewer, the stated lead time counts, as if it were certain."),
    ),
    "objective": (
        N_("Objective"),
        N_("For the stock's value, the fewest units short; or the service level of each class."),
    ),
    "pack_tiers": (
        N_("Pack size"),
        N_("Orders are multiples of this, and one pack at least, for products without supply terms."),
    ),
    "review_period_days": (
        N_("Time between orders"),
        N_("Purchases are decided once a week; stock must last until the next decision's delivery."),
    ),
    "service_levels": (
        N_("Service level by class"),
        N_("Chance of no stock-out until the next delivery; A products earn most and are protected most."),
    ),
    "stockout_cost_factor": (
        N_("Cost of a missing unit"),
        N_("Thirteen weeks of Online Retail, replayed with 12, had 90% of units served."),
    ),
    "supplier_name": (N_("Supplier"), N_("Shown where no supplier has been supplied.")),
    "topped_up_cover_days": (
        N_("Level of the last replenishment"),
        N_("To so many days of demand at the busiest rate. What sold more since was topped up again when it ran out."),
    ),
    "topped_up_days_ago": (
        N_("Last replenishment"),
        N_("When every product without a stock count is taken to have been topped up; what sold since is gone."),
    ),
    "topped_up_periods": (
        N_("Periods behind the last replenishment"),
        N_("The busiest of these four-week periods is the rate: a shop stocks for the burst it remembers."),
    ),
    "unit_cost_share": (
        N_("Unit cost"),
        N_("Purchase price as a share of the selling price, for products without a supplied cost."),
    ),
}
_UNITS = {
    "days": N_("days"),
    "units by selling price": N_("units, by price"),
    "probability": "",
    "name": "",
    "fill_rate or service_level": "",
    "order lines received": N_("order lines received"),
    "times the mean unit cost of what sells, against the cost of holding a unit": N_("times the mean unit cost"),
    "days of demand": N_("days of demand"),
    "days before the as-of date": N_("days ago"),
    "periods of four weeks before the last replenishment": N_("periods of four weeks before it"),
    "share of price": N_("of the price"),
}
_VALUES = {
    "Not recorded": N_("not recorded"),
    "fill_rate": N_("fewest units short"),
    "service_level": N_("service level by class"),
}
_TIER = re.compile(r"(\d+) below ([\d.]+)")
_LAST_TIER = re.compile(r"(\d+) above")
MODELS = {
    "prophet": "Prophet",
    "seasonal_naive": N_("same weekday last week"),
    "champions": N_("best model of each class"),
    "window_average": N_("average of four weeks"),
    "ses_optimized": N_("exponential smoothing"),
    "mean_of_three": N_("mean of three models"),
    "cold_start_rate": N_("rate of newcomers"),
    "croston_sba": "Croston SBA",
    "tsb": "TSB",
    "adida": "ADIDA",
    "auto_ets": "AutoETS",
    "theta": "Theta",
    "imapa": "IMAPA",
    "lightgbm": "LightGBM",
    "ses_weekly": N_("exponential smoothing of weeks"),
    "weekly_mean": N_("mean of weekly models"),
    "blend": N_("mean of weekly models and LightGBM"),
}


def _or_data(words: Words, message: str | None, text: str) -> str:
    return words.t(message) if message else displayed(text, limit=160)


def check_title(words: Words, check_id: str, text: str) -> str:
    """What a data check checks."""
    return _or_data(words, CHECKS.get(check_id), text)


def row_class(words: Words, row_class_id: str, text: str) -> str:
    """What a class of source rows holds."""
    return _or_data(words, _ROW_CLASSES.get(row_class_id), text)


def is_of_the_list(assumption_id: str) -> bool:
    """Whether the purchase list itself rests on an assumption; the others are those of orders, transfers, markdowns."""
    return assumption_id in _ASSUMPTIONS


def assumption(words: Words, assumption_id: str, name: str, explanation: str) -> tuple[str, str]:
    """An assumption's name and explanation."""
    message = _ASSUMPTIONS.get(assumption_id, (None, None))
    return _or_data(words, message[0], name), _or_data(words, message[1], explanation)


def unit(words: Words, text: str | None) -> str:
    """A unit's name; empty where the value needs none."""
    named = _UNITS.get(text or "")
    return "" if named == "" else _or_data(words, named, text or "")


def value(words: Words, text: str) -> str:
    """An assumption's value, its few words translated: pack tiers, a supplier that is not recorded."""
    if text in _VALUES:
        return words.t(_VALUES[text])
    text = _TIER.sub(lambda match: words.t("{pack} below {price}", pack=match[1], price=match[2]), text)
    return displayed(_LAST_TIER.sub(lambda match: words.t("{pack} above", pack=match[1]), text))


def model(words: Words, name: str) -> str:
    """A forecasting model's name."""
    return _or_data(words, MODELS.get(name), name)


def country(words: Words, key: str, text: str) -> str:
    """A country's name in the reader's language where its key is an ISO code, else the warehouse's name."""
    territories = Locale.parse("zh_CN" if words.language.startswith("zh") else "en").territories
    return territories.get(key) or displayed(text, limit=40)


def measure_name(words: Words, kpi_id: str) -> str:
    """A measure's name, from its definition in models/metrics."""
    found = metrics().get(kpi_id)
    return found.label(words.language) if found else kpi_id


def measure_meaning(words: Words, kpi_id: str) -> str:
    """What a measure means, from its definition in models/metrics."""
    return metrics()[kpi_id].description(words.language)
