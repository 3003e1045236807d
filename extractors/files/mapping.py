"""A source as one YAML file: where its files are, how they are written, and what each column means."""

from __future__ import annotations

import hashlib
import json
from typing import Literal, Self

import polars as pl
from pydantic import Field, model_validator

from extractors.files.columns import Column, Columns, Model, Texts, is_aware
from extractors.files.layout import Layout
from extractors.files.paths import check_path
from lakehouse.sources import LineRule, LoadMode, Source
from lakehouse.streams import VERSION, Stream
from lakehouse.streams import Field as StreamField
from lakehouse.streams import stream as find_stream
from lakehouse.windows import zone

__all__ = ["Column", "Layout", "Quarantine", "SourceMapping"]

PARSER_VERSION = 2  # raise it when the same bytes under the same mapping would give other rows
_VERSION_FIELDS = {
    "record_ref": StreamField("record_ref", pl.String, "The source's number of the record.", required=True),
    "version_at": StreamField("version_at", VERSION["version_at"], "When the source changed it last, UTC."),
}


class Quarantine(Model):
    """When failed rows stop a load instead of being set aside.

    Attributes:
        max_share: Greatest share of a load's records that may fail.
        allow_rows: So many may fail whatever their share, as long as others are good.
    """

    max_share: float = Field(0.01, ge=0, le=1)
    allow_rows: int = Field(0, ge=0)


class SourceMapping(Model):
    """A declared file source.

    Attributes:
        name: Identifier.
        title: Name for people.
        stream: Canonical stream of its records.
        mode: What a load says about earlier ones: that it takes their place in its window, or (`versions`) that
            it holds newer versions of some records. Records of the latter may have happened at any time; their
            columns name a `record_ref` and may name a `version_at`.
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
    mode: LoadMode = LoadMode.WINDOW
    time_zone: str
    documented_at: Texts = ()
    columns: Columns = Field(default_factory=dict)
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
            self.field(key)
        for layout in self.layouts:
            columns = self.columns_of(layout)
            for name, column in columns.items():
                self._check_column(layout, name, column)
            missing = [field.name for field in self.fields if field.required and field.name not in columns]
            if missing:
                raise ValueError(
                    f"layout {layout.name}: nothing gives {', '.join(missing)}, which {self.stream} requires"
                )
        return self

    def _check_column(self, layout: Layout, name: str, column: Column) -> None:
        where = f"layout {layout.name}, column {name}"
        dtype = self.field(name).dtype
        if column.file_date and not (dtype.is_temporal() and layout.file_name.dated):
            raise ValueError(f"{where}: `file_date` is for times, and needs a day in `files`")
        if dtype.is_temporal() and not column.formats and not column.file_date:
            raise ValueError(f"{where}: give its time `formats`")
        if column.formats and not dtype.is_temporal():
            raise ValueError(f"{where}: `formats` are for times")
        if dtype == pl.Date and any(is_aware(form) for form in column.formats):
            raise ValueError(f"{where}: a date has no offset")
        if (column.negate or column.divide_by or column.rounded) and not dtype.is_numeric():
            raise ValueError(f"{where}: `negate`, `rounded` and `divide_by` are for numbers")
        for path in column.vendor if layout.open else ():
            check_path(path)
        if column.divide_by and self.target.field(column.divide_by).dtype.is_integer() is False:
            raise ValueError(f"{where}: `divide_by` names a whole-number field")

    @property
    def target(self) -> Stream:
        """The canonical stream."""
        return find_stream(self.stream)

    @property
    def fields(self) -> tuple[StreamField, ...]:
        """What its columns may give: the stream's fields, and those of a version where records have any."""
        if self.mode is LoadMode.WINDOW:
            return self.target.fields
        return (*_VERSION_FIELDS.values(), *self.target.fields)

    @property
    def row_schema(self) -> pl.Schema:
        """Names and types of a parsed load's columns."""
        return self.target.landed_schema if self.mode is LoadMode.WINDOW else self.target.versioned_schema

    def field(self, name: str) -> StreamField:
        """The field of that name.

        Raises:
            ConfigError: If neither the stream nor the mode has one.
        """
        if self.mode is LoadMode.VERSIONS and name in _VERSION_FIELDS:
            return _VERSION_FIELDS[name]
        return self.target.field(name)

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
        told |= {"mode": self.mode.value} if self.mode is not LoadMode.WINDOW else {}
        schema = {name: str(dtype) for name, dtype in self.target.schema.items()}
        text = json.dumps([PARSER_VERSION, told, schema], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    def source(self) -> Source:
        """What the rest of the platform knows of it."""
        return Source(
            name=self.name,
            stream=self.stream,
            mode=self.mode,
            title=self.title,
            time_zone=self.time_zone,
            parse_digest=self.digest,
            line_rules=self.line_rules,
            cancellation_order_ref=self.cancellation_order_ref,
            expects_every_window=self.expects_every_window,
        )
