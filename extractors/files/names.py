"""File names, with the folders that matter: which belong to a layout, and the day they give."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

COMPRESSIONS = (".gz", ".zst", ".zip")
_FORMATS = {"csv", "tsv", "txt", "xlsx", "jsonl", "ndjson", "parquet"}
_EPOCHS = {"epoch_ms": (r"\d{13}", 1000), "epoch_s": (r"\d{10}", 1)}  # a folder's name may be a day in UTC so written
_TOKEN = re.compile(r"\{date:([^{}]+)\}")
_DIGITS = {"Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "y": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}"}
_DIGITS |= {"j": r"\d{3}", "b": r"[A-Za-z]{3}", "%": "%"}


class FileName:
    """A pattern of file names: ``*`` and ``?`` as in a shell, and ``{date:%Y-%m-%d}`` for a day.

    Folders are searched whatever they are called. A pattern names those that tell files apart or give the day:
    ``{date:%Y-%m-%d}/*.jsonl`` for files that are called the same every day. ``{date:epoch_ms}`` is a day written
    as the milliseconds of its midnight in UTC. Upper and lower case are the same. The suffix of a compression
    (.gz, .zst, .zip) is not part of the pattern.

    Raises:
        ValueError: If the pattern is a path from a root, or holds a date format that cannot be read.
    """

    def __init__(self, pattern: str) -> None:
        if "\\" in pattern or not all(pattern.split("/")) or ".." in pattern.split("/"):
            raise ValueError(f"{pattern!r} is no pattern of file names, nor of names with the folders they are in")
        tokens = _TOKEN.findall(pattern)
        if len(tokens) > 1 or "{" in _TOKEN.sub("", pattern):
            raise ValueError(f"{pattern!r}: give one {{date:…}} at most")
        self.pattern = pattern
        self.date_format = tokens[0] if tokens else None
        parts = _TOKEN.split(pattern)
        self._depth = pattern.count("/") + 1
        self._regex = re.compile(
            "".join(_date_regex(part) if number % 2 else _glob_regex(part) for number, part in enumerate(parts)),
            re.IGNORECASE,
        )

    @property
    def dated(self) -> bool:
        """Whether a name gives a day."""
        return self.date_format is not None

    def tail(self, path: str) -> str:
        """As much of a path's end as the pattern has folders and names: what the file is called."""
        return "/".join(path.split("/")[-self._depth :])

    def matches(self, name: str) -> bool:
        """Whether the name of a file, compressed or not, or the end of its path, fits."""
        return any(self._fits(candidate) for candidate in self._stems(self.tail(name)))

    def day(self, name: str) -> date | None:
        """The day that a matching name gives; None where it gives none."""
        for candidate in self._stems(self.tail(name)):
            match = self._regex.fullmatch(candidate)
            if match and self.date_format:
                return _day(match["date"], self.date_format)
        return None

    def _fits(self, name: str) -> bool:
        match = self._regex.fullmatch(name)
        if match is None or self.date_format is None:
            return match is not None
        try:
            _day(match["date"], self.date_format)
        except (ValueError, OverflowError):
            return False
        return True

    def _stems(self, name: str) -> list[str]:
        """The name, and for a compressed file the name inside; some zips drop the inner suffix."""
        stem, dot, suffix = name.rpartition(".")
        if not stem.rpartition("/")[2] or f"{dot}{suffix.lower()}" not in COMPRESSIONS:
            return [name]
        own = self.pattern.rpartition(".")[2]
        return [stem] if stem.rpartition(".")[2].lower() in _FORMATS else [stem, f"{stem}.{own}"]


def _glob_regex(text: str) -> str:
    return re.escape(text).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")


def _day(text: str, date_format: str) -> date:
    if date_format in _EPOCHS:
        return datetime.fromtimestamp(int(text) / _EPOCHS[date_format][1], UTC).date()
    return datetime.strptime(text, date_format).date()  # noqa: DTZ007 -- a civil date


def _date_regex(date_format: str) -> str:
    if date_format in _EPOCHS:
        return f"(?P<date>{_EPOCHS[date_format][0]})"
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
