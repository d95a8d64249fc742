"""The label vocabulary: the emotions that are known, the words that datasets use for them, and subsets.

Eight emotions are known (:data:`ALL_EMOTIONS`). The vocabulary of a dataset or model is any subset of them, always in
this order: it is the order of every probability column, confusion matrix and model output of the project. By default
it is the first seven (:data:`EMOTIONS`), in the order of EiLA's numbers (``label_0`` = angry ... ``label_6`` =
surprise). FER2013 numbers its emotions differently: its source maps them. Contempt, which AffectNet, CK+ and FER+ have
too, comes last, so that a dataset with it numbers the others as one without it does.
"""

from collections.abc import Iterable

from fer.errors import InputError

EMOTIONS: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
CONTEMPT = "contempt"
ALL_EMOTIONS: tuple[str, ...] = (*EMOTIONS, CONTEMPT)

# What a word is mapped to whose faces, or whose probabilities, are left out.
DROP = "drop"
# In a list of emotions to keep, the seven: ``all,contempt`` asks for eight.
ALL_SEVEN = "all"

_ALIASES: dict[str, str] = {
    "anger": "angry",
    "contemptuous": CONTEMPT,
    "disgusted": "disgust",
    "afraid": "fear",
    "fearful": "fear",
    "happiness": "happy",
    "joy": "happy",
    "neutrality": "neutral",
    "sadness": "sad",
    "surprised": "surprise",
}


def canonical_emotion(word: str, emotions: tuple[str, ...] = ALL_EMOTIONS) -> str:
    """Return the canonical name of an emotion word, in any case and with surrounding spaces.

    Raises InputError if the word is neither one of ``emotions`` nor a known alias of one.

    Example:
        >>> canonical_emotion("Anger"), canonical_emotion(" Contempt")
        ('angry', 'contempt')

    """
    key = word.strip().lower()
    emotion = _ALIASES.get(key, key)
    if emotion not in emotions:
        known = ", ".join(emotions)
        raise InputError(f"unknown emotion {word!r}; use one of {known} or map it before reading.")
    return emotion


def in_order(emotions: Iterable[str]) -> tuple[str, ...]:
    """Return canonical emotions in the order of :data:`ALL_EMOTIONS`, each once.

    Example:
        >>> in_order(["contempt", "sad", "happy", "sad"])
        ('happy', 'sad', 'contempt')

    """
    given = set(emotions)
    return tuple(emotion for emotion in ALL_EMOTIONS if emotion in given)


def written_out(emotions: Iterable[str]) -> tuple[str, ...]:
    """Return the emotions to keep as they were named, with the seven for ``all``.

    Example:
        >>> written_out(["all", "contempt"])[-2:]
        ('surprise', 'contempt')

    """
    return tuple(one for word in emotions for one in (EMOTIONS if word.strip().lower() == ALL_SEVEN else (word,)))


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
