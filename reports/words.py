"""Words in a reader's language: gettext catalogues, with English as the language of the source.

A catalogue is a .po file that people edit; it is compiled in memory when it is loaded, so no compiled
file can be out of date.
"""

from __future__ import annotations

import gettext
import io
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from lakehouse.errors import ConfigError

LOCALES = Path(__file__).resolve().parent / "locale"
LANGUAGES = ("en", "zh_CN")


def N_(message: str) -> str:  # noqa: N802 (gettext's own name for "mark, do not translate yet")
    """Marks a message that is translated where it is used."""
    return message


class Words:
    """Messages of one language.

    Args:
        language: ``en`` or ``zh_CN``.

    Raises:
        ConfigError: If there is no catalogue for the language.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = _catalogue(language)

    def t(self, message: str, /, **values: object) -> str:
        """The message in this language, its {named} places filled."""
        text = self._catalogue.gettext(message)
        return text.format(**values) if values else text

    def n(self, one: str, many: str, count: int, /, **values: object) -> str:
        """The form of the message for the count, its {named} places filled."""
        return self._catalogue.ngettext(one, many, count).format(**values)

    @property
    def tag(self) -> str:
        """The BCP 47 tag of the language."""
        return {"en": "en-GB", "zh_CN": "zh-CN"}[self.language]


@lru_cache(maxsize=8)
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    path = LOCALES / language / "reports.po"
    if not path.is_file():
        raise ConfigError(
            f"Reports have no words for the language {language!r}.", remedy=f"Use one of {', '.join(LANGUAGES)}."
        )
    compiled = io.BytesIO()
    with path.open("rb") as handle:
        write_mo(compiled, read_po(handle, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
