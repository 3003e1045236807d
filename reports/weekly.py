"""The weekly operations report as a PDF: tagged, archivable, and the same bytes from the same tables."""

from __future__ import annotations

import json
from datetime import UTC, date
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from lakehouse.errors import BuildError
from lakehouse.files import write_bytes
from reports import charts, fonts
from reports.model import weekly_model
from reports.sections.kit import Model
from reports.sections.purchasing import ROWS
from reports.tables import Frames, ReportTables, load

_TEMPLATE = Path(__file__).resolve().parent / "typesetting" / "weekly.typ"
_STANDARDS: list[Any] = ["ua-1", "a-2a"]


def build(reader: Frames, *, week: date | None = None, language: str = "en", out_dir: Path, shop: str = "") -> Path:
    """Writes the week's report into the folder.

    Args:
        reader: The published warehouse.
        week: Any day of the week to report; None for the last full week.
        language: ``en`` or ``zh_CN``.
        out_dir: Folder to write into; made if it is not there.
        shop: Name of the shop for the head of the report.

    Returns:
        The PDF, named after week and language.

    Raises:
        NothingPublishedError: If the report tables were never filled.
        ContractError: If a report table lacks a column.
        BuildError: If the report could not be set.
    """
    tables = load(reader, week)
    path = out_dir / f"weekly-{tables.week.isoformat()}.{language}.pdf"
    write_bytes(path, render(tables, language, shop=shop))
    return path


def render(tables: ReportTables, language: str, *, shop: str = "") -> bytes:
    """The report's bytes: PDF/UA-1 and PDF/A-2a, stamped with the run's time."""
    model = drawn(weekly_model(tables, language, shop=shop, purchase_rows=ROWS))
    return compile_model(model, int(tables.run.as_of.replace(tzinfo=UTC).timestamp()))


def drawn(model: Model) -> Model:
    """The model with its charts as SVG texts in place of Altair charts."""
    done = dict(model)
    for section in ("history", "daily"):
        drawings = [
            {**{k: v for k, v in chart.items() if k != "chart"}, "svg": charts.svg(chart["chart"])}
            for chart in model[section]["charts"]
        ]
        done[section] = {**model[section], "charts": drawings}
    return done


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(
        input=_TEMPLATE,
        root=_TEMPLATE.parent,
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts.FOLDER]),
        ignore_system_fonts=True,
    )


def compile_model(model: Model, timestamp: int) -> bytes:
    """Sets a drawn model.

    Raises:
        BuildError: If Typst refuses it; the message carries its diagnostic.
    """
    text = json.dumps(model, ensure_ascii=False)
    try:
        pdf = _compiler().compile(
            format="pdf", sys_inputs={"model": text}, pdf_standards=_STANDARDS, timestamp=timestamp
        )
    except typst.TypstError as error:
        raise BuildError(
            f"The weekly report could not be set: {error.message}.",
            remedy=f"Please report this with its diagnostic: {error.diagnostic[:600]}",
        ) from error
    if not isinstance(pdf, bytes):
        raise BuildError("The weekly report came out in pieces, not as one PDF.", remedy="Please report this.")
    return pdf
