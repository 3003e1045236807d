"""Opens the object store that the settings name."""

from __future__ import annotations

from pathlib import Path

from lakehouse.errors import ConfigError
from lakehouse.objectstore.base import ObjectStore
from lakehouse.objectstore.directory import DirectoryStore
from lakehouse.settings import PROJECT_ROOT, Settings


def open_store(settings: Settings) -> ObjectStore:
    """The object store of these settings.

    Raises:
        ConfigError: If the URL has a scheme other than ``s3``.
    """
    url = settings.store
    scheme, parted, _ = url.partition("://")
    if not parted:
        path = Path(url)
        return DirectoryStore(path if path.is_absolute() else PROJECT_ROOT / path)
    if scheme == "s3":
        from lakehouse.objectstore.s3 import S3Store  # boto3 takes long to import; most runs use a directory

        return S3Store.from_settings(settings)
    raise ConfigError(
        f"ECOMOPS_STORE_URL has the unknown scheme {scheme!r}.", remedy="Give a folder or s3://bucket/prefix."
    )
