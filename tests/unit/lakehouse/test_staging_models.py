"""The staging views are what the canonical streams say: nobody edits one and forgets the other."""

from __future__ import annotations

import subprocess
import sys

import yaml

from lakehouse.settings import PROJECT_ROOT
from lakehouse.streams import STREAMS
from lakehouse.warehouse.loading import warehouse_columns
from lakehouse.warehouse.transform import DBT_PROJECT

_STAGING = DBT_PROJECT / "models" / "staging"


def test_the_views_are_what_the_script_writes() -> None:
    command = [sys.executable, str(PROJECT_ROOT / "scripts" / "staging-models"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_stream_has_a_view_with_a_description_of_every_column() -> None:
    for name in STREAMS:
        model = yaml.safe_load((_STAGING / f"stg_{name}.yml").read_text())["models"][0]
        assert model["name"] == f"stg_{name}"
        assert all(column["description"] and column["data_type"] for column in model["columns"])
        assert {"source", "load_id", "known_at", "record_ref"} < {column["name"] for column in model["columns"]}


def test_no_view_has_a_persons_number() -> None:
    for name, stream in STREAMS.items():
        privacy = _privacy(name)
        kept = {raw for raw, _, _ in warehouse_columns(stream)}
        for field in stream.fields:
            if field.privacy != "none":
                renamed = {"customer_ref": "customer_id"}
                pseudonym = renamed.get(field.name, f"{field.name.removesuffix('_ref')}_pseudonym")
                assert field.name not in privacy
                assert privacy.get(pseudonym) == ("pseudonym" if field.name in kept else None)


def _privacy(name: str) -> dict[str, str]:
    """What each column of a view says about people."""
    columns = yaml.safe_load((_STAGING / f"stg_{name}.yml").read_text())["models"][0]["columns"]
    return {column["name"]: column["config"]["meta"]["privacy"] for column in columns}
