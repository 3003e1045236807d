"""Numbers and dates as each language writes them.

Babel names months and currencies. Its compact currency rounds too far and knows no fixed number of significant
digits, so amounts are shortened here. A minus is U+2212, and zero never has a sign.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from babel.dates import format_date
from babel.numbers import get_currency_name, get_currency_symbol

from reports.words import Words

MINUS = "−"
NONE = "–"
Number = int | float | Decimal


def _exact(value: Number) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(value: Number, digits: int) -> Decimal:
    return _exact(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def fixed(value: Number, digits: int) -> str:
    """The value with so many decimals and grouped thousands, halves away from zero; never "−0.0"."""
    rounded = _rounded(value, digits)
    text = f"{abs(rounded):,.{digits}f}"
    return f"{MINUS}{text}" if rounded < 0 else text


def _is_number(value: Number | None) -> bool:
    return value is not None and math.isfinite(value)


class Formatter:
    """Formats for one language and one currency.

    Args:
        words: The language's words.
        currency: ISO 4217 code of the amounts.
    """

    def __init__(self, words: Words, currency: str) -> None:
        self.words = words
        self.currency = currency
        self._chinese = words.language.startswith("zh")
        self._locale = "zh_CN" if self._chinese else "en"
        symbol = "¥" if currency in {"CNY", "JPY"} else get_currency_symbol(currency, locale=self._locale)
        # Chinese prose names a currency; English reports use its code.
        self.currency_name = get_currency_name(currency, locale="zh_CN") if self._chinese else currency
        self.symbol = f"{symbol}\N{NO-BREAK SPACE}" if symbol[-1].isalpha() else symbol

    def money(self, value: Number | None) -> str:
        """An amount in about three significant digits: £85.74, £556, £6,367, £284k, £1.50M; in Chinese £149.7万."""
        if value is None or not _is_number(value):
            return NONE
        amount = abs(_exact(value))
        text = self._shortened(amount)
        negative = value < 0 and any(digit in text for digit in "123456789")
        return f"{MINUS if negative else ''}{self.symbol}{text}"

    def _shortened(self, amount: Decimal) -> str:
        if _rounded(amount, 2) < 100:
            return fixed(amount, 2)
        if _rounded(amount, 0) < 10_000:
            return fixed(amount, 0)
        scales = (("万", 4), ("亿", 8)) if self._chinese else (("k", 3), ("M", 6), ("bn", 9))
        top = 10_000 if self._chinese else 1000
        for name, power in scales[:-1]:
            scaled = amount.scaleb(-power)
            digits = _digits(scaled, chinese=self._chinese)
            if _rounded(scaled, digits) < top:
                return f"{fixed(scaled, digits)}{name}"
        name, power = scales[-1]
        scaled = amount.scaleb(-power)
        return f"{fixed(scaled, _digits(scaled, chinese=self._chinese))}{name}"

    def money_tick(self, value: float) -> str:
        """An axis label: as short as it is exact, £0, £2.5k, £40k."""
        return re.sub(r"\.0+(?=\D*$)|(\.\d*?[1-9])0+(?=\D*$)", r"\1", self.money(value))

    def money_bare(self, value: Number) -> str:
        """An amount without its currency's sign, where a chart's subtitle names the currency: 284k, 28.4万."""
        return self.money(value).replace(self.symbol, "")

    def day_tick(self, day: date) -> str:
        """A day as an axis label: 4 Dec / 12/4."""
        return f"{day.month}/{day.day}" if self._chinese else self.day(day)

    def money_exact(self, value: Number | None, digits: int = 0) -> str:
        """An amount with all of its digits: £6,367."""
        if value is None or not _is_number(value):
            return NONE
        text = fixed(value, digits)
        return f"{MINUS}{self.symbol}{text[1:]}" if text.startswith(MINUS) else f"{self.symbol}{text}"

    def money_change(self, value: Number | None) -> str:
        """A difference of amounts, with its sign: +£1,234."""
        if value is None or not _is_number(value):
            return NONE
        text = self.money(value)
        return text if value <= 0 or not any(d in text for d in "123456789") else f"+{text}"

    def count(self, value: Number | None, digits: int = 0) -> str:
        """A number of things: 16,876."""
        return NONE if value is None or not _is_number(value) else fixed(value, digits)

    def rate(self, value: Number | None) -> str:
        """A share as per cent: 0.0214 → 2.14%, 0.918 → 91.8%."""
        if value is None or not _is_number(value):
            return NONE
        percent = _exact(value) * 100
        return f"{fixed(percent, 2 if abs(percent) < 5 else 1)}%"

    def change(self, value: Number | None, base: Number | None, *, of_rate: bool = False) -> str:
        """A change: per cent for amounts (a multiple when over tenfold), points for rates; "–" without a base."""
        step = difference(value, base, of_rate=of_rate)
        if step is None:
            return NONE
        if not of_rate and step >= 1000:
            return f"×{fixed(1 + step / 100, 0)}"
        digits = 2 if of_rate and abs(step) < 0.05 else 0 if abs(step) >= 100 else 1
        text = fixed(step, digits)
        signed = text if text.startswith(MINUS) or not text.strip("0.,") else f"+{text}"
        return self.words.t("{number} pp", number=signed) if of_rate else f"{signed}%"

    def day(self, day: date | None) -> str:
        """A day without its year: 4 Dec / 12月4日."""
        return NONE if day is None else format_date(day, "M月d日" if self._chinese else "d MMM", locale=self._locale)

    def full_day(self, day: date | None) -> str:
        """A day with its year: 4 Dec 2011 / 2011年12月4日."""
        pattern = "y年M月d日" if self._chinese else "d MMM y"
        return NONE if day is None else format_date(day, pattern, locale=self._locale)

    def month(self, day: date) -> str:
        """A month's short name: Dec / 12月."""
        return format_date(day, "M月" if self._chinese else "MMM", locale=self._locale)

    def moment(self, moment: datetime | None) -> str:
        """A day and a time: 9 Dec 2011, 12:50."""
        if moment is None:
            return NONE
        return f"{self.full_day(moment.date())}{' ' if self._chinese else ', '}{moment:%H:%M}"

    def days(self, first: date, last: date) -> str:
        """A range of days, both included: 16–22 Nov 2026, 28 Nov–4 Dec 2011 / 2011年11月28日至12月4日."""
        if self._chinese:
            pattern = "y年M月d日" if first.year != last.year else "M月d日" if first.month != last.month else "d日"
            return f"{self.full_day(first)}至{format_date(last, pattern, locale=self._locale)}"
        pattern = "d MMM y" if first.year != last.year else "d MMM" if first.month != last.month else "d"
        return f"{format_date(first, pattern, locale=self._locale)}–{self.full_day(last)}"


def _digits(scaled: Decimal, *, chinese: bool) -> int:
    """Decimals for about three significant digits; in Chinese one from ten on, as its reports write 149.7万."""
    if _rounded(scaled, 2) < 10:
        return 2
    return 1 if chinese or _rounded(scaled, 1) < 100 else 0


def difference(value: Number | None, base: Number | None, *, of_rate: bool = False) -> float | None:
    """The change in per cent of the base, or in percentage points; None where it has no meaning."""
    if value is None or base is None or not (_is_number(value) and _is_number(base)):
        return None
    if of_rate:
        return (float(value) - float(base)) * 100
    return (float(value) / float(base) - 1) * 100 if base > 0 else None
