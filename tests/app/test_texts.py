"""All languages say the same things, with the same placeholders, in words that are there."""

import re
from string import Formatter

import pytest

from fer.app.texts import LANGUAGES, texts_of
from fer.app.words import faces_of, words_of
from fer.data.emotions import ALL_EMOTIONS
from fer.live.announcing import Announcement

OTHERS = LANGUAGES[1:]


def _placeholders(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _raw(code):
    texts = texts_of(code)
    return {key: texts._texts[key] for key in texts}


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_the_same_keys_and_placeholders(code):
    english, other = _raw("en"), _raw(code)
    assert list(other) == list(english)
    # "One face" need not repeat its number, in some languages, and may in others.
    differing = {
        key for key in english if _placeholders(english[key]) - {"count"} != _placeholders(other[key]) - {"count"}
    }
    assert differing == set()


@pytest.mark.parametrize("code", OTHERS)
def test_long_texts_are_translated(code):
    english, other = _raw("en"), _raw(code)
    assert [key for key in english if len(english[key]) > 25 and english[key] == other[key]] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_is_empty_or_of_several_lines_and_sentences_end(code):
    for key, text in _raw(code).items():
        assert text.strip() == text and text and "\n" not in text, key
        if (
            key.startswith(("notice.", "live.faults.", "about.privacy_", "about.law_f", "about.law_t"))
            and len(text) > 60
        ):
            assert re.search(r"[.)]$", text), key


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_emotion_has_a_word_hints_and_spoken_words_that_no_other_has(code):
    texts = texts_of(code)
    assert len({texts.emotion(name) for name in ALL_EMOTIONS}) == len(ALL_EMOTIONS)
    spoken = [word.strip() for name in ALL_EMOTIONS for word in texts(f"spoken.{name}").split(",")]
    assert len(set(spoken)) == len(spoken)
    for name in ALL_EMOTIONS:
        assert all(texts(f"hints.{name}.{part}") for part in ("brows", "eyes", "mouth"))
        assert texts.emotion(name) in texts(f"spoken.{name}")


@pytest.mark.parametrize("code", LANGUAGES)
def test_key_rows_name_a_key_and_what_it_does(code):
    texts = texts_of(code)
    rows = [texts(key) for key in texts if key.startswith("about.key_rows.")]
    assert len(rows) == 7 and all(": " in row for row in rows)


def test_an_emotion_of_a_users_model_is_told_as_it_is_named():
    assert words_of(Announcement(0, "left", "awe {x}", 2), texts_of("en")) == "Left: awe {x}"


def test_nobody_and_no_scene():
    assert words_of(Announcement(None, None, None, 0), texts_of("nl")) == "Geen gezicht"
    assert faces_of(None, texts_of("nl")) == []
