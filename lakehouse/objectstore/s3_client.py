"""Which S3 server, bucket and credentials the settings mean, and how patient to be with it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from lakehouse.errors import ConfigError
from lakehouse.objectstore.base import check_key
from lakehouse.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ATTEMPTS = 4
_CONNECT_SECONDS = 10
_READ_SECONDS = 60


def location(url: str) -> tuple[str, str]:
    """Bucket and prefix of ``s3://bucket/prefix``.

    Raises:
        ConfigError: If the URL names no bucket, or holds more than bucket and prefix.
    """
    parts = urlsplit(url)
    prefix = parts.path.strip("/")
    if parts.scheme != "s3" or not parts.netloc or "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(
            "ECOMOPS_STORE_URL does not name a bucket.",
            remedy="Write s3://bucket/prefix; credentials go into ECOMOPS_S3_ACCESS_KEY_ID and its secret.",
        )
    if prefix:
        check_key(prefix)
    return parts.netloc, prefix


def connect(settings: Settings) -> S3Client:
    """A client for the endpoint and credentials of these settings; it may be shared between threads.

    Raises:
        ConfigError: If the endpoint or the credentials are incomplete or unusable.
    """
    secret = settings.s3_secret_access_key
    if (settings.s3_access_key_id is None) != (secret is None):
        raise ConfigError(
            "Only one of ECOMOPS_S3_ACCESS_KEY_ID and ECOMOPS_S3_SECRET_ACCESS_KEY is set.",
            remedy="Set both, or neither to use boto3's own configuration.",
        )
    endpoint = settings.s3_endpoint_url
    if endpoint is not None and (urlsplit(endpoint).scheme not in {"http", "https"} or "@" in endpoint):
        raise ConfigError(
            "ECOMOPS_S3_ENDPOINT_URL is not a plain http(s) address.",
            remedy="Write https://host:port, without a user name or password.",
        )
    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key_id,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        config=_config(path_style=settings.s3_path_style),
    )


def _config(*, path_style: bool) -> Config:
    return Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        max_pool_connections=32,
        tcp_keepalive=True,
        # Newer boto3 adds checksum trailers that many self-hosted servers refuse; what we read is checked
        # against its manifest anyway.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path" if path_style else "auto"},
    )
