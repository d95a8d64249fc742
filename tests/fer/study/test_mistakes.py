"""What a mistake in a study file says: the line, the key, where it stands and the closest valid key."""

import re
from copy import deepcopy

import pytest

from fer.errors import InputError
from fer.study.mistakes import line_of, models
from fer.study.reading import read_study

WORDS_OF_PYDANTIC = re.compile(r"valid (tuple|string|dict|int|num|bool)|instance of|input should|extra input")
# Where a study file that holds every kind of entry has each kind.
PLACES = {
    "a study file": (),
    "an entry of datasets": ("datasets", "two"),
    "an entry of mixtures": ("mixtures", 0),
    "balance of an entry of mixtures": ("mixtures", 0, "balance"),
    "test": ("test",),
    "training": ("training",),
    "an entry of ensembles": ("ensembles", 0),
}
KEYS = [(where, key) for where, model in models() for key in model.model_fields]


@pytest.fixture
def whole(plain):
    """Return the content of a study with an entry of every kind."""
    plain["mixtures"][0]["balance"] = {"method": "augment"}
    plain["training"] = {"backbone": "cnn,resnet50v2"}
    plain["ensembles"] = [{"title": "both"}]
    return plain


def entry(content, place):
    for part in place:
        content = content[part]
    return content


def test_the_places_are_those_of_the_schema():
    assert list(PLACES) == [where for where, _ in models()]


@pytest.mark.parametrize(("where", "key"), KEYS)
def test_a_misspelt_key_is_named_with_its_line_its_place_and_the_right_one(write, whole, refused, where, key):
    wrong = f"{key[:-1]}{key[-1] * 2}z"
    here = entry(whole, PLACES[where])
    here[wrong] = here.pop(key, "x")
    path = write(whole)
    line = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if f"{wrong}:" in text)
    place = ".".join(map(str, (*PLACES[where], wrong)))
    with refused(f"{path}, line {line}, entry {place}: there is no key '{wrong}' in {where}; write {key};"):
        read_study(path)


@pytest.mark.parametrize(
    ("where", "key", "belongs"),
    [
        ("a study file", "epochs", "it belongs in training"),
        ("a study file", "attributes", "it belongs in test"),
        ("test", "backbone", "it belongs in training"),
        ("training", "base", "it belongs in an entry of mixtures"),
        ("an entry of mixtures", "title", "it belongs in an entry of datasets or an entry of ensembles"),
        ("training", "colour", "leave it out, or write one of backbone, head,"),
    ],
)
def test_a_key_in_the_wrong_place_is_told_where_it_belongs(write, whole, refused, where, key, belongs):
    entry(whole, PLACES[where])[key] = "x"
    with refused(f"no key '{key}' in {where}; {belongs}"):
        read_study(write(whole))


@pytest.mark.parametrize("value", [None, 1.5, True, "x", [], [[1]], {}, {"a": 1}, -1], ids=repr)
def test_no_word_of_pydantic_is_left_whatever_the_value(write, whole, value):
    for where, key in KEYS:
        content = deepcopy(whole)
        entry(content, PLACES[where])[key] = value
        try:
            read_study(write(content))
        except InputError as error:
            sentence = str(error)
            assert not WORDS_OF_PYDANTIC.search(sentence.lower()), sentence
            assert "study.yaml" in sentence and sentence.endswith(".") and "\n" not in sentence


def test_a_value_of_the_command_line_is_not_said_to_stand_in_the_file(write, whole, refused):
    with refused("seeds= for", "whole number, not 'first'"):
        read_study(write(whole), {"seeds": ["first"]})


def test_a_seed_given_twice_is_named(write, whole, refused):
    with refused("entry seeds", "0 is given twice"):
        read_study(write(whole), {"seeds": ["0", "0", "1"]})


def test_an_entry_from_a_merge_key_has_the_line_where_it_is_written():
    text = "datasets:\n  a: &one\n    size: big\n  b:\n    <<: *one\n    title: B\n"
    assert line_of(text, ("datasets", "b", "size")) == 3
    assert line_of(text, ("datasets", "b", "title")) == 6
    assert line_of(text, ("datasets", "c")) == 1
