"""Small exports in every shape, made from the same three orders."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]
import zstandard

from extractors.files.mapping import SourceMapping
from extractors.files.outcome import parse_loads
from extractors.files.parse import read_part
from lakehouse.landing import Parsed, RawPart
from lakehouse.validation import Validator, accept_all
from lakehouse.windows import Window

DAY = date(2024, 3, 5)
WINDOW = Window.local_day(DAY, "Europe/Berlin")
HEADER = ["Order", "SKU", "Titel", "Menge", "Preis", "Zeit", "Notiz"]
ROWS = [
    ["1001", "A-1", "Zähler „groß“, rot", "2", "1234.50", "2024-03-05 09:15:00", ""],
    ["1001", "B-2", 'Rahmen 7" breit', "1", "0.99", "2024-03-05 09:15:00", "bitte, schnell"],
    ["12345678901234567890123", "C-3", "Gutschein", "-1", "25", "2024-03-05 23:59:59", ""],
]


def mapping(**layout: object) -> SourceMapping:
    """A source whose single layout differs from a plain CSV in what is given."""
    columns = {
        "order_ref": "Order",
        "product_ref": "SKU",
        "product_title": "Titel",
        "quantity": "Menge",
        "unit_price": "Preis",
        "currency_code": {"constant": "EUR"},
        "occurred_at": {"from": "Zeit", "formats": "%Y-%m-%d %H:%M:%S"},
    }
    whole = {"name": "export", "files": "*", "format": "csv", "ignored": ["Notiz"], **layout}
    return SourceMapping.model_validate(
        {
            "name": "test_shop",
            "title": "Test shop",
            "stream": "order_lines",
            "time_zone": "Europe/Berlin",
            "columns": columns,
            "layouts": [whole],
            "quarantine": {"max_share": 1.0},
        }
    )


def csv_text(rows: Sequence[Sequence[str]] = ROWS, *, delimiter: str = ",", header: Sequence[str] = HEADER) -> str:
    """The rows as RFC 4180 wants them."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    return out.getvalue()


def plain_text(rows: Sequence[Sequence[str]] = ROWS, *, delimiter: str = "\t") -> str:
    """The rows without any quoting."""
    return "\n".join(delimiter.join(row) for row in [HEADER, *rows]) + "\n"


def json_lines(rows: Sequence[Sequence[str]] = ROWS) -> str:
    """The rows as JSON objects; quantities, prices and long ids as numbers."""
    numbers = {"Order", "Menge", "Preis"}
    lines = []
    for row in rows:
        fields = [
            f"{json.dumps(name)}: {value if name in numbers else json.dumps(value, ensure_ascii=False)}"
            for name, value in zip(HEADER, row, strict=True)
        ]
        lines.append("{" + ", ".join(fields) + "}")
    return "\n".join(lines) + "\n"


def workbook(rows: Sequence[Sequence[str]] = ROWS, *, sheet: str = "Export") -> bytes:
    """The rows as .xlsx: prices and quantities as floats, times as dates."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet(sheet)
    stamp = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    page.write_row(0, 0, HEADER)
    for number, row in enumerate(rows, start=1):
        order, sku, title, quantity, price, time, note = row
        page.write_string(number, 0, order)
        page.write_string(number, 1, sku)
        page.write_string(number, 2, title)
        page.write_number(number, 3, float(quantity))
        page.write_number(number, 4, float(price))
        page.write_datetime(number, 5, datetime.fromisoformat(time), stamp)
        page.write_string(number, 6, note) if note else page.write_blank(number, 6, None)
    book.close()
    return out.getvalue()


def parquet(rows: Sequence[Sequence[str]] = ROWS) -> bytes:
    """The rows as Parquet with native types."""
    text = pl.DataFrame(rows, schema=dict.fromkeys(HEADER, pl.String), orient="row")
    typed = text.with_columns(
        pl.col("Menge").cast(pl.Int32),
        pl.col("Preis").cast(pl.Decimal(12, 2)),
        pl.col("Zeit").str.strptime(pl.Datetime("ns"), "%Y-%m-%d %H:%M:%S"),
    )
    out = io.BytesIO()
    typed.write_parquet(out)
    return out.getvalue()


def zipped(name: str, data: bytes) -> bytes:
    """A zip with one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return out.getvalue()


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".zst": zstandard.ZstdCompressor().compress,
    ".zip": lambda data: zipped("inside", data),
}


def parse(
    source: SourceMapping,
    data: bytes,
    *,
    name: str = "export.csv",
    window: Window = WINDOW,
    validate: Validator = accept_all,
) -> Parsed:
    """One file through everything that a load's bytes go through."""
    part = read_part(source, RawPart(name, data))
    return parse_loads(source, [[part]], [window], validate)[0]


def write_drop(folder: Path, files: dict[str, bytes | str]) -> Path:
    """A drop with these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


def utc(*parts: int) -> datetime:
    """An instant as the marts hold it: UTC, without a zone."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc,arg-type]


NOW = datetime(2024, 3, 6, 4, tzinfo=UTC)
