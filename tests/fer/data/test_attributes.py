"""Attributes: their text, and the groups that they make of a table."""

from itertools import product

import pandas as pd
import pytest

from fer.data.attributes import (
    ALL,
    EMOTION,
    RACE,
    Attribute,
    combination,
    groupable,
    parse_attributes,
    suggested_attributes,
)


@pytest.fixture
def samples():
    """Return six samples; the race of the last and the gender of the third are not known."""
    races = ["white", "white", "white", "black", "black", None]
    genders = ["female", "male", None, "male", "female", "male"]
    return pd.DataFrame({"label": "happy", "race": races, "gender": genders}).astype({"race": "str", "gender": "str"})


@pytest.mark.parametrize("text", ["race*gender", "race * gender", " race*gender "])
def test_an_attribute_is_written_in_one_way(text):
    by = Attribute.parse(text)
    assert (by.columns, str(by), by.slug) == (("race", "gender"), "race*gender", "race_x_gender")
    assert by == Attribute.parse(by) == Attribute.parse(str(by))


def test_several_keep_their_order_and_may_be_mixed_with_text():
    assert parse_attributes(["race*gender", RACE]) == (Attribute(("race", "gender")), RACE)
    assert parse_attributes([]) == ()


def test_products_name_both_and_a_null_in_either_is_no_group(samples):
    values = Attribute.parse("race*gender").groups(samples)
    assert values.name == "race*gender"
    assert values.iloc[:2].tolist() == ["white_female", "white_male"]
    assert values.isna().tolist() == [False, False, True, False, False, True]


@pytest.mark.parametrize("text", ["skin", "race*skin", "empty", "race*"])
def test_a_missing_group_column_is_refused_with_those_there_are(samples, text, refused):
    with refused("no group column", "race, gender"):
        Attribute.parse(text).groups(samples.assign(empty=None))


def test_a_product_that_no_sample_knows_is_refused(samples, refused):
    apart = samples.assign(race=samples["race"].where(samples["gender"].isna()))
    with refused("the lost rows", "race, gender"):
        Attribute.parse("race*gender").groups(apart, "the lost rows")


def test_combinations_of_groups_are_kept_apart(samples):
    mixed = samples.assign(race=["a_b", "a", "a", "a_b", None, "a x b"], gender=["c", "b_c", "b", "d", "e", "c"])
    values = Attribute.parse("race*gender").groups(mixed)
    assert values.dropna().tolist() == ["a_b_c", "a x b_c", "a_b", "a_b_d", '"a x b" x "c"']
    words = ["".join(word) for size in (1, 2, 3) for word in product('a_x "', repeat=size)]
    names = {combination(groups) for groups in product(words, repeat=2)}
    assert len(names) == len(words) ** 2


def test_attributes_never_share_a_slug_and_are_read_from_it():
    parts = ("a", "_", "x", "_x_", ":", "/")
    words = list(dict.fromkeys("".join(word) for size in (1, 2, 3) for word in product(parts, repeat=size)))
    attributes = [Attribute((word,)) for word in words] + [Attribute(pair) for pair in product(words[:60], repeat=2)]
    assert len({by.slug for by in attributes}) == len(attributes)
    assert all(Attribute.of_slug(by.slug) == by for by in attributes)
    assert Attribute(("race_x_gender",)).slug == "race:5f:x_gender"
    assert Attribute(("人種 (自己申告)",)).slug == "人種 :28:自己申告:29:"
    assert len(Attribute(("a" * 300, "b" * 300)).slug) <= 100


@pytest.mark.parametrize(("text", "why"), [("all", "reserved"), ("skin*tone", "product")])
def test_a_column_that_cannot_be_asked_for_is_to_be_renamed(samples, refused, text, why):
    with refused(text, why, "rename it"):
        Attribute.parse(text).groups(samples.assign(**{text: "white"}))


def test_a_group_named_as_all_samples_are_is_refused(samples, refused):
    with refused("race", "'all'"):
        RACE.groups(samples.replace("white", ALL))


def test_a_number_can_be_a_group(samples):
    values = Attribute.parse("band").groups(samples.assign(band=pd.array([1, 2, None, 1, 2, 1], dtype="Int64")))
    assert values.dropna().tolist() == ["1", "2", "1", "2", "1"]


def test_which_tables_and_columns_know_an_attribute(samples):
    assert RACE.known_in(samples) and not Attribute.parse("race*skin").known_in(samples)
    assert groupable(samples.assign(empty=None, haircut="short")) == ["race", "gender", "haircut"]


def test_suggested_are_two_columns_of_people_or_else_others_with_several_groups(samples):
    ages = ["child", "adult"] * (len(samples) // 2)
    assert suggested_attributes(samples.assign(age_group=ages, haircut=ages)) == ["race", "gender"]
    others = samples.drop(columns=["race", "gender"]).assign(one="a", haircut=ages, **{"a,b": ages, "a*b": ages})
    assert suggested_attributes(others) == ["haircut"]
    reserved = others.assign(all=ages, none=ages, skin=["all", "some"] * (len(samples) // 2))
    assert suggested_attributes(reserved) == ["haircut"]
    assert suggested_attributes(others.drop(columns="haircut")) == []


def test_only_groups_of_true_emotions_are_by_emotion():
    assert EMOTION.by_emotion and Attribute.parse("label*race").by_emotion and not RACE.by_emotion
