"""Segments: what is written is read again, and what a kill left half-written is cut off."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator  # type: ignore[import-untyped]  # warcio ships no types

from extractors.crawl.replay import Intents, Replay
from extractors.crawl.spool import Spool
from extractors.crawl.warc import CONTENT, SUMMARY, Segment, read_at, read_records, trim
from lakehouse.errors import ObjectCorruptError
from lakehouse.landing import RawFile

AT = datetime(2026, 3, 2, 6, 0, 0, 123456, tzinfo=UTC)
INFO = {"crawl_ref": "s.example/x", "began_at": AT.isoformat(), "legal_note": "数据 \u00e9"}
HEADERS = [("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("ETag", '"x"')]


def segment(folder: Path, number: int = 0, *, visits: int = 3) -> Segment:
    folder.mkdir(exist_ok=True)
    made = Segment(folder, number, INFO, AT)
    for one in range(visits):
        at = AT + timedelta(seconds=number * 100 + one)
        made.response(f"https://s.example/{number}/{one}", at, 200, HEADERS, bytes(range(256)) * (one + 1), "192.0.2.1")
    return made


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    made = segment(tmp_path)
    made.response("https://s.example/empty", AT, 204, [], b"")
    made.revisit("https://s.example/r", AT, [("ETag", '"x"')], {CONTENT: "ab" * 32})
    made.request("https://s.example/r", AT, [("User-Agent", "me")])
    made.ended("https://s.example/no", AT, "disallowed", "robots.txt forbids it.")
    made.summary(AT, {"stop_reason": "finished"})
    path = made.close()
    assert path.name == "segment-00000.warc.gz"
    records = list(read_records(path))
    assert [one.kind for one in records] == [
        "warcinfo", "response", "response", "response", "response", "revisit", "request", "metadata", "metadata",
    ]  # fmt: skip
    assert [one.number for one in records] == [0, 1, 2, 3, 4, 5, 0, 6, 7]
    assert made.records == 7
    assert records[0].told == INFO
    page = records[3]
    assert (page.url, page.status, page.at) == ("https://s.example/0/2", 200, AT + timedelta(seconds=2))
    assert page.body == bytes(range(256)) * 3
    assert [value for name, value in page.headers if name == "set-cookie"] == ["a=1", "b=2"]
    assert page.warc["warc-ip-address"] == "192.0.2.1"
    assert records[4].body == b""
    assert (records[5].status, records[5].warc[CONTENT.lower()]) == (304, "ab" * 32)
    assert records[7].told == {"outcome": "disallowed", "reason": "robots.txt forbids it.", "is_final": True}
    assert [one.is_visit for one in records[-2:]] == [True, False]
    assert records[-1].url == SUMMARY
    for one in records:
        again = read_at(path, one.offset)
        assert (again.kind, again.url, again.body) == (one.kind, one.url, one.body)


def test_other_programs_find_the_digests_right(tmp_path: Path) -> None:
    path = segment(tmp_path).close()
    with path.open("rb") as opened:
        for record in ArchiveIterator(opened, check_digests="raise"):
            record.raw_stream.read()


def test_what_a_kill_left_half_written_is_cut_off_at_every_byte(tmp_path: Path) -> None:
    made = segment(tmp_path, visits=2)
    whole = made.path.read_bytes()
    made.ended("https://s.example/last", AT, "failed", "x")
    data = made.path.read_bytes()
    torn = tmp_path / "torn.open"
    for length in range(len(whole), len(data)):
        torn.write_bytes(data[:length])
        assert trim(torn) == 3
        assert torn.read_bytes() == whole
    torn.write_bytes(data)
    assert trim(torn) == 4
    torn.write_bytes(data + b"\x00" * 50)
    assert trim(torn) == 4
    torn.write_bytes(b"")
    assert trim(torn) == 0


def test_what_is_no_segment_is_said(tmp_path: Path) -> None:
    path = tmp_path / "segment-00000.warc.gz"
    path.write_bytes(b"this is not a WARC file" * 100)
    with pytest.raises(ObjectCorruptError, match="segment-00000"):
        list(read_records(path))


def test_a_page_is_answered_as_often_as_it_was_asked_for_and_in_that_order(tmp_path: Path) -> None:
    made = Segment(tmp_path, 0, INFO, AT)
    for status in (429, 503, 200):
        made.response("https://s.example/", AT, status, [], b"")
    made.summary(AT, {})
    replay = Replay([made.close()])
    assert len(replay) == 3
    taken = [replay.take("https://s.example/") for _ in range(4)]
    assert [one.status if one else None for one in taken] == [429, 503, 200, None]
    assert "https://s.example/" not in replay


def test_what_was_under_way_at_a_kill_is_known(tmp_path: Path) -> None:
    made = segment(tmp_path, visits=1)
    replay = Replay([made.close()])
    before = Intents(tmp_path, Replay())
    for url in ("https://s.example/0/0", "https://s.example/lost", "https://s.example/twice"):
        before.add(url)
    after = Intents(tmp_path, replay)
    assert not after.was_interrupted("https://s.example/0/0")
    assert after.was_interrupted("https://s.example/lost")
    after.forget("https://s.example/lost")
    assert not after.was_interrupted("https://s.example/lost")
    assert not Intents(tmp_path, replay).was_interrupted("https://s.example/lost")
    assert Intents(tmp_path, replay).was_interrupted("https://s.example/twice")


def test_a_spool_gives_what_was_not_stored_and_remembers_what_was(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    first = segment(spool.folder, 0).close()
    stored = tmp_path / "stored.gz"
    shutil.copyfile(first, stored)
    segment(spool.folder, 1).close()
    torn = segment(spool.folder, 2)
    with torn.path.open("ab") as opened:
        opened.write(b"\x1f\x8b\x08\x00half")
    spool.take_in([RawFile(first.name, stored)])
    salvaged = spool.salvage()
    assert [(one.number, one.records, one.is_last) for one in salvaged] == [(1, 3, False), (2, 3, False)]
    assert not first.exists()
    assert spool.next_number == 3
    begun = spool.begun()
    assert begun is not None
    assert (begun.crawl_ref, begun.began_at, begun.spent_s) == ("s.example/x", AT, 202.0)
    # killed again before they were stored: they are there once more
    again = Spool(tmp_path / "spool")
    again.take_in([RawFile(first.name, stored)])
    assert [one.number for one in again.salvage()] == [1, 2]


def test_a_segment_without_a_visit_is_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    Segment(tmp_path, 0, INFO, AT)
    assert spool.salvage() == []
    assert spool.next_number == 0
    assert spool.begun() is None
