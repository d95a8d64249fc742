"""One word per face that does not flicker: probabilities smoothed over time, and a word that must last to replace one.

**Smoothing.** Exponential: with dt seconds since the face's last reading, the smoothed probabilities move by
1 - exp(-dt / constant) of the way to the new ones. So the weight of a reading does not depend on the frame rate.

**Holding.** The answer of a frame is the emotion of the largest smoothed probability, if that is greater than the
threshold, else "not sure". The word that is told changes once another emotion has been the answer for ``hold`` seconds,
or "not sure" for twice as long. A face begins as "not sure".

**Delay.** A face that changes from one emotion, surely shown, to another, whose probability is then p, is told so after
constant x ln(p / (p - threshold)) + hold seconds, and the time of a frame: 0.6 s for p = 0.95 and the threshold 0.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fer.live.thresholds import Threshold

CONSTANT, HOLD = 0.3, 0.3
_UNSURE = 2  # Times as long must "not sure" last.


@dataclass
class _State:
    """The face's smoothed probabilities and when they were made; the word, the answer that may follow, since when."""

    probabilities: np.ndarray
    time: float
    word: str | None = None
    answer: str | None = None
    since: float = field(default=-np.inf)


class Smoother:
    """Smooths the readings of each numbered face.

    Args:
        emotions: in the order of the probabilities.
        threshold: from which probability on an emotion is told.
        constant: of the smoothing, in seconds; 0 for none.
        hold: how long another emotion must be the answer to become the word, in seconds.
        patience: for how many seconds a face that is not read is remembered.

    Example:
        >>> smoother = Smoother(("happy", "sad"), Threshold(0.6, 0.7))
        >>> [smoother.smooth(0, np.array([0.9, 0.1]), time)[0] for time in (0.0, 0.2, 0.4)]
        [None, None, 'happy']

    """

    def __init__(
        self,
        emotions: Sequence[str],
        threshold: Threshold,
        constant: float = CONSTANT,
        hold: float = HOLD,
        patience: float = 1.0,
    ) -> None:
        self._emotions, self._threshold = tuple(emotions), threshold
        self._constant, self._hold, self._patience = constant, hold, patience
        self._states: dict[int, _State] = {}

    def smooth(self, number: int, probabilities: np.ndarray, time: float) -> tuple[str | None, float]:
        """Return the word of a face, None for "not sure", and the smoothed probability.

        Args:
            number: the face's.
            probabilities: float (k,), those of this frame.
            time: of the frame, in seconds; never less than before.

        The probability is that of the word; of "not sure", that of the most probable emotion.

        """
        state = self._states.get(number)
        if state is None or time - state.time > self._patience:
            state = self._states[number] = _State(np.asarray(probabilities, dtype=float), time, since=time)
        else:
            share = 1.0 if self._constant <= 0 else 1 - np.exp(-(time - state.time) / self._constant)
            state.probabilities = state.probabilities + share * (probabilities - state.probabilities)
            state.time = time
        best = int(state.probabilities.argmax())
        answer = self._emotions[best] if self._threshold.tells(float(state.probabilities[best])) else None
        if answer != state.answer:
            state.answer, state.since = answer, time
        lasting = self._hold * (_UNSURE if answer is None else 1)
        if answer != state.word and time - state.since >= lasting:
            state.word = answer
        shown = best if state.word is None else self._emotions.index(state.word)
        return state.word, float(state.probabilities[shown])

    def forget(self, time: float) -> None:
        """Forget faces that have not been read for ``patience``."""
        gone = [number for number, state in self._states.items() if time - state.time > self._patience]
        for number in gone:
            del self._states[number]
