"""Whether the figures can be trusted: checks, reconciliation with the source, definitions, notes and footer."""

from __future__ import annotations

from typing import Any

import polars as pl

from reports.formatting import NONE
from reports.sections import known
from reports.sections.kit import Kit, Model, column, marked, table
from reports.tables import ReportTables
from reports.titles import displayed
from reports.words import N_

CHECKS_SHOWN = 12
# Measures whose words the glossary takes from their definitions in models/metrics.
_MEASURES = (
    "gross_sales",
    "net_sales",
    "average_order_value",
    "active_customers",
    "new_customers",
    "returns_rate",
    "cancelled_sales",
)
_GLOSSARY = (
    (N_("Days of cover"), N_("Stock on hand ÷ forecast units a day.")),
    (
        N_("Reorder point"),
        N_("Stock at which to order: the demand over the delivery time that the service level allows for."),
    ),
    (N_("Target"), N_("Stock to order up to: the same demand until the next order's delivery.")),
    (N_("Safety stock"), N_("Units kept for demand above forecast, so that the service level is met.")),
    (N_("Service level"), N_("Chance of not running out between an order and its delivery.")),
    (N_("80% band"), N_("Eight days in ten should fall inside it, if the past is a guide.")),
    (N_("Error"), N_("WAPE: sum of absolute forecast errors ÷ sum of actual values, over days, weeks or four weeks.")),
    (N_("MASE"), N_("Mean absolute error ÷ that of repeating last week; below 1 is better than repeating.")),
    (N_("Bias"), N_("How far forecasts lie above (+) or below (−) the actual sum.")),
    (N_("Lift"), N_("How many times more often two products share an order than by chance.")),
    (N_("Incomplete"), N_("A period that the data does not cover to its last day; never compared as if it did.")),
)


def health(kit: Kit, tables: ReportTables) -> Model:
    """What the checks saw."""
    t = kit.words.t
    words = {"pass": (t("Passed"), "good"), "warn": (t("Warning"), "warn"), "fail": (t("Failed"), "bad")}
    troubled, named = _noteworthy(tables.health.to_dicts())
    shown = [*troubled, *named][:CHECKS_SHOWN]
    drawn: list[list[Any]] = [
        [
            marked(*words.get(row["status"], (row["status"], "neutral"))),
            known.check_title(kit.words, row["check_id"], row["title"]),
            displayed(row["detail"] or "", limit=90) or NONE,
            displayed(row["check_id"], limit=44),
        ]
        for row in shown
    ]
    columns = [column(t("Result")), column(t("Check")), column(t("What it saw")), column(t("Name in rpt_data_health"))]
    rest = tables.health.height - len(shown)
    note = (
        kit.words.n(
            "{count} more check is in rpt_data_health.", "{count} more checks are in rpt_data_health.", rest, count=rest
        )
        if rest
        else ""
    )
    return {
        **table(columns, drawn, empty=t("No check has run yet.")),
        "title": _health_message(kit, tables),
        "note": note,
    }


