"""The reports' charts: one Altair specification each, drawn as SVG for the PDF and compiled to Vega for the HTML.

Every text in a specification is formatted before it comes here, so a chart knows no language. Colours follow one
law everywhere: actual dark and solid, last year a tick, forecast blue and dashed, its band pale blue.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import altair as alt
import vl_convert

from reports.fonts import FOLDER

INK, GREY, FAINT, BLUE, BAND = "#1b2530", "#5b6775", "#dfe3e8", "#0a5a9c", "#c5dcee"
# Both bars are light enough for the dark tick of last year to show on them.
BAR, BAR_THIS = "#b4d3ec", "#4a90c8"
_ON_SCREEN = 1.35
# From so many bars on, their labels are set smaller; fewer than so many leave room.
_FEW, _FEWEST = 8, 5
FONT = "'Source Sans 3', 'Noto Sans SC', sans-serif"


@dataclass(frozen=True)
class Bar:
    """A period's bar: heights in shop currency, texts ready to show; `last_year` None where not comparable."""

    key: str
    label: str
    value: float
    value_label: str
    last_year: float | None
    is_this: bool
    is_partial: bool
    tip: str


@dataclass(frozen=True)
class Day:
    """A day's point on the daily chart: `index` counts days from the chart's first."""

    index: int
    value: float
    tip: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Note:
    """A text at a place of the chart, in the chart's units."""

    index: int
    value: float
    text: str
    is_forecast: bool = False


def ticks(top: float, *, most: int = 5) -> list[float]:
    """Round axis values from zero to at least the top; zero and one where there is nothing above zero."""
    if top <= 0:
        return [0.0, 1.0]
    rough = top / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough * 0.999)
    return [step * i for i in range(math.ceil(top / step - 1e-9) + 1)]


def _labels(labels: dict[str, str]) -> str:
    """A Vega expression that gives each axis value its text; "|" starts a new line."""
    return f"split({json.dumps(labels, ensure_ascii=False)}['' + datum.value], '|')"


def _chart(rows: list[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=rows))


def _layered(layers: Sequence[alt.Chart], width: float, height: float) -> alt.LayerChart:
    # layer() is typed as if it could give a facet chart, which it does only when it is given one.
    return cast("alt.LayerChart", alt.layer(*layers)).properties(width=width, height=height)


def bars(periods: Sequence[Bar], *, width: float, height: float) -> alt.LayerChart:
    """Amounts by period from zero, each labelled with its value; a dark tick marks the same period a year before.

    An incomplete period is hollow, the reported one dark.
    """
    rows = [vars(bar) for bar in periods]
    top = max([bar.value for bar in periods] + [bar.last_year or 0.0 for bar in periods] + [1.0])
    # A few bars keep the width that more would have.
    keys = [bar.key for bar in periods] + [f"-{i}" for i in range(_FEWEST - len(periods))]
    labels = dict.fromkeys(keys, "") | {bar.key: bar.label for bar in periods}
    axis = alt.Axis(labelExpr=_labels(labels), labelAngle=0, title=None, ticks=False, labelPadding=5)
    x = alt.X("key:O", axis=axis, scale=alt.Scale(domain=keys, paddingInner=0.28, paddingOuter=0.1))
    scale = alt.Scale(domain=[min(0.0, *(bar.value for bar in periods)), top * 1.1], nice=False)
    y = alt.Y("value:Q", axis=None, scale=scale)
    base = _chart(rows)
    colour = alt.condition("datum.is_this", alt.value(BAR_THIS), alt.value(BAR))
    whole = base.transform_filter("!datum.is_partial").mark_bar().encode(x=x, y=y, color=colour, tooltip="tip:N")
    part = (
        base.transform_filter("datum.is_partial")
        .mark_bar(fill="#ffffff", stroke=BAR_THIS, strokeDash=[3, 2], strokeWidth=1)
        .encode(x=x, y=y, tooltip="tip:N")
    )
    texts = base.mark_text(dy=-6, color=INK, fontSize=8.5 if len(periods) <= _FEW else 7.7, fontWeight=600).encode(
        x=x, y=y, text="value_label:N"
    )
    layers: list[alt.Chart] = [whole, part, texts]
    compared = [row for row in rows if row["last_year"] is not None]
    if compared:
        before = _chart(compared).encode(x=x, y=alt.Y("last_year:Q", axis=None, scale=scale))
        layers.append(before.mark_tick(color=INK, thickness=2.2, bandSize=18, opacity=1))
    return _layered(layers, width, height)


