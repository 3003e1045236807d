"""Where a drop is: a folder, a single file, or a bucket that another tool fills."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from lakehouse.errors import ConfigError

DropPath = Path | str  # text: `s3://bucket/prefix`, or a folder's path


@dataclass(frozen=True)
class DropFile:
    """A file in a drop.

    Attributes:
        name: Its name, with as many of its folders as matter.
        read: Gives its bytes.
    """

    name: str
    read: Callable[[], bytes]


def listing(path: DropPath) -> list[DropFile]:
    """The files of a drop in order, named by their paths; hidden ones left out.

    Raises:
        ConfigError: If there is no such place.
        StoreUnavailableError: If the bucket cannot be reached.
    """
    if isinstance(path, str) and "://" in path:
        return _bucket(path)
    place = Path(path)
    if place.is_file():
        return [DropFile(place.absolute().as_posix().lstrip("/"), place.read_bytes)]
    if not place.is_dir():
        raise ConfigError(f"There is no file or folder {place}.", remedy="Pass the drop's path.")
    found = {file.relative_to(place).as_posix(): file for file in place.rglob("*") if file.is_file()}
    return [DropFile(name, found[name].read_bytes) for name in sorted(found) if not _hidden(name)]


def _bucket(url: str) -> list[DropFile]:
    from lakehouse.objectstore import open_store  # boto3 takes long to import; most drops are folders
    from lakehouse.settings import get_settings

    if not url.startswith("s3://"):
        raise ConfigError(
            f"The drop {url} is no place that can be read.", remedy="Give a folder or s3://bucket/prefix."
        )
    store = open_store(get_settings().model_copy(update={"store_url": url.rstrip("/")}))
    keys = sorted(info.key for info in store.list(""))
    return [DropFile(key, partial(store.get, key)) for key in keys if not _hidden(key)]


def _hidden(name: str) -> bool:
    """Whether it or a folder above it is hidden, or it is a marker such as Spark's `_SUCCESS`."""
    parts = name.split("/")
    return any(part.startswith(".") for part in parts) or parts[-1] == "_SUCCESS"
