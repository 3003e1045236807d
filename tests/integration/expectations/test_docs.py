"""Data Docs: a page for every stored result, and nothing in them that is fetched from elsewhere."""

from __future__ import annotations

import re
import socket
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from expectations.docs import data_docs
from expectations.docs_offline import keep_local
from expectations.raw import validate
from lakehouse.streams import STOCK_ON_HAND
from lakehouse.windows import Window

_WINDOW = Window.local_day(date(2024, 3, 5))


def _validate(root: Path, source: str, units: list[int]) -> None:
    told = pl.DataFrame(
        {
            "source_file": ["a.csv"] * len(units),
            "source_row": range(1, len(units) + 1),
            "product_ref": [f"P{number}" for number in range(len(units))],
            "location_ref": ["main"] * len(units),
            "on_hand_units": units,
            "occurred_at": [_WINDOW.start.replace(tzinfo=None)] * len(units),
        }
    )
    empty = pl.DataFrame(schema=STOCK_ON_HAND.landed_schema)
    frame = pl.concat([empty, told], how="diagonal_relaxed").cast(STOCK_ON_HAND.landed_schema)
    validate(frame, STOCK_ON_HAND, source=source, window=_WINDOW, keep_in=root / "results")


def test_pages_and_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("Great Expectations went to the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    _validate(tmp_path, "good_shop", [1, 2])
    _validate(tmp_path, "bad_shop", [1, 99_000_000])
    index = data_docs(tmp_path)
    assert index == tmp_path / "data_docs" / "index.html"
    text = index.read_text()
    assert '<td class="passed">passed</td><td>raw_stock_on_hand</td>' in text
    assert '<td class="failed">failed</td><td>raw_stock_on_hand</td>' in text
    links = re.findall(r'href="(validations/[^"]+)"', text)
    assert len(links) == 2
    for link in links:
        page = (index.parent / link).read_text()
        assert "on_hand_units" in page
        assert "99000000" not in page
    for page in index.parent.rglob("*.html"):
        assert not re.search(
            r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=\s*["'](?:https?:)?//""", page.read_text()
        )
        assert "<script" not in page.read_text()
    assert not list(tmp_path.glob(".data_docs-*"))


def test_docs_of_nothing(tmp_path: Path) -> None:
    assert "Nothing was validated yet" in data_docs(tmp_path).read_text()


def test_a_rerun_replaces_its_result_and_old_ones_go(tmp_path: Path) -> None:
    for _ in range(2):
        _validate(tmp_path, "shop", [1])
    assert len(list((tmp_path / "results").rglob("*.json"))) == 1
    for number in range(25):
        _validate(tmp_path, f"shop{number}", [1])
    assert len(list((tmp_path / "results").rglob("*.json"))) == 20


@pytest.mark.parametrize(
    "harm",
    [
        '<script src="https://a.example/x.js"></script>',
        "<script>fetch('https://a.example')</script>",
        '<link rel="stylesheet" href="https://a.example/x.css"/>',
        "<LINK HREF='//a.example/x.css'>",
        '<img class="x"\n  src="https://a.example/pixel.png?d=1" alt="">',
        '<iframe src="http://a.example"></iframe>',
        "<style>@import url('https://a.example/x.css'); a { background: url(https://a.example/x.png) }</style>",
    ],
)
def test_what_is_fetched_is_taken_out(harm: str) -> None:
    page = keep_local(f"<html><head></head><body>{harm}<p>kept</p></body></html>", depth=2)
    assert "a.example" not in page
    assert "<p>kept</p>" in page
    assert '<link rel="stylesheet" href="../../static/offline.css">' in page
