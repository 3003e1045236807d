"""The measures' definitions: complete, in both languages, and what is generated from them is current."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lakehouse.errors import ConfigError
from lakehouse.metrics import metrics
from lakehouse.settings import PROJECT_ROOT
from reports import rules

_BAD = """
semantic_models:
  - {name: one, model: ref('fct_one'), measures: [{name: m, agg: sum}]}
metrics:
  - name: m
    label: M
    description: d
    type: simple
    type_params: {measure: m}
    config: {meta: {domain: sales, owner: o, unit: UNIT, direction: neutral, label_zh: 一, description_zh: 二}}
"""


def test_every_measure_is_told_in_both_languages() -> None:
    for one in metrics().values():
        assert one.label_en, one.metric_id
        assert one.description_en.endswith("."), one.metric_id
        assert any("\u4e00" <= letter <= "\u9fff" for letter in one.label_zh + one.description_zh), one.metric_id
        assert one.description_zh.endswith("。"), one.metric_id


def test_no_two_measures_have_one_name() -> None:
    for language in ("en", "zh_CN"):
        labels = [one.label(language) for one in metrics().values()]
        assert len(labels) == len(set(labels)), sorted(label for label in labels if labels.count(label) > 1)


def test_every_figure_of_the_weekly_report_is_defined() -> None:
    assert set(rules.KPI_ORDER) <= set(metrics())


def test_a_ratio_is_a_ratio_of_sums() -> None:
    assert metrics()["returns_rate"].expression == (
        "cast(sum(returns_shop) as double) / nullif((sum(gross_sales_shop) - sum(cancellations_shop)), 0)"
    )


def test_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text(_BAD.replace("UNIT", "bushels"), encoding="utf-8")
    with pytest.raises(ConfigError, match="bushels"):
        metrics(tmp_path)


def test_the_catalogues_are_current() -> None:
    script = PROJECT_ROOT / "scripts" / "metrics-pages"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, check=False, cwd=PROJECT_ROOT)
    assert done.returncode == 0, "Run scripts/metrics-pages."
