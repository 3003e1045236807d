"""Charts: axes, what they draw, and that they need no evaluated code."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import charts
from reports.sparkline import HEIGHT, sparkline

BARS = [
    charts.Bar("a", "1 Nov", 100.0, "100", 90.0, False, False, "1 Nov: £100"),
    charts.Bar("b", "8 Nov", 120.0, "120", None, True, False, "8 Nov: £120"),
    charts.Bar("c", "15 Nov|now", 30.0, "30", None, False, True, "15 Nov: £30"),
]


@given(st.floats(min_value=0.01, max_value=1e12))
def test_axes_are_round_and_reach_the_top(top: float) -> None:
    values = charts.ticks(top)
    assert values[0] == 0
    assert values[-1] >= top * 0.999
    assert 2 <= len(values) <= 7


@pytest.mark.parametrize("top", [0.0, -5.0])
def test_nothing_above_zero_still_has_an_axis(top: float) -> None:
    assert charts.ticks(top) == [0.0, 1.0]


def test_bars_start_at_zero_and_carry_their_values() -> None:
    drawn = charts.svg(charts.bars(BARS, width=200, height=100))
    texts = {node.text for node in ET.fromstring(drawn).iter() if node.text}  # noqa: S314 (our own drawing)
    assert {"100", "120", "30", "1 Nov", "now"} <= texts
    spec = charts.specification(charts.bars(BARS, width=200, height=100))
    assert spec["layer"][0]["encoding"]["y"]["scale"]["domain"][0] == 0


def test_charts_compile_to_vega() -> None:
    day = charts.Day(1, 5.0, "1 Nov: £5", 4.0, 6.0)
    chart = charts.daily(
        [charts.Day(0, 4.0, "31 Oct: £4")],
        [day],
        notes=[],
        x_labels={0: "31 Oct"},
        y_labels={0.0: "£0", 6.0: "£6"},
        width=300,
        height=100,
    )
    assert charts.vega(chart)["$schema"].startswith("https://vega.github.io/schema/vega/")


def test_drawing_twice_gives_the_same_bytes() -> None:
    assert charts.svg(charts.bars(BARS, width=200, height=100)) == charts.svg(charts.bars(BARS, width=200, height=100))


def test_hostile_labels_stay_text() -> None:
    label = "<script>'\"</script>"
    hostile = [charts.Bar("a", label, 1.0, label, None, False, False, label)]
    root = ET.fromstring(charts.svg(charts.bars(hostile, width=200, height=100)))  # noqa: S314
    assert not [node for node in root.iter() if node.tag.endswith("script")]


@given(
    st.lists(st.floats(min_value=-1e9, max_value=1e9), max_size=13),
    st.none() | st.floats(min_value=-1e9, max_value=1e9),
)
def test_a_sparkline_stays_in_its_frame(values: list[float], reference: float | None) -> None:
    root = ET.fromstring(sparkline(values, reference))  # noqa: S314
    for node in root.iter():
        for height in (part.split(",")[1] for part in node.attrib.get("points", "").split()):
            assert 0 <= float(height) <= HEIGHT
    assert len(root) == (0 if len(values) < 2 else 2 if reference is None else 3)
