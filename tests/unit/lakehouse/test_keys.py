"""Whatever key is accepted stays inside the store, and comes back from a listing as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lakehouse.errors import ConfigError
from lakehouse.objectstore import check_key, open_store
from lakehouse.objectstore.base import check_prefix
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import PROJECT_ROOT, Settings

_NEAR_MISSES = st.text(alphabet="aZ0_=.+@-/\\ \n\0é~", max_size=30)
_GOOD = st.from_regex(
    r"[A-Za-z0-9_=][A-Za-z0-9_.=+@-]{0,20}(/[A-Za-z0-9_=][A-Za-z0-9_.=+@-]{0,20}){0,5}", fullmatch=True
)


@given(st.text() | _NEAR_MISSES)
@example("a\n")
@example("..")
@example("a/../../b")
@example("/etc/passwd")
@example("x" * 300)
def test_an_accepted_key_stays_inside(key: str) -> None:
    root = Path("/srv/lake")
    try:
        check_key(key)
    except ConfigError:
        return
    path = root / key
    assert path.is_relative_to(root)
    assert path.as_posix() == f"/srv/lake/{key}"  # nothing was folded away
    assert not any(part.startswith(".") or len(part) > 200 for part in path.relative_to(root).parts)
    assert key.isascii()
    assert key.isprintable()


@given(_GOOD)
def test_a_good_key_is_accepted_and_listed_as_it_was(key: str) -> None:
    assert check_key(key) == key
    assert check_prefix(f"{key}/") == f"{key}/"
    with tempfile.TemporaryDirectory() as folder:
        store = DirectoryStore(Path(folder))
        store.put(key, b"x")
        assert [info.key for info in store.list("")] == [key]
        assert [info.key for info in store.list(key)] == [key]


def test_the_longest_key_is_accepted() -> None:
    assert check_key("/".join(["x" * 200] * 4 + ["x" * 96]))
    with pytest.raises(ConfigError):
        check_key("/".join(["x" * 200] * 4 + ["x" * 97]))


def test_the_store_of_the_settings(settings: Settings) -> None:
    assert open_store(settings).url == str(settings.var / "lake")
    relative = open_store(settings.model_copy(update={"store_url": "some/folder"}))
    assert relative.url == str(PROJECT_ROOT / "some/folder")
    with pytest.raises(ConfigError, match="unknown scheme 'ftp'"):
        open_store(settings.model_copy(update={"store_url": "ftp://host/x"}))
