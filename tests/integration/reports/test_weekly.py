"""The weekly PDF: it is set in every language, conforms, says what it must, and survives hostile and missing data."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import page
import polars as pl
import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from lakehouse.errors import ContractError, NothingPublishedError
from reports import weekly
from reports.tables import load
from reports.words import LANGUAGES
from tests.support.report_tables import WEEK, Tables, report_tables

HOSTILE = (
    '#read("/etc/passwd") #panic("no") $x^2$ *bold* _it_ <label> @ref \\u{41}',
    "<script>alert('x')</script><img src=x onerror=alert(1)>",
    "\U0001f381 GIFT \U0001f468\u200d\U0001f469\u200d\U0001f467 BOX \ue000 \u202e\x07",
    "W" * 400,
    "𓀀𓀁 " * 40,
    '=HYPERLINK("http://x")',
    "] } ) ] // /* \"'`",
    "العربية עברית ไทย हिन्दी",
)


def _text(pdf: bytes) -> str:
    return "\n".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(pdf)).pages)


def _alternatives(pdf: bytes) -> list[str]:
    """Every alternative text in the structure tree."""
    found: list[str] = []
    seen: set[int] = set()

    def walk(node: object) -> None:
        if isinstance(node, IndirectObject):
            if node.idnum in seen:
                return
            seen.add(node.idnum)
            node = node.get_object()
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, DictionaryObject):
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            if "/K" in node:
                walk(node.raw_get("/K"))

    walk(PdfReader(io.BytesIO(pdf)).root_object["/StructTreeRoot"])
    return found


@pytest.fixture(scope="module", params=LANGUAGES)
def pdf(request: pytest.FixtureRequest) -> bytes:
    return weekly.render(load(report_tables()), str(request.param), shop="Our shop")


@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_the_report_conforms(pdf: bytes, profile: str) -> None:
    report = page.validate_pdf_bytes(pdf, profile=profile)
    found = [(failure.rule_id, failure.message) for failure in report.failures]
    if _lengths_match(pdf):  # the validator takes a stream's own last byte for the line's end where it is a \r
        found = [one for one in found if one[0] != "PDFA2A-STREAM-LENGTH-001"]
    assert found == []


def _lengths_match(pdf: bytes) -> bool:
    """Whether each stream is as long as its dictionary says."""
    streams = list(re.finditer(rb"obj\s*<<((?:(?!endobj).)*?)>>\s*stream\r?\n", pdf, re.DOTALL))
    lengths = [re.search(rb"/Length (\d+)(?! \d+ R)", found[1]) for found in streams]
    return bool(streams) and all(
        length is not None and re.match(rb"\r?\n?endstream", pdf[found.end() + int(length[1]) :][:12])
        for found, length in zip(streams, lengths, strict=True)
    )


def test_the_report_is_five_pages_and_names_its_run_on_each(pdf: bytes) -> None:
    sheets = PdfReader(io.BytesIO(pdf)).pages
    assert len(sheets) == 5
    assert all("close-2011-12-10T00" in sheet.extract_text() for sheet in sheets)


def test_every_picture_states_its_finding(pdf: bytes) -> None:
    texts = _alternatives(pdf)
    assert len(texts) == 12  # nine sparklines, weeks, months, days
    assert all(any(character.isdigit() for character in text) for text in texts)


def test_no_word_is_smaller_than_7_5_points() -> None:
    small: list[str] = []

    def visit(text: str, current: list[float], matrix: list[float], _font: object, size: float) -> None:
        if round(abs(matrix[3] * current[3]) * size, 2) < 7.5:
            small.append(text.strip())

    for sheet in PdfReader(io.BytesIO(weekly.render(load(report_tables()), "en"))).pages:
        sheet.extract_text(visitor_text=visit)
    # The marks beside the words are shapes that happen to be characters.
    assert {"▲"} <= set(small) <= {"", "▲", "▼", "●", "◆", "△"}


def test_the_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    first = weekly.build(report_tables(), language="zh_CN", out_dir=tmp_path / "a")
    second = weekly.build(report_tables(), language="zh_CN", out_dir=tmp_path / "b")
    assert first.name == "weekly-2011-11-28.zh_CN.pdf"
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_titles_are_text_and_nothing_else(language: str) -> None:
    source = report_tables()
    changed = {}
    for name, columns in (
        ("rpt_purchase_list", ["product_title", "supplier_name"]),
        ("rpt_top_product", ["product_title"]),
        ("rpt_sales_driver", ["title", "dimension_key"]),
        ("rpt_basket_pair", ["product_title_a", "product_title_b"]),
        ("rpt_data_health", ["title", "detail", "check_id"]),
        ("rpt_reconciliation", ["row_class", "explanation"]),
        ("rpt_inventory_assumption", ["assumption_id", "name", "value", "unit", "explanation"]),
        ("rpt_forecast_accuracy", ["model", "series_class"]),
        ("rpt_run", ["run_id"]),
    ):
        frame = source.tables[name]
        texts = pl.Series([HOSTILE[i % len(HOSTILE)] for i in range(frame.height)], dtype=pl.String)
        changed[name] = frame.with_columns([texts.alias(column) for column in columns])
    supplied = changed["rpt_purchase_list"].with_columns(supplier_source=pl.lit("supplied"))
    pdf = weekly.render(load(source.replace(**{**changed, "rpt_purchase_list": supplied})), language, shop=HOSTILE[0])
    text = _text(pdf)
    assert '#read("/etc/passwd")' in text
    assert "□ Gift □ Box □" in text.replace("\n", " ")
    assert page.is_pdf_compliant_bytes(pdf, profile="ua1")


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_single_row_the_report_says_so(language: str) -> None:
    source = report_tables()
    run = source.tables["rpt_run"].with_columns(
        *(
            pl.lit(None, dtype=source.tables["rpt_run"].schema[name]).alias(name)
            for name in ("data_through", "first_data_at", "latest_full_week_start")
        ),
        *(
            pl.lit(0, dtype=pl.Int64).alias(name)
            for name in source.tables["rpt_run"].columns
            if name.startswith(("rows_", "checks_", "load_"))
        ),
    )
    tables = load(source.emptied("rpt_run").replace(rpt_run=run))
    pdf = weekly.render(tables, language)
    wanted = {
        "en": ("No sales are recorded for this week", "No data yet", "There is no purchase list yet."),
        "zh_CN": ("本周没有销售记录", "尚无数据", "尚无采购清单"),
    }
    text = _text(pdf).replace("\n", "")
    assert all(sentence.replace(" ", "") in text.replace(" ", "") for sentence in wanted[language])
    assert page.is_pdf_compliant_bytes(pdf, profile="ua1")


def test_the_first_week_has_nothing_to_compare_with() -> None:
    source = report_tables()
    first = date(2010, 11, 29)
    tables = load(source, week=first)
    text = _text(weekly.render(tables, "en"))
    assert "in the first week on record" in text
    assert "Incomplete week: figures will still change." in text
    assert "Nothing to compare" in text


def test_a_week_without_orders_due_still_fills_its_report() -> None:
    source = report_tables()
    calm = source.tables["rpt_purchase_list"].with_columns(action=pl.lit("ok"), order_units=pl.lit(0))
    pdf = weekly.render(load(source.replace(rpt_purchase_list=calm)), "en")
    assert "no product needs an order now" in _text(pdf)
    assert page.is_pdf_compliant_bytes(pdf, profile="ua1")


def test_a_missing_column_is_named() -> None:
    source = report_tables()
    broken = source.replace(rpt_top_product=source.tables["rpt_top_product"].drop("units"))
    with pytest.raises(ContractError, match="rpt_top_product lacks the column units"):
        load(broken)


def test_tables_that_were_never_filled_are_named() -> None:
    with pytest.raises(NothingPublishedError, match="rpt_run"):
        load(Tables({name: frame.clear() for name, frame in report_tables().tables.items()}))


def test_the_week_may_be_any_of_its_days() -> None:
    assert load(report_tables(), week=date(2011, 12, 4)).week == WEEK
