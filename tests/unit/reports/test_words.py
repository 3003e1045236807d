"""Catalogues: every message translated, every named place kept."""

from __future__ import annotations

import string

import pytest

from lakehouse.errors import ConfigError
from reports.catalogue import catalogue, extracted
from reports.words import LANGUAGES, Words

TRANSLATED = [language for language in LANGUAGES if language != "en"]


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ("",))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    kept = {_forms(message.id)[0]: message for message in catalogue(language) if message.id}
    wanted = {_forms(message.id)[0] for message in extracted() if message.id}
    assert len(wanted) > 150
    assert wanted - set(kept) == set(), "run: python -m reports words, then translate"
    assert set(kept) - wanted == set(), "run: python -m reports words"
    assert [name for name, message in kept.items() if not all(_forms(message.string)) or message.fuzzy] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_named_places(language: str) -> None:
    for message in catalogue(language):
        for form in _forms(message.string) if message.id else ():
            assert _places(form) == _places(_forms(message.id)[-1]), message.id


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(ConfigError, match="xx"):
        Words("xx")


def test_plurals_follow_the_language() -> None:
    one, many = "{count} product to order", "{count} products to order"
    assert Words("en").n(one, many, 1, count=1) == "1 product to order"
    assert Words("en").n(one, many, 2, count=2) == "2 products to order"
    assert Words("zh_CN").n(one, many, 2, count=2) == "2 个商品需补货"
