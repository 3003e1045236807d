"""Sparklines as small SVG drawings, one for the PDF and the HTML alike."""

from __future__ import annotations

from collections.abc import Sequence

INK = "#0a5a9c"
REFERENCE = "#5b6775"
WIDTH, HEIGHT, MARGIN = 170.0, 48.0, 4.0


def sparkline(values: Sequence[float], reference: float | None) -> str:
    """The values as a line that ends in a dot, over a dashed line at the reference.

    Args:
        values: Oldest first; fewer than two give an empty drawing, for there is no course to show.
        reference: Height of the dashed line, in the values' unit.
    """
    size = f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" height="{HEIGHT:g}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>'
    if len(values) < 2:
        return f"{head}</svg>"
    heights = [*values, *([] if reference is None else [reference])]
    low, span = min(heights), (max(heights) - min(heights)) or 1.0

    def y(value: float) -> float:
        return HEIGHT - MARGIN - (value - low) / span * (HEIGHT - 2 * MARGIN)

    step = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    points = [(MARGIN + step * i, y(value)) for i, value in enumerate(values)]
    line = " ".join(f"{x:.1f},{height:.1f}" for x, height in points)
    dashed = ""
    if reference is not None:
        at = f"{y(reference):.1f}"
        ends = f'x1="0" y1="{at}" x2="{WIDTH:g}" y2="{at}"'
        dashed = f'<line {ends} stroke="{REFERENCE}" stroke-width="0.8" stroke-dasharray="3 2.4"/>'
    x, height = points[-1]
    return (
        f'{head}{dashed}<polyline points="{line}" fill="none" stroke="{INK}" stroke-width="1.3"/>'
        f'<circle cx="{x:.1f}" cy="{height:.1f}" r="2.8" fill="{INK}"/></svg>'
    )
