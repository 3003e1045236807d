"""Making, opening and reading worlds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from sandbox.__main__ import main
from sandbox.world import World, WorldSpec, generate
from sandbox.world.schema import NOTES, TABLES, TRUTH, checked
from sandbox.world.store import Writer


def _digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_specification_gives_the_same_bytes(tiny: World, tmp_path: Path) -> None:
    again = generate(tmp_path, WorldSpec.tiny())
    assert _digests(again.folder) == _digests(tiny.folder)
    assert len(_digests(tiny.folder)) == len(TABLES) + len(TRUTH) + 1


def test_another_seed_gives_another_world(tiny: World, tmp_path: Path) -> None:
    spec = replace(WorldSpec.tiny(seed=7), last_day=date(2025, 11, 12))
    other = generate(tmp_path, spec)
    assert not other.frame("orders").head(50).equals(tiny.frame("orders").head(50))


@pytest.mark.parametrize("table", [*TABLES, *TRUTH])
def test_every_table_has_its_columns_and_rows(tiny: World, table: str) -> None:
    columns = (TABLES | TRUTH)[table]
    assert dict(tiny.scan(table).collect_schema()) == columns
    assert tiny.frame(table).height > 0


def test_a_world_is_opened_with_its_specification(tiny: World) -> None:
    opened = World.open(tiny.folder)
    assert opened.spec == WorldSpec.tiny()
    assert opened.truth("fraud").equals(tiny.truth("fraud"))
    told = json.loads((tiny.folder / "world.json").read_text())["rows"]
    assert told["orders"] == tiny.frame("orders").height


def test_an_unfinished_world_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="wrong types"), Writer(tmp_path, WorldSpec.tiny()) as writer:
        writer.write("fraud", pl.DataFrame({"order_id": ["not a number"]}))
    with pytest.raises(FileNotFoundError, match="python -m sandbox world"):
        World.open(tmp_path)


def test_tables_that_do_not_exist_are_named(tiny: World) -> None:
    with pytest.raises(KeyError, match="No table 'order'"):
        tiny.scan("order")
    with pytest.raises(KeyError, match="No truth 'orders'"):
        tiny.truth("orders")


def test_rows_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="missing columns"):
        checked(pl.DataFrame({"currency": ["EUR"]}), "fx_rates")
    with pytest.raises(ValueError, match="wrong types"):
        checked(pl.DataFrame({"order_id": ["1"]}), "fraud")


def test_notes_are_about_tables() -> None:
    assert NOTES.keys() <= TABLES.keys() | TRUTH.keys()


def test_chunks_cover_all_days_once() -> None:
    for spec in (WorldSpec.tiny(), WorldSpec.demo(), replace(WorldSpec.demo(), orders_per_day=50_000)):
        chunks = spec.chunks()
        assert [first for first, _ in chunks[1:]] == [last for _, last in chunks[:-1]]
        assert (chunks[0][0], chunks[-1][1]) == (0, spec.days)
    assert all(last - first == 1 for first, last in replace(WorldSpec.demo(), orders_per_day=50_000).chunks())


def test_a_world_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="28 days"):
        WorldSpec(last_day=date(2024, 9, 2))


def test_the_command_makes_a_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--size", "tiny", "--last-day", "2025-11-14", "--tracked-days", "0", "--seed", "5"]
    assert main(["world", str(tmp_path), *options]) == 0
    assert "orders with" in capsys.readouterr().out
    world = World.open(tmp_path)
    assert world.spec.seed == 5
    assert world.frame("events").is_empty()


def test_the_command_refuses_what_makes_no_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as status:
        main(["world", str(tmp_path), "--size", "tiny", "--products", "3"])
    assert status.value.code == 2
    assert "20 products" in capsys.readouterr().err
