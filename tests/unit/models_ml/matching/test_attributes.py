"""What titles tell beside the name, in four languages."""

from __future__ import annotations

import polars as pl
import pytest

from models_ml.matching.attributes import attributes, core
from models_ml.matching.normalise import plain, words


def _told(title: str) -> dict[str, list[str]]:
    texts = pl.DataFrame({"number": [0], "text": [title]}).with_columns(plain(pl.col("text")))
    row = attributes(texts, words(texts)).row(0, named=True)
    return {name: values for name, values in row.items() if name != "number" and values}


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Linen Cushion – Midnight Blue, 40 x 60 cm", {"colours": ["blue"], "measures": ["400x600 mm"]}),
        ("Coussin 0,4 x 0,6 m bleu nuit", {"colours": ["blue"], "measures": ["400x600 mm"]}),
        ("Mug 350 ml (Set of 4)", {"measures": ["350 ml"], "packs": ["4"]}),
        ("Krug 0,5l", {"measures": ["500 ml"]}),
        ("Bowl ½ Litre", {"measures": ["500 ml"]}),
        ("Gläser 6er-Set", {"packs": ["6"]}),
        ("Lot de 6 : Bol", {"packs": ["6"]}),
        ("抱枕套 两件装 大号 红色", {"colours": ["red"], "sizes": ["L"], "packs": ["2"]}),
        ("Tea Lights 24 pack", {"packs": ["24"]}),
        ("4 x Napkins", {"packs": ["4"]}),
        ("Napkins x4", {"packs": ["4"]}),
        ("SD card 128GB", {"measures": ["128 gb"]}),
        ("Refurbished Lamp X200 12W", {"conditions": ["refurbished"], "measures": ["12 w"], "models": ["x200"]}),
        ("Lampe – generalüberholt", {"conditions": ["refurbished"]}),
        ("【官翻】台灯", {"conditions": ["refurbished"]}),
        ("Vase, Extra Large", {"sizes": ["XL"]}),
        ("Vase extragroß", {"sizes": ["XL"]}),
        ("Pack of 1 Bowl", {}),
        ("Building Blocks", {}),
    ],
)
def test_a_title_tells_what_it_tells(title: str, expected: dict[str, list[str]]) -> None:
    assert _told(title) == expected


def test_the_rest_names_the_thing() -> None:
    texts = pl.Series(["Oak Tray 40 x 60 cm – Pack of 6", "Lot de 6 : Bol", "Mug 350 ml (Set of 4)"])
    left = texts.to_frame("text").select(core(plain(pl.col("text")))).to_series().to_list()
    assert [" ".join(words(pl.DataFrame({"number": [0], "text": [text]}))["word"]) for text in left] == [
        "oak tray", "bol", "mug",
    ]  # fmt: skip
