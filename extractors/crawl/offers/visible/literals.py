"""JavaScript's object and array literals as Python values, read without running anything.

Valid JSON goes through the standard library. Anything else, with bare keys, single quotes, trailing commas, comments
or expressions, goes through a small reader that is bounded in length and depth; what it cannot know becomes None.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:(?://[^\n]*|/\*.*?\*/)\s*)*
    (?:(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`)
      |(?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w$])
      |(?P<name>[A-Za-z_$][\w$]*)
      |(?P<flag>![01])
      |(?P<mark>.))""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0"}
_NAMES: dict[str, Any] = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None}
_OPEN, _CLOSE = "{[(", "}])"
_DEEPEST = 40
_DECODER = json.JSONDecoder(strict=False)


class _UnreadableError(Exception):
    """The text is no literal, or goes past a limit."""


def read_json(text: str) -> Any:  # noqa: ANN401  # whatever the page holds
    """A whole text that is JSON; None where it is not."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class Literal:
    """What a reading of a literal came to.

    Attributes:
        value: The object or the list; None where there is no literal.
        end: The place behind it; without a literal the place up to which it was read.
        spent: How many characters the slow reader read.
    """

    value: Any
    end: int
    spent: int = 0


def read_literal(text: str, at: int, longest: int) -> Literal:
    """The literal that begins at a place.

    Args:
        text: The script.
        at: Where `{` or `[` stands.
        longest: How many characters a literal that is no JSON may take.
    """
    if text[at : at + 1] not in ("{", "["):
        return Literal(None, at)
    try:
        return Literal(*_DECODER.raw_decode(text, at))
    except (ValueError, RecursionError):
        pass
    reader = _Reader(text, at, min(len(text), at + longest))
    try:
        value = reader.value(reader.next(), 0)
    except (_UnreadableError, ValueError, RecursionError):
        value = None
    return Literal(value, reader.at, reader.at - at)


def read_string(text: str) -> str:
    """A quoted text's content.

    Args:
        text: With its quotes.
    """

    def plain(match: re.Match[str]) -> str:
        code = match[1] or match[2]
        return chr(int(code, 16)) if code else _PLAIN.get(match[3], match[3])

    return _ESCAPE.sub(plain, text[1:-1])


class _Reader:
    """Reads one literal from left to right."""

    def __init__(self, text: str, at: int, end: int) -> None:
        self.text, self.at, self.end = text, at, end

    def next(self) -> re.Match[str]:
        match = _TOKEN.match(self.text, self.at, self.end)
        if match is None:
            raise _UnreadableError
        self.at = match.end()
        return match

    def value(self, token: re.Match[str], depth: int) -> Any:  # noqa: ANN401  # whatever the page holds
        if depth > _DEEPEST:
            raise _UnreadableError
        if token["mark"] == "{":
            return self.members(depth)
        if token["mark"] == "[":
            return self.items(depth)
        return self.simple(token)

    def members(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            token = self.next()
            if token["mark"] == "}":
                return found
            if token["mark"] == ",":
                continue
            key = self.key(token)
            if self.next()["mark"] != ":":
                raise _UnreadableError
            found[key] = self.value(self.next(), depth + 1)
            if self.finish() == "}":
                return found

    def key(self, token: re.Match[str]) -> str:
        if token["string"]:
            return read_string(token["string"])
        if token["name"] or token["number"]:
            return str(token["name"] or token["number"])
        raise _UnreadableError

    def items(self, depth: int) -> list[Any]:
        found: list[Any] = []
        while True:
            token = self.next()
            if token["mark"] == "]":
                return found
            if token["mark"] == ",":
                continue
            found.append(self.value(token, depth + 1))
            if self.finish() == "]":
                return found

    def simple(self, token: re.Match[str]) -> Any:  # noqa: ANN401  # whatever the page holds
        if token["string"]:
            return read_string(token["string"])
        if token["number"]:
            number = token["number"]
            return float(number) if any(mark in number for mark in ".eE") else int(number[:18])
        if token["flag"]:
            return token["flag"] == "!0"
        if token["name"]:
            return _NAMES.get(token["name"])
        if token["mark"] in _CLOSE or token["mark"] == ",":
            raise _UnreadableError
        self.at = token.start("mark")  # an expression: `finish` passes over it
        return None

    def finish(self) -> str:
        """Passes over the rest of an expression, up to the comma or the bracket that ends it."""
        depth = 0
        while True:
            mark = self.next()["mark"] or ""
            if depth == 0 and mark and (mark == "," or mark in "}]"):
                return mark
            if mark and mark in _OPEN:
                depth += 1
            elif mark and mark in _CLOSE:
                depth -= 1
                if depth < 0:
                    raise _UnreadableError
