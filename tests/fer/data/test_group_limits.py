"""Attributes with too many groups are refused before each group is compared with each other."""

import pandas as pd
import pytest

from fer.data.attributes import Attribute
from fer.data.group_limits import MOST_GROUPS, check_group_count
from fer.evaluation.evaluation import evaluation_set


def _groups(sizes):
    return pd.Series([f"g{number}" for number, size in enumerate(sizes) for _ in range(size)], dtype="str")


@pytest.mark.parametrize("sizes", [[2] * MOST_GROUPS, [1] * 20, [1] * 15 + [2] * 16, [5]])
def test_these_are_groups(sizes):
    check_group_count(_groups(sizes), Attribute(("race",)), "x")


def test_too_many_groups_and_those_of_one_face_are_refused_with_their_number(refused):
    with refused("the test split of x has 61 groups of race", "60 at most"):
        check_group_count(_groups([2] * 61), Attribute(("race",)), "the test split of x")
    with refused("x has 24 groups of clip", "of which 12 have a single face"):
        check_group_count(_groups([1] * 12 + [4] * 12), Attribute(("clip",)), "x")


def test_an_id_is_no_attribute_of_an_evaluation(pack, tiny_samples, refused):
    dataset = pack(samples=tiny_samples(280))
    with refused("the test split of tiny has 70 groups of sample_id", "60 at most"):
        evaluation_set(dataset, "test", ["sample_id"])
    assert len(evaluation_set(dataset, "test", ["race"]).groups) == 1