def _noteworthy(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The checks that did not pass, failures first, and those passed that say most to a reader."""
    order = {"fail": 0, "warn": 1}
    troubled = sorted(
        (row for row in rows if row["status"] != "pass"), key=lambda row: (order.get(row["status"], 0), row["check_id"])
    )
    passed = {row["check_id"]: row for row in rows if row["status"] == "pass"}
    return troubled, [passed[check_id] for check_id in known.CHECKS if check_id in passed]


def _health_message(kit: Kit, tables: ReportTables) -> str:
    t, counts = kit.words.t, tables.run.counts
    passed, warned, failed = (counts[f"checks_{name}"] for name in ("passed", "warned", "failed"))
    total = passed + warned + failed
    if not total:
        return t("The data has not been checked")
    if failed:
        return t("{failed} of {total} data checks failed", failed=failed, total=total)
    if warned:
        return t(
            "The data passed {passed} of {total} checks; {warned} warned", passed=passed, total=total, warned=warned
        )
    return t("The data passed all {total} checks", total=total)


def reconciliation(kit: Kit, tables: ReportTables) -> Model:
    """Where every source row went, to the row and to the penny."""
    t, fmt = kit.words.t, kit.fmt
    drawn = [
        [
            known.row_class(kit.words, row["row_class"], row["explanation"]),
            t("yes") if row["is_in_marts"] else t("no"),
            fmt.count(row["row_count"]),
            fmt.count(row["unit_count"]) if row["unit_count"] is not None else NONE,
            fmt.money_exact(row["amount_shop"], 2),
        ]
        for row in tables.reconciliation.to_dicts()
    ]
    columns = [column(t("Source rows")), column(t("In the marts"))]
    columns += [column(label, right=True) for label in (t("Rows"), t("Units"), t("Amount"))]
    model = table(columns, drawn, total=_sum(kit, tables), empty=t("Nothing has been received yet."))
    return {**model, "title": _reconciliation_message(kit, tables)}


def _sum(kit: Kit, tables: ReportTables) -> list[str]:
    rows = tables.reconciliation
    if rows.is_empty():
        return []
    units = int(rows["unit_count"].sum() or 0)
    amount = rows["amount_shop"].sum()
    return [
        kit.words.t("All source rows"),
        "",
        kit.fmt.count(int(rows["row_count"].sum())),
        kit.fmt.count(units),
        kit.fmt.money_exact(amount, 2),
    ]


def _reconciliation_message(kit: Kit, tables: ReportTables) -> str:
    t, count = kit.words.t, kit.fmt.count
    listed = int(tables.reconciliation["row_count"].sum() or 0)
    received = tables.run.counts["rows_received"]
    if not listed:
        return t("Where every source row went")
    if listed == received:
        return t("All {count} source rows are accounted for", count=count(received))
    return t("{listed} of {received} source rows are accounted for", listed=count(listed), received=count(received))


def glossary(kit: Kit) -> list[Model]:
    """Every measure's definition."""
    words = kit.words
    measures = [
        {"term": known.measure_name(words, name), "text": known.measure_meaning(words, name)} for name in _MEASURES
    ]
    return [*measures, *({"term": words.t(term), "text": words.t(text)} for term, text in _GLOSSARY)]


def notes(kit: Kit, tables: ReportTables) -> list[str]:
    """How to read on, what is compared with what, and where every figure can be checked."""
    t, fmt = kit.words.t, kit.fmt
    first = tables.run.first_data_at
    found = [t("A week runs from Monday to Sunday, a day from midnight to midnight in the shop's time zone.")]
    if first is not None:
        found.append(
            t(
                "The data begins on {day}; a comparison that would reach back further is left out.",
                day=fmt.full_day(first.date()),
            )
        )
    found.append(t("As usual: within {pct}% (rates: {pp} pp) of the average of the 12 weeks before.", pct=5, pp="0.5"))
    found.append(t("An amount here has about three significant digits; the exports hold every digit."))
    found.append(
        t(
            "Dashboard: dashboard.html. Exports: the folder exports, as CSV, XLSX and Parquet. "
            "Every figure can be queried from the rpt_ tables with SQL."
        )
    )
    quarantined, repeated = tables.run.counts["rows_quarantined"], tables.run.counts["rows_deduplicated"]
    found.append(
        t(
            "Rows set aside by the raw contract: {quarantined}; rows that repeat another: {repeated}.",
            quarantined=fmt.count(quarantined),
            repeated=fmt.count(repeated),
        )
    )
    return found


def footer(kit: Kit, tables: ReportTables) -> str:
    """The line at the foot of every page: age of the data, checks, run."""
    t, counts = kit.words.t, tables.run.counts
    through = kit.fmt.moment(tables.run.data_through)
    parts = [t("Data to {moment} UTC", moment=through) if tables.run.data_through else t("No data yet")]
    parts.append(
        t(
            "checks: {passed} passed, {warned} warned, {failed} failed",
            passed=counts["checks_passed"],
            warned=counts["checks_warned"],
            failed=counts["checks_failed"],
        )
    )
    parts.append(displayed(tables.run.run_id, limit=60))
    return " · ".join(parts)


def late(kit: Kit, tables: ReportTables) -> str:
    """A line for the head of the report when data is late or the week incomplete; empty otherwise."""
    row = tables.weekly.filter(pl.col("week_start_date") == tables.week).to_dicts()
    if row and row[0]["is_partial"]:
        return kit.words.t("Incomplete week: figures will still change.")
    return ""
