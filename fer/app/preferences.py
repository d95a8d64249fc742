"""What a user chose in the settings. The browser keeps it if the user wants that: what comes from there is checked."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from fer.app.texts import DEFAULT, LANGUAGES

ORDERS = ("nearest", "place")
SIZES = ("normal", "large", "largest")
RATES = (0.5, 2.0)
_MOST_LETTERS = 200


@dataclass(frozen=True)
class Preferences:
    """The settings of one browser.

    Attributes:
        language: one of the languages of the translations.
        speech: whether changes are spoken by the browser. Off at first: a screen reader speaks already.
        voice: the voice's address (``voiceURI``) in the browser; empty: its own for the language.
        rate: speed of speech, 0.5..2, 1 as usual. volume: 0..1.
        sounds, vibration: whether an emotion has a sound, and a pattern of vibration.
        order: which face is told first: ``nearest``, or ``place`` (from left to right).
        contrast: whether colours are black, white and yellow. size: of the text.
        shortcuts: whether single keys do something (WCAG 2.1.4: they can be switched off).
        remember: whether the settings are kept in the browser.

    """

    language: str = DEFAULT
    speech: bool = False
    voice: str = ""
    rate: float = 1.0
    volume: float = 1.0
    sounds: bool = False
    vibration: bool = False
    order: str = "nearest"
    contrast: bool = False
    size: str = "normal"
    shortcuts: bool = True
    remember: bool = False

    def with_changes(self, changes: object) -> "Preferences":
        """Return the settings with those of ``changes`` that are a known setting with a possible value.

        Example:
            >>> Preferences().with_changes({"rate": 1.5, "size": "huge", "who": 1}).rate
            1.5

        """
        if not isinstance(changes, Mapping):
            return self
        return replace(self, **{name: value for name, value in changes.items() if _possible(name, value)})

    def as_mapping(self) -> dict[str, Any]:
        """Return the settings by name, as JSON can hold them."""
        return asdict(self)


_CHOICES: dict[str, tuple[str, ...]] = {"language": LANGUAGES, "order": ORDERS, "size": SIZES}
_RANGES = {"rate": RATES, "volume": (0.0, 1.0)}
_SWITCHES = ("speech", "sounds", "vibration", "contrast", "shortcuts", "remember")


def _possible(name: object, value: object) -> bool:
    if name in _CHOICES:
        return isinstance(value, str) and value in _CHOICES[str(name)]
    if name in _RANGES:
        low, high = _RANGES[str(name)]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and math.isfinite(value) and low <= value <= high  # type: ignore[arg-type,operator]
    if name == "voice":
        return isinstance(value, str) and len(value) <= _MOST_LETTERS
    return name in _SWITCHES and isinstance(value, bool)
