"""How one field of a stream is read from a vendor's record, as a mapping says it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

import polars as pl
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from lakehouse.windows import zone

HEADER = "h:"  # prefix of the columns that `from_header` makes
ANY = "*"  # in `skip`: every word that `values` does not list


def _listed(value: Any) -> Any:  # noqa: ANN401 -- whatever YAML holds; pydantic checks it afterwards
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]


def check_pattern(pattern: str) -> None:
    """Refuses what either of the two engines in use, Python's and Rust's (no lookaround), cannot compile.

    Raises:
        ValueError: Naming the expression and what is wrong with it.
    """
    try:
        re.compile(pattern)
        pl.Series([""]).str.contains(pattern)
    except (re.error, pl.exceptions.PolarsError) as error:
        raise ValueError(f"{pattern!r} is no usable regular expression: {error}") from error


def is_aware(form: str) -> bool:
    """Whether times in this format name a moment, whatever the zone."""
    return form.startswith("epoch_") or "%z" in form or "%:z" in form or "%#z" in form or form.endswith("Z")


class Model(BaseModel):
    """Part of a mapping: an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Column(Model):
    """How one stream field is read from a vendor's record.

    Attributes:
        from_: The vendor's column, or several whose texts are joined (a date and a time, say). In an open
            layout a path, see `paths`.
        first_of: Vendor columns of which the first that is not empty counts.
        aliases: Other names that the single vendor column goes by in other versions of the export.
        join: What stands between joined texts.
        constant: The value of every row, instead of a vendor column.
        from_header: Regular expression of a column's whole name, whose first group is the value of every row:
            reports write a currency there.
        file_date: Whether it is the day that the file's name gives, at its local midnight.
        optional: Whether the vendor column may be missing from the file; of joined texts those count that are there.
        strip: Whether blanks at the ends of a text are removed (numbers and times always are).
        case: Whether letters become small or capital ones.
        null_values: Texts that mean "nothing".
        remove: Literal texts taken out before a value is read, such as a currency sign.
        extract: Regular expression whose first group is the text; where it does not match there is none.
        suffix: What is put behind a text that is there: the day behind a month, say.
        values: The vendor's words and ours; a word that is not listed is quarantined.
        otherwise: Our word for what `values` does not list.
        skip: Words that say that the record is of another kind than the stream's, and not used; `*` in one stands
            for any text, and alone for all that `values` does not list.
        pattern: Regular expression that the whole text must match.
        integral: Whether a text such as "17850.0" means "17850".
        negate: Whether the vendor writes the number with the opposite sign.
        rounded: Whether an amount with more decimals than fit is rounded, half away from zero.
        divide_by: Field whose quantity the vendor has multiplied this amount by.
        formats: Time formats in strftime's words, tried in order; also epoch_s, epoch_ms and epoch_us.
        time_zone: Zone of this column's times where it is not the source's.
    """

    from_: Texts = Field((), alias="from")
    first_of: Texts = ()
    aliases: Texts = ()
    join: str = " "
    constant: str | None = None
    from_header: str = ""
    file_date: bool = False
    optional: bool = False
    strip: bool = False
    case: Literal["lower", "upper"] | None = None
    null_values: Texts = ("",)
    remove: Texts = ()
    extract: str | None = None
    suffix: str = ""
    values: dict[str, str] | None = None
    otherwise: str | None = None
    skip: Texts = ()
    pattern: str | None = None
    integral: bool = False
    negate: bool = False
    rounded: bool = False
    divide_by: str | None = None
    formats: Texts = ()
    time_zone: str | None = None

    @property
    def vendor(self) -> tuple[str, ...]:
        """The vendor's columns that it is read from."""
        return self.from_ or self.first_of

    @property
    def label(self) -> str:
        """What it is called where the vendor can find it; empty where it comes from no column."""
        return " + ".join(self.from_) or " or ".join(self.first_of)

    @model_validator(mode="after")
    def _has_one_origin(self) -> Self:
        origins = (self.from_, self.first_of, self.from_header, self.file_date, self.constant is not None)
        if sum(map(bool, origins)) != 1:
            raise ValueError(
                "give one of `from` (a vendor column), `first_of`, `from_header`, `constant` and `file_date`"
            )
        if self.aliases and len(self.from_) != 1:
            raise ValueError("`aliases` are other names of a single `from` column")
        for pattern in (self.pattern or "", self.extract or "", self.from_header):
            check_pattern(pattern)
        if any(one and not re.compile(one).groups for one in (self.extract, self.from_header)):
            raise ValueError("`extract` and `from_header` need a group in parentheses")
        if self.values is None and (self.otherwise is not None or ANY in self.skip):
            raise ValueError("`otherwise` and `skip: '*'` need `values`")
        if self.otherwise is not None and ANY in self.skip:
            raise ValueError("of a word that is not listed either `otherwise` or `skip` says what becomes")
        if self.time_zone is not None:
            zone(self.time_zone)
        return self


def _column(value: Any) -> Any:  # noqa: ANN401 -- `order_ref: InvoiceNo` is short for `{from: InvoiceNo}`
    return {"from": value} if isinstance(value, str) else value


Columns = dict[str, Annotated[Column, BeforeValidator(_column)]]
