"""File names: which belong to a layout, and the day they give."""

from __future__ import annotations

import re
from datetime import date, datetime

COMPRESSIONS = (".gz", ".zst", ".zip")
_FORMATS = {"csv", "tsv", "txt", "xlsx", "jsonl", "ndjson", "parquet"}
_TOKEN = re.compile(r"\{date:([^{}]+)\}")
_DIGITS = {"Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "y": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}"}
_DIGITS |= {"j": r"\d{3}", "b": r"[A-Za-z]{3}", "%": "%"}


class FileName:
    """A pattern of file names: ``*`` and ``?`` as in a shell, and ``{date:%Y-%m-%d}`` for a day.

    Upper and lower case are the same. The suffix of a compression (.gz, .zst, .zip) is not part of it.

    Raises:
        ValueError: If the pattern holds a folder, or a date format that cannot be read.
    """

    def __init__(self, pattern: str) -> None:
        if "/" in pattern or "\\" in pattern or not pattern:
            raise ValueError(f"{pattern!r} is no pattern of file names: folders are searched anyway")
        tokens = _TOKEN.findall(pattern)
        if len(tokens) > 1 or "{" in _TOKEN.sub("", pattern):
            raise ValueError(f"{pattern!r}: give one {{date:…}} at most")
        self.pattern = pattern
        self.date_format = tokens[0] if tokens else None
        parts = _TOKEN.split(pattern)
        self._regex = re.compile(
            "".join(_date_regex(part) if number % 2 else _glob_regex(part) for number, part in enumerate(parts)),
            re.IGNORECASE,
        )

    @property
    def dated(self) -> bool:
        """Whether a name gives a day."""
        return self.date_format is not None

    def matches(self, name: str) -> bool:
        """Whether the name of a file, compressed or not, fits."""
        return any(self._fits(candidate) for candidate in self._stems(name))

    def day(self, name: str) -> date | None:
        """The day that a matching name gives; None where it gives none."""
        for candidate in self._stems(name):
            match = self._regex.fullmatch(candidate)
            if match and self.date_format:
                return datetime.strptime(match["date"], self.date_format).date()  # noqa: DTZ007 -- a civil date
        return None

    def _fits(self, name: str) -> bool:
        match = self._regex.fullmatch(name)
        if match is None or self.date_format is None:
            return match is not None
        try:
            datetime.strptime(match["date"], self.date_format)  # noqa: DTZ007 -- a civil date
        except ValueError:
            return False
        return True

    def _stems(self, name: str) -> list[str]:
        """The name, and for a compressed file the name inside; some zips drop the inner suffix."""
        stem, dot, suffix = name.rpartition(".")
        if f"{dot}{suffix.lower()}" not in COMPRESSIONS:
            return [name]
        own = self.pattern.rpartition(".")[2]
        return [stem] if stem.rpartition(".")[2].lower() in _FORMATS else [stem, f"{stem}.{own}"]


def _glob_regex(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")


def _date_regex(date_format: str) -> str:
    out, position = "", 0
    while position < len(date_format):
        if date_format[position] == "%":
            code = date_format[position + 1 : position + 2]
            if code not in _DIGITS:
                raise ValueError(f"%{code} cannot stand in a file name's date")
            out, position = out + _DIGITS[code], position + 2
        else:
            out, position = out + re.escape(date_format[position]), position + 1
    return f"(?P<date>{out})"
