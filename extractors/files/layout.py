"""One shape in which a source's files come."""

from __future__ import annotations

import codecs
from functools import cached_property
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from extractors.files.columns import Columns, Model, Texts, check_pattern
from extractors.files.names import FileName
from extractors.files.paths import check_path

FORMATS = Literal["csv", "tsv", "xlsx", "jsonl", "parquet"]


class Layout(Model):
    """One shape in which a source's files come.

    Attributes:
        name: Its name, for messages.
        files: Pattern of the file names (see `FileName`), without a compression's suffix.
        covers: Whether a file holds the day its name gives, or whatever period it holds.
        format: How the file is written.
        encoding: Any Python codec.
        delimiter: What parts the fields of a CSV or TSV line.
        quoting: Whether double quotes enclose fields.
        decimal: The decimal sign of numbers.
        thousands: The sign between thousands; empty: none.
        header_row: Line of the file (or row of the sheet) that names the columns, counted from 1.
        header: Column names of a file that does not name them itself.
        sheet: Name of the workbook's sheet; default: its first.
        open: Whether records have an open schema: columns are paths into nested records, and keys that the
            mapping does not name are no breach of contract.
        explode: Path of a list; each of its elements makes a row, in which that path leads to the element.
        self_describing: Columns of a Snowplow TSV that hold self-describing JSON; see `snowplow`.
        columns: What differs from the source's columns in this layout.
        ignored: Vendor columns that are expected and not used.
        tolerated: Vendor columns that may be there and are not used; `*` in such a name stands for any text.
        not_card_numbers: Columns whose long numbers are identifiers; see `cards`.
        not_records: Regular expressions of whole lines that are no records, such as a footer.
    """

    name: str
    files: str
    covers: Literal["day", "any"] | None = None
    format: FORMATS
    encoding: str = "utf-8"
    delimiter: str = ""
    quoting: bool = True
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'", "\u00a0", "\u202f"] = ""
    header_row: int = Field(1, ge=1)
    header: tuple[str, ...] | None = None
    sheet: str | None = None
    open: bool = False
    explode: str | None = None
    self_describing: Texts = ()
    columns: Columns = Field(default_factory=dict)
    ignored: Texts = ()
    tolerated: Texts = ()
    not_card_numbers: Texts = ()
    not_records: Texts = ()

    @field_validator("encoding")
    @classmethod
    def _codec_exists(cls, name: str) -> str:
        try:
            return codecs.lookup(name).name
        except LookupError as error:
            raise ValueError(f"there is no codec {name!r}; see Python's list of standard encodings") from error

    @field_validator("files")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        return FileName(pattern).pattern

    @field_validator("not_records")
    @classmethod
    def _compile(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            check_pattern(pattern)
        return patterns

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.covers == "day" and not self.file_name.dated:
            raise ValueError("`covers: day` needs a day in `files`, such as {date:%Y-%m-%d}.csv")
        if self.delimiter and (len(self.delimiter) != 1 or not self.delimiter.isascii() or self.delimiter in '"\r\n'):
            raise ValueError("`delimiter` is one ASCII character other than a quote or a line break")
        if self.decimal == self.thousands:
            raise ValueError("`decimal` and `thousands` are the same sign")
        return self

    @model_validator(mode="after")
    def _is_openable(self) -> Self:
        if self.open and self.format not in ("jsonl", "parquet") and not self.self_describing:
            raise ValueError("`open` is for jsonl, parquet, and TSV with `self_describing` columns")
        if (self.explode or self.self_describing) and not self.open:
            raise ValueError("`explode` and `self_describing` need `open: true`")
        if self.open and (self.ignored or self.tolerated):
            raise ValueError("what an open layout does not name is not used: leave `ignored` and `tolerated` out")
        if self.explode:
            check_path(self.explode, plain=True)
        return self

    @property
    def separator(self) -> str:
        """The delimiter, with the format's own as default."""
        return self.delimiter or ("\t" if self.format == "tsv" else ",")

    @property
    def is_daily(self) -> bool:
        """Whether each file is one business day, or a piece of one."""
        return self.covers == "day" or (self.covers is None and self.file_name.dated)

    @cached_property
    def file_name(self) -> FileName:
        """The pattern of its file names."""
        return FileName(self.files)