def daily(
    actual: Sequence[Day],
    forecast: Sequence[Day],
    *,
    notes: Sequence[Note],
    x_labels: dict[int, str],
    y_labels: dict[float, str],
    width: float,
    height: float,
) -> alt.LayerChart:
    """Days as a solid line, their forecast as a dashed one in its band; the lines carry their names."""
    last = max([day.index for day in [*actual, *forecast]] + [1])
    xs, ys = sorted(x_labels), sorted(y_labels)
    x = alt.X(
        "index:Q",
        scale=alt.Scale(domain=[0, last], nice=False),
        axis=alt.Axis(values=xs, labelExpr=_labels({f"{i}": x_labels[i] for i in xs}), title=None, grid=False),
    )
    y = alt.Y(
        "value:Q",
        scale=alt.Scale(domain=[ys[0], ys[-1]]),
        axis=alt.Axis(
            values=ys, labelExpr=_labels({f"{v:g}": y_labels[v] for v in ys}), title=None, domain=False, ticks=False
        ),
    )
    solid = _chart([vars(day) for day in actual])
    dashed = _chart([vars(day) for day in forecast])
    texts = _chart([vars(note) for note in notes])
    colour = alt.condition("datum.is_forecast", alt.value(BLUE), alt.value(INK))
    layers = [
        dashed.mark_area(color=BAND, opacity=0.85).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"),
        solid.mark_line(color=INK, strokeWidth=1.5).encode(x=x, y=y),
        dashed.mark_line(color=BLUE, strokeWidth=1.5, strokeDash=[4, 3]).encode(x=x, y=y),
        solid.mark_point(opacity=0, size=90).encode(x=x, y=y, tooltip="tip:N"),
        dashed.mark_point(opacity=0, size=90).encode(x=x, y=y, tooltip="tip:N"),
        texts.mark_text(dy=-8, fontSize=9, fontWeight=600).encode(x=x, y=y, text="text:N", color=colour),
    ]
    return _layered(layers, width, height)


def specification(chart: alt.LayerChart) -> dict[str, Any]:
    """The chart as Vega-Lite with the house's look."""
    axis = {
        "labelFont": FONT,
        "labelFontSize": 9,
        "labelColor": INK,
        "gridColor": FAINT,
        "domainColor": GREY,
        "tickColor": GREY,
    }
    config = {"font": FONT, "view": {"stroke": None}, "axis": axis, "text": {"font": FONT}, "background": "transparent"}
    return {**chart.properties(padding=2).to_dict(), "config": config}


def svg(chart: alt.LayerChart) -> str:
    """The chart drawn as SVG, its texts still texts."""
    vl_convert.register_font_directory(str(FOLDER))
    return str(vl_convert.vegalite_to_svg(specification(chart)))


def vega(chart: alt.LayerChart) -> dict[str, Any]:
    """The chart compiled to Vega, for a page that may not evaluate code; its texts larger than on paper."""
    return dict(vl_convert.vegalite_to_vega(_enlarged(specification(chart))))


def _enlarged(part: Any) -> Any:  # noqa: ANN401 (any part of a JSON document)
    if isinstance(part, dict):
        return {
            name: value * _ON_SCREEN if name in {"fontSize", "labelFontSize"} else _enlarged(value)
            for name, value in part.items()
        }
    return [_enlarged(item) for item in part] if isinstance(part, list) else part
