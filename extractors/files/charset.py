"""Text from bytes, refusing what is written in another character set than the mapping says."""

from __future__ import annotations

import codecs
from collections.abc import Callable

from lakehouse.errors import ContractError

CANDIDATES = ("utf-8", "gb18030", "cp932", "cp1252")  # from the strictest to one that accepts nearly anything
_UTF8_PROOF = 8  # non-ASCII bytes from which valid UTF-8 is no coincidence in a double-byte set
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def _any_text(text: str) -> int:
    return 1


def decode(name: str, data: bytes, encoding: str, score: Callable[[str], int] = _any_text) -> str:
    """The text of a file, without a byte order mark.

    Bytes that are not ASCII and yet are valid UTF-8 are UTF-8, whatever else they could be read as: a
    file declared cp1252, cp932 or gb18030 that is such is refused too.

    Args:
        name: The file's name.
        data: Its bytes.
        encoding: The declared character set.
        score: How right a text looks; helps to name the set that the bytes are really in.

    Raises:
        ContractError: If the bytes are not in that encoding; the message names the place and a set that fits.
    """
    mark = next((codec for bom, codec in _MARKS.items() if data.startswith(bom)), None)
    if mark and not encoding.startswith(mark):
        raise _wrong(name, encoding, "begins with a byte order mark", mark)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise _wrong(name, encoding, f"has byte 0x{data[error.start]:02x} in line {row}", _name(data, score)) from error
    except UnicodeError as error:  # a codec such as utf-16 with half a character at the end
        raise _wrong(name, encoding, f"ends in the middle of a character ({error})", _name(data, score)) from error
    if encoding != "utf-8" and not encoding.startswith("utf-") and _proves_utf8(data, encoding):
        raise _wrong(name, encoding, "is valid UTF-8 with characters beyond ASCII", "utf-8")
    if "\x00" in text:
        raise _wrong(
            name, encoding, f"has a NUL character in line {text.count(chr(10), 0, text.index(chr(0))) + 1}", ""
        )
    return text.removeprefix("\ufeff")


def guess(data: bytes, score: Callable[[str], int] = _any_text, *, above: int = 0) -> str:
    """The usual character set in which the bytes are valid text of the highest score, or an empty string.

    Args:
        data: The bytes.
        score: How right a text looks; of equals the strictest set wins.
        above: The score to surpass.
    """
    best = ""
    for candidate in CANDIDATES:
        try:
            text = data.decode(candidate)
        except UnicodeDecodeError:
            continue
        reached = -1 if "\x00" in text else score(text.removeprefix("\ufeff"))
        if reached > above:
            best, above = candidate, reached
    return best


def _name(data: bytes, score: Callable[[str], int]) -> str:
    return guess(data, score) or guess(data)


def _proves_utf8(data: bytes, encoding: str) -> bool:
    if data.isascii():
        return False
    beyond = sum(byte > 0x7F for byte in data[: 1 << 16])
    single_byte = len("é".encode(encoding, errors="replace")) == 1 and encoding not in {"gb18030", "gbk", "cp932"}
    if not single_byte and beyond < _UTF8_PROOF:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _wrong(name: str, encoding: str, seen: str, other: str) -> ContractError:
    hint = f"It can be read as {other}: set `encoding: {other}`, if" if other else "Find out how it was written, and if"
    return ContractError(
        f"{name} is not written in {encoding}: it {seen}.",
        remedy=f"{hint} this source's files are all so; otherwise export it again as {encoding}.",
    )
