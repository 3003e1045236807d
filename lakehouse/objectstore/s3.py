"""Objects in a bucket of AWS S3 or of any server that speaks its protocol."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self, TypeVar

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

from lakehouse.errors import ConfigError, ObjectCorruptError
from lakehouse.files import sha256_file, staged
from lakehouse.objectstore.base import ObjectInfo, check_key, check_prefix
from lakehouse.objectstore.directory import corrupt, taken
from lakehouse.objectstore.s3_client import ATTEMPTS, connect, location
from lakehouse.objectstore.s3_errors import CONFLICT, MISSING, TAKEN, cache_failed, code, translated
from lakehouse.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_T = TypeVar("_T")
_CHUNK = 1 << 20
_MULTIPART = 64 << 20  # above it, files go up in parts, several at once
_SINGLE_PUT = 5 << 30  # S3's limit for one request; a conditional write is one request
_SHA256 = re.compile(r"[0-9a-f]{64}")


class S3Store:
    """Objects below one prefix of a bucket, with a cache of verified local copies.

    Args:
        client: A client of boto3; it may be shared between threads.
        bucket: The bucket, which must exist.
        prefix: What every key is put behind, without slashes at its ends; may be empty.
        cache: Local folder for what `fetch` downloads.
        encryption: Arguments that ask for encryption at rest, for every write.
    """

    def __init__(
        self,
        client: S3Client,
        bucket: str,
        prefix: str,
        *,
        cache: Path,
        encryption: dict[str, str] | None = None,
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._cache = cache
        # boto3's types want each argument by name; which of them are given is decided at run time.
        self._encryption: dict[str, Any] = dict(encryption or {})

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The store that ``ECOMOPS_STORE_URL`` and the ``ECOMOPS_S3_*`` settings name.

        Raises:
            ConfigError: If the URL, the endpoint or the credentials are incomplete or unusable.
        """
        bucket, prefix = location(settings.store)
        encryption: dict[str, str] = {}
        if settings.s3_sse:
            encryption["ServerSideEncryption"] = settings.s3_sse
        if settings.s3_sse_kms_key_id:
            if settings.s3_sse != "aws:kms":
                raise ConfigError(
                    "ECOMOPS_S3_SSE_KMS_KEY_ID is set, but ECOMOPS_S3_SSE is not aws:kms.",
                    remedy="Set ECOMOPS_S3_SSE=aws:kms, or remove the key.",
                )
            encryption["SSEKMSKeyId"] = settings.s3_sse_kms_key_id
        cache = settings.var / "cache" / "objects"
        return cls(connect(settings), bucket, prefix, cache=cache, encryption=encryption)

    @property
    def url(self) -> str:
        """Bucket and prefix."""
        return f"s3://{self._bucket}/{self._prefix}".rstrip("/")

    def put(self, key: str, data: bytes, *, if_absent: bool = False) -> ObjectInfo:
        """See `ObjectStore.put`."""
        name = self._name(key)
        with translated(self.url, key):
            if if_absent:
                self._put_once(key, data, lambda: hashlib.sha256(data).hexdigest())
            else:
                self._client.put_object(Bucket=self._bucket, Key=name, Body=data, **self._encryption)
        return ObjectInfo(key, len(data))

    def put_file(self, key: str, path: Path, *, if_absent: bool = False) -> ObjectInfo:
        """See `ObjectStore.put_file`; large files go up in parallel parts."""
        name = self._name(key)
        size = path.stat().st_size
        with path.open("rb") as handle, translated(self.url, key):
            if if_absent and size <= _SINGLE_PUT:
                self._put_once(key, handle, lambda: sha256_file(path))
                return ObjectInfo(key, size)
            if if_absent and self.head(key) is not None:
                raise taken(key)
            self._client.upload_fileobj(
                handle,
                self._bucket,
                name,
                ExtraArgs=self._encryption,
                Config=TransferConfig(multipart_threshold=_MULTIPART, max_concurrency=4),
            )
        return ObjectInfo(key, size)

    def get(self, key: str) -> bytes:
        """See `ObjectStore.get`."""
        return self._reading(key, lambda body: b"".join(body))

    def fetch(self, key: str, *, sha256: str) -> Path:
        """See `ObjectStore.fetch`; the copy is named by its hash and checked at each call."""
        check_key(key)
        if not _SHA256.fullmatch(sha256):
            raise ObjectCorruptError(
                f"{key} cannot be checked: {sha256!r} is not a SHA-256.", remedy="Restore its manifest."
            )
        copy = self._cache / sha256[:2] / f"{sha256}{Path(key).suffix}"
        try:
            if copy.is_file() and sha256_file(copy) == sha256:
                return copy
            with staged(copy) as temporary:
                actual = self._reading(key, lambda body: _write(body, temporary))
                if actual != sha256:
                    raise corrupt(key, sha256, actual)
                temporary.chmod(0o444)
                temporary.replace(copy)
        except OSError as error:
            raise cache_failed(self._cache, key, error) from error
        return copy

    def head(self, key: str) -> ObjectInfo | None:
        """See `ObjectStore.head`."""
        name = self._name(key)
        with translated(self.url, key):
            try:
                found = self._client.head_object(Bucket=self._bucket, Key=name)
            except ClientError as error:
                if code(error) in MISSING:
                    return None
                raise
        return ObjectInfo(key, found["ContentLength"])

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        """See `ObjectStore.list`."""
        start = self._prefix + check_prefix(prefix)
        with translated(self.url, prefix or "all keys"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=start)
            for page in pages:
                for item in page.get("Contents", ()):
                    if not item["Key"].endswith("/"):  # consoles make such markers for folders
                        key = item["Key"].removeprefix(self._prefix)
                        yield ObjectInfo(key, item["Size"], item.get("LastModified"))

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        name = self._name(key)
        with translated(self.url, key):
            self._client.delete_object(Bucket=self._bucket, Key=name)

    def _put_once(self, key: str, body: bytes | IO[bytes], content: Callable[[], str]) -> None:
        """A conditional write; `content` tells the SHA-256 of the body."""
        if self.head(key) is not None:  # some servers ignore the condition
            raise taken(key)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._client.put_object(
                    Bucket=self._bucket, Key=self._name(key), Body=body, IfNoneMatch="*", **self._encryption
                )
            except ClientError as error:
                # AWS answers a conflict to writers that meet; asking again tells who won.
                if code(error) in CONFLICT and attempt < ATTEMPTS:
                    continue
                if code(error) not in TAKEN:
                    raise
                if not self._is_own_echo(key, error, content):
                    raise taken(key) from error
            return

    def _is_own_echo(self, key: str, error: ClientError, content: Callable[[], str]) -> bool:
        """Whether the object in the way is what a first try of this very request stored.

        When an answer is lost, boto3 sends the request again, and the condition then fails because of
        ourselves.
        """
        if not error.response.get("ResponseMetadata", {}).get("RetryAttempts"):
            return False
        return hashlib.sha256(self.get(key)).hexdigest() == content()

    def _reading(self, key: str, consume: Callable[[Iterator[bytes]], _T], attempts: int = ATTEMPTS) -> _T:
        """Passes the object's bytes on, from the start again where the connection broke off.

        boto3 repeats requests, but not what goes wrong while the body of an answer is read.
        """
        with translated(self.url, key):
            body = self._client.get_object(Bucket=self._bucket, Key=self._name(key))["Body"]
            try:
                return consume(body.iter_chunks(_CHUNK))
            except (IncompleteReadError, HTTPClientError):
                if attempts == 1:
                    raise
            finally:
                body.close()
        return self._reading(key, consume, attempts - 1)

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)


def _write(body: Iterator[bytes], target: Path) -> str:
    """Writes the chunks to a file and tells their SHA-256."""
    digest = hashlib.sha256()
    with target.open("wb") as handle:
        for chunk in body:
            digest.update(chunk)
            handle.write(chunk)
    return digest.hexdigest()
