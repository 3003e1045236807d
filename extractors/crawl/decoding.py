"""From a body as it was sent to the page as it was written, within a limit of bytes."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

import brotli  # type: ignore[import-untyped]  # brotli ships no types
from backports import zstd

from extractors.crawl.outcomes import Failed, Refused, TooLarge

ACCEPTED = "gzip, deflate, br, zstd"
"""For the header Accept-Encoding."""

MAX_LAYERS = 2
_MAX_MEMBERS = 100  # of one gzip body; a page has one
_CHUNK = 64 * 1024
# 8 MiB, what RFC 9659 allows on the web
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}
_GZIP_MAGIC = b"\x1f\x8b"


def decoded_body(headers: Iterable[tuple[str, str]], raw: bytes, limit: int) -> bytes:
    """Undoes the content encodings that the headers name.

    Memory and time are bounded by `limit` for each layer, whatever the bytes promise.

    Args:
        headers: Names and values, as stored or received.
        raw: The body as sent, without transfer encoding.
        limit: The most bytes that the body, and each layer of it, may have.

    Raises:
        TooLarge: If it is more than `limit` bytes.
        Refused: If it has more than two layers, or one that we do not read.
        Failed: If it is not what the headers say, or breaks off.
    """
    if len(raw) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes.")
    named = [value for name, value in headers if name.lower() == "content-encoding"]
    layers = [layer for value in named for word in value.split(",") if (layer := word.strip().lower())]
    layers = [layer for layer in layers if layer != "identity"]
    if len(layers) > MAX_LAYERS:
        raise Refused(f"The body is wrapped in {len(layers)} encodings.")
    for layer in reversed(layers):
        if layer not in _DECODERS:
            raise Refused("The body has an encoding that we do not read.")
        raw = _decode(layer, raw, limit)
    return raw


def gunzipped(raw: bytes, limit: int) -> bytes:
    """A gzip file's content; the same limits and errors as `decoded_body`."""
    return _decode("gzip", raw, limit)


def _decode(layer: str, raw: bytes, limit: int) -> bytes:
    if not raw:
        return raw
    try:
        body = _DECODERS[layer](raw, limit)
    except (zlib.error, brotli.error, zstd.ZstdError, EOFError) as error:
        raise Failed(f"The body is not {layer} as its headers say, or breaks off.") from error
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes after decompression.")
    return body


def _gzip(raw: bytes, limit: int) -> bytes:
    if not raw.startswith(_GZIP_MAGIC):
        return raw  # servers do name gzip and send plain text
    found = bytearray()
    for _ in range(_MAX_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        found += member.decompress(raw, limit + 1 - len(found))
        if len(found) > limit:
            break
        if not member.eof:
            raise EOFError
        raw = member.unused_data
        if not raw.startswith(_GZIP_MAGIC):
            break  # padding
    return bytes(found)


def _deflate(raw: bytes, limit: int) -> bytes:
    """With zlib's wrapping as the standard has it, or without, as some servers send it."""
    try:
        return _inflated(zlib.decompressobj(), raw, limit)
    except zlib.error:
        return _inflated(zlib.decompressobj(wbits=-15), raw, limit)


def _inflated(stream: zlib._Decompress, raw: bytes, limit: int) -> bytes:
    found = stream.decompress(raw, limit + 1)
    if not stream.eof and len(found) <= limit:
        raise EOFError
    return found


def _brotli(raw: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    found = bytearray(stream.process(raw, output_buffer_limit=_CHUNK))
    while not stream.is_finished() and len(found) <= limit:
        more = stream.process(b"", output_buffer_limit=_CHUNK)
        if not more:
            raise EOFError
        found += more
    return bytes(found)


def _zstd(raw: bytes, limit: int) -> bytes:
    found = bytearray()
    for _ in range(_MAX_MEMBERS):
        frame = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
        found += frame.decompress(raw, limit + 1 - len(found))
        if len(found) > limit:
            break
        if not frame.eof:
            raise EOFError
        raw = frame.unused_data
        if not raw:
            break
    return bytes(found)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
