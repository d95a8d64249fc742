"""Before and after, face by face, by group."""

import pandas as pd
import pytest

from analysis import before_after
from analysis.experiments.paired_outcomes import changes, check_same_samples, shared_samples

LABELS = ["happy"] * 8


def predictions(said, race=("white",) * 5 + ("black",) * 2 + (None,)):
    words = {"+": "happy", "-": "sad"}
    return pd.DataFrame(
        {
            "sample_id": [f"face_{n}" for n in range(8)],
            "label": LABELS,
            "predicted": [words[sign] for sign in said],
            "race": pd.array(race, dtype="str"),
        }
    )


def test_each_face_is_counted_once_in_its_group():
    table = before_after(predictions("++--++-+"), predictions("+-++---+")).set_index("group")
    assert list(table) == ["faces", "right_in_both", "gained", "lost", "wrong_in_both", "net_points"]
    # White: + right in both; +- lost; -+ gained twice; +- lost. Black: +- lost, -- wrong. Unknown: right.
    assert table.loc["white"].tolist() == [5, 1, 2, 2, 0, 0]
    assert table.loc["black"].tolist() == [2, 0, 0, 1, 1, -50]
    assert table.loc["all"].tolist() == [8, 2, 2, 3, 1, -12.5]
    assert list(table.index) == ["black", "white", "all"]


def test_the_order_of_the_rows_does_not_matter():
    first, second = predictions("++--++-+"), predictions("+-++---+")
    pd.testing.assert_frame_equal(
        before_after(first, second), before_after(first.iloc[::-1], second.sample(frac=1, random_state=0))
    )


def test_before_and_after_swapped_turn_gains_into_losses():
    first, second = predictions("++--++-+"), predictions("+-++---+")
    there, back = (before_after(*pair) for pair in ((first, second), (second, first)))
    assert there["gained"].tolist() == back["lost"].tolist()
    assert there["net_points"].tolist() == [-net for net in back["net_points"]]


def test_another_attribute_and_groups_nobody_knows():
    table = before_after(predictions("+" * 8), predictions("+" * 8).drop(columns="race"), "race")
    assert table["right_in_both"].tolist() == [2, 5, 8]


def test_a_product_of_columns_is_a_group():
    first = predictions("++--++-+").assign(gender=["f", "m"] * 4)
    table = before_after(first, predictions("+-++---+"), "race*gender").set_index("group")
    assert table.loc["white_f"].tolist() == [3, 1, 1, 1, 0, 0]
    assert table.loc["all", "faces"] == 8


def test_runs_with_different_labels_are_refused(refused):
    other = predictions("+" * 8).assign(label=["sad", *LABELS[1:]])
    with refused("different labels for 1 of 8 samples, such as face_0", "one truth"):
        before_after(predictions("+" * 8), other)
    check_same_samples(other, other.iloc[::-1])


def test_runs_on_different_faces_are_refused(refused):
    with refused("different samples", "7 of 8 and 7 shared"):
        before_after(predictions("+" * 8), predictions("+" * 8).iloc[:7])


@pytest.mark.parametrize("attribute", ["gender", "race*gender"])
def test_a_missing_attribute_is_refused(attribute, refused):
    with refused("'gender'", "group column"):
        before_after(predictions("+" * 8), predictions("+" * 8), attribute)


def test_a_column_without_a_value_is_refused(refused):
    nobody = predictions("+" * 8, (None,) * 8)
    with refused("'race'", "group column"):
        before_after(nobody, nobody)


def test_shared_samples_are_asked_for(refused):
    first, second = predictions("++--++-+"), predictions("+-++---+").iloc[2:]
    with refused("samples=shared"):
        check_same_samples(first, second)
    one, other = shared_samples(first, second)
    assert before_after(one, other).set_index("group").loc["all", "faces"] == 6
    with refused("share no sample"):
        shared_samples(first.iloc[:2], second)


def test_changes_name_each_faces_outcome():
    table = changes(predictions("++--++-+"), predictions("+-++---+")).set_index("sample_id")
    assert table.loc["face_1", ["predicted_before", "predicted_after", "outcome"]].tolist() == ["happy", "sad", "lost"]
    assert table["outcome"].value_counts()["gained"] == 2
