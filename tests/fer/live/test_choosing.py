"""From tables of predictions to a threshold, what it does for each group, and the file that keeps this."""

import json
import math

import numpy as np
import pandas as pd
import pytest

from fer.data.attributes import parse_attributes
from fer.errors import InputError
from fer.live import Threshold
from fer.live.choosing import TestSet, checked_promises, chosen_threshold, measured_groups
from fer.live.left_out import WithoutEmotions, renormalised
from fer.live.live_file import LiveFile, live_file_beside, read_live_file, write_live_file

EMOTIONS = ("happy", "sad", "contempt")


def predictions(count=1500, seed=0, clips=None, race="white"):
    """Return predictions whose probabilities are right as often as they say."""
    stream = np.random.default_rng(seed)
    sure = stream.uniform(0.4, 1.0, count)
    best = stream.integers(0, 2, count)
    values = np.zeros((count, 3))
    values[np.arange(count), best] = 0.98 * sure
    values[np.arange(count), 1 - best] = 0.98 * (1 - sure)
    values[:, 2] = 0.02
    right = stream.random(count) < sure
    label = np.array(EMOTIONS, dtype=object)[np.where(right, best, 1 - best)]
    table = pd.DataFrame(values, columns=[f"p_{emotion}" for emotion in EMOTIONS])
    ids = np.arange(count) if clips is None else np.arange(count) % clips
    table["clip"] = [f"clip {one}" for one in ids]
    return table.assign(label=label, race=race, source="drawn")


def by_race(title, *tables):
    return TestSet(title, pd.concat(tables), parse_attributes(["race"]))


def test_the_threshold_is_chosen_over_all_groups_and_named_where_nothing_is_promised():
    whole = by_race("faces, validation", predictions(), predictions(seed=1, race="black"))
    few = by_race("clips, validation", predictions(200, 2, clips=4), predictions(10, 3, clips=2, race="black"))
    found = chosen_threshold([whole, few], 0.8, ("contempt",))
    assert 0.5 < found.value < 0.75, "mean of 0.6 to 1 is 0.8"
    kinds = {(one.test_set, one.attribute, one.group): one.known for one in found.groups}
    assert kinds[("faces, validation", "race", "black")] == "bounded"
    assert kinds[("clips, validation", "race", "white")] == "observed"
    assert kinds[("clips, validation", "race", "black")] == "too few"
    assert all(one.accuracy >= 0.8 for one in found.groups if one.known != "too few")
    assert found.chosen_on == ("faces, validation", "clips, validation")
    assert found.not_estimated[-2:] == (
        "Nothing is promised for clips, validation, race black: 10 faces in 2 clusters (clips), too few.",
        "Nothing is promised for clips, validation, race white: 200 faces in 4 clusters (clips), too few for a bound; "
        "it was only asked that its accuracy as it is reaches the aim.",
    )
    assert not found.remark


def test_the_promise_is_checked_on_other_faces_by_group_and_by_what_was_told():
    found = chosen_threshold([by_race("v", predictions())], 0.8, ("contempt",))
    checked = checked_promises([by_race("t", predictions(seed=5))], found.value, ("contempt",))
    rows = {(one.attribute, one.group): one for one in checked}
    assert set(rows) == {("all", "all"), ("race", "white"), ("told", "happy"), ("told", "sad")}
    assert rows["race", "white"].low < 0.8 < rows["race", "white"].high
    assert rows["told", "happy"].told + rows["told", "sad"].told == rows["all", "all"].told


def test_accuracy_is_measured_by_group_and_by_emotion():
    rows = {(one.attribute, one.group): one for one in measured_groups([by_race("t", predictions())])}
    assert set(rows) == {("all", "all"), ("race", "white"), ("emotion", "happy"), ("emotion", "sad")}
    assert rows["all", "all"].faces == 1500
    assert rows["all", "all"].low < 0.717 < rows["all", "all"].high, (
        "of a confidence below a half, the other emotion is told"
    )


def test_what_cannot_hold_is_never_told_and_says_so():
    table = predictions()
    table["label"] = table["label"].sample(frac=1, random_state=0).to_numpy()
    found = chosen_threshold([by_race("v", table)], 0.9)
    assert found.never
    assert not found.tells(1.0)
    assert found.remark.startswith("This model is never sure: no threshold makes it right in 90%")


@pytest.mark.parametrize(
    ("tests", "left_out", "reason"),
    [
        ([], (), "give those of one test set"),
        ([TestSet("t", pd.DataFrame({"label": ["happy"], "predicted": ["sad"]}))], (), "have no probabilities"),
        ([by_race("t", predictions(20))], ("joy",), "does not know 'joy'"),
        ([by_race("t", predictions(20))], ("happy", "sad"), "fewer than two emotions"),
    ],
)
def test_tables_that_say_nothing_are_refused(tests, left_out, reason):
    with pytest.raises(InputError, match=reason):
        chosen_threshold(tests, 0.8, left_out)


def test_emotions_left_out_share_their_probability_among_the_others(told):
    told.probabilities_of_each = [0.5, 0.3, 0.2]
    without = WithoutEmotions(told, ("neutral",))
    assert without.description.emotions == ("happy", "sad")
    assert without.probabilities([np.zeros((4, 4), np.uint8)]) == pytest.approx(np.array([[5 / 7, 2 / 7]]))
    assert renormalised(np.array([[0.0, 0.0, 1.0]]), [0, 1]).tolist() == [[0.5, 0.5]]
    with pytest.raises(InputError, match="fewer than two"):
        WithoutEmotions(told, ("neutral", "happy"))


def test_the_file_beside_a_model_keeps_everything(tmp_path):
    model = tmp_path / "model.onnx"
    few = by_race("v", predictions(200, clips=1))
    content = LiveFile("c0ffee", chosen_threshold([few], 0.8), ("contempt",), "Too few.", (), measured_groups([few]))
    text = write_live_file(content, model).read_text()
    assert "NaN" not in text
    again = read_live_file(model, "c0ffee")
    assert math.isnan(again.measured[0].low)
    assert json.loads(text) == json.loads(write_live_file(again, model).read_text())
    assert read_live_file(tmp_path / "other.onnx", "c0ffee") is None
    with pytest.raises(InputError, match=r"speaks of another model than model\.onnx"):
        read_live_file(model, "beef")
    live_file_beside(model).write_text(text.replace('"aim": 0.8', '"aim": "much"'))
    with pytest.raises(InputError, match=r"entry threshold\.aim"):
        read_live_file(model, "c0ffee")
    live_file_beside(model).write_text("{")
    with pytest.raises(InputError, match="cannot be read"):
        read_live_file(model, "c0ffee")


def test_an_emotion_is_told_above_the_threshold_only():
    assert [Threshold(0.6, 0.7).tells(one) for one in (0.59, 0.6, 0.61)] == [False, False, True]
