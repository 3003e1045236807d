"""The key figures: one card a measure, always in the same order."""

from __future__ import annotations

from reports.formatting import NONE
from reports.rules import Kpi
from reports.sections import known
from reports.sections.kit import Kit, Model, marked
from reports.sections.summary import amount
from reports.sparkline import sparkline


def cards(kit: Kit, measures: list[Kpi]) -> list[Model]:
    """The cards: name, verdict, value, course of 13 weeks and three comparisons."""
    return [_card(kit, kpi) for kpi in measures]


def _card(kit: Kit, kpi: Kpi) -> Model:
    t = kit.words.t
    name = known.measure_name(kit.words, kpi.kpi_id)
    value = amount(kit, kpi.value, kpi.unit)
    verdict = _verdict(kit, kpi)
    return {
        "id": kpi.kpi_id,
        "name": name,
        "value": value,
        "note": t("incomplete week") if kpi.is_partial else "",
        "status": verdict,
        "comparisons": _comparisons(kit, kpi),
        "sparkline": sparkline(kpi.history, kpi.reference),
        "alt": t(
            "{name}, course of {weeks} weeks: now {value}; {verdict}.",
            name=name,
            weeks=len(kpi.history),
            value=value,
            verdict=verdict["text"],
        ),
    }


def _verdict(kit: Kit, kpi: Kpi) -> Model:
    t = kit.words.t
    if kpi.reference is None:
        return marked(t("Nothing to compare"), "neutral")
    if kpi.good == "none":
        return marked(t("For information"), "neutral")
    words = {"good": t("Better than usual"), "bad": t("Worse than usual"), "neutral": t("As usual")}
    tone = kpi.status
    return marked(words[tone], tone)


def _comparisons(kit: Kit, kpi: Kpi) -> list[Model]:
    t = kit.words.t
    rows = [_comparison(kit, kpi, kpi.previous, t("vs last week"))]
    if kpi.last_year is None or kpi.last_year_is_partial:
        reason = t("last year: incomplete week") if kpi.last_year_is_partial else t("last year: no data")
        rows.append({"change": NONE, "tone": "neutral", "arrow": "", "versus": reason})
    else:
        rows.append(_comparison(kit, kpi, kpi.last_year, t("vs last year")))
    average = amount(kit, kpi.reference, kpi.unit)
    rows.append(_comparison(kit, kpi, kpi.reference, t("vs 12-week average {average}", average=average)))
    return rows


def _comparison(kit: Kit, kpi: Kpi, base: float | None, versus: str) -> Model:
    change = kit.fmt.change(kpi.value, base, of_rate=kpi.is_rate)
    arrow = "up" if change.startswith("+") else "down" if change.startswith("−") else ""
    tone = kpi.tone_of(kpi.against(base), least=0.0) if arrow else "neutral"
    return {"change": change, "tone": tone, "arrow": arrow, "versus": versus}
