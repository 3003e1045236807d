"""The head of the report: headline, lead and what needs attention."""

from __future__ import annotations

from reports.rules import Finding, Headline, Kpi
from reports.sections import known
from reports.sections.kit import Kit, Model, marked
from reports.tables import ReportTables

# Less than this many days of stock is shown as none.
_NONE_LEFT = 0.05


def headline(kit: Kit, message: Headline) -> str:
    """The week's message in one line: what sales did, and what it asks for."""
    t, fmt = kit.words.t, kit.fmt
    change = fmt.change(message.net_sales, message.previous)
    value = fmt.money(message.net_sales)
    sales = {
        "no_data": t("No sales are recorded for this week"),
        "first": t("Net sales were {value} in the first week on record", value=value),
        "held": t("Net sales held at {value}", value=value),
        "rose": t("Net sales rose {change} to {value}", change=change.lstrip("+"), value=value),
        "fell": t("Net sales fell {change} to {value}", change=change.lstrip("−"), value=value),
    }[message.sales]
    return (
        t("{sales}; {purchases}", sales=sales, purchases=_purchases(kit, message))
        if message.purchases != "no_list"
        else sales
    )


def _purchases(kit: Kit, message: Headline) -> str:
    t, n = kit.words.t, kit.words.n
    count, value = message.order_count, kit.fmt.money(message.order_value)
    if message.purchases == "now":
        return n(
            "{count} product needs an order now, worth {value}",
            "{count} products need an order now, worth {value}",
            count,
            count=kit.fmt.count(count),
            value=value,
        )
    if message.purchases == "soon":
        return n(
            "{count} product needs an order soon, worth {value}",
            "{count} products need an order soon, worth {value}",
            count,
            count=kit.fmt.count(count),
            value=value,
        )
    return t("no product needs an order now")


def lead(kit: Kit, tables: ReportTables, measures: list[Kpi]) -> str:
    """Two or three sentences that explain the headline: what moved sales, and what is ahead."""
    by_id = {kpi.kpi_id: kpi for kpi in measures}
    return kit.join(_split(kit, by_id), _against_usual(kit, by_id.get("net_sales")), _ahead(kit, tables))


def _split(kit: Kit, by_id: dict[str, Kpi]) -> str:
    orders, basket = by_id.get("orders"), by_id.get("average_order_value")
    if orders is None or basket is None or orders.previous is None or basket.previous is None:
        return ""
    return kit.words.t(
        "Orders {orders} to {order_count}, average order value {basket} to {basket_value} against last week.",
        orders=kit.fmt.change(orders.value, orders.previous),
        order_count=kit.fmt.count(orders.value),
        basket=kit.fmt.change(basket.value, basket.previous),
        basket_value=kit.fmt.money(basket.value),
    )


def _against_usual(kit: Kit, sales: Kpi | None) -> str:
    change = sales.against(sales.reference) if sales else None
    if sales is None or change is None:
        return ""
    fmt, t = kit.fmt, kit.words.t
    size = fmt.change(sales.value, sales.reference)
    if size.startswith("+"):
        return t("The week was {size} above the average of the 12 weeks before.", size=size.lstrip("+"))
    return t("The week was {size} below the average of the 12 weeks before.", size=size.lstrip("−"))


def _ahead(kit: Kit, tables: ReportTables) -> str:
    rows = tables.forecast.filter(tables.forecast["metric"] == "net_sales_shop")
    if rows.is_empty():
        return ""
    return kit.words.t(
        "The {days} days from {first} are forecast at {value}.",
        days=rows.height,
        first=kit.fmt.day(rows["forecast_date"][0]),
        value=kit.fmt.money(float(rows["value"].sum())),
    )


def attention(kit: Kit, found: list[Finding]) -> list[Model]:
    """What needs a person: finding, action, owner, the gravest first."""
    lines = []
    for finding in found:
        what, action, owner = _worded(kit, finding)
        lines.append(
            {"mark": marked("", "bad" if finding.is_high else "warn"), "what": what, "action": action, "owner": owner}
        )
    return lines


def _worded(kit: Kit, finding: Finding) -> tuple[str, str, str]:
    """What was found, what to do about it, and who does it."""
    writers = {
        "order_now": _order_now,
        "stock_assumed": _stock_assumed,
        "kpi": _kpi,
        "product_fell": _product_fell,
        "undercut": _undercut,
        "forecast_weak": _forecast_weak,
        "checks_failed": _checks,
        "checks_warned": _checks,
        "partial_week": _partial,
    }
    return writers[finding.kind](kit, finding)


def _order_now(kit: Kit, finding: Finding) -> tuple[str, str, str]:
    t, fmt, numbers = kit.words.t, kit.fmt, finding.numbers
    count = int(_float(numbers["count"]))
    what = kit.words.n(
        "{count} product runs out before an order placed today can arrive.",
        "{count} products run out before an order placed today can arrive.",
        count,
        count=fmt.count(count),
    )
    first = kit.product(_text(numbers["title"]), _text(numbers["product_id"]), limit=40)
    cover = numbers["cover"]
    tail = t("First: {product}.", product=first)
    if cover is not None:
        days = fmt.count(max(0.0, _float(cover)), 1)
        tail = t("First: {product}, {days} days left.", product=first, days=days)
        tail = t("First: {product}, none left.", product=first) if _float(cover) < _NONE_LEFT else tail
    action = t("Place the orders of the purchase list, {value} in all.", value=fmt.money(_float(numbers["value"])))
    return kit.join(what, tail), action, t("Purchasing")


