"""The app's words in the languages that it speaks: one YAML file per language in ``translations/``."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "translations"
LANGUAGES = ("en", "nl", "es", "pt")
DEFAULT = LANGUAGES[0]


class Texts:
    """The texts of one language, by dotted keys such as ``live.heading``.

    Example:
        >>> texts_of("nl")("practice.right", emotion="blij")
        'Goed: blij.'
        >>> texts_of("en").count("files.faces", 2)
        '2 faces were found.'

    """

    def __init__(self, code: str, texts: Mapping[str, str]) -> None:
        self.code = code
        self._texts = texts

    def __call__(self, key: str, **values: object) -> str:
        """Return a text with its placeholders filled; raises KeyError for an unknown key or a missing value."""
        text = self._texts[key]
        return text.format_map(values) if values or "{" in text else text

    def count(self, key: str, number: int, **values: object) -> str:
        """Return the text for one thing (``key.one``) or several (``key.other``), with the number as ``count``."""
        return self(f"{key}.{'one' if number == 1 else 'other'}", count=number, **values)

    def emotion(self, name: str | None) -> str:
        """Return an emotion's word; "not sure" for None; a name that no translation knows as it is."""
        return self._texts.get(f"emotion.{name or 'unsure'}", name or "")

    def number(self, value: float, decimals: int = 0) -> str:
        """Return a number with the decimal sign of the language."""
        return f"{value:.{decimals}f}".replace(".", self._texts["language.decimal"])

    def percent(self, share: float, decimals: int = 0) -> str:
        """Return a share, 0..1, as a percentage.

        Example:
            >>> texts_of("es").percent(0.845, 1)
            '84,5 %'

        """
        return self("language.percent", number=self.number(100 * share, decimals))

    def __iter__(self) -> Iterator[str]:
        """Yield all keys."""
        yield from self._texts


@cache
def texts_of(code: str) -> Texts:
    """Return the texts of a language, one of :data:`LANGUAGES`."""
    with open(FOLDER / f"{code}.yaml", encoding="utf-8") as file:
        return Texts(code, dict(_flat(yaml.safe_load(file), "")))


def language_of(locale: str | None) -> str:
    """Return the language for a browser's locale, such as ``pt-BR``; English for one without translation.

    Example:
        >>> language_of("pt-BR"), language_of("fr"), language_of(None)
        ('pt', 'en', 'en')

    """
    code = (locale or "").split("-")[0].split("_")[0].lower()
    return code if code in LANGUAGES else DEFAULT


def _flat(tree: Mapping[str, Any], above: str) -> Iterator[tuple[str, str]]:
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", str(value)
