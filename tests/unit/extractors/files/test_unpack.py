"""Compressed files: what is inside comes out, within limits."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest
import zstandard

from extractors.files import unpack as module
from extractors.files.unpack import check_workbook, unpack
from lakehouse.errors import ContractError
from tests.support import exports


@pytest.mark.parametrize("suffix", exports.COMPRESSIONS)
def test_round_trip(suffix: str) -> None:
    data = b"a,b\n1,2\n" * 100
    assert unpack(f"x.csv{suffix.upper()}", exports.COMPRESSIONS[suffix](data)) == data


def test_several_frames_and_members_are_read_whole() -> None:
    assert unpack("x.gz", gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"
    packed = zstandard.ZstdCompressor().compress
    assert unpack("x.zst", packed(b"a") + packed(b"b")) == b"ab"


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".zip"])
def test_bombs_are_refused(suffix: str) -> None:
    data = exports.COMPRESSIONS[suffix](b"\0" * (64 << 20))
    assert len(data) < 1 << 20
    with pytest.raises(ContractError, match="expands more than"):
        unpack(f"x{suffix}", data)


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst", ".zip"])
def test_a_cap_on_the_size(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    with pytest.raises(ContractError, match="holds more than"):
        unpack(f"x{suffix}", exports.COMPRESSIONS[suffix](b"x" * 1001))


@pytest.mark.parametrize("suffix", [".gz", ".zst", ".zip"])
@pytest.mark.parametrize("keep", [0, 5, 20, -4])
def test_damaged_archives(suffix: str, keep: int) -> None:
    data = exports.COMPRESSIONS[suffix](bytes(range(256)) * 20)[:keep]
    with pytest.raises(ContractError, match=r"x\.\w+ is (damaged|empty)"):
        unpack(f"x{suffix}", data)


def _zip(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_zips_with_none_or_several_files_are_refused() -> None:
    with pytest.raises(ContractError, match=r"holds 2 files \(a.csv, b.csv\)"):
        unpack("x.zip", _zip({"a.csv": b"1", "b.csv": b"2"}))
    with pytest.raises(ContractError, match="holds 0 files"):
        unpack("x.zip", _zip({}))
    assert unpack("x.zip", _zip({"folder/": b"", "folder/a.csv": b"1"})) == b"1"


@pytest.mark.parametrize("name", ["../a.csv", "/etc/a.csv", "..\\a.csv", "x/../../a.csv", "C:\\a.csv"])
def test_paths_that_point_out_are_refused(name: str) -> None:
    with pytest.raises(ContractError, match="points out of the archive"):
        unpack("x.zip", _zip({name: b"1"}))


def test_workbooks_are_checked() -> None:
    check_workbook("a.xlsx", exports.workbook())
    with pytest.raises(ContractError, match=r"no readable \.xlsx"):
        check_workbook("a.xlsx", b"PK\x03\x04 nonsense")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<row/>" * (8 << 20))
    with pytest.raises(ContractError, match="expands more than"):
        check_workbook("a.xlsx", out.getvalue())
