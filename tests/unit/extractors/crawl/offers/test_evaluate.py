"""The harness counts hits, misses and inventions as they are, and takes any folder."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from extractors.crawl.offers.evaluate import as_text, evaluate, main
from lakehouse.errors import ConfigError

_PAGE = (
    '<h1>{name}</h1><script type="application/ld+json">{{"@type":"Product","name":"{name}","offers":{offers}}}</script>'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pages = {
        "right": ('{"price":"5.00","priceCurrency":"EUR","availability":"SoldOut"}', ["5"], ["OutOfStock"]),
        "wrong": ('{"price":"6.00","priceCurrency":"EUR"}', ["7"], []),
        "invented": ('{"price":"8.00","priceCurrency":"EUR"}', [], ["InStock"]),
        "missed": ("{}", ["9.00", "9.50"], []),
    }
    (tmp_path / "html").mkdir()
    for name, (offers, _, _) in pages.items():
        body = _PAGE.format(name=f"Thing {name}", offers=offers).encode()
        (tmp_path / "html" / f"{name}.html.gz").write_bytes(gzip.compress(body))
    truth = {
        name: {"url": f"https://x.example/{name}", "price": price, "availability": stock}
        for name, (_, price, stock) in pages.items()
    }
    (tmp_path / "ground-truth.json").write_text(json.dumps(truth))
    return tmp_path


def test_precision_and_recall_by_field(folder: Path) -> None:
    report = evaluate(folder)
    price = report.scores["price"]
    assert price.precision == pytest.approx(1 / 3)
    assert price.recall == pytest.approx(1 / 3)
    assert report.scores["availability"].f1 == 1.0
    assert {(one.page, one.kind) for one in report.misses} == {
        ("wrong", "wrong"),
        ("invented", "invented"),
        ("missed", "missed"),
    }
    assert set(report.scores) == {"price", "availability"}
    assert "Thing" not in as_text(report, 5)


def test_from_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"]["price"]["pages"] == 3


def test_a_folder_without_truth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        evaluate(tmp_path)
