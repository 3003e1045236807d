"""Copies of files that may be written to."""

from __future__ import annotations

import errno
import fcntl
from pathlib import Path

import pytest

from lakehouse.files import copy_file


def test_what_is_written_to_a_copy_is_not_written_to_the_source(tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(b"as it was" * 9999)

    copy_file(source, copy)

    assert copy.read_bytes() == source.read_bytes()
    copy.write_bytes(b"changed")
    assert source.read_bytes() == b"as it was" * 9999


def test_an_error_that_is_not_about_sharing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "source").write_bytes(b"data")

    def fail(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(fcntl, "ioctl", fail)
    with pytest.raises(OSError, match="no space"):
        copy_file(tmp_path / "source", tmp_path / "copy")
