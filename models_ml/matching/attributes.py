"""What a title says of a thing beside its name: colour, size, measures, units in a pack, condition, model."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

import polars as pl
import yaml

_NUMBER: Final = r"\d+(?:[.,]\d+)?"
_UNITS: Final[dict[str, tuple[str, float]]] = {
    "ml": ("ml", 1), "cl": ("ml", 10), "l": ("ml", 1000), "litre": ("ml", 1000), "liter": ("ml", 1000),
    "升": ("ml", 1000), "毫升": ("ml", 1), "mg": ("g", 0.001), "g": ("g", 1), "gr": ("g", 1), "gram": ("g", 1),
    "kg": ("g", 1000), "克": ("g", 1), "公斤": ("g", 1000), "千克": ("g", 1000), "oz": ("oz", 1), "lb": ("oz", 16),
    "mm": ("mm", 1), "cm": ("mm", 10), "m": ("mm", 1000), "厘米": ("mm", 10), "毫米": ("mm", 1), "米": ("mm", 1000),
    "in": ("inch", 1), "inch": ("inch", 1), '"': ("inch", 1), "”": ("inch", 1), "zoll": ("inch", 1),
    "pouce": ("inch", 1), "ft": ("inch", 12), "英寸": ("inch", 1),
    "w": ("w", 1), "watt": ("w", 1), "v": ("v", 1), "volt": ("v", 1),
    "gb": ("gb", 1), "tb": ("gb", 1024), "mb": ("mb", 1), "mah": ("mah", 1), "wh": ("wh", 1), "hz": ("hz", 1),
    "lm": ("lm", 1), "k": ("k", 1), "tog": ("tog", 1), "tc": ("tc", 1),
}  # fmt: skip
_UNIT: Final = "|".join(sorted(_UNITS, key=len, reverse=True))
_MEASURE: Final = rf"((?:{_NUMBER}\s*[x×*]\s*)*{_NUMBER})\s*-?\s*({_UNIT})s?(?:[^\p{{L}}\p{{N}}]|$|[x×])"
_WORDED: Final = {"两": "2", "二": "2", "双": "2", "三": "3", "四": "4", "五": "5", "六": "6", "八": "8", "十": "10"}
_PACKS: Final = (
    r"(?:set|pack|box|case|bundle|lot|coffret|paquet|packung|jeu)\s*(?:of|de|von|mit|a)?\s*(\d{1,3})(?:[^\d.,]|$)",
    r"(?:^|[^\d.,x×])(\d{1,3})\s*-?\s*(?:er)?[\s-]*(?:pack|pk|pcs?|piece|pieces|stuck|stk|set|teilig|pieces?|count|ct|pairs?)\b",
    r"(?:^|[\s(])[x×]\s?(\d{1,2})(?:[\s)]|$)",
    r"(?:^|[\s(])(\d{1,3})\s?[x×](?:\s+[^\d\s]|\))",
    r"([\d两二双三四五六八十]{1,3})\s*(?:件套|件装|个装|只装|支装|片装|条装|入装|枚入|件組|個セット|只|件|入)",
)
COLUMNS: Final = ("colours", "sizes", "conditions", "measures", "packs", "models")


@cache
def _dictionary() -> pl.DataFrame:
    """`word, kind, value`: colours, sizes and conditions in English, German, French and Chinese."""
    told = yaml.safe_load(resources.files("models_ml.matching").joinpath("words.yml").read_text(encoding="utf-8"))
    rows = [
        (str(word), kind, str(value)) for kind, ours in told.items() for value, known in ours.items() for word in known
    ]
    return pl.DataFrame(rows, schema=["word", "kind", "value"], orient="row")


def attributes(texts: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """What texts say of their things.

    Args:
        texts: `number` and `text`, as `normalise.plain` writes it.
        words: Their words, from `normalise.words`.

    Returns:
        `number` and a sorted list of text for each of `COLUMNS`, empty where nothing is said; a row for every text.
    """
    found = [
        words.join(_dictionary(), on="word").select("number", "kind", "value"),
        _phrases(texts),
        _measures(texts),
        _packs(texts),
        words.filter(pl.col("word").str.contains(r"^(?:\p{L}+\d|\d+\p{L})[\p{L}\d]*$")).select(
            "number", pl.lit("models").alias("kind"), pl.col("word").alias("value")
        ),
    ]
    told = pl.concat(found).unique()
    measured = rf"^{_NUMBER}(?:{_UNIT})s?$"
    told = told.filter(
        ~(
            (pl.col("kind") == "models")
            & pl.col("value").str.contains(
                measured + r"|^x\d{1,2}$|^\d{1,2}x$|^\d+x\d+$|^\d+(?:er|pc|pcs|pk|st|nd|rd|th)$"
            )
        )
    )
    lists = texts.select("number")
    for kind in COLUMNS:
        values = told.filter(pl.col("kind") == kind).group_by("number").agg(pl.col("value").sort().alias(kind))
        lists = lists.join(values, on="number", how="left")
    return lists.with_columns(pl.col(COLUMNS).fill_null(pl.lit([], dtype=pl.List(pl.String)))).sort("number")


def _phrases(texts: pl.DataFrame) -> pl.DataFrame:
    """Words of the dictionary that are several, or parts of a longer run of Chinese."""
    longer = _dictionary().filter(pl.col("word").str.contains(r"[ -]|^\p{Han}+$"))
    patterns = longer["word"].to_list()
    hits = texts.select("number", pl.col("text").str.extract_many(patterns).alias("word")).explode("word").drop_nulls()
    return hits.join(longer, on="word").select("number", "kind", "value")


def _measures(texts: pl.DataFrame) -> pl.DataFrame:
    hits = texts.select("number", pl.col("text").str.extract_all(_MEASURE).alias("hit")).explode("hit").drop_nulls()
    distinct = hits["hit"].unique().to_list()
    values = pl.DataFrame(
        {"hit": distinct, "value": [measure(hit) for hit in distinct]}, {"hit": pl.String, "value": pl.String}
    )
    return hits.join(values, on="hit").select("number", pl.lit("measures").alias("kind"), "value").drop_nulls()


def measure(hit: str) -> str | None:
    """A measure in one unit of its kind: `40 x 60 cm` is `400x600 mm`, `0.5 l` is `500 ml`."""
    parts = pl.select(pl.lit(hit).str.extract_groups(_MEASURE)).item()
    number, unit = parts["1"], parts["2"]
    if number is None:
        return None
    kind, factor = _UNITS[unit]
    amounts = [
        float(one.strip().replace(",", ".")) * factor for one in number.replace("×", "x").replace("*", "x").split("x")
    ]
    return f"{'x'.join(f'{amount:g}' for amount in amounts)} {kind}"


def core(text: pl.Expr) -> pl.Expr:
    """A plain text without its measures and its count of units: what is left names the thing."""
    left = text.str.replace_all(_MEASURE, " ")
    for pattern in _PACKS:
        left = left.str.replace_all(pattern, " ")
    return left.str.replace_all(r"\s+", " ").str.strip_chars()


def _packs(texts: pl.DataFrame) -> pl.DataFrame:
    """Units in a pack; `x 60 cm` is none, so the measures go first."""
    counts = []
    for pattern in _PACKS:
        count = pl.col("text").str.replace_all(_MEASURE, " ").str.extract(pattern).replace(_WORDED)
        counts.append(texts.select("number", count.alias("value")).drop_nulls())
    found = pl.concat(counts).filter(~pl.col("value").is_in(["0", "1", "01"]))
    return found.select("number", pl.lit("packs").alias("kind"), pl.col("value").str.strip_chars_start("0"))
