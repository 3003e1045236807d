"""Writing made comparable: case, accents, full-width forms, trade marks, plurals; codes and names of makers.

Everything here is an expression or works on whole frames. Chinese and Japanese are written without blanks: their
words are all pairs of neighbouring characters.
"""

from __future__ import annotations

from typing import Final

import polars as pl

_MARKS: Final = r"[™®©℠]"
_HAN: Final = r"\p{Han}\p{Hiragana}\p{Katakana}ー"
_RUNS: Final = rf"[{_HAN}]+|[\p{{L}}\p{{N}}--[{_HAN}]]+"
_LETTERS: Final = {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "ł": "l", "đ": "d", "⁄": "/"}
# Sizes of several words, or inside a longer run of Chinese, as one word.
_PHRASES: Final = (
    (r"\bextra[ -]?(?:large|gross|gro(?:ss|ß)e?)\b|\bx-large\b|\btres grande?\b|特大号|加大号", " xl "),
    (r"\bextra[ -]?(?:small|klein)\b|\bx-small\b|特小号", " xs "),
    (r"小号", " small "),
    (r"中号", " medium "),
    (r"大号", " large "),
)
STOP_WORDS: Final = frozenset(
    {
        "a",
        "am",
        "an",
        "and",
        "au",
        "aus",
        "aux",
        "avec",
        "by",
        "d",
        "das",
        "de",
        "der",
        "des",
        "die",
        "du",
        "ein",
        "eine",
        "en",
        "et",
        "for",
        "from",
        "fur",
        "im",
        "in",
        "l",
        "la",
        "le",
        "les",
        "mit",
        "new",
        "of",
        "on",
        "pour",
        "the",
        "to",
        "un",
        "und",
        "une",
        "vom",
        "with",
        "zum",
    }
)
_COMPANY_WORDS: Final = (
    r"\b(?:home|homes|living|co|company|ltd|limited|inc|llc|gmbh|ag|sa|sarl|kg|plc|group|brand|official|store|shop"
    r"|uk|usa|international|and|und|et|the)\b"
)
_NO_PART_NUMBERS: Final = (
    "NA", "NONE", "NULL", "DEFAULT", "UNKNOWN", "NOTAPPLICABLE", "DOESNOTAPPLY", "NICHTZUTREFFEND", "TBD", "TEST",
)  # fmt: skip
_LEAST_PART_NUMBER: Final = 4  # shorter numbers are counters: 1, 01, A2


def plain(text: pl.Expr) -> pl.Expr:
    """A title in lower case without accents, marks and forms that mean nothing; null becomes empty."""
    stripped = text.fill_null("").str.replace_all(_MARKS, " ").str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    lowered = stripped.str.to_lowercase().str.replace_many(list(_LETTERS), list(_LETTERS.values()))
    lowered = lowered.str.replace_all(r"\b1/2\b", "0.5").str.replace_all(r"\b1/4\b", "0.25")
    for pattern, word in _PHRASES:
        lowered = lowered.str.replace_all(pattern, word)
    # The apostrophe joins: O'Hara is OHara. Every other sign parts words.
    return lowered.str.replace_all(r"['’`´]", "").str.replace_all(r"\s+", " ").str.strip_chars()


def head(text: pl.Expr) -> pl.Expr:
    """A plain title without what stands behind a bar, where enough stands before it: `Oak Tray in Sage | Gift Idea`."""
    before = text.str.extract(r"^((?:\S+ ){2,}\S+) ?\| ")
    return pl.coalesce(before, text)


def words(texts: pl.DataFrame) -> pl.DataFrame:
    """The words of texts that `plain` has made comparable.

    Args:
        texts: `number` and `text`.

    Returns:
        `number, word`, each pair once; without stop words, plurals of Latin words as singulars.
    """
    runs = texts.select("number", pl.col("text").str.extract_all(_RUNS).alias("word")).explode("word").drop_nulls()
    is_han = pl.col("word").str.contains(rf"^[{_HAN}]")
    han = runs.filter(is_han).with_columns(
        place=pl.int_ranges(0, pl.max_horizontal(pl.col("word").str.len_chars().cast(pl.Int64) - 1, 1))
    )
    pairs = han.explode("place").select("number", pl.col("word").str.slice(pl.col("place"), 2))
    latin = runs.filter(~is_han & ~pl.col("word").is_in(list(STOP_WORDS))).with_columns(_singular(pl.col("word")))
    return pl.concat([latin, pairs]).unique().sort("number", "word")


def _singular(word: pl.Expr) -> pl.Expr:
    is_plural = (word.str.len_chars() > 3) & word.str.contains(r"^\p{L}+[^sui]s$")
    return pl.when(is_plural).then(word.str.head(-1)).otherwise(word)


def gtin14(code: pl.Expr) -> pl.Expr:
    """A GTIN of 8, 12, 13 or 14 digits as 14; null where it is none, its check digit is wrong, or it is not global.

    Numbers that GS1 keeps for use within a shop (prefixes 02, 04 and 2) say nothing outside it, nor do zeros.
    https://www.gs1.org/standards/id-keys/company-prefix
    """
    digits = code.str.replace_all(r"[\s-]", "")
    has_length = digits.str.contains(r"^(?:\d{8}|\d{12,14})$")
    padded = pl.when(has_length).then(digits.str.zfill(14))
    weighted = [padded.str.slice(place, 1).cast(pl.Int64) * (3 if place % 2 == 0 else 1) for place in range(14)]
    is_short = digits.str.len_chars() == 8
    is_local = ~is_short & padded.str.contains(r"^\d(?:02|04|2)")
    is_right = (pl.sum_horizontal(weighted) % 10 == 0) & ~padded.str.contains(r"^0{8}") & ~is_local
    return pl.when(is_right.fill_null(value=False)).then(padded)


def part_key(number: pl.Expr) -> pl.Expr:
    """A maker's part number without case, dashes and blanks; null where it is a filler or too short."""
    key = number.str.normalize("NFKC").str.to_uppercase().str.replace_all(r"[^\p{L}\p{N}]", "")
    tells = (key.str.len_chars() >= _LEAST_PART_NUMBER) & key.str.contains(r"\d") & ~key.is_in(_NO_PART_NUMBERS)
    is_filler = key.str.contains(r"^(?:0+|1234\d*|9+|(?:DEFAULT|NONE|NA|SKU|MPN|TEST)\d+)$")
    return pl.when(tells & ~is_filler).then(key)


def brand_key(brand: pl.Expr) -> pl.Expr:
    """A maker's name without case, accents, signs and words such as Home or Ltd; null where nothing is left."""
    text = plain(brand).str.replace_all(r"[^\p{L}\p{N}]+", " ")
    short = text.str.replace_all(_COMPANY_WORDS, " ").str.replace_all(" ", "")
    whole = text.str.replace_all(" ", "")
    key = pl.when(short != "").then(short).otherwise(whole)
    return pl.when(~key.is_in(["", "na", "none", "unknown", "generic", "unbranded", "nobrand", "markenlos"])).then(key)
