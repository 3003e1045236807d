"""How WordPress writes amounts and times."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl


def amount(minor: int | None) -> str:
    """Cents as a decimal number in a string: 1999 is "19.99". WooCommerce never sends money as a number."""
    cents = minor or 0
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def net_of(gross: pl.Expr, rate_bp: pl.Expr) -> pl.Expr:
    """What is left of an amount with tax when the tax is taken out, in whole cents, halves away from zero.

    Args:
        gross: Cents.
        rate_bp: The tax rate in hundredths of a percent.
    """
    divisor = 10_000 + rate_bp
    return ((2 * gross.abs() * 10_000 + divisor) // (2 * divisor)) * gross.sign()


def net_amount(gross: int, rate_bp: int) -> int:
    """As `net_of`, for one amount."""
    divisor = 10_000 + rate_bp
    net = (2 * abs(gross) * 10_000 + divisor) // (2 * divisor)
    return net if gross >= 0 else -net


def times(name: str, instant: datetime | None, site: ZoneInfo) -> dict[str, str | None]:
    """A moment twice, without an offset: in the site's time under `name`, in UTC under `name` + "_gmt"."""
    if instant is None:
        return {name: None, f"{name}_gmt": None}
    utc = instant.replace(microsecond=0)
    local = utc.replace(tzinfo=UTC).astimezone(site).replace(tzinfo=None)
    return {name: local.isoformat(), f"{name}_gmt": utc.isoformat()}
