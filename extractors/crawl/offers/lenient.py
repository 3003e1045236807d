"""JSON as shops write it: with comments, trailing commas, raw line breaks, several objects run together, or cut off."""

from __future__ import annotations

import html
import json
import re

_LARGEST = 2_000_000  # characters of one block
_LARGEST_MENDED = 500_000  # mending is slow
_DEEPEST = 100  # levels; nothing that describes a product is nested deeper
_WRAPPERS = re.compile(
    r"^\s*(?:(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?|<!--|//[^\n{\[]*\n|/\*.*?\*/)|(?:(?://|/\*)?\s*\]\]>\s*(?:\*/)?|(?://\s*)?-->|;)\s*$",
    re.DOTALL,
)
# One token of JSON or of what people write in its place; whatever matches none is left out.
_TOKEN = re.compile(
    r"""\s+|//[^\n]*|/\*.*?(?:\*/|\Z)|\#[^\n]*\n|<!--.*?(?:-->|\Z)"""
    r"""|(?P<text>"(?:[^"\\]++|\\.)*+(?:"|\Z))"""
    r"""|(?P<single>'(?:[^'\\]++|\\.)*+(?:'|\Z))"""
    r"""|(?P<mark>[{}\[\],:])|(?P<word>[^\s{}\[\],:"'/]+|/)""",
    re.DOTALL,
)
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})(.?)', re.DOTALL)
_ESCAPED = re.compile(r"[\[{]\s*&(?:quot|#0?34);")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_CONTROL = re.compile(r"[\x00-\x1f]")
_WORDS = {"true": "true", "false": "false", "null": "null", "undefined": "null", "none": "null", "nan": "null"}


def read_json(text: str) -> list[object]:
    """The values in a block of JSON; as many as can be read, and none from what is no JSON at all.

    Numbers come as the text that was written, so that no amount passes through a float.

    Args:
        text: The block.
    """
    text = text[:_LARGEST]  # cut off or not, what comes before is read
    # Escaped markup is part of the values unless the quotes themselves are escaped.
    for attempt in (_plain, _unwrapped, _unescaped, _mended):
        try:
            return attempt(text)
        except (ValueError, RecursionError):
            continue
    return []


def _load(text: str) -> object:
    return json.loads(text, strict=False, parse_float=str, parse_int=str, parse_constant=lambda _: None)


def _plain(text: str) -> list[object]:
    return [_load(text)]


def _unwrapped(text: str) -> list[object]:
    return [_load(_unwrap(text))]


def _unwrap(text: str) -> str:
    for _ in range(4):
        shorter = _WRAPPERS.sub("", text.strip("\ufeff \t\r\n"))
        if shorter == text:
            break
        text = shorter
    return text


def _unescaped(text: str) -> list[object]:
    if not _ESCAPED.search(text):
        raise ValueError("its quotes are not escaped")
    return _mended(html.unescape(text))


def _mended(text: str) -> list[object]:
    """Reads token by token, and writes what is well-formed.

    Raises:
        ValueError: If no value could be read.
    """
    values = [value for value in map(_try, _Mender(_unwrap(text[:_LARGEST_MENDED])).documents()) if value is not None]
    if not values:
        raise ValueError("no JSON")
    return values


def _try(document: str) -> object:
    try:
        return _load(document)
    except (ValueError, RecursionError):
        return None


class _Mender:
    """Copies tokens, leaving out commas and values that stand where none may, and closes what was left open."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[str] = []
        self.open: list[str] = []
        self.wants = "value"  # value, key, colon or comma
        self.found: list[str] = []

    def documents(self) -> list[str]:
        for match in _TOKEN.finditer(self.text):
            kind = match.lastgroup
            if kind == "mark":
                self.mark(match.group())
            elif kind is not None:
                self.scalar(match.group(), kind)
            if len(self.open) > _DEEPEST:
                break
        while self.open:
            self.close()
        return self.found

    def mark(self, mark: str) -> None:
        if mark in "{[":
            self.begin(mark)
        elif mark in "}]":
            if self.open and mark in self.open:
                while self.open[-1] != mark:
                    self.close()
                self.close()
        elif mark == ":" and self.wants == "colon":
            self.out.append(":")
            self.wants = "value"
        elif mark == "," and self.open:
            if self.wants in ("colon", "value") and self.open[-1] == "}":
                self.finish_pair()
            if self.wants == "comma":
                self.wants = "key" if self.open[-1] == "}" else "value"

    def begin(self, mark: str) -> None:
        if self.wants == "comma" and self.open and self.open[-1] == "]":
            self.wants = "value"  # a comma was forgotten between two things of a list
        if self.wants != "value":
            if self.wants == "key" and self.open and mark == "{":
                self.put('""')
                self.out.append(":")
            else:
                return
        self.put(mark)
        self.open.append("}" if mark == "{" else "]")
        self.wants = "key" if mark == "{" else "value"

    def scalar(self, token: str, kind: str) -> None:
        if not self.open:
            return
        if self.wants == "comma" and kind != "word":
            self.wants = "key" if self.open[-1] == "}" else "value"  # a comma was forgotten
        if self.wants == "key":
            self.put(_quoted(token, kind))
            self.wants = "colon"
        elif self.wants == "value":
            self.put(_value(token, kind))
            self.wants = "comma"

    def put(self, token: str) -> None:
        if self.out and self.out[-1] not in "{[:":
            self.out.append(",")
        self.out.append(token)

    def finish_pair(self) -> None:
        """A key without a value gets none."""
        if self.wants == "colon":
            self.out.append(":")
        if self.out and self.out[-1] == ":":
            self.out.append("null")
        self.wants = "comma"

    def close(self) -> None:
        if self.open[-1] == "}":
            self.finish_pair()
        self.out.append(self.open.pop())
        self.wants = "comma"
        if not self.open:
            self.found.append("".join(self.out))
            self.out.clear()
            self.wants = "value"


def _value(token: str, kind: str) -> str:
    if kind == "word":
        if token.lower() in _WORDS:
            return _WORDS[token.lower()]
        if _NUMBER.fullmatch(token):
            return token if not re.match(r"-?0\d", token) else json.dumps(token)
    return _quoted(token, kind)


def _quoted(token: str, kind: str) -> str:
    if kind == "word":
        return json.dumps(token)
    inner = token[1:-1] if len(token) > 1 and token[-1] == token[0] else token[1:]
    if kind == "single":
        inner = inner.replace("\\'", "'").replace('"', '\\"').replace('\\\\"', '\\"')
    inner = _BAD_ESCAPE.sub(r"\1", inner)
    return f'"{_CONTROL.sub(" ", inner)}"'
