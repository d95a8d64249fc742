"""The vocabulary: canonical words, aliases, and the numbers that models use."""

import pytest

from fer.data.emotions import EMOTIONS, canonical_emotion, emotion_codes


def test_the_order_is_eilas():
    assert EMOTIONS == ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


@pytest.mark.parametrize(
    ("word", "emotion"),
    [("Anger", "angry"), (" HAPPY ", "happy"), ("Sadness", "sad"), ("fearful", "fear"), ("joy", "happy")],
)
def test_words_of_other_datasets_are_understood(word, emotion):
    assert canonical_emotion(word) == emotion


@pytest.mark.parametrize("emotion", EMOTIONS)
def test_each_canonical_word_is_its_own(emotion):
    assert canonical_emotion(emotion) == emotion
    assert canonical_emotion(emotion.title()) == emotion


@pytest.mark.parametrize("word", ["scorn", "", "happy sad"])
def test_an_unknown_word_is_refused_with_the_known_ones(word, refused):
    with refused(repr(word), "angry, disgust", "surprise"):
        canonical_emotion(word)


def test_codes_are_positions_in_the_vocabulary():
    assert emotion_codes(["sad", "angry", "sad"]) == [5, 0, 5]
    assert emotion_codes(["sad", "angry"], ("angry", "fear", "happy", "sad")) == [3, 0]
    assert emotion_codes([]) == []


def test_a_label_outside_a_subset_is_refused(refused):
    with refused("'disgust'", "angry, fear"):
        emotion_codes(["angry", "disgust"], ("angry", "fear"))
