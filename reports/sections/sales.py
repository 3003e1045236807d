"""Sales in time: six weeks beside twelve months, and the days with their forecast."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import altair as alt
import polars as pl

from reports import charts
from reports.formatting import NONE, difference
from reports.sections import known
from reports.sections.kit import Kit, Model, column, table
from reports.tables import ReportTables

WEEKS, MONTHS, DAYS = 6, 12, 70
CLOSURE_DAYS = 3
CHART_HEIGHT = 206.0
WEEKS_WIDTH, MONTHS_WIDTH = 186.0, 306.0
_NET = "net_sales_shop"


def history(kit: Kit, tables: ReportTables) -> Model:
    """The six weeks and the twelve months to the reported week, with the message that they carry."""
    t = kit.words.t
    weeks, months = _week_bars(kit, tables), _month_bars(kit, tables)
    if not weeks:
        return {"title": t("No sales to draw yet"), "subtitle": "", "charts": []}
    compared = any(bar.last_year is not None for bar in [*weeks, *months])
    year = (
        t("The dark tick is the same period a year before.")
        if compared
        else t(
            "No complete period a year before to compare with: the data begins on {day}.", day=_first_day(kit, tables)
        )
    )
    unit = t("Net sales, {currency}; hollow bars are incomplete periods.", currency=kit.fmt.currency_name)
    drawn = [
        _drawn(t("The last {count} weeks, by their first day", count=len(weeks)), weeks, WEEKS_WIDTH),
        _drawn(_months_title(kit, months), months, MONTHS_WIDTH),
    ]
    return {"title": _history_message(kit, tables), "subtitle": kit.join(unit, year), "charts": drawn}


def _months_title(kit: Kit, months: list[charts.Bar]) -> str:
    whole = sum(not bar.is_partial for bar in months)
    if months and months[-1].is_partial and whole:
        return kit.words.t("The last {count} months, and the one under way", count=len(months) - 1)
    return kit.words.t("The last {count} months", count=len(months))


def _drawn(title: str, bars: list[charts.Bar], width: float) -> Model:
    listed = ", ".join(f"{bar.tip}" for bar in bars)
    chart = charts.bars(bars, width=width, height=CHART_HEIGHT)
    return {"title": title, "alt": f"{title}: {listed}", "chart": chart, "share": width}


def _first_day(kit: Kit, tables: ReportTables) -> str:
    first = tables.run.first_data_at
    return kit.fmt.full_day(first.date() if first else None)


def _history_message(kit: Kit, tables: ReportTables) -> str:
    t = kit.words.t
    rows = tables.weekly.filter(~pl.col("is_partial")).tail(13)
    this = tables.weekly.filter(pl.col("week_start_date") == tables.week)
    if this.is_empty():
        return t("No sales are recorded for this week")
    value = float(this[_NET][0])
    shown = kit.fmt.money(value)
    others = [float(v) for v in rows.filter(pl.col("week_start_date") < tables.week)[_NET]]
    if len(others) < 2 or this["is_partial"][0]:
        return t("Net sales of {value} so far", value=shown)
    if value > max(others):
        return t("{value} is the best week of the last {count}", value=shown, count=len(others) + 1)
    if value < min(others):
        return t("{value} is the weakest week of the last {count}", value=shown, count=len(others) + 1)
    rank = 1 + sum(other > value for other in others)
    return t("{value} is number {rank} of the last {count} weeks", value=shown, rank=rank, count=len(others) + 1)


def _week_bars(kit: Kit, tables: ReportTables) -> list[charts.Bar]:
    by_week = {row["week_start_date"]: row for row in tables.weekly.to_dicts()}
    bars: list[charts.Bar] = []
    for row in tables.weekly.tail(WEEKS).to_dicts():
        start: date = row["week_start_date"]
        before = by_week.get(start - timedelta(days=364))  # the same weekdays
        new_year = not bars or start.year != date.fromisoformat(bars[-1].key).year
        bars.append(_bar(kit, row, start, before, tables.week, with_year=new_year))
    return bars


def _month_bars(kit: Kit, tables: ReportTables) -> list[charts.Bar]:
    last = (tables.week + timedelta(days=6)).replace(day=1)
    rows = tables.monthly.filter(pl.col("month_start_date") <= last)
    by_month = {row["month_start_date"]: row for row in rows.to_dicts()}
    bars: list[charts.Bar] = []
    for row in rows.tail(MONTHS + 1 if rows.height and rows["is_partial"][-1] else MONTHS).to_dicts():
        month = row["month_start_date"]
        bars.append(
            _bar(
                kit,
                row,
                month,
                by_month.get(month.replace(year=month.year - 1)),
                None,
                with_year=not bars or month.month == 1,
            )
        )
    return bars


def _bar(
    kit: Kit,
    row: dict[str, Any],
    start: date,
    before: dict[str, Any] | None,
    this: date | None,
    *,
    with_year: bool = False,
) -> charts.Bar:
    value = float(row[_NET])
    is_month = "month_start_date" in row
    label = kit.fmt.month(start) if is_month else kit.fmt.day_tick(start)
    tip = kit.words.t("{month} {year}", month=label, year=start.year) if is_month else kit.fmt.full_day(start)
    label = f"{label}|{start.year}" if with_year else f"{label}|"
    comparable = before is not None and not before["is_partial"] and not row["is_partial"]
    return charts.Bar(
        start.isoformat(),
        label,
        value,
        kit.fmt.money_bare(value),
        float(before[_NET]) if comparable and before is not None else None,
        start == this,
        bool(row["is_partial"]),
        f"{tip}: {kit.fmt.money_exact(value)}",
    )


def never_trading(daily: pl.DataFrame) -> set[int]:
    """The ISO weekdays (1 is Monday) that saw no trade in the last eight weeks of the data; none in less data."""
    recent = daily.tail(56)
    if recent.height < 56:
        return set()
    traded = recent.filter(pl.col("is_trading_day"))["sales_date"].dt.weekday().to_list()
    return set(range(1, 8)) - set(traded)


def daily(kit: Kit, tables: ReportTables) -> Model:
    """The last ten weeks day by day, the forecast in its 80% band, and how far forecasts were off before."""
    t = kit.words.t
    forecast = tables.forecast.filter(pl.col("metric") == _NET)
    recent = tables.daily.tail(DAYS).filter(pl.col("is_trading_day"))
    closed = never_trading(tables.daily)
    ahead = forecast.filter(~pl.col("forecast_date").dt.weekday().is_in(sorted(closed)))
    if recent.is_empty():
        return {"title": t("No days to draw yet"), "subtitle": "", "charts": []}
    subtitle = kit.join(
        t("Net sales a day, {currency}.", currency=kit.fmt.currency_name),
        t("Shaded: the band that 80% of days should fall in.") if ahead.height else t("There is no forecast yet."),
        t("Weekdays without trade are left out.") if closed else "",
        t("Closed: a closure that the forecast expects.") if closure(ahead["value"].to_list()) else "",
    )
    title = _daily_message(kit, tables, forecast)
    drawn = {"title": "", "alt": f"{title}. {_range_alt(kit, recent, ahead)}", "share": 1.0}
    return {"title": title, "subtitle": subtitle, "charts": [{**drawn, "chart": _daily_chart(kit, recent, ahead)}]}


def _daily_message(kit: Kit, tables: ReportTables, forecast: pl.DataFrame) -> str:
    t = kit.words.t
    if forecast.is_empty():
        last = tables.daily.filter(pl.col("is_trading_day")).tail(1).to_dicts()[0]
        return t(
            "Net sales were {value} on {day}, the last day",
            value=kit.fmt.money(last[_NET]),
            day=kit.fmt.day(last["sales_date"]),
        )
    expected = float(forecast["value"].sum())
    past = float(tables.daily.tail(forecast.height)[_NET].sum())
    last_day = kit.fmt.day(forecast["forecast_date"][-1])
    change = kit.fmt.change(expected, past)
    if difference(expected, past) is None or tables.daily.height < forecast.height:
        return t("{value} of net sales are forecast by {day}", value=kit.fmt.money(expected), day=last_day)
    return t(
        "{value} of net sales are forecast by {day}, {change} against the {days} days before",
        value=kit.fmt.money(expected),
        day=last_day,
        change=change,
        days=forecast.height,
    )


def _range_alt(kit: Kit, recent: pl.DataFrame, ahead: pl.DataFrame) -> str:
    fmt, t = kit.fmt, kit.words.t
    past = t(
        "Days so far lie between {low} and {high}.",
        low=fmt.money(recent[_NET].cast(pl.Float64).min()),  # type: ignore[arg-type]  # a float column's minimum
        high=fmt.money(recent[_NET].cast(pl.Float64).max()),  # type: ignore[arg-type]
    )
    if ahead.is_empty():
        return past
    low, high = float(ahead["value_p10"].to_list()[0]), float(ahead["value_p90"].to_list()[0])
    band = t("The first day ahead should fall between {low} and {high}.", low=fmt.money(low), high=fmt.money(high))
    return kit.join(past, band)


def _daily_chart(kit: Kit, recent: pl.DataFrame, ahead: pl.DataFrame) -> alt.LayerChart:
    first: date = recent["sales_date"][0]
    actual = [
        charts.Day(
            (row["sales_date"] - first).days,
            float(row[_NET]),
            f"{kit.fmt.day(row['sales_date'])}: {kit.fmt.money(row[_NET])}",
        )
        for row in recent.to_dicts()
    ]
    expected = [_ahead_day(kit, row, first) for row in ahead.to_dicts()]
    top = max([day.value for day in actual] + [day.high or 0.0 for day in expected])
    low = min([day.value for day in actual] + [day.low or 0.0 for day in expected])
    values = charts.ticks(top)
    step = values[1] - values[0]
    while values[0] > low and low < 0:
        values.insert(0, values[0] - step)
    days = [*recent["sales_date"].to_list(), *ahead["forecast_date"].to_list()]
    labels = {(day - first).days: kit.fmt.day_tick(day) for day in _mondays(days)}
    return charts.daily(
        actual,
        expected,
        notes=_notes(kit, recent, actual, expected),
        x_labels=labels,
        y_labels={value: kit.fmt.money_tick(value) for value in values},
        width=478.0,
        height=270.0,
    )


def _ahead_day(kit: Kit, row: dict[str, Any], first: date) -> charts.Day:
    low, high = float(row["value_p10"]), float(row["value_p90"])
    tip = kit.words.t(
        "{day}: {value} expected, {low} to {high}",
        day=kit.fmt.day(row["forecast_date"]),
        value=kit.fmt.money(row["value"]),
        low=kit.fmt.money(low),
        high=kit.fmt.money(high),
    )
    return charts.Day((row["forecast_date"] - first).days, float(row["value"]), tip, low, high)


def _mondays(days: list[date]) -> list[date]:
    """Every second Monday of the range, so that labels stay apart."""
    start = days[0] + timedelta(days=-days[0].weekday() % 7)
    span = (days[-1] - start).days
    return [start + timedelta(days=14 * i) for i in range(span // 14 + 1)] or [days[0]]


def closure(values: list[float]) -> range:
    """Where the longest run of days forecast at nothing lies, if it is three days or more: a closure; else empty."""
    best = start = 0
    found = range(0)
    for position, value in enumerate(values):
        if value > 0:
            start = position + 1
        elif position + 1 - start > best:
            best, found = position + 1 - start, range(start, position + 1)
    return found if best >= CLOSURE_DAYS else range(0)


def _notes(kit: Kit, recent: pl.DataFrame, actual: list[charts.Day], expected: list[charts.Day]) -> list[charts.Note]:
    """The lines' names, each above a local height of its own line, and the day of the highest sales."""
    peak = max(actual, key=lambda day: day.value)
    named = kit.words.t(
        "{day}: {value}", day=kit.fmt.day(recent["sales_date"][actual.index(peak)]), value=kit.fmt.money(peak.value)
    )
    notes = [charts.Note(peak.index, peak.value, named)]
    early = [day for day in actual[: max(1, len(actual) // 2)] if abs(day.index - peak.index) > 10]
    if early:
        highest = max(early, key=lambda day: day.value)
        notes.append(charts.Note(highest.index, highest.value, kit.words.t("Actual")))
    if expected:
        # On top of the band, but away from the end, where the label would be cut off; and from the beginning, where
        # it would run into the actual line, unless the band stands clear of that.
        last = expected[-1].index - 7
        inner = [day for day in expected if day.index <= last] or expected
        widest = max(inner, key=lambda day: day.high or 0.0)
        neighbours = [day.value for day in actual if day.index >= widest.index - 10]
        if neighbours and max(neighbours) >= (widest.high or 0.0):
            inner = [day for day in inner if day.index >= expected[0].index + 8] or inner
            widest = max(inner, key=lambda day: day.high or 0.0)
        label = kit.words.t("Forecast, {share} band", share="80%")
        notes.append(charts.Note(widest.index, widest.high or 0.0, label, is_forecast=True))
    closed = closure([day.value for day in expected])
    if closed:
        label = kit.words.t("Closed")
        notes.append(
            charts.Note((expected[closed[0]].index + expected[closed[-1]].index) // 2, 0.0, label, is_forecast=True)
        )
    return notes


def accuracy(kit: Kit, tables: ReportTables) -> Model:
    """How far the forecasts were off when they were tested on past dates, beside the rule they must beat.

    The shop's totals and all products together; the classes of demand are in the exports.
    """
    t = kit.words.t
    kept = tables.accuracy.filter(
        (pl.col("is_champion") | pl.col("is_baseline"))
        & ((pl.col("level") == "total") | (pl.col("series_class") == "all"))
    )
    horizons = sorted(kept["horizon_days"].unique().to_list())
    rows = []
    for level, metric in (("total", _NET), ("total", "demand_units"), ("product", "demand_units")):
        for role in ("is_champion", "is_baseline"):
            found = kept.filter((pl.col("level") == level) & (pl.col("metric") == metric) & pl.col(role))
            if found.height:
                rows.append(_accuracy_row(kit, {row["horizon_days"]: row for row in found.to_dicts()}, horizons))
    errors = [kit.words.n("Error, {count} day", "Error, {count} days", days, count=days) for days in horizons]
    labels = [*errors, t("MASE"), t("Bias"), t("In the 80% band")]
    columns = [column(t("Forecast")), column(t("Model")), *[column(label, right=True) for label in labels]]
    message = _accuracy_message(kit, kept)
    return {
        **table(columns, rows, empty=t("No forecast has been tested yet.")),
        "title": message,
        "horizons": len(horizons),
    }


def _accuracy_row(kit: Kit, by_horizon: dict[int, dict[str, Any]], horizons: list[int]) -> list[str]:
    """One forecast: errors by the days taken together, then measures of the shortest and longest horizon."""
    t, fmt = kit.words.t, kit.fmt
    first, last = by_horizon[min(by_horizon)], by_horizon[max(by_horizon)]
    what = t("Shop total, net sales") if first["metric"] == _NET else t("Shop total, units")
    name = known.model(kit.words, first["model"])
    covered = next((row["coverage_80_pct"] for row in by_horizon.values() if row["coverage_80_pct"] is not None), None)
    return [
        t("All products, units") if first["level"] == "product" else what,
        name if first["is_champion"] else t("{model} (baseline)", model=name),
        *(fmt.rate(by_horizon[days]["wape"]) if days in by_horizon else NONE for days in horizons),
        fmt.count(first["mase"], 2),
        NONE if last["bias_pct"] is None else fmt.change(100 + float(last["bias_pct"]), 100),
        NONE if covered is None else fmt.rate(float(covered) / 100),
    ]


def _accuracy_message(kit: Kit, kept: pl.DataFrame) -> str:
    t = kit.words.t
    total = kept.filter((pl.col("level") == "total") & (pl.col("metric") == _NET))
    total = total.filter(pl.col("horizon_days") == pl.col("horizon_days").max())
    champion, baseline = (total.filter(pl.col(name)).to_dicts() for name in ("is_champion", "is_baseline"))
    if not champion:
        return t("How far forecasts were off")
    error, days = kit.fmt.rate(champion[0]["wape"]), champion[0]["horizon_days"]
    if not baseline or champion[0]["model"] == baseline[0]["model"]:
        return t("In tests, sales of {days} days were forecast with an error of {error}", days=days, error=error)
    return t(
        "In tests, sales of {days} days were forecast with an error of {error}; repeating last week erred by {naive}",
        days=days,
        error=error,
        naive=kit.fmt.rate(baseline[0]["wape"]),
    )
