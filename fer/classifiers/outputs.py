"""From a network's outputs to probabilities of this project's emotions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fer.data.emotions import ALL_EMOTIONS, DROP, canonical_emotion, in_order
from fer.errors import InputError, refuse_repeated
from fer.text.yaml_text import key_text

PROBABILITIES, LOGITS = "probabilities", "logits"
# How far the sum of probabilities may be from 1; eight bits of an output round each by up to 1/256.
SUM_TOLERANCE = 0.005
_EIGHT_BITS = 1 / 256
# The sum of a softmax in 32 bits is this close to 1: left as it is, so that numbers stay the network's own.
_ROUNDING = 1e-5


@dataclass(frozen=True)
class EmotionMap:
    """Which emotion each output stands for.

    Attributes:
        labels: the model's m words, in the order of its outputs.
        emotions: the k emotions of the result, in the order of :data:`fer.data.emotions.ALL_EMOTIONS`.
        places: by output, the place of its emotion in ``emotions``; None for one that is dropped.

    """

    labels: tuple[str, ...]
    emotions: tuple[str, ...]
    places: tuple[int | None, ...]

    def gather(self, probabilities: np.ndarray, what: str) -> np.ndarray:
        """Return float32 ``(n, k)`` from the outputs' probabilities ``(n, m)``.

        Outputs of one emotion are added; if some are dropped, the rest is divided by its sum. Raises InputError if a
        face has no probability outside what is dropped.
        """
        joined = np.zeros((len(probabilities), len(self.emotions)))
        for output, place in enumerate(self.places):
            if place is not None:
                joined[:, place] += probabilities[:, output]
        if None not in self.places:
            return joined.astype(np.float32)
        sums = joined.sum(axis=1, keepdims=True)
        if (sums == 0).any():
            raise InputError(f"{what} sees nothing but dropped labels in a face; map them to emotions in its words.")
        return (joined / sums).astype(np.float32)


def emotion_map(labels: Sequence[str], words: Mapping[str, str], what: str) -> EmotionMap:
    """Return which emotion each of a model's words means.

    A word is looked up, in any case, in ``words`` (to an emotion, or ``drop``) and then among the emotions and their
    synonyms (:func:`fer.data.emotions.canonical_emotion`). Raises InputError that names ``what`` for a word that means
    no emotion, an entry of ``words`` that is no label or leads to none, two labels of one emotion that ``words`` does
    not join, and fewer than two emotions.
    """
    given = {_key(word): target for word, target in words.items()}
    refuse_repeated([_key(word) for word in words], f"words of {what}")
    refuse_repeated([_key(label) for label in labels], f"labels of {what}")
    if strange := [word for word in words if _key(word) not in {_key(label) for label in labels}]:
        raise InputError(
            f"words of {what} has {strange[0]!r}, which is none of its labels ({', '.join(labels)}); correct it."
        )
    meanings = [_meaning(label, given, what) for label in labels]
    for place, meaning in enumerate(meanings):
        if meaning is not None and meaning in meanings[:place] and _key(labels[place]) not in given:
            first = labels[meanings.index(meaning)]
            raise InputError(
                f"labels {first!r} and {labels[place]!r} of {what} both mean {meaning}; if their probabilities are to "
                f"be added, write words: {{{key_text(labels[place])}: {meaning}}}."
            )
    emotions = in_order(meaning for meaning in meanings if meaning is not None)
    if len(emotions) < 2:
        raise InputError(f"labels of {what} name fewer than two emotions ({', '.join(labels)}); name one per output.")
    places = tuple(None if meaning is None else emotions.index(meaning) for meaning in meanings)
    return EmotionMap(tuple(labels), emotions, places)


def _key(word: str) -> str:
    return word.strip().lower()


def _meaning(label: str, words: Mapping[str, str], what: str) -> str | None:
    """Return the emotion of a label, None if it is dropped."""
    target = words.get(_key(label), label)
    if _key(target) == DROP:
        return None
    try:
        return canonical_emotion(target)
    except InputError:
        instead = f"{{{key_text(label)}: {DROP}}}"
        raise InputError(
            f"label {label!r} of {what} is no emotion{'' if target == label else f', and neither is {target!r}'}; map "
            f"it to one of {', '.join(ALL_EMOTIONS)} or drop it with words: {instead}."
        ) from None


def probabilities_of(outputs: np.ndarray, kind: str, eight_bits: bool, what: str, where: str) -> np.ndarray:
    """Return float64 probabilities ``(n, m)`` that sum to 1, of a network's outputs ``(n, m)``.

    Args:
        outputs: finite numbers.
        kind: ``probabilities`` or ``logits``, of which the softmax is taken.
        eight_bits: whether each output is rounded to eight bits.
        what: the model's name in messages.
        where: the file that states ``output``, in messages.

    Raises InputError if outputs are not finite, or are no probabilities and are said to be.

    """
    values = np.asarray(outputs, dtype=np.float64)
    if not np.isfinite(values).all():
        raise InputError(f"{what} returns numbers that are not finite; its file or its scaling is wrong.")
    if kind == LOGITS:
        exponentials = np.exp(values - values.max(axis=1, keepdims=True)) if values.size else values
        return exponentials / exponentials.sum(axis=1, keepdims=True)
    sums = values.sum(axis=1)
    allowed = SUM_TOLERANCE + (values.shape[1] * _EIGHT_BITS if eight_bits else 0)
    if values.size and (values.min() < -SUM_TOLERANCE or np.abs(sums - 1).max() > allowed):
        raise InputError(
            f"the outputs of {what} are no probabilities (from {values.min():.3g}, with sums from {sums.min():.3g} to "
            f"{sums.max():.3g}); if its network ends without a softmax, write output: {LOGITS} in {where}."
        )
    values = values.clip(0)
    if np.abs(sums - 1).max(initial=0) <= _ROUNDING:
        return values
    return values / values.sum(axis=1, keepdims=True)


def refuse_probabilities(outputs: np.ndarray, what: str, where: str) -> None:
    """Raise InputError if outputs ``(n, m)``, n at least 2, that are said to be logits are probabilities already."""
    values = np.asarray(outputs, dtype=np.float64)
    if values.min() >= 0 and np.abs(values.sum(axis=1) - 1).max() <= SUM_TOLERANCE:
        raise InputError(
            f"the outputs of {what} are probabilities already (they sum to 1), and a second softmax would level them; "
            f"leave output: {LOGITS} out of {where}."
        )
