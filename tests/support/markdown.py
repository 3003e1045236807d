"""Reads the repository's documents as data: headings, links, commands, and queries with their printed answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import polars as pl

from lakehouse.settings import PROJECT_ROOT

_FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img[^>]*src=\"([^\"]+)\"")
_APART = ("node_modules", ".venv", "var")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        document: The file it stands in.
        number: Its place among the file's blocks of its language, from 1.
        language: The word behind the fence.
        text: What is in it.
        remark: The HTML comment right before it, which tells the tests something.
        start: Offset of its first character in the file.
        end: Offset after its last.
    """

    document: Path
    number: int
    language: str
    text: str
    remark: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """A name for test reports."""
        return f"{self.document.relative_to(PROJECT_ROOT).as_posix()}#{self.language}{self.number}"


@dataclass(frozen=True)
class Answer:
    """A table as it is printed.

    Attributes:
        header: The columns' names.
        rows: The cells' texts.
        start: Offset of its first character.
        end: Offset after its last line.
    """

    header: list[str]
    rows: list[list[str]]
    start: int
    end: int


def documents() -> list[Path]:
    """Every Markdown file of the repository."""
    return sorted(
        path
        for path in PROJECT_ROOT.rglob("*.md")
        if not any(part in _APART or part.startswith(".") for part in path.relative_to(PROJECT_ROOT).parts)
    )


def blocks(document: Path, language: str) -> list[Block]:
    """The fenced blocks of a language, in order."""
    text = document.read_text(encoding="utf-8")
    found: list[Block] = []
    for match in _FENCE.finditer(text):
        if match[1] == language:
            remark = _comment_before(text[: match.start()].rstrip())
            found.append(Block(document, len(found) + 1, language, match[2], remark, match.start(), match.end()))
    return found


def _comment_before(text: str) -> str:
    """The words of the HTML comment that a text ends with; empty where it ends with something else."""
    return text[text.rindex("<!--") + 4 : -3].strip() if text.endswith("-->") else ""


def links(document: Path) -> list[str]:
    """The targets of its links and images; blocks of code hold none."""
    text = _FENCE.sub("", document.read_text(encoding="utf-8"))
    text = re.sub(r"`[^`\n]*`", "", text)
    return [first or second for first, second in _LINK.findall(text)]


def headings(document: Path) -> list[tuple[int, str]]:
    """Level and words of its headings."""
    text = _FENCE.sub("", document.read_text(encoding="utf-8"))
    return [(len(marks), words.strip()) for marks, words in re.findall(r"^(#{1,6})\s+(.+)$", text, re.MULTILINE)]


def anchor(words: str) -> str:
    """The anchor that Git hosts give a heading."""
    kept = re.sub(r"[^\w\- ]", "", words.replace("`", "").lower())
    return kept.replace(" ", "-")


def answer_below(block: Block) -> Answer | None:
    """The table that follows a block with nothing but blank lines between."""
    text = block.document.read_text(encoding="utf-8")
    match = re.match(r"\s*\n((?:\|[^\n]*\n?)+)", text[block.end :])
    if not match:
        return None
    lines = match[1].strip().splitlines()
    header, rows = _cells(lines[0]), [_cells(line) for line in lines[2:]]
    return Answer(header, rows, block.end + match.start(1), block.end + match.end(1))


def _cells(line: str) -> list[str]:
    return [cell.replace(r"\|", "|").strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def printed(frame: pl.DataFrame) -> tuple[list[str], list[list[str]]]:
    """A query's result as a document prints it: header and cells."""
    return frame.columns, [[shown(value) for value in row] for row in frame.rows()]


def shown(value: object) -> str:
    """A value as a document prints it: thousands parted by commas, no trailing zeros, `–` for nothing."""
    if value is None:
        return "–"
    if isinstance(value, bool | str):
        return str(value).strip()
    if isinstance(value, date | datetime):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.6f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def table(header: list[str], rows: list[list[str]], numeric: list[bool]) -> str:
    """The Markdown of a table, figures at the right."""
    rule = ["--:" if right else "---" for right in numeric]
    lines = [header, rule, *[[cell.replace("|", r"\|") for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def number(text: str) -> float | None:
    """The number that a cell shows; None where it shows none."""
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None
