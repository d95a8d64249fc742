"""Words do not flicker, at any frame rate, and come after the documented delay."""

from itertools import pairwise

import numpy as np
import pytest

from fer.live import Threshold
from fer.live.smoothing import CONSTANT, HOLD, Smoother

EMOTIONS = ("happy", "sad")
HAPPY, SAD = np.array([1.0, 0.0]), np.array([0.05, 0.95])


def words(readings, rate, threshold=0.6):
    smoother = Smoother(EMOTIONS, Threshold(threshold, 0.7))
    return [smoother.smooth(0, one, step / rate)[0] for step, one in enumerate(readings)]


@pytest.mark.parametrize("rate", [5, 15, 60])
def test_a_change_is_told_after_the_documented_delay(rate):
    said = words([HAPPY] * (2 * rate) + [SAD] * (3 * rate), rate)
    assert said[2 * rate - 1] == "happy"
    delay = (said.index("sad") - 2 * rate) / rate
    documented = CONSTANT * np.log(0.95 / (0.95 - 0.6)) + HOLD
    assert documented - 1 / rate <= delay <= documented + 2 / rate
    assert "happy" not in said[said.index("sad") :]


def test_readings_that_alternate_do_not_make_words_alternate():
    stream = np.random.default_rng(0)
    happy = np.clip(stream.normal(0.62, 0.2, 600), 0, 1)
    said = words(np.stack([happy, 1 - happy], axis=1), 15)
    ends = np.flatnonzero([one != other for one, other in pairwise(said)])
    raw = sum((one > 0.6) != (other > 0.6) for one, other in pairwise(happy))
    assert raw > 200, "of 600 single frames each third changes"
    assert len(ends) <= 12, "at most one change in three seconds"
    assert np.diff(ends).min() >= HOLD * 15 - 1


def test_a_single_wrong_reading_changes_nothing():
    assert set(words([HAPPY] * 30 + [SAD] + [HAPPY] * 30, 15)[15:]) == {"happy"}


def test_a_face_begins_and_ends_as_not_sure_where_nothing_is_probable():
    said = words([HAPPY] * 15 + [np.array([0.5, 0.5])] * 30, 15)
    assert said[0] is None
    assert said[14] == "happy"
    assert said[-1] is None


def test_what_was_not_seen_for_long_begins_anew():
    smoother = Smoother(EMOTIONS, Threshold(0.6, 0.7), patience=1.0)
    for step in range(10):
        smoother.smooth(3, HAPPY, step / 10)
    assert smoother.smooth(3, SAD, 5.0)[0] is None
    smoother.forget(7.0)
    assert smoother.smooth(3, SAD, 7.1)[1] == pytest.approx(0.95)


def test_never_sure_tells_nothing():
    assert set(words([HAPPY] * 60, 15, threshold=1.0)) == {None}
