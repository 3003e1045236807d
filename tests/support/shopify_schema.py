"""Shopify's own schema of an Admin GraphQL version, for tests.

The npm package `@shopify/dev-mcp` carries the introspection of every version. A pinned version of it is fetched
once by `npm pack` into `var/cache`, where all tests find it, and is checked by its hash each time it is read.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from functools import lru_cache
from pathlib import Path

from graphql import (
    GraphQLError,
    GraphQLSchema,
    NoDeprecatedCustomRule,
    build_client_schema,
    parse,
    specified_rules,
    validate,
)

from lakehouse.settings import PROJECT_ROOT
from tests.support.needs import absent

PACKAGE = "@shopify/dev-mcp"
VERSION = "1.16.0"
API_VERSION = "2026-10"
# What the npm registry says of this version, so what `npm pack` gives is what was published.
_SHA512 = "tqgRnK7sQhjew+htxtleTH23nXB5fZcsrhWgEkomsorGXvLOB2mh2upwZm8uzuTDNTZnqtLMe64yIwh6s2awtw=="
_CACHE = PROJECT_ROOT / "var" / "cache" / "shopify-dev-mcp"
_PATIENCE_SECONDS = 120


@lru_cache
def official_schema(api_version: str = API_VERSION) -> GraphQLSchema:
    """Shopify's schema of that version; skips the test (fails it in CI) where it can't be had."""
    with tarfile.open(_package()) as archive:
        member = archive.extractfile(f"package/dist/data/admin_{api_version}.json.gz")
        assert member is not None
        introspection = json.loads(gzip.decompress(member.read()))
    # Shopify deprecates some fields that an interface promises, which graphql-core would call an invalid schema.
    return build_client_schema(introspection["data"], assume_valid=True)


def faults_of(query: str, schema: GraphQLSchema | None = None) -> list[GraphQLError]:
    """What Shopify's schema has against a query, deprecated fields included; nothing where it is right."""
    rules = [*specified_rules, NoDeprecatedCustomRule]
    return validate(schema or official_schema(), parse(query), rules, max_errors=20)


def _package() -> Path:
    path = _CACHE / f"dev-mcp-{VERSION}.tgz"
    if not path.is_file() or not _is_genuine(path):
        _fetch(path)
    return path


def _is_genuine(path: Path) -> bool:
    return base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode() == _SHA512


def _fetch(path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        absent(f"Shopify's schema comes by npm ({PACKAGE}@{VERSION}), which is not installed.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        packing = [npm, "pack", f"{PACKAGE}@{VERSION}", "--ignore-scripts", "--pack-destination", folder]
        try:
            subprocess.run(packing, check=True, capture_output=True, timeout=_PATIENCE_SECONDS, cwd=folder)
        except (OSError, subprocess.SubprocessError) as error:
            absent(f"The npm registry did not give {PACKAGE}@{VERSION}: {error}.")
        (fetched,) = Path(folder).glob("*.tgz")
        assert _is_genuine(fetched), f"{PACKAGE}@{VERSION} is not what was published under that number"
        fetched.replace(path)
