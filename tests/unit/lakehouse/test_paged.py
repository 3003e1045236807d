"""Pages and checkpoints: nothing that is in use is ever removed, and what nobody uses is, in its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard

from lakehouse.errors import ConfigError, ObjectCorruptError
from lakehouse.landing import PagedLanding, RawFile, RawPart, expire_pages, read_parts
from lakehouse.landing.parts import store_part
from lakehouse.objectstore.directory import DirectoryStore
from tests.support.vendor import (
    DAY,
    NOW,
    Killed,
    MemoryStore,
    Vendor,
    job,
    manifests,
    newest,
    order,
    run,
    source,
)

FIVE = [order(number, number) for number in range(1, 6)]
KEEP = 7


@pytest.fixture
def memory(tmp_path: Path) -> MemoryStore:
    folder = tmp_path / "objects"
    folder.mkdir()
    return MemoryStore(folder)


def killed(memory: MemoryStore, scratch: Path) -> Vendor:
    """A run that stored two pages and died."""
    vendor = Vendor.of(FIVE)

    def die(place: int) -> None:
        if place == 4:
            raise Killed

    vendor.before_page = die
    with pytest.raises(Killed):
        run(vendor, memory, scratch)
    vendor.before_page = lambda _: None
    return vendor


def pages(memory: MemoryStore) -> list[str]:
    return [key for key in memory.objects if "/pages/" in key]


def later(days: float) -> datetime:
    return NOW + timedelta(days=days)


def test_pages_of_a_killed_run_go_with_its_checkpoint_once_they_are_old(memory: MemoryStore, tmp_path: Path) -> None:
    killed(memory, tmp_path)
    held = set(memory.objects)
    assert len(held) == 3
    assert expire_pages(memory, KEEP, later(KEEP)) == []
    assert expire_pages(memory, KEEP, later(KEEP + 0.01)) == sorted(held)
    assert memory.objects == {}


def test_what_a_load_names_stays_for_ever(memory: MemoryStore, tmp_path: Path) -> None:
    run(Vendor.of(FIVE), memory, tmp_path)
    held = dict(memory.objects)
    assert expire_pages(memory, KEEP, later(1_000)) == []
    assert memory.objects == held
    assert newest(memory).height == 5


def test_what_a_fresh_checkpoint_names_stays_though_the_page_is_old(memory: MemoryStore, tmp_path: Path) -> None:
    """A first run died long ago; another one took up its pages, and is between two pages now."""
    vendor = killed(memory, tmp_path)
    memory.clock = later(KEEP + 1)
    checkpoint = next(key for key in memory.objects if key.startswith("checkpoints/"))
    memory.put(checkpoint, memory.objects[checkpoint])

    assert expire_pages(memory, KEEP, later(KEEP + 1)) == []
    assert run(vendor, memory, tmp_path).resumed_after == 2


def test_a_page_that_is_named_a_moment_later_stays(memory: MemoryStore, tmp_path: Path) -> None:
    """It is removed while a run stands between storing a page and writing the checkpoint that names it."""
    vendor = Vendor.of(FIVE)
    original = memory.put

    def put(key: str, data: bytes, *, if_absent: bool = False) -> object:
        if key.startswith("checkpoints/"):
            assert expire_pages(memory, KEEP, memory.clock) == []
        return original(key, data, if_absent=if_absent)

    memory.put = put  # type: ignore[method-assign, assignment]  # it watches
    run(vendor, memory, tmp_path)
    assert newest(memory).height == 5


def test_old_bytes_that_a_new_run_stores_again_meanwhile_stay(memory: MemoryStore, tmp_path: Path) -> None:
    killed(memory, tmp_path)
    for key in [key for key in memory.objects if key.startswith("checkpoints/")]:
        memory.delete(key)
    now = later(KEEP + 1)
    listing = memory.list
    calls = []

    def watched(prefix: str) -> object:
        found = listing(prefix)
        calls.append(prefix)
        if prefix == "checkpoints/":  # the pages were listed, and here they are stored once more
            memory.clock = now
            for key in pages(memory):
                memory.put(key, memory.objects[key])
        return found

    memory.list = watched  # type: ignore[method-assign, assignment]  # it interferes
    assert expire_pages(memory, KEEP, now) == []
    assert "checkpoints/" in calls


def test_pages_of_a_begun_again_run_go_and_those_of_its_load_stay(memory: MemoryStore, tmp_path: Path) -> None:
    killed(memory, tmp_path)
    vendor = Vendor.of([order(number, number, total="9.00") for number in range(1, 6)])
    run(vendor, memory, tmp_path, job(options="another"))
    assert len(pages(memory)) == 5
    gone = expire_pages(memory, KEEP, later(KEEP + 1))
    assert len(gone) == 2
    assert [part.name for part in read_parts(memory, manifests(memory)[0])]
    assert len(pages(memory)) == 3


def test_files_beside_pages_are_nobodys_business(memory: MemoryStore) -> None:
    keys = ["raw/shop/pages/window=w/load=l/part-00000.json.zst", "raw/shop/orders/window=w/load=l/part-0", "sealed/x"]
    for key in keys:
        memory.put(key, b"x")
    assert expire_pages(memory, KEEP, later(100)) == []


def test_an_unreadable_manifest_stops_it_before_anything_is_removed(memory: MemoryStore, tmp_path: Path) -> None:
    run(Vendor.of(FIVE), memory, tmp_path)
    memory.put(manifests(memory)[0].ref.manifest_key, b"{}")
    held = dict(memory.objects)
    with pytest.raises(ObjectCorruptError):
        expire_pages(memory, KEEP, later(KEEP + 1))
    assert memory.objects == held


@pytest.mark.parametrize("days", [0, 1, 3, -1])
def test_no_page_goes_while_a_run_could_still_go_on_from_it(memory: MemoryStore, days: int) -> None:
    with pytest.raises(ConfigError, match="4 days or more"):
        expire_pages(memory, days, NOW)


def test_a_directory_tells_when_its_objects_were_written(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "lake")
    run(Vendor.of(FIVE), store, tmp_path / "scratch", job(options="one"))
    store.put("raw/shop/orders/window=w/pages/00000-abc.json.zst", b"x")
    assert expire_pages(store, KEEP, datetime.now(UTC)) == []
    gone = expire_pages(store, KEEP, datetime.now(UTC) + timedelta(days=KEEP, minutes=1))
    assert gone == ["raw/shop/orders/window=w/pages/00000-abc.json.zst"]
    assert newest(store).height == 5


def test_a_page_packed_otherwise_takes_no_other_ones_place(
    memory: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version of the packer gives other bytes of the same content: an older manifest vouches for its own."""
    part = RawPart("orders.json", b"[]" * 100)
    window = [(PagedLanding(memory, source(), DAY, fingerprint=one, now=NOW)) for one in ("a", "b")]
    window[0].add(part, cursor=None, reported=0)
    real = zstandard.ZstdCompressor
    monkeypatch.setattr(zstandard, "ZstdCompressor", lambda level: real(level=level + 10, write_checksum=True))
    window[1].add(part, cursor=None, reported=0)
    assert len(pages(memory)) == 2


@pytest.mark.parametrize("name", ["a.json", "a.csv.gz", "no suffix", "a.b/c", "UPPER.JSON", "a.", "a.jsön"])
def test_bytes_and_files_are_stored_alike(memory: MemoryStore, tmp_path: Path, name: str) -> None:
    data = b"some bytes, " * 1_000
    path = tmp_path / "file"
    path.write_bytes(data)
    meta: dict[str, str] = {"charset": "cp932"}
    found = []
    parts: tuple[RawPart | RawFile, ...] = (RawPart(name, data, meta), RawFile(name, path, meta))
    for part in parts:
        stored = store_part(memory, part, lambda digest, suffix: f"raw/{digest}.{suffix}", scratch=tmp_path)
        packed = memory.objects[stored.key]
        unpacked = zstandard.ZstdDecompressor().decompress(packed) if stored.encoding == "zstd" else packed
        assert unpacked == data
        assert stored.bytes == len(packed)
        found.append((stored.content_sha256, stored.content_bytes, stored.encoding, stored.meta, stored.name))
    assert found[0] == found[1]
    assert list(tmp_path.glob("part-*")) == []
