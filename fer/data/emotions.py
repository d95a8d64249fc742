"""The label vocabulary: seven canonical emotions, the words that datasets use for them, and subsets.

The order of :data:`EMOTIONS` is the order of every probability column, confusion matrix and model
output of the project, and the order of EiLA's numbers (``label_0`` = angry ... ``label_6`` = surprise).
FER2013 numbers its emotions differently: its source maps them.
"""

from collections.abc import Iterable

from fer.errors import InputError

EMOTIONS: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")

# What a word is mapped to whose faces, or whose probabilities, are left out.
DROP = "drop"

_ALIASES: dict[str, str] = {
    "anger": "angry",
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "happiness": "happy",
    "joy": "happy",
    "neutrality": "neutral",
    "sadness": "sad",
    "surprised": "surprise",
}


def canonical_emotion(word: str) -> str:
    """Return the canonical name of an emotion word, in any case and with surrounding spaces.

    Raises InputError if the word is neither one of the seven emotions nor a known alias.
    """
    key = word.strip().lower()
    emotion = _ALIASES.get(key, key)
    if emotion not in EMOTIONS:
        known = ", ".join(EMOTIONS)
        raise InputError(f"unknown emotion {word!r}; use one of {known} or map it before reading.")
    return emotion


def emotion_codes(labels: Iterable[str], emotions: tuple[str, ...] = EMOTIONS) -> list[int]:
    """Return each label's position in ``emotions`` (0-based), the class number that models use.

    Raises InputError for a label that is not in ``emotions``.
    """
    position = {emotion: code for code, emotion in enumerate(emotions)}
    try:
        return [position[label] for label in labels]
    except KeyError as missing:
        raise InputError(
            f"label {missing.args[0]!r} is not in this vocabulary ({', '.join(emotions)}); "
            "select the matching subset of the dataset."
        ) from None
