"""Splitting delimited text: whatever is well formed is read as Python's csv reads it; damage stays local."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.files.records import Records, header, split

_CELL = st.text(st.sampled_from('ab1 ,;"\n\r\té€花'), max_size=6).filter(lambda text: "\r" not in text)
_TABLE = st.integers(2, 4).flatmap(
    lambda width: st.lists(st.lists(_CELL, min_size=width, max_size=width), min_size=1, max_size=8)
)


def _read(records: Records, width: int) -> list[list[str]]:
    if not records.body:
        return []
    schema = {f"c{number}": pl.String for number in range(width)}
    frame = pl.read_csv(io.BytesIO(records.body), has_header=False, schema=schema).fill_null("")
    return [list(row) for row in frame.rows()]


def _blank(row: list[str]) -> bool:
    return not "".join(row).strip()


@settings(max_examples=100, deadline=None)
@given(_TABLE, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_well_formed_text_is_read_as_the_csv_module_reads_it(
    table: list[list[str]], newline: str, all_quoted: bool, ends: bool
) -> None:
    rows = [row for row in table if not _blank(row)]
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=newline, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL).writerows(rows)
    text = out.getvalue() if ends else out.getvalue().removesuffix(newline)
    found = split(text.encode(), width=len(table[0]), delimiter=",", quoting=True)
    assert found.broken == []
    assert _read(found, len(table[0])) == rows
    assert found.numbers.tolist() == list(range(1, len(rows) + 1))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_garbage_never_raises_and_no_line_is_lost(data: bytes) -> None:
    text = data.decode("latin-1").replace("\r", "")
    found = split(text.encode(), width=3, delimiter=",", quoting=True)
    numbers = sorted([*found.numbers.tolist(), *(number for number, _, _ in found.broken)])
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(_read(found, 3)) == len(found.numbers)
    kept = "".join(line for _, _, line in found.broken) + found.body.decode()
    for word in text.replace('"', " ").replace(",", " ").replace("\n", " ").split(" "):
        assert word in kept.replace('""', " ").replace('"', " ") or word in kept


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(["1,a,x", '2,"b, c",y', '3,"d ""e""",z']), min_size=3, max_size=12),
    st.sampled_from(["7,oops", "7,a,b,c", '7,"oops,x', '7,o"ops"x,"y', '"7,oops,x', '7,"a"b,c']),
    st.data(),
)
def test_a_damaged_line_harms_no_other(lines: list[str], damage: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(lines)))
    text = "\n".join([*lines[:place], damage, *lines[place:]]) + "\n"
    found = split(text.encode(), width=3, delimiter=",", quoting=True)
    assert [number for number, _, _ in found.broken] == [place + 1]
    assert found.broken[0][2] == damage
    rows = [row for _, row in sorted(zip(found.numbers.tolist(), _read(found, 3), strict=True))]
    assert rows == list(csv.reader(io.StringIO("\n".join(lines))))


@pytest.mark.parametrize("line", ['1,12" ruler,3', '1, "a",3', '1,a "b" c,3', '1,",3'])
def test_a_literal_quote_is_kept_where_the_csv_module_keeps_it(line: str) -> None:
    found = split(f"0,x,y\n{line}\n2,p,q\n".encode(), width=3, delimiter=",", quoting=True)
    if line == '1,",3':  # a field that never closes is damage
        assert [one[0] for one in found.broken] == [2]
        return
    rows = dict(zip(found.numbers.tolist(), _read(found, 3), strict=True))
    assert rows[2] == next(csv.reader([line]))
    assert rows[1] == ["0", "x", "y"]
    assert rows[3] == ["2", "p", "q"]


def test_quotes_mean_nothing_where_quoting_is_off() -> None:
    found = split(b'1\t"a\t3\n2\tb"\t"\n', width=3, delimiter="\t", quoting=False)
    assert found.broken == []
    assert found.body == b'1\t"a\t3\n2\tb"\t"\n'


def test_a_truncated_last_line_is_damage() -> None:
    found = split(b"1,a,b\n2,c", width=3, delimiter=",", quoting=True)
    assert found.broken == [(2, "has 2 fields instead of 3", "2,c")]
    assert found.body == b"1,a,b\n"


def test_header_with_quoted_names() -> None:
    assert header('"a, b",c,"d ""e"""', delimiter=",", quoting=True) == ["a, b", "c", 'd "e"']
