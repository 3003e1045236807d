"""The dashboard: one HTML file with everything in it, that works offline and runs no code but its own.

It shows the model of the weekly report, in every language, with charts that answer to the pointer, the whole
list of orders due to search, and that list as CSV.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import altair as alt
import polars as pl

from lakehouse.files import write_bytes
from reports import charts, exports
from reports.model import weekly_model
from reports.sections import sales
from reports.sections.kit import Model
from reports.tables import Frames, ReportTables, load
from reports.words import LANGUAGES, Words

_FOLDER = Path(__file__).resolve().parent
# More orders than anyone would work through on a page; the exports hold them all.
MOST_PURCHASES = 500
# What a chart needs beside its plot for axis labels, in pixels.
_MARGINS = {"history": 14, "daily": 60}
_CSV_COLUMNS = (
    "urgency_rank",
    "product_id",
    "product_title",
    "supplier_name",
    "on_hand_units",
    "on_hand_source",
    "daily_demand_units",
    "cover_days",
    "lead_time_days",
    "runout_date",
    "reorder_point_units",
    "order_units",
    "order_value_shop",
    "action",
)


def build(
    reader: Frames,
    *,
    out_dir: Path,
    week: date | None = None,
    languages: Sequence[str] = LANGUAGES,
    shop: str = "",
) -> Path:
    """Writes the dashboard into the folder.

    Args:
        reader: The published warehouse.
        out_dir: Folder to write into; made if it is not there.
        week: Any day of the week to show; None for the last full week.
        languages: Languages to offer, the first for readers whose own is not among them.
        shop: Name of the shop for the head of the page.

    Returns:
        The HTML file.

    Raises:
        NothingPublishedError: If the report tables were never filled.
        ContractError: If a report table lacks a column.
    """
    path = out_dir / "dashboard.html"
    write_bytes(path, render(load(reader, week), languages, shop=shop).encode())
    return path


def render(tables: ReportTables, languages: Sequence[str] = LANGUAGES, *, shop: str = "") -> str:
    """The page's text; the same tables give the same."""
    models = {language: _model(tables, language, shop) for language in languages}
    first = models[languages[0]]
    listed = tables.purchases.filter(pl.col("order_units") > 0).select(_CSV_COLUMNS)
    data = {"models": models, "purchases_csv": exports.guarded(listed).write_csv()}
    parts = {
        "style": (_FOLDER / "style.css").read_text(encoding="utf-8"),
        "vega": (_FOLDER / "vendor" / "vega.min.js").read_text(encoding="utf-8"),
        "interpreter": (_FOLDER / "vendor" / "vega-interpreter.js").read_text(encoding="utf-8"),
        "app": (_FOLDER / "app.js").read_text(encoding="utf-8"),
    }
    parts["policy"] = _policy(parts)
    parts["title"] = html.escape(f"{first['headline']} · {first['week']}")
    parts["noscript"] = html.escape(first["page"]["noscript"])
    # "<" is written as an escape, so that no text can end the script element that holds it.
    parts["data"] = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return _filled((_FOLDER / "template.html").read_text(encoding="utf-8"), parts)


def _filled(template: str, parts: dict[str, str]) -> str:
    """The template with its @@places@@ filled in one pass: what is filled in is not looked at again."""
    pieces = template.split("@@")
    return "".join(parts[piece] if index % 2 else piece for index, piece in enumerate(pieces))


def _policy(parts: dict[str, str]) -> str:
    """Nothing may be loaded, and only the page's own scripts and style may run.

    Style attributes are allowed, for Vega sets them on the texts that it draws.
    """
    scripts = " ".join(_hash(parts[name]) for name in ("vega", "interpreter", "app"))
    style = _hash(parts["style"])
    return (
        f"default-src 'none'; script-src {scripts}; style-src-elem {style}; style-src-attr 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _model(tables: ReportTables, language: str, shop: str) -> Model:
    model = weekly_model(tables, language, shop=shop, purchase_rows=MOST_PURCHASES)
    for section, margin in _MARGINS.items():
        drawn = [_compiled(chart, margin) for chart in model[section]["charts"]]
        model[section] = {**model[section], "charts": drawn}
    return {**model, "page": _labels(Words(language))}


def _compiled(chart: dict[str, Any], margin: int) -> dict[str, Any]:
    kept = {name: value for name, value in chart.items() if name != "chart"}
    return {**kept, "vega": charts.vega(chart["chart"]), "margin": margin, "least": _least(chart["chart"])}


def _least(chart: alt.LayerChart) -> int:
    """The narrowest width at which the chart's labels stand apart, in pixels; below it the chart scrolls."""
    return 460 if chart.width == sales.MONTHS_WIDTH else 280


def _labels(words: Words) -> dict[str, str]:
    t = words.t
    return {
        "language": {"en": "English", "zh_CN": "简体中文"}[words.language],
        "search": t("Search product, code or supplier"),
        "download": t("Download as CSV"),
        "shown": t("{shown} of {all} shown", shown="{shown}", all="{all}"),
        "noscript": t(
            "This page draws itself with JavaScript, which is turned off here. The PDF holds the same report."
        ),
    }
