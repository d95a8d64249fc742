"""Label harmonisation: map the words of a dataset to the canonical emotions that are kept.

A face's word is looked up, in any case and without surrounding spaces, in this order: the user's mapping;
the source's declared words (which may form chains: ``7 -> contempt -> drop``), where the user's mapping
is consulted again at each step; the aliases of :mod:`fer.data.emotions` (``anger`` is ``angry``). So a user's
``contempt`` also reaches the faces that the dataset numbers 7, and a user's ``anger`` those named ``Angry``.

By default the seven of :data:`fer.data.emotions.EMOTIONS` are kept. Contempt is not one of them: a source with contempt
declares ``contempt: drop``. A user who wants those faces keeps them by naming contempt among the emotions to keep,
which the source's own ``drop`` does not undo, or maps the word to one of the seven.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from fer.data.emotions import ALL_EMOTIONS, DROP, EMOTIONS, canonical_emotion, written_out
from fer.errors import InputError, refuse_repeated
from fer.text.yaml_text import key_text

_CODE = re.compile(r"[0-9]+(\.[0-9]*)?(e[+-]?[0-9]+)?", re.ASCII)
_LARGEST_CODE = 1000
_NOTHING: Mapping[str, str] = {}


class Harmonised(NamedTuple):
    """The faces that are kept, and their labels.

    Attributes:
        positions: int64 (m,), positions in the given samples, ascending.
        labels: m canonical emotions, in that order.
        dropped: the other rows as they were, with a column ``reason``: ``label contempt dropped`` or
            ``emotion neutral not asked for``.

    """

    positions: np.ndarray
    labels: list[str]
    dropped: pd.DataFrame


def harmonise(
    samples: pd.DataFrame,
    words: Mapping[str, str] = _NOTHING,
    labels: Mapping[str, str] = _NOTHING,
    emotions: Sequence[str] | None = None,
) -> Harmonised:
    """Return the faces that are kept and their canonical labels; ``samples`` is not changed.

    Args:
        samples: n rows; ``label`` holds the source's own words.
        words: the source's mapping, word to word; ``drop`` drops.
        labels: the user's mapping, word to emotion or ``drop``; it wins over ``words``. Words that do
            not occur are ignored, since one mapping may serve several datasets.
        emotions: the emotions to keep, ``all`` for the seven; None for the seven, and then a face of another emotion
            that nothing maps or drops is refused.

    Raises InputError for a face without a label, a word without an emotion, a mapping to a word that is not an
    emotion, an unknown emotion in ``emotions``, and if no face is left.

    """
    user = _checked(labels)
    wanted = EMOTIONS if emotions is None else _wanted(emotions)
    dialect = {_key(word): _key(target) for word, target in words.items()}
    words_found = samples["label"]
    if words_found.isna().any():
        raise InputError(
            f"{int(words_found.isna().sum())} of {len(words_found)} faces have no label; label or remove them."
        )
    meaning = {word: _resolve(_key(word), dialect, user, wanted) for word in words_found.unique()}
    _refuse_unknown(words_found, meaning)
    if emotions is None:
        _refuse_beyond(words_found, meaning)
    reasons = {word: _reason(end, name, wanted) for word, (end, name) in meaning.items()}
    reason = words_found.map(reasons)
    stays = reason.isna().to_numpy()
    emotion = {word: end for word, (end, _) in meaning.items() if end is not None}
    dropped = samples[~stays].assign(reason=reason[~stays])
    if len(samples) and not stays.any():
        counts = ", ".join(f"{why}: {count}" for why, count in dropped["reason"].value_counts().items())
        raise InputError(f"no face is left of {len(samples)} ({counts}); ask for emotions that they show.")
    return Harmonised(np.flatnonzero(stays), [emotion[word] for word in words_found[stays]], dropped)


def answered_emotion(word: str, labels: Mapping[str, str] = _NOTHING) -> str | None:
    """Return the emotion that a model's answer means; None for a word of no emotion.

    ``labels`` is the user's mapping, as in :func:`harmonise`. A word that it drops keeps its own meaning: an answer
    that was left out would be neither right nor wrong.

    Example:
        >>> answered_emotion("Joy"), answered_emotion("3.0", {"3": "sad"}), answered_emotion("bored")
        ('happy', 'sad', None)
        >>> answered_emotion("neutral", {"neutral": "drop"})
        'neutral'

    """
    end, _ = _resolve(_key(word), _NOTHING, _checked(labels))
    return _emotion(_key(word)) if end == DROP else end


def check_mapping(labels: Mapping[str, str], emotions: Sequence[str] | None) -> None:
    """Raise InputError for a mapping, or for emotions to keep, that :func:`harmonise` would refuse for any data."""
    _checked(labels)
    if emotions is not None:
        _wanted(emotions)


def _wanted(emotions: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(map(canonical_emotion, written_out(emotions)))
    refuse_repeated(wanted, f"emotions {','.join(emotions)}")
    return wanted


def _key(word: object) -> str:
    return str(word).strip().lower()


def _plain(word: str) -> str:
    """Return a code without its decimals, as tables write whole numbers: ``3`` for ``3.0`` and ``3.00e+00``."""
    number = _CODE.fullmatch(word)
    value = float(word) if number else 0.5
    return str(int(value)) if value.is_integer() and value < _LARGEST_CODE else word


def _emotion(word: str) -> str | None:
    try:
        return canonical_emotion(word)
    except InputError:
        return None


def _checked(labels: Mapping[str, str]) -> dict[str, str]:
    """Return the user's mapping by canonical keys; a key that is an alias is also entered under its emotion."""
    exact, by_emotion = {}, {}
    refuse_repeated([_key(word) for word in labels], "labels")
    for word, target in labels.items():
        end = DROP if _key(target) == DROP else _emotion(_key(target))
        if end is None:
            raise InputError(
                f"labels maps {word} to {target!r}, which is no emotion; use one of {', '.join(ALL_EMOTIONS)} or "
                f"{DROP}."
            )
        exact[_key(word)] = end
        by_emotion[_plain(_key(word))] = end
        by_emotion[_emotion(_key(word)) or _key(word)] = end
    return by_emotion | exact


