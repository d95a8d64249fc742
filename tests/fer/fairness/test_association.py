"""Representation and association against scikit-learn, SciPy and hand-made tables."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency
from sklearn.metrics import normalized_mutual_info_score

from fer.fairness.association import association, association_table, effective_groups, representation


def test_shares_are_of_the_known():
    table = representation(pd.Series(["a", "b", "a", None, "a"]))
    assert table["count"].to_dict() == {"a": 3, "b": 1}
    assert table["share"].tolist() == [0.75, 0.25]


def test_effective_groups_are_as_many_as_equal_ones():
    assert effective_groups(np.repeat(["a", "b", "c"], 5)) == pytest.approx(3)
    assert effective_groups(["a"] * 9) == pytest.approx(1)
    assert effective_groups(["a"] * 9 + ["b"]) == pytest.approx(np.exp(-0.9 * np.log(0.9) - 0.1 * np.log(0.1)))
    assert np.isnan(effective_groups(pd.Series([None, None])))


def test_independent_categories_have_none_and_equal_ones_all():
    first, second = np.repeat(["a", "b"], 50), np.tile(["x", "y"], 50)
    independent = association(first, second)
    assert independent["mutual_information"] == pytest.approx(0, abs=1e-12)
    assert independent[["cramers_v", "determined"]].tolist() == [0, 0]
    equal = association(first, np.repeat([7, 8], 50))
    assert equal[["mutual_information", "cramers_v", "determined"]].tolist() == pytest.approx([1, 1, 1])


def test_against_the_libraries_over_the_known_rows():
    stream = np.random.default_rng(0)
    group = pd.Series(stream.choice(["a", "b", "c"], 300))
    emotion = pd.Series(np.where(stream.random(300) < 0.3, group.map({"a": "u", "b": "v", "c": "v"}), "w"))
    group[::10] = None
    result = association(group, emotion)
    known = group.notna()
    counts = pd.crosstab(group[known], emotion[known])
    statistic = chi2_contingency(counts, correction=False).statistic
    assert result["samples"] == 270
    assert result["cramers_v"] == pytest.approx(np.sqrt(statistic / 270 / 2))
    assert result["mutual_information"] == pytest.approx(normalized_mutual_info_score(group[known], emotion[known]))
    assert result["determined"] == (emotion[known] == "u").mean()


def test_one_category_cannot_vary():
    result = association(["a", "a"], ["x", "y"])
    assert result[["samples", "first", "second"]].tolist() == [2, 1, 2]
    assert result[["mutual_information", "cramers_v", "determined"]].isna().all()


def test_a_table_has_a_row_for_each_column_that_is_there():
    samples = pd.DataFrame({"race": list("aabb"), "label": list("xyxy"), "clip": list("1122")})
    table = association_table(samples, "race", ["label", "clip", "person"])
    assert list(table.index) == ["label", "clip"]
    assert table["values"].tolist() == [2, 2]
    assert table["cramers_v"].tolist() == pytest.approx([0, 1])
    assert association_table(samples, "race", ["person"]).empty
