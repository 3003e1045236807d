"""Every measure's meaning, read from its one definition in `dbt_project/models/metrics` (MetricFlow's form)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from lakehouse.errors import ConfigError
from lakehouse.settings import PROJECT_ROOT

DEFINITIONS = PROJECT_ROOT / "dbt_project" / "models" / "metrics"
UNITS = ("money", "count", "units", "rate", "pct", "days", "hours", "minutes", "ratio", "score")
DIRECTIONS = ("up_is_good", "down_is_good", "neutral")
_REF = re.compile(r"ref\('(\w+)'\)")


@dataclass(frozen=True)
class Metric:
    """One measure.

    Attributes:
        metric_id: Its name in SQL: ``{{ metric('net_sales') }}``.
        domain: Part of the business.
        owner: Who answers for its meaning.
        unit: money (shop currency), count, units, rate (a share of 1), pct, days, hours, minutes, ratio or score.
        direction: up_is_good, down_is_good or neutral.
        label_en: Name in English.
        label_zh: Name in Chinese.
        description_en: What it means, in English.
        description_zh: The same in Chinese.
        mart: The table that it is worked out from.
        time_column: The mart's column by which it falls into a period; empty for a state.
        expression: Aggregate over the mart's rows, SQL.
        at_last: Whether it is a level: of the last day only, for days do not add up.
        slices: Other columns of the mart by which it may be grouped.
    """

    metric_id: str
    domain: str
    owner: str
    unit: str
    direction: str
    label_en: str
    label_zh: str
    description_en: str
    description_zh: str
    mart: str
    time_column: str
    expression: str
    at_last: bool
    slices: tuple[str, ...]

    def label(self, language: str) -> str:
        """Its name in ``en`` or ``zh_CN``."""
        return self.label_zh if language.startswith("zh") else self.label_en

    def description(self, language: str) -> str:
        """What it means in ``en`` or ``zh_CN``."""
        return self.description_zh if language.startswith("zh") else self.description_en

    @property
    def query(self) -> str:
        """Its value over everything that the mart holds."""
        last = f" where {self.time_column} = (select max({self.time_column}) from {self.mart})" if self.at_last else ""
        return f"select {self.expression} as value from {self.mart}{last}"


def metrics(folder: Path = DEFINITIONS) -> Mapping[str, Metric]:
    """All measures by their names, in the order of the files.

    Raises:
        ConfigError: If a definition lacks something, or uses a word that is not known.
    """
    return _read(folder)


@lru_cache(maxsize=4)
def _read(folder: Path) -> dict[str, Metric]:
    documents = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.yml"))]
    models = {
        measure["name"]: (model, measure)
        for document in documents
        for model in document.get("semantic_models", [])
        for measure in model.get("measures", [])
    }
    raw = {metric["name"]: metric for document in documents for metric in document.get("metrics", [])}
    return {name: _metric(definition, raw, models) for name, definition in raw.items()}


def _metric(definition: dict[str, Any], raw: dict[str, Any], models: dict[str, Any]) -> Metric:
    name, meta = definition["name"], definition["config"]["meta"]
    measures = [models[measure] for measure in sorted(set(_measures(definition, raw)))]
    marts = {_REF.findall(model["model"])[0] for model, _ in measures}
    if len(marts) != 1 or meta["unit"] not in UNITS or meta["direction"] not in DIRECTIONS:
        raise ConfigError(
            f"The metric {name} stands on {', '.join(sorted(marts))} as {meta['unit']}, {meta['direction']}.",
            remedy=f"One mart, a unit of {', '.join(UNITS)}, and a direction of {', '.join(DIRECTIONS)}.",
        )
    model = measures[0][0]
    time = model.get("defaults", {}).get("agg_time_dimension", "")
    return Metric(
        name,
        meta["domain"],
        meta["owner"],
        meta["unit"],
        meta["direction"],
        definition["label"],
        meta["label_zh"],
        definition["description"].strip(),
        meta["description_zh"].strip(),
        marts.pop(),
        time,
        _expression(definition, raw, models),
        any("non_additive_dimension" in measure for _, measure in measures),
        tuple(found["name"] for found in model.get("dimensions", []) if found["type"] == "categorical"),
    )


def _inputs(definition: dict[str, Any]) -> Iterator[str]:
    """Names of the metrics that a ratio or derived metric is made of."""
    params = definition["type_params"]
    for one in (params.get("numerator"), params.get("denominator"), *params.get("metrics", [])):
        if one:
            yield one if isinstance(one, str) else one["name"]


def _measures(definition: dict[str, Any], raw: dict[str, Any]) -> Iterator[str]:
    if definition["type"] == "simple":
        yield definition["type_params"]["measure"]
    for name in _inputs(definition):
        yield from _measures(raw[name], raw)


def _expression(definition: dict[str, Any], raw: dict[str, Any], models: dict[str, Any]) -> str:
    """The same as macros/metrics.sql says; a test compares the two."""
    params = definition["type_params"]
    if definition["type"] == "simple":
        return _aggregate(models[params["measure"]][1])
    parts = {name: _expression(raw[name], raw, models) for name in _inputs(definition)}
    if definition["type"] == "ratio":
        return f"cast({parts[params['numerator']]} as double) / nullif({parts[params['denominator']]}, 0)"
    text: str = params["expr"]
    for name, part in parts.items():
        text = re.sub(rf"\b{name}\b", part.replace("\\", "\\\\"), text)
    return f"({text})"


def _aggregate(measure: dict[str, Any]) -> str:
    expr, agg = str(measure.get("expr", measure["name"])), measure["agg"]
    shapes = {
        "count_distinct": f"count(distinct {expr})",
        "sum_boolean": f"count(*) filter (where {expr})",
        "average": f"avg({expr})",
        "percentile": f"quantile_cont({expr}, {measure.get('agg_params', {}).get('percentile')})",
    }
    return shapes.get(agg, f"{agg}({expr})")
