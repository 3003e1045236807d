"""What the report has words for is what the other rooms call things: a name changed there fails here."""

from __future__ import annotations

import re

import yaml

from lakehouse.settings import PROJECT_ROOT
from lakehouse.warehouse.transform import DBT_PROJECT
from reports.sections import known


def test_every_assumption_has_words_and_every_word_an_assumption() -> None:
    file = PROJECT_ROOT / "models_ml" / "inventory" / "assumptions.yml"
    assumed = yaml.safe_load(file.read_text())
    assert set(known._ASSUMPTIONS) == set(assumed)
    # A unit shown as it is written in another language is a word forgotten.
    assert {one["unit"] for one in assumed.values()} <= set(known._UNITS)


def test_every_row_class_has_words() -> None:
    seed = (DBT_PROJECT / "seeds" / "row_classes.csv").read_text().splitlines()[1:]
    assert {line.split(",")[0] for line in seed} <= set(known._ROW_CLASSES)


def test_every_check_that_is_shown_exists() -> None:
    dbt = "\n".join(path.read_text() for path in DBT_PROJECT.rglob("*.yml"))
    names = set(re.findall(r"name: (\w+)", dbt)) | {path.stem for path in (DBT_PROJECT / "tests").glob("*.sql")}
    probes = "\n".join(path.read_text() for path in (PROJECT_ROOT / "expectations").glob("audit*.py"))
    for check_id in known.CHECKS:
        kind, _, name = check_id.partition(".")
        assert name in names if kind == "dbt" else name.removeprefix("fct_order_line_") in probes, check_id
