"""Parts of names on the server: every name has one of its own, which the server accepts and which can be read back."""

import re
from itertools import product

import pytest

from fer.text.name_parts import metric_part, name_of_part

# As the server checks a name: mlflow.utils.validation.
VALID = re.compile(r"[\w.\- :]+")
# What is special to the rule, and some that is not.
WORDS = ["under", "over", "plus", "_", "+", "<", ">", ":", "2f", "/", " ", ".", "a", "日", "\u0301"]
PARTS = {
    "white": "white", "Asian_Pacific": "Asian_Pacific", "20-29": "20-29", "más de 60": "más de 60", "U.S.": "U.S.",
    "60+": "60_plus", "<18": "under_18", ">60": "over_60",
    "Asian/Pacific": "Asian:2f:Pacific", "60_plus": "60:5f:plus", "under_18": "under:5f:18", "under+": "under:2b:",
    "50%+": "50:25:_plus", "Black|African": "Black:7c:African", "$0-$20k": ":24:0-:24:20k", "a:b": "a:3a:b",
    " white ": ":20:white:20:", ".": ":2e:", "..": ":2e:.", "": "::", "日本": "日本", "a\nb": "a:a:b",
}  # fmt: skip


@pytest.mark.parametrize(("name", "part"), PARTS.items())
def test_parts(name, part):
    assert metric_part(name) == part
    assert name_of_part(part) == name


def test_no_two_names_have_one_part():
    names = {"".join(words) for size in range(5) for words in product(WORDS, repeat=size)}
    parts = {name: metric_part(name) for name in names}
    assert len(set(parts.values())) == len(names)
    for name, part in parts.items():
        assert name_of_part(part) == name
        assert VALID.fullmatch(part) and part == part.strip() and part.strip(".")


@pytest.mark.parametrize("part", ["Asian_Pacific", "12:30:45", "a:b", "50__plus", "60_plus _años_"])
def test_what_version_0_1_0_logged_is_shown_with_the_signs_that_it_kept(part):
    assert name_of_part(part) == part.replace("_plus", "+")


def test_long_names_fit_into_a_name_on_the_server_and_stay_apart():
    names = ["a" * 300, "a" * 301, "/" * 90, "/" * 91, "a" * 99 + "/"]
    parts = [metric_part(name) for name in names]
    assert len(set(parts)) == len(parts) and all(len(part) <= 100 and VALID.fullmatch(part) for part in parts)
    assert [name_of_part(part) for part in parts] == parts
