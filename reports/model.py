"""The weekly report as one formatted model: every text is final, so templates hold layout and no prose."""

from __future__ import annotations

from datetime import timedelta

from reports import rules
from reports.formatting import Formatter
from reports.sections import market, measures, products, purchasing, quality, sales, summary
from reports.sections.kit import Kit, Model
from reports.tables import ReportTables
from reports.titles import displayed
from reports.words import Words


def weekly_model(
    tables: ReportTables, language: str, *, shop: str = "", purchase_rows: int | None = purchasing.ROWS
) -> Model:
    """Everything the weekly report says, in one language.

    Args:
        tables: The week's tables.
        language: ``en`` or ``zh_CN``.
        shop: Name of the shop for the head; empty for none.
        purchase_rows: Longest purchase list; None for every product.

    Returns:
        Nested dicts and lists of texts; a chart is an Altair chart under ``chart``, for the caller to draw.
    """
    kit = Kit(Words(language), Formatter(Words(language), tables.run.currency))
    found = rules.kpis(tables)
    headline = summary.headline(kit, rules.headline(tables, found))
    t, fmt = kit.words.t, kit.fmt
    week = t(
        "Week {number} · {days}",
        number=tables.week.isocalendar().week,
        days=fmt.days(tables.week, tables.week + timedelta(days=6)),
    )
    return {
        "language": kit.words.tag,
        "name": t("Weekly operations report"),
        "shop": displayed(shop, limit=40),
        "week": week,
        "headline": headline,
        "lead": summary.lead(kit, tables, found),
        "late": quality.late(kit, tables),
        "labels": _labels(kit),
        "attention": summary.attention(kit, rules.findings(tables, found)),
        "cards": measures.cards(kit, found),
        "history": sales.history(kit, tables),
        "daily": sales.daily(kit, tables),
        "accuracy": sales.accuracy(kit, tables),
        "purchases": purchasing.purchase_list(kit, tables, rows=purchase_rows),
        "assumptions": purchasing.assumptions(kit, tables),
        "drivers": products.drivers(kit, tables),
        "top": products.top(kit, tables),
        "pairs": products.pairs(kit, tables),
        "market": market.alerts(kit, tables),
        "health": quality.health(kit, tables),
        "reconciliation": quality.reconciliation(kit, tables),
        "glossary": quality.glossary(kit),
        "notes": quality.notes(kit, tables),
        "footer": quality.footer(kit, tables),
    }


def _labels(kit: Kit) -> dict[str, str]:
    t = kit.words.t
    return {
        "attention": t("What needs attention"),
        "nothing": t("Nothing needs attention this week."),
        "finding": t("Finding"),
        "action": t("What to do"),
        "owner": t("Who"),
        "figures": t("Key figures"),
        "no_figures": t("There are no figures for this week."),
        "sparkline": t("Sparkline: the last 13 weeks; dashed: average of the 12 weeks before."),
        "glossary": t("What the words mean"),
        "notes": t("Notes"),
        "page": t("Page {page} of {pages}", page="{page}", pages="{pages}"),
    }
