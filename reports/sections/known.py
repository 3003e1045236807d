"""Words for what the warehouse names by an id: measures, checks, row classes, assumptions, models, countries.

An id that is not listed here shows the warehouse's own English text, never nothing.
"""

from __future__ import annotations

from babel import Locale

from reports.titles import displayed
from reports.words import N_, Words

KPI_NAMES = {
    "net_sales": N_("Net sales"),
    "orders": N_("Orders"),
    "average_order_value": N_("Average order value"),
    "units": N_("Units sold"),
    "active_customers": N_("Active customers"),
    "new_customers": N_("New customers"),
    "returns_rate": N_("Returns rate"),
    "cancelled_sales": N_("Cancelled sales"),
    "products_sold": N_("Products sold"),
}
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
_CHECKS: dict[str, str] = {
    "late_windows": N_("Every window has landed"),
    "reconciliation": N_("Rows and money reconcile with the source"),
    "quarantine": N_("Rows in quarantine"),
    "missing_customer": N_("Orders with a customer"),
    "stock_supplied": N_("Stock counts supplied"),
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
    "write_off": N_("Stock written off: damaged, lost, counted"),
    "stock_found": N_("Stock booked in at no price"),
    "unclassified": N_("No rule fits; in no mart until someone decides"),
}
_ASSUMPTIONS: dict[str, tuple[str, str]] = {
    "on_hand_days": (
        N_("Stock on hand"),
        N_("No stock file: each product is assumed to hold this many days of recent demand."),
    ),
    "lead_time_days": (N_("Delivery time"), N_("No supplier file: time from order to shelf.")),
    "unit_cost_ratio": (N_("Unit cost"), N_("No cost file: cost as a share of the current price.")),
    "service_level": (N_("Service level"), N_("Chance of not running out between order and delivery.")),
}
_UNITS = {"days": N_("days"), "of price": N_("of price"), "share": N_("share"), "units": N_("units")}
MODELS = {
    "prophet": "Prophet",
    "seasonal_naive": N_("same weekday last week"),
    "window_average": N_("average of four weeks"),
    "ses_optimized": N_("exponential smoothing"),
    "mean_of_three": N_("mean of three models"),
    "cold_start_rate": N_("rate of newcomers"),
    "croston_sba": "Croston SBA",
    "tsb": "TSB",
    "adida": "ADIDA",
    "auto_ets": "AutoETS",
    "theta": "Theta",
}


def _or_data(words: Words, message: str | None, text: str) -> str:
    return words.t(message) if message else displayed(text, limit=160)


def check_title(words: Words, check_id: str, text: str) -> str:
    """What a data check checks."""
    return _or_data(words, _CHECKS.get(check_id), text)


def row_class(words: Words, row_class_id: str, text: str) -> str:
    """What a class of source rows holds."""
    return _or_data(words, _ROW_CLASSES.get(row_class_id), text)


def assumption(words: Words, assumption_id: str, name: str, explanation: str) -> tuple[str, str]:
    """An assumption's name and explanation."""
    message = _ASSUMPTIONS.get(assumption_id, (None, None))
    return _or_data(words, message[0], name), _or_data(words, message[1], explanation)


def unit(words: Words, text: str | None) -> str:
    """A unit's name."""
    return _or_data(words, _UNITS.get(text or ""), text or "")


def model(words: Words, name: str) -> str:
    """A forecasting model's name."""
    return _or_data(words, MODELS.get(name), name)


def country(words: Words, key: str, text: str) -> str:
    """A country's name in the reader's language where its key is an ISO code, else the warehouse's name."""
    territories = Locale.parse("zh_CN" if words.language.startswith("zh") else "en").territories
    return territories.get(key) or displayed(text, limit=40)


_SERIES_CLASSES = {
    "all": N_("all"),
    "smooth": N_("smooth demand"),
    "erratic": N_("erratic demand"),
    "intermittent": N_("intermittent demand"),
    "lumpy": N_("lumpy demand"),
    "new": N_("new products"),
}


def series_class(words: Words, name: str) -> str:
    """The name of a class of demand."""
    return _or_data(words, _SERIES_CLASSES.get(name), name)
