"""A source as one YAML file: where its files are, how they are written, and what each column means."""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from functools import cached_property
from typing import Annotated, Any, Literal, Self

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from extractors.files.names import FileName
from lakehouse.sources import LineRule, Source
from lakehouse.streams import Stream
from lakehouse.streams import stream as find_stream
from lakehouse.windows import zone

PARSER_VERSION = 2  # raise it when the same bytes under the same mapping would give other rows
FORMATS = Literal["csv", "tsv", "xlsx", "jsonl", "parquet"]


def _listed(value: Any) -> Any:  # noqa: ANN401 -- whatever YAML holds; pydantic checks it afterwards
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]


def _check_pattern(pattern: str) -> None:
    """Refuses what either of the two engines in use, Python's and Rust's (no lookaround), cannot compile."""
    try:
        re.compile(pattern)
        pl.Series([""]).str.contains(pattern)
    except (re.error, pl.exceptions.PolarsError) as error:
        raise ValueError(f"{pattern!r} is no usable regular expression: {error}") from error


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Column(_Model):
    """How one stream field is read from a vendor's record.

    Attributes:
        from_: The vendor's column, or several whose texts are joined (a date and a time, say).
        aliases: Other names that the single vendor column goes by in other versions of the export.
        join: What stands between joined texts.
        constant: The value of every row, instead of a vendor column.
        file_date: Whether it is the day that the file's name gives, at its local midnight.
        optional: Whether the vendor column may be missing from the file.
        strip: Whether blanks at the ends of a text are removed (numbers and times always are).
        null_values: Texts that mean "nothing".
        remove: Literal texts taken out before a value is read, such as a currency sign.
        values: The vendor's words and ours; a word that is not listed is quarantined.
        pattern: Regular expression that the whole text must match.
        integral: Whether a text such as "17850.0" means "17850".
        negate: Whether the vendor writes the number with the opposite sign.
        divide_by: Field whose quantity the vendor has multiplied this amount by.
        formats: Time formats in strftime's words, tried in order; also epoch_s and epoch_ms.
        time_zone: Zone of this column's times where it is not the source's.
    """

    from_: Texts = Field((), alias="from")
    aliases: Texts = ()
    join: str = " "
    constant: str | None = None
    file_date: bool = False
    optional: bool = False
    strip: bool = False
    null_values: Texts = ("",)
    remove: Texts = ()
    values: dict[str, str] | None = None
    pattern: str | None = None
    integral: bool = False
    negate: bool = False
    divide_by: str | None = None
    formats: Texts = ()
    time_zone: str | None = None

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        if bool(self.from_) + (self.constant is not None) + self.file_date != 1:
            raise ValueError("give one of `from` (a vendor column), `constant` and `file_date`")
        if self.aliases and len(self.from_) != 1:
            raise ValueError("`aliases` are other names of a single `from` column")
        if self.pattern is not None:
            _check_pattern(self.pattern)
        if self.time_zone is not None:
            zone(self.time_zone)
        return self


def _column(value: Any) -> Any:  # noqa: ANN401 -- `order_ref: InvoiceNo` is short for `{from: InvoiceNo}`
    return {"from": value} if isinstance(value, str) else value


Columns = dict[str, Annotated[Column, BeforeValidator(_column)]]


class Layout(_Model):
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
        columns: What differs from the source's columns in this layout.
        ignored: Vendor columns that are expected and not used.
        tolerated: Vendor columns that may be there and are not used.
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
    columns: Columns = {}
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
            _check_pattern(pattern)
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

    @property
    def separator(self) -> str:
        """The delimiter, with the format's own as default."""
        return self.delimiter or ("\t" if self.format == "tsv" else ",")

    @property
    def is_daily(self) -> bool:
        """Whether each file is one business day."""
        return self.covers == "day" or (self.covers is None and self.file_name.dated)

    @cached_property
    def file_name(self) -> FileName:
        """The pattern of its file names."""
        return FileName(self.files)


