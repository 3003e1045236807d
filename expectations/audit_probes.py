"""What the audit measures, and what it demands of each number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from expectations.context import Rule, Severity

_COLLAPSE, _SHRINK = 0.9, 1.0  # of the rows published before: less than this fails, or is worth a look


@dataclass(frozen=True)
class Probe:
    """One query that returns one row of numbers, and the rules for them.

    Attributes:
        sql: The query.
        rules: What must hold; each names the number it is about in `column`.
        against_base: Whether the same query is put to the published warehouse too, which adds a
            ``…_ratio`` and a ``…_before`` for each number.
    """

    sql: str
    rules: tuple[Rule, ...]
    against_base: bool = False

    @property
    def columns(self) -> set[str]:
        """The numbers that rules are about."""
        return {rule.column for rule in self.rules if rule.column}

    def detail(self, rule: Rule, seen: Mapping[str, float]) -> str:
        """What was seen, in words."""
        name = rule.column or ""
        if name.endswith("_ratio"):
            plain = name.removesuffix("_ratio")
            return f"{seen[plain]:,.0f} rows, published before: {seen[f'{plain}_before']:,.0f}"
        return f"{seen[name]:,.4f}".rstrip("0").rstrip(".")


def probes(as_of: datetime, stale_after: timedelta, *, with_base: bool) -> Iterator[Probe]:
    """Every probe of a warehouse whose knowledge time is `as_of` (UTC, without a zone)."""
    for table, key in _KEYS.items():
        yield _key_probe(table, key)
    yield _identities()
    yield _reconciliation()
    yield _received()
    yield _times(as_of, stale_after)
    if with_base:
        for table in ("fct_order_line", "fct_order", "fct_return", "dim_product", "dim_customer"):
            yield _rows_against_base(table)


_KEYS: Mapping[str, tuple[str, ...]] = {
    "dim_product": ("product_id",),
    "dim_customer": ("customer_id",),
    "dim_country": ("country_id",),
    "dim_channel": ("channel_id",),
    "dim_date": ("date_day",),
    "fct_order": ("order_id",),
    "fct_order_line": ("order_line_id",),
    "fct_return": ("return_line_id",),
    "fct_daily_product_sales": ("sales_date", "product_id"),
    "fct_daily_country_sales": ("sales_date", "country_id"),
}
_MAY_BE_EMPTY = {"fct_return", "dim_customer", "dim_country"}  # a shop's first day may have guests only and no returns


def _exactly_zero(column: str, title: str, because: str = "", severity: Severity = "critical") -> Rule:
    return _bounded(column, title, 0, 0, because, severity)


def _bounded(
    column: str, title: str, low: float | None, high: float | None, because: str = "", severity: Severity = "critical"
) -> Rule:
    bounds = {"min_value": low, "max_value": high}
    name = "ExpectColumnValuesToBeBetween"
    return Rule(column, title, name, bounds, column, severity=severity, because=because)


def _key_probe(table: str, key: tuple[str, ...]) -> Probe:
    columns = ", ".join(key)
    missing = " or ".join(f"{column} is null" for column in key)
    rules = [
        _exactly_zero(f"{table}_repeated_keys", f"{columns} is unique in {table}"),
        _exactly_zero(f"{table}_missing_keys", f"{columns} is never missing in {table}"),
    ]
    if table not in _MAY_BE_EMPTY:
        rules.append(_bounded(f"{table}_rows", f"{table} has rows", 1, None))
    return Probe(
        f"select count(*) as {table}_rows, count(*) - count(distinct ({columns})) as {table}_repeated_keys, "
        f"count(*) filter (where {missing}) as {table}_missing_keys from {table}",
        tuple(rules),
    )


def _identities() -> Probe:
    off = "coalesce(sum(abs(net_sales_shop - (gross_sales_shop - discounts_shop - returns_shop))), 0)"
    because = "Net sales are gross sales less discounts less returns, to the last decimal."
    return Probe(
        f"select (select {off} from fct_daily_country_sales) as country_net_sales_off, "
        f"(select {off} from fct_daily_product_sales) as product_net_sales_off, "
        "(select coalesce(sum(gross_sales_shop), 0) from fct_daily_country_sales) "
        "- (select coalesce(sum(gross_sales_shop), 0) from fct_daily_product_sales) as gross_sales_off, "
        "(select coalesce(sum(returns_shop), 0) from fct_daily_country_sales) "
        "- (select coalesce(sum(amount_shop), 0) from fct_return) as returns_off",
        (
            _exactly_zero("country_net_sales_off", "Net sales add up in every country and day", because),
            _exactly_zero("product_net_sales_off", "Net sales add up for every product and day", because),
            _exactly_zero("gross_sales_off", "Countries and products have the same gross sales"),
            _exactly_zero("returns_off", "Daily returns are those of the credit notes"),
        ),
    )


def _reconciliation() -> Probe:
    return Probe(
        "select coalesce(sum(abs(row_count - mart_row_count)) filter (where is_in_marts), 0) as rows_astray, "
        "coalesce(sum(abs(amount_shop - mart_amount_shop)) filter (where is_in_marts), 0) as amount_astray, "
        "coalesce(sum(row_count) filter (where row_class = 'unclassified'), 0) as rows_unclassified, "
        "coalesce(sum(row_count) filter (where row_class = 'no_exchange_rate'), 0) as rows_without_exchange_rate "
        "from fct_source_reconciliation",
        (
            _exactly_zero("rows_astray", "Every received row is in the facts of its class, once"),
            _exactly_zero("amount_astray", "The facts hold the received amounts, to the last decimal"),
            _exactly_zero("rows_unclassified", "Every received row has a class", severity="warning"),
            _exactly_zero(
                "rows_without_exchange_rate",
                "Every row in another currency has an exchange rate",
                "Sales that nobody can convert would be missing from every figure: land the source of exchange rates.",
            ),
        ),
    )


def _received() -> Probe:
    return Probe(
        "select (select count(*) from raw.order_lines) "
        "- (select coalesce(sum(row_count), 0) from fct_source_reconciliation) as rows_not_reconciled, "
        "(select coalesce(sum(rows_received - rows_landed - rows_deduplicated - rows_quarantined), 0) from raw.loads) "
        "as rows_dropped, "
        "(select coalesce(sum(rows_quarantined), 0) from raw.loads) as rows_quarantined",
        (
            _exactly_zero("rows_not_reconciled", "Every landed row is in the reconciliation"),
            _exactly_zero("rows_dropped", "Received rows are landed, repeated or quarantined"),
            _exactly_zero("rows_quarantined", "No row is in quarantine", severity="warning"),
        ),
    )


def _times(as_of: datetime, stale_after: timedelta) -> Probe:
    moment = f"timestamp '{as_of:%Y-%m-%d %H:%M:%S}'"
    hours = stale_after.total_seconds() / 3600
    age = f"date_diff('minute', max(ordered_at), {moment}) / 60.0"
    return Probe(
        f"select count(*) filter (where ordered_at > {moment}) as orders_in_the_future, "
        f"(select count(*) from fct_return where returned_at > {moment}) as returns_in_the_future, "
        f"{age} as hours_since_last_order from fct_order",
        (
            _exactly_zero("orders_in_the_future", "No order is later than the moment of knowledge"),
            _exactly_zero("returns_in_the_future", "No return is later than the moment of knowledge"),
            _bounded(
                "hours_since_last_order",
                f"The last order is at most {hours:.0f} hours old",
                None,
                hours,
                "A source that stopped delivering looks like a shop that stopped selling.",
                "warning",
            ),
        ),
    )


def _rows_against_base(table: str) -> Probe:
    because = "A warehouse does not lose a tenth of its rows overnight; a broken load does."
    column = f"{table}_count_ratio"
    shrunk = Rule(
        f"{table}_shrunk",
        f"{table} has no fewer rows than were published before",
        "ExpectColumnValuesToBeBetween",
        {"min_value": _SHRINK},
        column,
        severity="warning",
        because="Superseded loads and erasures may shrink it; somebody should know.",
    )
    return Probe(
        f"select count(*) as {table}_count from {table}",
        (
            Rule(
                f"{table}_collapsed",
                f"{table} has kept at least nine tenths of the rows published before",
                "ExpectColumnValuesToBeBetween",
                {"min_value": _COLLAPSE},
                column,
                because=because,
            ),
            shrunk,
        ),
        against_base=True,
    )
