"""The source that docs/new-source.md writes: its code is taken out of the page, and extracts from a real server."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest

from ecomops import extraction
from extractors.api.errors import IncompleteError
from lakehouse.landing import loads, read_manifest
from lakehouse.objectstore import open_store
from lakehouse.settings import PROJECT_ROOT, Settings
from lakehouse.windows import Window
from tests.support import markdown
from tests.support.faulty import serving

PAGE = PROJECT_ROOT / "docs" / "new-source.md"
TOKEN = "teapot-secret-token"
DAY = Window.parse("2026-03-01", "2026-03-02")
NOW = datetime(2026, 3, 2, 6, tzinfo=UTC)


def block(language: str, remark: str) -> str:
    return next(one.text for one in markdown.blocks(PAGE, language) if one.remark == remark)


def order(number: int) -> dict[str, Any]:
    """An order as the page shows one."""
    shown: dict[str, Any] = json.loads(markdown.blocks(PAGE, "json")[0].text)["orders"][0]
    at = (DAY.start + timedelta(minutes=number)).isoformat()
    return shown | {"id": number, "created_at": at, "updated_at": at, "new_key": "of this week"}


class Teapot(BaseHTTPRequestHandler):
    orders: list[dict[str, Any]]
    asked: list[str]
    lost: int

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Quiet."""

    def do_GET(self) -> None:
        told = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.asked.append(self.path)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._answer(401, {"error": f"bad token {self.headers.get('Authorization')}"})
            return
        first = int(told.get("page", "p0")[1:])
        found = [
            one
            for one in self.orders
            if told.get("updated_since", "") <= one["updated_at"] < told.get("updated_before", "9")
        ]
        last = first + int(told["limit"])
        shown = found[first : last - self.lost]
        following = f"p{last}" if last < len(found) else None
        self._answer(200, {"total": len(found), "next": following, "orders": shown})

    def _answer(self, status: int, told: object) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def teapot(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A running shop, and settings that declare it as the page says."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "teapot.py").write_text(block("python", "module"), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    monkeypatch.delitem(sys.modules, "teapot", raising=False)
    monkeypatch.setenv("TEAPOT_TOKEN", TOKEN)
    Teapot.orders, Teapot.asked, Teapot.lost = [order(number) for number in range(1, 251)], [], 0
    with serving(Teapot) as url:
        sources = tmp_path / "sources.yml"
        sources.write_text(block("yaml", "declaration").replace("https://my-shop.teapot.example", url))
        yield settings.model_copy(update={"sources_file": str(sources)})
    sys.modules.pop("teapot", None)


def extract(settings: Settings) -> extraction.ExtractSummary:
    account = extraction.connect(settings, "my_shop")
    return extraction.run(settings, account, "orders", DAY, known_at=NOW, now=NOW, run_id="run")


def landed(settings: Settings, table: str) -> pl.DataFrame:
    store = open_store(settings)
    manifests = [read_manifest(store, ref) for ref in loads(store, "my_shop", "orders")]
    stored = manifests[-1].parse.tables("orders")[table]
    return pl.read_parquet(store.fetch(stored.key, sha256=stored.sha256))


def test_the_code_of_the_page_extracts_from_a_server(teapot: Settings) -> None:
    done = extract(teapot)
    assert done.rows == {"received": 250, "landed": 250, "deduplicated": 0, "quarantined": 0}
    assert done.tables == {"orders": 250, "order_lines": 250}
    assert len(Teapot.asked) == 3
    assert landed(teapot, "orders")["total_amount"].sum() == Decimal("30.50") * 250
    assert landed(teapot, "order_lines").select("tax_amount", "unit_price").row(0) == (
        Decimal("4.87"),
        Decimal("25.63"),
    )


def test_a_record_that_is_missing_stays_invisible(teapot: Settings) -> None:
    Teapot.lost = 1
    with pytest.raises(IncompleteError):
        extract(teapot)
    assert list(loads(open_store(teapot), "my_shop", "orders")) == []


def test_one_bad_record_is_set_aside_alone(teapot: Settings) -> None:
    Teapot.orders[7]["lines"][0]["quantity"] = "a dozen"
    assert extract(teapot).rows["quarantined"] == 1
    assert landed(teapot, "orders").height == 249


def test_its_check_tells_a_good_token_from_a_bad_one(teapot: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [one.level for one in extraction.check(teapot, "my_shop")] == ["ok"]
    monkeypatch.setenv("TEAPOT_TOKEN", "wrong-secret-token")
    found = extraction.check(teapot, "my_shop")
    assert [one.level for one in found] == ["bad"]
    assert "wrong-secret-token" not in found[0].found


def test_the_code_of_the_page_is_short_and_clean(tmp_path: Path) -> None:
    code = block("python", "module")
    assert len(code.splitlines()) < 150
    assert ast.get_docstring(ast.parse(code))
    (tmp_path / "teapot.py").write_text(code, encoding="utf-8")
    command = ["ruff", "check", "--config", str(PROJECT_ROOT / "pyproject.toml"), str(tmp_path / "teapot.py")]
    done = subprocess.run([*command, "--ignore", "INP001"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
