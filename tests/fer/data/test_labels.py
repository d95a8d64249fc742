"""Label harmonisation: declared words, the user's own, aliases; what is dropped is kept count of."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer.data.emotions import EMOTIONS
from fer.data.labels import check_mapping, harmonise
from fer.errors import InputError
from fer.text.yaml_text import read_yaml

NUMBERED = {"0": "neutral", "5": "disgust", "7": "contempt", "contempt": "drop"}


def faces(*words):
    return pd.DataFrame({"sample_id": [f"face_{row}" for row in range(len(words))], "label": words}, dtype="str")


def harmonised(*words, **arguments):
    """Return the labels of the faces kept, by position, and the reasons of those dropped."""
    kept = harmonise(faces(*words), **arguments)
    return dict(zip(kept.positions.tolist(), kept.labels, strict=True)), kept.dropped["reason"].tolist()


def test_aliases_and_canonical_words_need_no_mapping_in_any_case():
    assert harmonised("Anger", " HAPPY ", "sadness", "neutral") == (
        {0: "angry", 1: "happy", 2: "sad", 3: "neutral"},
        [],
    )


def test_a_sources_words_are_followed_to_their_end():
    assert harmonised("0", "5", "7", "happy", words=NUMBERED) == (
        {0: "neutral", 1: "disgust", 3: "happy"},
        ["label contempt dropped"],
    )


def test_the_user_wins_over_the_source_wherever_the_word_is_met():
    labels = {"Contempt": "disgust", "0": "drop"}
    assert harmonised("7", "contempt", "0", "neutral", words=NUMBERED, labels=labels) == (
        {0: "disgust", 1: "disgust", 3: "neutral"},
        ["label 0 dropped"],
    )


@pytest.mark.parametrize("word", ["anger", "Angry"])
@pytest.mark.parametrize("named", ["angry", "ANGER"])
def test_a_users_word_reaches_the_faces_by_any_of_its_names(word, named):
    assert harmonised(word, "sad", labels={named: "drop"})[0] == {1: "sad"}


@pytest.mark.parametrize("order", [("anger", "angry"), ("angry", "anger")])
def test_the_users_exact_word_comes_before_its_emotion(order):
    targets = {"anger": "sad", "angry": "fear"}
    assert harmonised("anger", "angry", labels={word: targets[word] for word in order})[0] == {0: "sad", 1: "fear"}


def test_two_emotions_can_be_exchanged():
    assert harmonised("fear", "surprise", labels={"fear": "surprise", "surprise": "fear"})[0] == {
        0: "surprise",
        1: "fear",
    }


def test_emotions_not_asked_for_are_dropped_with_their_rows():
    samples = faces("Angry", "neutral", "sad", "contempt")
    kept = harmonise(samples, {"contempt": "drop"}, {}, ("anger", "sad"))
    assert kept.labels == ["angry", "sad"]
    assert kept.dropped["sample_id"].tolist() == ["face_1", "face_3"]
    assert kept.dropped["label"].tolist() == ["neutral", "contempt"]
    assert kept.dropped["reason"].tolist() == ["emotion neutral not asked for", "label contempt dropped"]
    assert samples.columns.tolist() == ["sample_id", "label"]
    assert samples["label"].tolist() == ["Angry", "neutral", "sad", "contempt"]


def test_an_unknown_word_is_counted_and_the_remedy_named(refused):
    with refused("'bored' of 2 faces", "1 other word", "labels={bored: drop}", "angry"):
        harmonised("bored", "happy", "bored", "tired")
    assert harmonised("bored", "happy", labels={"bored": "drop"})[0] == {1: "happy"}


def test_words_that_lead_in_a_circle_are_unknown(refused):
    with refused("'a' of 1 face", "labels={a: drop}"):
        harmonised("a", "happy", words={"a": "b", "b": "a"})


def test_a_target_that_is_no_emotion_and_an_unknown_emotion_asked_for_are_refused(refused):
    with refused("labels maps contempt to 'scorn'", "drop", *EMOTIONS):
        harmonised("happy", labels={"contempt": "scorn"})
    with pytest.raises(ValueError, match="'bored'"):
        harmonised("happy", emotions=("bored",))


def test_faces_without_a_label_and_no_face_left_are_refused(refused):
    with refused("1 of 2 faces have no label"):
        harmonise(pd.DataFrame({"label": ["happy", None]}))
    with refused("no face is left of 3", "emotion happy not asked for: 2", "label sad dropped: 1"):
        harmonised("happy", "happy", "sad", labels={"sad": "drop"}, emotions=("fear",))


def test_nothing_listed_is_nothing_kept():
    kept = harmonise(pd.DataFrame({"sample_id": [], "label": []}))
    assert (len(kept.positions), kept.labels, len(kept.dropped)) == (0, [], 0)


@given(st.lists(st.sampled_from(["anger", "AN", "7", "Happy", "neutral", "fear"]), min_size=1, max_size=30))
def test_every_face_is_either_kept_or_dropped_and_keeps_its_place(words):
    arguments = {"words": {**NUMBERED, "an": "angry"}, "emotions": ("angry", "fear", "happy")}
    if not {"anger", "AN", "Happy", "fear"} & set(words):
        with pytest.raises(ValueError, match="no face is left"):
            harmonised(*words, **arguments)
        return
    samples = faces(*words)
    kept = harmonise(samples, **arguments)
    ids = samples["sample_id"].iloc[kept.positions].tolist() + kept.dropped["sample_id"].tolist()
    assert sorted(ids) == sorted(samples["sample_id"])
    assert all(label in ("angry", "fear", "happy") for label in kept.labels)


@pytest.mark.parametrize("word", ["no", "1.0000000e+00", "2020-01-01", "null", "010", "true: false", "7", "#a"])
def test_the_remedy_that_a_message_prints_drops_the_word(word):
    """The mapping is copied from the message, as a user does, and read as the entry points read it."""
    samples = pd.DataFrame({"label": [word, "happy"]})
    with pytest.raises(InputError) as caught:
        harmonise(samples)
    remedy = str(caught.value).split("labels=")[1].removesuffix(".")
    assert harmonise(samples, labels=read_yaml(remedy, "labels")).labels == ["happy"]


@pytest.mark.parametrize("code", ["0", "0.0", "0.00e+00", " 0. "])
def test_a_code_is_the_same_in_every_decimal_form(code):
    assert harmonised(code, words=NUMBERED) == ({0: "neutral"}, [])
    for key in ("0", "0.0", "0e0", code):
        assert harmonised(code, "0", words=NUMBERED, labels={key: "sad"}) == ({0: "sad", 1: "sad"}, [])


def test_a_users_exact_form_of_a_code_wins_and_other_words_are_no_codes():
    assert harmonised("0.0", "0", words=NUMBERED, labels={"0.0": "sad", "0": "fear"}) == ({0: "sad", 1: "fear"}, [])
    for word in ("0.5", "1e400", "٠", "-0"):
        with pytest.raises(InputError, match="is no emotion"):
            harmonise(faces("happy", word), NUMBERED)


def test_a_word_and_an_emotion_are_given_once(refused):
    with refused("labels", "happy is given twice"):
        harmonise(faces("happy"), labels={"Happy": "sad", " happy": "drop"})
    with refused("emotions happy,Joy", "happy is given twice"):
        harmonise(faces("happy"), emotions=["happy", "Joy"])
    check_mapping({"happy": "sad", "joy": "drop"}, ["happy", "sad"])
