"""A model's words and outputs become probabilities of the seven emotions."""

import numpy as np
import pytest

from fer.classifiers.outputs import emotion_map, probabilities_of, refuse_probabilities
from fer.data.emotions import EMOTIONS

ORDER = ["Anger", "DISGUST", " fear ", "happiness", "sad", "Surprised", "neutral"]


def test_words_are_read_in_any_case_and_by_their_synonyms_and_put_in_this_projects_order():
    found = emotion_map(ORDER, {}, "model m")
    assert (found.emotions, found.labels) == (EMOTIONS, tuple(ORDER))
    shares = np.eye(7)[[4]]
    assert found.gather(shares, "model m")[0, EMOTIONS.index("sad")] == 1


def test_dropped_labels_give_their_probability_to_the_rest():
    found = emotion_map(["happy", "sad", "Contempt"], {"contempt": "drop"}, "model m")
    assert found.emotions == ("happy", "sad")
    assert found.gather(np.array([[0.3, 0.1, 0.6]]), "m").tolist() == [pytest.approx([0.75, 0.25])]


def test_a_face_of_which_only_dropped_labels_are_seen_is_refused(refused):
    found = emotion_map(["happy", "sad", "contempt"], {"contempt": "drop"}, "model m")
    with refused("model m", "dropped"):
        found.gather(np.array([[0.0, 0.0, 1.0]]), "model m")


def test_labels_of_one_emotion_are_added_if_the_user_says_so(refused):
    found = emotion_map(["happy", "sad", "amused"], {"amused": "happy"}, "model m")
    assert found.gather(np.array([[0.2, 0.3, 0.5]]), "m").tolist() == [pytest.approx([0.7, 0.3])]
    with refused("'happy' and 'joy'", "both mean happy", "words: {joy: happy}"):
        emotion_map(["happy", "sad", "joy"], {}, "model m")


@pytest.mark.parametrize(
    ("labels", "words", "said"),
    [
        (["happy", "sad", "Scorn"], {}, ["'Scorn' of model m", "words: {Scorn: drop}", "neutral"]),
        (["happy", "sad", "x"], {"x": "bored"}, ["'x'", "'bored'"]),
        (["happy", "sad"], {"x": "drop"}, ["'x'", "none of its labels"]),
        (["happy", "Happy"], {}, ["given twice"]),
        (["happy", "no"], {"no": "drop"}, ["fewer than two"]),
    ],
)
def test_words_that_lead_nowhere_are_refused(labels, words, said, refused):
    with refused(*said):
        emotion_map(labels, words, "model m")


def test_logits_are_made_probabilities_and_large_ones_do_not_overflow():
    found = probabilities_of(np.array([[1000.0, 1000.0], [0.0, np.log(3)]]), "logits", False, "m", "m.yaml")
    assert found == pytest.approx(np.array([[0.5, 0.5], [0.25, 0.75]]))
    assert probabilities_of(np.empty((0, 3)), "logits", False, "m", "m.yaml").shape == (0, 3)


def test_a_softmax_of_32_bits_stays_as_it_is():
    values = np.float32([[0.1, 0.2, 0.7]])
    assert np.array_equal(probabilities_of(values, "probabilities", False, "m", "y").astype(np.float32), values)


@pytest.mark.parametrize("values", [[[2.0, 3.0]], [[-0.5, 1.5]], [[0.1, 0.1]]])
def test_outputs_that_are_no_probabilities_are_refused(values, refused):
    with refused("model m", "output: logits in m.yaml"):
        probabilities_of(np.array(values), "probabilities", False, "model m", "m.yaml")


def test_eight_bits_may_miss_a_sum_of_1_by_their_rounding(refused):
    rounded = np.array([[0.3, 0.35, 0.36]])
    assert probabilities_of(rounded, "probabilities", True, "m", "y").sum() == pytest.approx(1)
    with refused("no probabilities"):
        probabilities_of(rounded, "probabilities", False, "m", "y")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_that_are_not_finite_are_refused(value, refused):
    with refused("model m", "not finite"):
        probabilities_of(np.array([[0.5, value]]), "logits", False, "model m", "m.yaml")


def test_probabilities_that_are_called_logits_are_refused(refused):
    with refused("probabilities already", "m.yaml"):
        refuse_probabilities(np.array([[0.2, 0.8], [0.9, 0.1]]), "model m", "m.yaml")
    refuse_probabilities(np.array([[0.2, 0.8], [3.0, 0.1]]), "model m", "m.yaml")