def _stock_assumed(kit: Kit, finding: Finding) -> tuple[str, str, str]:
    t, fmt, numbers = kit.words.t, kit.fmt, finding.numbers
    what = t(
        "Stock on hand is assumed, not counted, for {count} of {of} products.",
        count=fmt.count(_float(numbers["count"])),
        of=fmt.count(_float(numbers["of"])),
    )
    return what, t("Supply a stock file, or check the shelf before each order is sent."), t("Warehouse")


def _kpi(kit: Kit, finding: Finding) -> tuple[str, str, str]:
    t, numbers = kit.words.t, finding.numbers
    kpi_id, unit = _text(numbers["kpi_id"]), _text(numbers["unit"])
    value, base = _float(numbers["value"]), _float(numbers["reference"])
    what = t(
        "{measure}: {value} against {base} on average over the 12 weeks before ({change}).",
        measure=known.measure_name(kit.words, kpi_id),
        value=amount(kit, value, unit),
        base=amount(kit, base, unit),
        change=kit.fmt.change(value, base, of_rate=unit == "rate"),
    )
    action, owner = known.KPI_ACTIONS.get(kpi_id, known.KPI_ACTIONS["net_sales"])
    return what, t(action), t(owner)


def _product_fell(kit: Kit, finding: Finding) -> tuple[str, str, str]:
    t, fmt, numbers = kit.words.t, kit.fmt, finding.numbers
    what = t(
        "{product} sold {value}, {less} less than last week: the largest fall of a product.",
        product=kit.product(_text(numbers["title"]), _text(numbers["product_id"]), limit=40),
        value=fmt.money(_float(numbers["value"])),
        less=fmt.money(-_float(numbers["change"])),
    )
    return what, t("Check its stock, price and place in the shop."), t("Merchandising")


def _undercut(kit: Kit, finding: Finding) -> tuple[str, str, str]:
    t, fmt, numbers = kit.words.t, kit.fmt, finding.numbers
    count = int(_float(numbers["count"]))
    what = kit.words.n(
        "A competitor who has it in stock is far below our price of {count} product.",
        "Competitors who have them in stock are far below our prices of {count} products.",
        count,
        count=fmt.count(count),
    )
    first = t(
        "First: {product}, {share} below at {competitor}.",
        product=kit.product(_text(numbers["title"]), _text(numbers["product_id"]), limit=40),
        share=fmt.rate(_float(numbers["below"]) / 100),
        competitor=kit.product(_text(numbers["competitor"]), _text(numbers["source"]), limit=28),
    )
    return kit.join(what, first), t("Look at their offers, then decide on our prices."), t("Pricing")


def _forecast_weak(kit: Kit, finding: Finding) -> tuple[str, str, str]:
    t, fmt, numbers = kit.words.t, kit.fmt, finding.numbers
    coverage = numbers["coverage"]
    what = t(
        "The sales forecast missed by {wape} in tests; its 80% band held {coverage} of days.",
        wape=fmt.rate(_float(numbers["wape"])),
        coverage="–" if coverage is None else fmt.rate(_float(coverage) / 100),
    )
    return what, t("Read the forecast as a rough guide; review the model."), t("Data team")


def _checks(kit: Kit, finding: Finding) -> tuple[str, str, str]:
    t, numbers = kit.words.t, finding.numbers
    count = int(_float(numbers["count"]))
    title = known.check_title(kit.words, _text(numbers["check_id"]), _text(numbers["title"]))
    if finding.kind == "checks_failed":
        what = kit.words.n(
            "{count} data check failed: {title}.",
            "{count} data checks failed, first: {title}.",
            count,
            count=count,
            title=title,
        )
        return what, t("Do not act on the figures before this is settled."), t("Data team")
    what = kit.words.n(
        "{count} data check warned: {title}.",
        "{count} data checks warned, first: {title}.",
        count,
        count=count,
        title=title,
    )
    return what, t("Read the data health table before using the figures it names."), t("Data team")


def _partial(kit: Kit, finding: Finding) -> tuple[str, str, str]:
    days = int(_float(finding.numbers["days"]))
    what = kit.words.n(
        "The week is incomplete: it holds {days} trading day so far.",
        "The week is incomplete: it holds {days} trading days so far.",
        days,
        days=days,
    )
    return what, kit.words.t("Compare with other weeks only when it is complete."), kit.words.t("Data team")


def amount(kit: Kit, value: float | None, unit: str) -> str:
    """A measure's value in its unit: money, rate or count."""
    formats = {"money": kit.fmt.money, "rate": kit.fmt.rate}
    return formats.get(unit, kit.fmt.count)(value)


def _float(value: float | str | None) -> float:
    return float(value or 0.0)


def _text(value: float | str | None) -> str:
    return "" if value is None else str(value)
