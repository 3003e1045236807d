"""What S3's errors mean to a user, and what to do about them; without secrets."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own: every way of not reaching the endpoint
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from lakehouse.errors import ConfigError, EcomopsError, ObjectNotFoundError, StoreUnavailableError

MISSING = frozenset({"404", "NoSuchKey", "NotFound"})
TAKEN = frozenset({"412", "PreconditionFailed"})
CONFLICT = frozenset({"409", "ConditionalRequestConflict", "OperationAborted"})

_CREDENTIALS = "Check ECOMOPS_S3_ACCESS_KEY_ID and ECOMOPS_S3_SECRET_ACCESS_KEY, or boto3's own configuration."
_REGION = "Set ECOMOPS_S3_REGION to the bucket's region."
_REMEDIES = {
    "NoSuchBucket": "Create the bucket, or correct ECOMOPS_STORE_URL.",
    "InvalidBucketName": "Correct ECOMOPS_STORE_URL: s3://bucket/prefix.",
    "InvalidAccessKeyId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "ExpiredToken": "Renew the session's credentials.",
    "InvalidToken": "Renew the session's credentials.",
    "AccessDenied": "Allow this key to get, put, list and delete objects of the bucket. " + _CREDENTIALS,
    "403": "Allow this key to get, put, list and delete objects of the bucket. " + _CREDENTIALS,
    "AuthorizationHeaderMalformed": _REGION,
    "PermanentRedirect": _REGION,
    "301": _REGION,
    "RequestTimeTooSkewed": "Set this machine's clock.",
    "QuotaExceeded": "Free space on the server, or have the quota raised.",
}
_UNREACHABLE = "Check ECOMOPS_S3_ENDPOINT_URL, the network and that the server is up, then run it again."
_LATER = "Try again later; everything that was landed is still there."


def code(error: ClientError) -> str:
    """The server's error code, such as ``NoSuchKey``; for a HEAD request only a status."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextmanager
def translated(url: str, key: str) -> Iterator[None]:
    """Turns boto3's errors inside the block into ours.

    Args:
        url: The store, without secrets.
        key: The object, or prefix, that the block works on.

    Raises:
        ObjectNotFoundError: If the server says that there is no such object.
        ConfigError: If no credentials were found.
        StoreUnavailableError: For everything else; the message names the code, the remedy what to do.
    """
    try:
        yield
    except ClientError as error:
        raise _refused(url, key, error) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise ConfigError(f"There are no credentials for {url}.", remedy=_CREDENTIALS) from error
    except (ConnectionError, HTTPClientError) as error:
        raise StoreUnavailableError(
            f"{url} could not be reached for {key} ({type(error).__name__}).", remedy=_UNREACHABLE
        ) from error
    except BotoCoreError as error:
        raise StoreUnavailableError(f"{url} failed for {key} ({type(error).__name__}).", remedy=_LATER) from error


def cache_failed(folder: Path, key: str, error: OSError) -> StoreUnavailableError:
    """The error for a local cache that cannot take an object."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        remedy = "Free some space; the whole cache folder may be deleted at any time."
    else:
        remedy = "Check the folder's permissions; it may be deleted at any time."
    return StoreUnavailableError(
        f"{key} could not be kept in the cache {folder}: {error.strerror or error}.", remedy=remedy
    )


def _refused(url: str, key: str, error: ClientError) -> EcomopsError:
    name = code(error)
    if name in MISSING:
        return ObjectNotFoundError(f"There is no object {key} in {url}.")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "no")
    return StoreUnavailableError(
        f"{url} refused {error.operation_name} of {key}: {name or 'no reason given'} (HTTP status {status}).",
        remedy=_REMEDIES.get(name, _LATER),
    )
