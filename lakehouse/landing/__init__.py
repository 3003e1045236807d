"""The landing protocol: bytes first, then what was understood of them, the manifest last.

    raw/<source>/<stream>/window=<key>/load=<id>/part-00000.<ext>[.zst]
    raw/<source>/<stream>/window=<key>/load=<id>/_manifest.json
    parsed/<source>/<stream>/window=<key>/load=<id>/parse=<digest>/{rows,quarantine}.parquet, _parse.json

What has no manifest does not exist: a killed run leaves objects that nobody reads, and a rerun lands
the same window again. Parsed rows can always be made again from the raw bytes, under another digest.
"""

from lakehouse.landing.expiry import expire_pages
from lakehouse.landing.known import KNOWN_SCHEMA, known_records, landed_rows
from lakehouse.landing.live import LiveLoad, live_loads
from lakehouse.landing.manifest import (
    LoadRef,
    Manifest,
    Parsed,
    ParseRecord,
    PendingLoad,
    RawFile,
    RawPart,
    RowCounts,
    StoredObject,
    StoredPart,
)
from lakehouse.landing.paged import RESUMABLE, Checkpoint, PagedLanding
from lakehouse.landing.protocol import Landing
from lakehouse.landing.stored import find_parse, loads, part_files, read_manifest, read_parts, unread, write_parse

__all__ = [
    "KNOWN_SCHEMA",
    "RESUMABLE",
    "Checkpoint",
    "Landing",
    "LiveLoad",
    "LoadRef",
    "Manifest",
    "PagedLanding",
    "ParseRecord",
    "Parsed",
    "PendingLoad",
    "RawFile",
    "RawPart",
    "RowCounts",
    "StoredObject",
    "StoredPart",
    "expire_pages",
    "find_parse",
    "known_records",
    "landed_rows",
    "live_loads",
    "loads",
    "part_files",
    "read_manifest",
    "read_parts",
    "unread",
    "write_parse",
]
