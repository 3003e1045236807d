"""What every section uses: its language's words and formats, and the shapes of marks and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reports.formatting import Formatter
from reports.titles import product_title
from reports.words import Words

Model = dict[str, Any]
MARKS = {"good": "●", "bad": "▲", "neutral": "◆", "warn": "△"}


@dataclass(frozen=True)
class Kit:
    """A language's words and formats, handed from section to section."""

    words: Words
    fmt: Formatter

    @property
    def is_chinese(self) -> bool:
        """Whether texts are in Chinese, which needs no spaces between sentences."""
        return self.words.language.startswith("zh")

    def join(self, *sentences: str) -> str:
        """Sentences as one paragraph; empty ones are left out."""
        return ("" if self.is_chinese else " ").join(sentence for sentence in sentences if sentence)

    def product(self, title: str | None, code: str, *, limit: int = 60) -> str:
        """A product's name as readers see it."""
        return product_title(title, code, limit=limit)


def marked(text: str, tone: str) -> Model:
    """A short verdict whose tone shows as shape and colour as well as in its words."""
    return {"text": text, "tone": tone, "mark": MARKS[tone]}


def titled(text: str, below: str) -> Model:
    """A cell of two lines: a name, and something smaller below it."""
    return {"text": text, "below": below}


def column(label: str, *, right: bool = False) -> Model:
    """A table's column: figures stand at the right, words at the left."""
    return {"label": label, "align": "right" if right else "left"}


def table(columns: list[Model], rows: list[list[Any]], *, total: list[Any] | None = None, empty: str = "") -> Model:
    """A table as templates draw it; `empty` stands in its place when it has no rows."""
    return {"columns": columns, "rows": rows, "total": total or [], "empty": empty if not rows else ""}
