"""Which answer was meant by what was heard."""

import unicodedata
from collections.abc import Sequence

from fer.app.texts import Texts


def heard_emotion(guesses: Sequence[str], texts: Texts, emotions: Sequence[str]) -> str | None:
    """Return the emotion of the first guess that names exactly one; None if none does.

    Example:
        >>> from fer.app.texts import texts_of
        >>> heard_emotion(["I think she's afraid"], texts_of("en"), ["fear", "sad"])
        'fear'
        >>> heard_emotion(["alegria"], texts_of("es"), ["happy", "sad"])
        'happy'

    """
    words = {emotion: [_plain(word) for word in texts(f"spoken.{emotion}").split(",")] for emotion in emotions}
    for guess in guesses:
        said = f" {_plain(guess)} "
        named = {emotion for emotion, known in words.items() if any(f" {word} " in said for word in known)}
        if len(named) == 1:
            return named.pop()
    return None


def _plain(text: str) -> str:
    """Return a text without capitals, accents and signs."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(sign if sign.isalnum() else " " for sign in letters if not unicodedata.combining(sign))
    return " ".join(kept.split())
