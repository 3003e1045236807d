"""The command line from raw files to the published warehouse, on a made-up shop; and again from raw bytes alone."""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sandbox.online_retail
from ecomops import cli, pipeline
from extractors import files
from lakehouse.objectstore import open_store
from lakehouse.settings import Settings, get_settings
from lakehouse.warehouse import CORE, CURRENT, Warehouse, open_candidate, open_reader
from lakehouse.warehouse.oracle import fingerprints

_SOURCE = "online_retail"
_SCHEMAS = ("marts", "intermediate")
_NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Shop:
    """A made-up shop, landed and closed by the command line.

    Attributes:
        settings: The settings that the commands ran with.
        drop: Its daily files, one of which holds a record that nobody can use.
        lines: Records in them.
        last_day: The day that was closed.
        words: What each command said.
    """

    settings: Settings
    drop: Path
    lines: int
    last_day: date
    words: dict[str, str]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(cli.app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def made_shop(shop_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    drop = tmp_path_factory.mktemp("drop")
    made = sandbox.online_retail.generate(
        drop, seed=7, first_day=date(2011, 1, 10), days=120, products=60, customers=50, orders_per_day=5
    )
    with made.files[3].open("a") as handle:
        handle.write("999999,85123A,A THING,many,2011-01-13 10:00:00,1.5,12346.0,France\n")
    last_day = date.fromisoformat(made.files[-1].stem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ECOMOPS_VAR_DIR", str(shop_settings.var))
        patch.setenv("ECOMOPS_PSEUDONYM_KEY", "a key for tests")
        patch.setenv("COLUMNS", "200")
        get_settings.cache_clear()
        words = {
            "land": run("land", _SOURCE, "--drop", str(drop), "--history", "--run-id", "land"),
            "close": run("close", last_day.isoformat(), "--run-id", "close"),
        }
        yield Shop(get_settings(), drop, made.lines + 1, last_day, words)
        get_settings.cache_clear()


def test_land_says_where_every_record_went(made_shop: Shop) -> None:
    assert f"{made_shop.lines:,} records received" in made_shop.words["land"]
    assert "1 quarantined" in made_shop.words["land"]

    again = run("land", _SOURCE, "--drop", str(made_shop.drop), "--history")

    loads = made_shop.words["land"].split()[0]
    assert again.startswith(f"{loads} loads ({loads} were there before)")


def test_sources_lists_what_has_landed(made_shop: Shop) -> None:
    listed = next(line for line in run("sources").splitlines() if _SOURCE in line)
    assert made_shop.words["land"].split()[0] in listed


def test_close_publishes_for_models_and_for_people(made_shop: Shop) -> None:
    warehouse = Warehouse(made_shop.settings, open_store(made_shop.settings))
    core, current = warehouse.published(CORE), warehouse.published(CURRENT)
    assert core is not None
    assert current is not None
    assert current.base_id == core.snapshot_id
    assert made_shop.words["close"].split() == ["published", current.snapshot_id]
    listed = run("snapshots")
    assert core.snapshot_id in listed
    assert current.snapshot_id in listed
    with open_reader(made_shop.settings) as reader:
        assert {schema for schema, _ in reader.tables()} == {"raw", "marts", "models", "reports"}
        rows, checks = reader.rows("select rows_received, checks_passed from rpt_run")[0]
        assert rows == made_shop.lines
        assert checks > 50
        repeated = reader.rows("select sum(rows_deduplicated) from raw.loads")[0][0]
        assert reader.rows("select sum(row_count) from rpt_reconciliation") == [(made_shop.lines - 1 - repeated,)]


def test_one_query_prints_a_table(made_shop: Shop) -> None:
    printed = run("sql", "select channel_id, channel_name from dim_channel")
    assert "channel_name" in printed
    assert "Online Retail (UCI)" in printed


def test_quarantine_counts_by_reason(made_shop: Shop) -> None:
    printed = run("quarantine")
    assert "Quantity" in printed
    assert "2011-01-13.csv" in printed
    assert run("quarantine", "--source", "nobody").strip() == "Nothing is in quarantine."


def test_doctor_looks_at_everything(made_shop: Shop) -> None:
    result = CliRunner().invoke(cli.app, ["doctor"], catch_exceptions=False)
    for what in ("Python", "packages", "disk", "settings", "object store", "warehouse", "file mappings"):
        assert what in result.output
    assert "a key for tests" not in result.output
    assert "written, read and deleted" in result.output


def test_docs_are_static_files_beside_the_checks(made_shop: Shop) -> None:
    page, dictionary, checks = (Path(line) for line in run("docs").splitlines())
    text = page.read_text()
    assert "fct_daily_product_sales" in dictionary.read_text()
    assert (page.suffix, checks.name) == (".html", "index.html")
    assert checks.is_file()
    assert "fct_daily_product_sales" in text
    assert "demand_quantity" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sql", "select '[/red]' from [/no]"], "[/no]"),
        (["sql", "select 1", "--snapshot", "nope"], "There is no snapshot 'nope'"),
        (["land", "no_such_source", "--drop", ".", "--history"], "no_such_source"),
        (["land", _SOURCE, "--drop", "nowhere", "--start", "2011-01-01"], "Only one end"),
        (["reparse", "no_such_source"], "no_such_source"),
    ],
)
def test_errors_are_told_without_a_traceback(
    made_shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.setattr(sys, "argv", ["ecomops", *arguments])
    with pytest.raises(SystemExit) as raised:
        cli.main()
    printed = capsys.readouterr().err
    assert raised.value.code == 1
    assert words in printed
    assert "What to do:" in printed
    assert "Traceback" not in printed


def test_any_order_in_parallel_and_from_raw_bytes_alone(made_shop: Shop, tmp_path: Path) -> None:
    """A history landed day by day, shuffled and side by side; its parsed rows lost; as of the same moment."""
    elsewhere = made_shop.settings.model_copy(update={"var_dir": tmp_path / "var"})
    windows = files.day_windows(files.find(_SOURCE), made_shop.drop)
    random.Random(3).shuffle(windows)  # noqa: S311 - an order

    def land(number: int) -> None:
        some = windows[number::6]
        pipeline.land(elsewhere, _SOURCE, made_shop.drop, some, landed_at=_NOW, run_id="other")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(land, range(6)))
    shutil.rmtree(Path(elsewhere.store) / "parsed")
    with open_reader(made_shop.settings, channel=CORE) as reader:
        expected, as_of = fingerprints(reader, schemas=_SCHEMAS), reader.snapshot.as_of

    name = pipeline.build(elsewhere, as_of=as_of, run_id="again")

    with open_candidate(elsewhere, Warehouse(elsewhere, open_store(elsewhere)).candidate(name)) as reader:
        assert fingerprints(reader, schemas=_SCHEMAS) == expected
