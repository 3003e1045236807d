"""Catalogue items: which of the places where Amazon tells a maker's number counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extractors.amazon import parse_stock
from lakehouse.landing import RawFile

_ASKED = {"asked_at": "2025-03-17T01:00:00Z", "marketplace": "A1F83G8C2ARO7P"}


def _parts(folder: Path, item: dict[str, Any]) -> list[RawFile]:
    stock = {"payload": {"inventorySummaries": [{"asin": "B0", "sellerSku": "NL-1"}]}}
    pages = {"listing-1.json": stock, "items-1.json": {"items": [{"asin": "B0", **item}]}}
    parts = []
    for name, page in pages.items():
        (folder / name).write_text(json.dumps(page))
        parts.append(RawFile(name, folder / name, _ASKED))
    return parts


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"attributes": {"part_number": [{"value": "FJ-1"}], "model_number": [{"value": "M"}]}}, "FJ-1"),
        ({"attributes": {"model_number": [{"value": "M-9"}]}}, "M-9"),
        ({"summaries": [{"partNumber": " ", "modelNumber": "M-7"}]}, "M-7"),
        ({"summaries": [{"partNumber": "P-1"}], "attributes": {"part_number": [{"value": "P-2"}]}}, "P-1"),
        ({"attributes": {}}, None),
    ],
)
def test_the_part_number_counts_before_the_model_number(
    tmp_path: Path, item: dict[str, Any], expected: str | None
) -> None:
    (read,) = parse_stock.products(_parts(tmp_path, item))
    assert read.quarantined.is_empty()
    assert read.tables["products"].select("product_ref", "mpn").rows() == [("NL-1", expected)]
