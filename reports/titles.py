"""Texts from the data as a reader should see them: displayable, in a readable case, never too long.

Such a text is data, not markup: it reaches Typst as a JSON string and HTML as text, so nothing in it is ever run.
"""

from __future__ import annotations

import re
import unicodedata

from reports.fonts import displayable

SUBSTITUTE = "□"
_MOSTLY = 2 / 3
_SMALL = frozenset({"a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"})
_INITIALS = frozenset(
    {"CD", "DVD", "UK", "USA", "LED", "USB", "TV", "DIY", "XL", "XXL", "II", "III", "IV", "VI", "VIP", "A4", "A5", "A6"}
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def displayed(text: str, *, limit: int = 90) -> str:
    """The text on one line, with a visible substitute for what the reports' fonts cannot draw.

    Args:
        text: Any text from the data.
        limit: Longest result in characters; a longer text ends with an ellipsis.
    """
    characters: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if character.isspace() or category in {"Zl", "Zp"}:
            characters.append(" ")
        elif category in {"Cf", "Cc", "Mn", "Me"} and ord(character) not in displayable():
            continue  # joiners, variation selectors, direction marks: no shape of their own
        elif category in {"Cf", "Cc", "Co", "Cs", "Cn"} or ord(character) not in displayable():
            characters.append(SUBSTITUTE)
        else:
            characters.append(character)
    shown = " ".join("".join(characters).split())
    shown = re.sub(f"{SUBSTITUTE}{{2,}}", SUBSTITUTE, shown)
    return shown if len(shown) <= limit else shown[: limit - 1].rstrip() + "…"


def product_title(text: str | None, fallback: str, *, limit: int = 90) -> str:
    """A product's title in a readable case; the fallback (its code) where there is none.

    A title mostly in capitals gets them on its words' beginnings only: "SET OF 3 CAKE TINS" → "Set of 3 Cake Tins".
    Any other was written with care and stays.
    """
    shown = displayed(text or "", limit=limit)
    if not shown:
        return displayed(fallback, limit=limit)
    letters = [character for character in shown if character.isalpha()]
    if sum(character.isupper() for character in letters) < _MOSTLY * len(letters):
        return shown
    return _WORD.sub(lambda match: _cased(match, shown), shown)


def _cased(match: re.Match[str], whole: str) -> str:
    word = match.group()
    if word != word.upper():
        return word
    before = whole[match.start() - 1] if match.start() else ""
    if word in _INITIALS:
        return word
    if before in {"'", "’"} or before.isdigit():  # 50'S, 3D, 12CM: a unit or an ending, not a word
        return word if before.isdigit() and len(word) == 1 and word != "S" else word.lower()
    if word.lower() in _SMALL and before == " " and match.end() != len(whole):
        return word.lower()
    return word[:1] + word[1:].lower()
