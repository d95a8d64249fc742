"""What a conversion changes: by hand for a small table, and a sentence where it costs one group more than another."""

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import Attribute
from fer.evaluation.conversion_check import check_conversion
from fer.evaluation.evaluation import EvaluationSet
from fer.evaluation.independent_units import Clusters
from fer.fairness import paired_comparison

EMOTIONS = ("angry", "happy")


def predictions(right, groups, sure=0.9):
    """Return a table of two emotions; ``right`` (n,) says which rows are predicted as labelled."""
    right = np.asarray(right)
    labels = np.resize([0, 1], len(right))
    answers = np.where(right, labels, 1 - labels)
    proba = np.where(np.eye(2)[answers] == 1, sure, 1 - sure)
    return pd.DataFrame(
        {
            "sample_id": [f"s{row}" for row in range(len(right))],
            "label": np.asarray(EMOTIONS)[labels],
            "predicted": np.asarray(EMOTIONS)[answers],
            "p_angry": proba[:, 0],
            "p_happy": proba[:, 1],
            "race": groups,
        }
    )


def checked(before, after, groups, attributes=("race",)):
    test = EvaluationSet(
        None,
        "validation",
        {Attribute.parse(name): sorted(set(groups)) for name in attributes},
        Clusters("samples", np.arange(len(groups)), 0),
    )
    return check_conversion("ONNX int8", predictions(before, groups), predictions(after, groups, 0.8), test)


def test_the_numbers_of_a_table_that_can_be_counted():
    groups = ["black"] * 40 + ["white"] * 40
    before, after = np.ones(80, bool), np.ones(80, bool)
    before[:4] = after[:12] = after[40:42] = False
    found = checked(before, after, groups)
    assert found.largest_difference == pytest.approx(0.7)  # 0.9 becomes 0.2 where the answer changes.
    assert found.changed == 10
    rows = found.accuracy.set_index(["attribute", "group", "other"])
    assert rows.loc[("all", "all", ""), ["faces", "original", "converted"]].tolist() == [80, 0.95, 66 / 80]
    assert rows.loc[("race", "black", ""), ["faces", "original", "converted"]].tolist() == [40, 0.9, 0.7]
    assert rows.loc[("race", "white", ""), "difference"] == pytest.approx(-0.05)
    pair = rows.loc[("race", "black", "white")]
    assert pair["faces"] == 80 and pair["difference"] == pytest.approx(-0.2 + 0.05)
    codes = [predictions(side, groups)["predicted"] for side in (np.ones(80, bool), before, after)]
    alone = paired_comparison(*codes, sensitive_features=groups, clusters=np.arange(80), labels=EMOTIONS)
    assert alone.loc["accuracy/black - accuracy/white", "low"] == pytest.approx(pair["low"])


def test_a_loss_of_one_group_is_a_sentence_whichever_group_is_named_first():
    for loser, other in (("black", "white"), ("white", "black")):
        groups = np.asarray([loser] * 100 + [other] * 100)
        before, after = np.ones(200, bool), np.ones(200, bool)
        after[:30] = False
        whole, by_group = checked(before, after, groups).warnings
        assert whole.startswith("ONNX int8 loses 15.0 points of accuracy (paired 95 % CI ")
        assert (
            f"-30.0 points on {loser} and by +0.0 on {other}: {loser} loses 30.0 points relative to {other}" in by_group
        )
        assert "the interval includes no difference" not in by_group


def test_a_difference_that_may_be_chance_is_said_to_be():
    groups = ["black"] * 40 + ["white"] * 40 + ["mixed"] * 40
    before, after = np.ones(120, bool), np.ones(120, bool)
    after[0] = False
    [sentence] = checked(before, after, groups).warnings
    assert "black loses 2.5 points relative to" in sentence
    assert sentence.endswith("the largest of 3 such differences; the interval includes no difference).")


def test_a_group_that_only_gains_by_chance_costs_no_other_group():
    groups = ["black"] * 40 + ["white"] * 40
    before, after = np.ones(80, bool), np.ones(80, bool)
    before[:12] = after[1:12] = False
    assert checked(before, after, groups).warnings == []
    after[:12] = True
    [sentence] = checked(before, after, groups).warnings
    assert "+0.0 points on white and by +30.0 on black: white loses 30.0 points relative to black" in sentence


def test_nothing_is_said_where_nothing_changed_or_all_groups_alike():
    groups = ["black"] * 40 + ["white"] * 40
    before = np.resize([True, True, False], 80)
    assert checked(before, before, groups).warnings == []
    after = before.copy()
    after[0] = after[45] = False
    assert before[0] and before[45]
    assert checked(before, after, groups).warnings == []


def test_without_attributes_only_all_faces_are_compared():
    found = checked(np.ones(20, bool), np.ones(20, bool), ["a"] * 20, attributes=())
    assert found.accuracy[["attribute", "group", "other"]].values.tolist() == [["all", "all", ""]]
    assert found.warnings == []


def test_a_group_without_faces_has_no_accuracy():
    test = EvaluationSet(
        None, "validation", {Attribute.parse("race"): ["black", "white"]}, Clusters("samples", np.arange(20), 0)
    )
    table = predictions(np.ones(20, bool), ["black"] * 20)
    rows = check_conversion("ONNX", table, table, test).accuracy.set_index(["attribute", "group", "other"])
    assert rows.loc[("race", "white", ""), "faces"] == 0 and np.isnan(rows.loc[("race", "white", ""), "converted"])
    assert np.isnan(rows.loc[("race", "black", "white"), "difference"])