class Quarantine(_Model):
    """When failed rows stop a load instead of being set aside.

    Attributes:
        max_share: Greatest share of a load's records that may fail.
        allow_rows: So many may fail whatever their share, as long as others are good.
    """

    max_share: float = Field(0.01, ge=0, le=1)
    allow_rows: int = Field(0, ge=0)


class SourceMapping(_Model):
    """A declared file source.

    Attributes:
        name: Identifier.
        title: Name for people.
        stream: Canonical stream of its records.
        time_zone: Zone of its business day and of its local times. Of a time that the clocks' change
            makes ambiguous the earlier is meant; one that it skips is quarantined.
        documented_at: Pages on which the vendor's columns were looked up.
        columns: Stream field ← vendor column, for every layout.
        layouts: The shapes its files come in.
        keys: Fields that identify a record; empty: equal records are different records.
        missing_file: Whether a day without file is an error or a day on which nothing happened.
        quarantine: When failed rows stop a load.
        line_rules: See `lakehouse.sources.LineRule`.
        cancellation_order_ref: See `lakehouse.sources.Source`.
        expects_every_window: See `lakehouse.sources.Source`.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    title: str
    stream: str
    time_zone: str
    documented_at: Texts = ()
    columns: Columns = {}
    layouts: tuple[Layout, ...] = Field(min_length=1)
    keys: Texts = ()
    missing_file: Literal["error", "empty"] = "error"
    quarantine: Quarantine = Quarantine()
    line_rules: tuple[LineRule, ...] = ()
    cancellation_order_ref: str | None = None
    expects_every_window: bool = False

    @model_validator(mode="after")
    def _fits_its_stream(self) -> Self:
        zone(self.time_zone)
        for key in self.keys:
            self.target.field(key)
        for layout in self.layouts:
            columns = self.columns_of(layout)
            for name, column in columns.items():
                self._check_column(layout, name, column)
            missing = [field.name for field in self.target.fields if field.required and field.name not in columns]
            if missing:
                raise ValueError(
                    f"layout {layout.name}: nothing gives {', '.join(missing)}, which {self.stream} requires"
                )
        return self

    def _check_column(self, layout: Layout, name: str, column: Column) -> None:
        where = f"layout {layout.name}, column {name}"
        dtype = self.target.field(name).dtype
        if column.file_date and not (dtype.is_temporal() and layout.file_name.dated):
            raise ValueError(f"{where}: `file_date` is for times, and needs a day in `files`")
        if dtype.is_temporal() and not column.formats and not column.file_date:
            raise ValueError(f"{where}: give its time `formats`")
        if column.formats and not dtype.is_temporal():
            raise ValueError(f"{where}: `formats` are for times")
        if (column.negate or column.divide_by) and not dtype.is_numeric():
            raise ValueError(f"{where}: `negate` and `divide_by` are for numbers")
        if column.divide_by and self.target.field(column.divide_by).dtype.is_integer() is False:
            raise ValueError(f"{where}: `divide_by` names a whole-number field")

    @property
    def target(self) -> Stream:
        """The canonical stream."""
        return find_stream(self.stream)

    def columns_of(self, layout: Layout) -> dict[str, Column]:
        """Every field's column in a layout."""
        return {**self.columns, **layout.columns}

    def layout_of(self, file_name: str) -> Layout | None:
        """The first layout whose pattern the name of a file matches."""
        return next((layout for layout in self.layouts if layout.file_name.matches(file_name)), None)

    @property
    def digest(self) -> str:
        """Fingerprint of what decides how bytes become rows: 12 hexadecimal digits."""
        told = self.model_dump(mode="json", include={"stream", "time_zone", "columns", "layouts", "keys"})
        schema = {name: str(dtype) for name, dtype in self.target.schema.items()}
        text = json.dumps([PARSER_VERSION, told, schema], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def source(self) -> Source:
        """What the rest of the platform knows of it."""
        return Source(
            name=self.name,
            stream=self.stream,
            title=self.title,
            time_zone=self.time_zone,
            parse_digest=self.digest,
            line_rules=self.line_rules,
            cancellation_order_ref=self.cancellation_order_ref,
            expects_every_window=self.expects_every_window,
        )
