"""One contract, held by every object store."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lakehouse.errors import ConfigError, ObjectCorruptError, ObjectExistsError, ObjectNotFoundError
from lakehouse.objectstore import ObjectInfo, ObjectStore, fetch_many, open_store
from lakehouse.objectstore import s3 as s3_module
from lakehouse.settings import Settings
from tests.support.racing import race_processes, race_threads

KEY = "raw/shop/order_lines/window=20111201T000000Z--20111202T000000Z/load=a+b@c-1/part-00000.csv.zst"
DATA = bytes(range(256)) * 41


@pytest.fixture(params=["directory", "s3"])
def any_settings(request: pytest.FixtureRequest) -> Settings:
    """Settings of an empty store, of either kind."""
    name = "settings" if request.param == "directory" else "s3_settings"
    found = request.getfixturevalue(name)
    assert isinstance(found, Settings)
    return found


@pytest.fixture
def any_store(any_settings: Settings) -> ObjectStore:
    return open_store(any_settings)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("data", [b"", b"x", DATA, os.urandom(3 << 20)], ids=["empty", "one", "binary", "3 MiB"])
def test_what_is_put_is_got(any_store: ObjectStore, data: bytes) -> None:
    assert any_store.put(KEY, data) == ObjectInfo(KEY, len(data))

    assert any_store.get(KEY) == data
    assert any_store.head(KEY) == ObjectInfo(KEY, len(data))
    assert any_store.fetch(KEY, sha256=sha256(data)).read_bytes() == data


def test_put_replaces(any_store: ObjectStore) -> None:
    any_store.put(KEY, b"old")
    any_store.put(KEY, b"new and longer")

    assert any_store.get(KEY) == b"new and longer"


def test_put_if_absent_keeps_the_first(any_store: ObjectStore, tmp_path: Path) -> None:
    file = tmp_path / "second"
    file.write_bytes(b"second")
    any_store.put(KEY, b"first", if_absent=True)

    with pytest.raises(ObjectExistsError, match="part-00000"):
        any_store.put(KEY, b"second", if_absent=True)
    with pytest.raises(ObjectExistsError, match="part-00000"):
        any_store.put_file(KEY, file, if_absent=True)
    assert any_store.get(KEY) == b"first"


@pytest.mark.parametrize("if_absent", [False, True])
def test_a_file_goes_up_whole(
    any_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, if_absent: bool
) -> None:
    """Larger than one part, so that S3 gets it in several; and once through a conditional write."""
    monkeypatch.setattr(s3_module, "_MULTIPART", 8 << 20)
    data = os.urandom(19 << 20)
    file = tmp_path / "large"
    file.write_bytes(data)

    assert any_store.put_file(KEY, file, if_absent=if_absent) == ObjectInfo(KEY, len(data))
    assert any_store.fetch(KEY, sha256=sha256(data)).read_bytes() == data
    assert file.read_bytes() == data


def test_what_is_not_there(any_store: ObjectStore) -> None:
    any_store.put("raw/a/b", b"x")

    for key in ("nowhere/c", "raw/a", "raw/a/b/c"):
        assert any_store.head(key) is None
        with pytest.raises(ObjectNotFoundError, match=key):
            any_store.get(key)
        with pytest.raises(ObjectNotFoundError, match=key):
            any_store.fetch(key, sha256="0" * 64)
        any_store.delete(key)
    assert any_store.get("raw/a/b") == b"x"
    assert list(any_store.list("other/")) == []


def test_delete(any_store: ObjectStore) -> None:
    any_store.put("raw/a", b"1")
    any_store.put("raw/b", b"2")

    any_store.delete("raw/a")

    assert any_store.head("raw/a") is None
    assert [info.key for info in any_store.list("")] == ["raw/b"]


def test_list_is_exact_and_in_order(any_store: ObjectStore) -> None:
    keys = ["raw/b/2", "raw/a/1", "raw/ab/1", "raw/a/10", "raw/a/2", "parsed/a", "raw/A/1", "raw/a-b/1", "raw/a=b"]
    for key in keys:
        any_store.put(key, key.encode())

    assert [info.key for info in any_store.list("")] == sorted(keys)
    assert [info.key for info in any_store.list("raw/a/")] == ["raw/a/1", "raw/a/10", "raw/a/2"]
    assert [info.key for info in any_store.list("raw/a/1")] == ["raw/a/1", "raw/a/10"]
    assert [info.key for info in any_store.list("raw/a")] == sorted(key for key in keys if key.startswith("raw/a"))
    assert all(info.size == len(info.key) for info in any_store.list(""))


def test_list_goes_past_one_page(any_store: ObjectStore) -> None:
    """S3 answers at most 1,000 keys at a time."""
    keys = [f"raw/{number:05d}" for number in range(1_003)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: any_store.put(key, b"x"), keys))

    assert [info.key for info in any_store.list("raw/")] == keys


def test_nobody_sees_half_an_object(any_store: ObjectStore, tmp_path: Path) -> None:
    size = 2 << 20
    file = tmp_path / "file"
    done = threading.Event()

    def write() -> None:
        try:
            for number in range(12):
                data = bytes([number]) * size
                file.write_bytes(data)
                any_store.put("raw/overwritten", data)
                any_store.put_file(f"raw/new-{number}", file)
        finally:
            done.set()

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not done.is_set():
            assert all(info.size == size for info in any_store.list("raw/"))
            if any_store.head("raw/overwritten") is not None:
                seen = any_store.get("raw/overwritten")
                assert seen == seen[:1] * size
        writing.result()
    assert len(list(any_store.list("raw/"))) == 13


def test_a_flipped_byte_is_found_and_named(any_store: ObjectStore) -> None:
    promised = sha256(DATA)
    any_store.put(KEY, DATA[:99] + bytes([DATA[99] ^ 1]) + DATA[100:])

    with pytest.raises(ObjectCorruptError, match="part-00000") as raised:
        any_store.fetch(KEY, sha256=promised)
    assert raised.value.remedy
    any_store.put(KEY, DATA)
    assert any_store.fetch(KEY, sha256=promised).read_bytes() == DATA


def test_fetch_many_keeps_the_order(any_store: ObjectStore) -> None:
    wanted = [(f"raw/{number:02d}", str(number).encode() * 1000) for number in range(25)]
    for key, data in wanted:
        any_store.put(key, data)

    paths = fetch_many(any_store, [(key, sha256(data)) for key, data in wanted], workers=6)

    assert [path.read_bytes() for path in paths] == [data for _, data in wanted]
    with pytest.raises(ObjectCorruptError, match="raw/07"):
        fetch_many(any_store, [(key, sha256(b"" if key == "raw/07" else data)) for key, data in wanted])
    with pytest.raises(ObjectNotFoundError, match="raw/nothing"):
        fetch_many(any_store, [("raw/nothing", "0" * 64)])


@pytest.mark.parametrize(
    "key", ["", "/a", "a/", "a//b", "../a", "a/../b", ".a", "a/.b", "a b", "a\n", "ä", "a\\b", "a:b", "x" * 201]
)
def test_keys_that_could_leave_the_store_are_refused(any_store: ObjectStore, tmp_path: Path, key: str) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")

    for call in (
        lambda: any_store.put(key, b"x"),
        lambda: any_store.put_file(key, file),
        lambda: any_store.get(key),
        lambda: any_store.fetch(key, sha256="0" * 64),
        lambda: any_store.head(key),
        lambda: any_store.delete(key),
    ):
        with pytest.raises(ConfigError, match="not a usable object key"):
            call()
    if key not in {"", "a/"}:  # a prefix may be these
        with pytest.raises(ConfigError, match="not a usable object key"):
            list(any_store.list(key))


def test_of_racing_threads_exactly_one_wins(any_store: ObjectStore) -> None:
    for number in range(15):
        key = f"raw/race-{number}"
        winners = race_threads(any_store, key, writers=8)
        assert len(winners) == 1
        assert any_store.get(key) == winners[0]


def test_of_racing_processes_exactly_one_wins(any_settings: Settings) -> None:
    keys = [f"raw/race-{number}" for number in range(20)]

    winners = race_processes(any_settings, keys, writers=3)

    store = open_store(any_settings)
    for key in keys:
        assert len(winners[key]) == 1
        assert store.get(key) == winners[key][0]


def test_fetched_files_are_not_written_to(s3_settings: Settings) -> None:
    """What S3 fetches is a copy of its own: read-only, and checked again at every call."""
    store = open_store(s3_settings)
    store.put(KEY, DATA)
    copy = store.fetch(KEY, sha256=sha256(DATA))
    assert stat.S_IMODE(copy.stat().st_mode) == 0o444
    assert copy.is_relative_to(s3_settings.var / "cache" / "objects")
    assert copy.suffix == ".zst"

    copy.chmod(0o644)
    copy.write_bytes(DATA[:-1])

    assert store.fetch(KEY, sha256=sha256(DATA)) == copy
    assert copy.read_bytes() == DATA
    store.delete(KEY)
    assert store.fetch(KEY, sha256=sha256(DATA)).read_bytes() == DATA  # from the cache: the name is the hash
    assert not list(copy.parent.glob(".tmp-*"))