def _resolve(
    word: str, dialect: Mapping[str, str], user: Mapping[str, str], wanted: Sequence[str] = ()
) -> tuple[str | None, str]:
    """Return the emotion, ``drop``, or None without a further mapping; and the last word before it, for the reason.

    The dialect does not drop a word that means an emotion of ``wanted``.
    """
    if word not in user and word not in dialect:
        word = _plain(word)
    seen: set[str] = set()
    while word not in seen:
        seen.add(word)
        if word in user:
            return user[word], word
        following = dialect.get(word)
        if following == DROP and _emotion(word) in wanted:
            break
        if following == DROP:
            return DROP, word
        word = following or word
    emotion = _emotion(word)
    return user.get(emotion or word, emotion), word


def _reason(end: str | None, name: str, wanted: Sequence[str]) -> str | None:
    if end == DROP:
        return f"label {name} dropped"
    return None if end in wanted else f"emotion {end} not asked for"


def _refuse_unknown(words_found: pd.Series, meaning: Mapping[str, tuple[str | None, str]]) -> None:
    unknown = words_found[[meaning[word][0] is None for word in words_found]].value_counts()
    if unknown.empty:
        return
    word, others = unknown.index[0], len(unknown) - 1
    more = f" (and {others} other word{'s' if others > 1 else ''})" if others else ""
    raise InputError(
        f"label {word!r} of {unknown.iloc[0]} face{'s' if unknown.iloc[0] > 1 else ''}{more} is no emotion; map it "
        f"to one of {', '.join(ALL_EMOTIONS)} or drop it with labels={{{key_text(str(word))}: {DROP}}}."
    )


def _refuse_beyond(words_found: pd.Series, meaning: Mapping[str, tuple[str | None, str]]) -> None:
    """Refuse faces of an emotion beyond the seven: to leave them out, or to keep them, is the user's decision."""
    beyond = words_found[[meaning[word][0] not in (*EMOTIONS, DROP) for word in words_found]].value_counts()
    if beyond.empty:
        return
    word, count = beyond.index[0], beyond.iloc[0]
    raise InputError(
        f"label {word!r} of {count} face{'s' if count > 1 else ''} means {meaning[word][0]}, which is not among the "
        f"seven emotions that are kept by default; keep it with emotions=all,{meaning[word][0]}, map it to another "
        f"emotion, or drop it with labels={{{key_text(str(word))}: {DROP}}}."
    )
