"""Keeps the catalogues in step with the messages in the code: `python -m reports words`."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from reports.words import LANGUAGES, LOCALES

KEYWORDS: dict[str, tuple[int, ...] | None] = {"t": None, "n": (1, 2), "N_": None}


def extracted() -> Catalog:
    """Every message that the code holds, without places, so that a catalogue changes only when words do."""
    found = Catalog(project="ecomops reports", charset="utf-8")
    folder = Path(__file__).resolve().parent
    for _, _, message, _, _ in extract_from_dir(folder, [("**.py", "python")], keywords=KEYWORDS):
        found.add(message, flags=())
    return found


def catalogue(language: str) -> Catalog:
    """The language's translations as they are kept."""
    with (LOCALES / language / "reports.po").open("rb") as handle:
        return read_po(handle, locale=language)


def update() -> list[Path]:
    """Adds new messages to every catalogue, untranslated, and drops those that are gone.

    Returns:
        The catalogues written.
    """
    template = extracted()
    written = []
    for language in LANGUAGES:
        if language == "en":  # the language of the source
            continue
        kept = catalogue(language)
        kept.update(template, no_fuzzy_matching=True)
        kept.obsolete.clear()
        path = LOCALES / language / "reports.po"
        with path.open("wb") as handle:
            write_po(handle, kept, sort_output=True, omit_header=False, width=110, ignore_obsolete=True)
        written.append(path)
    return written
