"""What lies where, what moved, and who delivers it."""

from __future__ import annotations

from lakehouse.streams.model import CURRENCY, PRODUCT, Stream, flag, happened, instant, money, number, rate, text

STOCK_ON_HAND = Stream(
    "stock_on_hand",
    (
        PRODUCT,
        text("location_ref", "The warehouse or shop where the stock lies."),
        number("on_hand_units", "Units that can be sold.", required=True),
        number("reserved_units", "Units promised to orders, not among those that can be sold."),
        number("inbound_units", "Units on their way in."),
        number("unsellable_units", "Units that are there and cannot be sold."),
        happened("When it was counted"),
    ),
    parents=("products",),
)

INVENTORY_MOVEMENTS = Stream(
    "inventory_movements",
    (
        text("movement_ref", "The source's number of the movement, where it has one."),
        PRODUCT,
        text("location_ref", "Where it moved."),
        text("movement_kind", "sale, return, receipt, adjustment, transfer, damage or other.", required=True),
        number("quantity", "Units; negative where they leave.", required=True),
        text("disposition", "sellable, damaged, defective, or the source's word."),
        text("reference", "What moved it: an order, a consignment."),
        text("reason", "The source's word for why."),
        happened("When it moved"),
    ),
)

LOCATIONS = Stream(
    "locations",
    (
        text("location_ref", "The source's number of the place.", required=True),
        text("title", "Its name."),
        text("country", "Its country."),
        text("city", "Its town."),
        flag("is_active", "Whether it is in use."),
        happened("When it was made known to the source"),
    ),
)

PRODUCT_SUPPLY = Stream(
    "product_supply",
    (
        PRODUCT,
        text("supplier_name", "Who delivers it."),
        number("lead_time_days", "Calendar days from order to shelf.", required=True),
        money("unit_cost", "Purchase price of one unit in `currency_code`."),
        CURRENCY,
        number("minimum_order_units", "Smallest quantity the supplier takes."),
        number("pack_units", "Order quantities are multiples of this."),
        happened("From when on these terms hold"),
    ),
)

SUPPLIERS = Stream(
    "suppliers",
    (
        text("supplier_ref", "The back office's number of the supplier.", required=True),
        text("supplier_name", "Its name.", required=True),
        text("country", "Its country."),
        text("currency_code", "Currency in which it is paid (ISO 4217)."),
        number("payment_days", "Days until an invoice is due."),
        number("lead_time_days", "Calendar days from order to shelf that it promises."),
        money("minimum_order_amount", "Smallest order it takes."),
        happened("From when on this holds"),
    ),
)

PURCHASE_ORDER_LINES = Stream(
    "purchase_order_lines",
    (
        text("purchase_order_ref", "The back office's number of the purchase order.", required=True),
        text("purchase_order_line_ref", "The number of the line.", required=True),
        text("supplier_ref", "The back office's number of the supplier.", required=True),
        PRODUCT,
        text("location_ref", "Where it is to be delivered."),
        text("status", "open, partial, received or cancelled."),
        number("quantity", "Units ordered.", required=True),
        money("unit_cost", "Purchase price of one unit in `currency_code`."),
        CURRENCY,
        happened("When it was ordered"),
        instant("expected_at", "When it is due."),
    ),
)

RECEIPTS = Stream(
    "receipts",
    (
        text("receipt_ref", "The back office's number of the receipt.", required=True),
        text("purchase_order_ref", "The purchase order that it belongs to.", required=True),
        text("purchase_order_line_ref", "The line of it."),
        PRODUCT,
        text("location_ref", "Where it arrived."),
        number("quantity", "Units that arrived, damaged ones included.", required=True),
        number("damaged_quantity", "Units among them that cannot be sold."),
        happened("When it arrived"),
    ),
)

PRODUCT_COSTS = Stream(
    "product_costs",
    (
        PRODUCT,
        text("supplier_ref", "Whose price it is."),
        money("unit_cost", "What one unit costs, landed.", required=True),
        CURRENCY,
        happened("From when on it holds"),
    ),
    parents=("products",),
)

SHIPPING_COSTS = Stream(
    "shipping_costs",
    (
        text("shipment_ref", "The carrier's number of the consignment.", required=True),
        text("order_ref", "The order that was sent, where the invoice names it."),
        text("carrier", "Who carried it.", required=True),
        text("service", "What was bought: standard, express …"),
        text("destination_country", "Where to."),
        rate("weight_kg", "Billed weight in kilograms."),
        money("amount", "What it cost, without tax.", required=True),
        CURRENCY,
        happened("When it was sent"),
        instant("delivered_at", "When it arrived."),
    ),
)

STREAMS = (
    STOCK_ON_HAND,
    INVENTORY_MOVEMENTS,
    LOCATIONS,
    PRODUCT_SUPPLY,
    SUPPLIERS,
    PURCHASE_ORDER_LINES,
    RECEIPTS,
    PRODUCT_COSTS,
    SHIPPING_COSTS,
)
